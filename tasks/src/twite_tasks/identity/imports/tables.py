"""Reading an imported table, and bringing what it says, each line in a transaction of its own."""

import itertools
from collections.abc import Callable, Iterator

import msgspec

from twite_common import clock
from twite_common.database import Connection
from twite_common.queries.identity import archive_contents
from twite_common.queries.identity import imports as queries
from twite_common.queries.identity.archive_contents import Part
from twite_common.queries.identity.imports import (
    BROUGHT,
    NEW,
    REMOVE,
    REMOVED,
    THERE,
    UNDONE,
    Entry,
)
from twite_common.services.identity import import_tables, imports
from twite_common.services.identity.import_tables import Followed, Line, Listed, Muted
from twite_common.services.identity.imports import Claimed
from twite_common.sql.types import AnyRow
from twite_tasks.context import Context
from twite_tasks.identity.archives.addresses import Addresses, of_site
from twite_tasks.identity.imports import csv_files, files
from twite_tasks.identity.imports.turns import Turn

AT_ONCE = 200
Own = Callable[[Addresses, AnyRow], Line]


def _followed(_addresses: Addresses, row: AnyRow) -> Line:
    languages = tuple(one for one in (row.languages or "").split(",") if one)
    return Line(row.username, _json(Followed(row.boosts, row.notify, languages)))


OWN: dict[str, tuple[Part, Own]] = {
    "follows": (archive_contents.FOLLOWS, _followed),
    "blocks": (archive_contents.BLOCKS, lambda _addresses, row: Line(row.username)),
    "mutes": (
        archive_contents.MUTES,
        lambda _addresses, row: Line(row.username, _json(Muted(row.notifications))),
    ),
    "domain_blocks": (archive_contents.DOMAIN_BLOCKS, lambda _addresses, row: Line(row.domain)),
    "bookmarks": (
        archive_contents.BOOKMARKS,
        lambda addresses, row: Line(addresses.post(row.username, row.post_id)),
    ),
    "lists": (
        archive_contents.LIST_MEMBERS,
        lambda _addresses, row: Line(row.username, _json(Listed(row.title))),
    ),
}
"""What an account has of each kind, and how a table would say it."""


def read(context: Context, claimed: Claimed, turn: Turn) -> None:
    """Find out what the lines of a table mean here, and what isn't in it of what is there.

    However long that takes it isn't interrupted for others' turn: whoever reads on begins anew.
    """
    database, kind = context.database, claimed.found.kind
    with database.writing() as db:
        imports.start_anew(db, claimed)
    position, keys, titles = 0, set[object](), set[str]()
    with files.opened(context, claimed) as file:
        for lines in _batches(csv_files.lines(kind, file)):
            entries = _resolved(context, claimed, lines, position)
            titles.update(_title(kind, entry) for entry in entries)
            position += len(entries)
            _keep(context, claimed, [_once(kind, entry, keys) for entry in entries], position)
            turn.check_process()
    part, as_line = OWN[kind]
    rows = part.rows(database.reading, claimed.account_id, now=clock.now())
    for lines in _batches(as_line(of_site(context.settings), row) for row in rows):
        # What is there is what can be resolved: others have gone.
        there = [entry for entry in _resolved(context, claimed, lines, position) if entry.outcome == THERE]
        gone = [_removal(kind, entry, titles) for entry in there if _key(kind, entry) not in keys]
        placed = [msgspec.structs.replace(entry, position=place) for place, entry in enumerate(gone, position)]
        position += len(placed)
        _keep(context, claimed, placed, position)
        turn.check_process()
    with database.writing() as db:
        imports.be_ready(db, claimed, now=clock.now(), total=position)


def bring(context: Context, claimed: Claimed, turn: Turn) -> None:
    """Bring what a table says: first take away what it stands for, if it is to replace that."""
    done = claimed.found.done
    with context.database.reading() as db:
        counts = queries.counts(db, claimed.id)
    replaces = claimed.found.mode == "replace"
    total = done + counts.get(NEW, 0) + (counts.get(REMOVE, 0) if replaces else 0)
    while True:
        with context.database.writing() as db:
            [*removals] = queries.entries(db, claimed.id, REMOVE, limit=1) if replaces else []
            [*news] = queries.entries(db, claimed.id, NEW, limit=1) if not removals else []
            if not removals and not news:
                imports.finish(db, claimed, now=clock.now())
                return
            done += 1
            for entry in removals:
                imports.advance(db, claimed, done=done, total=total, brought=1)
                import_tables.take_back(db, claimed.found.kind, entry, account_id=claimed.account_id)
                imports.settle(db, claimed, entry, REMOVED)
            for entry in news:
                if not _bring(context, claimed, db, entry, done, total):
                    return
        turn.check()


def _bring(context: Context, claimed: Claimed, db: Connection, entry: Entry, done: int, total: int) -> bool:
    """Bring an entry; or else, when the site allows no more today, have the import go on tomorrow and return False."""
    now, kind, settings = clock.now(), claimed.found.kind, context.settings
    if kind == "follows" and not import_tables.may_follow(db, settings, account_id=claimed.account_id, now=now):
        imports.hand_back(db, claimed, turn_at=(now // clock.DAY + 1) * clock.DAY)
        return False
    came, reason, detail = import_tables.bring(db, settings, kind, entry, account_id=claimed.account_id, now=now)
    imports.settle(db, claimed, entry, BROUGHT if came else reason, detail=detail)
    imports.advance(db, claimed, done=done, total=total, brought=int(came))
    return True


def undo(context: Context, claimed: Claimed, turn: Turn) -> None:
    """Take back what a table brought, the last first, and give back what it took away."""
    done, total, kind = claimed.found.done, max(claimed.found.total, 1), claimed.found.kind
    while True:
        with context.database.writing() as db:
            brought = queries.last_entry(db, claimed.id, BROUGHT)
            removed = None if brought else queries.last_entry(db, claimed.id, REMOVED)
            entry = brought or removed
            if entry is None:
                imports.finish(db, claimed, now=clock.now())
                return
            done += 1
            imports.advance(db, claimed, done=done, total=max(total, done), brought=-1)
            if entry is brought:
                import_tables.take_back(db, kind, entry, account_id=claimed.account_id)
            else:
                import_tables.bring(db, context.settings, kind, entry, account_id=claimed.account_id, now=clock.now())
            imports.settle(db, claimed, entry, UNDONE)
        turn.check()


def _resolved(context: Context, claimed: Claimed, lines: list[Line], first: int) -> list[Entry]:
    with context.database.reading() as db:
        return import_tables.resolve(
            db,
            context.settings,
            claimed.found.kind,
            lines,
            account_id=claimed.account_id,
            now=clock.now(),
            first=first,
        )


def _keep(context: Context, claimed: Claimed, entries: list[Entry], done: int) -> None:
    with context.database.writing() as db:
        imports.advance(db, claimed, done=done)
        imports.add_entries(db, claimed, entries)


def _once(kind: str, entry: Entry, keys: set[object]) -> Entry:
    """Return an entry, as there already where another one says the same, and note what it says."""
    if entry.outcome not in {NEW, THERE}:
        return entry
    key = _key(kind, entry)
    repeated = key in keys
    keys.add(key)
    return msgspec.structs.replace(entry, outcome=THERE) if repeated else entry


def _key(kind: str, entry: Entry) -> object:
    if kind == "domain_blocks":
        return import_tables.domain_of(entry.subject)
    return (_title(kind, entry), entry.target_id) if kind == "lists" else entry.target_id


def _title(kind: str, entry: Entry) -> str:
    return msgspec.json.decode(entry.detail, type=Listed).list if kind == "lists" else ""


def _removal(kind: str, entry: Entry, titles: set[str]) -> Entry:
    """Return what is to be taken away if the table replaces what is there: a list goes that the table doesn't have."""
    title = _title(kind, entry)
    detail = _json(Listed(title, made=title not in titles)) if kind == "lists" else entry.detail
    return msgspec.structs.replace(entry, outcome=REMOVE, detail=detail)


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while some := list(itertools.islice(lines, AT_ONCE)):
        yield some


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()
