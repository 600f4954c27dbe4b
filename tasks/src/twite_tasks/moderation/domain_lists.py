"""Fetching the lists of domains that the site subscribes to."""

import logging
from collections.abc import Callable
from functools import partial

from twite_common.database import Connection
from twite_common.errors import Invalid
from twite_common.outbox import Event
from twite_common.queries.moderation import domain_lists as queries
from twite_common.services.moderation import domain_lists
from twite_common.settings import Settings
from twite_tasks import http_client
from twite_tasks.context import Context

log = logging.getLogger(__name__)

SECONDS = 30.0
MAX_REDIRECTS = 5


def fetch(context: Context, event: Event, now: int) -> Callable[[Connection], None]:
    """Fetch a list and write down what it has now, in parts; what went wrong is written with the event's end."""
    list_id = event.details()["list_id"]
    with context.database.reading() as db:
        found = queries.get(db, list_id)
    if found is None:
        return _nothing_more
    try:
        names = domain_lists.names_in(_text(context.settings, found.url))
    except (http_client.Refused, http_client.Unreachable, Invalid) as error:
        log.warning("domain_list_not_fetched %s", {"list_id": list_id, "error": str(error)})
        return partial(domain_lists.fail, list_id=list_id, error=str(error))
    domain_lists.keep(context.database, now=now, list_id=list_id, names=names)
    log.info("domain_list_fetched %s", {"list_id": list_id, "domains": len(names)})
    return _nothing_more


def _text(settings: Settings, url: str) -> str:
    """Return what is at an address. Raises Refused for what is no list, and Unreachable."""
    answer = http_client.ask(
        settings,
        "GET",
        url,
        headers={"Accept": "text/plain, */*;q=0.5", "User-Agent": f"Twite (+{settings.base_url})"},
        seconds=SECONDS,
        max_bytes=domain_lists.MAX_BYTES + 1,
        max_redirects=MAX_REDIRECTS,
    )
    if answer.status != 200:
        raise http_client.Refused(f"The server answered {answer.status}.")
    if len(answer.body) > domain_lists.MAX_BYTES:
        raise http_client.Refused(f"It has more than {domain_lists.MAX_BYTES} bytes.")
    return answer.body.decode("utf-8", "replace")


def _nothing_more(_db: Connection) -> None:
    """Write nothing with the end of an event."""
