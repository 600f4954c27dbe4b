"""Having another process decode pictures, one at a time, so that this one never parses them.

The other process (`worker`) is started when the first picture comes, by exec and not by fork, since this one has
threads. It ends when its standard input does, and so with this process, however that ends.
"""

import atexit
import logging
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Timer
from typing import IO

from twite_common.errors import Invalid, Unavailable
from twite_common.formats import number
from twite_common.media.pictures import protocol
from twite_common.media.pictures.limits import MAX_SECONDS, MAX_WAITING, MAX_WAITING_OF_ONE, TIMEOUT_SECONDS
from twite_common.media.pictures.protocol import Answer, Request
from twite_common.processes import resource_limits
from twite_common.processes.fair_semaphore import FairSemaphore
from twite_common.translations import gettext as _
from twite_common.translations import marked

log = logging.getLogger(__name__)

TOO_MANY = marked("Too many pictures are being processed at the moment. Please try again.")
TOO_COSTLY = marked("This picture takes too long to read. Please make it smaller, or save it as JPEG.")
COMMAND = [sys.executable, "-P", "-m", "twite_common.media.pictures.worker"]


class PictureProcess:
    """The process that decodes, and the queue of those that want it."""

    def __init__(self) -> None:
        self._turns = FairSemaphore(
            1,
            timeout_seconds=TIMEOUT_SECONDS,
            max_waiting=MAX_WAITING,
            max_waiting_of_one=MAX_WAITING_OF_ONE,
            busy=TOO_MANY,
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def id(self) -> int | None:
        """Number of the process; None while there is none."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @contextmanager
    def turn(self, account_id: int | None = None) -> Iterator[None]:
        """Wait until the process is free, in turns by account where that is known.

        Raises Unavailable when that takes too long, or too many wait.
        """
        with self._turns.turn(account_id):
            yield

    def ask(self, request: Request, content: IO[bytes], account_id: int | None = None) -> Answer:
        """Return what comes of a picture, which is read from here to its end once it is its turn.

        `account_id` is of who sent it. Raises Invalid when it can't be used, whatever it did to the process,
        Unavailable when it was not its fault.
        """
        with self.turn(account_id):
            answer = self._asked(request, content)
        if answer.fault:
            log.warning("picture_failed %s", {"task": request.task, "error": answer.fault})
        if answer.refused:
            raise Invalid(_(answer.refused, limit=number(answer.limit)))
        return answer

    def close(self) -> None:
        """End the process, if there is one; the next picture starts another."""
        if self._process is not None:
            _end(self._process)
            self._process = None

    def _asked(self, request: Request, content: IO[bytes]) -> Answer:
        begins_at = content.tell()
        while True:
            process, is_new = self._running()
            content.seek(begins_at)
            expired = Event()
            try:
                answer = _exchange(process, request, content, expired)
            except BaseException:
                # What it would answer next belongs to this request.
                process.kill()
                raise
            if answer is not None:
                return answer
            self._process = None
            status = _end(process)
            if status == 0 and not is_new:
                # It had ended because it wanted to be replaced.
                continue
            fields = {"task": request.task, "status": status, "timed_out": expired.is_set()}
            log.warning("picture_process_died %s", fields)
            if expired.is_set() or status >= 0:
                raise Unavailable(_(TOO_MANY))
            raise Invalid(_(TOO_COSTLY))

    def _running(self) -> tuple[subprocess.Popen[bytes], bool]:
        """Return the process, and whether it was started just now."""
        if self._process is not None:
            if self._process.poll() is None:
                return self._process, False
            _end(self._process)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - always the same command
                COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=resource_limits.environment() | {"MALLOC_ARENA_MAX": "1"},
                cwd="/",
                # What stops this process in a terminal isn't for the other: it ends with its input.
                start_new_session=True,
            )
        except OSError as error:
            raise Unavailable(
                _("Pictures can't be processed at the moment: %(strerror)s.", strerror=error.strerror)
            ) from error
        return self._process, True


def _exchange(process: subprocess.Popen[bytes], request: Request, content: IO[bytes], expired: Event) -> Answer | None:
    """Return the process's answer, None where it died instead; `expired` is set where that was for taking too long."""
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101 - both are pipes

    def expire() -> None:
        expired.set()
        process.kill()

    timer = Timer(MAX_SECONDS, expire)
    timer.daemon = True
    timer.start()
    try:
        protocol.write(process.stdin, request)
        shutil.copyfileobj(content, process.stdin, 1 << 16)
        process.stdin.flush()
        return protocol.read_answer(process.stdout)
    except BrokenPipeError:
        return None
    finally:
        timer.cancel()


def _end(process: subprocess.Popen[bytes]) -> int:
    """Have a process end, if it hasn't, and return its exit status."""
    for pipe in (process.stdin, process.stdout):
        try:
            if pipe is not None:
                pipe.close()
        except BrokenPipeError:
            continue
    try:
        return process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


SHARED = PictureProcess()
"""The one of this process."""
atexit.register(SHARED.close)
