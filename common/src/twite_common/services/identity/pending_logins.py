"""Log-ins between the password, or the link from a mail, and the second factor: nobody is logged in yet.

What a browser keeps meanwhile, in a cookie, is signed with the server's key and good for a few minutes, as long as
neither the password nor the second factor changes. Nothing about it is stored but how many codes were tried.
"""

import msgspec

from twite_common import clock, ids, secret
from twite_common.errors import TwiteError
from twite_common.queries.accounts.credentials import Credentials
from twite_common.secret import Signer
from twite_common.translations import gettext as _
from twite_common.translations import marked

PASSWORD, LINK = "password", "link"
"""How a log-in began."""
LIFETIME_MS = 10 * clock.MINUTE
MAX_CODES = 5
"""Codes that can be tried before the password is asked for again."""
MAX_LENGTH = 200
OVER = marked("This took too long, or there were too many wrong codes. Please log in again.")


class SecondFactorNeeded(TwiteError):
    """The password is right, and the account asks for a second factor besides; `pending` is for the browser to keep."""

    def __init__(self, pending: str) -> None:
        super().__init__("The account asks for a second factor.")
        self.pending = pending


class LoginOver(TwiteError):
    """A log-in can't go on: the password is to be typed again."""


class PendingLogin(msgspec.Struct, frozen=True):
    """A log-in that waits for the second factor, as a browser says; `signature` shows whether that is true."""

    account_id: int
    expires_at: int
    first: str
    number: str
    signature: str


def begin(signer: Signer, credentials: Credentials, *, now: int, first: str = PASSWORD) -> str:
    """Return what the browser keeps in which somebody has typed an account's password, or opened the link."""
    expires_at, number = now + LIFETIME_MS, secret.new()
    signature = _sign(signer, credentials, expires_at, first, number)
    return f"{credentials.account_id}.{expires_at}.{first}.{number}.{signature}"


def read(text: str, *, now: int) -> PendingLogin:
    """Return what a browser has kept.

    Raises LoginOver when it is no such thing, or too old.
    """
    account_id, _dot, rest = text[:MAX_LENGTH].partition(".")
    expires_at, _dot, rest = rest.partition(".")
    first, _dot, rest = rest.partition(".")
    number, _dot, signature = rest.partition(".")
    id, until = ids.parse(account_id), ids.parse(expires_at)
    if id is None or until is None or not now < until <= now + LIFETIME_MS + clock.SKEW_MS:
        raise LoginOver(_(OVER))
    return PendingLogin(id, until, first, number, signature)


def check(signer: Signer, pending: PendingLogin, credentials: Credentials | None) -> Credentials:
    """Return the credentials of the account that somebody is logging in to.

    Raises LoginOver when it isn't true that they have typed its password, or when that is another one by now.
    """
    if credentials is None or not secret.equal(
        pending.signature, _sign(signer, credentials, pending.expires_at, pending.first, pending.number)
    ):
        raise LoginOver(_(OVER))
    return credentials


def _sign(signer: Signer, credentials: Credentials, expires_at: int, first: str, number: str) -> str:
    changing = (credentials.password_hash, credentials.second_factor_at or 0)
    return signer.sign("pending login", credentials.account_id, expires_at, first, number, *changing)
