"""What a passkey signs to prove who somebody is: for one purpose, in one browser, once, within a few minutes.

A challenge is signed with the server's key and is stored when it is used, as used: pages with one can be opened as
often as one likes, and write nothing.
"""

from twite_common import clock, ids, secret
from twite_common.database import Database
from twite_common.errors import Invalid, TooMany
from twite_common.secret import Signer
from twite_common.services import attempts
from twite_common.translations import gettext as _

LIFETIME_MS = 10 * clock.MINUTE
LOGIN, SECOND_STEP, STEP_UP, ADD = "login", "second step", "step up", "add"
"""What a challenge is for; one for another purpose is worth nothing."""
MAX_LENGTH = 200


def make(signer: Signer, purpose: str, tied_to: str, *, now: int) -> str:
    """Return a challenge for one browser, of which `tied_to` is a secret that its cookie holds."""
    expires_at, number = now + LIFETIME_MS, secret.new()
    return f"{expires_at}.{number}.{_sign(signer, purpose, tied_to, expires_at, number)}"


def use(database: Database, signer: Signer, challenge: str, purpose: str, tied_to: str, *, now: int) -> None:
    """Use a challenge up, in a transaction of its own; of two at once only one gets through.

    Raises Invalid when it is another browser's or for another purpose, was used, or is too old.
    """
    expires_at, _dot, rest = challenge[:MAX_LENGTH].partition(".")
    number, _dot, signature = rest.partition(".")
    until = ids.parse(expires_at)
    if (
        not tied_to
        or until is None
        or not now < until <= now + LIFETIME_MS + clock.SKEW_MS
        or not secret.equal(signature, _sign(signer, purpose, tied_to, until, number))
    ):
        raise _over()
    try:
        attempts.count(
            database, [f"passkey:{signer.sign('used passkey', number)}"], now=now, window_ms=2 * LIFETIME_MS, limit=1
        )
    except TooMany as error:
        raise _over() from error


def _sign(signer: Signer, purpose: str, tied_to: str, expires_at: int, number: str) -> str:
    return signer.sign("passkey", purpose, tied_to, expires_at, number)


def _over() -> Invalid:
    return Invalid(_("This took too long, or the page was open twice. Please try your passkey again."))
