"""Checking whether the broker can be reached."""

from celery import Celery

from twite_broker.options import celery_options
from twite_common.errors import Unavailable
from twite_common.settings import Settings


def check(settings: Settings) -> str:
    """Return a sentence about the broker.

    Raises Unavailable when it can't be reached.
    """
    app = Celery("twite", set_as_current=False)
    app.conf.update(celery_options(settings))
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
    except Exception as error:
        # Whatever a broker's library raises; its text may hold the address with its password.
        raise Unavailable(f"it can't be reached ({_reason(error)}).") from error
    return "it can be reached." if settings.broker else "using the folder in the data folder."


def _reason(error: BaseException) -> str:
    """Return what the system said of a connection, such as "Connection refused"; else the name of the failure."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__
