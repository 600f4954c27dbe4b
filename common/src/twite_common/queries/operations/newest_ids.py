"""The newest ids in a database, of the rows that are created most often."""

from sqlalchemy import BigInteger, Connection, bindparam, func, select, union_all

from twite_common.tables import account, event, mail, media, notification, post

_BEFORE = bindparam("before_id", type_=BigInteger)
_TABLES = (post, notification, event, mail, media, account)
_newest = union_all(
    *[select(func.max(table.c.id).label("id")).where(table.c.id < _BEFORE) for table in _TABLES],
).subquery()
NEWEST = select(func.max(_newest.c.id))


def before(db: Connection, id: int) -> int | None:
    """Return the newest id below another; None where there is none."""
    newest_id: int | None = db.scalar(NEWEST, {"before_id": id})
    return newest_id
