"""Accounts as staff see them."""

from collections.abc import Collection
from ipaddress import ip_network

import msgspec
from sqlalchemy import BigInteger, Boolean, ColumnElement, Connection, Text, bindparam, case, false, func, or_, select

from twite_common.queries.accounts.credentials import email_key
from twite_common.queries.paging import Page, Pageable
from twite_common.queries.usernames import starting_with, username_key
from twite_common.sql.dialects import InNetwork, among
from twite_common.tables import account, credentials, preferences, session

STATUSES = ("active", "pending", "disabled", "silenced", "suspended", "sensitized")


class AdminAccount(msgspec.Struct, frozen=True):
    """An account with what only its owner and administrators know.

    `mail_failure` is what the mail server said when it last refused the address, `mail_refusals` how often it did since
    mail last arrived there; `mail_failed` says that this was too often. `seen_at` is when they were last here, in
    milliseconds; None for never.
    """

    id: int
    username: str
    role: str
    email: str
    confirmed: bool
    approved: bool
    disabled: bool
    silenced: bool
    suspended: bool
    sensitized: bool
    reason: str
    sign_up_address: str
    application_id: int | None
    invited_by_id: int | None
    mail_failure: str
    mail_refusals: int
    mail_failed: bool
    has_second_factor: bool
    seen_at: int | None


class Address(msgspec.Struct, frozen=True):
    """Where somebody was logged in from last, and when, in milliseconds."""

    account_id: int
    address: str
    used_at: int


_COLUMNS = [
    account.c.id,
    account.c.username,
    account.c.role,
    credentials.c.email,
    credentials.c.confirmed_at.is_not(None),
    credentials.c.approved_at.is_not(None),
    credentials.c.disabled_at.is_not(None),
    account.c.limited_at.is_not(None),
    account.c.suspended_at.is_not(None),
    account.c.sensitized_at.is_not(None),
    credentials.c.reason,
    credentials.c.sign_up_address,
    credentials.c.created_by_application_id,
    credentials.c.invited_by_account_id,
    credentials.c.mail_failure,
    credentials.c.mail_refusals,
    credentials.c.mail_failed_at.is_not(None),
    credentials.c.second_factor_at.is_not(None),
    # Who has just come for the first time has only a session yet.
    func.coalesce(
        preferences.c.seen_at,
        select(func.max(session.c.seen_at)).where(session.c.account_id == account.c.id).scalar_subquery(),
    ),
]
_STATUS = bindparam("status", type_=Text)
_INVITED_BY = bindparam("invited_by", type_=BigInteger)
_IP = bindparam("ip", type_=Text)
_IS = {
    "active": account.c.suspended_at.is_(None),
    "pending": credentials.c.approved_at.is_(None),
    "disabled": credentials.c.disabled_at.is_not(None),
    "silenced": account.c.limited_at.is_not(None),
    "suspended": account.c.suspended_at.is_not(None),
    "sensitized": account.c.sensitized_at.is_not(None),
}


def _if_given(name: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition that holds where the parameter `name` is NULL, or `condition` does."""
    return or_(bindparam(name, type_=Text).is_(None), condition)


_ALL = (
    select(*_COLUMNS)
    .join(credentials, credentials.c.account_id == account.c.id)
    .outerjoin(preferences, preferences.c.account_id == account.c.id)
)
LIST = Pageable(
    _ALL.where(
        _if_given("status", case(_IS, value=_STATUS, else_=false())),
        or_(bindparam("any_role", type_=Boolean), among(account.c.role, "roles")),
        or_(_INVITED_BY.is_(None), credentials.c.invited_by_account_id == _INVITED_BY),
        _if_given(
            "text",
            or_(
                account.c.username_key.like(bindparam("text", type_=Text), escape="\\"),
                credentials.c.email_key.like(bindparam("text", type_=Text), escape="\\"),
            ),
        ),
        _if_given("username", account.c.username_key.like(bindparam("username", type_=Text), escape="\\")),
        _if_given(
            "display_name",
            func.lower(account.c.display_name).like(bindparam("display_name", type_=Text), escape="\\"),
        ),
        _if_given("email", credentials.c.email_key.like(bindparam("email", type_=Text), escape="\\")),
        _if_given(
            "ip",
            or_(
                InNetwork(credentials.c.sign_up_address, _IP),
                account.c.id.in_(select(session.c.account_id).where(InNetwork(session.c.address, _IP))),
            ),
        ),
    ),
    account.c.id,
)
LOAD = _ALL.where(among(account.c.id, "ids"))
ADDRESSES = (
    select(session.c.account_id, session.c.address, func.max(session.c.seen_at))
    .where(among(session.c.account_id, "ids"))
    .group_by(session.c.account_id, session.c.address)
    .order_by(func.max(session.c.seen_at).desc())
)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which accounts are asked for; None: whichever. Names and addresses of mail by their beginning, `text` is either.

    `ip` is an address or a network of those who were logged in or signed up there.
    """

    status: str | None = None
    roles: tuple[str, ...] | None = None
    invited_by_id: int | None = None
    text: str | None = None
    username: str | None = None
    display_name: str | None = None
    email: str | None = None
    ip: str | None = None


def several(db: Connection, page: Page, criteria: Wanted) -> list[AdminAccount]:
    """Return accounts, the newest first."""
    network = _network(criteria.ip)
    if criteria.ip and network is None:
        return []
    parameters = {
        "status": criteria.status,
        "any_role": criteria.roles is None,
        "roles": list(criteria.roles or ()),
        "invited_by": criteria.invited_by_id,
        "text": starting_with(email_key(criteria.text)) if criteria.text else None,
        "username": _start(criteria.username),
        "display_name": _start(criteria.display_name),
        "email": starting_with(email_key(criteria.email)) if criteria.email else None,
        "ip": network,
    }
    return [AdminAccount(*row) for row in LIST.rows(db, page, parameters)]


def load(db: Connection, account_ids: Collection[int]) -> dict[int, AdminAccount]:
    """Return accounts by id."""
    if not account_ids:
        return {}
    return {row[0]: AdminAccount(*row) for row in db.execute(LOAD, {"ids": list(account_ids)})}


def addresses(db: Connection, account_ids: Collection[int]) -> dict[int, list[Address]]:
    """Return where accounts are logged in from, the last used first, by account."""
    addresses_by_account: dict[int, list[Address]] = {}
    if account_ids:
        for row in db.execute(ADDRESSES, {"ids": list(account_ids)}):
            addresses_by_account.setdefault(row[0], []).append(Address(*row))
    return addresses_by_account


def _start(name: str | None) -> str | None:
    return starting_with(username_key(name.strip().removeprefix("@"))) if name else None


def _network(typed: str | None) -> str | None:
    """Return an address or network as one way to write it; None for what is neither."""
    try:
        return str(ip_network((typed or "").strip(), strict=False))
    except ValueError:
        return None
