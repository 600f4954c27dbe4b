"""Failed tasks, and mail that wasn't sent."""

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, JSONBody

from twite_common import domains, outbox, permissions
from twite_common.errors import NotFound, TwiteError
from twite_common.queries.accounts import credentials
from twite_common.queries.notifications import mails as mail_queries
from twite_common.services.moderation import account_actions
from twite_common.services.notifications import mails
from twite_common.services.validators import checked_email
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.site import form_errors, redirects, templating
from twite_web.site.access import id_in, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
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


@post("/admin/events/retry", sync_to_thread=True)
def retry_all(request: Request) -> Response:
    """Have all events tried again."""
    with writing(request) as visit:
        permissions.check(visit.member, "view_devops")
        outbox.retry_parked(visit.db, now=visit.now)
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


router = Router(
    "/",
    route_handlers=[
        parked,
        retry_all,
        retry,
        drop,
        show_mails,
        send_test,
        clear_failures,
        show_mail,
    ],
)
