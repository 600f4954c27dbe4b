"""Administration: accounts, failed tasks, and mail that wasn't sent."""

from urllib.parse import urlencode

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import domains, outbox, permissions
from twite_common.errors import NotFound, TwiteError
from twite_common.queries.accounts import credentials
from twite_common.queries.accounts.credentials import Credentials
from twite_common.queries.moderation import reports as report_queries
from twite_common.queries.moderation import warnings
from twite_common.queries.notifications import mails as mail_queries
from twite_common.queries.viewers import Viewer
from twite_common.services.moderation import account_actions
from twite_common.services.moderation.account_actions import Decision
from twite_common.services.notifications import mails
from twite_common.services.validators import checked_email
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.site import form_errors, redirects, templating
from twite_web.site.access import id_in, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.redirects import BackForm
from twite_web.types import Request, Response

ACCOUNTS = 50
"""Accounts on a page."""
EVENTS = 100
MAILS = 50
"""Parked events, and mails that failed, that are shown at most."""
STATES = {
    "due": marked("waiting to be sent"),
    "claimed": marked("being sent"),
    "sending": marked("being sent"),
    "sent": marked("accepted by the mail server"),
    "dropped": marked("no longer needed"),
    "parked": marked("failed"),
}
ROLES = {"admin": marked("administrator"), "moderator": marked("moderator")}


class TestMailForm(msgspec.Struct, frozen=True, kw_only=True):
    """The address that a test mail goes to."""

    address: str = ""


class Row(msgspec.Struct, frozen=True):
    """An account as the list shows it."""

    id: int
    username: str
    email: str
    reason: str
    marks: list[str]
    confirmed: bool
    suspended: bool
    can_suspend: bool


@get("/admin", sync_to_thread=True)
def index(request: Request) -> Response:
    """Show what needs attention."""
    with reading_as_staff(request, "view_dashboard") as visit:
        return templating.page(
            request,
            "operations/administration.html",
            visit,
            may=permissions.of_role(visit.member.role),
            accounts=credentials.count_accounts(visit.db),
            reports=report_queries.count_open(visit.db),
            appeals=warnings.count_appealed(visit.db),
            waiting=len(credentials.waiting(visit.db)),
            parked=len(outbox.parked(visit.db, limit=EVENTS)),
            failed=mail_queries.count_parked(visit.db),
        )


@get("/admin/accounts", sync_to_thread=True)
def accounts(request: Request, q: FromQuery[str] = "", after: FromQuery[str] = "") -> Response:
    """Show the accounts whose name or address starts with something, by name."""
    with reading_as_staff(request, "manage_users") as visit:
        accounts = credentials.search(visit.db, q, after=after, limit=ACCOUNTS)
        return templating.page(
            request,
            "moderation/accounts.html",
            visit,
            accounts=[_row(account, visit.member) for account in accounts],
            q=q,
            following=accounts[-1].username if len(accounts) == ACCOUNTS else None,
            back=f"/admin/accounts?{urlencode({'q': q, 'after': after})}",
        )


@post("/admin/accounts/{account_id:str}/suspend", sync_to_thread=True)
def suspend(request: Request, data: JSONBody[BackForm], account_id: FromPath[str]) -> Response:
    """Hide an account and its posts from everybody."""
    with writing(request) as visit:
        account_actions.act(
            visit.db,
            now=visit.now,
            viewer=visit.member,
            account_id=id_in(account_id),
            decision=Decision(action="suspend", told=False),
        )
    return redirects.see(request, redirects.local(data.back, "/admin/accounts"), "suspended")


@post("/admin/accounts/{account_id:str}/unsuspend", sync_to_thread=True)
def unsuspend(request: Request, data: JSONBody[BackForm], account_id: FromPath[str]) -> Response:
    """Show a suspended account again."""
    with writing(request) as visit:
        account_actions.take_back(
            visit.db, now=visit.now, viewer=visit.member, account_id=id_in(account_id), action="suspend"
        )
    return redirects.see(request, redirects.local(data.back, "/admin/accounts"), "unsuspended")


@get("/admin/waiting", sync_to_thread=True)
def waiting(request: Request) -> Response:
    """Show the accounts that wait to be let in."""
    with reading_as_staff(request, "manage_users") as visit:
        return templating.page(
            request,
            "moderation/pending_accounts.html",
            visit,
            accounts=[_row(account, visit.member) for account in credentials.waiting(visit.db)],
        )


@post("/admin/waiting/{account_id:str}/approve", sync_to_thread=True)
def approve(request: Request, account_id: FromPath[str]) -> Response:
    """Let an account in."""
    with writing(request) as visit:
        account_actions.approve(visit.db, now=visit.now, viewer=visit.member, account_id=id_in(account_id))
    return redirects.see(request, "/admin/waiting", "approved")


@post("/admin/waiting/{account_id:str}/reject", sync_to_thread=True)
def reject(request: Request, account_id: FromPath[str]) -> Response:
    """Remove an account that waits to be let in."""
    with writing(request) as visit:
        account_actions.reject(visit.db, now=visit.now, viewer=visit.member, account_id=id_in(account_id))
    return redirects.see(request, "/admin/waiting", "account_rejected")


@get("/admin/events", sync_to_thread=True)
def parked(request: Request) -> Response:
    """Show the events that are no longer tried."""
    with reading_as_staff(request, "view_devops") as visit:
        return templating.page(request, "operations/events.html", visit, events=outbox.parked(visit.db, limit=EVENTS))


@post("/admin/events/{event_id:str}/retry", sync_to_thread=True)
def retry(request: Request, event_id: FromPath[str]) -> Response:
    """Have an event tried again."""
    with writing(request) as visit:
        permissions.check(visit.member, "view_devops")
        outbox.retry(visit.db, id_in(event_id), now=visit.now)
    return redirects.see(request, "/admin/events", "retried")


@post("/admin/events/{event_id:str}/drop", sync_to_thread=True)
def drop(request: Request, event_id: FromPath[str]) -> Response:
    """Give an event up."""
    with writing(request) as visit:
        permissions.check(visit.member, "view_devops")
        outbox.drop(visit.db, id_in(event_id))
    return redirects.see(request, "/admin/events", "dropped")


def mail_page(request: Request, data: TestMailForm, *, error: TwiteError | None = None) -> Response:
    """Return the mails that failed, the addresses that take none, and the form for a test mail."""
    with reading_as_staff(request, "view_devops") as visit:
        return form_errors.page(
            request,
            "operations/mails.html",
            visit,
            values=msgspec.structs.replace(data, address=data.address or domains.readable(visit.member.email)),
            error=error,
            mails=mail_queries.parked(visit.db, limit=MAILS),
            accounts=credentials.mail_failures(visit.db, limit=MAILS),
        )


@get("/admin/mails", sync_to_thread=True)
def show_mails(request: Request) -> Response:
    """Show the mails that failed, and the form for a test mail."""
    return mail_page(request, TestMailForm())


@post("/admin/mails", sync_to_thread=True)
@shown_again(mail_page)
def send_test(request: Request, data: JSONBody[TestMailForm]) -> Response:
    """Send a test mail."""
    with writing(request) as visit:
        permissions.check(visit.member, "view_devops")
        id = mails.add(
            visit.db,
            "test",
            now=visit.now,
            address=checked_email(data.address, smtp_utf8=visit.core.settings.smtp_utf8),
        )
    return redirects.see(request, f"/admin/mails/{id}", "mail_sent")


@post("/admin/mails/clear-failures", sync_to_thread=True)
def clear_failures(request: Request) -> Response:
    """Have mail sent again to all addresses that were refused."""
    with writing(request) as visit:
        account_actions.clear_mail_failures(visit.db, now=visit.now, viewer=visit.member)
    return redirects.see(request, "/admin/mails", "mail_cleared")


@get("/admin/mails/{mail_id:str}", sync_to_thread=True)
def show_mail(request: Request, mail_id: FromPath[str]) -> Response:
    """Show what became of a mail."""
    with reading_as_staff(request, "view_devops") as visit:
        mail = mail_queries.get(visit.db, id_in(mail_id))
        if mail is None:
            raise NotFound(_("There is no such e-mail."))
        return templating.page(request, "operations/mail.html", visit, mail=mail, state=_(STATES[mail.state]))


def _row(account: Credentials, viewer: Viewer) -> Row:
    marks = {
        ROLES.get(account.role, ""): account.role,
        marked("suspended"): account.suspended_at is not None,
        marked("not confirmed"): account.confirmed_at is None,
        marked("pending approval"): account.approved_at is None,
        marked("refuses mail"): account.mail_failed_at is not None,
    }
    return Row(
        id=account.account_id,
        username=account.username,
        email=account.email,
        reason=account.reason,
        marks=[_(mark) for mark, applies in marks.items() if applies],
        confirmed=account.confirmed_at is not None,
        suspended=account.suspended_at is not None,
        can_suspend=permissions.is_above(viewer.role, account.role),
    )


router = Router(
    "/",
    route_handlers=[
        index,
        accounts,
        suspend,
        unsuspend,
        waiting,
        approve,
        reject,
        parked,
        retry,
        drop,
        show_mails,
        send_test,
        clear_failures,
        show_mail,
    ],
)
