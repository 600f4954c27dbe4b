"""Tokens that act for an account."""

import msgspec
from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, false, func, or_, select

from twite_common import secret
from twite_common.queries.viewers import UNCLAIMED, may_act
from twite_common.tables import account, application, credentials, membership, token
from twite_common.visibility import NOW


class AccountToken(msgspec.Struct, frozen=True):
    """A token as its owner may see it: what it is for, never what it is. Times are milliseconds.

    `acts_for` names the account that it acts for, if that isn't its owner's.
    """

    id: int
    application_id: int | None
    name: str
    website: str | None
    scopes: str
    expires_at: int | None
    acts_for: str | None = None


class IssuedToken(msgspec.Struct, frozen=True):
    """A token that an application got and that works, as that may know it. Times are milliseconds.

    Without an account it is the application's own; `expires_at` is of a token itself, not of one that refreshes.
    """

    id: int
    application_id: int
    username: str | None
    account_id: int | None
    scopes: str
    expires_at: int | None
    refreshes: bool


_acted_for = account.alias("acted_for")
_their_credentials = credentials.alias("their_credentials")
_TOKEN = (
    select(
        token.c.id,
        token.c.application_id,
        func.coalesce(application.c.name, token.c.name),
        application.c.website,
        token.c.scopes,
        token.c.expires_at,
        _acted_for.c.username,
    )
    .outerjoin(application, application.c.id == token.c.application_id)
    .outerjoin(membership, membership.c.id == token.c.acts_as)
    .outerjoin(_acted_for, _acted_for.c.id == membership.c.account_id)
)
ONE = _TOKEN.where(token.c.id == bindparam("id", type_=BigInteger))
OF_ACCOUNT = _TOKEN.where(
    token.c.account_id == bindparam("id", type_=BigInteger),
    token.c.revoked_at.is_(None),
    or_(token.c.expires_at.is_(None), token.c.expires_at > NOW, token.c.refresh_hash.is_not(None)),
).order_by(token.c.id.desc())
_HASH = bindparam("hash", type_=LargeBinary)
_REFRESHES = token.c.refresh_hash == _HASH
ISSUED = (
    select(
        token.c.id,
        token.c.application_id,
        func.coalesce(_acted_for.c.username, account.c.username),
        func.coalesce(membership.c.account_id, token.c.account_id),
        token.c.scopes,
        token.c.expires_at,
        func.coalesce(_REFRESHES, false()),
    )
    .outerjoin(membership, membership.c.id == token.c.acts_as)
    .outerjoin(_acted_for, _acted_for.c.id == membership.c.account_id)
    .outerjoin(_their_credentials, _their_credentials.c.account_id == _acted_for.c.id)
    .outerjoin(account, account.c.id == token.c.account_id)
    .outerjoin(credentials, credentials.c.account_id == token.c.account_id)
    .where(
        or_(token.c.secret_hash == _HASH, _REFRESHES),
        token.c.application_id.is_not(None),
        token.c.revoked_at.is_(None),
        or_(token.c.expires_at.is_(None), token.c.expires_at > NOW, _REFRESHES),
        account.c.suspended_at.is_(None),
        credentials.c.disabled_at.is_(None),
        or_(token.c.account_id.is_(None), credentials.c.confirmed_at.is_not(None)),
        # One by which a member acts for an account is good as long as the membership is.
        or_(token.c.acts_as.is_(None), may_act(_acted_for, _their_credentials, account, credentials)),
    )
)


def issued(db: Connection, text: str, *, now: int) -> IssuedToken | None:
    """Return the token that an application got and that works, or that this refreshes.

    Of one that came from a sign-up nothing is told before the account is confirmed: there may be none.
    """
    row = db.execute(ISSUED, {"hash": secret.digest(text), "now": now}).one_or_none()
    issued = IssuedToken(*row) if row else None
    return issued if issued is not None and UNCLAIMED not in issued.scopes.split() else None


def of_account(db: Connection, account_id: int, *, now: int) -> list[AccountToken]:
    """Return an account's tokens that work, the newest first."""
    return [AccountToken(*row) for row in db.execute(OF_ACCOUNT, {"id": account_id, "now": now})]


def get(db: Connection, token_id: int) -> AccountToken | None:
    """Return a token, whether it works or not."""
    row = db.execute(ONE, {"id": token_id}).one_or_none()
    return AccountToken(*row) if row else None
