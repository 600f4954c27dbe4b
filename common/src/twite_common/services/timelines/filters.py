"""Creating, changing and removing filters. Each change invalidates the account's cached filters."""

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import BigInteger, Connection, bindparam, delete, func, insert, select, update

from twite_common import clock, ids, text
from twite_common.errors import Invalid, NotFound
from twite_common.filtering import ACTIONS, CONTEXTS, MAX_CHARACTERS, MAX_KEYWORDS, Filter
from twite_common.queries.posts import posts
from twite_common.queries.timelines import filters as queries
from twite_common.services import locks
from twite_common.services.timelines import stream_events
from twite_common.sql.dialects import upsert
from twite_common.tables import filter_, filter_keyword, filter_post, preferences
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

MAX_TITLE_LENGTH = 256
MAX_KEYWORD_LENGTH = 512
MAX_COUNT = 100
MAX_KEYWORDS_OF_FILTER = 200
MAX_POSTS = 500
"""Posts that all filters of an account name."""


class KeywordDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A word for a filter: a new one, or with `id` a change of one that is there, or with `remove` its end."""

    id: int | None = None
    keyword: str | UnsetType = UNSET
    whole_word: bool | UnsetType = UNSET
    remove: bool = False


class FilterChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What a filter is to be; what is left out stays. `expires_in_seconds` None: it lasts."""

    title: str | UnsetType = UNSET
    contexts: tuple[str, ...] | UnsetType = UNSET
    action: str | UnsetType = UNSET
    expires_in_seconds: int | UnsetType | None = UNSET
    keywords: tuple[KeywordDraft, ...] = ()


_ID = bindparam("the_id", type_=BigInteger)
_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
ADD = insert(filter_)
OWN = select(filter_.c.id).where(filter_.c.account_id == _ACCOUNT)
CHANGE = update(filter_).where(filter_.c.id == _ID)
DROP = delete(filter_).where(filter_.c.id == _ID, filter_.c.account_id == _ACCOUNT)
ADD_KEYWORD = insert(filter_keyword)
COUNT_KEYWORDS = select(filter_keyword.c.id).where(filter_keyword.c.filter_id == _ID)
_OWN_FILTERS = select(filter_.c.id).where(filter_.c.account_id == _ACCOUNT)
KEYWORD_FILTER = select(filter_keyword.c.filter_id).where(
    filter_keyword.c.id == _ID, filter_keyword.c.filter_id.in_(_OWN_FILTERS)
)
KEYWORDS = select(func.count(), func.coalesce(func.sum(func.length(filter_keyword.c.keyword)), 0)).where(
    filter_keyword.c.filter_id.in_(_OWN_FILTERS)
)
COUNT_POSTS = select(func.count()).where(filter_post.c.filter_id.in_(_OWN_FILTERS))
CHANGE_KEYWORD = update(filter_keyword).where(filter_keyword.c.id == _ID, filter_keyword.c.filter_id.in_(_OWN_FILTERS))
DROP_KEYWORD = delete(filter_keyword).where(filter_keyword.c.id == _ID, filter_keyword.c.filter_id.in_(_OWN_FILTERS))
ADD_POST = upsert(filter_post).on_conflict_do_nothing()
DROP_POST = delete(filter_post).where(filter_post.c.id == _ID, filter_post.c.filter_id.in_(_OWN_FILTERS))
RENEW = (
    update(preferences)
    .where(preferences.c.account_id == _ACCOUNT)
    .values(filters_version=preferences.c.filters_version + 1)
)


def add(db: Connection, *, now: int, account_id: int, changes: FilterChanges) -> int:
    """Make a filter and return its id.

    Raises Invalid without a title or a place to apply in, and for what breaks a rule.
    """
    columns = _columns(changes, now)
    if "title" not in columns:
        raise Invalid(_("Validation failed: Title can't be blank"))
    if "contexts" not in columns:
        raise Invalid(_("Validation failed: Context must have at least one item"))
    locks.take(db, account_id)
    if len(db.scalars(OWN, {"of_account_id": account_id}).all()) >= MAX_COUNT:
        raise Invalid(
            ngettext(
                "Validation failed: You can have at most %(count)s filter",
                "Validation failed: You can have at most %(count)s filters",
                MAX_COUNT,
            )
        )
    id = ids.new(now)
    db.execute(ADD, {"id": id, "account_id": account_id, **columns})
    _change_keywords(db, now=now, account_id=account_id, filter_id=id, keywords=changes.keywords)
    _renew(db, account_id, now)
    return id


def change(db: Connection, *, now: int, account_id: int, filter_id: int, changes: FilterChanges) -> None:
    """Change a filter. Raises NotFound unless it is the account's own, Invalid for what breaks a rule."""
    locks.take(db, account_id)
    _check_own(db, account_id, filter_id)
    columns = _columns(changes, now)
    if columns:
        db.execute(CHANGE.values(columns), {"the_id": filter_id})
    _change_keywords(db, now=now, account_id=account_id, filter_id=filter_id, keywords=changes.keywords)
    _renew(db, account_id, now)


def change_by_word(db: Connection, *, now: int, account_id: int, keyword_id: int, changes: FilterChanges) -> None:
    """Change a filter that is known by one of its words; of a filter with several only that word.

    Raises NotFound unless the word is the account's own, Invalid for what would concern the other words as well.
    """
    own_filters = queries.of_account(db, account_id)
    own_filter = next(
        (candidate for candidate in own_filters if any(word.id == keyword_id for word in candidate.keywords)), None
    )
    if own_filter is None:
        raise NotFound(_("There is no such keyword."))
    if len(own_filter.keywords) > 1:
        if not _fits(own_filter, changes):
            raise Invalid(_("Validation failed: This would also change other keywords of the filter"))
        changes = FilterChanges(keywords=changes.keywords)
    change(db, now=now, account_id=account_id, filter_id=own_filter.id, changes=changes)


def remove(db: Connection, *, now: int, account_id: int, filter_id: int) -> None:
    """Remove a filter. Raises NotFound unless it is the account's own."""
    if not db.execute(DROP, {"the_id": filter_id, "of_account_id": account_id}).rowcount:
        raise NotFound(_("There is no such filter."))
    _renew(db, account_id, now)


def add_keyword(db: Connection, *, now: int, account_id: int, filter_id: int, keyword: KeywordDraft) -> int:
    """Give a filter another word and return its id. Raises NotFound unless the filter is the account's own."""
    locks.take(db, account_id)
    _check_own(db, account_id, filter_id)
    id = _add_keyword(db, filter_id, keyword, now)
    _check_keywords(db, account_id)
    _renew(db, account_id, now)
    return id


def change_keyword(db: Connection, *, now: int, account_id: int, keyword: KeywordDraft) -> int:
    """Change a filter's word and return the filter's id.

    Raises NotFound unless it is the account's own, Invalid for what breaks a rule.
    """
    locks.take(db, account_id)
    filter_id = _change_keyword(db, account_id, keyword)
    _check_keywords(db, account_id)
    _renew(db, account_id, now)
    return filter_id


def add_post(db: Connection, *, now: int, account_id: int, filter_id: int, post_id: int) -> None:
    """Have a filter name a post. Raises NotFound unless the filter is the account's own and the post there for it."""
    locks.keep_post(db, post_id)
    locks.take(db, account_id)
    _check_own(db, account_id, filter_id)
    if db.scalars(COUNT_POSTS, {"of_account_id": account_id}).one() >= MAX_POSTS:
        raise Invalid(
            ngettext(
                "Validation failed: Your filters can contain at most %(count)s post",
                "Validation failed: Your filters can contain at most %(count)s posts",
                MAX_POSTS,
            )
        )
    if posts.get(db, post_id, viewer_id=account_id) is None:
        raise NotFound(_("There is no such post."))
    db.execute(ADD_POST, {"id": ids.new(now), "filter_id": filter_id, "post_id": post_id})
    _renew(db, account_id, now)


def remove_post(db: Connection, *, now: int, account_id: int, filter_post_id: int) -> None:
    """Have a filter no longer name a post. Raises NotFound unless it is the account's own."""
    if not db.execute(DROP_POST, {"the_id": filter_post_id, "of_account_id": account_id}).rowcount:
        raise NotFound(_("There is no such filtered post."))
    _renew(db, account_id, now)


def _fits(own_filter: Filter, changes: FilterChanges) -> bool:
    """Say whether changes leave a filter as it is, but for its title and its words."""
    lasts = changes.expires_in_seconds is None and own_filter.expires_at is None
    return (
        (changes.contexts is UNSET or set(changes.contexts) == set(own_filter.contexts))
        and (changes.action is UNSET or (changes.action == "hide") == (own_filter.action == "hide"))
        and (changes.expires_in_seconds is UNSET or lasts)
    )


def _check_own(db: Connection, account_id: int, filter_id: int) -> None:
    if filter_id not in db.scalars(OWN, {"of_account_id": account_id}).all():
        raise NotFound(_("There is no such filter."))


def _columns(changes: FilterChanges, now: int) -> dict[str, object]:
    columns: dict[str, object] = {}
    if changes.title is not UNSET:
        columns["title"] = _checked_title(changes.title)
    if changes.contexts is not UNSET:
        if not changes.contexts or not set(changes.contexts) <= set(CONTEXTS):
            raise Invalid(
                _("Validation failed: Context must be some of home, notifications, public, thread and account")
            )
        columns["contexts"] = msgspec.json.encode(list(dict.fromkeys(changes.contexts))).decode()
    if changes.action is not UNSET:
        if changes.action not in ACTIONS:
            raise Invalid(_("Validation failed: Action must be warn, hide or blur"))
        columns["action"] = changes.action
    if changes.expires_in_seconds is not UNSET:
        seconds = changes.expires_in_seconds
        columns["expires_at"] = None if seconds is None else clock.after(now, seconds)
    return columns


def _checked_title(title: str) -> str:
    clean_title = text.clean_line(title)
    if not clean_title:
        raise Invalid(_("Validation failed: Title can't be blank"))
    if len(clean_title) > MAX_TITLE_LENGTH:
        raise Invalid(
            ngettext(
                "Validation failed: Title is too long (maximum is %(count)s character)",
                "Validation failed: Title is too long (maximum is %(count)s characters)",
                MAX_TITLE_LENGTH,
            )
        )
    return clean_title


def _checked_keyword(keyword: str) -> str:
    clean_keyword = text.clean_line(keyword)
    if not clean_keyword:
        raise Invalid(_("Validation failed: Keyword can't be blank"))
    if len(clean_keyword) > MAX_KEYWORD_LENGTH:
        raise Invalid(
            ngettext(
                "Validation failed: Keyword is too long (maximum is %(count)s character)",
                "Validation failed: Keyword is too long (maximum is %(count)s characters)",
                MAX_KEYWORD_LENGTH,
            )
        )
    return clean_keyword


def _change_keywords(
    db: Connection, *, now: int, account_id: int, filter_id: int, keywords: Sequence[KeywordDraft]
) -> None:
    for keyword in keywords:
        if keyword.id is not None:
            _change_keyword(db, account_id, keyword, of_filter=filter_id)
        elif not keyword.remove:
            _add_keyword(db, filter_id, keyword, now)
    if keywords:
        _check_keywords(db, account_id)


def _change_keyword(db: Connection, account_id: int, keyword: KeywordDraft, *, of_filter: int | None = None) -> int:
    target = {"the_id": keyword.id, "of_account_id": account_id}
    filter_id: int | None = db.scalar(KEYWORD_FILTER, target)
    if filter_id is None or of_filter not in {None, filter_id}:
        raise NotFound(_("There is no such keyword."))
    columns: dict[str, object] = {}
    if keyword.keyword is not UNSET:
        columns["keyword"] = _checked_keyword(keyword.keyword)
    if keyword.whole_word is not UNSET:
        columns["whole_word"] = keyword.whole_word
    if keyword.remove:
        db.execute(DROP_KEYWORD, target)
    elif columns:
        db.execute(CHANGE_KEYWORD.values(columns), target)
    return filter_id


def _check_keywords(db: Connection, account_id: int) -> None:
    number, characters = db.execute(KEYWORDS, {"of_account_id": account_id}).one()
    if number > MAX_KEYWORDS:
        raise Invalid(
            ngettext(
                "Validation failed: Your filters can have at most %(count)s keyword in total",
                "Validation failed: Your filters can have at most %(count)s keywords in total",
                MAX_KEYWORDS,
            )
        )
    if characters > MAX_CHARACTERS:
        raise Invalid(
            ngettext(
                "Validation failed: The keywords of your filters can have at most %(count)s character in total",
                "Validation failed: The keywords of your filters can have at most %(count)s characters in total",
                MAX_CHARACTERS,
            )
        )


def _add_keyword(db: Connection, filter_id: int, keyword: KeywordDraft, now: int) -> int:
    if len(db.scalars(COUNT_KEYWORDS, {"the_id": filter_id}).all()) >= MAX_KEYWORDS_OF_FILTER:
        raise Invalid(
            ngettext(
                "Validation failed: A filter can have at most %(count)s keyword",
                "Validation failed: A filter can have at most %(count)s keywords",
                MAX_KEYWORDS_OF_FILTER,
            )
        )
    id = ids.new(now)
    row = {
        "id": id,
        "filter_id": filter_id,
        "keyword": _checked_keyword("" if keyword.keyword is UNSET else keyword.keyword),
        "whole_word": True if keyword.whole_word is UNSET else keyword.whole_word,
    }
    db.execute(ADD_KEYWORD, row)
    return id


def _renew(db: Connection, account_id: int, now: int) -> None:
    db.execute(RENEW, {"of_account_id": account_id})
    stream_events.add(db, "filters.changed", now=now, account_id=account_id)
