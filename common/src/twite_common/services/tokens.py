"""Tokens: making, refreshing and ending them. Only their hashes are kept."""

import msgspec
from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, func, insert, or_, select, update

from twite_common import clock, ids, secret, text
from twite_common.errors import Invalid, NotFound
from twite_common.tables import token

LIFETIME_SECONDS = 2 * 3600
"""How long the tokens of applications that ask for expiring ones last."""
LONGEST_NAME = 60


class Refreshable(msgspec.Struct, frozen=True):
    """A token that a refresh token belongs to."""

    id: int
    application_id: int
    account_id: int
    grant_id: int | None
    scopes: str
    revoked_at: int | None


_ID = bindparam("token_id", type_=BigInteger)
_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
_APPLICATION = bindparam("of_application_id", type_=BigInteger)
_GRANT = bindparam("of_grant_id", type_=BigInteger)
_HASH = bindparam("hash", type_=LargeBinary)
_NOW = bindparam("now", type_=BigInteger)
ADD = insert(token)
BY_REFRESH = (
    select(token.c.id, token.c.application_id, token.c.account_id, token.c.grant_id, token.c.scopes, token.c.revoked_at)
    .where(token.c.refresh_hash == _HASH, token.c.application_id == _APPLICATION)
    .with_for_update()
)
"""Whoever asks second at the same moment waits, and finds the token refreshed."""
_WORKING = update(token).where(token.c.revoked_at.is_(None)).values(revoked_at=_NOW)
REVOKE = _WORKING.where(token.c.id == _ID)
REVOKE_OWN = _WORKING.where(token.c.id == _ID, token.c.account_id == _ACCOUNT)
REVOKE_OF_APPLICATION = _WORKING.where(token.c.application_id == _APPLICATION, token.c.account_id == _ACCOUNT)
REVOKE_OF_GRANT = _WORKING.where(token.c.grant_id == _GRANT)
REVOKE_OF_ACCOUNT = _WORKING.where(token.c.account_id == _ACCOUNT)
REVOKE_BY_SECRET = _WORKING.where(
    token.c.application_id == _APPLICATION, or_(token.c.secret_hash == _HASH, token.c.refresh_hash == _HASH)
)
OWNER = select(func.coalesce(token.c.application_id, 0)).where(
    or_(token.c.secret_hash == _HASH, token.c.refresh_hash == _HASH)
)


def add(
    db: Connection,
    *,
    now: int,
    access_token: str,
    scopes: str,
    application_id: int | None,
    account_id: int | None,
    refresh_token: str | None = None,
    lifetime_seconds: int | None = None,
    grant_id: int | None = None,
    name: str = "",
) -> int:
    """Keep a token, under its hash, and return its id; without a lifetime it lasts until it is revoked."""
    id = ids.new(now)
    row = {
        "id": id,
        "secret_hash": secret.digest(access_token),
        "refresh_hash": secret.digest(refresh_token) if refresh_token else None,
        "application_id": application_id,
        "account_id": account_id,
        "grant_id": grant_id,
        "name": name,
        "scopes": scopes,
        "lifetime_seconds": lifetime_seconds,
        "expires_at": now + lifetime_seconds * clock.SECOND if lifetime_seconds else None,
    }
    db.execute(ADD, row)
    return id


def create_personal(db: Connection, *, now: int, account_id: int, name: str, scopes: str) -> str:
    """Make a token for an account's own scripts and return it: nobody can look it up later.

    Raises Invalid without a name.
    """
    shown = text.clean_line(name)[:LONGEST_NAME]
    if not shown:
        raise Invalid("Please give the token a name, so that you know later what it is for.")
    made = secret.new()
    add(db, now=now, access_token=made, scopes=scopes, application_id=None, account_id=account_id, name=shown)
    return made


def refreshable(db: Connection, *, now: int, refresh_token: str, application_id: int) -> Refreshable | None:
    """Return the token that a refresh token belongs to.

    One that was used before is in the wrong hands once: all tokens of its family end, and None is returned (RFC 9700,
    section 4.14.2).
    """
    parameters = {"hash": secret.digest(refresh_token), "of_application_id": application_id}
    row = db.execute(BY_REFRESH, parameters).one_or_none()
    found = Refreshable(*row) if row else None
    if found is not None and found.revoked_at is not None:
        if found.grant_id is not None:
            revoke_of_grant(db, now=now, grant_id=found.grant_id)
        return None
    return found


def revoke(db: Connection, *, now: int, token_id: int) -> None:
    """End a token.

    Raises NotFound when there is no such token that works.
    """
    if not db.execute(REVOKE, {"token_id": token_id, "now": now}).rowcount:
        raise NotFound(f"There is no token {token_id}, or it was revoked already.")


def revoke_own(db: Connection, *, now: int, account_id: int, token_id: int) -> None:
    """End one of an account's own tokens.

    Raises NotFound when there is no such token that works.
    """
    parameters = {"token_id": token_id, "of_account_id": account_id, "now": now}
    if not db.execute(REVOKE_OWN, parameters).rowcount:
        raise NotFound("There is no such token, or it was revoked already.")


def revoke_access(db: Connection, *, now: int, account_id: int, application_id: int) -> None:
    """End every token that an application has from an account."""
    parameters = {"of_account_id": account_id, "of_application_id": application_id, "now": now}
    db.execute(REVOKE_OF_APPLICATION, parameters)


def revoke_of_grant(db: Connection, *, now: int, grant_id: int) -> None:
    """End every token that came from one grant."""
    db.execute(REVOKE_OF_GRANT, {"of_grant_id": grant_id, "now": now})


def revoke_all(db: Connection, *, now: int, account_id: int) -> None:
    """End every token of an account."""
    db.execute(REVOKE_OF_ACCOUNT, {"of_account_id": account_id, "now": now})


def owner(db: Connection, text_of_token: str) -> int | None:
    """Return the id of the application that a token or refresh token was given to; 0 if to none, None if it isn't."""
    found: int | None = db.scalar(OWNER, {"hash": secret.digest(text_of_token)})
    return found


def revoke_by_secret(db: Connection, *, now: int, text_of_token: str, application_id: int) -> None:
    """End the application's token that this is, or that this refreshes (RFC 7009)."""
    parameters = {"hash": secret.digest(text_of_token), "of_application_id": application_id, "now": now}
    db.execute(REVOKE_BY_SECRET, parameters)
