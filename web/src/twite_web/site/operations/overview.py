"""The first page of the administration: what needs attention, how the site stands, and what a new site lacks."""

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath

from twite_common import clock, disk, outbox, permissions
from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import reports as report_queries
from twite_common.queries.moderation import warnings
from twite_common.queries.notifications import mails as mail_queries
from twite_common.queries.operations import checklist as checklist_queries
from twite_common.queries.operations import liveness, statistics
from twite_common.services.operations import checklist
from twite_common.translations import gettext as _
from twite_common.translations import marked, ngettext
from twite_web.site import redirects, templating
from twite_web.site.access import Visit, reading_as_staff, writing
from twite_web.site.operations import periods
from twite_web.site.operations import statistics as statistics_pages
from twite_web.types import Request, Response

EVENTS = 100
"""Parked events that are counted at most."""
FIGURES = ("active_accounts", "posts", "new_accounts", "favourites")
ITEMS = {
    "address": (marked("An address of its own, with https"), marked("Set base_url, and have a web server in front.")),
    "name": (marked("A name"), marked("Set site_name.")),
    "description": (marked("What the site is for"), marked("Set site_description.")),
    "contact": (marked("An address for questions and complaints"), marked("Set contact_email.")),
    "registration": (marked("Who may sign up"), marked("Set registration: open, approval, invitation or closed.")),
    "rules": (marked("Rules"), marked("What people agree to when they sign up.")),
    "privacy": (marked("A privacy policy"), marked("What you keep about people, and for how long.")),
    "mail": (marked("Mail that arrives"), marked("Without it, nobody can confirm an address. Send a test.")),
    "backup": (marked("A backup from the last month"), marked("Have the command twite backup run every night.")),
    "staff": (
        marked("Somebody else who helps"),
        marked("Give a second person a role, for the day on which you can't log in."),
    ),
}
"""What a new site has to see to, and how."""
PATHS = {
    "rules": "/admin/rules",
    "privacy": "/admin/texts/privacy",
    "mail": "/admin/mails",
    "staff": "/admin/accounts",
}
"""Where an item is seen to on the site; the others are settings."""


class Attention(msgspec.Struct, frozen=True):
    """Something that somebody should look at, and the page for it."""

    sentence: str
    number: int
    path: str


class ItemView(msgspec.Struct, frozen=True):
    """One thing that a new site has to see to; `path` is empty where that isn't done on a page."""

    name: str
    title: str
    hint: str
    done: bool
    path: str
    by_hand: bool


class StateView(msgspec.Struct, frozen=True):
    """How the machine and its work stand, a line each, and what is wrong with that."""

    lines: list[str]
    problems: list[str]


@get("/admin", sync_to_thread=True)
def index(request: Request) -> Response:
    """Show what needs attention, how the site stands, and what a new site lacks."""
    period = periods.chosen(periods.USUAL, clock.as_date(clock.now()))
    with reading_as_staff(request, "view_dashboard") as visit:
        may = permissions.of_role(visit.member.role)
        operates = "view_devops" in may
        state = _state(visit) if operates else StateView([], [])
        found = checklist_queries.checklist(visit.db, visit.core.settings, now=visit.now) if operates else None
        rows = statistics.daily(visit.db, period.first, period.last)
        return templating.page(
            request,
            "operations/administration.html",
            visit,
            may=may,
            accounts=credentials.count_accounts(visit.db),
            attention=_attention(visit, may),
            state=state,
            charts=statistics_pages.charts_of(rows, FIGURES, period),
            items=_items(found.items) if found and not found.dismissed else [],
            done_count=found.done_count if found else 0,
        )


@post("/admin/checklist/{name:str}", sync_to_thread=True)
def mark(request: Request, name: FromPath[str]) -> Response:
    """Mark something of a new site's list as seen to, or the whole list as not needed any more."""
    with writing(request) as visit:
        checklist.mark(visit.db, now=visit.now, viewer=visit.member, name=name)
    return redirects.see(request, "/admin", "saved")


def _attention(visit: Visit, may: frozenset[str]) -> list[Attention]:
    """Return what waits for the visitor, by what they may do about it."""
    reports, waiting = report_queries.count_open(visit.db), len(credentials.waiting(visit.db))
    found = [
        Attention(
            ngettext("%(count)s report is open", "%(count)s reports are open", reports), reports, "/admin/reports"
        ),
        Attention(
            ngettext("%(count)s person waits to be let in", "%(count)s people wait to be let in", waiting),
            waiting,
            "/admin/waiting",
        ),
    ]
    if "manage_appeals" in may:
        appeals = warnings.count_appealed(visit.db)
        sentence = ngettext("%(count)s appeal waits", "%(count)s appeals wait", appeals)
        found.append(Attention(sentence, appeals, "/admin/appeals"))
    if "view_devops" in may:
        parked, failed = len(outbox.parked(visit.db, limit=EVENTS)), mail_queries.count_parked(visit.db)
        sentence = ngettext("%(count)s task has failed", "%(count)s tasks have failed", parked)
        found.append(Attention(sentence, parked, "/admin/events"))
        sentence = ngettext("%(count)s e-mail wasn't sent", "%(count)s e-mails weren't sent", failed)
        found.append(Attention(sentence, failed, "/admin/mails"))
    return [note for note in found if note.number]


def _state(visit: Visit) -> StateView:
    folder = visit.core.settings.data
    found = liveness.read(visit.db, now=visit.now, folder=folder)
    lines = liveness.described(found, visit.now)
    problems = found.problems
    if found.free_percent is not None:
        lines = [_("Disk: %(percent)s %% free", percent=found.free_percent), *lines]
        if disk.NONE_PERCENT <= found.free_percent < disk.LITTLE_PERCENT:
            problems = [_("there is little room on the disk."), *problems]
    return StateView(lines, problems)


def _items(items: dict[str, bool]) -> list[ItemView]:
    return [
        ItemView(
            name=name,
            title=_(ITEMS[name][0]),
            hint=_(ITEMS[name][1]),
            done=done,
            path=PATHS.get(name, ""),
            by_hand=name in checklist_queries.BY_HAND,
        )
        for name, done in items.items()
    ]


router = Router("/", route_handlers=[index, mark])
