"""Ids: 64 bits, ordered by time: 48 bits of milliseconds, then 10 of the process and 6 of sequence.

The process's number is drawn at random when it starts. Two processes that drew the same one can make the same
id only in the same millisecond; the primary key then refuses the second, so that nothing is ever overwritten.

Ids never go back, even where the clock does: a process goes on after the newest id that it made or was told of
(`follow`), unless that lies more than a day ahead.
"""

import os
import threading

from twite_common import clock

_TIME_SHIFT = 16
_SEQUENCE_BITS = 6
_SEQUENCE_LIMIT = 1 << _SEQUENCE_BITS
_EXACT = 16
"""JavaScript's numbers have 53 bits; until 2039 ids have no more than 57, so that multiples of 2⁴ fit."""
NEAR = _EXACT // 2
"""JavaScript writes 17 digits of a number: an id of `new_exact` comes back within this distance."""

MAXIMUM = (1 << 63) - 1

MAX_AHEAD_MS = clock.DAY
"""How far ids may run ahead of the clock after it was set back. Beyond that it must have been wrong: should a clock be
set to another year once, what is made afterwards isn't to be dated there for ever."""


def _drawn() -> int:
    return int.from_bytes(os.urandom(2), "big") >> _SEQUENCE_BITS


_lock = threading.Lock()
_process = _drawn()
_last_at = 0
_sequence = 0


def restart() -> None:
    """Begin anew with a number of one's own, as a forked process must, which would go on with its parent's."""
    global _process, _last_at, _sequence  # noqa: PLW0603 - the process's own state
    _process = _drawn()
    _last_at = _sequence = 0


os.register_at_fork(after_in_child=restart)


def follow(newest: int | None, now: int) -> None:
    """Have this process's next ids lie above one that somebody else made; one too far ahead is passed over."""
    global _last_at, _sequence
    with _lock:
        at = created_at(newest or 0)
        if _last_at <= at <= now + MAX_AHEAD_MS:
            _last_at, _sequence = at, _SEQUENCE_LIMIT


def new(now: int) -> int:
    """Return a new id for the time `now` (milliseconds); ids of one process always grow."""
    return _new(now, 1)


def new_exact(now: int) -> int:
    """Return a new id that applications read right where it comes as a number; a process has four a millisecond."""
    return _new(now, _EXACT)


def exact(id: int) -> int:
    """Return the id of `new_exact` that one which may have been written by JavaScript stands for."""
    return min(id + NEAR, MAXIMUM) // _EXACT * _EXACT


def _new(now: int, step: int) -> int:
    global _process, _last_at, _sequence  # noqa: PLW0603 - the process's own state
    with _lock:
        if _last_at > now + MAX_AHEAD_MS:
            # Under another number: this process may have been at that time before.
            _process, _last_at = _drawn(), 0
        at = max(now, _last_at)
        if at != _last_at:
            _sequence = 0
        else:
            _sequence = (_sequence // step + 1) * step
            if _sequence >= _SEQUENCE_LIMIT:
                at += 1
                _sequence = 0
        _last_at = at
        return at << _TIME_SHIFT | _process << _SEQUENCE_BITS | _sequence


def first_at(at: int) -> int:
    """Return the smallest id that the millisecond `at` can have."""
    return max(at, 0) << _TIME_SHIFT


def backdated(at: int) -> int:
    """Return an id for something that was made at a time long ago, by chance one that is used already."""
    return first_at(at) | int.from_bytes(os.urandom(2), "big")


def created_at(id: int) -> int:
    """Return the time, in milliseconds, that an id was made at."""
    return id >> _TIME_SHIFT


def parse(text: str) -> int | None:
    """Return the id that a piece of text from outside stands for, or None when it can't be one."""
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    id = int(text)
    return id if id <= MAXIMUM else None
