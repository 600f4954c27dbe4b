"""Mail: how it fares, what was sent, and what wasn't."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import clock, domains, formats, ids, permissions
from twite_common.errors import NotFound, TwiteError
from twite_common.queries.accounts import credentials
from twite_common.queries.notifications import mail_log
from twite_common.queries.notifications import mails as mail_queries
from twite_common.queries.notifications.mail_log import Finding
from twite_common.queries.notifications.mails import Mail
from twite_common.services.moderation import account_actions
from twite_common.services.notifications import mail_health, mails
from twite_common.services.validators import checked_email
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import form_errors, paging, redirects, templating
from twite_web.site.access import Visit, id_in, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.options import translated
from twite_web.site.view_models import times
from twite_web.types import Request, Response

PATH = "/admin/mails"
MAILS = 50
"""Mails on a page, and accounts whose address takes none."""
BOUNCES_DAYS = 30
STATES = {
    "due": marked("waiting to be sent"),
    "claimed": marked("being sent"),
    "sending": marked("being sent"),
    "sent": marked("accepted by the mail server"),
    "dropped": marked("no longer needed"),
    "parked": marked("failed"),
}
RESULTS = {"": marked("All"), "failed": marked("Failed"), "bounced": marked("Came back")}
SUBJECTS = {
    "mx": marked("Where mail to this domain goes (MX)"),
    "spf": marked("Who may send for it (SPF)"),
    "dkim": marked("How mail is signed (DKIM)"),
    "dmarc": marked("What others do with forged mail (DMARC)"),
}
VERDICTS = {
    "good": marked("fine"),
    "weak": marked("weak"),
    "missing": marked("missing"),
    "wrong": marked("wrong"),
    "unknown": marked("not known"),
}
REMEDIES = {
    "mx missing": marked("Nobody can answer, and what comes back gets lost. Add an MX record."),
    "spf missing": marked(
        "Add a TXT record that begins with v=spf1, names your mail server, and ends with ~all or -all."
    ),
    "spf several": marked("There is more than one, so none counts. Keep a single one."),
    "spf everybody": marked("It lets everybody send in your name. Let it end with ~all or -all."),
    "spf open": marked("It doesn't say what is to be done about other servers. Let it end with ~all or -all."),
    "dkim missing": marked("There is no key under this selector. Add the TXT record that your mail server shows."),
    "dkim selector": marked("There is none under the usual selectors. Name yours in the setting dkim_selector."),
    "dkim revoked": marked("The key is empty, which means that it is revoked."),
    "dmarc missing": marked("Add a TXT record at _dmarc that begins with v=DMARC1; many providers ask for one."),
    "dmarc none": marked("It asks for nothing to be done. Once all your mail passes, let it say quarantine or reject."),
}
"""What to do, by what was found."""


class TestMailForm(msgspec.Struct, frozen=True, kw_only=True):
    """The address that a test mail goes to."""

    address: str = ""


class FindingView(msgspec.Struct, frozen=True):
    """What DNS says of one thing, and what to do about it; `level` is calm, attention or problem."""

    subject: str
    verdict: str
    level: str
    record: str
    remedy: str


class HealthView(msgspec.Struct, frozen=True):
    """What DNS says of the domain that mail comes from, and when it was asked."""

    domain: str
    date: str
    findings: list[FindingView]


class LineView(msgspec.Struct, frozen=True):
    """A mail in the log; only the beginning of its address is shown."""

    id: int
    kind: str
    address: str
    state: str
    said: str
    age: str
    date: str


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
            can_send=bool(visit.core.settings.smtp),
            health=_health(visit),
            today=_today(visit),
            bounces=_bounces(visit),
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


@post("/admin/mails/check", sync_to_thread=True)
def check(request: Request) -> Response:
    """Have DNS asked about the domain that mail comes from."""
    with writing(request) as visit:
        permissions.check(visit.member, "view_devops")
        mail_health.ask(visit.db, now=visit.now)
    return redirects.see(request, PATH, "mail_checked")


@get("/admin/mails/log", sync_to_thread=True)
def show_log(
    request: Request, q: FromQuery[str] = "", result: FromQuery[str] = "", max_id: FromQuery[str] = ""
) -> Response:
    """Show what was sent in the last weeks: to an address or an account, or by what became of it."""
    part = paging.page(max_id, "", MAILS)
    with reading_as_staff(request, "view_devops") as visit:
        wanted = q.strip()
        if "@" in wanted.removeprefix("@"):
            found = mail_log.to_address(visit.db, wanted, part)
        elif wanted:
            found = mail_log.to_account(visit.db, wanted.removeprefix("@").casefold(), part)
        else:
            known: mail_log.Result = "failed" if result == "failed" else "bounced" if result == "bounced" else ""
            found = mail_log.log(visit.db, part, result=known)
        return templating.page(
            request,
            "operations/mail_log.html",
            visit,
            q=wanted,
            result="" if wanted else result,
            results=translated(RESULTS),
            lines=[_line(mail, visit.now) for mail in found],
            older=found[-1].id if len(found) == MAILS else None,
        )


def masked(address: str) -> str:
    """Return an address of which only its beginning and its domain can be read."""
    mailbox, _, host = domains.readable(address).rpartition("@")
    return f"{mailbox[:1]}•••@{host}"


def _today(visit: Visit) -> str:
    number = formats.number(mail_log.handed_over(visit.db, visit.now // clock.DAY))
    limit = visit.core.settings.mails_per_day
    if not limit:
        return _("E-mails sent today: %(number)s.", number=number)
    return _("E-mails sent today: %(number)s of %(limit)s; what is over waits.", number=number, limit=limit)


def _bounces(visit: Visit) -> str:
    if not visit.core.settings.mail_bounces:
        return _("What comes back isn't read: set mail_bounces, and pipe what arrives there into “twite mail bounce”.")
    counts = mail_log.count_bounces(visit.db, since=visit.now - BOUNCES_DAYS * clock.DAY)
    numbers = {kind: formats.number(counts.get(kind, 0)) for kind in ("hard", "soft")}
    return _("E-mails that came back in the last 30 days: %(hard)s for good, %(soft)s for a while.", **numbers)


def _health(visit: Visit) -> HealthView | None:
    found = mail_log.domain_check(visit.db)
    if found is None:
        return None
    findings = [_finding(one) for one in found.findings]
    return HealthView(domains.readable(found.domain), times.date(found.checked_at), findings)


def _finding(found: Finding) -> FindingView:
    remedy = REMEDIES.get(f"{found.kind} {found.detail or found.state}", "")
    return FindingView(
        subject=_(SUBJECTS[found.kind]),
        verdict=_(VERDICTS[found.state]),
        level={"good": "calm", "missing": "problem", "wrong": "problem"}.get(found.state, "attention"),
        record=found.record,
        remedy=_(remedy) if remedy else "",
    )


def _line(mail: Mail, now: int) -> LineView:
    at = mail.sent_at or ids.created_at(mail.id)
    state = _("came back") if mail.bounce else _(STATES[mail.state])
    return LineView(
        mail.id, mail.kind, masked(mail.address), state, mail.error or mail.answer, times.ago(at, now), times.date(at)
    )


router = Router("/", route_handlers=[show_mails, send_test, clear_failures, check, show_log, show_mail])
