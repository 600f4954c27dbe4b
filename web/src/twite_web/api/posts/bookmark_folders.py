"""Folders of bookmarks: /api/v1/bookmark_folders/…, an extension of this site."""

import msgspec
from litestar import delete, get, post, route
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from twite_common.errors import Invalid
from twite_common.queries.posts import bookmark_folders as queries
from twite_common.services.posts import bookmark_folders
from twite_common.services.posts.bookmark_folders import FolderChanges
from twite_common.translations import gettext as _
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.path_params import record_id, record_ids, there
from twite_web.api.schemas import Empty
from twite_web.api.schemas.posts import BookmarkFolder
from twite_web.routing import Router
from twite_web.types import Request

READ, WRITE = user("read:bookmarks"), user("write:bookmarks")
MAX_AT_ONCE = 40
"""Posts that one request sorts."""


class FolderParameters(msgspec.Struct):
    """What a folder is to be; places are counted from 0."""

    name: str | UnsetType = UNSET
    position: int | UnsetType = UNSET


class Posts(msgspec.Struct):
    """Posts to be put into a folder or taken out."""

    status_ids: list[str] = []


@get("/bookmark_folders", opt=READ, sync_to_thread=True)
def several(request: Request) -> list[BookmarkFolder]:
    """Return the user's folders of bookmarks, in their order."""
    with reading(request) as access:
        return [entity(folder) for folder in queries.of_account(access.db, access.account_id)]


@post("/bookmark_folders", status_code=200, opt=WRITE, sync_to_thread=True)
def add(request: Request, data: JSONBody[FolderParameters]) -> BookmarkFolder:
    """Create a folder."""
    with writing(request) as access:
        name = "" if data.name is UNSET else data.name
        id = bookmark_folders.add(access.db, now=access.now, account_id=access.account_id, name=name)
    with access.reading() as access:
        return entity(own(access, str(id)))


@route("/bookmark_folders/{folder_id:str}", http_method=["PUT", "PATCH"], opt=WRITE, sync_to_thread=True)
def change(request: Request, folder_id: FromPath[str], data: JSONBody[FolderParameters]) -> BookmarkFolder:
    """Rename a folder, or give it another place."""
    changes = FolderChanges(name=data.name, position=data.position)
    with writing(request) as access:
        bookmark_folders.change(
            access.db, account_id=access.account_id, folder_id=record_id(folder_id), changes=changes
        )
    with access.reading() as access:
        return entity(own(access, folder_id))


@delete("/bookmark_folders/{folder_id:str}", status_code=200, opt=WRITE, sync_to_thread=True)
def remove(request: Request, folder_id: FromPath[str]) -> Empty:
    """Remove a folder. Its bookmarks stay."""
    with writing(request) as access:
        bookmark_folders.remove(access.db, account_id=access.account_id, folder_id=record_id(folder_id))
    return Empty()


@post("/bookmark_folders/{folder_id:str}/statuses", status_code=200, opt=WRITE, sync_to_thread=True)
def add_posts(request: Request, folder_id: FromPath[str], data: JSONBody[Posts]) -> Empty:
    """Put posts into a folder; those that aren't bookmarked are."""
    id = record_id(folder_id)
    with writing(request) as access:
        for post_id in _chosen(data):
            bookmark_folders.put(access.db, now=access.now, account_id=access.account_id, post_id=post_id, folder_id=id)
    return Empty()


@delete("/bookmark_folders/{folder_id:str}/statuses", status_code=200, opt=WRITE, sync_to_thread=True)
def remove_posts(request: Request, folder_id: FromPath[str], data: JSONBody[Posts]) -> Empty:
    """Take posts out of a folder. They stay bookmarked."""
    id = record_id(folder_id)
    with writing(request) as access:
        for post_id in _chosen(data):
            bookmark_folders.take_out(access.db, account_id=access.account_id, post_id=post_id, folder_id=id)
    return Empty()


def own(access: Access, folder_id: str) -> queries.BookmarkFolder:
    """Return one of one's own folders. Raises NotFound when there is none."""
    return there(queries.get(access.db, record_id(folder_id), account_id=access.account_id))


def entity(folder: queries.BookmarkFolder) -> BookmarkFolder:
    """Return a folder in the API's words."""
    return BookmarkFolder(id=str(folder.id), name=folder.name, position=folder.position)


def _chosen(data: Posts) -> list[int]:
    """Return the posts that are named, in one order for everybody.

    Raises Invalid for more than may be sorted at once.
    """
    if len(data.status_ids) > MAX_AT_ONCE:
        raise Invalid(_("Validation failed: At most %(limit)s statuses at once", limit=MAX_AT_ONCE))
    return sorted(set(record_ids(data.status_ids)))


router = Router("/", route_handlers=[several, add, change, remove, add_posts, remove_posts], tags=["bookmarks"])
