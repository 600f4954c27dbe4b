"""Imports: what somebody brings along from elsewhere, read by a task, and brought once they have seen what will come.

A row names its file before that is written, so that it goes with the row. The file goes as soon as it isn't needed, and
after a week at the latest. Whoever works at an import commits its place with what it has done, so that another goes on
there.
"""

import secrets
from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, Integer, bindparam, delete, insert, or_, select, update

from twite_common import clock, ids
from twite_common.database import dispatch
from twite_common.errors import Conflict, Invalid, NotFound
from twite_common.queries.identity import imports as queries
from twite_common.queries.identity.imports import COMING, KINDS, POSTS, WORKING, Entry, Import
from twite_common.services import locks
from twite_common.services.identity import security_events
from twite_common.services.posts import media
from twite_common.sql.dialects import among
from twite_common.tables import import_, import_entry
from twite_common.translations import gettext as _

TASK = "imports.work"
"""Name of the task that works at an import, given its id."""
MODES = ("merge", "replace")
CHANGING = ("importing", "undoing")
"""States in which an import changes what its account has."""
KEEP_MS = 7 * clock.DAY
UPLOAD_MS = 30 * clock.MINUTE
"""After this long without its file, an upload is taken for broken off."""
CLAIM_MS = 2 * clock.MINUTE
"""After this long without a word, whoever works at an import is taken for dead and somebody else goes on."""
MAX_FAILURES = 3
"""How often in a row work may end without having got further."""
AT_ONCE = 100
MAX_ARCHIVE_BYTES = 400 * 1024 * 1024
MAX_TABLE_BYTES = 8 * 1024 * 1024

_ID, _NOW = bindparam("import_id", type_=BigInteger), bindparam("now", type_=BigInteger)
_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
ADD = insert(import_)
CLAIM = (
    update(import_)
    .where(import_.c.id == _ID, among(import_.c.state, "states"), import_.c.claimed_at.is_(None))
    .values(claimed_at=_NOW, attempts=import_.c.attempts + 1, failures=import_.c.failures + 1)
)
CLAIMED = select(*[import_.c[name] for name in Import.__struct_fields__], import_.c.attempts, import_.c.failures).where(
    import_.c.id == _ID
)
# Whoever has lost a claim, because it took too long or the owner stopped it, changes nothing any more.
_MINE = update(import_).where(
    import_.c.id == _ID,
    import_.c.state == bindparam("in_state"),
    import_.c.claimed_at.is_not(None),
    import_.c.attempts == bindparam("attempt", type_=Integer),
)
_BEFORE, _AFTER = bindparam("before", type_=BigInteger), bindparam("after", type_=BigInteger)
# Nobody can have claimed one later than now, unless the machine's clock was set back.
RECOVER = (
    update(import_)
    .where(
        among(import_.c.state, "states"),
        import_.c.claimed_at.is_not(None),
        or_(import_.c.claimed_at < _BEFORE, import_.c.claimed_at > _AFTER),
    )
    .values(claimed_at=None)
)
# A clock that was set back would keep them waiting.
BRING_FORWARD = (
    update(import_)
    .where(among(import_.c.state, "states"), import_.c.turn_at > bindparam("latest", type_=BigInteger))
    .values(turn_at=bindparam("turn", type_=BigInteger))
)
# By its owner, from some states only.
CHANGE = update(import_).where(import_.c.id == _ID, import_.c.account_id == _ACCOUNT, among(import_.c.state, "states"))
DROP = delete(import_).where(import_.c.id == _ID, import_.c.account_id == _ACCOUNT)
OVER = (
    select(*[import_.c[name] for name in Import.__struct_fields__])
    .where(import_.c.expires_at <= _NOW)
    .order_by(import_.c.expires_at)
    .limit(AT_ONCE)
)
DROP_ENTRIES = delete(import_entry).where(import_entry.c.import_id == _ID)
ADD_ENTRY = insert(import_entry)
SETTLE = update(import_entry).where(
    import_entry.c.import_id == bindparam("of_import_id", type_=BigInteger),
    import_entry.c.position == bindparam("at", type_=Integer),
)
DROP_REFUSED = delete(import_entry).where(import_entry.c.import_id == _ID, ~among(import_entry.c.outcome, "coming"))


class TakenOver(Exception):
    """Somebody else works at the import by now, or its owner has stopped it."""


class Claimed(msgspec.Struct, frozen=True):
    """An import at which somebody works, and how often that was begun, also since it last got further."""

    found: Import
    attempts: int
    failures: int

    @property
    def id(self) -> int:
        """The import's id."""
        return self.found.id

    @property
    def account_id(self) -> int:
        """Whose it is."""
        return self.found.account_id


def check_size(kind: str, size: int) -> None:
    """Raise Invalid for a file that is empty or too large, or for something that can't be imported."""
    _check_kind(kind)
    limit = MAX_ARCHIVE_BYTES if kind == POSTS else MAX_TABLE_BYTES
    if not size:
        raise _invalid("file", "ERR_BLANK", _("The file is empty."))
    if size > limit:
        sentence = _("The file is too large: %(limit)s MB are allowed.", limit=limit // 1024 // 1024)
        raise _invalid("file", "ERR_TOO_LONG", sentence)


def begin(db: Connection, *, now: int, account_id: int, kind: str) -> tuple[int, str]:
    """Begin an import, and return its id and the name of its file, which is to be written now.

    Raises Invalid for something that can't be imported, Conflict while another import isn't finished.
    """
    _check_kind(kind)
    # Two that are begun at once find each other.
    locks.take(db, account_id)
    for other in queries.of_account(db, account_id):
        if other.state == "uploading" and ids.created_at(other.id) < now - UPLOAD_MS:
            _drop(db, other, now=now)
        elif other.is_open:
            raise Conflict(_("You have begun another import. Please finish, stop or remove it first."))
    id, file = ids.new(now), f"{secrets.token_hex(16)}.import"
    row = {"id": id, "account_id": account_id, "kind": kind, "file": file, "expires_at": now + KEEP_MS}
    db.execute(ADD, row)
    return id, file


def uploaded(db: Connection, *, now: int, account_id: int, import_id: int, size: int) -> None:
    """Have an import's file read, which is there by now. Raises NotFound when the import was removed meanwhile."""
    found = _own(db, account_id, import_id)
    security_events.record(db, "import_begun", now=now, account_id=account_id)
    _change(db, found, ("uploading",), now=now, state="reading", bytes=size)
    dispatch(db, TASK, import_id)


def confirm(db: Connection, *, now: int, account_id: int, import_id: int, mode: str) -> None:
    """Bring what an import's owner has seen that would come. Raises NotFound, or Conflict unless it is ready for that.

    Raises Invalid for another mode than those of `MODES`; posts never replace others.
    """
    found = _own(db, account_id, import_id)
    if mode not in MODES or (mode == "replace" and found.kind == POSTS):
        raise Invalid(_("Please choose whether to add or to replace."))
    _change(db, found, ("ready",), now=now, state="importing", mode=mode)
    dispatch(db, TASK, import_id)


def stop(db: Connection, *, now: int, account_id: int, import_id: int) -> None:
    """Bring no more. Raises NotFound, or Conflict unless it is under way."""
    found = _own(db, account_id, import_id)
    _end(db, found, now=now)


def stop_all(db: Connection, *, now: int, account_id: int) -> None:
    """Bring no more of anything, and take nothing more back: what is left of an import can be taken back later."""
    for found in queries.of_account(db, account_id):
        if found.state in CHANGING:
            _end(db, found, now=now, states=CHANGING)


def undo(db: Connection, *, now: int, account_id: int, import_id: int) -> None:
    """Take back whatever an import brought.

    Raises NotFound, or Conflict unless it has ended, or while another isn't finished.
    """
    locks.take(db, account_id)
    found = _own(db, account_id, import_id)
    if any(other.is_open for other in queries.of_account(db, account_id)):
        raise Conflict(_("You have begun another import. Please finish, stop or remove it first."))
    if not found.can_be_undone:
        raise _wrong_state()
    _change(db, found, (found.state,), now=now, state="undoing", total=found.brought)
    dispatch(db, TASK, import_id)


def remove(db: Connection, *, now: int, account_id: int, import_id: int) -> None:
    """Remove an import of which nothing came, or nothing is left. Raises NotFound, or Conflict for another."""
    found = _own(db, account_id, import_id)
    if not found.can_be_removed:
        raise _wrong_state()
    _drop(db, found, now=now)


def remove_over(db: Connection, *, now: int) -> None:
    """Remove what was kept for a week: files, imports of which nothing came, and what couldn't come of the others.

    What is under way ends.
    """
    for row in db.execute(OVER, {"now": now}).all():
        found = Import(*row)
        if found.can_be_removed:
            _drop(db, found, now=now)
        elif found.state == "importing":
            _end(db, found, now=now)
        else:
            _change(db, found, (found.state,), now=now, file=None, expires_at=None)
            db.execute(DROP_REFUSED, {"import_id": found.id, "coming": sorted(COMING)})
            _forget(db, found, now=now)


def claim(db: Connection, import_id: int, *, now: int) -> Claimed | None:
    """Take an import to work at it, once this transaction is committed; None when somebody else is at it."""
    if not db.execute(CLAIM, {"import_id": import_id, "now": now, "states": list(WORKING)}).rowcount:
        return None
    *row, attempts, failures = db.execute(CLAIMED, {"import_id": import_id}).one()
    return Claimed(Import(*row), attempts, failures)


def renew(db: Connection, claimed: Claimed, *, now: int) -> None:
    """Say that somebody is still at it."""
    db.execute(_MINE.values(claimed_at=now), _owner(claimed))


def advance(db: Connection, claimed: Claimed, *, done: int, total: int | None = None, brought: int = 0) -> None:
    """Keep how far it is, and how many entries came in this transaction.

    Raises TakenOver when somebody else is at it, or its owner has stopped it.
    """
    values: dict[str, object] = {"done": done, "failures": 0, "brought": import_.c.brought + brought}
    _settle(db, claimed, values if total is None else values | {"total": total})


def start_anew(db: Connection, claimed: Claimed) -> None:
    """Forget what was read so far. Raises TakenOver."""
    advance(db, claimed, done=0, total=0)
    db.execute(DROP_ENTRIES, {"import_id": claimed.id})


def add_entries(db: Connection, claimed: Claimed, entries: Collection[Entry]) -> None:
    """Write down what was found in an import."""
    if entries:
        db.execute(ADD_ENTRY, [{"import_id": claimed.id, **msgspec.structs.asdict(entry)} for entry in entries])


def settle(db: Connection, claimed: Claimed, entry: Entry, outcome: str, *, detail: str | None = None) -> None:
    """Write down what became of an entry."""
    values = {"outcome": outcome} if detail is None else {"outcome": outcome, "detail": detail}
    db.execute(SETTLE.values(values), {"of_import_id": claimed.id, "at": entry.position})


def be_ready(db: Connection, claimed: Claimed, *, now: int, total: int, source: str = "") -> None:
    """Record that an import was read, and waits for its owner's yes. A table's file isn't needed any more."""
    values: dict[str, object] = {"state": "ready", "claimed_at": None, "failures": 0, "done": 0, "total": total}
    keeps = claimed.found.kind == POSTS
    _settle(db, claimed, values | {"source": source} | ({} if keeps else {"file": None}))
    if not keeps:
        _forget(db, claimed.found, now=now)


def finish(db: Connection, claimed: Claimed, *, now: int) -> None:
    """Record that all was done. Raises TakenOver."""
    undone = claimed.found.state == "undoing"
    values: dict[str, object] = {"claimed_at": None, "failures": 0, "file": None, "expires_at": now + KEEP_MS}
    values |= {"state": "undone", "brought": 0} if undone else {"state": "done"}
    _settle(db, claimed, values)
    _forget(db, claimed.found, now=now)


def give_up(db: Connection, claimed: Claimed, reason: str, *, now: int) -> None:
    """Record that it can't go on, and why."""
    values = {"state": "failed", "claimed_at": None, "error": reason, "file": None, "expires_at": now + KEEP_MS}
    if db.execute(_MINE.values(values), _owner(claimed)).rowcount:
        _forget(db, claimed.found, now=now)


def hand_back(db: Connection, claimed: Claimed, *, turn_at: int, failed: bool = False) -> None:
    """Give an import back that goes on later, from a time on; `failed` says that it got no further."""
    values = {"claimed_at": None, "turn_at": turn_at} | ({} if failed else {"failures": 0})
    db.execute(_MINE.values(values), _owner(claimed))


def recover(db: Connection, *, now: int) -> None:
    """Have others go on with imports whose worker has died."""
    db.execute(BRING_FORWARD, {"states": list(WORKING), "latest": now + 2 * clock.DAY, "turn": now})
    db.execute(RECOVER, {"states": list(WORKING), "before": now - CLAIM_MS, "after": now + CLAIM_MS})


def _settle(db: Connection, claimed: Claimed, values: dict[str, object]) -> None:
    if not db.execute(_MINE.values(values), _owner(claimed)).rowcount:
        raise TakenOver


def _own(db: Connection, account_id: int, import_id: int) -> Import:
    found = queries.get(db, import_id, account_id=account_id)
    if found is None:
        raise NotFound(_("There is no such import."))
    return found


def _change(db: Connection, found: Import, states: Sequence[str], *, now: int, **values: object) -> None:
    target = {"import_id": found.id, "of_account_id": found.account_id, "states": list(states)}
    changes = {"turn_at": now, "done": 0, "failures": 0} if values.get("state") in WORKING else {}
    if not db.execute(CHANGE.values(changes | values), target).rowcount:
        raise _wrong_state()


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise _invalid("kind", "ERR_INCLUSION", _("Please choose what the file has."))


def _invalid(field: str, code: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: [(code, sentence)]})


def _wrong_state() -> Conflict:
    return Conflict(_("The import has gone on meanwhile. Please look at it again."))


def _end(db: Connection, found: Import, *, now: int, states: Sequence[str] = ("importing",)) -> None:
    values = {"state": "stopped", "claimed_at": None, "file": None, "expires_at": now + KEEP_MS}
    _change(db, found, states, now=now, **values)
    _forget(db, found, now=now)


def _drop(db: Connection, found: Import, *, now: int) -> None:
    db.execute(DROP, {"import_id": found.id, "of_account_id": found.account_id})
    _forget(db, found, now=now)


def _forget(db: Connection, found: Import, *, now: int) -> None:
    if found.file is not None:
        media.forget_files(db, [], now=now, archives=[found.file])


def _owner(claimed: Claimed) -> dict[str, object]:
    return {"import_id": claimed.id, "in_state": claimed.found.state, "attempt": claimed.attempts}
