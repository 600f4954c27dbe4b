"""Logging in and out."""

from urllib.parse import urlencode

import msgspec
from litestar import Router, get, post
from litestar.params import FromQuery, JSONBody

from twite_common import clock
from twite_common.errors import TwiteError
from twite_common.services.identity import sessions
from twite_web import cookies
from twite_web.core import core
from twite_web.middleware.request_concurrency import HASHES
from twite_web.proxies import client_address
from twite_web.site import form_errors, redirects
from twite_web.site.access import reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.types import Request, Response


class LoginForm(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody types to log in, and the page to go to then."""

    name: str = ""
    password: str = ""
    next: str = "/"


class LogoutForm(msgspec.Struct, frozen=True, kw_only=True):
    """The page to which somebody wants to come as somebody else; without one, they just leave."""

    next: str = ""


def login_page(request: Request, data: LoginForm, *, error: TwiteError | None = None) -> Response:
    """Return the form to log in."""
    with reading(request) as visit:
        return form_errors.page(request, "identity/login.html", visit, values=data, error=error)


@get("/login", sync_to_thread=True)
def show(request: Request, next: FromQuery[str] = "/") -> Response:
    """Show the form to log in; who is in already goes on."""
    with reading(request) as visit:
        if visit.viewer:
            return redirects.see(request, redirects.local(next))
        return form_errors.page(request, "identity/login.html", visit, values=LoginForm(next=redirects.local(next)))


@post("/login", opt=HASHES, sync_to_thread=True)
@shown_again(login_page)
def log_in(request: Request, data: JSONBody[LoginForm]) -> Response:
    """Start a session; the one that the visitor had before ends."""
    equipment = core(request)
    login = sessions.log_in(
        equipment.database,
        equipment.passwords,
        equipment.settings,
        now=clock.now(),
        name=data.name,
        password=data.password,
        address=client_address(request),
        browser=request.headers.get("user-agent", ""),
        device=cookies.device_mark(request),
        earlier_secret=cookies.session_secret(request),
    )
    new_cookies = [cookies.session(equipment.settings, login.secret), cookies.device(equipment.settings, login.device)]
    return redirects.see(request, redirects.local(data.next), cookies=new_cookies)


@post("/logout", sync_to_thread=True)
def log_out(request: Request, data: JSONBody[LogoutForm]) -> Response:
    """End the visitor's session."""
    with writing(request) as visit:
        sessions.end(visit.db, session_secret=cookies.session_secret(request) or "")
    next_path = redirects.local(data.next, "")
    return redirects.logged_out(
        request, "logged_out", path=f"/login?{urlencode({'next': next_path})}" if next_path else "/"
    )


@post("/logout/everywhere", sync_to_thread=True)
def log_out_everywhere(request: Request) -> Response:
    """End all sessions of the visitor's account, this one too."""
    with writing(request) as visit:
        sessions.end_others(visit.db, account_id=visit.account_id)
    return redirects.logged_out(request, "logged_out_everywhere")


router = Router("/", route_handlers=[show, log_in, log_out, log_out_everywhere])
