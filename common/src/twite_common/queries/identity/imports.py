"""What accounts have brought along from elsewhere, or are about to."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, Integer, Text, bindparam, func, select

from twite_common.sql.dialects import among
from twite_common.tables import import_, import_entry, imported_post

SHOWN = 20
TABLES = ("follows", "blocks", "mutes", "domain_blocks", "bookmarks", "lists")
"""What is imported from a table."""
POSTS = "posts"
KINDS = (*TABLES, POSTS)
WORKING = ("reading", "importing", "undoing")
"""States in which a task has something to do."""
OPEN = ("uploading", "ready", *WORKING)
"""States that keep an account from importing something else."""
NEW, THERE, BROUGHT, REMOVE, REMOVED, UNDONE = "new", "there", "brought", "remove", "removed", "undone"
"""What is or was to be done about an entry. Any other outcome says why it can't come."""
COMING = frozenset({NEW, THERE, BROUGHT, REMOVE, REMOVED, UNDONE})


class Import(msgspec.Struct, frozen=True):
    """An import; it was begun when its id says. `done` of `total` entries were dealt with, and `brought` came.

    `state` is uploading, reading, ready (for its owner's yes), importing, done, stopped, undoing, undone or failed;
    `mode` says whether it adds to what is there (merge) or stands for it (replace). `turn_at` is when it goes on at the
    earliest, in milliseconds.
    """

    id: int
    account_id: int
    kind: str
    source: str
    state: str
    mode: str
    done: int
    total: int
    brought: int
    error: str
    file: str | None
    bytes: int
    turn_at: int
    expires_at: int | None

    @property
    def is_open(self) -> bool:
        """Whether it keeps its owner from importing something else."""
        return self.state in OPEN

    @property
    def can_be_stopped(self) -> bool:
        """Whether it is under way."""
        return self.state == "importing"

    @property
    def can_be_undone(self) -> bool:
        """Whether there may be something to take back."""
        return self.state in {"done", "stopped"} or (self.state == "failed" and self.brought > 0)

    @property
    def can_be_removed(self) -> bool:
        """Whether nothing came of it so far."""
        failed = self.state == "failed" and not self.brought
        return failed or self.state in {"uploading", "reading", "ready", "undone"}

    @property
    def percent(self) -> int:
        """How far the work of its state is."""
        return min(99, 100 * self.done // self.total) if self.total else 0


class Entry(msgspec.Struct, frozen=True):
    """A line of an imported table, or a post that can't come. `detail` is JSON; `target_id` what it means here."""

    position: int
    subject: str
    detail: str
    target_id: int | None
    outcome: str


_COLUMNS = [import_.c[name] for name in Import.__struct_fields__]
_OWN = import_.c.account_id == bindparam("account_id", type_=BigInteger)
OF_ACCOUNT = select(*_COLUMNS).where(_OWN).order_by(import_.c.id.desc()).limit(SHOWN)
ONE = select(*_COLUMNS).where(_OWN, import_.c.id == bindparam("id", type_=BigInteger))
WAITING = (
    select(import_.c.id)
    .where(
        among(import_.c.state, "states"),
        import_.c.claimed_at.is_(None),
        import_.c.turn_at <= bindparam("now", type_=BigInteger),
    )
    .order_by(import_.c.turn_at, import_.c.id)
    .limit(bindparam("limit", type_=BigInteger))
)
_ENTRIES = import_entry.c.import_id == bindparam("import_id", type_=BigInteger)
_ENTRY = [import_entry.c[name] for name in Entry.__struct_fields__]
_AFTER = import_entry.c.position > bindparam("after", type_=Integer)
COUNTS = select(import_entry.c.outcome, func.count()).where(_ENTRIES).group_by(import_entry.c.outcome)
WITH_OUTCOME = (
    select(*_ENTRY)
    .where(_ENTRIES, import_entry.c.outcome == bindparam("outcome", type_=Text), _AFTER)
    .order_by(import_entry.c.position)
    .limit(bindparam("limit", type_=BigInteger))
)
LAST_WITH_OUTCOME = (
    select(*_ENTRY)
    .where(_ENTRIES, import_entry.c.outcome == bindparam("outcome", type_=Text))
    .order_by(import_entry.c.position.desc())
    .limit(1)
)
REFUSED = (
    select(*_ENTRY)
    .where(_ENTRIES, ~among(import_entry.c.outcome, "coming"), _AFTER)
    .order_by(import_entry.c.position)
    .limit(bindparam("limit", type_=BigInteger))
)
BROUGHT_POSTS = (
    select(imported_post.c.post_id)
    .where(imported_post.c.import_id == bindparam("import_id", type_=BigInteger))
    .order_by(imported_post.c.post_id.desc())
    .limit(bindparam("limit", type_=BigInteger))
)


def of_account(db: Connection, account_id: int) -> list[Import]:
    """Return an account's imports, the latest first."""
    return [Import(*row) for row in db.execute(OF_ACCOUNT, {"account_id": account_id})]


def get(db: Connection, import_id: int, *, account_id: int) -> Import | None:
    """Return an import, if it is the account's own."""
    row = db.execute(ONE, {"id": import_id, "account_id": account_id}).one_or_none()
    return Import(*row) if row else None


def waiting(db: Connection, *, now: int, limit: int = 1) -> list[int]:
    """Return the ids of imports with something to do, the longest waiting first."""
    return list(db.scalars(WAITING, {"states": list(WORKING), "now": now, "limit": limit}))


def counts(db: Connection, import_id: int) -> dict[str, int]:
    """Return how many entries of an import have each outcome."""
    return {row[0]: row[1] for row in db.execute(COUNTS, {"import_id": import_id})}


def entries(db: Connection, import_id: int, outcome: str, *, limit: int, after: int = -1) -> list[Entry]:
    """Return entries of an import with an outcome, in their order, after a position."""
    parameters = {"import_id": import_id, "outcome": outcome, "after": after, "limit": limit}
    return [Entry(*row) for row in db.execute(WITH_OUTCOME, parameters)]


def last_entry(db: Connection, import_id: int, outcome: str) -> Entry | None:
    """Return the last entry of an import with an outcome."""
    row = db.execute(LAST_WITH_OUTCOME, {"import_id": import_id, "outcome": outcome}).one_or_none()
    return Entry(*row) if row else None


def refused(db: Connection, import_id: int, *, limit: int, after: int = -1) -> list[Entry]:
    """Return entries of an import that can't come, in their order, after a position."""
    parameters = {"import_id": import_id, "coming": sorted(COMING), "after": after, "limit": limit}
    return [Entry(*row) for row in db.execute(REFUSED, parameters)]


def brought_posts(db: Connection, import_id: int, *, limit: int) -> Sequence[int]:
    """Return posts that an import brought, the latest first."""
    return db.scalars(BROUGHT_POSTS, {"import_id": import_id, "limit": limit}).all()
