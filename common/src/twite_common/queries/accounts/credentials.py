"""What only an account's owner and administrators may see."""

import unicodedata
from collections.abc import Collection
from contextlib import suppress

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, func, or_, select, union_all

from twite_common import domains
from twite_common.passwords import NOBODYS_HASH
from twite_common.queries.paging import LIMIT
from twite_common.queries.usernames import PREFIX, ids_of, starting_with, username_key
from twite_common.sql.dialects import among
from twite_common.tables import account, credentials, preferences, session
from twite_common.tables.accounts import HAS_ROLE
from twite_common.visibility import NOW


class Credentials(msgspec.Struct, frozen=True):
    """How an account logs in and where its mail goes. Times are milliseconds.

    `mail_failure` is what the mail server said when it last refused the address, `mail_refusals` how often it did since
    mail last arrived there; `mail_failed_at` is when that became too often. `second_factor_at` is since when there is a
    second factor, `second_factor_asked_at` when the account was told that its role asks for one. An account
    whose owner has deactivated it, at `deactivated_at`, is suspended, too.
    """

    account_id: int
    username: str
    role: str
    suspended_at: int | None
    email: str
    confirmed_at: int | None
    approved_at: int | None
    password_hash: str
    reason: str
    disabled_at: int | None
    mail_failed_at: int | None
    mail_failure: str
    mail_refusals: int
    second_factor_at: int | None
    second_factor_asked_at: int | None
    deactivated_at: int | None

    @property
    def has_password(self) -> bool:
        """Whether there is a password that opens the account."""
        return self.password_hash != NOBODYS_HASH


class Preferences(msgspec.Struct, frozen=True):
    """What an account's owner chose. Quiet hours are minutes since midnight in their time zone.

    Mail choices are "never", "at_once" or "daily". `language` is what they write in, None for the site's; `locale` what
    they read the site in, None for the browser's.
    """

    account_id: int
    visibility: str
    quote_policy: str
    sensitive: bool
    language: str | None
    locale: str | None
    time_zone: str
    quiet_from: int | None
    quiet_to: int | None
    mail_mention: str
    mail_follow: str
    mail_follow_request: str
    mail_favourite: str
    mail_boost: str
    mail_post: str
    mail_login: bool
    mail_weekly: bool
    notifications_seen_at: int | None
    seen_at: int | None
    remind_to_describe: bool


class Login(msgspec.Struct, frozen=True):
    """A place where an account is logged in. Times are milliseconds."""

    id: int
    address: str
    browser: str
    seen_at: int


_ID = bindparam("id", type_=BigInteger)
_NAME = bindparam("name", type_=Text)
_COLUMNS = [
    account.c.id,
    account.c.username,
    account.c.role,
    account.c.suspended_at,
    *[credentials.c[name] for name in Credentials.__struct_fields__[4:]],
]
_OF_ACCOUNT = select(*_COLUMNS).join(credentials, credentials.c.account_id == account.c.id)
GET = _OF_ACCOUNT.where(account.c.id == _ID)
BY_LOGIN = _OF_ACCOUNT.where(
    account.c.id.in_(
        union_all(
            *ids_of(_NAME),
            select(credentials.c.account_id).where(credentials.c.email_key == _NAME),
        )
    )
)
BY_EMAIL = _OF_ACCOUNT.where(credentials.c.email_key == _NAME)
ALL = _OF_ACCOUNT.order_by(account.c.username_key).where(account.c.username_key > _NAME).limit(LIMIT)
SEARCH = (
    _OF_ACCOUNT.where(
        or_(
            account.c.username_key.like(PREFIX, escape="\\"),
            credentials.c.email_key.like(PREFIX, escape="\\"),
        ),
        account.c.username_key > _NAME,
    )
    .order_by(account.c.username_key)
    .limit(LIMIT)
)
MAIL_FAILURES = (
    _OF_ACCOUNT.where(credentials.c.mail_failed_at.is_not(None))
    .order_by(credentials.c.mail_failed_at.desc())
    .limit(LIMIT)
)
COUNT_MAIL_FAILURES = select(func.count()).select_from(credentials).where(credentials.c.mail_failed_at.is_not(None))
WITH_ROLE = _OF_ACCOUNT.where(
    HAS_ROLE,
    among(account.c.role, "roles"),
    account.c.suspended_at.is_(None),
    credentials.c.confirmed_at.is_not(None),
)
WAITING = _OF_ACCOUNT.where(credentials.c.approved_at.is_(None), account.c.suspended_at.is_(None)).order_by(
    account.c.id
)
PREFERENCES = select(*[preferences.c[name] for name in Preferences.__struct_fields__]).where(
    preferences.c.account_id == _ID
)
LOCALE = select(preferences.c.locale).where(preferences.c.account_id == _ID)
SESSIONS = (
    select(session.c.id, session.c.address, session.c.browser, session.c.seen_at)
    .where(session.c.account_id == _ID, session.c.expires_at > NOW)
    .order_by(session.c.seen_at.desc())
)
COUNT = select(func.count()).select_from(account)
ANY = select(account.c.id).limit(1)


def email_key(email: str) -> str:
    """Return the form in which addresses are compared: two that differ in case only are the same.

    So are two whose server is written in ASCII and in its own letters.
    """
    return _key(email.strip())


def _key(stripped: str) -> str:
    mailbox, at, host = unicodedata.normalize("NFC", stripped).rpartition("@")
    # What is no server's name is in nobody's address, but may be the beginning of one.
    with suppress(ValueError):
        host = domains.to_ascii(host) if at else host
    return username_key(mailbox + at + host)


def get(db: Connection, account_id: int) -> Credentials | None:
    """Return an account's credentials."""
    row = db.execute(GET, {"id": account_id}).one_or_none()
    return Credentials(*row) if row else None


def login_key(name: str) -> str:
    """Return the form in which what somebody logs in with is compared: a name or an e-mail address."""
    return _key(name.strip().removeprefix("@"))


def by_login(db: Connection, name: str) -> Credentials | None:
    """Return the credentials of the account of that name or e-mail address."""
    row = db.execute(BY_LOGIN, {"name": login_key(name)}).one_or_none()
    return Credentials(*row) if row else None


def by_email(db: Connection, email: str) -> Credentials | None:
    """Return the credentials of the account with that e-mail address."""
    row = db.execute(BY_EMAIL, {"name": email_key(email)}).one_or_none()
    return Credentials(*row) if row else None


def after(db: Connection, name: str, *, limit: int) -> list[Credentials]:
    """Return the next accounts in the order of their names, pending and suspended ones too."""
    return [Credentials(*row) for row in db.execute(ALL, {"name": name, "limit": limit})]


def search(db: Connection, text: str, *, after: str = "", limit: int) -> list[Credentials]:
    """Return the accounts whose name or e-mail address starts with `text`, in the order of their names.

    `after` is the name that the page before ended with.
    """
    parameters = {"prefix": starting_with(email_key(text)), "name": username_key(after), "limit": limit}
    return [Credentials(*row) for row in db.execute(SEARCH, parameters)]


def mail_failures(db: Connection, *, limit: int) -> list[Credentials]:
    """Return the accounts whose address takes no mail, the latest failure first."""
    return [Credentials(*row) for row in db.execute(MAIL_FAILURES, {"limit": limit})]


def count_mail_failures(db: Connection) -> int:
    """Return of how many accounts the address takes no mail."""
    return db.scalars(COUNT_MAIL_FAILURES).one()


def with_role(db: Connection, roles: Collection[str]) -> list[Credentials]:
    """Return the accounts that have one of these roles, as to tell them something."""
    return [Credentials(*row) for row in db.execute(WITH_ROLE, {"roles": list(roles)})]


def waiting(db: Connection) -> list[Credentials]:
    """Return the accounts that wait to be approved, the first one first."""
    return [Credentials(*row) for row in db.execute(WAITING)]


def preferences_of(db: Connection, account_id: int) -> Preferences:
    """Return an account's preferences; every account has some."""
    return Preferences(*db.execute(PREFERENCES, {"id": account_id}).one())


def locale_of(db: Connection, account_id: int) -> str | None:
    """Return the language that an account's owner reads the site in, None if that is the browser's to say."""
    return db.scalar(LOCALE, {"id": account_id})


def sessions(db: Connection, account_id: int, *, now: int) -> list[Login]:
    """Return where an account is logged in on the site, the last used first."""
    return [Login(*row) for row in db.execute(SESSIONS, {"id": account_id, "now": now})]


def count_accounts(db: Connection) -> int:
    """Return how many accounts there are, of every kind."""
    return db.scalars(COUNT).one()


def any_account(db: Connection) -> bool:
    """Say whether there is an account, of any kind."""
    return db.scalar(ANY) is not None
