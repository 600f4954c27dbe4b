"""Proving again whose account it is, before what can't be undone: somebody may have left their browser open.

It takes the second factor, or the password where there is none, and lasts for ten minutes in one session. Who has
neither sets a password first, with the link from a mail.
"""

from sqlalchemy import BigInteger, Connection, bindparam, update

from twite_common import clock
from twite_common.database import Database
from twite_common.errors import Invalid
from twite_common.queries.viewers import Viewer
from twite_common.secret import Sealer, Signer
from twite_common.services import attempts
from twite_common.services.identity import passkey_challenges, passkeys, second_factors
from twite_common.settings import Settings
from twite_common.tables import session
from twite_common.translations import gettext as _

FRESH_MS = 10 * clock.MINUTE
PASSWORD, FACTOR, NOTHING = "password", "factor", "nothing"
AUTHENTICATED = update(session).where(session.c.id == bindparam("session_id", type_=BigInteger))


def needed(viewer: Viewer, authenticated_at: int | None, *, now: int) -> str:
    """Return what somebody has to give first, PASSWORD or FACTOR; "" where they have just done so.

    NOTHING says that they have neither.
    """
    if authenticated_at is not None and authenticated_at <= now + clock.SKEW_MS and now - authenticated_at < FRESH_MS:
        return ""
    if viewer.has_second_factor:
        return FACTOR
    return PASSWORD if viewer.has_password else NOTHING


def no_way_to_prove() -> Invalid:
    """Return what is raised for somebody who has to prove whose account it is and has nothing to do so with."""
    return Invalid(_("Your account has no password. Please set one first, with a link that we send you by e-mail."))


def check_code(database: Database, sealer: Sealer, settings: Settings, *, now: int, account_id: int, code: str) -> None:
    """Check a code of somebody who is logged in, and use it up. Done with no transaction open.

    Raises Invalid when it is wrong, TooMany after too many attempts.
    """
    subject = f"code of:{account_id}"
    second_factors.count_attempt(database, settings, subject, now=now)
    with database.writing() as db:
        used = second_factors.use(db, sealer, now=now, account_id=account_id, code=code)
        if used is not None:
            attempts.forget(db, subject)
    if used is None:
        raise second_factors.wrong_code("current_code")


def check_passkey(
    database: Database, signer: Signer, settings: Settings, *, now: int, account_id: int, tied_to: str, answer: str
) -> None:
    """Check the answer of a passkey of somebody who is logged in. Done with no transaction open.

    Raises Invalid when it doesn't work, TooMany after too many attempts.
    """
    subject = f"code of:{account_id}"
    second_factors.count_attempt(database, settings, subject, now=now)
    purpose = passkey_challenges.STEP_UP
    proof = passkeys.check(
        database, signer, settings, purpose, now=now, tied_to=tied_to, answer=answer, account_id=account_id
    )
    with database.writing() as db:
        passkeys.use(db, proof, now=now)
        attempts.forget(db, subject)


def passed(db: Connection, *, now: int, session_id: int | None) -> None:
    """Record that whoever uses a session has just proved whose account it is."""
    db.execute(AUTHENTICATED.values(authenticated_at=now), {"session_id": session_id})
