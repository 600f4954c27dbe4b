"""Reactions to posts: /api/v1/statuses/:id/favourite, …/reblog, …/bookmark, …/pin and their counterparts.

And the user's favourites and bookmarks: /api/v1/favourites, /api/v1/bookmarks.
"""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from twite_common.queries.timelines import timelines
from twite_common.services.posts import bookmarks, boosts, favourites, pins
from twite_web.api.access import reading, user, writing
from twite_web.api.paging import STATUSES, PageRequest, link, page_request
from twite_web.api.path_params import record_id, status
from twite_web.api.posts import bookmark_folders, drafts
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import posts as post_serializers
from twite_web.routing import Router
from twite_web.types import Request

Folder = Annotated[str | None, QueryParameter(description="Only bookmarks in one of the user's folders.")]


class BoostOptions(msgspec.Struct):
    """For whom a boost is."""

    visibility: str | None = None


@post("/statuses/{status_id:str}/favourite", status_code=200, opt=user("write:favourites"), sync_to_thread=True)
def favourite(request: Request, status_id: FromPath[str]) -> Status:
    """Favourite a post."""
    post_id = record_id(status_id)
    with writing(request) as access:
        original_id = favourites.favourite_post(
            access.db, now=access.now, account_id=access.account_id, post_id=post_id
        )
    with access.reading() as access:
        return status(access, original_id)


@post("/statuses/{status_id:str}/unfavourite", status_code=200, opt=user("write:favourites"), sync_to_thread=True)
def unfavourite(request: Request, status_id: FromPath[str]) -> Status:
    """Remove a favourite."""
    post_id = record_id(status_id)
    with writing(request) as access:
        original_id = favourites.unfavourite_post(access.db, account_id=access.account_id, post_id=post_id)
    with access.reading() as access:
        return status(access, original_id)


@post("/statuses/{status_id:str}/reblog", status_code=200, opt=user("write:statuses"), sync_to_thread=True)
def reblog(request: Request, status_id: FromPath[str], data: JSONBody[BoostOptions]) -> Status:
    """Boost a post, and return the boost."""
    post_id = record_id(status_id)
    with writing(request) as access:
        boost_id = boosts.boost_post(
            access.db,
            access.core.settings,
            now=access.now,
            account_id=access.account_id,
            post_id=post_id,
            visibility=drafts.visibility(data.visibility),
            application_id=access.token.application_id if access.token else None,
        )
    with access.reading() as access:
        return status(access, boost_id)


@post("/statuses/{status_id:str}/unreblog", status_code=200, opt=user("write:statuses"), sync_to_thread=True)
def unreblog(request: Request, status_id: FromPath[str]) -> Status:
    """Undo a boost, and return the boosted post."""
    post_id = record_id(status_id)
    with writing(request) as access:
        original_id = boosts.unboost_post(access.db, now=access.now, account_id=access.account_id, post_id=post_id)
    with access.reading() as access:
        return status(access, original_id)


@post("/statuses/{status_id:str}/bookmark", status_code=200, opt=user("write:bookmarks"), sync_to_thread=True)
def bookmark(request: Request, status_id: FromPath[str]) -> Status:
    """Bookmark a post."""
    post_id = record_id(status_id)
    with writing(request) as access:
        original_id = bookmarks.bookmark_post(access.db, now=access.now, account_id=access.account_id, post_id=post_id)
    with access.reading() as access:
        return status(access, original_id)


@post("/statuses/{status_id:str}/unbookmark", status_code=200, opt=user("write:bookmarks"), sync_to_thread=True)
def unbookmark(request: Request, status_id: FromPath[str]) -> Status:
    """Remove a bookmark."""
    post_id = record_id(status_id)
    with writing(request) as access:
        original_id = bookmarks.unbookmark_post(access.db, account_id=access.account_id, post_id=post_id)
    with access.reading() as access:
        return status(access, original_id)


@post("/statuses/{status_id:str}/pin", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def pin(request: Request, status_id: FromPath[str]) -> Status:
    """Pin one of the user's posts to their profile."""
    post_id = record_id(status_id)
    with writing(request) as access:
        pins.pin_post(access.db, now=access.now, account_id=access.account_id, post_id=post_id)
    with access.reading() as access:
        return status(access, post_id)


@post("/statuses/{status_id:str}/unpin", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def unpin(request: Request, status_id: FromPath[str]) -> Status:
    """Unpin a post."""
    post_id = record_id(status_id)
    with writing(request) as access:
        pins.unpin_post(access.db, account_id=access.account_id, post_id=post_id)
    with access.reading() as access:
        return status(access, post_id)


@get("/favourites", opt=user("read:favourites"), sync_to_thread=True)
def favourited(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[Status]]:
    """Return the user's favourites, the latest first."""
    page = page_request.page(STATUSES)
    with reading(request) as access:
        entries = timelines.favourites(access.db, page, viewer_id=access.account_id)
        statuses = post_serializers.statuses_of(access, entries)
    return Response(statuses, headers=link(request, [entry.cursor for entry in entries], page.limit))


@get("/bookmarks", opt=user("read:bookmarks"), sync_to_thread=True)
def bookmarked(
    request: Request, page_request: NamedDependency[PageRequest], folder_id: Folder = None
) -> Response[list[Status]]:
    """Return the user's bookmarks, the latest first; with `folder_id` those in one of their folders."""
    page = page_request.page(STATUSES)
    with reading(request) as access:
        folder = bookmark_folders.own(access, folder_id) if folder_id else None
        entries = timelines.bookmarks(
            access.db, page, viewer_id=access.account_id, folder_id=folder.id if folder else None
        )
        statuses = post_serializers.statuses_of(access, entries)
    return Response(statuses, headers=link(request, [entry.cursor for entry in entries], page.limit))


router = Router(
    "/",
    route_handlers=[
        favourite,
        unfavourite,
        reblog,
        unreblog,
        bookmark,
        unbookmark,
        pin,
        unpin,
        favourited,
        bookmarked,
    ],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["statuses"],
)
