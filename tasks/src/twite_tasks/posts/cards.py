"""Fetching the pages that posts link to, for their preview cards (Open Graph, ogp.me, and plain HTML)."""

import logging
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from twite_common import clock
from twite_common.errors import Invalid, Unavailable
from twite_common.media import pictures
from twite_common.media.stored_files import StoredFiles, storing
from twite_common.services.posts import cards
from twite_common.services.posts.cards import Due, Page
from twite_common.text import LANGUAGE
from twite_tasks import http_client
from twite_tasks.context import Context
from twite_tasks.remote_pages import process, reader
from twite_tasks.remote_pages.reader import Said

log = logging.getLogger(__name__)

MAX_PAGE_BYTES = 1024 * 1024
MAX_PICTURE_BYTES = 8 * 1024 * 1024
MAX_REDIRECTS = 5


def fetch(context: Context, card_id: int) -> None:
    """Fetch a card's page, if that is still to be done, and record what became of it."""
    with context.database.writing() as db:
        due = cards.claim(db, card_id, now=clock.now())
    if due is None:
        return
    with storing(context.database, context.settings) as files:
        _fetch(context, files, due)


def _fetch(context: Context, files: StoredFiles, due: Due) -> None:
    fields = {"card_id": due.id, "host": http_client.host(due.url)}
    try:
        page = _page(context, files, due)
    except (http_client.Unreachable, Unavailable) as error:
        log.info("card_unreachable %s", fields | {"error": str(error)})
        with context.database.writing() as db:
            cards.postpone(db, due, now=clock.now())
        return
    except http_client.Refused as error:
        log.info("card_refused %s", fields | {"error": str(error)})
        page = None
    with context.database.writing() as db:
        if page is None:
            cards.give_up(db, due)
        else:
            cards.finish(db, due, page, now=clock.now(), domain=context.settings.domain)
    log.info("card_fetched %s", fields | {"found": page is not None})


def described(metadata: Said, url: str) -> Page | None:
    """Return how a page at an address is shown, without its picture; None when it has no title."""
    if not metadata.title:
        return None
    return Page(
        title=metadata.title,
        description=metadata.description,
        author_name=metadata.author_name,
        creator=metadata.creator,
        provider_name=metadata.provider_name or urlsplit(url).hostname or "",
        provider_url=f"{urlsplit(url).scheme}://{urlsplit(url).netloc}",
        language=metadata.language if LANGUAGE.fullmatch(metadata.language) else None,
        published_at=_moment(metadata.published),
        picture_description=metadata.picture_description,
    )


def _page(context: Context, files: StoredFiles, due: Due) -> Page | None:
    settings = context.settings
    headers = {"Accept": reader.ACCEPT, "User-Agent": f"Twite (+{settings.base_url})"}
    answer = http_client.ask(
        settings, "GET", due.url, headers=headers, max_bytes=MAX_PAGE_BYTES, max_redirects=MAX_REDIRECTS
    )
    if answer.status != 200:
        return None
    metadata = process.look(reader.Page(answer.body, answer.headers.get("content-type", ""), answer.url))
    page = described(metadata, answer.url)
    return _with_picture(context, files, page, metadata.picture) if page is not None and metadata.picture else page


def _with_picture(context: Context, files: StoredFiles, page: Page, url: str) -> Page:
    """Return a page with its picture, fetched and made small; without one where that fails."""
    try:
        answer = http_client.ask(context.settings, "GET", url, max_bytes=MAX_PICTURE_BYTES, max_redirects=MAX_REDIRECTS)
        prepared = pictures.prepare_attachment(answer.body)
    except (http_client.Unreachable, http_client.Refused, Invalid):
        return page
    return msgspec.structs.replace(
        page,
        picture=files.keep(prepared.preview),
        blurhash=prepared.blurhash,
        width=prepared.preview.width,
        height=prepared.preview.height,
    )


def _moment(value: str) -> int | None:
    try:
        moment = datetime.fromisoformat(value)
        at = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * clock.SECOND)
    except (ValueError, OverflowError):
        return None
    return at if at > 0 else None
