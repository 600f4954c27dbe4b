"""Testing the mail server by hand: `twite mail test ADDRESS`."""

import smtplib

from twite_common import clock, ids
from twite_common.errors import Unavailable
from twite_common.queries.mails import Mail
from twite_common.settings import Settings
from twite_tasks import delivery, messages
from twite_tasks.delivery import Refused, TemporarilyRefused, Unknown
from twite_tasks.letters import Letter


def test(settings: Settings, address: str) -> str:
    """Send a test mail and return what the server said, explained.

    Raises Unavailable with that explanation when the message was not taken.
    """
    now = clock.now()
    mail = Mail(ids.new(now), None, "test", address, "{}", "claimed", 0, now, now, None, "")
    letter = Letter(
        subject=f"A test mail from {settings.site_name}",
        paragraphs=["If you can read this, mail from your site arrives."],
    )
    try:
        return delivery.deliver(settings, messages.make(settings, mail, letter, now=now))
    except TemporarilyRefused as error:
        if not settings.smtp:
            raise Unavailable(str(error)) from error
        raise Unavailable(
            f"The mail server did not take the message: {error}\n"
            "It can't be reached, does not let Twite in, or asks to try again later. "
            "Please check the setting smtp and the server's own log."
        ) from error
    except Unknown as error:
        raise Unavailable(f"{error}\nIt may have: please look for it at {address}.") from error
    except Refused as error:
        raise Unavailable(f"The mail server refuses the address {address}, for good: {error}") from error


test.__test__ = False  # type: ignore[attr-defined] # a name that pytest would collect


def check(settings: Settings) -> str:
    """Return a sentence about the mail server.

    Raises Unavailable when it can't be reached or doesn't let Twite in.
    """
    if not settings.smtp:
        return "none is set; mail is written to the data folder."
    try:
        with delivery.connect(settings) as server:
            server.noop()
    except (smtplib.SMTPException, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unavailable(f"it can't be used ({reason.rstrip('.')}).") from error
    return "it can be reached."
