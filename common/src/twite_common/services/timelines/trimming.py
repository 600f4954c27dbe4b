"""Trimming home and list timelines, and removing deleted posts from them.

What is to be done is looked up first, by reading, since that goes through all timelines; then it is done in pieces.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Connection, Row, Table, bindparam, delete, exists, func, select

from twite_common.tables import home_timeline, list_timeline, post

MAX_GONE = 10_000
"""Lines that are looked up at once; the others are left for the next time."""
_OWNER = bindparam("of_id", type_=BigInteger)


class Timelines:
    """All timelines of one kind: `owner` is the column that says whose each line is."""

    def __init__(self, table: Table, owner: str) -> None:
        of, entry = table.c[owner], table.alias("entry")
        self._too_long = select(of).group_by(of).having(func.count() > bindparam("length", type_=BigInteger))
        last = (
            select(entry.c.post_id)
            .where(entry.c[owner] == _OWNER)
            .order_by(entry.c.post_id.desc())
            .limit(1)
            .offset(bindparam("last", type_=BigInteger))
        )
        self._cut = delete(table).where(of == _OWNER, table.c.post_id < last.scalar_subquery())
        self._gone = select(of, table.c.post_id).where(~exists().where(post.c.id == table.c.post_id)).limit(MAX_GONE)
        self._take_out = delete(table).where(
            of == _OWNER, table.c.post_id == bindparam("the_post_id", type_=BigInteger)
        )

    def too_long(self, db: Connection, length: int) -> Sequence[int]:
        """Return whose timelines are longer than they may be, by a margin: not to be cut by one line at a time."""
        return db.scalars(self._too_long, {"length": length + length // 10}).all()

    def cut(self, db: Connection, *, ids: Sequence[int], length: int) -> None:
        """Cut timelines to their length."""
        for id in ids:
            db.execute(self._cut, {"of_id": id, "last": length - 1})

    def gone(self, db: Connection) -> Sequence[Row[int, int]]:
        """Return lines (whose it is, the post's id) whose posts aren't there any more."""
        return db.execute(self._gone).all()

    def take_out(self, db: Connection, *, lines: Sequence[Row[int, int]]) -> None:
        """Take lines out of timelines."""
        db.execute(self._take_out, [{"of_id": of, "the_post_id": post_id} for of, post_id in lines])


TIMELINES = (Timelines(home_timeline, "account_id"), Timelines(list_timeline, "list_id"))
