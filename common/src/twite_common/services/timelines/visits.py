"""Writing down when somebody was here."""

from sqlalchemy import BigInteger, Connection, bindparam, case, or_, update

from twite_common.queries.timelines.visits import GAP_MS, NOTED_EVERY_MS
from twite_common.tables import preferences

_seen_at = preferences.c.home_seen_at
SEE_HOME = (
    update(preferences)
    .where(
        preferences.c.account_id == bindparam("the_account_id", type_=BigInteger),
        or_(_seen_at.is_(None), bindparam("noted_before", type_=BigInteger) >= _seen_at),
    )
    .values(
        home_left_at=case(
            (bindparam("left_before", type_=BigInteger) >= _seen_at, _seen_at), else_=preferences.c.home_left_at
        ),
        home_seen_at=bindparam("shown_at", type_=BigInteger),
    )
)


def see_home(db: Connection, *, now: int, account_id: int) -> None:
    """Record that an account sees its home page, once a minute; after half an hour without that a visit begins."""
    times = {"shown_at": now, "noted_before": now - NOTED_EVERY_MS, "left_before": now - GAP_MS}
    db.execute(SEE_HOME, {"the_account_id": account_id, **times})
