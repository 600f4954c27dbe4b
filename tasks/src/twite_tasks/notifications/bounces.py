"""Reading what mail servers send back: delivery status notifications (RFC 3464)."""

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser

from twite_common.services.notifications.mail_bounces import SIGNED, Bounce
from twite_tasks.notifications.delivery import REFUSING

MAX_BYTES = 128 * 1024
"""Bytes of a message that are read: what comes back has the mail itself below the report.

The library takes a time that may grow with the square of what is read, and anybody can write to the mailbox.
"""
RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
"""Headers that may name the address to which a message came, which mail servers write differently."""
_BETWEEN = re.compile(r'[\s<>,;:"()]+')
"""What stands around the addresses in a header. They aren't parsed: comments within comments may go on forever."""


def parse(message: bytes) -> Bounce | None:
    """Return what a message says of a mail that came back; None for any other message."""
    # The older way of reading, which takes headers as they are: the newer one raises errors for some that are broken.
    try:
        parsed = BytesParser().parsebytes(message[:MAX_BYTES])
        reports = list(_reports(parsed)) if parsed.get_content_type() == "multipart/report" else []
    except RecursionError:
        # Parts within parts within parts.
        return None
    returned_to = next(filter(None, map(_signed, _recipients(parsed))), None)
    if returned_to is None:
        return None
    for report in reports:
        action = _word(report, "Action").lower()
        if action in {"failed", "delayed"}:
            status = _word(report, "Status")
            gone = action == "failed" and status.startswith("5.") and REFUSING.match(status[2:]) is not None
            said = _word(report, "Diagnostic-Code").partition(";")[2].strip() or status
            return Bounce(returned_to, "hard" if gone else "soft", said)
    return None


def _recipients(message: Message) -> Iterator[str]:
    for name in RECIPIENTS:
        for line in message.get_all(name, []):
            yield from _BETWEEN.split(str(line))


def _signed(address: str) -> str:
    return address if SIGNED.search(address.rpartition("@")[0].lower()) else ""


def _reports(message: Message) -> Iterator[Message]:
    """Give what is said of each recipient: blocks of headers after the one about the message."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and isinstance(part.get_payload(), list):
            yield from (block for block in part.get_payload() if isinstance(block, Message))


def _word(block: Message, name: str) -> str:
    """Return a field in one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(block.get(name, ""))).split())
