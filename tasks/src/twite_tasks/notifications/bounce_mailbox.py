"""Reading the mailbox in which mail that came back arrives, by IMAP (RFC 3501)."""

import imaplib
import logging
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import unquote, urlsplit

from twite_common.database import Connection
from twite_common.outbox import Event
from twite_common.services.notifications import mail_bounces
from twite_common.settings import Settings
from twite_tasks.context import Context
from twite_tasks.notifications import bounces

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 30
AT_ONCE = 200
"""Messages that are read at once; the next ones in a few minutes."""
PORTS = {"imap": 143, "imap+starttls": 143, "imaps": 993}


class _Refused(Exception):
    """The server said no to something."""


def read(context: Context, _event: Event, now: int) -> Callable[[Connection], None]:
    """Read what has come, note what it says, and remove it; other messages stay in the mailbox, as seen."""
    try:
        with _mailbox(context.settings) as mailbox:
            for number in _unseen(mailbox)[:AT_ONCE]:
                _take(context, mailbox, number, now)
            mailbox.expunge()
    except (imaplib.IMAP4.error, _Refused, OSError) as error:
        log.warning("bounces_not_read %s", {"error": f"{type(error).__name__}: {error}"})
    return _nothing_more


def _take(context: Context, mailbox: imaplib.IMAP4, number: str, now: int) -> None:
    returned = bounces.parse(_message(mailbox, number))
    known = False
    if returned is not None:
        with context.database.writing() as db:
            known = mail_bounces.record(db, context.signer, now=now, bounce=returned)
        log.info("mail_returned %s", {"kind": returned.kind, "known": known})
    _ask(mailbox.store(number, "+FLAGS", r"(\Seen \Deleted)" if known else r"(\Seen)"))


def _unseen(mailbox: imaplib.IMAP4) -> list[str]:
    [numbers] = _ask(mailbox.search(None, "UNSEEN"))
    return numbers.decode().split() if isinstance(numbers, bytes) else []


def _message(mailbox: imaplib.IMAP4, number: str) -> bytes:
    """Return the beginning of a message."""
    parts = _ask(mailbox.fetch(number, f"(BODY.PEEK[]<0.{bounces.MAX_BYTES}>)"))
    return next((part[1] for part in parts if isinstance(part, tuple)), b"")


def _ask(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
    status, content = answer
    if status != "OK":
        raise _Refused(str(content))
    return content


@contextmanager
def _mailbox(settings: Settings) -> Iterator[imaplib.IMAP4]:
    """Give the mailbox, opened; raises OSError, imaplib.IMAP4.error and _Refused."""
    parts = urlsplit(settings.mail_bounces_mailbox)
    host, port = parts.hostname or "localhost", parts.port or PORTS[parts.scheme]
    if parts.scheme == "imaps":
        context = ssl.create_default_context()
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=TIMEOUT_SECONDS)
    else:
        server = imaplib.IMAP4(host, port, timeout=TIMEOUT_SECONDS)
    try:
        if parts.scheme == "imap+starttls":
            server.starttls(ssl.create_default_context())
        server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        _ask(server.select(_quoted(unquote(parts.path.strip("/")) or "INBOX")))
        yield server
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            server.logout()


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _nothing_more(_db: Connection) -> None:
    """Write nothing with the end of an event."""
