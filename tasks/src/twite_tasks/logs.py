"""What workers and the clock log: one line for an outage, a traceback for a bug."""

import errno
import logging
import socket

from celery import signals

from twite_common.errors import Unavailable

OUTAGES = (Unavailable, ConnectionError, TimeoutError, EOFError, socket.gaierror)
UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH})
BROKERS = frozenset({"amqp", "kombu", "redis"})
"""Libraries that speak with a broker: what they raise means that it is away."""


class OneLineFormatter(logging.Formatter):
    """Says of an outage what happened, in one line; nobody reads from a traceback that a server is away."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines for a record."""
        error = record.exc_info[1] if record.exc_info else None
        if is_outage(error) or (error is None and record.name.startswith("celery")):
            return self._line(record, error)
        return super().format(record)

    def _line(self, record: logging.LogRecord, error: BaseException | None) -> str:
        message = record.getMessage()
        if error is not None:
            # Some of Celery's messages go on with a stack.
            message = message.partition("\n")[0]
            reason = f"{type(error).__name__}: {error}"
            message = message if str(error) and str(error) in message else f"{message} ({reason})"
        plain = logging.makeLogRecord(
            {**record.__dict__, "msg": " ".join(message.split()), "args": (), "exc_info": None, "exc_text": None}
        )
        return super().format(plain)


def is_outage(error: BaseException | None) -> bool:
    """Say whether a failure means that the database, the broker or the network is away."""
    if isinstance(error, OUTAGES) or (isinstance(error, OSError) and error.errno in UNREACHABLE):
        return True
    return type(error).__module__.partition(".")[0] in BROKERS


def set_up(level: str) -> None:
    """Have this process log to standard error, Celery's own lines included."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLineFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    # Celery sets nothing up itself where somebody answers this.
    signals.setup_logging.connect(_set_up_already)


def _set_up_already(**_: object) -> None:
    """Answer Celery that logging is set up."""
