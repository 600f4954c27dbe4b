"""Grants: the codes of OAuth's authorization-code flow, good once and for ten minutes (RFC 6749, section 4.1)."""

import msgspec
from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, delete, insert, select, update

from twite_common import clock, ids, secret
from twite_common.services import tokens
from twite_common.tables import grant

LIFETIME_MS = 10 * clock.MINUTE


class Grant(msgspec.Struct, frozen=True):
    """What somebody allowed an application, until it has fetched its token."""

    id: int
    application_id: int
    account_id: int
    redirect_uri: str
    scopes: str
    code_challenge: str | None
    code_challenge_method: str | None
    expires_at: int
    used_at: int | None


_HASH = bindparam("hash", type_=LargeBinary)
_ID = bindparam("grant_id", type_=BigInteger)
ADD = insert(grant)
BY_CODE = (
    select(*[grant.c[name] for name in Grant.__struct_fields__]).where(grant.c.code_hash == _HASH).with_for_update()
)
"""Whoever asks second at the same moment waits, and finds the code used."""
USE = update(grant).where(grant.c.id == _ID, grant.c.used_at.is_(None))
FORGET_OLD = delete(grant).where(grant.c.expires_at < bindparam("before", type_=BigInteger))


def add(
    db: Connection,
    *,
    now: int,
    code: str,
    application_id: int,
    account_id: int,
    redirect_uri: str,
    scopes: str,
    code_challenge: str | None,
    code_challenge_method: str | None,
) -> None:
    """Keep what was allowed, under the hash of its code."""
    row = {
        "id": ids.new(now),
        "code_hash": secret.digest(code),
        "application_id": application_id,
        "account_id": account_id,
        "redirect_uri": redirect_uri,
        "scopes": scopes,
        "code_challenge": code_challenge,
        "code_challenge_method": code_challenge_method,
        "expires_at": now + LIFETIME_MS,
    }
    db.execute(ADD, row)


def find(db: Connection, *, now: int, code: str, application_id: int) -> Grant | None:
    """Return what a code stands for, if it is this application's and still good.

    A code that was used already is in the wrong hands once: the tokens that came from it end, and None is returned
    (RFC 6749, section 4.1.2).
    """
    row = db.execute(BY_CODE, {"hash": secret.digest(code)}).one_or_none()
    found = Grant(*row) if row else None
    if found is None or found.application_id != application_id:
        return None
    if found.used_at is not None:
        tokens.revoke_of_grant(db, now=now, grant_id=found.id)
        return None
    return found if found.expires_at > now else None


def use(db: Connection, *, now: int, grant_id: int) -> bool:
    """Use a grant up; of two at once only one is told True."""
    return bool(db.execute(USE.values(used_at=now), {"grant_id": grant_id}).rowcount)


def forget_old(db: Connection, *, before: int) -> None:
    """Remove grants that ended before a time."""
    db.execute(FORGET_OLD, {"before": before})
