"""Who is asking: the account behind a session's cookie or a token."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    LargeBinary,
    Table,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from twite_common import secret
from twite_common.acting import Acting
from twite_common.passwords import NOBODYS_HASH
from twite_common.sql.types import AnySelect
from twite_common.tables import account, credentials, membership, preferences, session, token
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
    `has_password` is False for an account that its passkeys open. `acting` says who acts for the account by a
    membership, with neither its role on the site nor its address; the language and the time zone are theirs.
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
    acting: Acting | None = None


class Session(msgspec.Struct, frozen=True, gc=False):
    """A log-in on the site. Times are milliseconds.

    `account_id` is who logged in, which is another account than the viewer's for somebody who acts for that.
    `authenticated_at` is when whoever uses it last proved whose account it is.
    """

    id: int
    seen_at: int
    authenticated_at: int | None
    account_id: int
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


def may_act(
    owner: FromClause, owners_credentials: FromClause, member: FromClause, members_credentials: FromClause
) -> ColumnElement[bool]:
    """Say of a membership whether it is any good: neither may be away, nor the owner staff, nor the member limited."""
    return and_(
        owner.c.suspended_at.is_(None),
        owners_credentials.c.disabled_at.is_(None),
        owner.c.role == literal_column("''"),
        member.c.suspended_at.is_(None),
        member.c.limited_at.is_(None),
        members_credentials.c.disabled_at.is_(None),
        members_credentials.c.confirmed_at.is_not(None),
        members_credentials.c.approved_at.is_not(None),
    )


# Whoever acts by a membership: nothing is read of them for the many sessions and tokens that name none.
_member = account.alias("member")
_member_credentials = credentials.alias("member_credentials")
_member_preferences = preferences.alias("member_preferences")
_MEMBER = [
    membership.c.id,
    _member.c.id,
    _member.c.username,
    membership.c.role,
    membership.c.used_at,
    _member_preferences.c.locale,
    _member_preferences.c.time_zone,
    may_act(account, credentials, _member, _member_credentials),
]


def _acted_for(held: Table, statement: AnySelect) -> AnySelect:
    """Return a statement over sessions or tokens that reads the account which each acts for."""
    is_theirs = and_(
        membership.c.id == held.c.acts_as,
        membership.c.member_id == held.c.account_id,
        membership.c.accepted_at.is_not(None),
    )
    return (
        statement.outerjoin(membership, is_theirs)
        .outerjoin(account, account.c.id == func.coalesce(membership.c.account_id, held.c.account_id))
        .outerjoin(credentials, credentials.c.account_id == account.c.id)
        .outerjoin(preferences, preferences.c.account_id == account.c.id)
        .outerjoin(_member, _member.c.id == membership.c.member_id)
        .outerjoin(_member_credentials, _member_credentials.c.account_id == membership.c.member_id)
        .outerjoin(_member_preferences, _member_preferences.c.account_id == membership.c.member_id)
    )


_SESSION = (session.c.id, session.c.seen_at, session.c.authenticated_at, session.c.account_id)
_IS_OPEN = (session.c.secret_hash == _HASH, session.c.expires_at > NOW)
BY_SESSION = _acted_for(session, select(*_SESSION, *_MEMBER, *_VIEWER).select_from(session)).where(*_IS_OPEN)
# For a session whose membership is no good any more.
BY_SESSION_ALONE = (
    select(*_SESSION, *_VIEWER)
    .join(account, account.c.id == session.c.account_id)
    .join(credentials, credentials.c.account_id == account.c.id)
    .join(preferences, preferences.c.account_id == account.c.id)
    .where(*_IS_OPEN)
)
BY_TOKEN = _acted_for(
    token,
    select(
        token.c.id, token.c.application_id, token.c.scopes, token.c.used_at, token.c.acts_as, *_MEMBER, *_VIEWER
    ).select_from(token),
).where(
    token.c.secret_hash == _HASH,
    token.c.revoked_at.is_(None),
    or_(token.c.expires_at.is_(None), token.c.expires_at > NOW),
)

BY_ACCOUNT = (
    select(*_VIEWER)
    .join(credentials, credentials.c.account_id == account.c.id)
    .join(preferences, preferences.c.account_id == account.c.id)
    .where(account.c.id == bindparam("account_id", type_=BigInteger))
)


def by_session(db: Connection, session_secret: str, *, now: int) -> Session | None:
    """Return the session that a cookie's secret belongs to, while it lasts and its account may be used.

    Its viewer is the account that it acts for, or its own once that isn't allowed any more.
    """
    parameters = {"secret_hash": secret.digest(session_secret), "now": now}
    row = db.execute(BY_SESSION, parameters).one_or_none()
    if row is None:
        return None
    if row[4] is None:
        viewer = Viewer(*row[4 + len(_MEMBER) :])
    elif row[11]:
        viewer = _acting(row[4:])
    else:
        row = db.execute(BY_SESSION_ALONE, parameters).one_or_none()
        if row is None:
            return None
        viewer = Viewer(*row[4:])
    return None if viewer.suspended or viewer.disabled else Session(row[0], row[1], row[2], row[3], viewer)


def by_token(db: Connection, bearer: str, *, now: int) -> Token | None:
    """Return what a bearer token allows; None when it is unknown, revoked or over.

    One by which a member acts for an account is over as soon as they may not.
    """
    row = db.execute(BY_TOKEN, {"secret_hash": secret.digest(bearer), "now": now}).one_or_none()
    if row is None or (row[4] is not None and not row[12]):
        return None
    if row[4] is not None:
        viewer: Viewer | None = _acting(row[5:])
    else:
        columns = row[5 + len(_MEMBER) :]
        viewer = Viewer(*columns) if columns[0] is not None else None
    return Token(row[0], row[1], _scopes(row[2]), viewer, row[3])


@lru_cache(256)
def _scopes(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _acting(columns: Sequence[Any]) -> Viewer:
    """Return an account as a member sees it who acts for it, from the columns of both."""
    membership_id, member_id, member_name, role, used_at, locale, time_zone, _is_good = columns[: len(_MEMBER)]
    viewer = Viewer(*columns[len(_MEMBER) :])
    return msgspec.structs.replace(
        viewer,
        role="",
        email="",
        mail_failed=False,
        locale=locale,
        time_zone=time_zone,
        acting=Acting(membership_id, viewer.username, member_id, member_name, role, used_at),
    )


def by_account(db: Connection, account_id: int) -> Viewer | None:
    """Return an account as the one that asks, where nobody does: it is told something, and sees it as its own."""
    row = db.execute(BY_ACCOUNT, {"account_id": account_id}).one_or_none()
    return Viewer(*row) if row else None
