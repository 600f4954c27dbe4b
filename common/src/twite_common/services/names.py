"""What a user name, an e-mail address and a server's name may look like."""

import re

from twite_common.errors import Invalid

USERNAME = re.compile(r"[A-Za-z0-9_]{1,30}", re.ASCII)
EMAIL = re.compile(
    r"[^@\s\x00-\x1f\x7f\ud800-\udfff\ufffd<>\"(),:;\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*"
)
LONGEST_EMAIL = 254
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+", re.ASCII)
LONGEST_DOMAIN = 253

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
        raise _invalid("username", "ERR_BLANK", "Please choose a user name.")
    if len(name) > 30:
        raise _invalid("username", "ERR_TOO_LONG", "The user name may have 30 characters.")
    if not USERNAME.fullmatch(name):
        raise _invalid("username", "ERR_INVALID", "The user name may have letters (a-z), digits and underscores only.")
    if name.lower() in RESERVED:
        raise _invalid("username", "ERR_RESERVED", f"The name {name} is reserved.")
    return name


def checked_email(email: str) -> str:
    """Return the address without space around it.

    Raises Invalid unless it looks like one; only a mail that arrives shows that it is.
    """
    stripped = email.strip()
    if not stripped:
        raise _invalid("email", "ERR_BLANK", "Please give your e-mail address.")
    if len(stripped) > LONGEST_EMAIL or not EMAIL.fullmatch(stripped):
        raise _invalid("email", "ERR_INVALID", "This doesn't look like an e-mail address, such as name@example.org.")
    return stripped


def checked_domain(text: str) -> str:
    """Return a server's name in the form in which it is kept: lower case, and in ASCII letters (IDNA).

    Raises Invalid for what can't be one.
    """
    name = text.strip().removeprefix("@").rstrip(".").lower()
    if not name:
        raise _invalid("domain", "ERR_BLANK", "Validation failed: Domain can't be blank")
    try:
        encoded = name.encode("idna").decode("ascii")
    except UnicodeError:
        encoded = ""
    if len(encoded) > LONGEST_DOMAIN or not DOMAIN.fullmatch(encoded):
        raise _invalid("domain", "ERR_INVALID", "Validation failed: Domain is not a valid domain name")
    return encoded


def _invalid(field: str, code: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: [(code, sentence)]})
