"""Following an account by mail, for readers without an account: asking for it, and the links in mails.

The form has a page of its own: pages that strangers see alike set no cookie, which a form needs. Opening a link in a
mail does nothing, since programs open them, too.
"""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common.errors import TwiteError
from twite_common.queries.accounts import accounts
from twite_common.queries.accounts.accounts import Account
from twite_common.queries.notifications import mail_followers as queries
from twite_common.services.notifications import mail_followers
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import language_choice
from twite_web.core import core
from twite_web.routing import Router
from twite_web.site import form_errors, redirects, templating
from twite_web.site.access import Visit, reading, writing
from twite_web.site.csrf import OPEN
from twite_web.site.form_errors import shown_again
from twite_web.site.options import translated
from twite_web.types import Request, Response

FREQUENCIES = {"daily": marked("Once a day"), "weekly": marked("Once a week")}
QUESTIONS = {
    "daily": marked("Do you want to get the public posts of @%(username)s by e-mail, once a day?"),
    "weekly": marked("Do you want to get the public posts of @%(username)s by e-mail, once a week?"),
}


class MailFollowerForm(msgspec.Struct, frozen=True, kw_only=True):
    """Where posts are to be sent, and how often."""

    email: str = ""
    frequency: str = "daily"


def ask_page(request: Request, handle: str, data: MailFollowerForm, *, error: TwiteError | None = None) -> Response:
    """Return the form by which a reader follows an account by mail."""
    with reading(request) as visit:
        account = _offered(visit, handle)
        return form_errors.page(
            request,
            "notifications/follow_by_mail.html",
            visit,
            values=data,
            error=error,
            username=account.username,
            frequencies=translated(FREQUENCIES),
        )


@get("/{handle:str}/by-mail", sync_to_thread=True)
def show_ask(request: Request, handle: FromPath[str]) -> Response:
    """Show the form by which a reader follows an account by mail."""
    return ask_page(request, handle, MailFollowerForm())


@post("/{handle:str}/by-mail", sync_to_thread=True)
@shown_again(ask_page)
def ask(request: Request, handle: FromPath[str], data: JSONBody[MailFollowerForm]) -> Response:
    """Send a mail in which the reader can say that they want this; the answer is the same for every address."""
    with writing(request) as visit:
        mail_followers.ask(
            visit.db,
            visit.core.settings,
            now=visit.now,
            account_id=_offered(visit, handle).id,
            email=data.email,
            frequency=data.frequency,
            locale=language_choice.to_keep(request),
        )
    return redirects.see(request, "/by-mail/sent")


@get("/by-mail/sent", sync_to_thread=True)
def sent(request: Request) -> Response:
    """Say that a mail is on its way."""
    with reading(request) as visit:
        return templating.page(request, "notifications/follow_by_mail_sent.html", visit)


@get("/by-mail/confirm/{token:str}", sync_to_thread=True)
def show_confirm(request: Request, token: FromPath[str]) -> Response:
    """Show the button by which a reader says that they want an account's posts."""
    with reading(request) as visit:
        follower, frequency = mail_followers.read_confirmation(visit.db, visit.core.signer, token)
        question = _(QUESTIONS[frequency], username=follower.username)
        return _confirm_page(request, visit, token, follower.username, question)


@post("/by-mail/confirm/{token:str}", status_code=200, opt=OPEN, sync_to_thread=True)
def confirm(request: Request, token: FromPath[str]) -> Response:
    """Follow an account by mail. The link itself shows who asks, so there is no session and no token of a form."""
    with writing(request) as visit:
        follower = mail_followers.confirm(visit.db, visit.core.signer, visit.core.settings, token, now=visit.now)
    return _confirm_page(request, visit, token, follower.username)


@get("/by-mail/{token:str}", sync_to_thread=True)
def show_stop(request: Request, token: FromPath[str]) -> Response:
    """Show the button by which a reader stops following by mail."""
    follower_id = mail_followers.read_stop(core(request).signer, token)
    with reading(request) as visit:
        return _stop_page(request, visit, token, queries.username_of(visit.db, follower_id))


@post("/by-mail/{token:str}", status_code=200, opt=OPEN, sync_to_thread=True)
def stop(request: Request, token: FromPath[str]) -> Response:
    """Stop following by mail, on the page or by the mail program itself (RFC 8058)."""
    with writing(request) as visit:
        mail_followers.stop(visit.db, visit.core.signer, token)
    return _stop_page(request, visit, token, "")


def _confirm_page(request: Request, visit: Visit, token: str, username: str, question: str = "") -> Response:
    """Return the page for confirming; without a question that is done."""
    return templating.page(
        request,
        "notifications/follow_by_mail_confirm.html",
        visit,
        token=token,
        username=username,
        question=question,
    )


def _stop_page(request: Request, visit: Visit, token: str, username: str) -> Response:
    """Return the page for stopping; without a name nothing is left to stop."""
    return templating.page(request, "notifications/follow_by_mail_stop.html", visit, token=token, username=username)


def _offered(visit: Visit, handle: str) -> Account:
    """Return the account that a page is of. Raises NotFound where it can't be followed by mail."""
    account = accounts.by_username(visit.db, handle[1:]) if handle.startswith("@") else None
    if account is None or not queries.offered(visit.db, account.id):
        raise mail_followers.not_offered()
    return account


router = Router("/", route_handlers=[show_ask, ask, sent, show_confirm, confirm, show_stop, stop])
