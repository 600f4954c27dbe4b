"""Finding posts by their text and properties.

Found is what the searcher may see and may find: posts of their own, posts that they have to do with (their library),
and public posts whose authors want to be found.
"""

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    union,
)

from twite_common import acting
from twite_common.queries.paging import LIMIT, Page
from twite_common.queries.timelines.search_terms import Terms
from twite_common.queries.timelines.timelines import PLAIN_ENTRY, Entry
from twite_common.queries.usernames import ids_by_username
from twite_common.sql.dialects import among, newest_first
from twite_common.sql.full_text import (
    TextConfirmed,
    TextFound,
    TextLikely,
    finds_newest_first,
    matches,
    sure_pattern,
    sure_word,
    sure_words,
    text_query,
)
from twite_common.sql.types import AnySelect
from twite_common.tables import account, bookmark, card, favourite, media, mention, poll, poll_vote, post
from twite_common.visibility import VIEWER, not_between_blocks, visible

_answer, _boost = post.alias("answer"), post.alias("boost")
_FIRST_ID, _LAST_ID = bindparam("first_id", type_=BigInteger), bindparam("last_id", type_=BigInteger)
_WORDS, _QUERY = bindparam("words", type_=Text), bindparam("text_query", type_=Text)
_PATTERN = bindparam("sure_pattern", type_=Text)
_FOUND_TEXT = (post.c.id, post.c.spoiler_text, post.c.text)
WINDOW = 1500
"""How many of the newest posts are looked at before everything that has a word is, where an index has that in no order:
a common word fills a page with them. A text that doesn't have a word's letters takes some microseconds."""

_LIBRARY = (
    select(mention.c.post_id.label("id")).where(mention.c.account_id == VIEWER),
    select(favourite.c.post_id).where(favourite.c.account_id == VIEWER),
    select(bookmark.c.post_id).where(bookmark.c.account_id == VIEWER),
    select(poll_vote.c.post_id).where(poll_vote.c.account_id == VIEWER),
    select(_boost.c.boost_of_id).where(_boost.c.account_id == VIEWER, _boost.c.boost_of_id.is_not(None)),
    select(_answer.c.in_reply_to_id).where(_answer.c.account_id == VIEWER, _answer.c.in_reply_to_id.is_not(None)),
)
"""Posts of others that the searcher has to do with."""
IN_LIBRARY = or_(
    post.c.account_id == VIEWER,
    *[subquery.where(subquery.selected_columns[0] == post.c.id).exists() for subquery in _LIBRARY],
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
    choice = bindparam(f"wanted_{name}", type_=Integer)
    return case((choice == 1, condition), (choice == -1, not_(condition)), else_=True)


def _unless(name: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(bindparam(name, type_=Boolean), condition)


_own = post.alias("own")
_ALL_OF_LIBRARY = union(*_LIBRARY, select(_own.c.id).where(_own.c.account_id == VIEWER)).subquery()
_media, _earlier = media.alias("some_media"), media.alias("earlier_media")
_attachments = select(_media.c.post_id.label("id")).where(_media.c.post_id.is_not(None))
_IN_FOLDER = _unless("in_any_folder", bookmark.c.folder_id == bindparam("folder_id", type_=BigInteger))
LEADS: dict[str, AnySelect] = {
    "bookmarks": select(bookmark.c.post_id.label("id")).where(bookmark.c.account_id == VIEWER, _IN_FOLDER),
    "authors": select(post.c.id).where(among(post.c.account_id, "author_ids")),
    "library": select(_ALL_OF_LIBRARY.c.id),
    "audio": _attachments.where(_media.c.kind == "audio").distinct(),
    "video": _attachments.where(_media.c.kind == "video").distinct(),
    "poll": select(poll.c.post_id.label("id")),
    "embed": select(post.c.id).join(card, card.c.id == post.c.card_id).where(card.c.html != ""),
    "quote": select(post.c.id).where(post.c.quote_of_id.is_not(None)),
    "media": _attachments.where(
        ~exists().where(_earlier.c.post_id == _media.c.post_id, _earlier.c.id < _media.c.id),
    ),
}
"""What may be all that is looked for, or what few posts have: their ids, by an index; the narrowest first."""
IN_ORDER = frozenset({"poll", "media"})
"""Those of which an index has the ids in order."""
OWN = frozenset({"authors", "library", "bookmarks"})
"""Those that the newest posts of all have little of."""


def _with_text(condition: ColumnElement[bool]) -> AnySelect:
    """Return the ids of posts that a text is found in, and that something else leads to, too: both indexes are used."""
    return select(post.c.id).where(post.c.boost_of_id.is_(None), TextFound(*_FOUND_TEXT, _QUERY), condition)


_IN_LANGUAGE = _unless("in_any_language", among(post.c.language, "languages"))


def _posts(candidates: FromClause, *conditions: ColumnElement[bool], with_properties: bool = True) -> AnySelect:
    """Return the statement that reads posts in the order of the ids that were found, until there are enough.

    Most searches ask for no properties. PostgreSQL takes milliseconds to plan what looks for these.
    """
    id = candidates.c.id
    return (
        select(*PLAIN_ENTRY)
        # With "+ 0", so that no database looks whether what it reads by id was found.
        .select_from(candidates if candidates is post else candidates.join(post, post.c.id == id + 0))
        .join(account, account.c.id == post.c.account_id)
        .where(
            post.c.boost_of_id.is_(None),
            *conditions,
            ~among(post.c.account_id, "without_author_ids"),
            _IN_LANGUAGE,
            *[_as_wanted(name, condition) for name, condition in PROPERTIES.items() if with_properties],
            or_(
                and_(bindparam("in_public", type_=Boolean), FINDABLE),
                and_(bindparam("in_library", type_=Boolean), IN_LIBRARY),
            ),
            or_(account.c.limited_at.is_(None), post.c.account_id == VIEWER, bindparam("with_limited", type_=Boolean)),
            visible(post),
            not_between_blocks(account.c.id),
        )
        .order_by(id.desc())
        .limit(LIMIT)
    )


def _within(id: ColumnElement[int]) -> ColumnElement[bool]:
    return and_(id >= _FIRST_ID, id <= _LAST_ID)


def _led(candidates: FromClause, *conditions: ColumnElement[bool]) -> AnySelect:
    return _posts(candidates, _within(candidates.c.id), *conditions)


_ALL_WORDS = _unless("with_all_words", not_(TextFound(*_FOUND_TEXT, bindparam("without_query", type_=Text))))


def by_text_among_recent(window: int, *, with_properties: bool = False) -> AnySelect:
    """Return the statement for posts that a text is found in, by looking at each of so many of the newest posts.

    PostgreSQL keeps a generic plan, one for any parameters, where that seems to cost no more than a custom one, for
    those that are given (`plan_cache_mode`). Here a plan takes as long to make as to follow, so nothing that its cost
    depends on is left to what is given: the window is written out, and the range of ids is known only when it runs.
    """
    first_id, last_id = select(_FIRST_ID).scalar_subquery(), select(_LAST_ID).scalar_subquery()
    # With its text, so that no index leads to the posts of the window once more.
    recent = (
        select(post.c.id, post.c.spoiler_text, post.c.text)
        .where(post.c.boost_of_id.is_(None), post.c.id >= first_id, post.c.id <= last_id)
        .order_by(post.c.id.desc())
        .limit(literal_column(str(window)))
        .subquery("recent")
    )
    return _posts(
        recent,
        func.strpos(func.lower(recent.c.spoiler_text + " " + recent.c.text), bindparam("sure_word", type_=Text)) > 0,
        TextLikely(recent.c.spoiler_text, recent.c.text, _PATTERN),
        TextFound(recent.c.id, recent.c.spoiler_text, recent.c.text, _QUERY),
        with_properties=with_properties,
    )


def _by_text(*, with_properties: bool) -> AnySelect:
    """Return the statement for all posts that a text is found in, by the index."""
    own_properties = ("reply", "sensitive", "link") if with_properties else ()
    return _posts(
        matches(
            *(_WORDS, _QUERY, _FIRST_ID, _LAST_ID, _IN_LANGUAGE),
            *(_as_wanted(name, PROPERTIES[name]) for name in own_properties),
        ),
        TextLikely(post.c.spoiler_text, post.c.text, _PATTERN),
        TextConfirmed(post.c.spoiler_text, post.c.text, _WORDS, _QUERY),
        with_properties=with_properties,
    )


BY_TEXT_AMONG_RECENT = by_text_among_recent(WINDOW)
BY_TEXT_AND_PROPERTIES_AMONG_RECENT = by_text_among_recent(WINDOW, with_properties=True)
BY_TEXT = _by_text(with_properties=False)
BY_TEXT_AND_PROPERTIES = _by_text(with_properties=True)
BY_TEXT_AND = {
    "bookmarks": _led(newest_first(_with_text(post.c.id.in_(LEADS["bookmarks"])))),
    "authors": _led(newest_first(_with_text(among(post.c.account_id, "author_ids")))),
    **{
        name: _led(newest_first(_with_text(post.c.id.in_(LEADS[name]))))
        for name in ("library", "audio", "video", "poll", "embed", "quote")
    },
}
BY = {
    name: _led(lead.subquery() if name in IN_ORDER else newest_first(lead), _ALL_WORDS) for name, lead in LEADS.items()
}
BY_ID = _posts(post, _within(post.c.id), _ALL_WORDS)
"""What is left: posts in a language, for example, which are walked through until there are enough."""


class Bounds(msgspec.Struct, frozen=True):
    """Which part of what was found is asked for, by which author alone, and of bookmarks in which folder alone."""

    page: Page
    offset: int = 0
    author_id: int | None = None
    folder_id: int | None = None


def posts(db: Connection, terms: Terms, bounds: Bounds, *, viewer_id: int) -> list[Entry]:
    """Return the posts that the viewer looks for, the latest first.

    Raises ActingRefused for bookmarks, where somebody acts for the viewer's account.
    """
    if terms.place == "bookmarks":
        acting.check(acting.current(), None)
    parameters, end = _parameters(db, terms, bounds, viewer_id), bounds.offset + bounds.page.limit
    leads = _given(terms, bounds)
    if terms.texts and end <= WINDOW and not leads & OWN and not finds_newest_first(db):
        recent = BY_TEXT_AND_PROPERTIES_AMONG_RECENT if terms.wanted else BY_TEXT_AMONG_RECENT
        rows = db.execute(recent, parameters).all()
        if len(rows) == end:
            return [Entry(*row) for row in rows[bounds.offset :]]
    by_text = BY_TEXT_AND_PROPERTIES if terms.wanted else BY_TEXT
    statements, otherwise = (BY_TEXT_AND, by_text) if terms.texts else (BY, BY_ID)
    statement = next((candidate for name, candidate in statements.items() if name in leads), otherwise)
    return [Entry(*row) for row in db.execute(statement, parameters).all()[bounds.offset :]]


def among_bookmarks(db: Connection, terms: Terms, bounds: Bounds, *, viewer_id: int) -> list[Entry]:
    """Return those of the viewer's bookmarks that they look for, the latest post first."""
    return posts(db, msgspec.structs.replace(terms, place="bookmarks"), bounds, viewer_id=viewer_id)


def _given(terms: Terms, bounds: Bounds) -> set[str]:
    """Return what can lead to what is looked for, by the names of `LEADS`."""
    leads = {name for name, has in terms.wanted.items() if has}
    if "image" in leads:
        leads.add("media")
    if terms.authors or bounds.author_id is not None:
        leads.add("authors")
    if terms.place in {"library", "bookmarks"}:
        leads.add(terms.place)
    return leads


def _parameters(db: Connection, terms: Terms, bounds: Bounds, viewer_id: int) -> dict[str, object]:
    page = bounds.page
    ids_by_name = _authors(db, terms, viewer_id)
    author_ids = {ids_by_name[name] for name in terms.authors if name in ids_by_name}
    if bounds.author_id is not None:
        author_ids = author_ids & {bounds.author_id} if terms.authors else {bounds.author_id}
    return {
        "viewer_id": viewer_id,
        # An offset of their own would have the statements' plans for any parameters seem to cost twice as much.
        "limit": bounds.offset + page.limit,
        "first_id": max(terms.first_id, page.since_id + 1, (page.min_id or 0) + 1),
        "last_id": min(terms.last_id, page.max_id - 1),
        "author_ids": sorted(author_ids),
        "without_author_ids": sorted(ids_by_name[name] for name in set(terms.without_authors) if name in ids_by_name),
        "in_any_language": not terms.languages,
        "languages": list(terms.languages),
        "sure_word": sure_word(terms.texts),
        "sure_pattern": sure_pattern(terms.texts),
        "words": text_query(db, terms.texts, sure_words(terms.without_texts)),
        "text_query": text_query(db, terms.texts, terms.without_texts),
        "with_all_words": not terms.without_texts,
        "without_query": text_query(db, terms.without_texts, any_of=True),
        "in_any_folder": bounds.folder_id is None,
        "folder_id": bounds.folder_id,
        # Somebody has chosen to keep what they bookmarked.
        "with_limited": terms.place == "bookmarks",
        "in_library": terms.place != "public",
        "in_public": terms.place in {"all", "public"},
        **{f"wanted_{name}": 0 for name in PROPERTIES},
        **{f"wanted_{name}": 1 if positive else -1 for name, positive in terms.wanted.items()},
    }


def _authors(db: Connection, terms: Terms, viewer_id: int) -> dict[str, int]:
    """Return the ids of the accounts that are named; an unknown name has none. A name may come with a server."""
    names = {*terms.authors, *terms.without_authors} - {"me"}
    local = {name: name.partition("@")[0] for name in names}
    accounts = ids_by_username(db, local.values())
    return {"me": viewer_id} | {name: accounts[plain][0] for name, plain in local.items() if plain in accounts}
