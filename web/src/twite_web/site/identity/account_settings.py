"""The visitor's own account: password, address, sessions, and deletion."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common import clock
from twite_common.errors import TwiteError
from twite_common.queries.accounts import credentials
from twite_common.queries.accounts.credentials import Login
from twite_common.queries.identity import memberships
from twite_common.queries.notifications import webhooks
from twite_common.queries.timelines import private_feeds
from twite_common.services.accounts import account_deletion
from twite_common.services.identity import browsers, confirmations, deactivation, passwords, sessions, usernames
from twite_common.translations import gettext as _
from twite_web import cookies
from twite_web.core import core
from twite_web.middleware.request_concurrency import HASHES
from twite_web.routing import Router
from twite_web.site import form_errors, redirects, templating
from twite_web.site.access import Visit, id_in, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.identity import step_up
from twite_web.site.identity.step_up import StepUpForm
from twite_web.site.view_models import times
from twite_web.types import Request, Response


class NewPasswordForm(StepUpForm, frozen=True, kw_only=True):
    """A new password, what shows whose account it is, and whether applications are signed out too."""

    password: str = ""
    end_tokens: bool = False


class NewEmailForm(StepUpForm, frozen=True, kw_only=True):
    """A new e-mail address, and what shows whose account it is."""

    email: str = ""


class NewUsernameForm(StepUpForm, frozen=True, kw_only=True):
    """Another username, and what shows whose account it is."""

    username: str = ""


class LoginView(msgspec.Struct, frozen=True):
    """A place where the account is logged in, as the page shows it."""

    id: int
    browser: str
    address: str
    seen_at: str
    seen: str
    seen_on: str
    here: bool


class AccessView(msgspec.Struct, frozen=True):
    """What reaches the account without its password, and how many of it there are; `hosts` are those that are told."""

    path: str
    label: str
    count: int
    hosts: str = ""


@get("/settings/account", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the account's address, where it is logged in, and what reaches it besides, also after a new password."""
    with reading(request) as visit:
        logins = credentials.sessions(visit.db, visit.account_id, now=visit.now)
        views = [_login(visit, login) for login in logins]
        return templating.page(
            request, "identity/account_settings.html", visit, sessions=views, accesses=_accesses(visit)
        )


def password_page(request: Request, data: NewPasswordForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for a new password; what was typed isn't shown again, as everywhere with passwords."""
    return step_up.form_page(request, "identity/password.html", data, error)


@get("/settings/account/password", sync_to_thread=True)
def show_password(request: Request) -> Response:
    """Show the form for a new password."""
    return password_page(request, NewPasswordForm(end_tokens=True))


@post("/settings/account/password", opt=HASHES, sync_to_thread=True)
@shown_again(password_page)
def change_password(request: Request, data: JSONBody[NewPasswordForm]) -> Response:
    """Change the password; every other session ends."""
    step_up.check(request, data)
    with reading(request, page=False) as visit:
        about = passwords.known_to_others(visit.db, visit.core.settings, visit.account_id)
    password_hash = core(request).passwords.hash(data.password, about=about)
    with writing(request) as visit:
        passwords.change(
            visit.db,
            now=visit.now,
            account_id=visit.account_id,
            password_hash=password_hash,
            end_tokens=data.end_tokens,
            session_secret=cookies.session_secret(request) or "",
        )
    return redirects.see(request, "/settings/account", "password_changed")


def username_page(request: Request, data: NewUsernameForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for another username."""
    return step_up.form_page(request, "identity/username.html", data, error)


@get("/settings/account/username", sync_to_thread=True)
def show_username(request: Request) -> Response:
    """Show the form for another username."""
    return username_page(request, NewUsernameForm())


@post("/settings/account/username", opt=HASHES, sync_to_thread=True)
@shown_again(username_page)
def change_username(request: Request, data: JSONBody[NewUsernameForm]) -> Response:
    """Change the username; the one before leads to the account for a year."""
    step_up.check(request, data)
    with writing(request) as visit:
        usernames.change(visit.db, now=visit.now, account_id=visit.account_id, username=data.username.strip())
    return redirects.see(request, "/settings/account", "username_changed")


def remove_password_page(request: Request, data: StepUpForm, *, error: TwiteError | None = None) -> Response:
    """Return the form that has the account do without a password."""
    return step_up.form_page(request, "identity/remove_password.html", data, error)


@get("/settings/account/password/remove", sync_to_thread=True)
def show_remove_password(request: Request) -> Response:
    """Show the form that has the account do without a password."""
    return remove_password_page(request, StepUpForm())


@post("/settings/account/password/remove", opt=HASHES, sync_to_thread=True)
@shown_again(remove_password_page)
def remove_password(request: Request, data: JSONBody[StepUpForm]) -> Response:
    """Have the account do without a password."""
    step_up.check(request, data)
    with writing(request) as visit:
        passwords.remove(visit.db, now=visit.now, account_id=visit.account_id)
    return redirects.see(request, "/settings/account", "password_removed")


def email_page(request: Request, data: NewEmailForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for a new address."""
    with reading(request) as visit:
        return form_errors.page(
            request,
            "identity/email.html",
            visit,
            values=data,
            error=error,
            email=visit.member.email,
            step_up=step_up.asked(request, visit),
        )


@get("/settings/account/email", sync_to_thread=True)
def show_email(request: Request) -> Response:
    """Show the form for a new address."""
    return email_page(request, NewEmailForm())


@post("/settings/account/email", opt=HASHES, sync_to_thread=True)
@shown_again(email_page)
def change_email(request: Request, data: JSONBody[NewEmailForm]) -> Response:
    """Send a link to a new address, which becomes the account's own when it is opened."""
    step_up.check(request, data)
    with writing(request) as visit:
        passwords.ask_to_change_email(
            visit.db,
            now=visit.now,
            account_id=visit.account_id,
            email=data.email,
            smtp_utf8=visit.core.settings.smtp_utf8,
        )
    return redirects.see(request, "/settings/account", "email_asked")


@post("/settings/account/email/try", sync_to_thread=True)
def try_email(request: Request) -> Response:
    """Send a mail to the visitor's address, which was refused, to see whether it arrives by now."""
    with writing(request) as visit:
        confirmations.ask_whether_mail_arrives(visit.db, now=visit.now, account_id=visit.account_id)
    return redirects.see(request, "/settings/account", "mail_asked")


@post("/settings/account/sessions/{session_id:str}/end", sync_to_thread=True)
def end_session(request: Request, session_id: FromPath[str]) -> Response:
    """End one of the account's sessions."""
    with writing(request) as visit:
        sessions.end_one(visit.db, account_id=visit.account_id, session_id=id_in(session_id))
    return redirects.see(request, "/settings/account", "session_ended")


@post("/settings/account/sessions/end-others", sync_to_thread=True)
def end_other_sessions(request: Request) -> Response:
    """End all of the account's sessions but this one."""
    with writing(request) as visit:
        session_secret = cookies.session_secret(request) or ""
        sessions.end_others(visit.db, account_id=visit.account_id, session_secret=session_secret)
    return redirects.see(request, "/settings/account", "sessions_ended")


def leave_page(request: Request, data: StepUpForm, *, error: TwiteError | None = None) -> Response:
    """Return the form that deletes the account."""
    return step_up.form_page(request, "identity/delete_account.html", data, error)


@get("/settings/account/delete", sync_to_thread=True)
def show_leave(request: Request) -> Response:
    """Show the form that deletes the account."""
    return leave_page(request, StepUpForm())


@post("/settings/account/delete", opt=HASHES, sync_to_thread=True)
@shown_again(leave_page)
def leave(request: Request, data: JSONBody[StepUpForm]) -> Response:
    """Delete the account and all that it wrote."""
    step_up.check(request, data)
    with writing(request) as visit:
        account_deletion.leave(visit.db, now=visit.now, account_id=visit.account_id)
    return redirects.logged_out(request, "account_deleted")


def deactivate_page(request: Request, data: StepUpForm, *, error: TwiteError | None = None) -> Response:
    """Return the form that deactivates the account."""
    return step_up.form_page(request, "identity/deactivate_account.html", data, error, days=deactivation.KEEP_DAYS)


@get("/settings/account/deactivate", sync_to_thread=True)
def show_deactivate(request: Request) -> Response:
    """Show the form that deactivates the account."""
    return deactivate_page(request, StepUpForm())


@post("/settings/account/deactivate", opt=HASHES, sync_to_thread=True)
@shown_again(deactivate_page)
def deactivate(request: Request, data: JSONBody[StepUpForm]) -> Response:
    """Hide the account and all that it wrote, until its owner logs in or it is deleted."""
    step_up.check(request, data)
    with writing(request) as visit:
        deactivation.deactivate(visit.db, now=visit.now, account_id=visit.account_id)
    return redirects.logged_out(request, "account_deactivated")


def _login(visit: Visit, login: Login) -> LoginView:
    return LoginView(
        id=login.id,
        browser=browsers.readable(browsers.kind(login.browser)),
        address=login.address,
        seen_at=clock.as_datetime(login.seen_at).isoformat(timespec="seconds"),
        seen=times.when(login.seen_at, visit.now),
        seen_on=times.date(login.seen_at),
        here=login.id == visit.session_id,
    )


def _accesses(visit: Visit) -> list[AccessView]:
    told = webhooks.of_account(visit.db, visit.account_id)
    accesses = [
        AccessView("/settings/feeds", _("Feeds"), len(private_feeds.of_account(visit.db, visit.account_id))),
        AccessView("/settings/webhooks", _("Webhooks"), len(told), ", ".join(one.host for one in told)),
        AccessView("/settings/members", _("Members"), memberships.count(visit.db, visit.account_id)),
    ]
    return [one for one in accesses if one.count]


router = Router(
    "/",
    route_handlers=[
        show,
        show_password,
        change_password,
        show_username,
        change_username,
        show_remove_password,
        remove_password,
        show_email,
        change_email,
        try_email,
        end_session,
        end_other_sessions,
        show_deactivate,
        deactivate,
        show_leave,
        leave,
    ],
)
