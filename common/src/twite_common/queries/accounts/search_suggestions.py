"""What somebody who types a search may mean: people, hashtags, and what they looked for before."""

import msgspec
from sqlalchemy import Connection

from twite_common import text
from twite_common.queries.accounts import accounts
from twite_common.queries.paging import Page
from twite_common.queries.timelines import recent_searches, tags
from twite_common.queries.timelines.recent_searches import RecentSearch
from twite_common.queries.timelines.tags import Tag

MAX_PEOPLE, MAX_HASHTAGS, MAX_SEARCHES = 4, 4, 4
MAX_SEARCHES_BEFORE_TYPING = 8
MAX_TO_CHOOSE = 8
MIN_LENGTH_FOR_STRANGERS = 3
"""Letters that a stranger must have typed: whoever asks for each letter would be told everybody's name."""


class Suggestions(msgspec.Struct, frozen=True):
    """What is offered: ids of people, those that the viewer follows first; hashtags, the most used first; searches."""

    account_ids: list[int]
    hashtags: list[Tag]
    searches: list[RecentSearch]


def suggest(db: Connection, typed: str, *, viewer_id: int | None) -> Suggestions:
    """Return what begins as somebody typed; before they typed anything, what they looked for last.

    With "@" first only people, with "#" first only hashtags.
    """
    prefix = typed.strip()
    searches = recent_searches.of_account(db, viewer_id) if viewer_id is not None else []
    if not prefix:
        return Suggestions([], [], searches[:MAX_SEARCHES_BEFORE_TYPING])
    begun = [search for search in searches if search.query.casefold().startswith(prefix.casefold())]
    is_name = viewer_id is not None or len(prefix) >= MIN_LENGTH_FOR_STRANGERS
    return Suggestions(
        account_ids=people(db, prefix, viewer_id=viewer_id) if is_name and not prefix.startswith("#") else [],
        hashtags=hashtags(db, prefix, viewer_id=viewer_id) if is_name and not prefix.startswith("@") else [],
        searches=begun[:MAX_SEARCHES],
    )


def people(db: Connection, prefix: str, *, viewer_id: int | None, limit: int = MAX_PEOPLE) -> list[int]:
    """Return the ids of people whose names begin so, those that the viewer follows first."""
    followed = (
        accounts.search(db, prefix, limit=limit, following_only=True, viewer_id=viewer_id)
        if viewer_id is not None
        else []
    )
    found = accounts.search(db, prefix, limit=limit, viewer_id=viewer_id)
    return list(dict.fromkeys([*followed, *found]))[:limit]


def to_choose(db: Connection, prefix: str, *, viewer_id: int, following_only: bool = False) -> list[int]:
    """Return the ids of people to choose from: those whose names begin so, or whom the viewer has followed last."""
    if not prefix.strip():
        return [entry.account_id for entry in accounts.following(db, viewer_id, Page(limit=MAX_TO_CHOOSE))]
    if following_only:
        return accounts.search(db, prefix, limit=MAX_TO_CHOOSE, following_only=True, viewer_id=viewer_id)
    return people(db, prefix, viewer_id=viewer_id, limit=MAX_TO_CHOOSE)


def hashtags(db: Connection, prefix: str, *, viewer_id: int | None) -> list[Tag]:
    """Return hashtags that begin so, the most used first."""
    key = text.hashtag_key(prefix.removeprefix("#"))
    return tags.search(db, key, viewer_id=viewer_id, limit=MAX_HASHTAGS) if text.is_hashtag(key) else []
