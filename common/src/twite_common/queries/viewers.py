"""Who is asking: the account behind a session's cookie or a token."""

import msgspec
from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, literal_column, or_, select

from twite_common import secret
from twite_common.passwords import NOBODYS_HASH
from twite_common.tables import account, credentials, preferences, session, token
from twite_common.visibility import NOW

UNCLAIMED = "unclaimed"
"""Stands among the scopes of a token that `services.registrations` gave out without an account; nobody can ask for
it."""


class Viewer(msgspec.Struct, frozen=True, gc=False):
    """The account that a request acts for. `notifications_seen_at` is in milliseconds.

    `filters_version` is 0 for an account that never had filters, and grows with every change of them. `mail_failed`
    says that its address was refused so often that most mail isn't sent any more. `locale` is the language that its
    owner reads the site in, None for the browser's; `time_zone` is what their clocks show. `role_rests` says that the
    account has no role until it has the second factor which the role asks for (`services.identity.second_factors`).
    `has_password` is False for an account that its passkeys open.
    """

    account_id: int
    username: str
    role: str
    email: str
    confirmed: bool
    approved: bool
    suspended: bool
    disabled: bool
    notifications_seen_at: int | None
    filters_version: int
    mail_failed: bool
    locale: str | None = None
    time_zone: str = "UTC"
    has_second_factor: bool = False
    second_factor_asked_at: int | None = None
    has_password: bool = True
    role_rests: bool = False


class Session(msgspec.Struct, frozen=True, gc=False):
    """A log-in on the site. Times are milliseconds.

    `authenticated_at` is when whoever uses it last proved whose account it is.
    """

    id: int
    seen_at: int
    authenticated_at: int | None
    viewer: Viewer


class Token(msgspec.Struct, frozen=True, gc=False):
    """What a bearer token allows. `viewer` is None for an application's own token.

    Of that it is also known when it was last used, in milliseconds, to a day.
    """

    id: int
    application_id: int | None
    scopes: frozenset[str]
    viewer: Viewer | None
    used_at: int | None

    @property
    def unclaimed(self) -> bool:
        """Whether it came from a sign-up that made no account: it acts like one that is never confirmed."""
        return UNCLAIMED in self.scopes


_HASH = bindparam("secret_hash", type_=LargeBinary)
_VIEWER = [
    account.c.id,
    account.c.username,
    account.c.role,
    credentials.c.email,
    credentials.c.confirmed_at.is_not(None),
    credentials.c.approved_at.is_not(None),
    account.c.suspended_at.is_not(None),
    credentials.c.disabled_at.is_not(None),
    preferences.c.notifications_seen_at,
    preferences.c.filters_version,
    credentials.c.mail_failed_at.is_not(None),
    preferences.c.locale,
    preferences.c.time_zone,
    credentials.c.second_factor_at.is_not(None),
    credentials.c.second_factor_asked_at,
    credentials.c.password_hash != literal_column(f"'{NOBODYS_HASH}'"),
]
BY_SESSION = (
    select(session.c.id, session.c.seen_at, session.c.authenticated_at, *_VIEWER)
    .join(account, account.c.id == session.c.account_id)
    .join(credentials, credentials.c.account_id == account.c.id)
    .join(preferences, preferences.c.account_id == account.c.id)
    .where(
        session.c.secret_hash == _HASH,
        session.c.expires_at > NOW,
        account.c.suspended_at.is_(None),
        credentials.c.disabled_at.is_(None),
    )
)
BY_TOKEN = (
    select(token.c.id, token.c.application_id, token.c.scopes, token.c.used_at, *_VIEWER)
    .outerjoin(account, account.c.id == token.c.account_id)
    .outerjoin(credentials, credentials.c.account_id == account.c.id)
    .outerjoin(preferences, preferences.c.account_id == account.c.id)
    .where(
        token.c.secret_hash == _HASH,
        token.c.revoked_at.is_(None),
        or_(token.c.expires_at.is_(None), token.c.expires_at > NOW),
    )
)

BY_ACCOUNT = (
    select(*_VIEWER)
    .join(credentials, credentials.c.account_id == account.c.id)
    .join(preferences, preferences.c.account_id == account.c.id)
    .where(account.c.id == bindparam("account_id", type_=BigInteger))
)


def by_session(db: Connection, session_secret: str, *, now: int) -> Session | None:
    """Return the session that a cookie's secret belongs to, while it lasts and its account may be used."""
    row = db.execute(BY_SESSION, {"secret_hash": secret.digest(session_secret), "now": now}).one_or_none()
    return Session(row[0], row[1], row[2], Viewer(*row[3:])) if row else None


def by_token(db: Connection, bearer: str, *, now: int) -> Token | None:
    """Return what a bearer token allows; None when it is unknown, revoked or over."""
    row = db.execute(BY_TOKEN, {"secret_hash": secret.digest(bearer), "now": now}).one_or_none()
    if row is None:
        return None
    viewer = Viewer(*row[4:]) if row[4] is not None else None
    return Token(row[0], row[1], frozenset(row[2].split()), viewer, row[3])


def by_account(db: Connection, account_id: int) -> Viewer | None:
    """Return an account as the one that asks, where nobody does: it is told something, and sees it as its own."""
    row = db.execute(BY_ACCOUNT, {"account_id": account_id}).one_or_none()
    return Viewer(*row) if row else None
