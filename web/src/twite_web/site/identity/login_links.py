"""Logging in with the link from a mail, where the site allows it."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common.errors import TwiteError
from twite_common.services.identity import passwordless_logins
from twite_common.services.identity.pending_logins import SecondFactorNeeded
from twite_web import cookies
from twite_web.core import core
from twite_web.proxies import client_address
from twite_web.routing import Router
from twite_web.site import csrf, form_errors, redirects, templating
from twite_web.site.access import reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.identity import sessions
from twite_web.types import Request, Response


class LinkForm(msgspec.Struct, frozen=True, kw_only=True):
    """The address that a link is to be sent to, and the page to go to then."""

    email: str = ""
    next: str = "/"


def ask_page(request: Request, data: LinkForm, *, error: TwiteError | None = None) -> Response:
    """Return the form that asks for a link."""
    passwordless_logins.check_links_allowed(core(request).settings)
    with reading(request) as visit:
        return form_errors.page(request, "identity/login_link.html", visit, values=data, error=error)


@get("/login/link", sync_to_thread=True)
def show_ask(request: Request, next: FromQuery[str] = "/") -> Response:
    """Show the form that asks for a link."""
    return ask_page(request, LinkForm(next=redirects.local(next)))


@post("/login/link", sync_to_thread=True)
@shown_again(ask_page)
def ask(request: Request, data: JSONBody[LinkForm]) -> Response:
    """Send a link, if the address has an account; the answer doesn't say."""
    with writing(request) as visit:
        passwordless_logins.ask_for_link(
            visit.db,
            visit.core.signer,
            visit.core.settings,
            now=visit.now,
            email=data.email,
            tied_to=csrf.tied_to(request),
            next=redirects.local(data.next),
        )
    return redirects.see(request, "/login/link/sent")


@get("/login/link/sent", sync_to_thread=True)
def sent(request: Request) -> Response:
    """Say that a mail is on its way, whether or not the address has an account."""
    with reading(request) as visit:
        return templating.page(request, "identity/login_link_sent.html", visit)


def link_page(request: Request, token: str, *, error: TwiteError | None = None) -> Response:
    """Return the button that logs somebody in, where they have asked for the link."""
    with reading(request) as visit:
        link = passwordless_logins.find_link(
            visit.db,
            visit.core.signer,
            visit.core.settings,
            now=visit.now,
            token=token,
            tied_to=csrf.tied_to(request),
        )
        return form_errors.page(
            request, "identity/login_link_opened.html", visit, values=None, error=error, token=token, here=link.here
        )


@get("/login/link/{token:str}", sync_to_thread=True)
def show(request: Request, token: FromPath[str]) -> Response:
    """Show the button that logs somebody in. Opening the link does nothing: programs open links in mails, too."""
    return link_page(request, token)


@post("/login/link/{token:str}", sync_to_thread=True)
@shown_again(link_page)
def log_in(request: Request, token: FromPath[str]) -> Response:
    """Use the link up and start a session, or ask for the second factor."""
    equipment, tied_to = core(request), csrf.tied_to(request)
    with writing(request) as visit:
        link = passwordless_logins.find_link(
            visit.db, equipment.signer, equipment.settings, now=visit.now, token=token, tied_to=tied_to
        )
        login = passwordless_logins.log_in_with_link(
            visit.db,
            equipment.signer,
            equipment.settings,
            now=visit.now,
            token=token,
            tied_to=tied_to,
            address=client_address(request),
            browser=request.headers.get("user-agent", ""),
            device=cookies.device_mark(request),
            earlier_secret=cookies.session_secret(request),
        )
    if isinstance(login, SecondFactorNeeded):
        return sessions.second_step(request, login, redirects.local(link.next))
    return redirects.see(request, redirects.local(link.next), cookies=sessions.login_cookies(equipment, login))


router = Router("/", route_handlers=[show_ask, ask, sent, show, log_in])
