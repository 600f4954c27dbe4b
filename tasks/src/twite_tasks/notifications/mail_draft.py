"""A mail before it is written: what it is about, and what it says once it is."""

import msgspec

from twite_common.database import Connection
from twite_common.queries.notifications.mails import Mail
from twite_common.services import one_time_links
from twite_common.services.notifications import unsubscribe
from twite_tasks.context import Context


class Quote(msgspec.Struct, frozen=True):
    """A quotation in a mail: a heading, the quoted text, and its URL."""

    heading: str
    text: str = ""
    url: str = ""


class MailContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says, before it is rendered as a MIME message."""

    subject: str
    paragraphs: list[str]
    quotes: list[Quote] = []
    button: str = ""
    button_url: str = ""
    closing: list[str] = []
    unsubscribe_url: str = ""


class Draft(msgspec.Struct, frozen=True):
    """A mail that is to be written, and what it is written from. `now` is in milliseconds."""

    db: Connection
    context: Context
    mail: Mail
    now: int

    @property
    def site(self) -> str:
        """The site's name."""
        return self.context.settings.site_name

    @property
    def base(self) -> str:
        """The site's address."""
        return self.context.settings.base_url

    def link(self, path: str, purpose: str) -> str:
        """Return the URL of the mail's one-time link."""
        token = one_time_links.token(self.context.signer, self.mail.details()["link_id"], purpose)
        return f"{self.base}/{path}/{token}"

    def unsubscribe(self, kinds: list[str]) -> str:
        """Return the address at which mails of these kinds are turned off."""
        token = unsubscribe.token(self.context.signer, self.mail.account_id or 0, kinds)
        return f"{self.base}/unsubscribe/{token}"
