"""Timelines: /api/v1/timelines/…"""

from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter

from twite_common import text
from twite_common.errors import NotFound
from twite_common.queries.timelines import tag_timelines, timelines, trends
from twite_common.queries.timelines.timelines import Entry
from twite_common.translations import gettext as _
from twite_web.api.access import anyone, reading_replica, user
from twite_web.api.paging import STATUSES, PageRequest, link, page_request
from twite_web.api.path_params import NOT_FOUND
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import encoded_posts
from twite_web.api.timelines import lists
from twite_web.routing import Router
from twite_web.types import Request

Remote = Annotated[bool, QueryParameter(description="Only posts of other servers: there are none here.")]
OnlyMedia = Annotated[bool, QueryParameter(description="Only posts with attachments.")]

Any_ = Annotated[list[str] | None, QueryParameter(name="any", description="Also posts with any of these.")]
All = Annotated[list[str] | None, QueryParameter(name="all", description="Only posts that also have all of these.")]
None_ = Annotated[list[str] | None, QueryParameter(name="none", description="No posts with any of these.")]
MAX_TAGS = 4


@get("/home", opt=user("read:statuses"), sync_to_thread=True)
def home(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[Status]]:
    """Return the home timeline: the user's posts and those of the accounts they follow."""
    page = page_request.page(STATUSES)
    with reading_replica(request) as access:
        entries = timelines.home(access.db, page, viewer_id=access.account_id, now=access.now)
        statuses = encoded_posts.statuses_of(access, entries)
    return _answer(request, statuses, entries, page.limit)


@get("/public", opt=anyone("read:statuses"), sync_to_thread=True)
def public(
    request: Request,
    page_request: NamedDependency[PageRequest],
    remote: Remote = False,
    only_media: OnlyMedia = False,
) -> Response[list[Status]]:
    """Return the newest public posts."""
    page = page_request.page(STATUSES)
    with reading_replica(request) as access:
        entries = []
        if not remote:
            entries = timelines.public(
                access.db, page, viewer_id=access.viewer_id, now=access.now, only_media=only_media
            )
        statuses = encoded_posts.statuses_of(access, entries)
    return _answer(request, statuses, entries, page.limit)


@get("/tag/{hashtag:str}", opt=anyone("read:statuses"), sync_to_thread=True)
def tag(
    request: Request,
    hashtag: FromPath[str],
    page_request: NamedDependency[PageRequest],
    any: Any_ = None,
    all: All = None,
    none: None_ = None,
    remote: Remote = False,
    only_media: OnlyMedia = False,
) -> Response[list[Status]]:
    """Return the newest public posts with a hashtag, replies included."""
    page = page_request.page(STATUSES)
    with reading_replica(request) as access:
        options: dict[str, Any] = {"viewer_id": access.viewer_id, "now": access.now, "only_media": only_media}
        if remote:
            entries = []
        elif any or all or none:
            entries = tag_timelines.tagged_with_several(
                access.db,
                page,
                any_keys=_keys([hashtag, *(any or [])[:MAX_TAGS]]),
                all_keys=_keys((all or [])[:MAX_TAGS]),
                none_keys=_keys((none or [])[:MAX_TAGS]),
                **options,
            )
        else:
            entries = tag_timelines.tagged(access.db, text.hashtag_key(hashtag), page, **options)
        statuses = encoded_posts.statuses_of(access, entries)
    return _answer(request, statuses, entries, page.limit)


@get("/list/{list_id:str}", opt=user("read:lists"), sync_to_thread=True)
def of_list(
    request: Request, list_id: FromPath[str], page_request: NamedDependency[PageRequest]
) -> Response[list[Status]]:
    """Return the posts of the accounts on a list."""
    page = page_request.page(STATUSES)
    with reading_replica(request) as access:
        own_list = lists.own(access, list_id)
        entries = timelines.of_list(access.db, own_list.id, page, viewer_id=access.account_id, now=access.now)
        statuses = encoded_posts.statuses_of(access, entries)
    return _answer(request, statuses, entries, page.limit)


@get("/link", opt=anyone("read:statuses"), sync_to_thread=True)
def of_link(
    request: Request, page_request: NamedDependency[PageRequest], url: FromQuery[str] = ""
) -> Response[list[Status]]:
    """Return the public posts with a trending link."""
    page = page_request.page(STATUSES)
    with reading_replica(request) as access:
        card_id = trends.link_by_url(access.db, url)
        if card_id is None:
            raise NotFound(_(NOT_FOUND))
        entries = timelines.linking(access.db, card_id, page, viewer_id=access.viewer_id, now=access.now)
        statuses = encoded_posts.statuses_of(access, entries)
    return _answer(request, statuses, entries, page.limit)


def _keys(names: list[str]) -> set[str]:
    return {text.hashtag_key(name.removeprefix("#")) for name in names}


def _answer(request: Request, statuses: list[Status], entries: list[Entry], limit: int) -> Response[list[Status]]:
    return Response(statuses, headers=link(request, [entry.cursor for entry in entries], limit))


router = Router(
    "/timelines",
    route_handlers=[home, public, tag, of_list, of_link],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["timelines"],
)
