"""Following, and requesting to follow accounts that approve their followers."""

from operator import itemgetter

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, select, update

from twite_common import ids
from twite_common.errors import NotAllowed, NotFound
from twite_common.queries.posts import posts
from twite_common.services.accounts import endorsements
from twite_common.services.notifications import notifications
from twite_common.services.timelines import lists, timelines
from twite_common.sql.dialects import upsert
from twite_common.tables import account, block, follow, follow_request
from twite_common.translations import gettext as _
from twite_common.visibility import present

_FOLLOWER = bindparam("the_follower_id", type_=BigInteger)
_FOLLOWEE = bindparam("the_followee_id", type_=BigInteger)
TARGET = select(
    account.c.locked,
    select(block.c.id)
    .where(
        ((block.c.account_id == _FOLLOWER) & (block.c.blocked_id == _FOLLOWEE))
        | ((block.c.account_id == _FOLLOWEE) & (block.c.blocked_id == _FOLLOWER))
    )
    .exists(),
).where(account.c.id == _FOLLOWEE, present(account.c.id))
ADD = upsert(follow).on_conflict_do_nothing()
ADD_REQUEST = upsert(follow_request).on_conflict_do_nothing()
CHANGE = update(follow).where(follow.c.follower_id == _FOLLOWER, follow.c.followee_id == _FOLLOWEE)
CHANGE_REQUEST = update(follow_request).where(
    follow_request.c.follower_id == _FOLLOWER, follow_request.c.followee_id == _FOLLOWEE
)
FOLLOWS = select(follow.c.id).where(follow.c.follower_id == _FOLLOWER, follow.c.followee_id == _FOLLOWEE)
DROP = delete(follow).where(follow.c.follower_id == _FOLLOWER, follow.c.followee_id == _FOLLOWEE)
TAKE_REQUEST = (
    delete(follow_request)
    .where(follow_request.c.follower_id == _FOLLOWER, follow_request.c.followee_id == _FOLLOWEE)
    .returning(
        *(follow_request.c[name] for name in ("boosts", "notify", "languages", "from_post_id")),
    )
)
WAITING = select(follow_request.c.follower_id).where(follow_request.c.followee_id == _FOLLOWEE)
_CHANGE_BY = bindparam("change", type_=BigInteger)
COUNT_FOLLOWERS = (
    update(account)
    .where(account.c.id == _FOLLOWEE)
    .values(followers_count=account.c.followers_count + _CHANGE_BY, version=account.c.version + 1)
)
COUNT_FOLLOWING = (
    update(account)
    .where(account.c.id == _FOLLOWER)
    .values(following_count=account.c.following_count + _CHANGE_BY, version=account.c.version + 1)
)


class Options(msgspec.Struct, frozen=True):
    """What a follower wants to see: boosts too, a notification of each post, some languages only (None: all).

    A field left out keeps what was chosen before.
    """

    boosts: bool | msgspec.UnsetType = msgspec.UNSET
    notify: bool | msgspec.UnsetType = msgspec.UNSET
    languages: tuple[str, ...] | msgspec.UnsetType | None = msgspec.UNSET

    def columns(self) -> dict[str, object]:
        """Return the columns to be written."""
        columns = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not msgspec.UNSET}
        if "languages" in columns:
            columns["languages"] = f",{','.join(columns['languages'])}," if columns["languages"] else None
        return columns


def follow_account(
    db: Connection,
    *,
    now: int,
    follower_id: int,
    followee_id: int,
    options: Options | None = None,
    from_post_id: int | None = None,
) -> None:
    """Follow an account, or ask to where it chooses its followers; asking again changes the options only.

    `from_post_id` is the post that led there: it is kept if it is the followee's and the follower may see it.

    Raises NotAllowed for oneself and between accounts of which one blocks the other, NotFound when there is no such
    account.
    """
    if follower_id == followee_id:
        raise NotAllowed(_("You cannot follow yourself."))
    pair = {"the_follower_id": follower_id, "the_followee_id": followee_id}
    target = db.execute(TARGET, pair).one_or_none()
    if target is None:
        raise NotFound(_("There is no such account."))
    locked, blocked = target
    if blocked:
        raise NotAllowed(_("You cannot follow this account."))
    columns = (options or Options()).columns()
    if columns and _change(db, pair, columns):
        return
    columns |= _led_by(db, from_post_id, pair)
    if not locked:
        _add(db, follower_id, followee_id, columns, now)
        return
    row = {"follower_id": follower_id, "followee_id": followee_id, "id": ids.new(now), **columns}
    if not _follows(db, pair) and db.execute(ADD_REQUEST, row).rowcount:
        notifications.notify(db, [followee_id], "follow_request", now=now, from_account_id=follower_id)


def unfollow_account(db: Connection, *, follower_id: int, followee_id: int) -> None:
    """Stop following an account, asking to and featuring it; where none of it was so nothing changes."""
    pair = {"the_follower_id": follower_id, "the_followee_id": followee_id}
    if db.execute(TAKE_REQUEST, pair).all():
        notifications.take_back(db, account_id=followee_id, kind="follow_request", from_account_id=follower_id)
    if db.execute(DROP, pair).rowcount:
        _count(db, pair, -1)
        endorsements.unendorse(db, account_id=follower_id, endorsed_id=followee_id)
        timelines.take_out(db, follower_id=follower_id, followee_id=followee_id)
        lists.forget(db, account_id=follower_id, member_id=followee_id)
        notifications.take_back(db, account_id=followee_id, kind="follow", from_account_id=follower_id)


def accept_request(db: Connection, *, now: int, follower_id: int, followee_id: int) -> None:
    """Let somebody follow who asked to.

    Raises NotFound when they did not ask.
    """
    options = _taken(db, follower_id, followee_id)
    _add(db, follower_id, followee_id, options, now)


def reject_request(db: Connection, *, follower_id: int, followee_id: int) -> None:
    """Refuse somebody who asked to follow; they are not told.

    Raises NotFound when they did not ask.
    """
    _taken(db, follower_id, followee_id)


def accept_all_requests(db: Connection, *, now: int, followee_id: int) -> None:
    """Let everybody follow who asked to, as when an account is no longer locked."""
    for follower_id in db.scalars(WAITING, {"the_followee_id": followee_id}).all():
        accept_request(db, now=now, follower_id=follower_id, followee_id=followee_id)


def _led_by(db: Connection, post_id: int | None, pair: dict[str, int]) -> dict[str, object]:
    """Return the column that says which of the followee's posts led to the follow, if one did."""
    if post_id is None:
        return {}
    post = posts.get(db, post_id, viewer_id=pair["the_follower_id"])
    led = post is not None and post.boost_of_id is None and post.account_id == pair["the_followee_id"]
    return {"from_post_id": post_id} if led else {}


def _follows(db: Connection, pair: dict[str, int]) -> bool:
    return db.scalar(FOLLOWS, pair) is not None


def _change(db: Connection, pair: dict[str, int], columns: dict[str, object]) -> bool:
    changed = db.execute(CHANGE.values(columns), pair).rowcount
    return bool(changed or db.execute(CHANGE_REQUEST.values(columns), pair).rowcount)


def _add(db: Connection, follower_id: int, followee_id: int, options: dict[str, object], now: int) -> None:
    row = {"follower_id": follower_id, "followee_id": followee_id, "id": ids.new(now), **options}
    if not db.execute(ADD, row).rowcount:
        return
    _count(db, {"the_follower_id": follower_id, "the_followee_id": followee_id}, 1)
    timelines.fill_in(db, follower_id=follower_id, followee_id=followee_id)
    notifications.notify(db, [followee_id], "follow", now=now, from_account_id=follower_id)


def _taken(db: Connection, follower_id: int, followee_id: int) -> dict[str, object]:
    """Remove a request and return its options."""
    row = db.execute(TAKE_REQUEST, {"the_follower_id": follower_id, "the_followee_id": followee_id}).one_or_none()
    if row is None:
        raise NotFound(_("This account didn't request to follow you."))
    notifications.take_back(db, account_id=followee_id, kind="follow_request", from_account_id=follower_id)
    return dict(row._mapping)


def _count(db: Connection, pair: dict[str, int], change: int) -> None:
    counts = [(pair["the_followee_id"], COUNT_FOLLOWERS), (pair["the_follower_id"], COUNT_FOLLOWING)]
    # In one order everywhere, so that two who follow each other at the same moment never wait for each other.
    for _id, statement in sorted(counts, key=itemgetter(0)):
        db.execute(statement, {**pair, "change": change})
