"""Tokens that act for an account."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, func, or_, select

from twite_common.tables import application, token
from twite_common.visibility import NOW


class AccountToken(msgspec.Struct, frozen=True):
    """A token as its owner may see it: what it is for, never what it is. Times are milliseconds."""

    id: int
    application_id: int | None
    name: str
    website: str | None
    scopes: str
    expires_at: int | None


_TOKEN = select(
    token.c.id,
    token.c.application_id,
    func.coalesce(application.c.name, token.c.name),
    application.c.website,
    token.c.scopes,
    token.c.expires_at,
).outerjoin(application, application.c.id == token.c.application_id)
ONE = _TOKEN.where(token.c.id == bindparam("id", type_=BigInteger))
OF_ACCOUNT = _TOKEN.where(
    token.c.account_id == bindparam("id", type_=BigInteger),
    token.c.revoked_at.is_(None),
    or_(token.c.expires_at.is_(None), token.c.expires_at > NOW, token.c.refresh_hash.is_not(None)),
).order_by(token.c.id.desc())


def of_account(db: Connection, account_id: int, *, now: int) -> list[AccountToken]:
    """Return an account's tokens that work, the newest first."""
    return [AccountToken(*row) for row in db.execute(OF_ACCOUNT, {"id": account_id, "now": now})]


def get(db: Connection, token_id: int) -> AccountToken | None:
    """Return a token, whether it works or not."""
    row = db.execute(ONE, {"id": token_id}).one_or_none()
    return AccountToken(*row) if row else None
