"""The website's cookies: the session's secret, and a random value that ties strangers' form tokens to them.

A stranger who chooses another language than their browser's gets one, too, until the browser is closed.
"""

from litestar.datastructures import Cookie

from twite_common.settings import Settings
from twite_web.types import Connection, Request

DAY_SECONDS = 86_400
FORM_SECONDS = 3600
PENDING_LOGIN_SECONDS = 600
DEVICE_DAYS = 400
"""As long as browsers keep a cookie: somebody who logs in once a year is known to have logged in there."""


def session_name(settings: Settings) -> str:
    """Return the name of the session's cookie; the prefix makes browsers keep it to this very host."""
    return "__Host-twite" if settings.secure else "twite"


def session_secret(request: Connection) -> str | None:
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


def device_name(settings: Settings) -> str:
    """Return the name of the cookie that says which accounts were logged in to in a browser."""
    return "__Secure-twite-device" if settings.secure else "twite-device"


def device_mark(request: Request) -> str:
    """Return what that cookie says; "" where there is none."""
    return request.cookies.get(device_name(request.app.state["core"].settings), "")


def device(settings: Settings, value: str) -> Cookie:
    """Return that cookie (`twite_common.services.identity.devices`), which is sent with nothing but a log-in."""
    return _cookie(settings, device_name(settings), value, DEVICE_DAYS * DAY_SECONDS, "/login")


def pending_login_name(settings: Settings) -> str:
    """Return the name of the cookie that says who has typed their password and is asked for a second factor."""
    return "__Secure-twite-pending-login" if settings.secure else "twite-pending-login"


def pending_login_mark(request: Request) -> str:
    """Return what that cookie says; "" where there is none."""
    return request.cookies.get(pending_login_name(request.app.state["core"].settings), "")


def pending_login(settings: Settings, value: str) -> Cookie:
    """Return that cookie (`twite_common.services.identity.pending_logins`), which is sent with nothing but a log-in."""
    return _cookie(settings, pending_login_name(settings), value, PENDING_LOGIN_SECONDS, "/login")


def no_pending_login(settings: Settings) -> Cookie:
    """Return the cookie that takes that one away."""
    return _cookie(settings, pending_login_name(settings), "", 0, "/login")


def language_name(settings: Settings) -> str:
    """Return the name of the cookie that holds the language that a stranger chose."""
    return "__Host-twite-language" if settings.secure else "twite-language"


def language(settings: Settings, code: str) -> Cookie:
    """Return the cookie that holds the language that a stranger chose."""
    name = language_name(settings)
    return Cookie(key=name, value=code, httponly=True, samesite="lax", secure=settings.secure)


def names(settings: Settings) -> frozenset[bytes]:
    """Return the names of all cookies that the site sets and reads."""
    of_settings = (session_name, form_name, device_name, pending_login_name, language_name)
    return frozenset(name(settings).encode() for name in of_settings)


def _cookie(settings: Settings, name: str, value: str, seconds: int, path: str = "/") -> Cookie:
    return Cookie(
        key=name, value=value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=settings.secure
    )
