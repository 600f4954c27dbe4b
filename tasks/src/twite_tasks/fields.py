"""Looking whether the pages that profiles name are their owners': whether they link back with rel="me"."""

import logging

from twite_common import clock
from twite_common.services import field_verification
from twite_tasks import outbound
from twite_tasks.equipment import Equipment
from twite_tasks.page_reader import PageReader

log = logging.getLogger(__name__)

MOST_BYTES = 1024 * 1024
MOST_REDIRECTS = 3


def verify(equipment: Equipment, check_id: int) -> None:
    """Look at a page, if that is still to be done, and record what became of it."""
    with equipment.database.writing() as db:
        check = field_verification.claim(db, check_id, now=clock.now())
    if check is None:
        return
    settings = equipment.settings
    headers = {"Accept": "text/html", "User-Agent": f"Twite (+{settings.base_url})"}
    fields = {"check_id": check.id, "host": outbound.host(check.url)}
    try:
        answer = outbound.ask(
            settings, "GET", check.url, headers=headers, most_bytes=MOST_BYTES, most_redirects=MOST_REDIRECTS
        )
    except outbound.Unreachable as error:
        log.info("field_unreachable %s", fields | {"error": str(error)})
        with equipment.database.writing() as db:
            field_verification.postpone(db, check, now=clock.now())
        return
    except outbound.Refused as error:
        log.info("field_refused %s", fields | {"error": str(error)})
        found = False
    else:
        page = answer.body.decode("utf-8", "replace")
        found = answer.status == 200 and links_back(page, answer.url, f"{settings.base_url}/@{check.username}")
    with equipment.database.writing() as db:
        field_verification.finish(db, check, now=clock.now(), found=found)
    log.info("field_looked_at %s", fields | {"found": found})


def links_back(html: str, url: str, profile: str) -> bool:
    """Say whether a page at an address says by rel="me" that a profile is the same person's."""
    reader = _LinkReader()
    reader.feed(html)
    return any(outbound.joined(url, link).rstrip("/").lower() == profile.lower() for link in reader.links)


class _LinkReader(PageReader):
    """Gathers the addresses of a page's links that say `rel="me"`."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"a", "link"} and "me" in (given.get("rel") or "").lower().split():
            self.links.append(given.get("href") or "")
