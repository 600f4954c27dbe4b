"""Limits that forms share with the API."""

from collections.abc import Iterator
from typing import Any

from twite_common.services import attempts
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import rate_limiter
from twite_web.core import core
from twite_web.proxies import client_address
from twite_web.types import Request

COUNTED_KEY = "twite_counted"
"""Where a request's scope notes that it was counted."""
SPECIAL = {
    "/posts": "limit_posts",
    "/messages": "limit_posts",
    "/messages/{conversation_id}": "limit_posts",
    "/posts/{post_id}/reply": "limit_posts",
    "/posts/{post_id}/edit": "limit_edits",
    "/posts/{post_id}/delete": "limit_deletions",
    "/posts/{post_id}/redraft": "limit_deletions",
    "/posts/{post_id}/unboost": "limit_deletions",
    "/accounts/{account_id}/follow": "limit_follows",
    "/explore/people/{account_id}/follow": "limit_follows",
    "/accounts/{account_id}/report": "limit_reports",
    "/settings/account/email": "limit_mails",
    "/settings/members": "limit_mails",
    "/forgot": "limit_mails",
    "/login/link": "limit_mails",
    "/confirm": "limit_mails",
    "/{handle}/by-mail": "limit_mails",
}
"""Forms with a limit for each account, as the API's routes that do the same have it (`twite_web.api.route_limits`)."""
TOO_OFTEN = marked("You have done this too often. Please wait a while and try again.")


def check(request: Request, account_id: int | None, now: int) -> None:
    """Count a form that has a limit, once; of a stranger's, only those that are limited by address.

    Raises TooMany when there were too many.
    """
    scope: Any = request.scope
    name = SPECIAL.get(scope.get("path_template") or "")
    if name is None or request.method != "POST" or COUNTED_KEY in scope:
        return
    scope[COUNTED_KEY] = True
    rate_limiter.check(
        core(request).limiter, scope, _subjects(request, name, account_id), now=now, sentence=_(TOO_OFTEN)
    )


def count_posts(request: Request, account_id: int, number: int, now: int) -> None:
    """Count the posts that somebody publishes with the first one, for which the form was counted.

    Raises TooMany when there were too many.
    """
    limits = [("limit_posts", account_id)] * number
    rate_limiter.check(core(request).limiter, request.scope, limits, now=now, sentence=_(TOO_OFTEN))


def _subjects(request: Request, name: str, account_id: int | None) -> Iterator[tuple[str, int | str]]:
    if account_id is not None:
        yield name, account_id
    if name == "limit_mails":
        yield name, attempts.counted_as(client_address(request))
