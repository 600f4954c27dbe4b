"""Deciding what may trend: /api/v1/admin/trends/…, and all hashtags: /api/v1/admin/tags"""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from litestar import Response, get, post, route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common.queries.moderation import trend_reviews as queries
from twite_common.queries.moderation.trend_reviews import LinkReview, TagReview
from twite_common.services.moderation import trend_reviews
from twite_web.api import paging
from twite_web.api.access import Access, reading_as_staff, user, writing
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import record_id, status, there
from twite_web.api.schemas.moderation import LinkForAdmins, Publisher, StatusForAdmins, TagForAdmins
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import posts as post_serializers
from twite_web.api.timelines import trends
from twite_web.api.timelines.tags import all_made, days, histories
from twite_web.routing import Router
from twite_web.types import Request

Subject = TypeVar("Subject", TagForAdmins, LinkForAdmins, Publisher, StatusForAdmins)

READ, WRITE = user("admin:read"), user("admin:write")


class TagChanges(msgspec.Struct):
    """How a hashtag is spelt, and what people may do with it; what isn't given stays."""

    display_name: str | None = None
    trendable: bool | None = None
    usable: bool | None = None
    listable: bool | None = None


@get("/trends/tags", opt=READ, sync_to_thread=True)
def tags(request: Request, limit: FromQuery[int] = trends.TAGS, offset: FromQuery[int] = 0) -> list[TagForAdmins]:
    """Return trending and rejected hashtags."""
    with reading_as_staff(request, trend_reviews.PERMISSION) as access:
        return _tags(access, queries.tags(access.db, **trends.part(limit, trends.MAX_TAGS, offset)))


@post("/trends/tags/{tag_id:str}/approve", status_code=200, opt=WRITE, sync_to_thread=True)
def approve_tag(request: Request, tag_id: FromPath[str]) -> TagForAdmins:
    """Let a hashtag trend."""
    return _judge(request, "tag", tag_id, _one_tag, trendable=True)


@post("/trends/tags/{tag_id:str}/reject", status_code=200, opt=WRITE, sync_to_thread=True)
def reject_tag(request: Request, tag_id: FromPath[str]) -> TagForAdmins:
    """Keep a hashtag from trending."""
    return _judge(request, "tag", tag_id, _one_tag, trendable=False)


@get("/trends/links", opt=READ, sync_to_thread=True)
def links(request: Request, limit: FromQuery[int] = trends.LINKS, offset: FromQuery[int] = 0) -> list[LinkForAdmins]:
    """Return trending and rejected links."""
    with reading_as_staff(request, trend_reviews.PERMISSION) as access:
        return _links(access, queries.links(access.db, **trends.part(limit, trends.MAX_LINKS, offset)))


@post("/trends/links/{link_id:str}/approve", status_code=200, opt=WRITE, sync_to_thread=True)
def approve_link(request: Request, link_id: FromPath[str]) -> LinkForAdmins:
    """Let a page trend."""
    return _judge(request, "link", link_id, _one_link, trendable=True)


@post("/trends/links/{link_id:str}/reject", status_code=200, opt=WRITE, sync_to_thread=True)
def reject_link(request: Request, link_id: FromPath[str]) -> LinkForAdmins:
    """Keep a page from trending."""
    return _judge(request, "link", link_id, _one_link, trendable=False)


@get("/trends/links/publishers", opt=READ, sync_to_thread=True)
def publishers(request: Request, limit: FromQuery[int] = trends.LINKS, offset: FromQuery[int] = 0) -> list[Publisher]:
    """Return the publishers of trending links."""
    with reading_as_staff(request, trend_reviews.PERMISSION) as access:
        publishers = queries.publishers(access.db, **trends.part(limit, trends.MAX_LINKS, offset))
        return [_publisher(publisher) for publisher in publishers]


@post("/trends/links/publishers/{publisher_id:str}/approve", status_code=200, opt=WRITE, sync_to_thread=True)
def approve_publisher(request: Request, publisher_id: FromPath[str]) -> Publisher:
    """Let a publisher's pages trend."""
    return _judge(request, "publisher", publisher_id, _one_publisher, trendable=True)


@post("/trends/links/publishers/{publisher_id:str}/reject", status_code=200, opt=WRITE, sync_to_thread=True)
def reject_publisher(request: Request, publisher_id: FromPath[str]) -> Publisher:
    """Keep a publisher's pages from trending."""
    return _judge(request, "publisher", publisher_id, _one_publisher, trendable=False)


@get("/trends/statuses", opt=READ, sync_to_thread=True)
def statuses(
    request: Request, limit: FromQuery[int] = trends.STATUSES, offset: FromQuery[int] = 0
) -> list[StatusForAdmins]:
    """Return trending and rejected posts."""
    with reading_as_staff(request, trend_reviews.PERMISSION) as access:
        judged = queries.posts(access.db, **trends.part(limit, trends.MAX_STATUSES, offset))
        statuses = post_serializers.statuses(access, list(judged))
        return [_status(status, requires_review=judged[int(status.id)] is None) for status in statuses]


@post("/trends/statuses/{status_id:str}/approve", status_code=200, opt=WRITE, sync_to_thread=True)
def approve_status(request: Request, status_id: FromPath[str]) -> StatusForAdmins:
    """Let a post trend."""
    return _judge(request, "post", status_id, _judged_status, trendable=True)


@post("/trends/statuses/{status_id:str}/reject", status_code=200, opt=WRITE, sync_to_thread=True)
def reject_status(request: Request, status_id: FromPath[str]) -> StatusForAdmins:
    """Keep a post from trending."""
    return _judge(request, "post", status_id, _judged_status, trendable=False)


@get("/tags", opt=READ, sync_to_thread=True)
def every_tag(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[TagForAdmins]]:
    """Return the hashtags that were ever used, the newest first."""
    page = page_request.page(paging.MANY)
    with reading_as_staff(request, trend_reviews.PERMISSION) as access:
        reviews = queries.every_tag(access.db, page)
        tags = _tags(access, reviews)
    return Response(tags, headers=link(request, [review.tag.id for review in reviews], page.limit))


@get("/tags/{tag_id:str}", opt=READ, sync_to_thread=True)
def one_tag(request: Request, tag_id: FromPath[str]) -> TagForAdmins:
    """Return a hashtag."""
    with reading_as_staff(request, trend_reviews.PERMISSION) as access:
        return _one_tag(access, record_id(tag_id))


@route("/tags/{tag_id:str}", http_method=["PUT", "PATCH"], opt=WRITE, sync_to_thread=True)
def change_tag(request: Request, tag_id: FromPath[str], data: JSONBody[TagChanges]) -> TagForAdmins:
    """Change a hashtag's spelling, and whether it may trend, be used and be found."""
    id = record_id(tag_id)
    with writing(request) as access:
        trend_reviews.change_tag(
            access.db,
            id,
            now=access.now,
            viewer=access.member,
            changes=trend_reviews.TagChanges(data.display_name, data.trendable, data.usable, data.listable),
        )
    with access.reading() as access:
        return _one_tag(access, id)


def _judge(
    request: Request, kind: str, subject_id: str, load: Callable[[Access, int], Subject], *, trendable: bool
) -> Subject:
    """Say whether something may trend, and return it as it is loaded after that."""
    id = record_id(subject_id)
    with writing(request) as access:
        trend_reviews.judge(access.db, kind, id, now=access.now, viewer=access.member, trendable=trendable)
    with access.reading() as access:
        return load(access, id)


def _one_tag(access: Access, tag_id: int) -> TagForAdmins:
    return there(next(iter(_tags(access, queries.load_tags(access.db, [tag_id]))), None))


def _one_link(access: Access, link_id: int) -> LinkForAdmins:
    return there(next(iter(_links(access, queries.load_links(access.db, [link_id]))), None))


def _one_publisher(access: Access, publisher_id: int) -> Publisher:
    return _publisher(there(next(iter(queries.load_publishers(access.db, [publisher_id])), None)))


def _judged_status(access: Access, status_id: int) -> StatusForAdmins:
    return _status(status(access, status_id), requires_review=False)


def _tags(access: Access, reviews: list[TagReview]) -> list[TagForAdmins]:
    tags = all_made(access, [review.tag for review in reviews])
    return [
        TagForAdmins(
            **msgspec.structs.asdict(tag),
            trendable=review.trendable is not False,
            usable=review.usable,
            listable=review.listable,
            requires_review=review.trendable is None,
        )
        for review, tag in zip(reviews, tags, strict=True)
    ]


def _links(access: Access, reviews: list[LinkReview]) -> list[LinkForAdmins]:
    usage = histories(access, "link", [review.card.id for review in reviews])
    card_values = post_serializers.card_values(access, [review.card for review in reviews])
    return [
        LinkForAdmins(
            id=str(review.card.id),
            history=days(access, usage.get(review.card.id, {})),
            requires_review=review.trendable is None,
            **values,
        )
        for review, values in zip(reviews, card_values, strict=True)
    ]


def _status(status: Status, *, requires_review: bool) -> StatusForAdmins:
    return StatusForAdmins(**msgspec.structs.asdict(status), requires_review=requires_review)


def _publisher(publisher: queries.Publisher) -> Publisher:
    return Publisher(
        id=str(publisher.id),
        domain=publisher.domain,
        trendable=publisher.trendable is not False,
        requires_review=publisher.trendable is None,
    )


router = Router(
    "/v1/admin",
    route_handlers=[
        tags,
        approve_tag,
        reject_tag,
        links,
        approve_link,
        reject_link,
        publishers,
        approve_publisher,
        reject_publisher,
        statuses,
        approve_status,
        reject_status,
        every_tag,
        one_tag,
        change_tag,
    ],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["admin"],
)
