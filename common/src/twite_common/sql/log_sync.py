"""Having commits on SQLite outlast a power failure, many of them with one wait for the disk."""

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Condition

from sqlalchemy.engine import make_url

log = logging.getLogger(__name__)

# macOS has only the other one.
_sync: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


class LogSync:
    """Has an SQLite file's log written to the disk, once for all that was committed by then.

    With `synchronous=FULL` SQLite waits for the disk within each commit, while nobody else can write. With `NORMAL` it
    leaves that until the log is moved into the file: after a power failure the commits since then are there up to some
    point, and none after it (https://www.sqlite.org/pragma.html#pragma_synchronous). So waiting may follow the commit.
    """

    def __init__(self, url: str) -> None:
        self._file = Path(f"{make_url(url).database}-wal")
        self._changed = Condition()
        self._begun = 0
        self._done = 0
        self._running = False
        self._failure: OSError | None = None

    def wait(self) -> None:
        """Return once all is on the disk that was committed before this was called.

        Raises OSError when that fails, and from then on always: the system may have forgotten what it didn't write.
        """
        with self._changed:
            # What is under way may have begun before the commit.
            needed = self._begun + 1
            while self._running and self._done < needed:
                self._changed.wait()
            if self._failure is not None:
                raise OSError(*self._failure.args)
            if self._done >= needed:
                return
            self._begun += 1
            self._running = True
            number = self._begun
        try:
            self._write()
            self._done = number
        except OSError as error:
            self._failure = error
            log.critical("log_not_synced %s", {"error": str(error)})
            raise
        finally:
            with self._changed:
                self._running = False
                self._changed.notify_all()

    def _write(self) -> None:
        # Without a log all is in the file: SQLite removes it after it has written that to the disk.
        with suppress(FileNotFoundError), self._file.open("rb") as file:
            _sync(file.fileno())
