"""Looking whether the pages that profiles name are their owners': whether they link back with rel="me"."""

import logging

from turbohtml import Document

from twite_common import clock
from twite_common.services import field_verification
from twite_tasks import outbound, page_reader
from twite_tasks.equipment import Equipment

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
    headers = {"Accept": page_reader.ACCEPT, "User-Agent": f"Twite (+{settings.base_url})"}
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
        document = page_reader.read(answer.body, answer.headers.get("content-type", ""))
        profile = f"{settings.base_url}/@{check.username}"
        found = answer.status == 200 and document is not None and links_back(document, answer.url, profile)
    with equipment.database.writing() as db:
        field_verification.finish(db, check, now=clock.now(), found=found)
    log.info("field_looked_at %s", fields | {"found": found})


def links_back(document: Document, url: str, profile: str) -> bool:
    """Say whether a page at an address says by rel="me" that a profile is the same person's."""
    links = (element.attrs.get("href") for element in document.select("a[rel~=me i], link[rel~=me i]"))
    return any(
        outbound.joined(url, link).rstrip("/").lower() == profile.lower() for link in links if isinstance(link, str)
    )
