"""Whether the site's processes are alive and making progress, and what operators are told."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Row, func, select

from twite_common import clock, disk, ids
from twite_common.sql.types import AnyRow
from twite_common.tables import event, heartbeat, job, mail, notification, post
from twite_common.translations import gettext as _
from twite_common.translations import marked, ngettext

SILENT_MS = clock.MINUTE
"""A process that wasn't seen for longer than this is dead, or stuck."""
WAITED_MS = 5 * clock.MINUTE
"""What waits for its first try for longer than this isn't just waiting its turn."""
PARTS = {
    "web": marked("Web process: %(seen)s"),
    "worker": marked("Worker: %(seen)s"),
    "clock": marked("Clock: %(seen)s"),
}
BROKER_AWAY = "broker_away"
"""The kind of what says, instead of that a process is alive, that one can't reach the broker."""
NOT_YET = marked("not seen yet; the site has just started")
FAILED_TRIES = 2
FAILED_ADDRESSES = 3
"""So many addresses that took no mail so often are more than somebody's bad luck."""


class Seen(msgspec.Struct, frozen=True):
    """A kind of process (web, worker or clock), and when one of it was last seen, in milliseconds."""

    kind: str
    seen_at: int


class Overdue(msgspec.Struct, frozen=True):
    """A periodic job that should have done its work by now, and when it last did."""

    name: str
    succeeded_at: int | None
    error: str


class Problem(msgspec.Struct, frozen=True):
    """Something that is wrong, and what whoever runs the site can do about it."""

    sentence: str
    remedy: str


class Liveness(msgspec.Struct, frozen=True):
    """How the site's processes and its work stand. Times are milliseconds; None where nothing waits.

    `seen` leaves out what is dated in the future: a machine's clock was wrong. `running` says whether the site is
    meant to run: a process that ends in order takes its leave. For the first minute it is `starting`: not all may be
    there, and what waited meanwhile isn't done yet. `broker_away` says that a worker can't reach the broker,
    `failing_addresses` to how many addresses mails were tried several times in vain, and `free_percent` how much of the
    disk is free, where that was asked for. `findings` are what is wrong with all that.
    """

    running: bool
    starting: bool
    seen: list[Seen]
    oldest_event_at: int | None
    oldest_mail_due_at: int | None
    overdue: list[Overdue]
    newest_id_at: int | None
    broker_away: bool = False
    failing_addresses: int = 0
    free_percent: int | None = None
    findings: list[Problem] = []

    @property
    def problems(self) -> list[str]:
        """What is wrong, a sentence each."""
        return [problem.sentence for problem in self.findings]


PROCESSES = select(heartbeat.c.kind, heartbeat.c.started_at, heartbeat.c.seen_at).order_by(heartbeat.c.kind)
OLDEST_EVENT = select(func.min(event.c.id)).where(event.c.parked_at.is_(None), event.c.attempts == 0)
OLDEST_MAIL = select(func.min(mail.c.due_at)).where(mail.c.state == "due")
JOBS = select(job.c.name, job.c.succeeded_at, job.c.error, job.c.every_ms).order_by(job.c.name)
FAILING = select(func.count(func.distinct(mail.c.address))).where(
    mail.c.state == "due", mail.c.attempts >= FAILED_TRIES
)
NEWEST = [select(func.max(table.c.id)) for table in (post, notification, event)]


def read(db: Connection, *, now: int, folder: Path | None = None) -> Liveness:
    """Return how things stand, and what is wrong with that; with a folder, whether its disk is full, too."""
    noted = db.execute(PROCESSES).all()
    processes = [process for process in noted if process.kind in PARTS]
    liveness = Liveness(
        running=any(process.kind != "clock" for process in processes),
        starting=_is_starting(processes, now),
        seen=_seen(processes, now),
        oldest_event_at=_oldest_event_at(db),
        oldest_mail_due_at=_oldest_mail_due_at(db, now),
        overdue=[Overdue(*row[:3]) for row in db.execute(JOBS) if _overdue(row, now)],
        newest_id_at=_newest_id_at(db),
        broker_away=any(process.kind == BROKER_AWAY for process in _at_work(noted, now)),
        failing_addresses=db.scalar(FAILING) or 0,
        free_percent=disk.free_percent(folder) if folder is not None and folder.is_dir() else None,
    )
    return msgspec.structs.replace(liveness, findings=_problems(liveness, now))


def _at_work(processes: Sequence[Row[str, int, int]], now: int) -> list[Row[str, int, int]]:
    return [process for process in processes if abs(now - process.seen_at) <= SILENT_MS]


def _is_starting(processes: Sequence[Row[str, int, int]], now: int) -> bool:
    at_work = _at_work(processes, now)
    return bool(at_work) and all(now - process.started_at <= SILENT_MS for process in at_work)


def _seen(processes: Sequence[Row[str, int, int]], now: int) -> list[Seen]:
    """Return when each kind of process was last seen, without what is dated in the future."""
    seen_at: dict[str, int] = {}
    for process in processes:
        if process.seen_at <= now + SILENT_MS:
            seen_at[process.kind] = max(process.seen_at, seen_at.get(process.kind, process.seen_at))
    return [Seen(kind, at) for kind, at in seen_at.items()]


def _oldest_event_at(db: Connection) -> int | None:
    event_id = db.scalar(OLDEST_EVENT)
    return None if event_id is None else ids.created_at(event_id)


def _oldest_mail_due_at(db: Connection, now: int) -> int | None:
    due_at = db.scalar(OLDEST_MAIL)
    return due_at if due_at is not None and due_at <= now else None


def _newest_id_at(db: Connection) -> int | None:
    newest_ids = [id for id in (db.scalar(statement) for statement in NEWEST) if id is not None]
    return max(map(ids.created_at, newest_ids), default=None)


def described(liveness: Liveness, now: int) -> list[str]:
    """Return a line about each thing, for people."""
    seen = {process.kind: process.seen_at for process in liveness.seen}
    names = ", ".join(job.name for job in liveness.overdue)
    missing = _(NOT_YET) if liveness.starting else _last_seen(None, now)
    return [
        *[_(line, seen=_last_seen(seen[kind], now) if kind in seen else missing) for kind, line in PARTS.items()],
        _("Oldest waiting task: %(age)s", age=age(liveness.oldest_event_at, now)),
        _("Oldest e-mail due: %(age)s", age=age(liveness.oldest_mail_due_at, now)),
        _("Overdue periodic jobs: %(names)s", names=names) if names else _("Overdue periodic jobs: none"),
    ]


def _overdue(row: AnyRow, now: int) -> bool:
    """Say whether a job has missed several of its times; one that has never done its work, whether it failed."""
    if row.every_ms is None:
        return False
    if row.succeeded_at is None:
        return bool(row.error)
    return bool(now - row.succeeded_at > 3 * row.every_ms + 2 * clock.MINUTE)


def _problems(liveness: Liveness, now: int) -> list[Problem]:
    problems = _problems_of_machine(liveness, now)
    if liveness.running and not liveness.starting:
        problems += [
            *_missing(liveness, now),
            *_problems_of_work(liveness, now),
            *[_late(job, now) for job in liveness.overdue],
        ]
    return problems


def _problems_of_machine(liveness: Liveness, now: int) -> list[Problem]:
    problems = []
    if liveness.newest_id_at is not None and liveness.newest_id_at > now + clock.SKEW_MS:
        said = _(
            "the newest post or notification is dated %(time)s in the future: a machine's clock is or was wrong.",
            time=_duration(liveness.newest_id_at - now),
        )
        problems.append(Problem(said, _("Set that machine's clock right, and have it kept right by NTP.")))
    if liveness.free_percent is not None and liveness.free_percent < disk.NONE_PERCENT:
        said = _("the disk is full: %(percent)s %% of it are free.", percent=liveness.free_percent)
        problems.append(Problem(said, _("Make room: twite media check finds files that nothing uses any more.")))
    return problems


def _problems_of_work(liveness: Liveness, now: int) -> list[Problem]:
    problems = []
    if liveness.oldest_event_at is not None and now - liveness.oldest_event_at > WAITED_MS:
        said = _("a task has been waiting for %(age)s (twite events list).", age=age(liveness.oldest_event_at, now))
        problems.append(Problem(said, _("The workers don't keep up: their log says why, or what takes so long.")))
    if liveness.oldest_mail_due_at is not None and now - liveness.oldest_mail_due_at > WAITED_MS:
        said = _("an e-mail has been due for %(age)s.", age=age(liveness.oldest_mail_due_at, now))
        problems.append(Problem(said, _("Send a test under “E-mail”: it shows what the mail server answers.")))
    if liveness.failing_addresses >= FAILED_ADDRESSES:
        said = ngettext(
            "e-mails to %(count)s address failed several times (/admin/mails says why): does the mail server work?",
            "e-mails to %(count)s addresses failed several times (/admin/mails says why): does the mail server work?",
            liveness.failing_addresses,
        )
        problems.append(Problem(said, _("Send a test under “E-mail”: it shows what the mail server answers.")))
    return problems


def _missing(liveness: Liveness, now: int) -> list[Problem]:
    """Return what is said about each kind of process that is missing, as far as that can be known."""
    seen = {process.kind: process.seen_at for process in liveness.seen}
    silent = {kind for kind in PARTS if kind not in seen or abs(now - seen[kind]) > SILENT_MS}
    missing = []
    if "web" in silent and "web" in seen:
        # Others may have been stopped for maintenance while the rest runs.
        said = _("no web process is running: %(seen)s.", seen=_last_seen(seen["web"], now))
        missing.append(Problem(said, _start("twite-web@8001")))
    if "worker" in silent:
        said = _("no worker is running: %(seen)s.", seen=_last_seen(seen.get("worker"), now))
        missing.append(Problem(said, _start("twite-worker")))
    if liveness.broker_away:
        said = _("the broker can't be reached by a worker (twite check says why).")
        missing.append(Problem(said, _("Start the broker again, or correct the setting broker. Nothing is lost.")))
    elif "clock" in silent and "worker" not in silent:
        # Only workers hear of it, and by way of the broker.
        when = _last_seen(seen.get("clock"), now)
        said = _("no clock is running, or it can't reach the broker: %(seen)s.", seen=when)
        missing.append(Problem(said, _start("twite-clock")))
    return missing


def _start(unit: str) -> str:
    """Return how to start a part of the site that doesn't run."""
    return _(
        "Start it with “systemctl start %(unit)s”, or restart “twite run”. What waits is done then; nothing is lost.",
        unit=unit,
    )


def _late(job: Overdue, now: int) -> Problem:
    when = _("it has never run")
    if job.succeeded_at is not None:
        when = _("it last ran %(age)s ago", age=age(job.succeeded_at, now))
    values = {"name": job.name, "when": when, "error": job.error}
    remedy = _("It is tried again and again; the log of the workers says more.")
    if job.error:
        return Problem(_("the periodic job %(name)s is overdue: %(when)s (%(error)s).", **values), remedy)
    return Problem(_("the periodic job %(name)s is overdue: %(when)s.", **values), remedy)


def _last_seen(at: int | None, now: int) -> str:
    return _("none seen lately") if at is None else _("last seen %(age)s ago", age=age(at, now))


def age(at: int | None, now: int) -> str:
    """Return in words for how long something has been so; "none" for what isn't there."""
    return _("none") if at is None else _duration(max(now - at, 0))


def _duration(ms: int) -> str:
    """Return a length of time in the largest unit of which there are at least two."""
    if ms >= 2 * clock.DAY:
        return ngettext("%(count)s day", "%(count)s days", ms // clock.DAY)
    if ms >= 2 * clock.HOUR:
        return ngettext("%(count)s hour", "%(count)s hours", ms // clock.HOUR)
    if ms >= 2 * clock.MINUTE:
        return ngettext("%(count)s minute", "%(count)s minutes", ms // clock.MINUTE)
    return ngettext("%(count)s second", "%(count)s seconds", ms // clock.SECOND)
