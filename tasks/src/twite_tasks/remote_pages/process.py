"""Parsing each page in a process of its own, with little time and memory: a parser blocks its whole process.

No parser is safe from pages that are made for it, and while it works in C, no other thread does anything.
"""

import logging
import signal
import subprocess
import sys

import msgspec

from twite_common.processes import resource_limits
from twite_tasks.http_client import Refused, Unreachable
from twite_tasks.remote_pages.reader import Page, Said

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-P", "-m", "twite_tasks.remote_pages.worker")
CPU_SECONDS = 3
"""Of which starting takes a fifth of one; pages that nobody made for it take less than half of one."""
MAX_SECONDS = 60.0
"""Time on the wall clock, for machines that have much else to do."""
MEMORY_BYTES = 512 * 1024 * 1024


def look(page: Page) -> Said:
    """Return what a page says of itself.

    Raises Refused when its reader died or took too long: it would again. Raises Unreachable when that was not the
    page's fault.
    """
    command = resource_limits.command(COMMAND, cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES, file_bytes=0)
    try:
        reader = subprocess.run(  # noqa: S603 - always the same command
            command,
            input=msgspec.msgpack.encode(page),
            stdout=subprocess.PIPE,
            timeout=MAX_SECONDS,
            check=False,
            env=resource_limits.environment(),
            cwd="/",
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused("It takes too long to read.") from error
    except OSError as error:
        raise Unreachable(f"Pages can't be read at the moment: {error.strerror}.") from error
    # A reader that computes for too long is ended by SIGXCPU; these signals come from elsewhere.
    if reader.returncode in {-signal.SIGTERM, -signal.SIGKILL}:
        raise Unreachable("Its reader was stopped along with the worker, or for want of memory.")
    if reader.returncode != 0:
        log.warning("page_reader_died %s", {"status": reader.returncode})
        raise Refused("It takes too much work to read.")
    return msgspec.msgpack.decode(reader.stdout, type=Said)
