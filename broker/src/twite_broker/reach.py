"""Seeing whether the broker can be reached."""

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
        raise Unavailable(f"it can't be reached ({type(error).__name__}).") from error
    return "it can be reached." if settings.broker else "the folder in the data folder is used."
