"""Links in mails that confirm an e-mail address.

Each shows a button first: programs that look into mails open every link in them.
"""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common.errors import TwiteError
from twite_common.services import one_time_links
from twite_common.services.identity import confirmations, passwords
from twite_web.routing import Router
from twite_web.site import form_errors, redirects, templating
from twite_web.site.access import reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.types import Request, Response


class EmailForm(msgspec.Struct, frozen=True, kw_only=True):
    """An address that a mail is asked for."""

    email: str = ""


def ask_page(request: Request, data: EmailForm, *, error: TwiteError | None = None) -> Response:
    """Return the form that asks for another link."""
    with reading(request) as visit:
        return form_errors.page(request, "identity/confirm_again.html", visit, values=data, error=error)


@get("/confirm", sync_to_thread=True)
def show_ask(request: Request) -> Response:
    """Show the form that asks for another link."""
    return ask_page(request, EmailForm())


@post("/confirm", sync_to_thread=True)
@shown_again(ask_page)
def ask(request: Request, data: JSONBody[EmailForm]) -> Response:
    """Send another link, if the address waits to be confirmed; the answer doesn't say."""
    with writing(request) as visit:
        confirmations.ask_to_confirm_again(visit.db, now=visit.now, email=data.email)
    return redirects.see(request, "/signup/sent")


@get("/confirm/{token:str}", sync_to_thread=True)
def show(request: Request, token: FromPath[str]) -> Response:
    """Show the button that confirms the address of a new account."""
    with reading(request) as visit:
        one_time_links.find(visit.db, visit.core.signer, token, "confirm", now=visit.now)
        return templating.page(request, "identity/confirm.html", visit, form=True, token=token)


@post("/confirm/{token:str}", sync_to_thread=True)
def confirm(request: Request, token: FromPath[str]) -> Response:
    """Confirm the address of a new account; its owner logs in next."""
    with writing(request) as visit:
        usable = confirmations.confirm_by_link(visit.db, visit.core.signer, now=visit.now, token=token)
    return redirects.see(request, "/login?next=/welcome", "confirmed" if usable else "confirmed_waiting")


@get("/confirm-email/{token:str}", sync_to_thread=True)
def show_change(request: Request, token: FromPath[str]) -> Response:
    """Show the button that makes a new address the account's own."""
    with reading(request) as visit:
        link = one_time_links.find(visit.db, visit.core.signer, token, "change_email", now=visit.now)
        return templating.page(request, "identity/confirm_email.html", visit, form=True, token=token, email=link.detail)


@post("/confirm-email/{token:str}", sync_to_thread=True)
def change(request: Request, token: FromPath[str]) -> Response:
    """Make a new address the account's own."""
    with writing(request) as visit:
        passwords.change_email(visit.db, visit.core.signer, now=visit.now, token=token)
    return redirects.see(request, "/settings/account" if visit.viewer else "/login", "email_changed")


router = Router("/", route_handlers=[show_ask, ask, show, confirm, show_change, change])
