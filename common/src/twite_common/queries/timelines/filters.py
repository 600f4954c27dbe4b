"""A user's filters."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Boolean, Connection, Text, bindparam, cast, select, union_all

from twite_common.filtering import Filter, FilteredPost, Keyword
from twite_common.sql.types import AnyRow
from twite_common.tables import filter_, filter_keyword, filter_post

_keyword, _post = filter_keyword.alias("keyword"), filter_post.alias("named")
_FILTER = (filter_.c.id, filter_.c.title, filter_.c.contexts, filter_.c.action, filter_.c.expires_at)
_OWN = filter_.c.account_id == bindparam("account_id", type_=BigInteger)
_WORDS = (
    select(
        *_FILTER,
        _keyword.c.id.label("word_id"),
        _keyword.c.keyword,
        _keyword.c.whole_word,
        cast(None, BigInteger).label("named_id"),
        cast(None, BigInteger).label("post_id"),
    )
    .outerjoin(_keyword, _keyword.c.filter_id == filter_.c.id)
    .where(_OWN)
)
_POSTS = (
    select(*_FILTER, cast(None, BigInteger), cast(None, Text), cast(None, Boolean), _post.c.id, _post.c.post_id)
    .join(_post, _post.c.filter_id == filter_.c.id)
    .where(_OWN)
)
# A row for each word and one for each post of a filter; one for a filter that has neither.
_rows = union_all(_WORDS, _POSTS).subquery()
OF_ACCOUNT = select(_rows).order_by(_rows.c.id, _rows.c.word_id, _rows.c.named_id)


def of_account(db: Connection, account_id: int) -> list[Filter]:
    """Return an account's filters, those that are over too, in the order they were made."""
    grouped: dict[int, list[AnyRow]] = {}
    for row in db.execute(OF_ACCOUNT, {"account_id": account_id}):
        grouped.setdefault(row[0], []).append(row)
    return [_filter(rows) for rows in grouped.values()]


def get(db: Connection, filter_id: int, *, account_id: int) -> Filter | None:
    """Return a filter, if it is the account's own."""
    return next((filter for filter in of_account(db, account_id) if filter.id == filter_id), None)


def _filter(rows: Sequence[AnyRow]) -> Filter:
    id, title, contexts, action, expires_at, *_ = rows[0]
    return Filter(
        id=id,
        title=title,
        contexts=msgspec.json.decode(contexts, type=tuple[str, ...]),
        action=action,
        expires_at=expires_at,
        keywords=tuple({row[5]: Keyword(row[5], row[6], row[7]) for row in rows if row[5] is not None}.values()),
        posts=tuple({row[8]: FilteredPost(row[8], row[9]) for row in rows if row[8] is not None}.values()),
    )
