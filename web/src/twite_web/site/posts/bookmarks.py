"""Bookmarking posts, and the visitor's bookmarks: all of them or a folder's, and those that are looked for."""

from urllib.parse import urlencode

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common.errors import NotFound
from twite_common.queries.accounts import search_reasons
from twite_common.queries.paging import Page
from twite_common.queries.posts import bookmark_folders
from twite_common.queries.timelines import search, search_terms, timelines
from twite_common.queries.timelines.search import Bounds
from twite_common.queries.timelines.timelines import Entry
from twite_common.services.posts import bookmarks
from twite_common.translations import gettext as _
from twite_web.routing import Router
from twite_web.site import paging, redirects, templating
from twite_web.site.access import Visit, id_in, reading, writing
from twite_web.site.paging import Beside
from twite_web.site.redirects import BackForm
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models.posts import PostView
from twite_web.types import Request, Response


class Filed(msgspec.Struct, frozen=True):
    """A bookmarked post and the name of the folder that it is in; empty for none."""

    post: PostView
    folder_name: str


@get("/bookmarks", sync_to_thread=True)
def show(
    request: Request, q: FromQuery[str] = "", max_id: FromQuery[str] = "", min_id: FromQuery[str] = ""
) -> Response:
    """Show what the visitor has bookmarked."""
    return page(request, None, q, paging.page(max_id, min_id))


@get("/bookmarks/{folder_id:str}", sync_to_thread=True)
def show_folder(
    request: Request,
    folder_id: FromPath[str],
    q: FromQuery[str] = "",
    max_id: FromQuery[str] = "",
    min_id: FromQuery[str] = "",
) -> Response:
    """Show what the visitor has put into a folder."""
    return page(request, id_in(folder_id), q, paging.page(max_id, min_id))


def page(request: Request, folder_id: int | None, q: str, part: Page) -> Response:
    """Return the page of all bookmarks or of a folder's, or of those among them that are looked for."""
    query = q.strip()[: search_terms.MAX_LENGTH]
    path = f"/bookmarks/{folder_id}" if folder_id else "/bookmarks"
    with reading(request) as visit:
        folders = bookmark_folders.of_account(visit.db, visit.account_id)
        folder = next((one for one in folders if one.id == folder_id), None)
        if folder_id and folder is None:
            raise NotFound(_("There is no such folder."))
        if query:
            entries = _found(visit, query, Bounds(part, folder_id=folder_id))
            beside = _beside_found(path, query, part, entries)
        else:
            entries = timelines.bookmarks(visit.db, part, viewer_id=visit.account_id, folder_id=folder_id)
            beside = paging.beside(path, part, [entry.cursor for entry in entries])
        folder_ids = bookmark_folders.of_posts(
            visit.db, [entry.post_id for entry in entries], account_id=visit.account_id
        )
        names = {one.id: one.name for one in folders}
        views = post_view_models.posts_of(visit, entries)
        return templating.page(
            request,
            "posts/bookmarks.html",
            visit,
            path=path,
            filed=[Filed(view, names.get(folder_ids.get(view.id) or 0, "")) for view in views],
            folders=folders,
            folder=folder,
            wanted=query,
            tips=_tips(visit, query, folder_id) if query and not entries else [],
            beside=beside,
        )


def _found(visit: Visit, query: str, bounds: Bounds) -> list[Entry]:
    terms = search_terms.parse(query)
    return search.among_bookmarks(visit.db, terms, bounds, viewer_id=visit.account_id) if terms else []


def _beside_found(path: str, query: str, part: Page, entries: list[Entry]) -> Beside:
    full = len(entries) == part.limit
    return Beside(None, f"{path}?{urlencode({'q': query, 'max_id': entries[-1].cursor})}" if full else None)


def _tips(visit: Visit, query: str, folder_id: int | None) -> list[str]:
    """Return why nothing was found among the bookmarks."""
    reasons = search_reasons.reasons(
        visit.db, query, viewer_id=visit.account_id, now=visit.now, place="bookmarks", folder_id=folder_id
    )
    return [reason.sentence for reason in reasons]


@post("/posts/{post_id:str}/bookmark", sync_to_thread=True)
def bookmark(request: Request, data: JSONBody[BackForm], post_id: FromPath[str]) -> Response:
    """Bookmark a post."""
    with writing(request) as visit:
        bookmarks.bookmark_post(visit.db, now=visit.now, account_id=visit.account_id, post_id=id_in(post_id))
    return redirects.to_post(request, data, post_id)


@post("/posts/{post_id:str}/unbookmark", sync_to_thread=True)
def unbookmark(request: Request, data: JSONBody[BackForm], post_id: FromPath[str]) -> Response:
    """Take a bookmark away."""
    with writing(request) as visit:
        bookmarks.unbookmark_post(visit.db, account_id=visit.account_id, post_id=id_in(post_id))
    return redirects.to_post(request, data, post_id)


router = Router("/", route_handlers=[show, show_folder, bookmark, unbookmark])
