"""What each process does every few seconds: record that it is alive, and learn the newest ids of others."""

import logging
import threading
from collections.abc import Callable

from twite_common import clock
from twite_common.database import Database
from twite_common.errors import TwiteError, level
from twite_common.processes import process_name
from twite_common.services.operations import heartbeats

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0


class Heartbeats:
    """A thread that writes down that a process of some kind is alive, whenever `alive` says that it is.

    `also` is done each time that it looks; it may raise TwiteError.
    """

    def __init__(
        self, database: Database, kind: str, alive: Callable[[], bool], *, also: Callable[[], None] = lambda: None
    ) -> None:
        self._database = database
        self._kind = kind
        self._alive = alive
        self._also = also
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeats", daemon=True)

    def start(self) -> None:
        """Begin, at once."""
        self._thread.start()

    def stop(self) -> None:
        """Take leave: from now on nobody waits for this process. Where the database can't be reached, they do."""
        self._ended.set()
        self._thread.join()
        try:
            with self._database.writing() as db:
                heartbeats.forget(db, process_name(self._kind))
        except TwiteError as error:
            log.warning("heartbeat_not_ended %s", {"error": str(error)})

    def _run(self) -> None:
        name = process_name(self._kind)
        looks = 0
        while True:
            try:
                self._database.follow_ids()
                if looks % round(heartbeats.EVERY_SECONDS / LOOK_SECONDS) == 0 and self._alive():
                    with self._database.writing() as db:
                        heartbeats.record(db, name, self._kind, now=clock.now())
                looks += 1
                self._also()
            except TwiteError as error:
                log.log(level(error), "heartbeat_missed %s", {"error": str(error)})
            if self._ended.wait(LOOK_SECONDS):
                return
