"""Lists of domains that the site subscribes to, for rules for content."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common import domains, formats
from twite_common.errors import TwiteError
from twite_common.queries.moderation import domain_lists as queries
from twite_common.queries.moderation.domain_lists import Change, DomainList
from twite_common.services.moderation import domain_lists
from twite_common.translations import gettext as _
from twite_web.core import core
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import id_in, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.view_models import times
from twite_web.types import Request, Response

PATH = "/admin/domain-lists"


class ListForm(msgspec.Struct, frozen=True, kw_only=True):
    """A list to subscribe to: what it is called here, and where it is."""

    name: str = ""
    url: str = ""


class TakeForm(msgspec.Struct, frozen=True, kw_only=True):
    """When that was fetched which is to count, in milliseconds, as the page showed it."""

    fetched_at: int = 0


class AutomaticForm(msgspec.Struct, frozen=True, kw_only=True):
    """Whether what changes in a list is to count by itself."""

    automatic: bool = False


class ListView(msgspec.Struct, frozen=True):
    """A list as pages show it."""

    id: int
    name: str
    url: str
    state: str
    error: str
    automatic: bool
    taken: bool
    fetched_at: int | None


class ChangeView(msgspec.Struct, frozen=True):
    """What changes in a list, or has changed: in a sentence, and the first domains that come and go."""

    sentence: str
    any: bool
    added: list[str]
    removed: list[str]


def lists_page(request: Request, data: ListForm, *, error: TwiteError | None = None) -> Response:
    """Return the lists, and the form to subscribe to another."""
    with reading_as_staff(request, domain_lists.PERMISSION) as visit:
        lists = [_view(one) for one in queries.all_lists(visit.db)]
        return form_errors.page(request, "moderation/domain_lists.html", visit, values=data, error=error, lists=lists)


@get("/admin/domain-lists", sync_to_thread=True)
def show_lists(request: Request) -> Response:
    """Show the lists."""
    return lists_page(request, ListForm())


@post("/admin/domain-lists", sync_to_thread=True)
@shown_again(lists_page)
def subscribe(request: Request, data: JSONBody[ListForm]) -> Response:
    """Subscribe to a list."""
    with writing(request) as visit:
        id = domain_lists.subscribe(visit.db, now=visit.now, viewer=visit.member, name=data.name, url=data.url)
    return redirects.see(request, f"{PATH}/{id}", "saved")


def list_page(request: Request, data: object, domain_list_id: str, *, error: TwiteError | None = None) -> Response:
    """Return a list, and what changes when it is taken over."""
    with reading_as_staff(request, domain_lists.PERMISSION) as visit:
        found = domain_lists.get(visit.db, id_in(domain_list_id))
        last = domain_lists.last_change(found)
        return form_errors.page(
            request,
            "moderation/domain_list.html",
            visit,
            values=data,
            error=error,
            list=_view(found),
            change=_change(queries.change(visit.db, found, shown=domain_lists.SHOWN)),
            last=_change(last) if last is not None else None,
            taken=times.date(found.taken_at) if found.taken_at is not None else "",
        )


@get("/admin/domain-lists/{domain_list_id:str}", sync_to_thread=True)
def show_list(request: Request, domain_list_id: FromPath[str]) -> Response:
    """Show a list, and what changes when it is taken over."""
    return list_page(request, None, domain_list_id)


@post("/admin/domain-lists/{domain_list_id:str}/take", sync_to_thread=True)
@shown_again(list_page)
def take(request: Request, data: JSONBody[TakeForm], domain_list_id: FromPath[str]) -> Response:
    """Have a list count as it was fetched."""
    with reading_as_staff(request, domain_lists.PERMISSION, page=False) as visit:
        viewer, now = visit.member, visit.now
    database = core(request).database
    domain_lists.take(database, now=now, viewer=viewer, list_id=id_in(domain_list_id), fetched_at=data.fetched_at)
    return redirects.see(request, f"{PATH}/{domain_list_id}", "saved")


@post("/admin/domain-lists/{domain_list_id:str}/automatic", sync_to_thread=True)
def set_automatic(request: Request, data: JSONBody[AutomaticForm], domain_list_id: FromPath[str]) -> Response:
    """Say whether what changes in a list counts by itself."""
    with writing(request) as visit:
        domain_lists.set_automatic(
            visit.db, now=visit.now, viewer=visit.member, list_id=id_in(domain_list_id), automatic=data.automatic
        )
    return redirects.see(request, f"{PATH}/{domain_list_id}", "saved")


@post("/admin/domain-lists/{domain_list_id:str}/fetch", sync_to_thread=True)
def fetch(request: Request, domain_list_id: FromPath[str]) -> Response:
    """Have a list fetched now."""
    with writing(request) as visit:
        domain_lists.fetch_again(visit.db, now=visit.now, viewer=visit.member, list_id=id_in(domain_list_id))
    return redirects.see(request, f"{PATH}/{domain_list_id}", "list_fetched")


@post("/admin/domain-lists/{domain_list_id:str}/remove", sync_to_thread=True)
def remove(request: Request, domain_list_id: FromPath[str]) -> Response:
    """End a subscription."""
    with reading_as_staff(request, domain_lists.PERMISSION, page=False) as visit:
        viewer, now = visit.member, visit.now
    domain_lists.remove(core(request).database, now=now, viewer=viewer, list_id=id_in(domain_list_id))
    return redirects.see(request, PATH, "saved")


def _view(found: DomainList) -> ListView:
    state = _("being fetched")
    if found.fetched_at is not None:
        number, date = formats.number(found.domains_count), times.date(found.fetched_at)
        state = _("%(number)s domains count. Fetched: %(date)s", number=number, date=date)
    elif found.error:
        state = _("couldn't be fetched")
    return ListView(
        id=found.id,
        name=found.name,
        url=found.url,
        state=state,
        error=found.error,
        automatic=found.automatic,
        taken=found.taken_at is not None,
        fetched_at=found.fetched_at,
    )


def _change(change: Change) -> ChangeView:
    numbers = {"added": formats.number(change.added), "removed": formats.number(change.removed)}
    return ChangeView(
        sentence=_("%(added)s domains come, and %(removed)s go.", **numbers),
        any=bool(change.added or change.removed),
        added=[domains.readable(name) for name in change.first_added],
        removed=[domains.readable(name) for name in change.first_removed],
    )


router = Router("/", route_handlers=[show_lists, subscribe, show_list, take, set_automatic, fetch, remove])
