"""Link previews, fetched once by a task for all posts with the same link.

A card is a row until it is fetched; whoever fetches it has it to themselves for a while.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, or_, select, update

from twite_common import clock, ids, text
from twite_common.database import dispatch
from twite_common.queries import usernames
from twite_common.services.posts import post_details
from twite_common.services.timelines import stream_events
from twite_common.sql import fair_queue
from twite_common.sql.dialects import upsert
from twite_common.tables import card, post, publisher

TASK = "cards.fetch"
"""Name of the task that fetches a page, given its card's id."""
DELAYS_MS = tuple(minutes * clock.MINUTE for minutes in (5, 60, 600))
"""Waits after each time that a page couldn't be fetched; after the last it has no card."""
CLAIM_MS = 5 * clock.MINUTE
SHOWN_AT_ONCE = 500
"""Posts that get a card as soon as it is fetched; those that come later have it from their start."""
MAX_URL_LENGTH = 2000
MAX_TITLE_LENGTH = 300
MAX_DESCRIPTION_LENGTH = 1000


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says of itself; `picture` is a name in the media folder, `published_at` in milliseconds.

    `creator` is its author's handle, such as @name@example.org.
    """

    title: str
    description: str = ""
    author_name: str = ""
    author_url: str = ""
    creator: str = ""
    provider_name: str = ""
    provider_url: str = ""
    language: str | None = None
    published_at: int | None = None
    picture: str | None = None
    picture_description: str = ""
    blurhash: str | None = None
    width: int = 0
    height: int = 0


class Due(msgspec.Struct, frozen=True):
    """A page to be fetched."""

    id: int
    url: str
    attempts: int


_ID = bindparam("the_card_id", type_=BigInteger)
_NOW = bindparam("now", type_=BigInteger)
ADD = upsert(card).on_conflict_do_nothing().values(turn_at=fair_queue.place(card.c.cause_id, card.c.turn_at))
BY_URL = select(card.c.id, card.c.state).where(card.c.url == bindparam("url", type_=Text))
PUT = update(post).where(post.c.id == bindparam("the_post_id", type_=BigInteger))
CLAIM = (
    update(card)
    .where(
        card.c.id == _ID,
        or_(card.c.state == "due", card.c.state == "claimed"),
        card.c.due_at <= _NOW,
    )
    .values(state="claimed", due_at=bindparam("until", type_=BigInteger), attempts=card.c.attempts + 1)
)
GET = select(card.c.id, card.c.url, card.c.attempts).where(card.c.id == _ID)
CHANGE = update(card).where(card.c.id == _ID)
ADD_PUBLISHER = upsert(publisher).on_conflict_do_nothing()
PUBLISHER = select(publisher.c.id).where(publisher.c.domain == bindparam("domain", type_=Text))
DUE = (
    select(card.c.id)
    .where(or_(card.c.state == "due", card.c.state == "claimed"), card.c.due_at <= _NOW)
    .order_by(card.c.turn_at, card.c.id)
    .limit(bindparam("limit"))
)
WITH_CARD = select(post.c.id).where(post.c.card_id == _ID).order_by(post.c.id.desc()).limit(SHOWN_AT_ONCE)


def put(db: Connection, *, now: int, account_id: int, post_id: int, body: str, base_url: str) -> bool:
    """Give an account's post the card of the first page that it links to.

    Returns whether there is one to be shown at once.
    """
    url = _first(body, base_url)
    if url is None:
        db.execute(PUT.values(card_id=None), {"the_post_id": post_id})
        return False
    row = {"id": ids.new(now), "url": url, "due_at": now, "cause_id": account_id}
    db.execute(ADD, row | fair_queue.parameters(account_id, now=now))
    id, state = db.execute(BY_URL, {"url": url}).one()
    db.execute(PUT.values(card_id=id), {"the_post_id": post_id})
    if state == "due":
        dispatch(db, TASK, id)
    return bool(state == "ready")


def links(body: str, base_url: str) -> bool:
    """Say whether a text links to a page that may have a card."""
    return _first(body, base_url) is not None


def claim(db: Connection, card_id: int, *, now: int) -> Due | None:
    """Take a card that is due, to fetch its page once this transaction is committed; None when there is none.

    One that was taken more often than it is tried, because each time whoever took it died, is given up.
    """
    if not db.execute(CLAIM, {"the_card_id": card_id, "now": now, "until": now + CLAIM_MS}).rowcount:
        return None
    due = Due(*db.execute(GET, {"the_card_id": card_id}).one())
    if due.attempts > len(DELAYS_MS) + 1:
        give_up(db, due)
        return None
    return due


def finish(db: Connection, due: Due, page: Page, *, now: int, domain: str) -> None:
    """Record what a page says of itself, and show it with the posts that link there. `domain` is this site's."""
    values: dict[str, Any] = msgspec.structs.asdict(page)
    values["author_account_id"] = _creator(db, values.pop("creator"), domain)
    values["title"] = text.plain_excerpt(_clean(page.title), MAX_TITLE_LENGTH)
    values["description"] = text.plain_excerpt(_clean(page.description), MAX_DESCRIPTION_LENGTH)
    for name in ("author_name", "author_url", "provider_name", "provider_url", "picture_description"):
        values[name] = _clean(values[name])[:MAX_TITLE_LENGTH]
    values["publisher_id"] = _publisher(db, due.url, now=now)
    db.execute(CHANGE.values(**values, state="ready"), {"the_card_id": due.id})
    for post_id in refresh_posts(db, card_id=due.id):
        stream_events.add(db, "post.edited", now=now, subject_id=post_id)


def refresh_posts(db: Connection, *, card_id: int) -> Sequence[int]:
    """Update a card in the latest posts that show it, and return their ids."""
    post_ids = db.scalars(WITH_CARD, {"the_card_id": card_id}).all()
    post_details.refresh(db, post_ids)
    return post_ids


def give_up(db: Connection, due: Due) -> None:
    """Record that a page has nothing to be shown."""
    db.execute(CHANGE.values(state="failed"), {"the_card_id": due.id})


def postpone(db: Connection, due: Due, *, now: int) -> None:
    """Record that a page couldn't be fetched: it is tried again later, but not for ever."""
    if due.attempts > len(DELAYS_MS):
        give_up(db, due)
    else:
        due_at = now + DELAYS_MS[due.attempts - 1]
        db.execute(CHANGE.values(state="due", due_at=due_at, turn_at=due_at), {"the_card_id": due.id})


def due(db: Connection, *, now: int, limit: int = 1) -> list[int]:
    """Return the ids of cards whose time has come, in turns by account."""
    return list(db.scalars(DUE, {"now": now, "limit": limit}))


def _creator(db: Connection, handle: str, domain: str) -> int | None:
    """Return the id of the account of this site that a page names as its author."""
    name, _, host = handle.strip().removeprefix("@").partition("@")
    here = host.lower() in {"", domain.lower()}
    creators = usernames.ids_by_username(db, [name]) if here else {}
    return next((id for id, _ in creators.values()), None)


def _publisher(db: Connection, url: str, *, now: int) -> int:
    """Return the id of whom a page comes from."""
    domain = {"domain": urlsplit(url).hostname or ""}
    db.execute(ADD_PUBLISHER, {"id": ids.new(now), **domain})
    id: int = db.scalars(PUBLISHER, domain).one()
    return id


def _first(body: str, base_url: str) -> str | None:
    """Return the first address in a text that isn't this site's own."""
    foreign_urls = (url for url in text.urls(body) if not f"{url}/".startswith(f"{base_url}/"))
    return next((url for url in foreign_urls if len(url) <= MAX_URL_LENGTH), None)


def _clean(raw_text: str) -> str:
    """Return text from elsewhere as it may be stored: what can't be shown is left out, not refused."""
    return " ".join("".join(character if character.isprintable() else " " for character in raw_text).split())
