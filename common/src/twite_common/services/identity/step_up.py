"""Proving again whose account it is, before what can't be undone: somebody may have left their browser open.

It takes the second factor, or the password where there is none, and lasts for ten minutes in one session.
"""

from sqlalchemy import BigInteger, Connection, bindparam, update

from twite_common import clock
from twite_common.database import Database
from twite_common.queries.viewers import Viewer
from twite_common.secret import Sealer
from twite_common.services import attempts
from twite_common.services.identity import second_factors
from twite_common.settings import Settings
from twite_common.tables import session

FRESH_MS = 10 * clock.MINUTE
PASSWORD, CODE = "password", "code"
AUTHENTICATED = update(session).where(session.c.id == bindparam("session_id", type_=BigInteger))


def needed(viewer: Viewer, authenticated_at: int | None, *, now: int) -> str:
    """Return what somebody has to give first, PASSWORD or CODE; "" where they have just done so."""
    if authenticated_at is not None and authenticated_at <= now + clock.SKEW_MS and now - authenticated_at < FRESH_MS:
        return ""
    return CODE if viewer.has_second_factor else PASSWORD


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


def passed(db: Connection, *, now: int, session_id: int | None) -> None:
    """Record that whoever uses a session has just proved whose account it is."""
    db.execute(AUTHENTICATED.values(authenticated_at=now), {"session_id": session_id})
