"""CSRF protection: each form has a token that only our pages can know (OWASP: HMAC-based token pattern).

The token is a signature over the session's secret, or for strangers over a random value in a cookie that only pages
with a form set. One guard checks it for every POST of the website.
"""

from typing import Any

from litestar.handlers import BaseRouteHandler

from twite_common import secret
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import cookies
from twite_web.core import core
from twite_web.errors import Failure
from twite_web.parameters import ParameterRequest
from twite_web.types import Connection, Request

FIELD = "form_token"
OPEN = {"form_token": False}
"""The `opt` of a POST that takes no token, because what it is given authenticates it (one-click unsubscribe)."""
NEW_KEY = "twite_form_secret"
"""Where a request's scope has the secret that a stranger's browser is about to get."""
EXPIRED = marked("This form has expired or came from another site. Nothing was changed; please try again.")


def token(request: Request) -> tuple[str, str | None]:
    """Return the token for a page's forms, and the value of the cookie to be set with it, where one is needed."""
    value = tied_to(request)
    return core(request).signer.sign("form", value), None if value == _tied_to(request) else value


def tied_to(request: Request) -> str:
    """Return the secret in a cookie of the visitor's browser that its forms are tied to.

    Where there is none it is made now: it must be for a page with a form, which sets the cookie.
    """
    scope: Any = request.scope
    return _tied_to(request) or str(scope.setdefault(NEW_KEY, secret.new()))


async def require_token(connection: Connection, handler: BaseRouteHandler) -> None:
    """Refuse a form without the token that belongs to the visitor; a guard on all of the website's routes.

    Raises Failure (403).
    """
    if not isinstance(connection, ParameterRequest):
        raise Failure(403, _(EXPIRED))
    if connection.method in {"GET", "HEAD", "OPTIONS"} or handler.opt.get(FIELD) is False:
        return
    tied_to = _tied_to(connection)
    token = await connection.parameter(FIELD)
    if not tied_to or not isinstance(token, str) or not core(connection).signer.verify(token, "form", tied_to):
        raise Failure(403, _(EXPIRED))


def _tied_to(request: Request) -> str | None:
    return cookies.session_secret(request) or request.cookies.get(cookies.form_name(core(request).settings))
