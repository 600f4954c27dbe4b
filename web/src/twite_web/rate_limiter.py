"""Counting requests by account, token and address, and expensive actions.

Requests are counted in memory. Once a second each process adds its counts to those of all, in the database, and learns
theirs, so that a request needs no statement for it; a limit can be passed by what is called within that second. Periods
are the same for everybody: they begin at whole multiples of their length since the epoch.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from threading import Lock
from typing import Any

import msgspec

from twite_common import clock
from twite_common.clock import DAY, HOUR, MINUTE
from twite_common.database import Database
from twite_common.errors import TooMany, Unavailable, level
from twite_common.services import rate_counts
from twite_common.services.rate_counts import Counted
from twite_common.settings import Settings
from twite_common.translations import gettext as _

log = logging.getLogger(__name__)

SCOPE_KEY = "twite_rate_limit"
"""Where a connection's scope holds how its request stands to the limits."""
FLUSH_SECONDS = 1.0

PERIODS_MS = {
    "limit_account": 5 * MINUTE,
    "limit_token": 5 * MINUTE,
    "limit_address": 5 * MINUTE,
    "limit_pages": 15 * MINUTE,
    "limit_uploads": 30 * MINUTE,
    "limit_deletions": 30 * MINUTE,
    "limit_posts": 3 * HOUR,
    "limit_edits": 3 * HOUR,
    "limit_follows": DAY,
    "limit_reports": DAY,
    "limit_oauth": 5 * MINUTE,
    "limit_apps": 30 * MINUTE,
    "limit_mails": HOUR,
}
"""Each limit, by the name of its setting, and the time in which so many requests are allowed."""


class Standing(msgspec.Struct, frozen=True, gc=False):
    """How a request stands to the limit that is nearest: how many are allowed and left until when (milliseconds)."""

    most: int
    remaining: int
    ends_at: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers that tell applications."""
        return [
            (b"x-ratelimit-limit", b"%d" % self.most),
            (b"x-ratelimit-remaining", b"%d" % max(self.remaining, 0)),
            (b"x-ratelimit-reset", _iso(self.ends_at)),
        ]


class Limiter:
    """One process's counts. With limits switched off it counts nothing."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        wanted = {name: settings.limit(name) for name in PERIODS_MS}
        self._limits = {name: (most, PERIODS_MS[name]) for name, most in wanted.items() if most}
        # By limit, subject and period: what all processes are known to have counted, and what only this one has yet.
        self._counts: dict[tuple[str, int | str, int], list[int]] = {}
        self._lock = Lock()

    def count(self, subjects: Iterable[tuple[str, int | str]], now: int) -> Standing | None:
        """Count a request under each limit and subject; return the one that is nearest, None where there is none."""
        nearest: Standing | None = None
        with self._lock:
            for name, subject in subjects:
                limit = self._limits.get(name)
                if limit is None:
                    continue
                most, period = limit
                number = now // period
                key = (name, subject, number)
                counts = self._counts.get(key)
                if counts is None:
                    counts = self._counts[key] = [0, 0]
                counts[1] += 1
                remaining = most - counts[0] - counts[1]
                if nearest is None or remaining < nearest.remaining:
                    nearest = Standing(most, remaining, (number + 1) * period)
        return nearest

    def share(self, now: int) -> None:
        """Add this process's counts to those of all, and learn theirs. Where that can't be done, it is next time."""
        with self._lock:
            expired = [key for key in self._counts if (key[2] + 1) * PERIODS_MS[key[0]] <= now]
            for key in expired:
                del self._counts[key]
            unshared = {key: counts[1] for key, counts in self._counts.items() if counts[1]}
            self._move(unshared, 1)
        if not (unshared or expired):
            return
        counted = {_subject(key): key for key in unshared}
        try:
            with self._database.writing() as db:
                totals = rate_counts.add(
                    db,
                    [Counted(name, (key[2] + 1) * PERIODS_MS[key[0]], unshared[key]) for name, key in counted.items()],
                )
                if expired:
                    rate_counts.forget_old(db, now=now)
        except Unavailable as error:
            log.log(level(error), "rate_counts_not_shared %s", {"error": str(error)})
            with self._lock:
                self._move(unshared, -1)
            return
        with self._lock:
            self._learn({counted[name]: total for name, total in totals.items()})

    def _learn(self, totals: Mapping[tuple[str, int | str, int], int]) -> None:
        """Take over what all processes have counted together, for what is still counted here."""
        for key, total in totals.items():
            if (counts := self._counts.get(key)) is not None:
                counts[0] = total

    def _move(self, numbers: dict[tuple[str, int | str, int], int], direction: int) -> None:
        """Move counts from those that only this process knows to the known ones, or back."""
        for key, number in numbers.items():
            if (counts := self._counts.get(key)) is not None:
                counts[0] += direction * number
                counts[1] -= direction * number


def check(limiter: Limiter, scope: Any, subjects: Iterable[tuple[str, int | str]], *, now: int, sentence: str) -> None:
    """Count a request under each limit and subject, and have its answer tell how it stands to the nearest.

    Raises TooMany, with this sentence, which is marked, when there were too many.
    """
    standing = limiter.count(subjects, now)
    told: Standing | None = scope.get(SCOPE_KEY)
    if standing is not None and told is not None and told.remaining < standing.remaining:
        standing = told
    scope[SCOPE_KEY] = standing or told
    if standing is not None and standing.remaining < 0:
        raise TooMany(_(sentence), max(1, (standing.ends_at - now) // 1000))


@asynccontextmanager
async def sharing(limiter: Limiter) -> AsyncIterator[None]:
    """Have counts shared for as long as the block lasts, and once more at its end."""
    task = asyncio.create_task(_share_often(limiter))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await asyncio.to_thread(limiter.share, clock.now())


async def _share_often(limiter: Limiter) -> None:
    while True:
        await asyncio.sleep(FLUSH_SECONDS)
        await asyncio.to_thread(limiter.share, clock.now())


def _subject(key: tuple[str, int | str, int]) -> str:
    name, subject, number = key
    return rate_counts.subject(name.removeprefix("limit_"), subject, number)


@lru_cache(64)
def _iso(at: int) -> bytes:
    """Return a time in the form in which Mastodon's clients expect the end of a limit."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z").encode()
