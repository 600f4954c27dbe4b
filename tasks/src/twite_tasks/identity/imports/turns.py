"""How long one import is worked at before others have their turn."""

import time
from collections.abc import Callable

SECONDS = 120.0


class Interrupted(Exception):
    """This process has to stop."""


class Over(Exception):
    """It is others' turn."""


class Turn:
    """Time that somebody works at an import; `goes_on` says whether this process does."""

    def __init__(self, goes_on: Callable[[], bool], *, seconds: float = SECONDS) -> None:
        self.goes_on = goes_on
        self._ends = time.monotonic() + seconds

    def check(self) -> None:
        """Raise Interrupted or Over between two pieces of work, when it is time."""
        self.check_process()
        if time.monotonic() > self._ends:
            raise Over

    def check_process(self) -> None:
        """Raise Interrupted when this process has to stop."""
        if not self.goes_on():
            raise Interrupted
