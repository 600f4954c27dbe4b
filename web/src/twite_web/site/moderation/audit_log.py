"""Who looked after the site how."""

import msgspec
from litestar import Router, get
from litestar.params import FromQuery

from twite_common import domains, ids, permissions
from twite_common.queries import audit_log as queries
from twite_common.queries.audit_log import Entry
from twite_web.site import paging, templating
from twite_web.site.access import reading
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
    "unsilence": "no longer limited",
    "suspend": "suspended",
    "unsuspend": "showed again",
    "approve": "let in",
    "reject": "refused",
    "grant": "granted",
    "confirm": "took for confirmed",
    "change_role": "gave another role to",
    "change_password": "gave another password to",
    "clear_mail_failure": "had mail sent again to",
    "assign": "took on",
    "unassign": "left to others",
    "resolve": "settled",
    "reopen": "opened again",
    "create": "made",
    "update": "changed",
    "delete": "deleted",
    "release": "released",
}
"""What was done, as it is called here."""
TARGETS = {
    "account": "the account @{name}",
    "address": "{name} addresses that were refused",
    "report": "a report",
    "appeal": "the appeal of @{name}",
    "ip_block": "the block of the network {name}",
    "email_domain_block": "the block of the mail provider {name}",
    "canonical_email_block": "the block of the mail address {name}",
    "domain_block": "the block of the server {name}",
    "rule": "the rule “{name}”",
    "site_text": "the text {name}",
    "announcement": "the announcement “{name}”",
    "warning_preset": "the text of warnings “{name}”",
    "domain_allow": "the permission for the server {name}",
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
    with reading(request) as visit:
        permissions.check(visit.member, "view_audit_log")
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
    return f"@{entry.username}" if entry.username is not None else "Somebody who is gone"


router = Router("/", route_handlers=[show])
