"""The first page of the administration: what needs attention, how the site stands, and what a new site lacks."""

import msgspec
from litestar import get, post
from litestar.params import FromPath

from twite_common import clock, disk, formats, outbox, permissions
from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import reports as report_queries
from twite_common.queries.moderation import warnings
from twite_common.queries.notifications import mails as mail_queries
from twite_common.queries.operations import checklist as checklist_queries
from twite_common.queries.operations import liveness, statistics
from twite_common.queries.operations.checklist import Checklist
from twite_common.queries.operations.liveness import Liveness
from twite_common.queries.posts import held_posts
from twite_common.services.operations import checklist
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
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
MACHINE = "/admin#machine"
"""Where the page says how the machine and its work stand."""


class Tile(msgspec.Struct, frozen=True):
    """Something that one keeps an eye on: its number, how that is, and the page from which one acts.

    `level` is calm, attention or problem.
    """

    title: str
    icon: str
    number: str
    state: str
    level: str
    path: str


class ItemView(msgspec.Struct, frozen=True):
    """One thing that a new site has to see to; `path` is empty where that isn't done on a page."""

    name: str
    title: str
    hint: str
    done: bool
    path: str
    by_hand: bool


@get("/admin", sync_to_thread=True)
def index(request: Request) -> Response:
    """Show what needs attention, how the site stands, and what a new site lacks."""
    period = periods.chosen(periods.USUAL, clock.now())
    with reading_as_staff(request, "view_dashboard") as visit:
        may = permissions.of_role(visit.member.role)
        tiles, lines, problems = _tiles_of_people(visit, may), [], []
        items: list[ItemView] = []
        if "view_devops" in may:
            found = liveness.read(visit.db, now=visit.now, folder=visit.core.settings.data)
            tiles += _tiles_of_work(visit, found)
            lines, problems = liveness.described(found, visit.now), found.findings
            items = _items(checklist_queries.checklist(visit.db, visit.core.settings, now=visit.now))
        rows = statistics.daily(visit.db, period.first, period.last)
        done_count = sum(item.done for item in items)
        return templating.page(
            request,
            "operations/administration.html",
            visit,
            tiles=tiles,
            calm=not problems and all(tile.level == "calm" for tile in tiles),
            lines=lines,
            problems=problems,
            charts=statistics_pages.charts_of(rows, FIGURES, period),
            items=items,
            done_count=done_count,
            mostly_done=2 * done_count > len(items),
        )


@post("/admin/checklist/{name:str}", sync_to_thread=True)
def mark(request: Request, name: FromPath[str]) -> Response:
    """Mark something of a new site's list as seen to, or the whole list as not needed any more."""
    with writing(request) as visit:
        checklist.mark(visit.db, now=visit.now, viewer=visit.member, name=name)
    return redirects.see(request, "/admin", "saved")


def _tiles_of_people(visit: Visit, may: frozenset[str]) -> list[Tile]:
    """Return what people wait for, by what the visitor may do about it."""
    tiles = []
    if "manage_reports" in may:
        open_count = report_queries.count_open(visit.db)
        state = _("waiting for a decision") if open_count else _("none is open")
        tiles.append(_waiting(_("Reports"), "flag", open_count, state, "/admin/reports"))
        held_count = held_posts.count(visit.db)
        state = _("waiting for a decision") if held_count else _("none waits")
        tiles.append(_waiting(_("Held posts"), "eye", held_count, state, "/admin/held"))
    if "manage_users" in may:
        pending_count = len(credentials.waiting(visit.db))
        state = _("waiting to be let in") if pending_count else _("nobody waits")
        tiles.append(_waiting(_("Pending accounts"), "clock", pending_count, state, "/admin/waiting"))
    if "manage_appeals" in may:
        appeal_count = warnings.count_appealed(visit.db)
        state = _("waiting for an answer") if appeal_count else _("none is open")
        tiles.append(_waiting(_("Appeals"), "reply", appeal_count, state, "/admin/appeals"))
    if "manage_users" in may:
        number = formats.compact(credentials.count_accounts(visit.db))
        tiles.append(Tile(_("Accounts"), "people", number, _("in total"), "calm", "/admin/accounts"))
    return tiles


def _tiles_of_work(visit: Visit, found: Liveness) -> list[Tile]:
    """Return what the site's own work waits for."""
    failed_mails, failed_tasks = mail_queries.count_parked(visit.db), len(outbox.parked(visit.db, limit=EVENTS))
    mail_state = _("weren't sent") if failed_mails else _("all were sent")
    task_state = _("have failed") if failed_tasks else _("none has failed")
    tiles = [
        _waiting(_("E-mail"), "envelope", failed_mails, mail_state, "/admin/mails"),
        _waiting(_("Tasks"), "warning", failed_tasks, task_state, "/admin/events"),
        _queue(found, visit.now),
    ]
    return tiles if found.free_percent is None else [*tiles, _disk(found.free_percent)]


def _waiting(title: str, icon: str, number: int, state: str, path: str) -> Tile:
    return Tile(title, icon, formats.compact(number), state, "attention" if number else "calm", path)


def _queue(found: Liveness, now: int) -> Tile:
    oldest_at = found.oldest_event_at
    if oldest_at is None:
        return Tile(_("Queue"), "list", "0", _("nothing waits"), "calm", MACHINE)
    level = "problem" if now - oldest_at > liveness.WAITED_MS else "calm"
    return Tile(_("Queue"), "list", liveness.age(oldest_at, now), _("the oldest task waits"), level, MACHINE)


def _disk(free_percent: int) -> Tile:
    number = _("%(percent)s %%", percent=free_percent)
    if free_percent < disk.NONE_PERCENT:
        return Tile(_("Disk"), "folder", number, _("free: it is full"), "problem", MACHINE)
    if free_percent < disk.LITTLE_PERCENT:
        return Tile(_("Disk"), "folder", number, _("free: there is little room"), "attention", MACHINE)
    return Tile(_("Disk"), "folder", number, _("free"), "calm", MACHINE)


def _items(found: Checklist) -> list[ItemView]:
    """Return what a new site has to see to; nothing for one whose list was put away."""
    if found.dismissed:
        return []
    return [
        ItemView(
            name=name,
            title=_(ITEMS[name][0]),
            hint=_(ITEMS[name][1]),
            done=done,
            path=PATHS.get(name, ""),
            by_hand=name in checklist_queries.BY_HAND,
        )
        for name, done in found.items.items()
    ]


router = Router("/", route_handlers=[index, mark])
