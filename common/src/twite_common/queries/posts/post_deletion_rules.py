"""Rules by which accounts have their old posts deleted, and which posts these are."""

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, and_, bindparam, exists, false, func, or_, select

from twite_common import clock, ids
from twite_common.tables import bookmark, favourite, media, pin, poll, post, post_deletion_rule

DAYS = (14, 30, 60, 90, 180, 365, 730)
"""After how many days posts can be deleted."""
WINDOW = 500
"""Posts of an account that are looked at once."""
COUNTED = 1000
"""A preview counts no more posts."""
FIRST = 5
"""Posts that a preview names."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule: posts go after so many days, unless something keeps them.

    `keep_favourites` and `keep_boosts` are how many keep a post; None: no number does.
    """

    days: int = 365
    keep_favourited: bool = True
    keep_bookmarked: bool = True
    keep_pinned: bool = True
    keep_media: bool = False
    keep_polls: bool = False
    keep_mentioned: bool = True
    keep_favourites: int | None = None
    keep_boosts: int | None = None


class Preview(msgspec.Struct, frozen=True):
    """What a rule would delete: how many posts, at most `COUNTED`, and which first."""

    count: int
    post_ids: list[int]


_ACCOUNT = bindparam("account_id", type_=BigInteger)
_AFTER, _BEFORE = bindparam("after_id", type_=BigInteger), bindparam("before_id", type_=BigInteger)
_OLD = and_(post.c.account_id == _ACCOUNT, post.c.id > _AFTER, post.c.id < _BEFORE, post.c.boost_of_id.is_(None))


def _by_account(table: object) -> ColumnElement[bool]:
    columns = table.c  # type: ignore[attr-defined]
    return exists().where(columns.account_id == _ACCOUNT, columns.post_id == post.c.id)


def _kept_if(name: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(bindparam(name, type_=Integer) == 1, condition)


def _many(name: str, column: ColumnElement[int]) -> ColumnElement[bool]:
    number = bindparam(name, type_=Integer)
    return func.coalesce(column >= number, false())


_KEPT = or_(
    _kept_if("keep_favourited", _by_account(favourite)),
    _kept_if("keep_bookmarked", _by_account(bookmark)),
    _kept_if("keep_pinned", _by_account(pin)),
    _kept_if("keep_media", exists().where(media.c.post_id == post.c.id)),
    _kept_if("keep_polls", exists().where(poll.c.post_id == post.c.id)),
    _kept_if("keep_mentioned", post.c.visibility == "mentioned"),
    _many("keep_favourites", post.c.favourites_count),
    _many("keep_boosts", post.c.boosts_count),
)
_COLUMNS = [post_deletion_rule.c[name] for name in Rule.__struct_fields__]
OF_ACCOUNT = select(*_COLUMNS).where(post_deletion_rule.c.account_id == _ACCOUNT)
# Only some posts are looked at each time, however many are kept.
_window = select(post.c.id).where(_OLD).order_by(post.c.id).limit(WINDOW).subquery()
NEXT = (
    select(post.c.id)
    .where(post.c.id.in_(select(_window.c.id)), ~_KEPT)
    .order_by(post.c.id)
    .limit(bindparam("limit", type_=Integer))
)
LAST_IN_WINDOW = select(func.max(_window.c.id), func.count())
PREVIEW = select(post.c.id).where(_OLD, ~_KEPT).order_by(post.c.id).limit(COUNTED)


def of_account(db: Connection, account_id: int) -> Rule | None:
    """Return an account's rule, if it has one."""
    row = db.execute(OF_ACCOUNT, {"account_id": account_id}).one_or_none()
    return Rule(**row._mapping) if row else None


def preview(db: Connection, account_id: int, rule: Rule, *, now: int) -> Preview:
    """Return what a rule would delete now."""
    found = list(db.scalars(PREVIEW, _parameters(account_id, rule, 0, now)))
    return Preview(len(found), found[:FIRST])


def following(
    db: Connection, account_id: int, rule: Rule, *, after_id: int, now: int, limit: int
) -> tuple[list[int], int | None]:
    """Return the next posts to delete after one, and after which post to look next; None when that was all."""
    parameters = _parameters(account_id, rule, after_id, now)
    found = list(db.scalars(NEXT, {**parameters, "limit": limit}))
    if len(found) == limit:
        return found, found[-1]
    last_id, number = db.execute(LAST_IN_WINDOW, parameters).one()
    return found, last_id if number == WINDOW else None


def _parameters(account_id: int, rule: Rule, after_id: int, now: int) -> dict[str, int | None]:
    chosen = {name: value for name, value in msgspec.structs.asdict(rule).items() if name != "days"}
    return {
        "account_id": account_id,
        "after_id": after_id,
        "before_id": ids.first_at(now - rule.days * clock.DAY),
        **{name: int(value) if value is not None else None for name, value in chosen.items()},
    }
