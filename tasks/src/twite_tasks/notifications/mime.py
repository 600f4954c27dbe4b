"""Turning a mail's content into a message: text and HTML parts, and headers for mail programs."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from twite_common import clock, formats, translations
from twite_common.queries.notifications.mails import Mail
from twite_common.settings import Settings
from twite_tasks.notifications.mail_draft import MailContent

MAX_LINE_LENGTH = 998
"""Bytes of a line, without its end (RFC 5322, section 2.1.1)."""
FOLDED = frozenset({"subject", "from", "to"})
"""Headers with words, which may be divided and encoded; all others are read by programs as they are."""

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
    extensions=["jinja2.ext.i18n"],
)
_templates.policies["ext.i18n.trimmed"] = True
_templates.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
    translations.gettext, translations.ngettext, newstyle=True, pgettext=translations.pgettext
)


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


def load_templates() -> None:
    """Compile every template now: installing a newer version changes the files under a worker that runs."""
    for name in _templates.list_templates():
        _templates.get_template(name)


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
    variables = {
        "content": content,
        "site": settings,
        "language": translations.language(),
        "right_to_left": formats.is_right_to_left(),
    }
    message.set_content(_templates.get_template("mail.txt").render(variables))
    message.add_alternative(_templates.get_template("mail.html").render(variables), subtype="html")
    return message
