"""Whether this web process is alive: its event loop runs, and its threads accept requests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from twite_common.database import Database
from twite_common.heartbeats import Heartbeats
from twite_common.processes import watchdog
from twite_common.processes.watchdog import Pulse

SILENT_SECONDS = 30.0
"""An event loop that did nothing for this long is stuck."""
WAITED_SECONDS = 600.0
"""Threads that took nothing up for this long are stuck. They wait for a database that can't be reached, too, and for
that nobody is to be restarted: each request gives up within half a minute."""


class WebProcess:
    """The event loop and the threads for requests, each asked now and then to give a sign of life."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._loops = Pulse()
        self._threads = Pulse()

    def alive(self) -> bool:
        """Say whether both work."""
        try:
            self._loop.call_soon_threadsafe(self._ask)
        except RuntimeError:
            # The loop has ended, and the process does.
            return False
        return self._loops.age_seconds() < SILENT_SECONDS and self._threads.age_seconds() < WAITED_SECONDS

    def _ask(self) -> None:
        self._loops.beat()
        self._loop.run_in_executor(None, self._threads.beat)


@asynccontextmanager
async def watched(database: Database) -> AsyncIterator[None]:
    """Have it known that this process is alive for as long as the block lasts."""
    process = WebProcess(asyncio.get_running_loop())
    heartbeats = Heartbeats(database, "web", process.alive)
    watchdog.notify(watchdog.READY)
    watchdog.watch(process.alive)
    heartbeats.start()
    try:
        yield
    finally:
        await asyncio.to_thread(heartbeats.stop)
