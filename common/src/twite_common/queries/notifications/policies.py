"""Which notifications a user accepts, and whose are held as requests."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, func, select

from twite_common.queries.paging import Page, Pageable
from twite_common.tables import notification, notification_policy, notification_request
from twite_common.visibility import present


class Policy(msgspec.Struct, frozen=True):
    """What becomes of notifications from some kinds of senders: accept, filter or drop."""

    for_not_following: str = "accept"
    for_not_followers: str = "accept"
    for_new_accounts: str = "accept"
    for_private_mentions: str = "filter"
    for_limited_accounts: str = "filter"
    for_bots: str = "accept"


class Waiting(msgspec.Struct, frozen=True):
    """How many senders wait to be accepted, and how many notifications of theirs."""

    requests: int
    notifications: int


class NotificationRequest(msgspec.Struct, frozen=True):
    """A sender whose notifications are kept aside. Times are milliseconds; `created_at` follows from the id."""

    id: int
    from_account_id: int
    last_post_id: int | None
    notifications_count: int
    updated_at: int


_ACCOUNT = bindparam("account_id", type_=BigInteger)
POLICY = select(*[notification_policy.c[name] for name in Policy.__struct_fields__]).where(
    notification_policy.c.account_id == _ACCOUNT
)
_COLUMNS = [notification_request.c[name] for name in NotificationRequest.__struct_fields__]
_OPEN = (
    notification_request.c.account_id == _ACCOUNT,
    ~notification_request.c.dismissed,
    present(notification_request.c.from_account_id),
)
LIST = Pageable(select(*_COLUMNS).where(*_OPEN), notification_request.c.id)
ONE = select(*_COLUMNS).where(
    notification_request.c.account_id == _ACCOUNT, notification_request.c.id == bindparam("id", type_=BigInteger)
)
WAITING = select(
    select(func.count()).select_from(notification_request).where(*_OPEN).scalar_subquery(),
    select(func.count())
    .select_from(notification)
    .where(notification.c.account_id == _ACCOUNT, notification.c.filtered)
    .scalar_subquery(),
)


def policy_of(db: Connection, account_id: int) -> Policy:
    """Return an account's policy; the defaults where it has chosen none."""
    row = db.execute(POLICY, {"account_id": account_id}).one_or_none()
    return Policy(*row) if row else Policy()


def waiting(db: Connection, account_id: int) -> Waiting:
    """Return how much waits to be accepted by an account."""
    return Waiting(*db.execute(WAITING, {"account_id": account_id}).one())


def requests(db: Connection, account_id: int, page: Page) -> list[NotificationRequest]:
    """Return whose notifications wait to be accepted, the latest first."""
    return [NotificationRequest(*row) for row in LIST.rows(db, page, {"account_id": account_id})]


def get(db: Connection, request_id: int, *, account_id: int) -> NotificationRequest | None:
    """Return a request, if it is the account's own."""
    row = db.execute(ONE, {"id": request_id, "account_id": account_id}).one_or_none()
    return NotificationRequest(*row) if row else None
