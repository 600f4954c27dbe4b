"""Waiting for what the processes of a killed `twite run` still hold: its port, the data folder's lock."""

import time
from collections.abc import Callable

from twite_common.errors import Unavailable

TAKE_OVER_SECONDS = 3.0
"""How long the processes of a `twite run` that was killed may take to be gone."""
TRY_EVERY_SECONDS = 0.2


class Busy(Unavailable):
    """Somebody else has what is needed; if it was a `twite run` that was killed, not for long."""


def patiently(attempt: Callable[[], None]) -> None:
    """Do something, and try again for a moment while somebody else has what it needs.

    Raises Unavailable when it can't be done.
    """
    deadline = time.monotonic() + TAKE_OVER_SECONDS
    while time.monotonic() < deadline:
        try:
            attempt()
        except Busy:
            time.sleep(TRY_EVERY_SECONDS)
        else:
            return
    attempt()
