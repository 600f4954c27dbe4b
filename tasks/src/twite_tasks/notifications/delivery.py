"""Delivering a message to the mail server, or to a folder if no server is configured."""

import logging
import os
import re
import smtplib
import ssl
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from twite_common import disk
from twite_common.errors import Unavailable
from twite_common.settings import Settings

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 30
"""How long each of the mail server's answers is waited for."""
TAKING_SECONDS = 120
"""The same for the answer to a whole message, which servers look through first: who gives up here sends it twice."""
QUIT_SECONDS = 5
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


REFUSING_CODES = frozenset({550, 551, 552, 553, 556})
"""Answers to RCPT that are about the mailbox, where no enhanced code says more (RFC 5321, section 4.2.3; RFC 7504)."""
ENHANCED = re.compile(r"\s*5\.(\d{1,3}\.\d{1,3})\b", re.ASCII)
REFUSING = re.compile(r"1\.(?!7$|8$)|2\.")
"""Enhanced codes about a mailbox (RFC 3463): its address or its state. 5.1.7 and 5.1.8 are about the sender's."""
NEEDS_UTF8 = "The mail server doesn't accept non-ASCII characters before the @ (SMTPUTF8)."
DATA = 354
"""The answer after which the message itself is sent."""


class TemporarilyRefused(Exception):
    """The message could not be handed over now; trying again may help."""


class Refused(Exception):
    """The address takes no mail."""


class Unknown(Exception):
    """The whole message was handed over, and no answer came: it may have arrived."""


def deliver(
    settings: Settings,
    message: EmailMessage,
    begin: Callable[[], None] = lambda: None,
    *,
    returned_to: str | None = None,
) -> str:
    """Hand a message over and return what the server said, or where the message was written without a server.

    `begin` is called when nothing but the handing over is left. `returned_to` is the address that the message comes
    back to if it can't be delivered; None: its sender's.

    Raises Refused when the server says of the address alone that it takes no mail, for good; Unknown when it says
    nothing after it has got all; TemporarilyRefused for everything else, since a server that can't be reached, doesn't
    let us in, or doesn't like the sender or the message is no fault of the address.
    """
    if not settings.smtp:
        begin()
        try:
            return _to_folder(settings, message)
        except Unavailable as error:
            raise TemporarilyRefused(str(error)) from error
    try:
        with _connected(settings) as server:
            begin()
            server.send_message(message, from_addr=returned_to)
            return server.answer
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _failure(code, _decoded(text)) from error
    except smtplib.SMTPNotSupportedError as error:
        raise TemporarilyRefused(NEEDS_UTF8) from error
    except smtplib.SMTPResponseException as error:
        raise TemporarilyRefused(f"{error.smtp_code} {_decoded(error.smtp_error)}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise TemporarilyRefused(f"{type(error).__name__}: {error}") from error


def connect(settings: Settings) -> "Server":
    """Return a connection to the mail server, encrypted and logged in as the settings say.

    Raises OSError or smtplib.SMTPException.
    """
    parts = urlsplit(settings.smtp)
    host, port = parts.hostname or "localhost", parts.port or PORTS[parts.scheme]
    if parts.scheme == "smtps":
        server: Server = _EncryptedServer(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    else:
        server = Server(host, port, timeout=TIMEOUT_SECONDS)
    try:
        if parts.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def takes_utf8(server: smtplib.SMTP) -> bool:
    """Say whether a server takes addresses with other letters than ASCII's before the @.

    Raises OSError or smtplib.SMTPException.
    """
    server.ehlo_or_helo_if_needed()
    return server.has_extn("smtputf8")


class Server(smtplib.SMTP):
    """A connection that waits longer for the answer to a whole message, and knows when that is all that is missing.

    `answer` is what the server said to the last message.
    """

    answer = ""
    _last_code = 0
    _seconds: float = TIMEOUT_SECONDS

    def getreply(self) -> tuple[int, bytes]:
        """Return the server's next answer. Raises Unknown when none comes to a message that it has got."""
        handed_over = self._last_code == DATA
        if self.sock is not None:
            self.sock.settimeout(TAKING_SECONDS if handed_over else self._seconds)
        try:
            code, text = super().getreply()
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self._last_code = 0
            if handed_over:
                raise Unknown(f"The mail server didn't say whether it accepted the message: {error}") from error
            raise
        self._last_code = code
        if handed_over:
            self.answer = f"{code} {_decoded(text)}"
        return code, text

    def quit(self) -> tuple[int, bytes]:
        """Say goodbye, for whose answer nobody should have to wait. Raises smtplib.SMTPException."""
        self._seconds = QUIT_SECONDS
        return super().quit()


class _EncryptedServer(Server, smtplib.SMTP_SSL):
    """A connection that is encrypted from the start."""


@contextmanager
def _connected(settings: Settings) -> Iterator[Server]:
    """Give a connection and end it; how the server says goodbye changes nothing about what it has taken or refused."""
    server = connect(settings)
    try:
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()


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
    return f"No mail server is configured (setting smtp): the message was written to {target}."


def _failure(code: int, text: str) -> Exception:
    """Return the error for an answer to RCPT: of the address alone, or of the relay, which may refuse everybody so."""
    enhanced = ENHANCED.match(text)
    about_mailbox = REFUSING.match(enhanced[1]) is not None if enhanced else code in REFUSING_CODES
    answer = f"{code} {text}"
    return Refused(answer) if about_mailbox and 500 <= code < 600 else TemporarilyRefused(answer)


def _decoded(text: bytes | str) -> str:
    """Return what a server said, in one line."""
    reply = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join("".join(character if character.isprintable() else " " for character in reply).split())
