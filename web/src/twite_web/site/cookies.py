"""The website's cookies: the session's secret, and for strangers' forms a random value to tie their token to."""

from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from twite_common.settings import Settings

DAY_SECONDS = 86_400
FORM_SECONDS = 3600


def session_name(settings: Settings) -> str:
    """Return the name of the session's cookie; the prefix makes browsers keep it to this very host."""
    return "__Host-twite" if settings.secure else "twite"


def session_secret(request: Request[Any, Any, Any]) -> str | None:
    """Return the secret in the session's cookie, if there is one."""
    return request.cookies.get(session_name(request.app.state["core"].settings)) or None


def session(settings: Settings, secret: str) -> Cookie:
    """Return the cookie that keeps somebody logged in."""
    return _cookie(settings, session_name(settings), secret, settings.session_days * DAY_SECONDS)


def no_session(settings: Settings) -> Cookie:
    """Return the cookie that takes the session's away."""
    return _cookie(settings, session_name(settings), "", 0)


def form_name(settings: Settings) -> str:
    """Return the name of the cookie that strangers' forms are tied to."""
    return "__Host-twite-form" if settings.secure else "twite-form"


def form(settings: Settings, value: str) -> Cookie:
    """Return the cookie that a stranger's form is tied to."""
    return _cookie(settings, form_name(settings), value, FORM_SECONDS)


def _cookie(settings: Settings, name: str, value: str, seconds: int) -> Cookie:
    return Cookie(
        key=name, value=value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=settings.secure
    )
