"""The audit log: what staff did."""

import msgspec
from litestar import Router, get
from litestar.params import FromQuery

from twite_common import domains, ids
from twite_common.queries import audit_log as queries
from twite_common.queries.audit_log import Entry
from twite_web.site import paging, templating
from twite_web.site.access import reading_as_staff
from twite_web.site.view_models import times
from twite_web.types import Request, Response

LENGTH = 50
ACTIONS = {
    "none": "warned",
    "disable": "disabled",
    "enable": "enabled",
    "sensitive": "marked as sensitive",
    "unsensitive": "marked as not sensitive",
    "silence": "limited",
    "unsilence": "stopped limiting",
    "suspend": "suspended",
    "unsuspend": "unsuspended",
    "approve": "approved",
    "reject": "rejected",
    "grant": "approved",
    "confirm": "confirmed",
    "change_role": "changed the role of",
    "change_password": "changed the password of",
    "clear_mail_failure": "resumed mail to",
    "assign": "assigned themselves",
    "unassign": "unassigned",
    "resolve": "resolved",
    "reopen": "reopened",
    "create": "created",
    "update": "changed",
    "delete": "deleted",
    "release": "released",
}
"""What was done, as it is called here."""
TARGETS = {
    "account": "the account @{name}",
    "address": "{name} failing addresses",
    "report": "a report",
    "appeal": "the appeal of @{name}",
    "ip_block": "the network block {name}",
    "email_domain_block": "the e-mail provider block {name}",
    "canonical_email_block": "the e-mail address block {name}",
    "domain_block": "the server block {name}",
    "rule": "the rule “{name}”",
    "site_text": "the text {name}",
    "announcement": "the announcement “{name}”",
    "warning_preset": "the warning preset “{name}”",
    "domain_allow": "the allowed server {name}",
    "deleted_name": "the name @{name}",
}
"""To what, by the kinds that the record has."""
OF_SERVERS = frozenset({"email_domain_block", "domain_block", "domain_allow"})
"""Kinds that have the names of servers."""


class EntryView(msgspec.Struct, frozen=True):
    """A line of the record; `path` leads to what was changed, where that has a page."""

    id: int
    who: str
    done: str
    to: str
    path: str
    age: str


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
        who=_who(entry),
        done=ACTIONS[entry.action],
        to=TARGETS[entry.target_kind].format(name=_name(entry)),
        path=f"/admin/{entry.target_kind}s/{entry.target_id}" if entry.target_present else "",
        age=times.ago(ids.created_at(entry.id), now),
    )


def _name(entry: Entry) -> str:
    return domains.readable(entry.target_name) if entry.target_kind in OF_SERVERS else entry.target_name


def _who(entry: Entry) -> str:
    if entry.by_command:
        return "The command line"
    return f"@{entry.username}" if entry.username is not None else "A deleted user"


router = Router("/", route_handlers=[show])
