"""Handing a message to the mail server, or to a folder where no server is set."""

import logging
import os
import smtplib
import ssl
import uuid
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from twite_common import disk
from twite_common.errors import Unavailable
from twite_common.settings import Settings

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 30
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class TemporarilyRefused(Exception):
    """The message could not be handed over now; trying again may help."""


class Refused(Exception):
    """The address takes no mail."""


def deliver(settings: Settings, message: EmailMessage, begin: Callable[[], None] = lambda: None) -> str:
    """Hand a message over and return what became of it; `begin` is called when nothing but the handing over is left.

    Raises Refused when the server says that the address is wrong, for good, and TemporarilyRefused for everything else,
    since a server that can't be reached or doesn't let us in is no fault of the address.
    """
    if not settings.smtp:
        begin()
        try:
            return _to_folder(settings, message)
        except Unavailable as error:
            raise TemporarilyRefused(str(error)) from error
    try:
        with connect(settings) as server:
            begin()
            server.send_message(message)
            return "The mail server has taken the message."
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _failure(code, text) from error
    except smtplib.SMTPDataError as error:
        raise _failure(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPResponseException as error:
        raise TemporarilyRefused(f"{error.smtp_code} {_decoded(error.smtp_error)}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise TemporarilyRefused(f"{type(error).__name__}: {error}") from error


def connect(settings: Settings) -> smtplib.SMTP:
    """Return a connection to the mail server, encrypted and logged in as the settings say.

    Raises OSError or smtplib.SMTPException.
    """
    parts = urlsplit(settings.smtp)
    host, port = parts.hostname or "localhost", parts.port or PORTS[parts.scheme]
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    if parts.scheme == "smtp+starttls":
        server.starttls(context=ssl.create_default_context())
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


def _to_folder(settings: Settings, message: EmailMessage) -> str:
    """Write a message into the data folder, readable by its owner alone."""
    folder = settings.data / "mail"
    target = folder / f"{message['X-Twite-Mail'] or uuid.uuid4().hex}.eml"
    draft = target.with_suffix(".draft")
    with disk.writing(draft):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(bytes(message))
        draft.rename(target)
    log.info("mail_written %s", {"file": target.name, "reason": "no mail server is set"})
    return f"No mail server is set (setting smtp): the message was written to {target}."


def _failure(code: int, text: bytes | str) -> Exception:
    answer = f"{code} {_decoded(text)}"
    return Refused(answer) if 500 <= code < 600 else TemporarilyRefused(answer)


def _decoded(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
