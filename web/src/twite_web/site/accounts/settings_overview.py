"""All that the visitor can set, in groups, and a search in it."""

import msgspec
from litestar import get
from litestar.params import FromQuery

from twite_common.translations import gettext as _
from twite_web.routing import Router
from twite_web.site import templating
from twite_web.site.access import Visit, reading
from twite_web.site.settings_pages import GROUPS, Entry, Group, is_for
from twite_web.types import Request, Response


class EntryView(msgspec.Struct, frozen=True):
    """A page of settings in the visitor's language; one that isn't looked for is `hidden`, where a script finds it."""

    path: str
    icon: str
    label: str
    about: str
    words: str
    hidden: bool


class GroupView(msgspec.Struct, frozen=True):
    """Pages of settings that belong together; `hidden` when all of them are."""

    title: str
    entries: list[EntryView]
    hidden: bool


@get("/settings", sync_to_thread=True)
def show(request: Request, q: FromQuery[str] = "") -> Response:
    """Show all that can be set, or what of it is looked for."""
    with reading(request) as visit:
        visit.require_login()
        groups = [_group(visit, group, q.casefold().split()) for group in GROUPS]
        groups = [group for group in groups if group.entries]
        nothing = all(group.hidden for group in groups)
        return templating.page(request, "user_settings.html", visit, q=q, groups=groups, nothing=nothing)


def _group(visit: Visit, group: Group, wanted: list[str]) -> GroupView:
    title = _(group.title)
    registration = visit.core.settings.registration
    offered = [entry for entry in group.entries if is_for(entry, visit.member, registration=registration)]
    entries = [_entry(entry, title, wanted) for entry in offered]
    return GroupView(title, entries, all(entry.hidden for entry in entries))


def _entry(entry: Entry, title: str, wanted: list[str]) -> EntryView:
    """Return a page of settings; it is looked for when it has all words that were typed, in the visitor's language."""
    label, about, words = _(entry.label), _(entry.about), _(entry.words)
    text = f"{title} {label} {about} {words}".casefold()
    hidden = not all(word in text for word in wanted)
    return EntryView(entry.path, entry.icon, label, about, words, hidden)


router = Router("/", route_handlers=[show])
