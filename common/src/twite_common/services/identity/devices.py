"""Browsers that have logged in to an account before: attackers can't lock its owner out of those.

A browser keeps a cookie with a random number and, for each account, a signature of both by the server's key (OWASP's
device cookies). It names nobody, opens nothing, and nothing about it is stored here but how often it was tried lately.
"""

from twite_common import secret
from twite_common.secret import Signer

MAX_ACCOUNTS = 5
MAX_LENGTH = 400


def marked(signer: Signer, cookie: str, account_id: int) -> str:
    """Return the cookie of a browser in which somebody has just proved whose account it is."""
    number, marks = _parsed(cookie)
    number = number or secret.new()
    own_mark = _mark(signer, number, account_id)
    return ".".join(
        [number, own_mark, *[mark for mark in marks if not secret.equal(mark, own_mark)][: MAX_ACCOUNTS - 1]]
    )


def known(signer: Signer, cookie: str, account_id: int) -> str | None:
    """Return what attempts in a browser are counted under; None unless the account was logged in to there before."""
    number, marks = _parsed(cookie)
    own_mark = _mark(signer, number, account_id)
    return (
        signer.sign("device attempts", number, account_id)
        if any(secret.equal(mark, own_mark) for mark in marks)
        else None
    )


def _parsed(cookie: str) -> tuple[str, list[str]]:
    number, *marks = cookie[:MAX_LENGTH].split(".")
    return number, marks


def _mark(signer: Signer, number: str, account_id: int) -> str:
    return signer.sign("device", number, account_id)
