"""What usernames, e-mail addresses, server names and addresses to send to may look like."""

import hashlib
import re
import unicodedata
from urllib.parse import urlsplit

from twite_common import domains, text
from twite_common.errors import Invalid
from twite_common.queries.accounts.credentials import email_key
from twite_common.settings import Settings
from twite_common.translations import gettext as _

USERNAME = re.compile(r"[A-Za-z0-9_]{1,30}", re.ASCII)
MAILBOX = re.compile(r"[^@\s\x00-\x1f\x7f\ufffd<>\"(),:;\[\]\\]+")
"""What stands before the @ of a mail address."""
MAX_EMAIL_LENGTH, MAX_MAILBOX_LENGTH = 254, 64
"""Bytes of a mail address, and of what stands before its @ (RFC 5321, section 4.5.3.1; RFC 6531, section 3.4)."""
MAX_URL_LENGTH = 2048

RESERVED = frozenset(
    {
        "about",
        "abuse",
        "account",
        "accounts",
        "admin",
        "administrator",
        "api",
        "everyone",
        "help",
        "here",
        "hostmaster",
        "moderator",
        "noreply",
        "postmaster",
        "root",
        "security",
        "support",
        "system",
        "twite",
        "webmaster",
    }
)
"""Names that would be taken for the site's own voice."""


def checked_username(name: str) -> str:
    """Return the name.

    Raises Invalid unless it has 1 to 30 letters, digits and underscores and isn't reserved.
    """
    if not name:
        raise _invalid("username", "ERR_BLANK", _("Please choose a username."))
    if len(name) > 30:
        raise _invalid("username", "ERR_TOO_LONG", _("The username can have at most 30 characters."))
    if not USERNAME.fullmatch(name):
        raise _invalid(
            "username", "ERR_INVALID", _("The username can only contain letters (a-z), digits and underscores.")
        )
    if name.lower() in RESERVED:
        raise _invalid("username", "ERR_RESERVED", _("The name %(name)s is reserved.", name=name))
    return name


def checked_email(email: str, *, smtp_utf8: bool) -> str:
    """Return the address in the form in which it is stored: without space around it, its server's name in ASCII.

    Raises Invalid unless it looks like one; only a mail that arrives shows that it is. `smtp_utf8` says whether mail
    can be sent to addresses with other letters than ASCII's before the @.
    """
    stripped = unicodedata.normalize("NFC", email.strip())
    if not stripped:
        raise _invalid("email", "ERR_BLANK", _("Please enter your e-mail address."))
    mailbox, _at, host = stripped.rpartition("@")
    try:
        address = f"{mailbox}@{domains.to_ascii(host)}"
    except ValueError:
        address = ""
    if not _is_email(mailbox, address):
        raise _invalid("email", "ERR_INVALID", _("This isn't an e-mail address, such as name@example.org."))
    if not (smtp_utf8 or mailbox.isascii()):
        sentence = _("This site's mail server only accepts ASCII characters before the @. Please use another address.")
        raise _invalid("email", "ERR_INVALID", sentence)
    return address


def _is_email(mailbox: str, email: str) -> bool:
    """Say whether what stands before the @ and the whole, which may be empty, can be an address."""
    try:
        fits = len(mailbox.encode()) <= MAX_MAILBOX_LENGTH and 0 < len(email.encode()) <= MAX_EMAIL_LENGTH
    except UnicodeEncodeError:
        return False
    # Nobody sees control characters, marks of direction and the like.
    visible = all(unicodedata.category(character)[0] != "C" for character in mailbox)
    return fits and visible and MAILBOX.fullmatch(mailbox) is not None


def checked_domain(text: str) -> str:
    """Return a server's name in the form in which it is kept: lower case, and in ASCII letters (IDNA 2008).

    Raises Invalid for what can't be one.
    """
    name = text.strip().removeprefix("@").rstrip(".")
    if not name:
        raise _invalid("domain", "ERR_BLANK", _("Validation failed: Domain can't be blank"))
    try:
        encoded = domains.to_ascii(name)
    except ValueError:
        encoded = ""
    if "." not in encoded:
        raise _invalid("domain", "ERR_INVALID", _("Validation failed: Domain is not a valid domain name"))
    return encoded


def is_receiver(settings: Settings, url: str) -> bool:
    """Say whether requests may be sent to an address that somebody gave: one with HTTPS, and nothing but a place.

    Without HTTPS only where the settings allow private addresses. Where a name leads is checked when it is asked.
    """
    schemes = {"https", "http"} if settings.allow_private_addresses else {"https"}
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > MAX_URL_LENGTH:
        return False
    try:
        parts = urlsplit(url)
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    # Neither reaches the receiver: they would only make one address look like several.
    is_plain = not parts.fragment and "@" not in parts.netloc
    return parts.scheme in schemes and has_place and is_plain


def _invalid(field: str, code: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: [(code, sentence)]})


def within(value: str, limit: int, field: str, sentence: str) -> str:
    """Return a text. Raises Invalid with the sentence, marked and with a `%(limit)s`, where it has more characters."""
    if beyond := text.excess(value, limit):
        raise _invalid(field, "ERR_TOO_LONG", _(sentence, limit=beyond))
    return value


def canonical_email_hash(email: str) -> bytes:
    """Return the hash of a mail address without what many providers ignore: case, dots, and what follows a plus."""
    name, _at, host = email_key(email).rpartition("@")
    return hashlib.sha256(f"{name.partition('+')[0].replace('.', '')}@{host}".encode()).digest()
