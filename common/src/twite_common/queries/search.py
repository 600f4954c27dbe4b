"""Finding posts by their text and by what they are.

Found is what the searcher may see and may find: posts of their own, posts that they have to do with (their library),
and public posts whose authors want to be found.
"""

from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    not_,
    or_,
    select,
)

from twite_common.dialects import TextFound, among, text_query
from twite_common.queries.accounts import NOT_BETWEEN_BLOCKS, ids_by_username
from twite_common.queries.pages import LIMIT, Page
from twite_common.queries.timelines import PLAIN_ENTRY, Entry
from twite_common.search_terms import Terms
from twite_common.tables import account, bookmark, card, favourite, media, mention, poll, poll_vote, post
from twite_common.visibility import VIEWER, visible

_answer, _boost = post.alias("answer"), post.alias("boost")
_TEXT, _WITHOUT = bindparam("text_query", type_=Text), bindparam("without_query", type_=Text)
_FOUND_TEXT = (post.c.id, post.c.spoiler_text, post.c.text)
LIBRARY = or_(
    post.c.account_id == VIEWER,
    exists().where(mention.c.post_id == post.c.id, mention.c.account_id == VIEWER),
    exists().where(favourite.c.post_id == post.c.id, favourite.c.account_id == VIEWER),
    exists().where(bookmark.c.post_id == post.c.id, bookmark.c.account_id == VIEWER),
    exists().where(poll_vote.c.post_id == post.c.id, poll_vote.c.account_id == VIEWER),
    exists().where(_boost.c.boost_of_id == post.c.id, _boost.c.account_id == VIEWER),
    exists().where(_answer.c.in_reply_to_id == post.c.id, _answer.c.account_id == VIEWER),
)
FINDABLE = and_(post.c.visibility == "public", account.c.indexable)


def _attached(*kinds: str) -> ColumnElement[bool]:
    return exists().where(media.c.post_id == post.c.id, or_(*[media.c.kind == kind for kind in kinds]))


PROPERTIES: dict[str, ColumnElement[bool]] = {
    "media": exists().where(media.c.post_id == post.c.id),
    "image": _attached("image", "gifv"),
    "video": _attached("video"),
    "audio": _attached("audio"),
    "poll": exists().where(poll.c.post_id == post.c.id),
    "link": or_(post.c.card_id.is_not(None), post.c.text.like("%http://%"), post.c.text.like("%https://%")),
    "embed": exists().where(card.c.id == post.c.card_id, card.c.html != ""),
    "quote": post.c.quote_of_id.is_not(None),
    "reply": post.c.in_reply_to_id.is_not(None),
    "sensitive": post.c.sensitive,
}
"""What a post can be asked to have or be, by the names that `search_terms` has for it."""


def _as_wanted(name: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition that depends on a parameter: 1 asks for the property, -1 for its absence, 0 for neither."""
    wanted = bindparam(f"wanted_{name}", type_=Integer)
    return case((wanted == 1, condition), (wanted == -1, not_(condition)), else_=True)


def _unless(name: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(bindparam(name, type_=Boolean), condition)


def _posts(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(*PLAIN_ENTRY)
        .join(account, account.c.id == post.c.account_id)
        .where(
            post.c.boost_of_id.is_(None),
            *conditions,
            post.c.id >= bindparam("first_id", type_=BigInteger),
            post.c.id <= bindparam("last_id", type_=BigInteger),
            _unless("by_anybody", among(post.c.account_id, "author_ids")),
            ~among(post.c.account_id, "without_author_ids"),
            _unless("in_any_language", among(post.c.language, "languages")),
            *[_as_wanted(name, condition) for name, condition in PROPERTIES.items()],
            _unless("with_all_words", not_(TextFound(*_FOUND_TEXT, _WITHOUT))),
            or_(
                and_(bindparam("in_library", type_=Boolean), LIBRARY),
                and_(bindparam("in_public", type_=Boolean), FINDABLE),
            ),
            or_(account.c.limited_at.is_(None), post.c.account_id == VIEWER),
            visible(post),
            NOT_BETWEEN_BLOCKS,
        )
        .order_by(post.c.id.desc())
        .limit(LIMIT)
        .offset(bindparam("offset", type_=Integer))
    )


BY_TEXT = _posts(TextFound(*_FOUND_TEXT, _TEXT))
BY_PROPERTIES = _posts()


class Bounds(msgspec.Struct, frozen=True):
    """Which part of what was found is asked for, and by which author alone."""

    page: Page
    offset: int = 0
    author_id: int | None = None


def posts(db: Connection, terms: Terms, bounds: Bounds, *, viewer_id: int) -> list[Entry]:
    """Return the posts that the viewer looks for, the latest first."""
    parameters = _parameters(db, terms, bounds, viewer_id)
    return [Entry(*row) for row in db.execute(BY_TEXT if terms.texts else BY_PROPERTIES, parameters)]


def _parameters(db: Connection, terms: Terms, bounds: Bounds, viewer_id: int) -> dict[str, object]:
    page = bounds.page
    known = _authors(db, terms, viewer_id)
    author_ids = {known[name] for name in terms.authors if name in known}
    if bounds.author_id is not None:
        author_ids = author_ids & {bounds.author_id} if terms.authors else {bounds.author_id}
    given: dict[str, object] = {
        "viewer_id": viewer_id,
        "limit": page.limit,
        "offset": bounds.offset,
        "first_id": max(terms.first_id, page.since_id + 1, (page.min_id or 0) + 1),
        "last_id": min(terms.last_id, page.max_id - 1),
        "by_anybody": not terms.authors and bounds.author_id is None,
        "author_ids": sorted(author_ids),
        "without_author_ids": sorted(known[name] for name in set(terms.without_authors) if name in known),
        "in_any_language": not terms.languages,
        "languages": list(terms.languages),
        "with_all_words": not terms.without_texts,
        "without_query": text_query(db, terms.without_texts, any_of=True),
        "in_library": terms.place in {"all", "library"},
        "in_public": terms.place in {"all", "public"},
        **{f"wanted_{name}": 0 for name in PROPERTIES},
        **{f"wanted_{name}": 1 if positive else -1 for name, positive in terms.wanted.items()},
    }
    return given | {"text_query": text_query(db, terms.texts)} if terms.texts else given


def _authors(db: Connection, terms: Terms, viewer_id: int) -> dict[str, int]:
    """Return the ids of the accounts that are named; an unknown name has none. A name may come with a server."""
    names = {*terms.authors, *terms.without_authors} - {"me"}
    local = {name: name.partition("@")[0] for name in names}
    found = ids_by_username(db, local.values())
    return {"me": viewer_id} | {name: found[plain][0] for name, plain in local.items() if plain in found}
