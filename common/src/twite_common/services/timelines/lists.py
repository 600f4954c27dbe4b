"""Creating lists of accounts, and changing their members."""

from collections.abc import Collection

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import BigInteger, Connection, bindparam, delete, func, insert, select, update

from twite_common import ids, text
from twite_common.errors import Invalid, NotFound
from twite_common.queries.timelines import lists as queries
from twite_common.services import locks
from twite_common.services.timelines import timelines
from twite_common.sql.dialects import among
from twite_common.tables import follow, follow_request, list_, list_member, list_timeline
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

MAX_COUNT = 50
MAX_TITLE_LENGTH = 256
POLICIES = ("followed", "list", "none")


class ListChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is to be; what is left out stays."""

    title: str | UnsetType = UNSET
    replies_policy: str | UnsetType = UNSET
    exclusive: bool | UnsetType = UNSET


_ID = bindparam("the_list_id", type_=BigInteger)
_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
ADD = insert(list_)
COUNT = select(func.count()).where(list_.c.account_id == _ACCOUNT)
CHANGE = update(list_).where(list_.c.id == _ID)
DROP = delete(list_).where(list_.c.id == _ID, list_.c.account_id == _ACCOUNT)
DROP_TIMELINE = delete(list_timeline).where(list_timeline.c.list_id == _ID)
MEMBERS = select(list_member.c.account_id).where(list_member.c.list_id == _ID)
ADD_MEMBER = insert(list_member)
DROP_MEMBERS = delete(list_member).where(list_member.c.list_id == _ID, among(list_member.c.account_id, "member_ids"))
FOLLOWED = select(follow.c.followee_id).where(
    follow.c.follower_id == _ACCOUNT, among(follow.c.followee_id, "member_ids")
)
ASKED = select(follow_request.c.followee_id).where(
    follow_request.c.follower_id == _ACCOUNT, among(follow_request.c.followee_id, "member_ids")
)
DROP_MEMBER = delete(list_member).where(
    among(list_member.c.list_id, "list_ids"), list_member.c.account_id == bindparam("member_id", type_=BigInteger)
)
LISTS_WITH = (
    select(list_.c.id)
    .join(list_member, list_member.c.list_id == list_.c.id)
    .where(list_.c.account_id == _ACCOUNT, list_member.c.account_id == bindparam("member_id", type_=BigInteger))
)


def add(db: Connection, *, now: int, account_id: int, changes: ListChanges) -> int:
    """Make a list and return its id. Raises Invalid without a title, for an unknown policy, and beyond 50 lists."""
    columns = _columns(changes)
    if "title" not in columns:
        raise Invalid(_("Validation failed: Title can't be blank"))
    locks.take(db, account_id)
    if db.scalars(COUNT, {"of_account_id": account_id}).one() >= MAX_COUNT:
        raise Invalid(
            ngettext(
                "Validation failed: You have reached the maximum of %(count)s list",
                "Validation failed: You have reached the maximum of %(count)s lists",
                MAX_COUNT,
            )
        )
    id = ids.new(now)
    db.execute(ADD, {"id": id, "account_id": account_id, **columns})
    return id


def change(db: Connection, *, account_id: int, list_id: int, changes: ListChanges) -> None:
    """Change a list. Raises NotFound unless it is the account's own, Invalid for what breaks a rule."""
    own_list = _own(db, account_id, list_id)
    columns = _columns(changes)
    if columns:
        db.execute(CHANGE.values(columns), {"the_list_id": list_id})
    if changes.exclusive is not UNSET and changes.exclusive != own_list.exclusive:
        _place(db, account_id, db.scalars(MEMBERS, {"the_list_id": list_id}).all(), at_home=not changes.exclusive)


def remove(db: Connection, *, account_id: int, list_id: int) -> None:
    """Remove a list. Raises NotFound unless it is the account's own."""
    own_list = _own(db, account_id, list_id)
    members = db.scalars(MEMBERS, {"the_list_id": list_id}).all()
    db.execute(DROP_TIMELINE, {"the_list_id": list_id})
    db.execute(DROP, {"the_list_id": list_id, "of_account_id": account_id})
    if own_list.exclusive:
        _place(db, account_id, members, at_home=True)


def add_members(db: Connection, *, now: int, account_id: int, list_id: int, member_ids: Collection[int]) -> None:
    """Put accounts on a list, with their latest posts.

    Raises NotFound unless the list is the account's own and each is itself or somebody it follows or has asked to,
    Invalid for somebody who is on the list already.
    """
    own_list = _own(db, account_id, list_id)
    unique_ids = list(dict.fromkeys(member_ids))
    parameters = {"of_account_id": account_id, "member_ids": unique_ids}
    allowed = {account_id, *db.scalars(FOLLOWED, parameters), *db.scalars(ASKED, parameters)}
    if not set(unique_ids) <= allowed:
        raise NotFound(_("You can only add people you follow to a list."))
    if set(unique_ids) & set(db.scalars(MEMBERS, {"the_list_id": list_id})):
        raise Invalid(_("Validation failed: Account has already been taken"))
    for id in unique_ids:
        db.execute(ADD_MEMBER, {"list_id": list_id, "account_id": id, "id": ids.new(now)})
        timelines.fill_list(db, list_id=list_id, member_id=id)
    if own_list.exclusive:
        _place(db, account_id, unique_ids, at_home=False)


def remove_members(db: Connection, *, account_id: int, list_id: int, member_ids: Collection[int]) -> None:
    """Take accounts off a list, with their posts. Raises NotFound unless the list is the account's own."""
    own_list = _own(db, account_id, list_id)
    listed_ids = set(member_ids).intersection(db.scalars(MEMBERS, {"the_list_id": list_id}))
    _take_off(db, list_id, listed_ids)
    if own_list.exclusive:
        _place(db, account_id, listed_ids, at_home=True)


def forget(db: Connection, *, account_id: int, member_id: int) -> None:
    """Take somebody off all of an account's lists, as when it no longer follows them."""
    list_ids = db.scalars(LISTS_WITH, {"of_account_id": account_id, "member_id": member_id}).all()
    if list_ids:
        db.execute(DROP_MEMBER, {"list_ids": list(list_ids), "member_id": member_id})
        timelines.empty_lists(db, list_ids=list_ids, member_id=member_id)


def _take_off(db: Connection, list_id: int, member_ids: Collection[int]) -> None:
    db.execute(DROP_MEMBERS, {"the_list_id": list_id, "member_ids": list(member_ids)})
    for id in member_ids:
        timelines.empty_list(db, list_id=list_id, member_id=id)


def _place(db: Connection, account_id: int, member_ids: Collection[int], *, at_home: bool) -> None:
    """Put members' posts into the home timeline of a list's owner, or take them out."""
    for id in member_ids:
        if at_home:
            timelines.fill_in(db, follower_id=account_id, followee_id=id)
        elif id != account_id:
            timelines.take_out(db, follower_id=account_id, followee_id=id)


def _own(db: Connection, account_id: int, list_id: int) -> queries.List:
    own_list = queries.get(db, list_id, account_id=account_id)
    if own_list is None:
        raise NotFound(_("There is no such list."))
    return own_list


def _columns(changes: ListChanges) -> dict[str, object]:
    columns: dict[str, object] = {}
    if changes.title is not UNSET:
        title = text.clean_line(changes.title)
        if not title:
            raise Invalid(_("Validation failed: Title can't be blank"))
        if len(title) > MAX_TITLE_LENGTH:
            raise Invalid(
                ngettext(
                    "Validation failed: Title is too long (maximum is %(count)s character)",
                    "Validation failed: Title is too long (maximum is %(count)s characters)",
                    MAX_TITLE_LENGTH,
                )
            )
        columns["title"] = title
    if changes.replies_policy is not UNSET:
        if changes.replies_policy not in POLICIES:
            raise Invalid(_("Validation failed: The replies policy must be followed, list or none"))
        columns["replies_policy"] = changes.replies_policy
    if changes.exclusive is not UNSET:
        columns["exclusive"] = changes.exclusive
    return columns
