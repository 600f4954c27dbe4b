"""CSRF protection: each form has a token that only our pages can know (OWASP: HMAC-based token pattern).

The token is a signature over the session's secret, or for strangers over a random value in a cookie that only pages
with a form set. One guard checks it for every POST of the website. The token of a page on which somebody acts for
another account says so: sent once they act otherwise, the form does nothing (`twite_web.acting`).
"""

from typing import Any

from litestar.handlers import BaseRouteHandler

from twite_common import ids, secret
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import acting, cookies
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
    value, acts_as = tied_to(request), acting.acts_as(request)
    signature = _signature(request, value, acts_as)
    text = f"{acts_as}.{signature}" if acts_as else signature
    return text, None if value == _tied_to(request) else value


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
    acts_as, _dot, signature = token.rpartition(".") if isinstance(token, str) else ("", "", "")
    membership_id = ids.parse(acts_as) or 0
    if not tied_to or not secret.equal(signature, _signature(connection, tied_to, membership_id)):
        raise Failure(403, _(EXPIRED))
    scope: Any = connection.scope
    scope[acting.FORM_KEY] = membership_id


def _signature(request: Request, tied_to: str, acts_as: int) -> str:
    parts = (tied_to, acts_as) if acts_as else (tied_to,)
    return core(request).signer.sign("form", *parts)


def _tied_to(request: Request) -> str | None:
    return cookies.session_secret(request) or request.cookies.get(cookies.form_name(core(request).settings))
