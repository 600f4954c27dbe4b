"""Checking the site's network address before anything starts: Granian would end with a traceback."""

import errno
import socket
from functools import partial

from twite.retrying import Busy, patiently
from twite_common.errors import Unavailable
from twite_common.settings import Settings


def require_free(settings: Settings) -> None:
    """See that the site can listen where its settings say.

    Raises Unavailable when this machine doesn't have that address, or somebody else listens there.
    """
    patiently(partial(_bind, settings))


def _bind(settings: Settings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((settings.host, settings.port))
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise Unavailable(
                    f"This machine doesn't have the network address {settings.host}. "
                    "Choose another one with --host or the setting TWITE_HOST."
                ) from error
            raise (Busy if error.errno == errno.EADDRINUSE else Unavailable)(
                f"Port {settings.port} on {settings.host} can't be used: {error.strerror}. "
                "Choose another one with --port or the setting TWITE_PORT."
            ) from error
