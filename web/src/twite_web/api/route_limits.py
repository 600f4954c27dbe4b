"""Which limits an API request counts towards (`twite_web.rate_limiter` counts)."""

from collections.abc import Iterator
from typing import Any

from twite_common.queries.viewers import Token
from twite_common.services import attempts
from twite_common.translations import marked
from twite_web import rate_limiter
from twite_web.core import core
from twite_web.proxies import client_address
from twite_web.rate_limiter import SCOPE_KEY
from twite_web.types import Request

TOO_MANY = marked("Too many requests")
TOO_MANY_TOKENS = marked("Too many requests for tokens. Please wait a few minutes and try again.")
TOO_MANY_OF = {
    "limit_apps": marked("Too many applications were registered from here. Please wait half an hour and try again."),
}
"""What is said of limits whose requests somebody makes by hand."""
SPECIAL = {
    ("POST", "/api/v1/statuses"): "limit_posts",
    ("POST", "/api/v1/statuses/thread"): "limit_posts",
    ("POST", "/api/v1/drafts/{draft_id}/publish"): "limit_posts",
    ("PUT", "/api/v1/statuses/{status_id}"): "limit_edits",
    ("DELETE", "/api/v1/statuses/{status_id}"): "limit_deletions",
    ("POST", "/api/v1/statuses/{status_id}/unreblog"): "limit_deletions",
    ("POST", "/api/v1/accounts/{account_id}/follow"): "limit_follows",
    ("POST", "/api/v1/reports"): "limit_reports",
    ("POST", "/api/v1/media"): "limit_uploads",
    ("POST", "/api/v2/media"): "limit_uploads",
    ("POST", "/api/v1/apps"): "limit_apps",
    ("POST", "/api/v1/emails/confirmations"): "limit_mails",
}
"""Routes with a limit of their own, for each account."""
BY_ADDRESS_TOO = frozenset({"limit_apps", "limit_mails"})
"""Limits that an address has as well, whatever accounts are used there."""

_PAGED = (b"max_id=", b"min_id=", b"since_id=")


def check(request: Request, token: Token | None, now: int) -> None:
    """Count a request of the API, once, whether or not it is allowed otherwise.

    Raises TooMany when there were too many.
    """
    scope: Any = request.scope
    if SCOPE_KEY in scope or not scope["path"].startswith("/api/"):
        return
    limiter, special = core(request).limiter, SPECIAL.get((request.method, scope.get("path_template") or ""))
    rate_limiter.check(limiter, scope, _subjects(request, token), now=now, sentence=TOO_MANY)
    if special is not None:
        sentence = TOO_MANY_OF.get(special, TOO_MANY)
        rate_limiter.check(limiter, scope, _special(request, token, special), now=now, sentence=sentence)


def check_oauth(request: Request, now: int, subject: int | str) -> None:
    """Count a request for a token, or one about a token, for an account or whoever else is named.

    Raises TooMany when there were too many.
    """
    limits = [("limit_oauth", subject)]
    rate_limiter.check(core(request).limiter, request.scope, limits, now=now, sentence=TOO_MANY_TOKENS)


def count_posts(request: Request, account_id: int, number: int, now: int) -> None:
    """Count the posts that somebody publishes with the first one, for which the request was counted.

    Raises TooMany when there were too many.
    """
    limits = [("limit_posts", account_id)] * number
    rate_limiter.check(core(request).limiter, request.scope, limits, now=now, sentence=TOO_MANY)


def _subjects(request: Request, token: Token | None) -> Iterator[tuple[str, int | str]]:
    if token is not None:
        yield "limit_token", token.id
    subject = _subject(request, token)
    yield ("limit_address" if isinstance(subject, str) else "limit_account"), subject
    query = request.scope["query_string"]
    if query and any(name in query for name in _PAGED):
        yield "limit_pages", subject


def _special(request: Request, token: Token | None, name: str) -> Iterator[tuple[str, int | str]]:
    subject = _subject(request, token)
    yield name, subject
    if not isinstance(subject, str) and name in BY_ADDRESS_TOO:
        yield name, attempts.counted_as(client_address(request))


def _subject(request: Request, token: Token | None) -> int | str:
    """Return the account that asks, or the address of a stranger."""
    account_id = token.viewer.account_id if token is not None and token.viewer is not None else None
    return account_id if account_id is not None else attempts.counted_as(client_address(request))
