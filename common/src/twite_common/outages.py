"""Why the database can't be reached, in short, and logging it once."""

import logging
import time

log = logging.getLogger(__name__)

QUIET_SECONDS = 60.0
"""A database that is away again sooner isn't worth another line: where it refuses some, others are let in."""

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
    said = str(original).lower()
    if "does not exist" in said:
        return "authentication" if "role " in said else "no such database"
    found = (name for name, words in CAUSES.items() if any(word in said for word in words))
    return next(found, type(original).__name__)


class Outage:
    """Logs once that the database is away and why, and once that it is back, however many notice."""

    def __init__(self) -> None:
        self._away_since: float | None = None
        self._said_at = float("-inf")
        self._said = False

    def begin(self, error: BaseException) -> None:
        """Take note that the database can't be reached."""
        if self._away_since is not None:
            return
        self._away_since = now = time.monotonic()
        self._said = now - self._said_at >= QUIET_SECONDS
        if self._said:
            self._said_at = now
            log.warning("database_down %s", {"cause": cause(error)})

    def end(self) -> None:
        """Take note that the database has answered."""
        since, self._away_since = self._away_since, None
        if since is not None and self._said:
            log.warning("database_up %s", {"seconds": round(time.monotonic() - since)})
