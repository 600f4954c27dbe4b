"""Turning a mail's content into a message: text and HTML parts, and headers for mail programs."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from urllib.parse import urlsplit

from twite_common import clock
from twite_common.queries.notifications.mails import Mail
from twite_common.settings import Settings
from twite_tasks import templating
from twite_tasks.notifications.mail_draft import MailContent

MAX_LINE_LENGTH = 998
"""Bytes of a line, without its end (RFC 5322, section 2.1.1)."""
FOLDED = frozenset({"subject", "from", "to"})
"""Headers with words, which may be divided and encoded; all others are read by programs as they are."""


class _Policy(EmailPolicy):
    """Python's, which would encode an address that fits in no line of the usual 78 bytes as if it were words."""

    def fold(self, name: str, value: str) -> str:
        """Return a header in lines."""
        return self._whole().fold(name, value) if self._divides(name) else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return a header in lines, as it is sent."""
        return self._whole().fold_binary(name, value) if self._divides(name) else super().fold_binary(name, value)

    def _divides(self, name: str) -> bool:
        return name.lower() not in FOLDED and self.max_line_length != MAX_LINE_LENGTH

    def _whole(self) -> "_Policy":
        return self.clone(max_line_length=MAX_LINE_LENGTH)


def make(settings: Settings, mail: Mail, content: MailContent, *, now: int) -> EmailMessage:
    """Return the message for a mail, in the language of the context; its Message-ID is the same each time it is sent.

    Its date is that of sending: a digest is written down long before, and would stand far down among other mails.
    """
    # Letters outside ASCII stand in addresses as they are, for servers that take them; delivery sees to that.
    message = EmailMessage(policy=_Policy(linesep="\r\n", utf8=not f"{mail.address}{settings.sender}".isascii()))
    message["Subject"] = content.subject
    message["From"] = Address(settings.site_name, addr_spec=settings.sender)
    message["To"] = mail.address
    message["Date"] = format_datetime(clock.as_datetime(now))
    message["Message-ID"] = f"<{mail.id}@{urlsplit(settings.base_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Twite-Mail"] = str(mail.id)
    if content.unsubscribe_url:
        # RFC 8058: mail programs show a button that sends a POST to this address.
        message["List-Unsubscribe"] = f"<{content.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    variables = {"content": content, "site": settings}
    message.set_content(templating.rendered("mail.txt", variables))
    message.add_alternative(templating.rendered("mail.html", variables), subtype="html")
    return message
