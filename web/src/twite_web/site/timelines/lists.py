"""The visitor's lists of accounts: their timelines, who is on them, and what they are."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common.errors import NotFound, TwiteError
from twite_common.queries.accounts import search_suggestions
from twite_common.queries.timelines import lists as queries
from twite_common.queries.timelines import timelines
from twite_common.queries.timelines.lists import List
from twite_common.services.timelines import lists
from twite_common.services.timelines.lists import ListChanges
from twite_common.translations import gettext as _
from twite_common.translations import marked, ngettext
from twite_web.routing import Router
from twite_web.site import form_errors, paging, redirects, templating
from twite_web.site.access import Visit, id_in, reading, reading_replica, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.options import translated
from twite_web.site.redirects import BackForm
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import posts as post_view_models
from twite_web.types import Request, Response

POLICIES = {
    "list": marked("Replies to people on this list"),
    "followed": marked("Replies to anyone I follow"),
    "none": marked("No replies"),
}


class ListForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is to be."""

    title: str = ""
    replies_policy: str = "list"
    exclusive: bool = False

    def changes(self) -> ListChanges:
        """Return it as the service takes it."""
        return ListChanges(title=self.title, replies_policy=self.replies_policy, exclusive=self.exclusive)


class ListView(msgspec.Struct, frozen=True, gc=False):
    """A list in the overview: how many are on it, and which replies it shows, in words."""

    id: int
    title: str
    members: str
    replies: str
    exclusive: bool


def new_page(request: Request, data: ListForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for a new list."""
    with reading(request) as visit:
        visit.require_login()
        return _form_page(request, visit, "timelines/new_list.html", data, error)


@get("/lists", sync_to_thread=True)
def show_all(request: Request) -> Response:
    """Show the visitor's lists."""
    with reading(request) as visit:
        rows = queries.of_account(visit.db, visit.account_id)
        counts = queries.members_counts(visit.db, visit.account_id)
        views = [_view(row, counts.get(row.id, 0)) for row in rows]
        return templating.page(request, "timelines/lists.html", visit, lists=views)


@get("/lists/new", sync_to_thread=True)
def show_new(request: Request) -> Response:
    """Show the form for a new list."""
    return new_page(request, ListForm())


@post("/lists", sync_to_thread=True)
@shown_again(new_page)
def create(request: Request, data: JSONBody[ListForm]) -> Response:
    """Create a list, and go on to who is to be on it."""
    with writing(request) as visit:
        id = lists.add(visit.db, now=visit.now, account_id=visit.account_id, changes=data.changes())
    return redirects.see(request, f"/lists/{id}/members", "list_created")


@get("/lists/{list_id:str}", sync_to_thread=True)
def show(
    request: Request, list_id: FromPath[str], max_id: FromQuery[str] = "", min_id: FromQuery[str] = ""
) -> Response:
    """Show what the accounts on a list have posted."""
    part = paging.page(max_id, min_id)
    with reading_replica(request) as visit:
        own_list = _own(visit, list_id)
        entries = timelines.of_list(visit.db, own_list.id, part, viewer_id=visit.account_id, now=visit.now)
        posts = post_view_models.posts_of(visit, entries, context="home")
        beside = paging.beside(f"/lists/{own_list.id}", part, [entry.cursor for entry in entries])
        return templating.page(request, "timelines/list.html", visit, list=own_list, posts=posts, beside=beside)


def settings_page(
    request: Request, list_id: FromPath[str], data: ListForm, *, error: TwiteError | None = None
) -> Response:
    """Return the form for what a list is."""
    with reading(request) as visit:
        return _form_page(request, visit, "timelines/list_settings.html", data, error, list=_own(visit, list_id))


@get("/lists/{list_id:str}/settings", sync_to_thread=True)
def show_settings(request: Request, list_id: FromPath[str]) -> Response:
    """Show what a list is."""
    with reading(request, page=False) as visit:
        own_list = _own(visit, list_id)
    data = ListForm(title=own_list.title, replies_policy=own_list.replies_policy, exclusive=own_list.exclusive)
    return settings_page(request, list_id, data)


@post("/lists/{list_id:str}/settings", sync_to_thread=True)
@shown_again(settings_page)
def change(request: Request, list_id: FromPath[str], data: JSONBody[ListForm]) -> Response:
    """Rename a list, or change what it shows."""
    id = id_in(list_id)
    with writing(request) as visit:
        lists.change(visit.db, account_id=visit.account_id, list_id=id, changes=data.changes())
    return redirects.see(request, f"/lists/{id}/settings", "saved")


@post("/lists/{list_id:str}/delete", sync_to_thread=True)
def delete(request: Request, list_id: FromPath[str]) -> Response:
    """Delete a list."""
    with writing(request) as visit:
        lists.remove(visit.db, account_id=visit.account_id, list_id=id_in(list_id))
    return redirects.see(request, "/lists", "list_deleted")


@get("/lists/{list_id:str}/members", sync_to_thread=True)
def show_members(
    request: Request,
    list_id: FromPath[str],
    q: FromQuery[str] = "",
    max_id: FromQuery[str] = "",
    min_id: FromQuery[str] = "",
) -> Response:
    """Show who is on a list, and people to add: those whose name was typed, or somebody where nobody is on it."""
    part = paging.page(max_id, min_id)
    with reading(request) as visit:
        own_list = _own(visit, list_id)
        entries = queries.members(visit.db, own_list.id, part)
        to_choose = bool(q.strip()) or not entries
        found_ids = (
            search_suggestions.to_choose(visit.db, q, viewer_id=visit.account_id, following_only=True)
            if to_choose
            else []
        )
        present_ids = queries.members_among(visit.db, own_list.id, found_ids)
        member_ids = [entry.account_id for entry in entries]
        views = {view.id: view for view in account_view_models.accounts(visit, list({*member_ids, *found_ids}))}
        path = f"/lists/{own_list.id}/members"
        return templating.page(
            request,
            "timelines/list_members.html",
            visit,
            list=own_list,
            q=q,
            found=[(views[id], id in present_ids) for id in found_ids if id in views],
            accounts=[views[id] for id in member_ids if id in views],
            beside=paging.beside(path, part, [entry.cursor for entry in entries]),
            path=f"{path}?{urlencode({'q': q})}" if q else path,
        )


@post("/lists/{list_id:str}/members/{account_id:str}/add", sync_to_thread=True)
def add(request: Request, list_id: FromPath[str], account_id: FromPath[str], data: JSONBody[BackForm]) -> Response:
    """Put somebody on a list."""
    id = id_in(list_id)
    with writing(request) as visit:
        _add(visit, id, id_in(account_id))
    return redirects.see(request, redirects.local(data.back, f"/lists/{id}/members"), "list_joined")


@post("/lists/{list_id:str}/members/{account_id:str}/remove", sync_to_thread=True)
def remove(request: Request, list_id: FromPath[str], account_id: FromPath[str], data: JSONBody[BackForm]) -> Response:
    """Take somebody off a list."""
    id = id_in(list_id)
    with writing(request) as visit:
        lists.remove_members(visit.db, account_id=visit.account_id, list_id=id, member_ids=[id_in(account_id)])
    return redirects.see(request, redirects.local(data.back, f"/lists/{id}/members"), "list_left")


def _view(row: List, members: int) -> ListView:
    return ListView(
        id=row.id,
        title=row.title,
        members=ngettext("%(count)s member", "%(count)s members", members),
        replies=_(POLICIES[row.replies_policy]),
        exclusive=row.exclusive,
    )


def _add(visit: Visit, list_id: int, member_id: int) -> None:
    lists.add_members(visit.db, now=visit.now, account_id=visit.account_id, list_id=list_id, member_ids=[member_id])


def _own(visit: Visit, list_id: str) -> List:
    """Return one of the visitor's lists."""
    own_list = queries.get(visit.db, id_in(list_id), account_id=visit.account_id)
    if own_list is None:
        raise NotFound(_("There is no such list."))
    return own_list


def _form_page(
    request: Request, visit: Visit, template: str, data: ListForm, error: TwiteError | None, **content: Any
) -> Response:
    return form_errors.page(
        request, template, visit, values=data, error=error, policies=translated(POLICIES), **content
    )


router = Router(
    "/",
    route_handlers=[
        *(show_all, show_new, create, show, show_settings, change, delete),
        *(show_members, add, remove),
    ],
)
