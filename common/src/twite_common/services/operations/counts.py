"""Comparing stored counts with what they count, and recalculating them."""

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, ScalarSelect, Table, func, select, update

from twite_common.tables import account, favourite, follow, post
from twite_common.visibility import open_to_all


class Difference(msgspec.Struct, frozen=True):
    """A count that is not what it should be."""

    table: str
    column: str
    id: int
    kept: int
    counted: int


_other = post.alias("other")


def _counted(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).where(*conditions).scalar_subquery()


COUNTS: tuple[tuple[Table, Column[int], ScalarSelect[int]], ...] = (
    (account, account.c.followers_count, _counted(follow.c.followee_id == account.c.id)),
    (account, account.c.following_count, _counted(follow.c.follower_id == account.c.id)),
    (account, account.c.posts_count, _counted(_other.c.account_id == account.c.id)),
    (post, post.c.favourites_count, _counted(favourite.c.post_id == post.c.id)),
    (post, post.c.boosts_count, _counted(_other.c.boost_of_id == post.c.id)),
    (
        post,
        post.c.replies_count,
        _counted(_other.c.in_reply_to_id == post.c.id, open_to_all(_other)),
    ),
)
"""Every count column, and what it is to be. Boosts count as posts; answers count where strangers may see them."""

WRONG = tuple(
    (table, column, select(table.c.id, column, counted).where(column != counted)) for table, column, counted in COUNTS
)
REPAIR = tuple(
    update(table).where(column != counted).values({column: counted, table.c.version: table.c.version + 1})
    for table, column, counted in COUNTS
)


def check(db: Connection) -> list[Difference]:
    """Return every count that is wrong; an empty list when all are right."""
    return [
        Difference(table.name, column.name, *row) for table, column, statement in WRONG for row in db.execute(statement)
    ]


def repair(db: Connection) -> int:
    """Count everything anew, and return how many counts were wrong."""
    return sum(db.execute(statement).rowcount for statement in REPAIR)
