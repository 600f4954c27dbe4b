"""The limits that forms share with the API: whoever has posted often enough there can't go on here."""

from typing import Any

from litestar import Request

from twite_common.errors import TooMany
from twite_web.core import core

COUNTED_KEY = "twite_counted"
"""Where a request's scope notes that it was counted."""
SPECIAL = {
    "/posts": "limit_posts",
    "/posts/{post_id}/edit": "limit_edits",
    "/posts/{post_id}/delete": "limit_deletions",
    "/posts/{post_id}/unboost": "limit_deletions",
    "/accounts/{account_id}/follow": "limit_follows",
    "/accounts/{account_id}/report": "limit_reports",
}
"""Forms with a limit for each account, as the API's routes that do the same have it (`twite_web.api.limits`)."""


def check(request: Request[Any, Any, Any], account_id: int, now: int) -> None:
    """Count a form that has a limit, once.

    Raises TooMany when there were too many.
    """
    scope: Any = request.scope
    name = SPECIAL.get(scope.get("path_template") or "")
    if name is None or request.method != "POST" or COUNTED_KEY in scope:
        return
    scope[COUNTED_KEY] = True
    standing = core(request).limiter.count([(name, account_id)], now)
    if standing is not None and standing.remaining < 0:
        seconds = max(1, (standing.ends_at - now) // 1000)
        raise TooMany("You have done this too often for now. Please wait a while and try again.", seconds)
