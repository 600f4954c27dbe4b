"""Signing up: the form, the link from the mail, and the site's first account."""

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import clock
from twite_common.errors import TwiteError
from twite_common.services import one_time_links
from twite_common.services.identity import registrations
from twite_web import cookies, language_choice
from twite_web.core import core
from twite_web.middleware.request_concurrency import HASHES
from twite_web.proxies import client_address
from twite_web.site import form_errors, redirects, templating
from twite_web.site.access import reading
from twite_web.site.form_errors import shown_again
from twite_web.types import Request, Response


class SignUpForm(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody types to get an account."""

    username: str = ""
    email: str = ""
    password: str = ""
    reason: str = ""
    invitation: str = ""
    indexable: bool = False


def sign_up_page(request: Request, data: SignUpForm, *, error: TwiteError | None = None) -> Response:
    """Return the form to sign up."""
    with reading(request) as visit:
        return form_errors.page(request, "identity/signup.html", visit, values=data, error=error)


@get("/signup", sync_to_thread=True)
def show(request: Request, invitation: FromQuery[str] = "") -> Response:
    """Show the form to sign up; who is in already has an account."""
    with reading(request) as visit:
        if visit.viewer:
            return redirects.see(request, "/")
        return form_errors.page(request, "identity/signup.html", visit, values=_blank(request, invitation))


@post("/signup", opt=HASHES, sync_to_thread=True)
@shown_again(sign_up_page)
def sign_up(request: Request, data: JSONBody[SignUpForm]) -> Response:
    """Make an account that waits for its owner to open the link in a mail."""
    equipment = core(request)
    registrations.sign_up(
        equipment.database,
        equipment.passwords,
        equipment.settings,
        now=clock.now(),
        form=_form(request, data),
    )
    return redirects.see(request, "/signup/sent")


@get("/signup/sent", sync_to_thread=True)
def sent(request: Request) -> Response:
    """Say that a mail is on its way; the same for an address that has an account already."""
    with reading(request) as visit:
        return templating.page(request, "identity/signup_sent.html", visit)


def first_page(request: Request, data: SignUpForm, token: str, *, error: TwiteError | None = None) -> Response:
    """Return the form for the site's first account."""
    with reading(request) as visit:
        one_time_links.find(visit.db, visit.core.signer, token, "first_account", now=visit.now)
        return form_errors.page(request, "identity/first_account.html", visit, values=data, error=error, token=token)


@get("/first/{token:str}", sync_to_thread=True)
def show_first(request: Request, token: FromPath[str]) -> Response:
    """Show the form for the site's first account, to whoever started the site and so has the link."""
    return first_page(request, _blank(request), token)


@post("/first/{token:str}", opt=HASHES, sync_to_thread=True)
@shown_again(first_page)
def make_first(request: Request, data: JSONBody[SignUpForm], token: FromPath[str]) -> Response:
    """Make the site's first, administrating account, and log its owner in."""
    equipment = core(request)
    secret = registrations.create_first(
        equipment.database,
        equipment.passwords,
        equipment.settings,
        now=clock.now(),
        token=token,
        form=_form(request, data),
        browser=request.headers.get("user-agent", ""),
    )
    return redirects.see(
        request, "/", "welcome", cookies=[cookies.session(equipment.settings, secret)], session_secret=secret
    )


def _blank(request: Request, invitation: str = "") -> SignUpForm:
    return SignUpForm(invitation=invitation, indexable=core(request).settings.search_by_default)


def _form(request: Request, data: SignUpForm) -> registrations.SignUpForm:
    return registrations.SignUpForm(
        username=data.username.strip(),
        email=data.email,
        password=data.password,
        reason=data.reason,
        invitation_code=data.invitation,
        locale=language_choice.to_keep(request),
        indexable=data.indexable,
        address=client_address(request),
    )


router = Router("/", route_handlers=[show, sign_up, sent, show_first, make_first])
