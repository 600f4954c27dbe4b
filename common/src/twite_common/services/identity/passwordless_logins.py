"""Logging in without a password: with a passkey alone, or with the link from a mail where a setting allows it.

A passkey that checks who uses it stands for both factors. The link stands for the password: an account with a second
factor asks for it besides.
"""

import msgspec
from sqlalchemy import Connection

from twite_common import secret
from twite_common.database import Database
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.secret import Signer
from twite_common.services import attempts, one_time_links
from twite_common.services.identity import devices, passkey_challenges, passkeys, pending_logins, sessions
from twite_common.services.identity.passkeys import Proof
from twite_common.services.identity.pending_logins import SecondFactorNeeded
from twite_common.services.identity.sessions import LoggedIn
from twite_common.services.notifications import mails
from twite_common.settings import Settings
from twite_common.translations import gettext as _

PASSKEY_ALONE = "passkey_alone"
LINK = "login_link"
"""What the links in mails are for that log somebody in."""


def log_in_with_passkey(
    database: Database,
    settings: Settings,
    *,
    now: int,
    answer: str,
    tied_to: str,
    address: str,
    browser: str,
    device: str = "",
    earlier_secret: str | None = None,
) -> LoggedIn:
    """Check a passkey, which says whose account it is, and start a session; the one that the visitor had before ends.

    Raises Invalid when it doesn't work, NotAllowed when the account can't be used yet or any more, TooMany after too
    many attempts at one address. Attempts that fail are logged with the address.
    """
    signer = secret.signer(settings)
    subject = f"passkey login from:{attempts.counted_as(address)}"
    limit = settings.limit("login_attempts")
    attempts.count(database, [subject], now=now, window_ms=sessions.WINDOW_MS, limit=limit)
    proof = _checked(database, signer, settings, now=now, tied_to=tied_to, answer=answer, address=address)
    with database.writing() as db:
        owner = sessions.locked(db, proof.account_id)
        if owner is None:
            raise passkeys.wrong()
        sessions.check_usable(owner)
        passkeys.use(db, proof, now=now)
        attempts.take_back(db, subject)
        if earlier_secret:
            sessions.end(db, session_secret=earlier_secret)
        session_secret = sessions.open_for(
            db, settings, owner, PASSKEY_ALONE, now=now, address=address, browser=browser
        )
    return LoggedIn(session_secret, devices.marked(signer, device, owner.account_id))


class LoginLink(msgspec.Struct, frozen=True):
    """A link that works: whether it was asked for in this browser, and the page to go to then."""

    here: bool
    next: str


def ask_for_link(
    db: Connection, signer: Signer, settings: Settings, *, now: int, email: str, tied_to: str, next: str
) -> None:
    """Send a link to log in with, if the address has an account; nobody learns whether it has.

    It works in the browser alone of which `tied_to` is a secret that its cookie holds, and leads to the page `next`.
    Raises NotFound where the site doesn't allow it.
    """
    check_links_allowed(settings)
    owner = credential_queries.by_email(db, email)
    if owner is None or owner.suspended_at is not None:
        return
    detail = f"{_browser_mark(signer, tied_to)} {next}"
    link_id = one_time_links.add(db, LINK, now=now, account_id=owner.account_id, detail=detail)
    mails.add(db, LINK, now=now, address=owner.email, account_id=owner.account_id, link_id=link_id)


def find_link(db: Connection, signer: Signer, settings: Settings, *, now: int, token: str, tied_to: str) -> LoginLink:
    """Return a link, without using it up.

    Raises NotFound when it doesn't work.
    """
    check_links_allowed(settings)
    link = one_time_links.find(db, signer, token, LINK, now=now)
    mark, _space, next_page = link.detail.partition(" ")
    return LoginLink(bool(tied_to) and secret.equal(mark, _browser_mark(signer, tied_to)), next_page)


def log_in_with_link(
    db: Connection,
    signer: Signer,
    settings: Settings,
    *,
    now: int,
    token: str,
    tied_to: str,
    address: str,
    browser: str,
    device: str = "",
    earlier_secret: str | None = None,
) -> LoggedIn | SecondFactorNeeded:
    """Use a link up and start a session, or say that the account asks for its second factor besides.

    Raises NotFound when the link doesn't work, NotAllowed in another browser than it was asked for in, and when the
    account can't be used yet or any more: it is used up in neither case.
    """
    if not find_link(db, signer, settings, now=now, token=token, tied_to=tied_to).here:
        raise NotAllowed(_("This link only works in the browser in which you asked for it."))
    account_id = one_time_links.use(db, signer, token, LINK, now=now).account_id
    owner = sessions.locked(db, account_id) if account_id is not None else None
    if owner is None:
        raise NotFound(_("This account no longer exists."))
    sessions.check_usable(owner)
    if owner.second_factor_at is not None:
        return SecondFactorNeeded(pending_logins.begin(signer, owner, now=now, first=pending_logins.LINK))
    if earlier_secret:
        sessions.end(db, session_secret=earlier_secret)
    session_secret = sessions.open_for(
        db, settings, owner, pending_logins.LINK, now=now, address=address, browser=browser
    )
    return LoggedIn(session_secret, devices.marked(signer, device, owner.account_id))


def check_links_allowed(settings: Settings) -> None:
    """Raise NotFound where a site doesn't let people log in with a link from a mail."""
    if not settings.login_links:
        raise NotFound(_("This site sends no links to log in with."))


def _checked(
    database: Database, signer: Signer, settings: Settings, *, now: int, tied_to: str, answer: str, address: str
) -> Proof:
    purpose = passkey_challenges.LOGIN
    try:
        return passkeys.check(database, signer, settings, purpose, now=now, tied_to=tied_to, answer=answer)
    except Invalid:
        sessions.log_failure(address, "wrong")
        raise


def _browser_mark(signer: Signer, tied_to: str) -> str:
    return signer.sign("login link", tied_to)
