"""When somebody was here last: what "since you were here" counts from."""

import msgspec
from sqlalchemy import BigInteger, Connection, and_, bindparam, select

from twite_common import clock, ids
from twite_common.tables import marker, preferences

GAP_MS = 30 * clock.MINUTE
"""The home page not seen for so long ends a visit; seen again, it begins the next."""
NOTED_EVERY_MS = clock.MINUTE
"""The home page seen again within this time isn't written down."""


class Visits(msgspec.Struct, frozen=True):
    """When the home page was last seen, and when it last was in the visit before that one; milliseconds.

    `read_until` is the id of the last post that the home timeline's marker stands at.
    """

    home_seen_at: int | None
    home_left_at: int | None
    read_until: int | None

    def is_due(self, now: int) -> bool:
        """Say whether it is worth writing down that the home page is seen now."""
        return self.home_seen_at is None or now - self.home_seen_at >= NOTED_EVERY_MS

    def left_at(self, now: int) -> int:
        """Return when the last visit before this one ended, in milliseconds.

        Whoever uses an application only was here when the newest post that it marked as read was written; whoever was
        never here, a day ago.
        """
        seen_at, left_at = self.home_seen_at, self.home_left_at
        if seen_at is not None and now - seen_at >= GAP_MS:
            return seen_at
        if seen_at is not None and left_at is not None:
            return left_at
        return ids.created_at(self.read_until) if self.read_until else now - clock.DAY


OF_ACCOUNT = (
    select(preferences.c.home_seen_at, preferences.c.home_left_at, marker.c.last_read_id)
    .outerjoin(marker, and_(marker.c.account_id == preferences.c.account_id, marker.c.timeline == "home"))
    .where(preferences.c.account_id == bindparam("account_id", type_=BigInteger))
)


def of_account(db: Connection, account_id: int) -> Visits:
    """Return when an account was here."""
    row = db.execute(OF_ACCOUNT, {"account_id": account_id}).one_or_none()
    return Visits(*row) if row else Visits(None, None, None)
