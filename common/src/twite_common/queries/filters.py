"""Somebody's filters."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common.filtering import Filter, FilteredPost, Keyword
from twite_common.tables import filter_, filter_keyword, filter_post

_keyword, _post = filter_keyword.alias("keyword"), filter_post.alias("named")
# A row for each pair of a word and a post of a filter: people have few of either, and it takes one statement.
OF_ACCOUNT = (
    select(
        filter_.c.id,
        filter_.c.title,
        filter_.c.contexts,
        filter_.c.action,
        filter_.c.expires_at,
        _keyword.c.id,
        _keyword.c.keyword,
        _keyword.c.whole_word,
        _post.c.id,
        _post.c.post_id,
    )
    .outerjoin(_keyword, _keyword.c.filter_id == filter_.c.id)
    .outerjoin(_post, _post.c.filter_id == filter_.c.id)
    .where(filter_.c.account_id == bindparam("account_id", type_=BigInteger))
    .order_by(filter_.c.id, _keyword.c.id, _post.c.id)
)


def of_account(db: Connection, account_id: int) -> list[Filter]:
    """Return an account's filters, those that are over too, in the order they were made."""
    grouped: dict[int, list[Any]] = {}
    for row in db.execute(OF_ACCOUNT, {"account_id": account_id}):
        grouped.setdefault(row[0], []).append(row)
    return [_filter(rows) for rows in grouped.values()]


def get(db: Connection, filter_id: int, *, account_id: int) -> Filter | None:
    """Return a filter, if it is the account's own."""
    return next((one for one in of_account(db, account_id) if one.id == filter_id), None)


def _filter(rows: Sequence[Any]) -> Filter:
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
