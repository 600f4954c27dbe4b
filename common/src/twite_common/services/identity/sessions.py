"""Logging in and out of the site. A session's secret is in its cookie; the table has its hash."""

import logging

import msgspec
from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, delete, insert, select, update

from twite_common import clock, ids, secret
from twite_common.database import Database
from twite_common.errors import Invalid, NotAllowed, NotAuthenticated, NotFound, TooMany
from twite_common.passwords import Passwords
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts.credentials import Credentials
from twite_common.secret import Sealer, Signer
from twite_common.services import attempts
from twite_common.services.accounts import accounts
from twite_common.services.identity import (
    browsers,
    deactivation,
    devices,
    passkey_challenges,
    passkeys,
    pending_logins,
    second_factors,
    security_events,
)
from twite_common.services.identity.passkeys import Proof
from twite_common.services.identity.pending_logins import LoginOver, PendingLogin, SecondFactorNeeded
from twite_common.settings import Settings
from twite_common.sql.dialects import upsert
from twite_common.tables import credentials, login_place, preferences, session
from twite_common.translations import gettext as _

log = logging.getLogger(__name__)

WINDOW_MS = 5 * clock.MINUTE
PLACE_MS = 90 * clock.DAY
SEEN_EVERY_MS = 10 * clock.MINUTE
"""How exactly it is known when a session was last used; each finer step would be a write."""
MAX_BROWSER_LENGTH = 300

_ID = bindparam("the_account_id", type_=BigInteger)
_SECRET = bindparam("hash", type_=LargeBinary)
ADD = insert(session)
DROP = delete(session).where(session.c.secret_hash == _SECRET)
DROP_ONE = delete(session).where(session.c.account_id == _ID, session.c.id == bindparam("session_id", type_=BigInteger))
DROP_OTHERS = delete(session).where(session.c.account_id == _ID, session.c.secret_hash != _SECRET)
PLACES = select(login_place.c.place, login_place.c.seen_at).where(login_place.c.account_id == _ID)
_place = upsert(login_place)
SEEN_PLACE = _place.on_conflict_do_update(
    index_elements=[login_place.c.account_id, login_place.c.place], set_={"seen_at": _place.excluded.seen_at}
)
LOCK = select(credentials.c.account_id).where(credentials.c.account_id == _ID).with_for_update()
KEEP = select(session.c.id).where(session.c.id == bindparam("session_id", type_=BigInteger)).with_for_update(read=True)
TOUCH = update(session).where(session.c.id == bindparam("session_id", type_=BigInteger))
SEEN = update(preferences).where(preferences.c.account_id == _ID)


class LoggedIn(msgspec.Struct, frozen=True):
    """What a log-in gives a browser to keep: the session's secret, and that this account was logged in to there."""

    secret: str
    device: str


def log_in(
    database: Database,
    passwords: Passwords,
    settings: Settings,
    *,
    now: int,
    name: str,
    password: str,
    address: str,
    browser: str,
    device: str = "",
    earlier_secret: str | None = None,
) -> LoggedIn:
    """Check a name (or e-mail address) and password and start a session.

    `device` is what an earlier log-in gave the browser. The session that the visitor had before ends. The password is
    checked with no transaction open, because that takes long on purpose. Raises NotAuthenticated when they don't fit
    (whether or not the account exists), NotAllowed when they do but the account can't be used yet or any more, TooMany
    after too many attempts, SecondFactorNeeded when they fit but the account asks for more (`pass_second_step`).
    Attempts that fail are logged with the address.
    """
    with database.reading() as db:
        credentials = credential_queries.by_login(db, name)
    signer = secret.signer(settings)
    subjects = _subjects(signer, credential_queries.login_key(name), credentials, address=address, device=device)
    _count_attempt(database, settings, subjects, now=now, address=address)
    if not passwords.verify(credentials.password_hash if credentials else None, password) or credentials is None:
        log_failure(address, "wrong")
        raise NotAuthenticated(_("The username or password is wrong."))
    try:
        check_usable(credentials)
    except NotAllowed:
        _take_back(database, subjects)
        raise
    renewed = passwords.hash_again(password) if passwords.outdated(credentials.password_hash) else None
    with database.writing() as db:
        current = locked(db, credentials.account_id)
        if current is None or (
            current.password_hash != credentials.password_hash and not passwords.verify(current.password_hash, password)
        ):
            raise NotAuthenticated(_("The password has just been changed. Please log in with the new one."))
        for subject in subjects:
            attempts.take_back(db, subject)
        if renewed:
            accounts.set_password_hash(db, account_id=current.account_id, password_hash=renewed)
            current = msgspec.structs.replace(current, password_hash=renewed)
        if current.second_factor_at is None:
            if earlier_secret:
                end(db, session_secret=earlier_secret)
            session_secret = open_for(db, settings, current, "", now=now, address=address, browser=browser)
    if current.second_factor_at is not None:
        raise SecondFactorNeeded(pending_logins.begin(signer, current, now=now))
    return LoggedIn(session_secret, devices.marked(signer, device, current.account_id))


def pending_account(db: Connection, signer: Signer, *, now: int, pending: str) -> Credentials:
    """Return whose account somebody is logging in to who has typed its password, and is asked for a second factor.

    Raises LoginOver when that took too long, or isn't true.
    """
    login = pending_logins.read(pending, now=now)
    return pending_logins.check(signer, login, credential_queries.get(db, login.account_id))


def pass_second_step(
    database: Database,
    sealer: Sealer,
    settings: Settings,
    *,
    now: int,
    pending: str,
    code: str = "",
    passkey: str = "",
    tied_to: str = "",
    address: str,
    browser: str,
    device: str = "",
    earlier_secret: str | None = None,
) -> LoggedIn:
    """Check the code that a log-in waits for, or the answer of a passkey, and start a session.

    `pending` is what `log_in` gave the browser to keep, `tied_to` the secret that its passkey challenges are tied to.
    Raises Invalid when the code is wrong or was used before or the passkey doesn't work, LoginOver when the password
    has to be typed again, NotAllowed and TooMany like `log_in`.
    """
    signer = secret.signer(settings)
    login = pending_logins.read(pending, now=now)
    with database.reading() as db:
        check_usable(pending_logins.check(signer, login, credential_queries.get(db, login.account_id)))
    subjects = _count_code(database, settings, signer, login, now=now, address=address, device=device)
    proof = (
        _checked(database, signer, settings, login, now=now, tied_to=tied_to, answer=passkey, address=address)
        if passkey
        else None
    )
    with database.writing() as db:
        credentials = pending_logins.check(signer, login, locked(db, login.account_id))
        if proof is not None:
            passkeys.use(db, proof, now=now)
            used: str | None = passkeys.PASSKEY
        else:
            used = second_factors.use(db, sealer, now=now, account_id=credentials.account_id, code=code)
        if used is not None:
            for subject in subjects:
                attempts.take_back(db, subject)
            if earlier_secret:
                end(db, session_secret=earlier_secret)
            factors = used if login.first == pending_logins.PASSWORD else f"{login.first}_{used}"
            session_secret = open_for(db, settings, credentials, factors, now=now, address=address, browser=browser)
    if used is None:
        log_failure(address, "wrong")
        raise second_factors.wrong_code()
    return LoggedIn(session_secret, devices.marked(signer, device, credentials.account_id))


def start(
    db: Connection,
    settings: Settings,
    *,
    now: int,
    account_id: int,
    address: str,
    browser: str,
    authenticated_at: int | None = None,
) -> str:
    """Start a session for an account and return its secret, for the cookie.

    `authenticated_at` is when somebody proved whose account it is.
    """
    session_secret = secret.new()
    row = {
        "id": ids.new(now),
        "secret_hash": secret.digest(session_secret),
        "account_id": account_id,
        "address": address,
        "browser": browser[:MAX_BROWSER_LENGTH],
        "seen_at": now,
        "expires_at": now + settings.session_days * clock.DAY,
        "authenticated_at": authenticated_at,
    }
    db.execute(ADD, row)
    return session_secret


def keep(db: Connection, *, session_id: int | None) -> None:
    """Have a session go on until the transaction ends: whoever ends it then finds what was made in it, and ends that.

    Raises NotAuthenticated when it has just ended.
    """
    if db.scalar(KEEP, {"session_id": session_id}) is None:
        raise NotAuthenticated(_("You have just been logged out. Please log in again."))


def touch(db: Connection, settings: Settings, *, now: int, session_id: int, account_id: int) -> None:
    """Record that a session is in use, which lets it last longer."""
    expires_at = now + settings.session_days * clock.DAY
    db.execute(TOUCH.values(seen_at=now, expires_at=expires_at), {"session_id": session_id})
    db.execute(SEEN.values(seen_at=now), {"the_account_id": account_id})


def end(db: Connection, *, session_secret: str) -> None:
    """End a session; one that is over already is no error."""
    db.execute(DROP, {"hash": secret.digest(session_secret)})


def end_one(db: Connection, *, account_id: int, session_id: int) -> None:
    """End one of an account's sessions.

    Raises NotFound when there is none.
    """
    if not db.execute(DROP_ONE, {"the_account_id": account_id, "session_id": session_id}).rowcount:
        raise NotFound(_("There is no such session."))


def end_others(db: Connection, *, account_id: int, session_secret: str = "") -> None:
    """End all of an account's sessions but the one with this secret."""
    db.execute(DROP_OTHERS, {"the_account_id": account_id, "hash": secret.digest(session_secret)})


def _subjects(signer: Signer, key: str, credentials: Credentials | None, *, address: str, device: str) -> list[str]:
    """Return what an attempt is counted under.

    In a browser in which the account was logged in to before that is the browser: neither those who try the name
    elsewhere nor those who try others at the same address count there. A name is signed, since people also type
    passwords as the name.
    """
    browser_key = devices.known(signer, device, credentials.account_id if credentials else 0)
    if browser_key is not None:
        return [f"login in:{browser_key}"]
    return [f"login:{signer.sign('login', key)}", f"login from:{attempts.counted_as(address)}"]


def _count_attempt(database: Database, settings: Settings, subjects: list[str], *, now: int, address: str) -> None:
    limit = settings.limit("login_attempts")
    try:
        attempts.count(database, subjects, now=now, window_ms=WINDOW_MS, limit=limit)
    except TooMany:
        log_failure(address, "limited")
        raise


def log_failure(address: str, reason: str) -> None:
    """Log one line for fail2ban (its filter is in `deploy/fail2ban`); never the name, which may be a password."""
    log.warning("login_failed %s", {"address": address, "reason": reason})


def _checked(
    database: Database,
    signer: Signer,
    settings: Settings,
    login: PendingLogin,
    *,
    now: int,
    tied_to: str,
    answer: str,
    address: str,
) -> Proof:
    """Return what the answer of a passkey proves that a log-in waits for."""
    try:
        return passkeys.check(
            database,
            signer,
            settings,
            passkey_challenges.SECOND_STEP,
            now=now,
            tied_to=tied_to,
            answer=answer,
            account_id=login.account_id,
        )
    except Invalid:
        log_failure(address, "wrong")
        raise


def _count_code(
    database: Database,
    settings: Settings,
    signer: Signer,
    login: PendingLogin,
    *,
    now: int,
    address: str,
    device: str,
) -> list[str]:
    """Count a code that is tried, and return under what.

    That is the account, or the browser where it was logged in to before: whoever knows the password and guesses codes
    elsewhere doesn't count there.
    """
    step = f"second step:{signer.sign('second step', login.number)}"
    limit = pending_logins.MAX_CODES if settings.limit("login_attempts") else 0
    try:
        attempts.count(database, [step], now=now, window_ms=2 * pending_logins.LIFETIME_MS, limit=limit)
    except TooMany as error:
        log_failure(address, "limited")
        raise LoginOver(_(pending_logins.OVER)) from error
    known = devices.known(signer, device, login.account_id)
    subject = f"code in:{known}" if known is not None else f"code for:{login.account_id}"
    try:
        second_factors.count_attempt(database, settings, subject, now=now)
    except TooMany:
        log_failure(address, "limited")
        raise
    return [step, subject]


def open_for(
    db: Connection, settings: Settings, credentials: Credentials, factors: str, *, now: int, address: str, browser: str
) -> str:
    """Start the session of somebody who has proved whose account it is, and return its secret.

    `factors` says by what, as the account's owner reads it: "" is the password alone, and it goes without saying.
    """
    deactivation.come_back(db, now=now, account_id=credentials.account_id)
    security_events.record(
        db,
        "login",
        now=now,
        account_id=credentials.account_id,
        network=browsers.network(address),
        browser=browsers.kind(browser),
        detail=factors,
    )
    _notice_place(db, credentials, now=now, address=address, browser=browser)
    return start(
        db,
        settings,
        now=now,
        account_id=credentials.account_id,
        address=address,
        browser=browser,
        authenticated_at=now,
    )


def locked(db: Connection, account_id: int) -> Credentials | None:
    """Return credentials that nobody else changes until the transaction ends."""
    db.execute(LOCK, {"the_account_id": account_id})
    return credential_queries.get(db, account_id)


def _take_back(database: Database, subjects: list[str]) -> None:
    with database.writing() as db:
        for subject in subjects:
            attempts.take_back(db, subject)


def check_usable(credentials: Credentials) -> None:
    """Check that an account may be logged in to.

    Raises NotAllowed when it can't be used yet, or any more.
    """
    if credentials.suspended_at is not None and credentials.deactivated_at is None:
        raise NotAllowed(_("This account is suspended."))
    if credentials.disabled_at is not None:
        raise NotAllowed(_("This account is disabled. Please contact the site's staff."))
    if credentials.confirmed_at is None:
        raise NotAllowed(_("Please confirm your e-mail address first: open the link in the e-mail we sent you."))
    if credentials.approved_at is None:
        raise NotAllowed(_("Your account is pending approval. You will get an e-mail when it is approved."))


def _notice_place(db: Connection, credentials: Credentials, *, now: int, address: str, browser: str) -> None:
    """Remember where a log-in comes from, and tell the owner when that is new for the account."""
    here = browsers.place(address, browser)
    places = {row[0]: row[1] for row in db.execute(PLACES, {"the_account_id": credentials.account_id})}
    if (
        places
        and places.get(here, 0) < now - PLACE_MS
        and credential_queries.preferences_of(db, credentials.account_id).mail_login
    ):
        security_events.tell(
            db,
            "new_login",
            now=now,
            account_id=credentials.account_id,
            from_address=address,
            browser=browsers.kind(browser),
            at=now,
        )
    db.execute(SEEN_PLACE, {"account_id": credentials.account_id, "place": here, "seen_at": now})
