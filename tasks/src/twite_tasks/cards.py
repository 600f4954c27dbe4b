"""Fetching the pages that posts link to, for their preview cards (Open Graph, ogp.me, and plain HTML)."""

import logging
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec
from turbohtml import Document, Element

from twite_common import clock, pictures
from twite_common.errors import Invalid, Unavailable
from twite_common.services import cards
from twite_common.services.cards import Due, Page
from twite_common.stored_files import StoredFiles, storing
from twite_common.text import LANGUAGE
from twite_tasks import outbound, page_reader
from twite_tasks.equipment import Equipment

log = logging.getLogger(__name__)

MOST_PAGE_BYTES = 1024 * 1024
MOST_PICTURE_BYTES = 8 * 1024 * 1024
MOST_REDIRECTS = 5


def fetch(equipment: Equipment, card_id: int) -> None:
    """Fetch a card's page, if that is still to be done, and record what became of it."""
    with equipment.database.writing() as db:
        due = cards.claim(db, card_id, now=clock.now())
    if due is None:
        return
    with storing(equipment.database, equipment.settings) as files:
        _fetch(equipment, files, due)


def _fetch(equipment: Equipment, files: StoredFiles, due: Due) -> None:
    fields = {"card_id": due.id, "host": outbound.host(due.url)}
    try:
        page = _page(equipment, files, due)
    except (outbound.Unreachable, Unavailable) as error:
        log.info("card_unreachable %s", fields | {"error": str(error)})
        with equipment.database.writing() as db:
            cards.postpone(db, due, now=clock.now())
        return
    except outbound.Refused as error:
        log.info("card_refused %s", fields | {"error": str(error)})
        page = None
    with equipment.database.writing() as db:
        if page is None:
            cards.give_up(db, due)
        else:
            cards.finish(db, due, page, now=clock.now(), domain=equipment.settings.domain)
    log.info("card_fetched %s", fields | {"found": page is not None})


def described(document: Document, url: str) -> tuple[Page, str | None] | None:
    """Return what a page at an address says of itself, and the address of its picture; None when it has no title."""
    said = _said(document)
    title = said.get("og:title") or said.get("twitter:title") or _text(document.select_one("title"))
    if not title:
        return None
    language = _language(document)
    page = Page(
        title=title,
        description=said.get("og:description") or said.get("description") or "",
        author_name=said.get("author") or said.get("article:author") or "",
        creator=said.get("fediverse:creator") or "",
        provider_name=said.get("og:site_name") or urlsplit(url).hostname or "",
        provider_url=f"{urlsplit(url).scheme}://{urlsplit(url).netloc}",
        language=language if LANGUAGE.fullmatch(language) else None,
        published_at=_moment(said.get("article:published_time")),
        picture_description=said.get("og:image:alt") or "",
    )
    picture = said.get("og:image") or said.get("og:image:url") or said.get("twitter:image")
    return page, outbound.joined(url, picture) if picture else None


def _page(equipment: Equipment, files: StoredFiles, due: Due) -> Page | None:
    settings = equipment.settings
    headers = {"Accept": page_reader.ACCEPT, "User-Agent": f"Twite (+{settings.base_url})"}
    answer = outbound.ask(
        settings, "GET", due.url, headers=headers, most_bytes=MOST_PAGE_BYTES, most_redirects=MOST_REDIRECTS
    )
    document = page_reader.read(answer.body, answer.headers.get("content-type", ""))
    found = described(document, answer.url) if document is not None and answer.status == 200 else None
    if found is None:
        return None
    page, picture_url = found
    return _with_picture(equipment, files, page, picture_url) if picture_url else page


def _with_picture(equipment: Equipment, files: StoredFiles, page: Page, url: str) -> Page:
    """Return a page with its picture, fetched and made small; without one where that fails."""
    try:
        answer = outbound.ask(
            equipment.settings, "GET", url, most_bytes=MOST_PICTURE_BYTES, most_redirects=MOST_REDIRECTS
        )
        prepared = pictures.prepare_attachment(answer.body)
    except (outbound.Unreachable, outbound.Refused, Invalid):
        return page
    return msgspec.structs.replace(
        page,
        picture=files.keep(prepared.preview),
        blurhash=prepared.blurhash,
        width=prepared.preview.width,
        height=prepared.preview.height,
    )


def _said(document: Document) -> dict[str, str]:
    """Return what the `meta` elements of a page say, by name; the first one counts."""
    said: dict[str, str] = {}
    for element in document.select("meta"):
        name, content = _attribute(element, "property") or _attribute(element, "name"), _attribute(element, "content")
        if name and content:
            said.setdefault(name.lower(), content)
    return said


def _language(document: Document) -> str:
    element = document.select_one("html")
    written = (_attribute(element, "lang") or _attribute(element, "xml:lang")) if element is not None else ""
    return written.replace("_", "-")


def _attribute(element: Element, name: str) -> str:
    value = element.attrs.get(name)
    return value if isinstance(value, str) else ""


def _text(element: Element | None) -> str:
    return element.text.strip() if element is not None else ""


def _moment(written: str | None) -> int | None:
    try:
        moment = datetime.fromisoformat(written or "")
        at = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * clock.SECOND)
    except (ValueError, OverflowError):
        return None
    return at if at > 0 else None
