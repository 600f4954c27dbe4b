"""What is in an imported table: finding out what its lines mean here, and bringing and taking back what they say.

Names are those of this site, with or without its domain, former ones too. There are no other servers here, so nobody
else can come.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import BigInteger, Connection, Executable, bindparam, select, union_all

from twite_common import clock, text
from twite_common.errors import Invalid, NotAllowed, NotFound, TwiteError
from twite_common.queries.identity.imports import NEW, THERE, Entry
from twite_common.queries.posts import posts as post_queries
from twite_common.queries.timelines import lists as list_queries
from twite_common.queries.usernames import ids_by_username, username_key
from twite_common.services import rate_counts
from twite_common.services.accounts import blocks, domain_blocks, follows
from twite_common.services.posts import bookmarks
from twite_common.services.rate_counts import Counted
from twite_common.services.timelines import lists
from twite_common.services.timelines.lists import ListChanges
from twite_common.services.validators import checked_domain
from twite_common.settings import Settings
from twite_common.sql.dialects import among
from twite_common.tables import account_domain_block, block, follow, follow_request, list_, list_member, mute
from twite_common.visibility import VIEWER

ELSEWHERE, UNKNOWN, SELF, BLOCKED, INVALID = "elsewhere", "unknown", "self", "blocked", "invalid"
NO_POST, NOT_FOLLOWED, TOO_MANY = "no_post", "not_followed", "too_many"
"""Why a line can't come."""

_IDS = "ids"
HAVING: dict[str, Executable] = {
    "follows": union_all(
        select(follow.c.followee_id).where(follow.c.follower_id == VIEWER, among(follow.c.followee_id, _IDS)),
        select(follow_request.c.followee_id).where(
            follow_request.c.follower_id == VIEWER, among(follow_request.c.followee_id, _IDS)
        ),
    ),
    "blocks": select(block.c.blocked_id).where(block.c.account_id == VIEWER, among(block.c.blocked_id, _IDS)),
    "mutes": select(mute.c.muted_id).where(mute.c.account_id == VIEWER, among(mute.c.muted_id, _IDS)),
}
"""Whom of some the account has followed, blocked or muted."""
BLOCKS = union_all(
    select(block.c.blocked_id).where(block.c.account_id == VIEWER, among(block.c.blocked_id, _IDS)),
    select(block.c.account_id).where(block.c.blocked_id == VIEWER, among(block.c.account_id, _IDS)),
)
DOMAINS = select(account_domain_block.c.domain).where(
    account_domain_block.c.account_id == VIEWER, among(account_domain_block.c.domain, "domains")
)
LISTED = (
    select(list_.c.title, list_member.c.account_id)
    .join(list_member, list_member.c.list_id == list_.c.id)
    .where(list_.c.account_id == VIEWER, among(list_member.c.account_id, _IDS))
)
MEMBER = (
    select(list_member.c.account_id).where(list_member.c.list_id == bindparam("the_list_id", type_=BigInteger)).limit(1)
)
_NAME = re.compile(r"@?([A-Za-z0-9_]+)(?:@([^@\s/]+))?")
_POST = re.compile(r"/(?:@[^/]+|users/[^/]+/statuses)/(\d+)")


class Line(msgspec.Struct, frozen=True):
    """A line of a table: whom or what it names, and what it says of that, as JSON."""

    subject: str
    detail: str = ""


class Followed(msgspec.Struct, frozen=True):
    """How somebody is followed, as a line says."""

    boosts: bool = True
    notify: bool = False
    languages: tuple[str, ...] = ()


class Muted(msgspec.Struct, frozen=True):
    """How somebody is muted."""

    notifications: bool = True


class Listed(msgspec.Struct, frozen=True):
    """On which list somebody is; `made` says that the import made it."""

    list: str
    made: bool = False


def resolve(
    db: Connection, settings: Settings, kind: str, lines: Sequence[Line], *, account_id: int, now: int, first: int
) -> list[Entry]:
    """Return what lines of a table mean here; their positions begin with `first`."""
    if kind == "domain_blocks":
        found = _domains(db, lines, account_id)
    elif kind == "bookmarks":
        found = _posts(db, settings, lines, account_id, now)
    else:
        found = _people(db, settings, kind, lines, account_id)
    return [
        Entry(position, line.subject, line.detail, target_id, outcome)
        for position, (line, (target_id, outcome)) in enumerate(zip(lines, found, strict=True), first)
    ]


def bring(
    db: Connection, settings: Settings, kind: str, entry: Entry, *, account_id: int, now: int
) -> tuple[bool, str, str]:
    """Do what an entry says; return whether that changed anything, otherwise why not, and what is to be kept of it."""
    if kind != "domain_blocks" and entry.target_id is None:
        return False, INVALID, entry.detail
    # Somebody may have done it meanwhile.
    [now_found] = resolve(
        db, settings, kind, [Line(entry.subject, entry.detail)], account_id=account_id, now=now, first=entry.position
    )
    if now_found.outcome != NEW:
        return False, now_found.outcome, entry.detail
    try:
        detail = _bring(db, kind, entry, now_found.target_id or 0, account_id, now)
    except TwiteError as error:
        return False, _reason(error), entry.detail
    return True, "", detail


def take_back(db: Connection, kind: str, entry: Entry, *, account_id: int) -> None:
    """Undo what an entry says; where it isn't so nothing changes."""
    target_id = entry.target_id or 0
    try:
        if kind == "follows":
            follows.unfollow_account(db, follower_id=account_id, followee_id=target_id)
        elif kind == "blocks":
            blocks.unblock_account(db, account_id=account_id, blocked_id=target_id)
        elif kind == "mutes":
            blocks.unmute_account(db, account_id=account_id, muted_id=target_id)
        elif kind == "domain_blocks":
            domain_blocks.unblock_domain(db, account_id=account_id, domain=entry.subject)
        elif kind == "bookmarks":
            bookmarks.unbookmark_post(db, account_id=account_id, post_id=target_id)
        else:
            _unlist(db, entry, target_id, account_id)
    except (NotFound, NotAllowed):
        # The account or post has gone meanwhile, and what is to be undone with it.
        return


def may_follow(db: Connection, settings: Settings, *, account_id: int, now: int) -> bool:
    """Count one more follow towards what the site allows in a day, and say whether it is within that."""
    limit = settings.limit("limit_follows")
    number = now // clock.DAY
    name = rate_counts.subject("follows", account_id, number)
    return not limit or rate_counts.add(db, [Counted(name, (number + 1) * clock.DAY, 1)])[name] <= limit


def _bring(db: Connection, kind: str, entry: Entry, target_id: int, account_id: int, now: int) -> str:
    """Do what an entry says, and return what is to be kept of it."""
    if kind == "follows":
        how = msgspec.json.decode(entry.detail or "{}", type=Followed)
        options = follows.Options(boosts=how.boosts, notify=how.notify, languages=how.languages or None)
        follows.follow_account(db, now=now, follower_id=account_id, followee_id=target_id, options=options)
    elif kind == "blocks":
        blocks.block_account(db, now=now, account_id=account_id, blocked_id=target_id)
    elif kind == "mutes":
        muted = msgspec.json.decode(entry.detail or "{}", type=Muted)
        blocks.mute_account(db, now=now, account_id=account_id, muted_id=target_id, notifications=muted.notifications)
    elif kind == "domain_blocks":
        domain_blocks.block_domain(db, now=now, account_id=account_id, domain=entry.subject)
    elif kind == "bookmarks":
        bookmarks.bookmark_post(db, now=now, account_id=account_id, post_id=target_id)
    else:
        return _list(db, entry, target_id, account_id, now)
    return entry.detail


def _list(db: Connection, entry: Entry, member_id: int, account_id: int, now: int) -> str:
    listed = msgspec.json.decode(entry.detail, type=Listed)
    list_id = _list_named(db, listed.list, account_id)
    made = list_id is None
    if list_id is None:
        list_id = lists.add(db, now=now, account_id=account_id, changes=ListChanges(title=listed.list))
    lists.add_members(db, now=now, account_id=account_id, list_id=list_id, member_ids=[member_id])
    return msgspec.json.encode(Listed(listed.list, made or listed.made)).decode()


def _unlist(db: Connection, entry: Entry, member_id: int, account_id: int) -> None:
    """Take somebody off a list; one goes that the import made, or that it replaces, when nobody is left on it."""
    listed = msgspec.json.decode(entry.detail, type=Listed)
    list_id = _list_named(db, listed.list, account_id)
    if list_id is None:
        return
    lists.remove_members(db, account_id=account_id, list_id=list_id, member_ids=[member_id])
    if listed.made and db.scalar(MEMBER, {"the_list_id": list_id}) is None:
        lists.remove(db, account_id=account_id, list_id=list_id)


def _list_named(db: Connection, title: str, account_id: int) -> int | None:
    return next((one.id for one in list_queries.of_account(db, account_id) if one.title == title), None)


def _reason(error: TwiteError) -> str:
    if isinstance(error, NotAllowed):
        return BLOCKED
    return UNKNOWN if isinstance(error, NotFound) else TOO_MANY if isinstance(error, Invalid) else INVALID


def _people(
    db: Connection, settings: Settings, kind: str, lines: Sequence[Line], account_id: int
) -> list[tuple[int | None, str]]:
    parsed = [_username(line.subject, settings) for line in lines]
    accounts = ids_by_username(db, {name for name, _refusal in parsed if name})
    targets = [accounts[known][0] if (known := username_key(name)) in accounts else None for name, _refusal in parsed]
    present = {target for target in targets if target is not None}
    parameters = {"viewer_id": account_id, _IDS: sorted(present)}
    having = _having(db, kind, parameters) if present else set()
    blocked = set(db.scalars(BLOCKS, parameters)) if kind == "follows" and present else set()
    followed = set(db.scalars(HAVING["follows"], parameters)) | {account_id} if kind == "lists" and present else present
    found: list[tuple[int | None, str]] = []
    for line, (name, refusal), target in zip(lines, parsed, targets, strict=True):
        key: object = (_title(line), target) if kind == "lists" else target
        if not name:
            found.append((None, refusal))
        elif target is None:
            found.append((None, UNKNOWN))
        elif target == account_id and kind != "lists":
            found.append((None, SELF))
        elif key in having:
            found.append((target, THERE))
        elif target in blocked:
            found.append((None, BLOCKED))
        elif kind == "lists" and not 0 < len(_title(line)) <= lists.MAX_TITLE_LENGTH:
            found.append((None, INVALID))
        else:
            found.append((target, NEW) if target in followed else (None, NOT_FOLLOWED))
    return found


def _having(db: Connection, kind: str, parameters: Mapping[str, object]) -> Collection[object]:
    if kind == "lists":
        return {(title, member_id) for title, member_id in db.execute(LISTED, dict(parameters))}
    return set(db.scalars(HAVING[kind], dict(parameters)))


def _title(line: Line) -> str:
    return msgspec.json.decode(line.detail, type=Listed).list


def _username(subject: str, settings: Settings) -> tuple[str, str]:
    """Return the name on this site that a text means, or why it means none."""
    match = _NAME.fullmatch(subject)
    if match is None:
        return "", INVALID
    name, domain = match[1], (match[2] or "").lower()
    here = {"", settings.domain.lower(), *(host.lower() for host in settings.hosts)}
    return (name, "") if domain in here else ("", ELSEWHERE)


def _domains(db: Connection, lines: Sequence[Line], account_id: int) -> list[tuple[int | None, str]]:
    names = [domain_of(line.subject) for line in lines]
    parameters = {"viewer_id": account_id, "domains": [name for name in names if name]}
    there = set(db.scalars(DOMAINS, parameters))
    return [(None, INVALID if not name else THERE if name in there else NEW) for name in names]


def domain_of(subject: str) -> str:
    """Return the server that a line names, in the form in which it is kept; empty where it names none."""
    try:
        return checked_domain(subject)
    except Invalid:
        return ""


def _posts(
    db: Connection, settings: Settings, lines: Sequence[Line], account_id: int, now: int
) -> list[tuple[int | None, str]]:
    ids_found = [_post_id(line.subject, settings) for line in lines]
    posts = post_queries.load(db, {id for id in ids_found if id is not None}, viewer_id=account_id, now=now)
    found: list[tuple[int | None, str]] = []
    for line, id in zip(lines, ids_found, strict=True):
        if id is None:
            here = urlsplit(line.subject).netloc.lower() == settings.domain.lower()
            found.append((None, INVALID if here or not line.subject.startswith("http") else ELSEWHERE))
        elif id not in posts or posts[id].boost_of_id is not None:
            found.append((None, NO_POST))
        else:
            found.append((id, THERE if posts[id].bookmarked else NEW))
    return found


def _post_id(subject: str, settings: Settings) -> int | None:
    base = settings.base_url.rstrip("/")
    if not subject.startswith(base + "/"):
        return None
    match = _POST.fullmatch(subject.removeprefix(base))
    return int(match[1]) if match and len(match[1]) <= len(str(2**63)) - 1 else None


def cleaned(subject: str) -> str:
    """Return what a table names as it is kept: on one line, without what no database takes, and not too long."""
    return text.plain_excerpt(text.storable(subject), 500)
