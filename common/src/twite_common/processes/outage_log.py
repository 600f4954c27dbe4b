"""Why the database can't be reached, in short, and logging it once."""

import logging
import time
from threading import Lock

log = logging.getLogger(__name__)

QUIET_SECONDS = 60.0
"""A database that is away again sooner isn't worth another line yet: where it refuses some, others are let in."""

CAUSES = {
    "too many clients": ("too many clients", "too many connections", "connection slots", "max_client_conn"),
    "no such database": ("unknown database", "no such database"),
    "authentication": ("authentication failed", "no password supplied", "pg_hba.conf", "permission denied"),
    "unknown host": ("translate host name", "resolve host", "name or service not known", "name resolution"),
    "starting or stopping": ("starting up", "shutting down", "in recovery mode", "administrator command"),
    "refused": ("refused", "no such file or directory"),
    "timeout": ("timeout", "timed out"),
    "unreachable": ("unreachable", "no route to host"),
    "connection lost": ("closed the connection", "connection reset", "connection is lost", "broken pipe", "is closed"),
    "file can't be opened": ("unable to open database file",),
}
"""What drivers say, in lower case, by what it means."""


def cause(error: BaseException) -> str:
    """Return why a database can't be reached, in words of our own: a driver's may hold an address or a password."""
    original = getattr(error, "orig", None) or error
    message = str(original).lower()
    if "does not exist" in message:
        return "authentication" if "role " in message else "no such database"
    causes = (name for name, words in CAUSES.items() if any(word in message for word in words))
    return next(causes, type(original).__name__)


class Outage:
    """Logs once that the database is away and why, and once that it is back, however many notice."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._away_since: float | None = None
        self._logged_at = float("-inf")
        self._logged = False

    def begin(self, error: BaseException) -> None:
        """Take note that the database can't be reached."""
        now = time.monotonic()
        with self._lock:
            if self._away_since is None:
                self._away_since, self._logged = now, False
            if self._logged or now - self._logged_at < QUIET_SECONDS:
                return
            self._logged, self._logged_at = True, now
        log.warning("database_down %s", {"cause": cause(error)})

    def end(self) -> None:
        """Take note that the database has answered."""
        if self._away_since is None:
            return
        with self._lock:
            since, self._away_since = self._away_since, None
            logged = self._logged
        if since is not None and logged:
            log.warning("database_up %s", {"seconds": round(time.monotonic() - since)})
