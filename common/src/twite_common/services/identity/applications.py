"""Registering applications."""

from urllib.parse import urlsplit

from sqlalchemy import BigInteger, Connection, bindparam, delete, exists, insert, select, update

from twite_common import clock, ids, secret, text
from twite_common.errors import Invalid
from twite_common.sql.dialects import among
from twite_common.tables import application, credentials, device_grant, grant, held_post, post, scheduled_post, token
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
MAX_NAME_LENGTH = 60
MAX_ADDRESS_LENGTH = 2000
MAX_ADDRESSES = 20
UNSAFE_SCHEMES = frozenset({"javascript", "data", "vbscript", "file", "blob", "about"})

UNUSED_MS = 7 * clock.DAY
"""How long an application may stay without anything; how often it is looked at again."""

ADD = insert(application)
DUE = (
    select(application.c.id)
    .where(application.c.review_at <= bindparam("now", type_=BigInteger))
    .order_by(application.c.review_at)
    .limit(bindparam("most", type_=BigInteger))
    .with_for_update(skip_locked=True)
)
"""Whoever is just being let in to an account holds the application's row, and is left alone."""
_REVIEWED = among(application.c.id, "ids")
DROP_UNUSED = delete(application).where(
    _REVIEWED,
    application.c.id < bindparam("before_id", type_=BigInteger),
    ~exists().where(token.c.application_id == application.c.id),
    ~exists().where(grant.c.application_id == application.c.id),
    ~exists().where(device_grant.c.application_id == application.c.id),
    ~exists().where(post.c.application_id == application.c.id),
    ~exists().where(scheduled_post.c.application_id == application.c.id),
    ~exists().where(held_post.c.application_id == application.c.id),
    ~exists().where(credentials.c.created_by_application_id == application.c.id),
)
REVIEW_LATER = update(application).where(_REVIEWED).values(review_at=bindparam("later", type_=BigInteger))


def register(
    db: Connection, *, now: int, name: str, redirect_uris: list[str], scopes: str, website: str | None
) -> tuple[int, str, str]:
    """Register an application and return its id, client id and client secret, which is not known afterwards.

    Raises Invalid for a name, website or redirect address that can't be used.
    """
    clean_name = text.clean_line(name)
    if not clean_name:
        raise Invalid(_("Validation failed: Application name can't be blank"))
    if len(clean_name) > MAX_NAME_LENGTH:
        raise Invalid(
            ngettext(
                "Validation failed: Application name is too long (maximum is %(count)s character)",
                "Validation failed: Application name is too long (maximum is %(count)s characters)",
                MAX_NAME_LENGTH,
            )
        )
    if not redirect_uris:
        raise Invalid(_("Validation failed: Redirect URI can't be blank"))
    if len(redirect_uris) > MAX_ADDRESSES:
        raise Invalid(
            ngettext(
                "Validation failed: At most %(count)s redirect address can be registered.",
                "Validation failed: At most %(count)s redirect addresses can be registered.",
                MAX_ADDRESSES,
            )
        )
    for address in redirect_uris:
        _check_redirect(address)
    id, client_id, client_secret = ids.new(now), secret.new(), secret.new()
    row = {
        "id": id,
        "client_id": client_id,
        "secret_hash": secret.digest(client_secret),
        "name": clean_name,
        "website": _checked_website(website),
        "redirect_uris": " ".join(redirect_uris),
        "scopes": scopes,
        "review_at": now + UNUSED_MS,
    }
    db.execute(ADD, row)
    return id, client_id, client_secret


def forget_unused(db: Connection, *, now: int, limit: int) -> None:
    """Remove applications of which there is nothing: no token, code, device that waits, post or account that they made.

    Looks at `limit` that are due, and at the others when these are due again.
    """
    due = list(db.scalars(DUE, {"now": now, "most": limit}))
    if due:
        db.execute(DROP_UNUSED, {"ids": due, "before_id": ids.first_at(now - UNUSED_MS)})
        db.execute(REVIEW_LATER, {"ids": due, "later": now + UNUSED_MS})


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
    if not fits or (web and not parts.hostname) or len(address) > MAX_ADDRESS_LENGTH or not address.isprintable():
        raise Invalid(_("Validation failed: Redirect URI must be an absolute address without a fragment."))


def _checked_website(website: str | None) -> str | None:
    if not website:
        return None
    if not website.startswith(("http://", "https://")) or len(website) > MAX_ADDRESS_LENGTH:
        raise Invalid(_("Validation failed: Website must be an http or https address."))
    return text.clean_line(website)
