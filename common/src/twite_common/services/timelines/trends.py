"""Computing trends: what the most different accounts shared in the last days.

Each account counts once for each subject, and the more the later it took it up. Only public posts of accounts count
that want to be found, and that moderators haven't limited. What moderators keep from trending is counted too, so that
they find it again; it is left out when trends are read.
"""

from sqlalchemy import (
    BigInteger,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy.sql import ColumnElement, FromClause

from twite_common import clock, ids
from twite_common.queries.timelines import trends as queries
from twite_common.sql.types import AnySelect
from twite_common.tables import account, card, favourite, post, post_tag, trend, trend_day
from twite_common.visibility import present, unlimited

DAYS = 7
MIN_ACCOUNTS = 2
"""What fewer accounts took up is no trend."""
MAX_COUNT = 100
"""Trends of each kind."""
WEIGHTS = {1: 8, 2: 4, 4: 2}
"""What an account counts that took something up within so many days; one that did earlier counts 1."""

_FIRST = bindparam("first_id", type_=BigInteger)


def _shown(author_id: ColumnElement[int]) -> ColumnElement[bool]:
    discoverable = select(account.c.id).where(account.c.id == author_id, account.c.discoverable).exists()
    return and_(discoverable, present(author_id), unlimited(author_id))


def _scored(taken_up: AnySelect) -> AnySelect:
    """Return the statement for the subjects that a statement's rows name: (subject, account, id of when)."""
    rows: FromClause = taken_up.subquery()
    subject_id, account_id, id = rows.c
    last = select(subject_id.label("subject_id"), func.max(id).label("id")).group_by(subject_id, account_id).subquery()
    weights = [
        (last.c.id >= bindparam(f"days_{days}", type_=BigInteger), literal(weight)) for days, weight in WEIGHTS.items()
    ]
    score = func.sum(case(*weights, else_=1))
    return (
        select(last.c.subject_id, score)
        .group_by(last.c.subject_id)
        .having(func.count() >= MIN_ACCOUNTS)
        .order_by(score.desc(), last.c.subject_id.desc())
        .limit(MAX_COUNT)
    )


_PUBLIC = (post.c.id >= _FIRST, post.c.visibility == "public", post.c.boost_of_id.is_(None), _shown(post.c.account_id))
_boost = post.alias("boost")
_reaction = union_all(
    select(
        favourite.c.post_id.label("post_id"), favourite.c.account_id.label("account_id"), favourite.c.id.label("id")
    ),
    select(_boost.c.boost_of_id, _boost.c.account_id, _boost.c.id).where(_boost.c.boost_of_id.is_not(None)),
).subquery()
SCORES = {
    "tag": _scored(
        select(post_tag.c.tag_id, post.c.account_id, post.c.id)
        .join(post, post.c.id == post_tag.c.post_id)
        .where(*_PUBLIC)
    ),
    "link": _scored(
        select(post.c.card_id, post.c.account_id, post.c.id)
        .join(card, card.c.id == post.c.card_id)
        .where(*_PUBLIC, card.c.state == "ready")
    ),
    "post": _scored(
        select(post.c.id, _reaction.c.account_id, _reaction.c.id)
        .join(_reaction, _reaction.c.post_id == post.c.id)
        .where(
            *_PUBLIC,
            post.c.sensitive.is_(False),
            _reaction.c.account_id != post.c.account_id,
            present(_reaction.c.account_id),
        )
    ),
}
FORGET = delete(trend).where(trend.c.kind == bindparam("the_kind"))
ADD = insert(trend)
FORGET_DAYS = delete(trend_day).where(trend_day.c.kind == bindparam("the_kind"))
ADD_DAYS = {
    kind: insert(trend_day).from_select(["kind", "subject_id", "day", "posts", "accounts"], statement)
    for kind, statement in queries.COUNTED.items()
}


def compute(db: Connection, *, now: int) -> None:
    """Find out what is talked about most, and forget what was before."""
    since = {f"days_{days}": ids.first_at(now - days * clock.DAY) for days in WEIGHTS}
    parameters = {"first_id": ids.first_at(now - DAYS * clock.DAY), **since}
    for kind, statement in SCORES.items():
        rows = [{"kind": kind, "subject_id": row[0], "score": int(row[1])} for row in db.execute(statement, parameters)]
        db.execute(FORGET, {"the_kind": kind})
        if rows:
            db.execute(ADD, rows)
    # As much as applications are shown, and the day on which it begins whole.
    first_id = ids.first_at((now // clock.DAY - DAYS + 1) * clock.DAY)
    for kind, add in ADD_DAYS.items():
        db.execute(FORGET_DAYS, {"the_kind": kind})
        db.execute(add, {"first_id": first_id})
