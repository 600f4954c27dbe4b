"""Registering applications."""

from urllib.parse import urlsplit

from sqlalchemy import Connection, insert

from twite_common import ids, secret, text
from twite_common.errors import Invalid
from twite_common.tables import application

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
LONGEST_NAME = 60
LONGEST_ADDRESS = 2000
MOST_ADDRESSES = 20
UNSAFE_SCHEMES = frozenset({"javascript", "data", "vbscript", "file", "blob", "about"})

ADD = insert(application)


def register(
    db: Connection, *, now: int, name: str, redirect_uris: list[str], scopes: str, website: str | None
) -> tuple[int, str, str]:
    """Register an application and return its id, client id and client secret, which is not known afterwards.

    Raises Invalid for a name, website or redirect address that can't be used.
    """
    shown = text.clean_line(name)
    if not shown:
        raise Invalid("Validation failed: Application name can't be blank")
    if len(shown) > LONGEST_NAME:
        raise Invalid(f"Validation failed: Application name is too long (maximum is {LONGEST_NAME} characters)")
    if not redirect_uris:
        raise Invalid("Validation failed: Redirect URI can't be blank")
    if len(redirect_uris) > MOST_ADDRESSES:
        raise Invalid(f"Validation failed: At most {MOST_ADDRESSES} redirect addresses can be registered.")
    for address in redirect_uris:
        _check_redirect(address)
    id, client_id, client_secret = ids.new(now), secret.new(), secret.new()
    row = {
        "id": id,
        "client_id": client_id,
        "secret_hash": secret.digest(client_secret),
        "name": shown,
        "website": _checked_website(website),
        "redirect_uris": " ".join(redirect_uris),
        "scopes": scopes,
    }
    db.execute(ADD, row)
    return id, client_id, client_secret


def _check_redirect(address: str) -> None:
    """Raise Invalid unless codes may be sent to an address (RFC 6749, section 3.1.2: absolute, no fragment)."""
    if address == OUT_OF_BAND:
        return
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    fits = parts.scheme and parts.scheme not in UNSAFE_SCHEMES and not parts.fragment
    web = parts.scheme in {"http", "https"}
    if not fits or (web and not parts.hostname) or len(address) > LONGEST_ADDRESS or not address.isprintable():
        raise Invalid("Validation failed: Redirect URI must be an absolute address without a fragment.")


def _checked_website(website: str | None) -> str | None:
    if not website:
        return None
    if not website.startswith(("http://", "https://")) or len(website) > LONGEST_ADDRESS:
        raise Invalid("Validation failed: Website must be an http or https address.")
    return text.clean_line(website)
