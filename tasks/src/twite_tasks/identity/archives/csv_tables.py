"""What of an account fits into tables: those that Mastodon imports in its forms, others in their own."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from twite_common import clock, ids
from twite_common.csv_cells import harmless
from twite_common.queries.identity import archive_contents
from twite_common.queries.identity.archive_contents import Part, Reading
from twite_common.queries.notifications.webhooks import origin
from twite_common.sql.types import AnyRow
from twite_tasks.identity.archives.addresses import Addresses

Line = Sequence[object]
LINES_AT_ONCE = 200


class Table(msgspec.Struct, frozen=True):
    """A file: its first line, empty for none, what is in it, and how a line is made of a row."""

    name: str
    header: tuple[str, ...]
    part: Part
    line: Callable[[Addresses, AnyRow], Line]


def _name(addresses: Addresses, row: AnyRow) -> Line:
    return (addresses.name(row.username),)


def _post(addresses: Addresses, row: AnyRow) -> Line:
    return (addresses.post(row.username, row.post_id),)


def _follow(addresses: Addresses, row: AnyRow) -> Line:
    languages = ", ".join((row.languages or "").strip(",").split(","))
    return addresses.name(row.username), _flag(row.boosts), _flag(row.notify), languages


def _vote(addresses: Addresses, row: AnyRow) -> Line:
    titles = [title for title, _votes in msgspec.json.decode(row.options, type=list[tuple[str, int]])]
    choices = msgspec.json.decode(row.choices, type=list[int])
    return addresses.post(row.username, row.post_id), *(harmless(titles[choice]) for choice in choices)


def _webhook(_addresses: Addresses, row: AnyRow) -> Line:
    return origin(row.url), ", ".join(msgspec.json.decode(row.events, type=list[str])), row.state


def _event(_addresses: Addresses, row: AnyRow) -> Line:
    return _time(ids.created_at(row.id)), row.kind, row.network, *map(harmless, (row.browser, row.detail))


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _membership(addresses: Addresses, row: AnyRow) -> Line:
    """Return a member or an account that one acts for; an invitation is since no time."""
    return addresses.name(row.username), row.role, _time(row.accepted_at) if row.accepted_at is not None else ""


def _time(at: int) -> str:
    return clock.as_datetime(at).isoformat(timespec="seconds")


TABLES = (
    Table(
        "following_accounts.csv",
        ("Account address", "Show boosts", "Notify on new posts", "Languages"),
        archive_contents.FOLLOWS,
        _follow,
    ),
    Table("blocked_accounts.csv", (), archive_contents.BLOCKS, _name),
    Table(
        "muted_accounts.csv",
        ("Account address", "Hide notifications"),
        archive_contents.MUTES,
        lambda addresses, row: (addresses.name(row.username), _flag(row.notifications)),
    ),
    Table("blocked_domains.csv", (), archive_contents.DOMAIN_BLOCKS, lambda _addresses, row: (row.domain,)),
    Table(
        "lists.csv",
        (),
        archive_contents.LIST_MEMBERS,
        lambda addresses, row: (row.title, addresses.name(row.username)),
    ),
    Table("bookmarks.csv", (), archive_contents.BOOKMARKS, _post),
    Table(
        "bookmark_folders.csv",
        ("Folder", "Post"),
        archive_contents.BOOKMARKS_IN_FOLDERS,
        lambda addresses, row: (row.name, *_post(addresses, row)),
    ),
    Table("followers.csv", ("Account address",), archive_contents.FOLLOWERS, _name),
    Table("featured_accounts.csv", ("Account address",), archive_contents.ENDORSEMENTS, _name),
    Table(
        "notes.csv",
        ("Account address", "Note"),
        archive_contents.NOTES,
        lambda addresses, row: (addresses.name(row.username), harmless(row.text)),
    ),
    Table("pinned_posts.csv", ("Post",), archive_contents.PINS, _post),
    Table("votes.csv", ("Post", "Chosen"), archive_contents.VOTES, _vote),
    Table("followed_hashtags.csv", ("Hashtag",), archive_contents.FOLLOWED_TAGS, lambda _addresses, row: (row.name,)),
    Table("featured_hashtags.csv", ("Hashtag",), archive_contents.FEATURED_TAGS, lambda _addresses, row: (row.name,)),
    Table("other_accounts.csv", ("Account address",), archive_contents.ALIASES, lambda _addresses, row: (row.address,)),
    Table("webhooks.csv", ("Address", "Events", "State"), archive_contents.WEBHOOKS, _webhook),
    Table("members.csv", ("Account address", "Role", "Since"), archive_contents.MEMBERS, _membership),
    Table("memberships.csv", ("Account address", "Role", "Since"), archive_contents.MEMBERSHIPS, _membership),
    Table(
        "security.csv",
        ("Time", "What", "Network", "Browser", "Detail"),
        archive_contents.SECURITY_EVENTS,
        _event,
    ),
)


def written(table: Table, reading: Reading, addresses: Addresses, account_id: int, *, now: int) -> Iterator[bytes]:
    """Give a table as CSV, part by part."""
    lines = (table.line(addresses, row) for row in table.part.rows(reading, account_id, now=now))
    return encoded(table.header, lines)


def statistics(days: Sequence[dict[str, object]]) -> Iterator[bytes]:
    """Give what an account wrote and received on each day."""
    header = tuple(days[0]) if days else ("day",)
    return encoded(header, (list(day.values()) for day in days))


def encoded(header: Sequence[str], lines: Iterable[Line]) -> Iterator[bytes]:
    """Give lines as CSV (RFC 4180), some at once."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    if header:
        writer.writerow(header)
    for number, line in enumerate(lines, 1):
        writer.writerow(line)
        if number % LINES_AT_ONCE == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()
