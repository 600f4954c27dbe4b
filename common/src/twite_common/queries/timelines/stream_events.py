"""What listeners must hear, and which listeners.

A statement asks for all listeners at once: how many run for an event doesn't depend on how many listen.
"""

from collections.abc import Collection

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from twite_common import clock
from twite_common.queries.paging import LIMIT
from twite_common.sql.dialects import among
from twite_common.tables import (
    account,
    block,
    bookmark,
    conversation_mute,
    credentials,
    favourite,
    follow,
    home_timeline,
    list_,
    list_member,
    list_timeline,
    mention,
    mute,
    poll_vote,
    post,
    preferences,
    session,
    stream_event,
    token,
)
from twite_common.visibility import NOW, names_wanted, visible, wanted

CHANNEL = "twite_streams"
"""Where PostgreSQL tells of new rows."""

GAP = 1000
"""How many numbers before a new one may still be on their way, in transactions that take longer."""
GAP_MS = clock.MINUTE
"""After this long a missing number is taken for one whose transaction was given up."""


class StreamEvent(msgspec.Struct, frozen=True):
    """Something that happened; what its members mean follows from its kind (`services.timelines.streams`)."""

    number: int
    kind: str
    account_id: int | None
    subject_id: int | None
    payload: str | None


class Deletion(msgspec.Struct, frozen=True):
    """Where a post stood that was deleted.

    It was `public`, `merged` into its author's followers' timelines when they were read, and had hashtags with these
    keys. The latest boosts of it are gone, too.
    """

    public: bool
    merged: bool
    tags: list[str]
    boost_ids: list[int]


class Gone(msgspec.Struct, frozen=True):
    """Who had a post that was deleted: accounts in their home timelines, and lists."""

    account_ids: set[int]
    list_ids: set[int]


class Audience(msgspec.Struct, frozen=True):
    """Who of those who listen may see a post and wants to: the accounts, and those whose home timeline has it.

    Home and list timelines also leave out what names somebody who isn't wanted: `timelines` are those left.
    """

    account_ids: frozenset[int]
    timelines: frozenset[int]
    home: frozenset[int]


_COLUMNS = [stream_event.c[name] for name in StreamEvent.__struct_fields__]
_number = stream_event.c.number
LATEST = select(_number).order_by(_number.desc()).limit(LIMIT)
NEW = (
    select(*_COLUMNS)
    .where(
        or_(_number > bindparam("after", type_=BigInteger), among(_number, "missing")),
    )
    .order_by(_number)
    .limit(LIMIT)
)

_POST_ID = bindparam("the_post_id", type_=BigInteger)
_listener = account.alias("listener")
_original = post.alias("original")
_boost = post.alias("boost")
_in_home = exists().where(home_timeline.c.account_id == _listener.c.id, home_timeline.c.post_id == _POST_ID)
_followed = exists().where(follow.c.follower_id == _listener.c.id, follow.c.followee_id == post.c.account_id)
_in_exclusive_list = exists().where(
    list_member.c.account_id == post.c.account_id,
    list_.c.id == list_member.c.list_id,
    list_.c.account_id == _listener.c.id,
    list_.c.exclusive,
)
AUDIENCE = (
    select(
        _listener.c.id,
        or_(
            post.c.account_id == _listener.c.id,
            names_wanted(func.coalesce(post.c.boost_of_id, post.c.id), viewer=_listener.c.id),
        ),
        or_(_in_home, and_(post.c.merged, _followed, ~_in_exclusive_list)),
    )
    .select_from(post.outerjoin(_original, _original.c.id == post.c.boost_of_id).join(_listener, true()))
    .where(
        post.c.id == _POST_ID,
        among(_listener.c.id, "account_ids"),
        visible(post, _listener.c.id),
        or_(_original.c.id.is_(None), visible(_original, _listener.c.id)),
        wanted(post.c.account_id, _original.c.account_id, viewer=_listener.c.id),
    )
)
HAD_IT = union_all(
    select(home_timeline.c.account_id, home_timeline.c.post_id, literal_column("0")).where(
        among(home_timeline.c.account_id, "account_ids"), among(home_timeline.c.post_id, "post_ids")
    ),
    select(follow.c.follower_id, _POST_ID, literal_column("0")).where(
        bindparam("merged", type_=Boolean),
        follow.c.followee_id == bindparam("author_id", type_=BigInteger),
        among(follow.c.follower_id, "account_ids"),
    ),
    select(list_timeline.c.list_id, list_timeline.c.post_id, literal_column("1")).where(
        among(list_timeline.c.list_id, "list_ids"), among(list_timeline.c.post_id, "post_ids")
    ),
)
LISTS = (
    select(list_timeline.c.list_id, list_.c.account_id)
    .join(list_, list_.c.id == list_timeline.c.list_id)
    .where(list_timeline.c.post_id == _POST_ID, among(list_timeline.c.list_id, "list_ids"))
)
OWN_LIST = select(list_.c.id).where(
    list_.c.id == bindparam("list_id", type_=BigInteger), list_.c.account_id == bindparam("owner_id", type_=BigInteger)
)
# The post itself, or what it boosts, and what that quotes.
_target_id = select(func.coalesce(_boost.c.boost_of_id, _boost.c.id)).where(_boost.c.id == _POST_ID).scalar_subquery()
_target = post.alias("target")
_quoted = post.alias("quoted")
_quoting = _target.join(_quoted, _quoted.c.id == _target.c.quote_of_id)


def _flag(name: str) -> ColumnElement[str]:
    return literal_column(f"'{name}'").label("flag")


CANNOT_SEE_QUOTED = (
    select(_listener.c.id, _flag("cannot see what is quoted"))
    .select_from(_quoting.join(_listener, true()))
    .where(_target.c.id == _target_id, among(_listener.c.id, "account_ids"), ~visible(_quoted, _listener.c.id))
)
STANDINGS = union_all(
    select(_target.c.account_id.label("account_id"), _flag("own")).where(_target.c.id == _target_id),
    select(favourite.c.account_id, _flag("favourited")).where(
        favourite.c.post_id == _target_id, among(favourite.c.account_id, "account_ids")
    ),
    select(_boost.c.account_id, _flag("boosted")).where(
        _boost.c.boost_of_id == _target_id, among(_boost.c.account_id, "account_ids")
    ),
    select(bookmark.c.account_id, _flag("bookmarked")).where(
        bookmark.c.post_id == _target_id, among(bookmark.c.account_id, "account_ids")
    ),
    select(conversation_mute.c.account_id, _flag("muted"))
    .join(_target, _target.c.conversation_id == conversation_mute.c.conversation_id)
    .where(_target.c.id == _target_id, among(conversation_mute.c.account_id, "account_ids")),
    select(follow.c.follower_id, _flag("follows"))
    .join(_target, _target.c.account_id == follow.c.followee_id)
    .where(_target.c.id == _target_id, among(follow.c.follower_id, "account_ids")),
    # What else decides who may answer (`queries.posts.reply_policies`).
    select(_target.c.reply_policy_account_id, _flag("chose who may answer")).where(_target.c.id == _target_id),
    select(mention.c.account_id, _flag("named"))
    .join(_target, or_(mention.c.post_id == _target.c.id, mention.c.post_id == _target.c.conversation_id))
    .where(
        _target.c.id == _target_id, _target.c.reply_policy != "everybody", among(mention.c.account_id, "account_ids")
    ),
    select(follow.c.followee_id, _flag("followed"))
    .join(_target, _target.c.reply_policy_account_id == follow.c.follower_id)
    .where(
        _target.c.id == _target_id, _target.c.reply_policy == "following", among(follow.c.followee_id, "account_ids")
    ),
    select(poll_vote.c.account_id, literal_column("'voted '").concat(poll_vote.c.choices)).where(
        poll_vote.c.post_id == _target_id, among(poll_vote.c.account_id, "account_ids")
    ),
    CANNOT_SEE_QUOTED,
    select(block.c.account_id, _flag("blocks who is quoted"))
    .select_from(_quoting.join(block, block.c.blocked_id == _quoted.c.account_id))
    .where(_target.c.id == _target_id, among(block.c.account_id, "account_ids")),
    select(mute.c.account_id, _flag("mutes who is quoted"))
    .select_from(_quoting.join(mute, mute.c.muted_id == _quoted.c.account_id))
    .where(_target.c.id == _target_id, among(mute.c.account_id, "account_ids")),
)
FILTERS = select(preferences.c.account_id, preferences.c.filters_version).where(
    among(preferences.c.account_id, "account_ids"), preferences.c.filters_version > 0
)
WORKING = (
    select(token.c.id)
    .join(account, account.c.id == token.c.account_id)
    .join(credentials, credentials.c.account_id == account.c.id)
    .where(
        among(token.c.id, "token_ids"),
        token.c.revoked_at.is_(None),
        or_(token.c.expires_at.is_(None), token.c.expires_at > NOW),
        account.c.suspended_at.is_(None),
        credentials.c.disabled_at.is_(None),
    )
)

LASTING = (
    select(session.c.id)
    .join(account, account.c.id == session.c.account_id)
    .join(credentials, credentials.c.account_id == account.c.id)
    .where(
        among(session.c.id, "session_ids"),
        session.c.expires_at > NOW,
        account.c.suspended_at.is_(None),
        credentials.c.disabled_at.is_(None),
    )
)


class Reader:
    """Reads every new row once, in whatever order the transactions that wrote them are committed."""

    def __init__(self) -> None:
        self._after = 0
        self._missing: dict[int, int] = {}

    def start(self, db: Connection, *, now: int) -> None:
        """Begin after what is there now."""
        numbers = db.scalars(LATEST, {"limit": GAP}).all()
        self._after = numbers[0] if numbers else 0
        known = set(numbers)
        self._missing = {number: now for number in range(max(1, self._after - GAP), self._after) if number not in known}

    def read(self, db: Connection, *, now: int, limit: int = 500) -> list[StreamEvent]:
        """Return what is new, oldest first; when there are as many as the limit, there may be more."""
        self._missing = {number: since for number, since in self._missing.items() if since > now - GAP_MS}
        parameters = {"after": self._after, "missing": list(self._missing), "limit": limit}
        rows = db.execute(NEW, parameters).all()
        for row in rows:
            self._note(row[0], now)
        return [StreamEvent(*row) for row in rows]

    def _note(self, number: int, now: int) -> None:
        if self._missing.pop(number, None) is None:
            self._missing |= dict.fromkeys(range(max(self._after + 1, number - GAP), number), now)
            self._after = number


def audience(db: Connection, post_id: int, account_ids: Collection[int], *, now: int) -> Audience:
    """Return which of these accounts are to hear of a post or boost."""
    parameters = {"the_post_id": post_id, "account_ids": list(account_ids), "now": now}
    rows = db.execute(AUDIENCE, parameters).all()
    timelines = {id: in_home for id, names_wanted, in_home in rows if names_wanted}
    return Audience(
        frozenset(row[0] for row in rows), frozenset(timelines), frozenset(id for id in timelines if timelines[id])
    )


def had_it(
    db: Connection,
    post_id: int,
    gone: Deletion,
    *,
    author_id: int,
    account_ids: Collection[int],
    list_ids: Collection[int],
) -> dict[int, Gone]:
    """Return who of these had a post that was deleted, and who its boosts, by the ids of all that are gone."""
    parameters = {
        "the_post_id": post_id,
        "post_ids": [post_id, *gone.boost_ids],
        "author_id": author_id,
        "merged": gone.merged,
        "account_ids": list(account_ids),
        "list_ids": list(list_ids),
    }
    gone_by_post = {id: Gone(set(), set()) for id in (post_id, *gone.boost_ids)}
    for id, gone_id, is_list in db.execute(HAD_IT, parameters):
        (gone_by_post[gone_id].list_ids if is_list else gone_by_post[gone_id].account_ids).add(id)
    return gone_by_post


def lists(db: Connection, post_id: int, list_ids: Collection[int]) -> dict[int, int]:
    """Return which of these lists have a post in their timeline, and whose each is."""
    rows = db.execute(LISTS, {"the_post_id": post_id, "list_ids": list(list_ids)}) if list_ids else ()
    return {row[0]: row[1] for row in rows}


def owns_list(db: Connection, list_id: int, account_id: int) -> bool:
    """Say whether a list is an account's own."""
    return db.scalar(OWN_LIST, {"list_id": list_id, "owner_id": account_id}) is not None


def standings(db: Connection, post_id: int, account_ids: Collection[int]) -> dict[frozenset[str], list[int]]:
    """Return these accounts by how they stand to a post: all in one list see it shown in the same way."""
    flags_by_account: dict[int, set[str]] = {account_id: set() for account_id in account_ids}
    for account_id, flag in db.execute(STANDINGS, {"the_post_id": post_id, "account_ids": list(account_ids)}):
        if account_id in flags_by_account:
            flags_by_account[account_id].add(flag)
    groups: dict[frozenset[str], list[int]] = {}
    for account_id, flags in flags_by_account.items():
        groups.setdefault(frozenset(flags), []).append(account_id)
    return groups


def cannot_see_quoted(db: Connection, post_id: int, account_ids: Collection[int]) -> frozenset[int]:
    """Return which of these accounts may not see what a post quotes."""
    parameters = {"the_post_id": post_id, "account_ids": list(account_ids)}
    return frozenset(db.scalars(CANNOT_SEE_QUOTED, parameters))


def filters(db: Connection, account_ids: Collection[int]) -> dict[int, int]:
    """Return the version of their filters for those of these accounts that have any."""
    return {row[0]: row[1] for row in db.execute(FILTERS, {"account_ids": list(account_ids)})}


def working(db: Connection, token_ids: Collection[int], *, now: int) -> set[int]:
    """Return which tokens of people still work."""
    return set(db.scalars(WORKING, {"token_ids": list(token_ids), "now": now}))


def lasting(db: Connection, session_ids: Collection[int], *, now: int) -> set[int]:
    """Return which sessions on the site last."""
    return set(db.scalars(LASTING, {"session_ids": list(session_ids), "now": now}))
