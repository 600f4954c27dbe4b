"""What one has favourited and bookmarked: /api/v1/favourites, /api/v1/bookmarks."""

from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide

from twite_common.queries.timelines import timelines
from twite_web.api.access import reading, user
from twite_web.api.paging import STATUSES, PageRequest, link, page_request
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import posts as post_serializers
from twite_web.types import Request


@get("/favourites", opt=user("read:favourites"), sync_to_thread=True)
def favourites(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[Status]]:
    """Return the posts that one has favourited, the latest favourite first."""
    page = page_request.page(STATUSES)
    with reading(request) as access:
        entries = timelines.favourites(access.db, page, viewer_id=access.account_id)
        statuses = post_serializers.statuses_of(access, entries)
    return Response(statuses, headers=link(request, [entry.cursor for entry in entries], page.limit))


@get("/bookmarks", opt=user("read:bookmarks"), sync_to_thread=True)
def bookmarks(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[Status]]:
    """Return the posts that one has bookmarked, the latest bookmark first."""
    page = page_request.page(STATUSES)
    with reading(request) as access:
        entries = timelines.bookmarks(access.db, page, viewer_id=access.account_id)
        statuses = post_serializers.statuses_of(access, entries)
    return Response(statuses, headers=link(request, [entry.cursor for entry in entries], page.limit))


router = Router(
    "/",
    route_handlers=[favourites, bookmarks],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["statuses"],
)
