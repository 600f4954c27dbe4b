"""Fetching the pages that posts link to, for their preview cards (Open Graph, ogp.me, and plain HTML)."""

import codecs
import logging
from datetime import UTC, datetime
from email.message import Message
from urllib.parse import urlsplit

import msgspec

from twite_common import clock, pictures
from twite_common.errors import Invalid, Unavailable
from twite_common.services import cards
from twite_common.services.cards import Due, Page
from twite_common.stored_files import StoredFiles, storing
from twite_common.text import LANGUAGE
from twite_tasks import outbound
from twite_tasks.equipment import Equipment
from twite_tasks.page_reader import PageReader

log = logging.getLogger(__name__)

MOST_PAGE_BYTES = 1024 * 1024
MOST_PICTURE_BYTES = pictures.LARGEST_BYTES
MOST_REDIRECTS = 5
NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"})
"""Codecs of Python that no page is written in; the first two take very long for a long one."""


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


def described(html: str, url: str) -> tuple[Page, str | None] | None:
    """Return what a page at an address says of itself, and the address of its picture; None when it has no title."""
    reader = _Reader()
    reader.feed(html)
    said = reader.said
    title = said.get("og:title") or said.get("twitter:title") or reader.title.strip()
    if not title:
        return None
    language = reader.language.replace("_", "-")
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
    headers = {"Accept": "text/html", "User-Agent": f"Twite (+{settings.base_url})"}
    answer = outbound.ask(
        settings, "GET", due.url, headers=headers, most_bytes=MOST_PAGE_BYTES, most_redirects=MOST_REDIRECTS
    )
    kind = Message()
    kind["Content-Type"] = answer.headers.get("content-type", "")
    if answer.status != 200 or kind.get_content_type() != "text/html":
        return None
    found = described(_decoded(answer.body, kind.get_content_charset()), answer.url)
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


def _decoded(body: bytes, charset: str | None) -> str:
    try:
        known = codecs.lookup(charset or "utf-8").name not in NO_CHARSETS
        return body.decode(charset if known and charset else "utf-8", "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


def _moment(written: str | None) -> int | None:
    try:
        moment = datetime.fromisoformat(written or "")
        at = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * clock.SECOND)
    except (ValueError, OverflowError):
        return None
    return at if at > 0 else None


class _Reader(PageReader):
    """Gathers what the head of a page says: its title, its language, and what its `meta` elements name."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.language = ""
        self.said: dict[str, str] = {}
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given.get("lang", "")
        elif tag == "title" and not self.title:
            self._in_title = True
        elif tag == "meta":
            name = (given.get("property") or given.get("name") or "").lower()
            if name and given.get("content"):
                self.said.setdefault(name, given["content"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
