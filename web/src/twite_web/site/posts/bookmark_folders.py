"""Folders of the visitor's bookmarks: making, renaming and deleting them, and putting bookmarks into them."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common.errors import NotFound, TwiteError
from twite_common.queries.posts import bookmark_folders as queries
from twite_common.services.posts import bookmark_folders
from twite_common.services.posts.bookmark_folders import FolderChanges
from twite_common.translations import gettext as _
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import Visit, id_in, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.view_models import posts as post_view_models
from twite_web.types import Request, Response


class FolderForm(msgspec.Struct, frozen=True, kw_only=True):
    """A folder's name, and for a new one the post that is to be in it, if any; `back` is where it was asked for."""

    name: str = ""
    post_id: str = ""
    back: str = ""


class PlaceForm(msgspec.Struct, frozen=True, kw_only=True):
    """The folder that a bookmark is to be in; empty for none. `back` is the page where that was chosen."""

    folder_id: str = ""
    back: str = ""


def folder_page(
    request: Request, data: FolderForm, folder_id: str = "", *, error: TwiteError | None = None
) -> Response:
    """Return the form for a new folder, or for the name of one that is there."""
    with reading(request) as visit:
        folder = queries.get(visit.db, id_in(folder_id), account_id=visit.account_id) if folder_id else None
        if folder_id and folder is None:
            raise NotFound(_("There is no such folder."))
        values = data if error or folder is None else FolderForm(name=folder.name)
        max_length = bookmark_folders.MAX_NAME_LENGTH
        visit.require_login()
        return form_errors.page(
            request, "posts/bookmark_folder.html", visit, values=values, error=error, folder=folder, longest=max_length
        )


@get("/bookmarks/new", sync_to_thread=True)
def show_new(request: Request) -> Response:
    """Show the form for a new folder."""
    return folder_page(request, FolderForm())


@post("/bookmarks/new", sync_to_thread=True)
@shown_again(folder_page)
def add(request: Request, data: JSONBody[FolderForm]) -> Response:
    """Make a folder, and put a bookmark into it where it was made for one."""
    with writing(request) as visit:
        folder_id = bookmark_folders.add(visit.db, now=visit.now, account_id=visit.account_id, name=data.name)
        if data.post_id:
            _put(visit, id_in(data.post_id), folder_id)
    if data.post_id:
        return redirects.see(request, redirects.local(data.back, "/bookmarks"), "filed")
    return redirects.see(request, f"/bookmarks/{folder_id}", "folder_created")


@get("/bookmarks/{folder_id:str}/settings", sync_to_thread=True)
def show_settings(request: Request, folder_id: FromPath[str]) -> Response:
    """Show a folder's name, and the way to delete it."""
    return folder_page(request, FolderForm(), folder_id)


@post("/bookmarks/{folder_id:str}/settings", sync_to_thread=True)
@shown_again(folder_page)
def rename(request: Request, data: JSONBody[FolderForm], folder_id: FromPath[str]) -> Response:
    """Give a folder another name."""
    with writing(request) as visit:
        bookmark_folders.change(
            visit.db, account_id=visit.account_id, folder_id=id_in(folder_id), changes=FolderChanges(name=data.name)
        )
    return redirects.see(request, f"/bookmarks/{folder_id}", "saved")


@post("/bookmarks/{folder_id:str}/delete", sync_to_thread=True)
def delete(request: Request, folder_id: FromPath[str]) -> Response:
    """Delete a folder; its bookmarks stay."""
    with writing(request) as visit:
        bookmark_folders.remove(visit.db, account_id=visit.account_id, folder_id=id_in(folder_id))
    return redirects.see(request, "/bookmarks", "folder_deleted")


@get("/posts/{post_id:str}/folder", sync_to_thread=True)
def show_places(request: Request, post_id: FromPath[str], back: FromQuery[str] = "") -> Response:
    """Show the folders that a bookmark can be put into."""
    id = id_in(post_id)
    with reading(request) as visit:
        folders = queries.of_account(visit.db, visit.account_id)
        views = post_view_models.posts(visit, [id])
        if not views:
            raise NotFound(_("This post doesn't exist, or you may not see it."))
        folder_id = queries.of_posts(visit.db, [id], account_id=visit.account_id).get(id)
        return form_errors.page(
            request,
            "posts/bookmark_places.html",
            visit,
            values=None,
            post=views[0],
            folders=folders,
            folder_id=folder_id,
            back=redirects.local(back, "/bookmarks"),
            longest=bookmark_folders.MAX_NAME_LENGTH,
        )


@post("/posts/{post_id:str}/folder", sync_to_thread=True)
def put(request: Request, data: JSONBody[PlaceForm], post_id: FromPath[str]) -> Response:
    """Put a bookmark into a folder, or into none; a post that isn't bookmarked is."""
    with writing(request) as visit:
        _put(visit, id_in(post_id), id_in(data.folder_id) if data.folder_id else None)
    return redirects.see(request, redirects.local(data.back, "/bookmarks"), "filed")


def _put(visit: Visit, post_id: int, folder_id: int | None) -> None:
    bookmark_folders.put(visit.db, now=visit.now, account_id=visit.account_id, post_id=post_id, folder_id=folder_id)


router = Router("/", route_handlers=[show_new, add, show_settings, rename, delete, show_places, put])
