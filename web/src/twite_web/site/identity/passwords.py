"""Resetting a forgotten password."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common.errors import TwiteError
from twite_common.services import one_time_links
from twite_common.services.identity import devices, passwords
from twite_web import cookies
from twite_web.core import core
from twite_web.middleware.request_concurrency import HASHES
from twite_web.routing import Router
from twite_web.site import form_errors, redirects, templating
from twite_web.site.access import reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.identity.confirmations import EmailForm
from twite_web.types import Request, Response


class PasswordForm(msgspec.Struct, frozen=True, kw_only=True):
    """A new password, and whether applications and scripts are signed out too."""

    password: str = ""
    end_tokens: bool = False


def ask_page(request: Request, data: EmailForm, *, error: TwiteError | None = None) -> Response:
    """Return the form that asks for a link."""
    with reading(request) as visit:
        return form_errors.page(request, "identity/forgot.html", visit, values=data, error=error)


@get("/forgot", sync_to_thread=True)
def show_ask(request: Request) -> Response:
    """Show the form that asks for a link."""
    return ask_page(request, EmailForm())


@post("/forgot", sync_to_thread=True)
@shown_again(ask_page)
def ask(request: Request, data: JSONBody[EmailForm]) -> Response:
    """Send a link, if the address has an account; the answer doesn't say."""
    with writing(request) as visit:
        passwords.ask_to_reset(visit.db, now=visit.now, email=data.email)
    return redirects.see(request, "/forgot/sent")


@get("/forgot/sent", sync_to_thread=True)
def sent(request: Request) -> Response:
    """Say that a mail is on its way, whether or not the address has an account."""
    with reading(request) as visit:
        return templating.page(request, "identity/forgot_sent.html", visit)


def reset_page(request: Request, data: PasswordForm, token: str, *, error: TwiteError | None = None) -> Response:
    """Return the form for a new password."""
    with reading(request) as visit:
        one_time_links.find(visit.db, visit.core.signer, token, "reset", now=visit.now)
        return form_errors.page(request, "identity/reset.html", visit, values=data, error=error, token=token)


@get("/reset/{token:str}", sync_to_thread=True)
def show_reset(request: Request, token: FromPath[str]) -> Response:
    """Show the form for a new password."""
    return reset_page(request, PasswordForm(end_tokens=True), token)


@post("/reset/{token:str}", opt=HASHES, sync_to_thread=True)
@shown_again(reset_page)
def reset(request: Request, data: JSONBody[PasswordForm], token: FromPath[str]) -> Response:
    """Set a new password; every session ends, and whoever did it is known here when they log in next."""
    equipment = core(request)
    with reading(request, page=False) as visit:
        link = one_time_links.find(visit.db, equipment.signer, token, "reset", now=visit.now)
        about = passwords.known_to_others(visit.db, equipment.settings, link.account_id)
    password_hash = equipment.passwords.hash(data.password, about=about)
    with writing(request) as visit:
        account_id = passwords.reset(
            visit.db,
            equipment.signer,
            now=visit.now,
            token=token,
            password_hash=password_hash,
            end_tokens=data.end_tokens,
        )
    # A browser sends its device cookie with a log-in only, so this one begins anew.
    device = devices.marked(equipment.signer, "", account_id)
    new_cookies = [cookies.no_session(equipment.settings), cookies.device(equipment.settings, device)]
    # What goes on without the password is shown there.
    page = "/login" if data.end_tokens else "/login?next=/settings/account"
    return redirects.see(request, page, "password_reset", cookies=new_cookies, session_secret="")


router = Router("/", route_handlers=[show_ask, ask, sent, show_reset, reset])
