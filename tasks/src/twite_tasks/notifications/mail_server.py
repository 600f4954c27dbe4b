"""Testing the mail server: `twite mail test ADDRESS`."""

import smtplib

from twite_common import clock, domains, ids
from twite_common.errors import Unavailable
from twite_common.queries.notifications.mails import Mail
from twite_common.settings import Settings
from twite_tasks.notifications import delivery, mime
from twite_tasks.notifications.delivery import Refused, TemporarilyRefused, Unknown
from twite_tasks.notifications.mail_draft import MailContent


def test(settings: Settings, address: str) -> str:
    """Send a test mail and return what the server said, explained.

    Raises Unavailable with that explanation when the message was not taken.
    """
    now = clock.now()
    mail = Mail(ids.new(now), None, "test", address, "{}", "claimed", 0, now, now, None, "")
    content = MailContent(
        subject=f"Test e-mail from {settings.site_name}",
        paragraphs=["If you can read this, mail from your site works."],
    )
    try:
        said = delivery.deliver(settings, mime.make(settings, mail, content, now=now))
    except TemporarilyRefused as error:
        if not settings.smtp:
            raise Unavailable(str(error)) from error
        raise Unavailable(
            f"The mail server didn't accept the message: {error}\n"
            "It can't be reached, rejects Twite's login, or asks to try again later. "
            "Please check the setting smtp and the server's log."
        ) from error
    except Unknown as error:
        raise Unavailable(f"{error}\nIt may have: please check the inbox of {address}.") from error
    except Refused as error:
        readable_address = domains.readable(address)
        raise Unavailable(f"The mail server permanently refuses the address {readable_address}: {error}") from error
    return f"The mail server accepted the message: {said}" if settings.smtp else said


test.__test__ = False  # type: ignore[attr-defined] # a name that pytest would collect


def check(settings: Settings) -> str:
    """Return a sentence about the mail server.

    Raises Unavailable when it can't be reached, doesn't let Twite in, or can't do what the settings say.
    """
    if not settings.smtp:
        return "none is configured; mail is written to the data folder."
    takes_utf8 = _takes_utf8(settings)
    if settings.smtp_utf8 and not takes_utf8:
        raise Unavailable(
            "it can be reached, but doesn't accept non-ASCII characters before the @ (SMTPUTF8): "
            "please remove smtp_utf8 from the settings."
        )
    if takes_utf8 and not settings.smtp_utf8:
        return (
            "it can be reached. It also accepts non-ASCII characters before the @: "
            "with smtp_utf8 = true, people can use such addresses."
        )
    return "it can be reached."


def _takes_utf8(settings: Settings) -> bool:
    """Reach the mail server and return whether it offers SMTPUTF8. Raises Unavailable when it can't be used."""
    try:
        with delivery.connect(settings) as server:
            server.noop()
            return delivery.takes_utf8(server)
    except (smtplib.SMTPException, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unavailable(f"it can't be used ({reason.rstrip('.')}).") from error
