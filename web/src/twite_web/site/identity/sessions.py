"""Logging in, with a second factor where the account has one or with a passkey alone, and out."""

from urllib.parse import urlencode

import msgspec
from litestar import get, post
from litestar.datastructures import Cookie
from litestar.params import FromQuery, JSONBody

from twite_common import clock
from twite_common.errors import TwiteError
from twite_common.queries.identity import passkeys as passkey_queries
from twite_common.queries.identity import second_factors as factor_queries
from twite_common.services.identity import passkey_challenges, passkeys, passwordless_logins, sessions
from twite_common.services.identity.pending_logins import LoginOver, SecondFactorNeeded
from twite_common.services.identity.sessions import LoggedIn
from twite_web import cookies
from twite_web.core import Core, core
from twite_web.middleware.request_concurrency import HASHES
from twite_web.proxies import client_address
from twite_web.routing import Router
from twite_web.site import csrf, form_errors, redirects
from twite_web.site.access import reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.types import Request, Response


class LoginForm(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody types to log in, or the answer of their passkey, and the page to go to then."""

    name: str = ""
    password: str = ""
    passkey: str = ""
    next: str = "/"


class CodeForm(msgspec.Struct, frozen=True, kw_only=True):
    """The code that somebody types who has a second factor, or the answer of their passkey.

    `recovery` says that the code is one of those for recovery.
    """

    code: str = ""
    passkey: str = ""
    recovery: str = ""
    next: str = "/"


class LogoutForm(msgspec.Struct, frozen=True, kw_only=True):
    """The page to which somebody wants to come as somebody else; without one, they just leave."""

    next: str = ""


def login_page(request: Request, data: LoginForm, *, error: TwiteError | None = None) -> Response:
    """Return the form to log in."""
    with reading(request) as visit:
        settings = visit.core.settings
        options = passkeys.options_to_prove(
            visit.core.signer, settings, passkey_challenges.LOGIN, now=visit.now, tied_to=csrf.tied_to(request)
        )
        return form_errors.page(
            request,
            "identity/login.html",
            visit,
            values=data,
            error=error,
            passkey=options if passkeys.available(settings) else "",
            link_address=address("/login/link", next=data.next) if settings.login_links else "",
        )


@get("/login", sync_to_thread=True)
def show(request: Request, next: FromQuery[str] = "/") -> Response:
    """Show the form to log in; who is in already goes on."""
    with reading(request) as visit:
        if visit.viewer:
            return redirects.see(request, redirects.local(next))
    return login_page(request, LoginForm(next=redirects.local(next)))


@post("/login", opt=HASHES, sync_to_thread=True)
@shown_again(login_page)
def log_in(request: Request, data: JSONBody[LoginForm]) -> Response:
    """Start a session; the one that the visitor had before ends."""
    if data.passkey:
        return _log_in_with_passkey(request, data)
    equipment = core(request)
    next_page = redirects.local(data.next)
    try:
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
    except SecondFactorNeeded as needed:
        return second_step(request, needed, next_page)
    return redirects.see(request, next_page, cookies=login_cookies(equipment, login))


def _log_in_with_passkey(request: Request, data: LoginForm) -> Response:
    equipment = core(request)
    login = passwordless_logins.log_in_with_passkey(
        equipment.database,
        equipment.settings,
        now=clock.now(),
        answer=data.passkey,
        tied_to=csrf.tied_to(request),
        address=client_address(request),
        browser=request.headers.get("user-agent", ""),
        device=cookies.device_mark(request),
        earlier_secret=cookies.session_secret(request),
    )
    return redirects.see(request, redirects.local(data.next), cookies=login_cookies(equipment, login))


def second_step(request: Request, needed: SecondFactorNeeded, next_page: str) -> Response:
    """Lead somebody to the form for their second factor."""
    pending = cookies.pending_login(core(request).settings, needed.pending)
    return redirects.see(request, address("/login/code", next=next_page), cookies=[pending])


def code_page(request: Request, data: CodeForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for the code that a log-in waits for."""
    with reading(request) as visit:
        account = sessions.pending_account(
            visit.db, visit.core.signer, now=visit.now, pending=cookies.pending_login_mark(request)
        )
        present = passkey_queries.of_account(visit.db, account.account_id)
        purpose = passkey_challenges.SECOND_STEP
        options = passkeys.options_to_prove(
            visit.core.signer, visit.core.settings, purpose, now=visit.now, tied_to=csrf.tied_to(request), of=present
        )
        has_app = bool(factor_queries.of_account(visit.db, account.account_id))
        return form_errors.page(
            request,
            "identity/login_code.html",
            visit,
            values=data,
            error=error,
            username=account.username,
            passkey=options if present else "",
            has_app=has_app,
            recovery=bool(data.recovery) or not has_app,
            other_address=address("/login/code", next=data.next, recovery="" if data.recovery else "1"),
        )


@get("/login/code", sync_to_thread=True)
def show_code(request: Request, next: FromQuery[str] = "/", recovery: FromQuery[str] = "") -> Response:
    """Show the form for the code of somebody who has just typed their password."""
    data = CodeForm(next=redirects.local(next), recovery=recovery)
    try:
        return code_page(request, data)
    except LoginOver:
        return _begin_again(request, data)


@post("/login/code", sync_to_thread=True)
def pass_second_step(request: Request, data: JSONBody[CodeForm]) -> Response:
    """Start a session for somebody who has typed their password before; the one that the visitor had ends."""
    try:
        return _pass_second_step(request, data)
    except LoginOver:
        return _begin_again(request, data)


@shown_again(code_page)
def _pass_second_step(request: Request, data: CodeForm) -> Response:
    equipment = core(request)
    login = sessions.pass_second_step(
        equipment.database,
        equipment.sealer,
        equipment.settings,
        now=clock.now(),
        pending=cookies.pending_login_mark(request),
        code=data.code,
        passkey=data.passkey,
        tied_to=csrf.tied_to(request),
        address=client_address(request),
        browser=request.headers.get("user-agent", ""),
        device=cookies.device_mark(request),
        earlier_secret=cookies.session_secret(request),
    )
    new_cookies = [*login_cookies(equipment, login), cookies.no_pending_login(equipment.settings)]
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


def login_cookies(equipment: Core, login: LoggedIn) -> list[Cookie]:
    """Return what a browser keeps of a log-in."""
    return [cookies.session(equipment.settings, login.secret), cookies.device(equipment.settings, login.device)]


def _begin_again(request: Request, data: CodeForm) -> Response:
    """Ask for the password again."""
    gone = cookies.no_pending_login(core(request).settings)
    return redirects.see(request, address("/login", next=redirects.local(data.next)), "login_over", cookies=[gone])


def address(path: str, **parameters: str) -> str:
    """Return an address with those parameters that have a value."""
    given = {name: value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(given)}"


router = Router("/", route_handlers=[show, log_in, show_code, pass_second_step, log_out, log_out_everywhere])
