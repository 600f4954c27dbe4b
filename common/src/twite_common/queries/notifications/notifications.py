"""An account's notifications."""

from collections.abc import Collection

import msgspec
from sqlalchemy import BigInteger, Boolean, Connection, Text, and_, bindparam, func, or_, select

from twite_common import ids, text
from twite_common.queries.paging import LIMIT, Page, StructPages
from twite_common.sql.dialects import among
from twite_common.tables import account, marker, notification, post
from twite_common.visibility import VIEWER, present, visible, wanted

KINDS = (
    "mention",
    "follow",
    "follow_request",
    "favourite",
    "boost",
    "post",
    "poll",
    "update",
    "quote",
    "quoted_update",
    "report",
    "signup",
    "warning",
)


class Notification(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Somebody did something that concerns the account. `created_at` follows from the id.

    `from_account_version` changes with every change of whoever did it.
    """

    id: int
    kind: str
    from_account_id: int
    post_id: int | None
    report_id: int | None
    warning_id: int | None
    filtered: bool
    group_key: str
    from_account_version: int


_FROM_VERSION = select(account.c.version).where(account.c.id == notification.c.from_account_id).scalar_subquery()
_COLUMNS = [*(notification.c[name] for name in Notification.__struct_fields__[:-1]), _FROM_VERSION]
_WITH_FILTERED = bindparam("with_filtered", type_=Boolean)
_SHOWN = and_(
    notification.c.account_id == VIEWER,
    among(notification.c.kind, "kinds"),
    or_(
        ~bindparam("from_one", type_=Boolean),
        notification.c.from_account_id == bindparam("from_account_id", type_=BigInteger),
    ),
    or_(_WITH_FILTERED, ~notification.c.filtered),
    present(notification.c.from_account_id),
    wanted(notification.c.from_account_id, for_notifications=True),
    or_(notification.c.post_id.is_(None), visible(post)),
)
_FROM = notification.outerjoin(post, post.c.id == notification.c.post_id)
LIST = StructPages(
    Notification,
    select(*_COLUMNS).select_from(_FROM).where(_SHOWN, or_(notification.c.post_id.is_(None), post.c.id.is_not(None))),
    notification.c.id,
)
OF_GROUP = (
    select(*_COLUMNS)
    .select_from(_FROM)
    .where(_SHOWN, or_(notification.c.post_id.is_(None), post.c.id.is_not(None)))
    .where(notification.c.group_key == bindparam("group_key", type_=Text))
    .order_by(notification.c.id.desc())
    .limit(LIMIT)
)
ONE = select(*_COLUMNS).select_from(_FROM).where(_SHOWN, notification.c.id == bindparam("id", type_=BigInteger))
_LAST_READ = func.coalesce(
    select(marker.c.last_read_id)
    .where(marker.c.account_id == VIEWER, marker.c.timeline == "notifications")
    .scalar_subquery(),
    0,
)
# The first condition is the index's; nothing is added to the marker, since it may be the largest number there is.
_NEW = and_(notification.c.id > _LAST_READ, notification.c.id - ids.NEAR > _LAST_READ)
_UNREAD = select(notification.c.id).select_from(_FROM).where(_SHOWN, _NEW).limit(LIMIT).subquery()
COUNT_UNREAD = select(func.count()).select_from(_UNREAD)
_UNREAD_GROUPS = (
    select(notification.c.group_key).select_from(_FROM).where(_SHOWN, _NEW).distinct().limit(LIMIT).subquery()
)
COUNT_UNREAD_GROUPS = select(func.count()).select_from(_UNREAD_GROUPS)


def page(
    db: Connection,
    page: Page,
    *,
    viewer_id: int,
    now: int,
    kinds: Collection[str] = KINDS,
    from_account_id: int | None = None,
    with_filtered: bool = False,
) -> list[Notification]:
    """Return what the viewer was told about, the latest first, without those they muted or blocked since.

    What their policy keeps aside is among it only `with_filtered`.
    """
    return LIST.rows(db, page, _parameters(viewer_id, now, kinds, from_account_id, with_filtered=with_filtered))


def of_group(db: Connection, group_key: str, *, viewer_id: int, now: int, limit: int = 80) -> list[Notification]:
    """Return the notifications of one of the viewer's groups, the latest first."""
    parameters = _parameters(viewer_id, now, KINDS, None, with_filtered=True)
    rows = db.execute(OF_GROUP, {**parameters, "group_key": text.storable(group_key), "limit": limit})
    return [Notification(*row) for row in rows]


def get(db: Connection, notification_id: int, *, viewer_id: int, now: int) -> Notification | None:
    """Return one of the viewer's notifications."""
    parameters = {**_parameters(viewer_id, now, KINDS, None, with_filtered=True), "id": ids.exact(notification_id)}
    row = db.execute(ONE, parameters).one_or_none()
    return Notification(*row) if row else None


def count_unread(
    db: Connection,
    *,
    viewer_id: int,
    now: int,
    limit: int = 100,
    kinds: Collection[str] = KINDS,
    from_account_id: int | None = None,
    in_groups: bool = False,
) -> int:
    """Return how many of the viewer's notifications, or groups of them, are newer than their marker, up to `limit`."""
    parameters = {**_parameters(viewer_id, now, kinds, from_account_id), "limit": limit}
    return db.scalars(COUNT_UNREAD_GROUPS if in_groups else COUNT_UNREAD, parameters).one()


def _parameters(
    viewer_id: int, now: int, kinds: Collection[str], from_account_id: int | None, *, with_filtered: bool = False
) -> dict[str, object]:
    return {
        "viewer_id": viewer_id,
        "now": now,
        "kinds": list(kinds),
        "from_one": from_account_id is not None,
        "from_account_id": from_account_id,
        "with_filtered": with_filtered,
    }
