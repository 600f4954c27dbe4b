"""Whose notifications a user wants: accepted, held as a request, or dropped."""

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import BigInteger, Connection, and_, bindparam, delete, exists, false, func, select, update

from twite_common import clock, ids
from twite_common.errors import Invalid, NotFound
from twite_common.services.timelines import stream_events
from twite_common.sql.dialects import among, upsert
from twite_common.tables import (
    account,
    follow,
    notification,
    notification_permission,
    notification_policy,
    notification_request,
    post,
)
from twite_common.translations import gettext as _

NEW_ACCOUNT_MS = 30 * clock.DAY
CHOICES = ("accept", "filter", "drop")
UNFILTERED = frozenset({"poll", "update", "quoted_update", "report", "signup", "warning"})
"""Kinds that come from the site, or from what somebody chose themselves: no policy keeps them aside."""


class PolicyChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of notifications from some kinds of senders: accept, filter or drop; left out: as before."""

    for_not_following: str | UnsetType = UNSET
    for_not_followers: str | UnsetType = UNSET
    for_new_accounts: str | UnsetType = UNSET
    for_private_mentions: str | UnsetType = UNSET
    for_limited_accounts: str | UnsetType = UNSET
    for_bots: str | UnsetType = UNSET


_FROM = bindparam("from_account_id", type_=BigInteger)
_POST = bindparam("about_post_id", type_=BigInteger)
_parent = post.alias("parent")
_sender = account.alias("sender")
# Of each recipient: how the sender stands to them. Columns of a statement over `account`, in the order of `Sender`.
SENDER = [
    exists().where(follow.c.follower_id == account.c.id, follow.c.followee_id == _FROM),
    exists().where(follow.c.follower_id == _FROM, follow.c.followee_id == account.c.id),
    exists().where(
        notification_permission.c.account_id == account.c.id, notification_permission.c.from_account_id == _FROM
    ),
    exists().where(
        and_(
            post.c.id == _POST,
            post.c.visibility == "mentioned",
            ~exists().where(_parent.c.id == post.c.in_reply_to_id, _parent.c.account_id == account.c.id),
        )
    ),
    func.coalesce(select(_sender.c.limited_at.is_not(None)).where(_sender.c.id == _FROM).scalar_subquery(), false()),
    func.coalesce(select(_sender.c.bot).where(_sender.c.id == _FROM).scalar_subquery(), false()),
    notification_policy.c.for_not_following,
    notification_policy.c.for_not_followers,
    notification_policy.c.for_new_accounts,
    notification_policy.c.for_private_mentions,
    notification_policy.c.for_limited_accounts,
    notification_policy.c.for_bots,
]


class Sender(msgspec.Struct, frozen=True):
    """How a sender stands to a recipient, and the recipient's policy; None in the policy: the defaults."""

    followed: bool
    follows: bool
    permitted: bool
    private: bool
    limited: bool
    bot: bool
    for_not_following: str | None
    for_not_followers: str | None
    for_new_accounts: str | None
    for_private_mentions: str | None
    for_limited_accounts: str | None
    for_bots: str | None


_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
_request = upsert(notification_request)
ADD_REQUEST = _request.on_conflict_do_update(
    index_elements=[notification_request.c.account_id, notification_request.c.from_account_id],
    set_={
        "notifications_count": notification_request.c.notifications_count + 1,
        "last_post_id": func.coalesce(_request.excluded.last_post_id, notification_request.c.last_post_id),
        "updated_at": _request.excluded.updated_at,
        "dismissed": notification_request.c.dismissed,
    },
)
_policy = upsert(notification_policy)
PERMIT = upsert(notification_permission).on_conflict_do_nothing()
OWN = select(notification_request.c.id, notification_request.c.from_account_id).where(
    notification_request.c.account_id == _ACCOUNT,
    among(notification_request.c.id, "request_ids"),
)
DISMISS = (
    update(notification_request)
    .where(
        notification_request.c.account_id == _ACCOUNT,
        among(notification_request.c.id, "request_ids"),
    )
    .values(dismissed=True)
)
DROP = delete(notification_request).where(
    notification_request.c.account_id == _ACCOUNT,
    among(notification_request.c.id, "request_ids"),
)
LET_THROUGH = (
    update(notification)
    .where(
        notification.c.account_id == _ACCOUNT,
        among(notification.c.from_account_id, "from_ids"),
        notification.c.filtered,
    )
    .values(filtered=False)
)


def verdict(sender: Sender, kind: str, *, from_account_id: int, now: int) -> str:
    """Return what becomes of a notification: accept, filter or drop. What is strictest of all that applies counts."""
    if kind in UNFILTERED or sender.permitted:
        return "accept"
    choices = [] if sender.follows else [sender.for_not_followers or "accept"]
    if not sender.followed:
        choices += _choices_for_unknown(sender, kind, new=ids.created_at(from_account_id) > now - NEW_ACCOUNT_MS)
    return max(choices, key=CHOICES.index, default="accept")


def _choices_for_unknown(sender: Sender, kind: str, *, new: bool) -> list[str]:
    """Return the choices that apply to a sender whom the recipient doesn't follow."""
    choices = [
        (True, sender.for_not_following or "accept"),
        (new, sender.for_new_accounts or "accept"),
        (kind == "mention" and sender.private, sender.for_private_mentions or "filter"),
        (sender.limited, sender.for_limited_accounts or "filter"),
        (sender.bot, sender.for_bots or "accept"),
    ]
    return [choice for applies, choice in choices if applies]


def keep_aside(db: Connection, account_ids: list[int], *, now: int, from_account_id: int, post_id: int | None) -> None:
    """Note that a sender's notifications wait to be accepted."""
    rows = [
        {
            "id": ids.new(now),
            "account_id": account_id,
            "from_account_id": from_account_id,
            "last_post_id": post_id,
            "notifications_count": 1,
            "updated_at": now,
        }
        for account_id in account_ids
    ]
    if rows:
        db.execute(ADD_REQUEST, rows)


def change(db: Connection, *, account_id: int, changes: PolicyChanges) -> None:
    """Choose what becomes of notifications. Raises Invalid for other choices than accept, filter and drop."""
    columns = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
    if not set(columns.values()) <= set(CHOICES):
        raise Invalid(_("Validation failed: A policy is accept, filter or drop"))
    if columns:
        statement = _policy.values(account_id=account_id, **columns)
        db.execute(statement.on_conflict_do_update(index_elements=[notification_policy.c.account_id], set_=columns))


def accept(db: Connection, *, now: int, account_id: int, request_ids: list[int]) -> None:
    """Let the senders' notifications through, those that were kept aside too.

    Raises NotFound for a request that isn't the account's own.
    """
    senders = _own(db, account_id, request_ids)
    rows = [{"account_id": account_id, "from_account_id": sender} for sender in senders.values()]
    if not rows:
        return
    db.execute(PERMIT, rows)
    db.execute(LET_THROUGH, {"of_account_id": account_id, "from_ids": list(senders.values())})
    db.execute(DROP, {"of_account_id": account_id, "request_ids": list(senders)})
    stream_events.add(db, "notifications.merged", now=now, account_id=account_id)


def dismiss(db: Connection, *, account_id: int, request_ids: list[int]) -> None:
    """Hide requests; what was kept aside stays there. Raises NotFound for one that isn't the account's own."""
    senders = _own(db, account_id, request_ids)
    db.execute(DISMISS, {"of_account_id": account_id, "request_ids": list(senders)})


def _own(db: Connection, account_id: int, request_ids: list[int]) -> dict[int, int]:
    rows = db.execute(OWN, {"of_account_id": account_id, "request_ids": request_ids}).all()
    senders = {row[0]: row[1] for row in rows}
    if set(request_ids) - senders.keys():
        raise NotFound(_("There is no such request."))
    return senders
