"""Checking whether the pages in profiles link back with rel="me"."""

import logging

from twite_common import clock
from twite_common.services.accounts import field_verification
from twite_tasks import http_client
from twite_tasks.context import Context
from twite_tasks.remote_pages import process, reader

log = logging.getLogger(__name__)

MAX_BYTES = 1024 * 1024
MAX_REDIRECTS = 3


def verify(context: Context, check_id: int) -> None:
    """Look at a page, if that is still to be done, and record what became of it."""
    with context.database.writing() as db:
        check = field_verification.claim(db, check_id, now=clock.now())
    if check is None:
        return
    settings = context.settings
    headers = {"Accept": reader.ACCEPT, "User-Agent": f"Twite (+{settings.base_url})"}
    fields = {"check_id": check.id, "host": http_client.host(check.url)}
    try:
        answer = http_client.ask(
            settings, "GET", check.url, headers=headers, max_bytes=MAX_BYTES, max_redirects=MAX_REDIRECTS
        )
        links_back = answer.status == 200 and _links_back(answer, f"{settings.base_url}/@{check.username}")
    except http_client.Unreachable as error:
        log.info("field_unreachable %s", fields | {"error": str(error)})
        with context.database.writing() as db:
            field_verification.postpone(db, check, now=clock.now())
        return
    except http_client.Refused as error:
        log.info("field_refused %s", fields | {"error": str(error)})
        links_back = False
    with context.database.writing() as db:
        field_verification.finish(db, check, now=clock.now(), links_back=links_back)
    log.info("field_looked_at %s", fields | {"found": links_back})


def _links_back(answer: http_client.Answer, profile: str) -> bool:
    content_type = answer.headers.get("content-type", "")
    return process.look(reader.Page(answer.body, content_type, answer.url, profile)).links_back
