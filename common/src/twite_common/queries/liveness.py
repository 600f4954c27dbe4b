"""Whether the site's processes are alive and get on with what there is to do; what an operator is told of that."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, select

from twite_common import clock, ids
from twite_common.tables import event, heartbeat, job, mail, notification, post

SILENT_MS = clock.MINUTE
"""A process that wasn't seen for longer than this is dead, or stuck."""
WAITED_MS = 5 * clock.MINUTE
"""What waits for its first try for longer than this isn't just waiting its turn."""
PARTS = {"web": "web process", "worker": "worker", "clock": "clock"}


class Seen(msgspec.Struct, frozen=True):
    """A kind of process (web, worker or clock), and when one of it was last seen, in milliseconds."""

    kind: str
    seen_at: int


class Overdue(msgspec.Struct, frozen=True):
    """A periodic job that should have done its work by now, and when it last did."""

    name: str
    succeeded_at: int | None
    error: str


class Liveness(msgspec.Struct, frozen=True):
    """How the site's processes and its work stand. Times are milliseconds; None where nothing waits.

    `running` says whether the site is meant to run: a process that ends in order takes its leave. For the first minute
    it is `starting`: not all may be there, and what waited meanwhile isn't done yet.
    """

    running: bool
    starting: bool
    seen: list[Seen]
    oldest_event_at: int | None
    oldest_mail_due_at: int | None
    overdue: list[Overdue]
    newest_id_at: int | None
    problems: list[str] = []


PROCESSES = select(heartbeat.c.kind, heartbeat.c.started_at, heartbeat.c.seen_at).order_by(heartbeat.c.kind)
OLDEST_EVENT = select(func.min(event.c.id)).where(event.c.parked_at.is_(None), event.c.attempts == 0)
OLDEST_MAIL = select(func.min(mail.c.due_at)).where(mail.c.state == "due")
JOBS = select(job.c.name, job.c.succeeded_at, job.c.error, job.c.every_ms).order_by(job.c.name)
NEWEST = [select(func.max(one.c.id)) for one in (post, notification, event)]


def read(db: Connection, *, now: int) -> Liveness:
    """Return how things stand, and what is wrong with that."""
    processes = db.execute(PROCESSES).all()
    at_work = [one for one in processes if abs(now - one.seen_at) <= SILENT_MS]
    last = {one.kind: max(other.seen_at for other in processes if other.kind == one.kind) for one in processes}
    event_id = db.scalar(OLDEST_EVENT)
    mail_due_at = db.scalar(OLDEST_MAIL)
    newest = [id for id in (db.scalar(statement) for statement in NEWEST) if id is not None]
    found = Liveness(
        running=any(one.kind != "clock" for one in processes),
        starting=bool(at_work) and all(now - one.started_at <= SILENT_MS for one in at_work),
        seen=[Seen(kind, seen_at) for kind, seen_at in last.items()],
        oldest_event_at=None if event_id is None else ids.created_at(event_id),
        oldest_mail_due_at=mail_due_at if mail_due_at is not None and mail_due_at <= now else None,
        overdue=[Overdue(*row[:3]) for row in db.execute(JOBS) if _overdue(row, now)],
        newest_id_at=max(map(ids.created_at, newest), default=None),
    )
    return msgspec.structs.replace(found, problems=_problems(found, now))


def described(found: Liveness, now: int) -> list[str]:
    """Return a line about each thing, for people."""
    seen = {one.kind: one.seen_at for one in found.seen}
    return [
        *[f"{name.capitalize()}: {_last_seen(seen.get(kind), now)}" for kind, name in PARTS.items()],
        f"Oldest task that waits: {_age(found.oldest_event_at, now)}",
        f"Oldest mail that is due: {_age(found.oldest_mail_due_at, now)}",
        f"Periodic jobs that are overdue: {', '.join(one.name for one in found.overdue) or 'none'}",
    ]


def _overdue(row: Row[*tuple[Any, ...]], now: int) -> bool:
    """Say whether a job has missed several of its times; one that has never done its work, whether it failed."""
    if row.every_ms is None:
        return False
    if row.succeeded_at is None:
        return bool(row.error)
    return bool(now - row.succeeded_at > 3 * row.every_ms + 2 * clock.MINUTE)


def _problems(found: Liveness, now: int) -> list[str]:
    problems = []
    if found.newest_id_at is not None and found.newest_id_at > now + clock.SKEW_MS:
        problems.append(
            f"the newest post or notification is dated {_duration(found.newest_id_at - now)} in the future: "
            "the clock of a machine is or was wrong."
        )
    if not found.running or found.starting:
        return problems
    seen = {one.kind: one.seen_at for one in found.seen}
    for kind, name in PARTS.items():
        if kind == "web" and kind not in seen:
            # Web processes may be stopped for maintenance while the rest runs.
            continue
        if kind not in seen or abs(now - seen[kind]) > SILENT_MS:
            problems.append(f"no {name} is running: {_last_seen(seen.get(kind), now)}.")
    if found.oldest_event_at is not None and now - found.oldest_event_at > WAITED_MS:
        problems.append(f"a task has been waiting for {_age(found.oldest_event_at, now)} (twite events list).")
    if found.oldest_mail_due_at is not None and now - found.oldest_mail_due_at > WAITED_MS:
        problems.append(f"a mail has been due for {_age(found.oldest_mail_due_at, now)}.")
    problems += [_late(one, now) for one in found.overdue]
    return problems


def _late(one: Overdue, now: int) -> str:
    when = (
        "it has never done its work" if one.succeeded_at is None else f"it last ran {_age(one.succeeded_at, now)} ago"
    )
    return f"the periodic job {one.name} is overdue: {when}{f' ({one.error})' if one.error else ''}."


def _last_seen(at: int | None, now: int) -> str:
    return "none was seen lately" if at is None else f"last seen {_age(at, now)} ago"


def _age(at: int | None, now: int) -> str:
    return "none" if at is None else _duration(max(now - at, 0))


def _duration(ms: int) -> str:
    """Return a length of time in the largest unit of which there are at least two."""
    units: Sequence[tuple[int, str]] = ((clock.DAY, "days"), (clock.HOUR, "hours"), (clock.MINUTE, "minutes"))
    for unit, name in units:
        if ms >= 2 * unit:
            return f"{ms // unit} {name}"
    return f"{ms // clock.SECOND} seconds"
