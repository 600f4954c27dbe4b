"""The audit log: what staff did."""

import msgspec
from litestar import get
from litestar.params import FromQuery

from twite_common import domains, ids
from twite_common.queries import audit_log as queries
from twite_common.queries.audit_log import Entry
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import paging, templating
from twite_web.site.access import reading_as_staff
from twite_web.site.view_models import times
from twite_web.types import Request, Response

LENGTH = 50
ACTIONS = {
    "none": marked("%(who)s warned %(target)s"),
    "disable": marked("%(who)s disabled %(target)s"),
    "enable": marked("%(who)s enabled %(target)s"),
    "sensitive": marked("%(who)s marked as sensitive %(target)s"),
    "unsensitive": marked("%(who)s marked as not sensitive %(target)s"),
    "silence": marked("%(who)s limited %(target)s"),
    "unsilence": marked("%(who)s stopped limiting %(target)s"),
    "suspend": marked("%(who)s suspended %(target)s"),
    "unsuspend": marked("%(who)s unsuspended %(target)s"),
    "approve": marked("%(who)s approved %(target)s"),
    "reject": marked("%(who)s rejected %(target)s"),
    "grant": marked("%(who)s approved %(target)s"),
    "confirm": marked("%(who)s confirmed %(target)s"),
    "change_role": marked("%(who)s changed the role of %(target)s"),
    "change_password": marked("%(who)s changed the password of %(target)s"),
    "remove_second_factor": marked("%(who)s removed the second factor of %(target)s"),
    "clear_mail_failure": marked("%(who)s resumed mail to %(target)s"),
    "assign": marked("%(who)s assigned themselves %(target)s"),
    "unassign": marked("%(who)s unassigned %(target)s"),
    "resolve": marked("%(who)s resolved %(target)s"),
    "reopen": marked("%(who)s reopened %(target)s"),
    "create": marked("%(who)s created %(target)s"),
    "update": marked("%(who)s changed %(target)s"),
    "delete": marked("%(who)s deleted %(target)s"),
    "destroy": marked("%(who)s deleted %(target)s"),
    "try": marked("%(who)s tried %(target)s"),
    "release": marked("%(who)s released %(target)s"),
}
"""What was done, as sentences of who did it to what."""
TARGETS = {
    "account": marked("the account @%(name)s"),
    "address": marked("%(name)s failing addresses"),
    "report": marked("a report"),
    "appeal": marked("the appeal of @%(name)s"),
    "ip_block": marked("the network block %(name)s"),
    "email_domain_block": marked("the e-mail provider block %(name)s"),
    "canonical_email_block": marked("the e-mail address block %(name)s"),
    "disposable_email_domain": marked("the disposable e-mail provider %(name)s"),
    "disposable_email_domains": marked("disposable e-mail providers (%(name)s)"),
    "sign_up_question": marked("the question for signing up: “%(name)s”"),
    "domain_block": marked("the server block %(name)s"),
    "content_rule": marked("the rule for content “%(name)s”"),
    "domain_list": marked("the list of domains “%(name)s”"),
    "held_post": marked("the held post of @%(name)s"),
    "rule": marked("the rule “%(name)s”"),
    "site_text": marked("the text %(name)s"),
    "site_picture": marked("the site's picture"),
    "announcement": marked("the announcement “%(name)s”"),
    "warning_preset": marked("the warning preset “%(name)s”"),
    "domain_allow": marked("the allowed server %(name)s"),
    "deleted_name": marked("the name @%(name)s"),
    "emoji": marked("the emoji :%(name)s:"),
    "tag": marked("the hashtag #%(name)s"),
    "link": marked("the link %(name)s"),
    "post": marked("the post %(name)s"),
    "publisher": marked("the publisher %(name)s"),
}
"""To what, by the kinds that the record has, as these sentences name it."""
OF_SERVERS = frozenset({"email_domain_block", "disposable_email_domain", "domain_block", "domain_allow"})
"""Kinds that have the names of servers."""


class EntryView(msgspec.Struct, frozen=True):
    """A line of the record: a sentence of `ACTIONS`, and who did it to what, where `path` leads if that has a page."""

    id: int
    sentence: str
    who: str
    target: str
    path: str
    age: str
    date: str


@get("/admin/audit", sync_to_thread=True)
def show(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show who looked after the site how, the latest first."""
    part = paging.page(max_id, min_id, LENGTH)
    with reading_as_staff(request, "view_audit_log") as visit:
        entries = queries.entries(visit.db, part)
        return templating.page(
            request,
            "moderation/audit_log.html",
            visit,
            entries=[_view(entry, visit.now) for entry in entries],
            beside=paging.beside("/admin/audit", part, [entry.id for entry in entries]),
        )


def _view(entry: Entry, now: int) -> EntryView:
    return EntryView(
        id=entry.id,
        sentence=ACTIONS[entry.action],
        who=_who(entry),
        target=_(TARGETS[entry.target_kind], name=_name(entry)),
        path=f"/admin/{entry.target_kind}s/{entry.target_id}" if entry.target_present else "",
        age=times.ago(ids.created_at(entry.id), now),
        date=times.date(ids.created_at(entry.id)),
    )


def _name(entry: Entry) -> str:
    return domains.readable(entry.target_name) if entry.target_kind in OF_SERVERS else entry.target_name


def _who(entry: Entry) -> str:
    if entry.by_command:
        return _("The command line")
    return f"@{entry.username}" if entry.username is not None else _("A deleted user")


router = Router("/", route_handlers=[show])
