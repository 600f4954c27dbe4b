"""Deciding what may trend: /api/v1/admin/trends/…, and all hashtags: /api/v1/admin/tags"""

import msgspec
from litestar import Response, Router, get, post, route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common.queries.moderation import trend_reviews as queries
from twite_common.queries.moderation.trend_reviews import LinkReview, TagReview
from twite_common.services.moderation import trend_reviews
from twite_web.api import paging
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.moderation.accounts import check
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import record_id, status, there
from twite_web.api.schemas.moderation import LinkForAdmins, Publisher, StatusForAdmins, TagForAdmins
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import posts as post_serializers
from twite_web.api.timelines import trends
from twite_web.api.timelines.tags import all_made, days, histories
from twite_web.types import Request

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
    with reading(request) as access:
        check(access, trend_reviews.PERMISSION)
        return _tags(access, queries.tags(access.db, **trends.part(limit, trends.MAX_TAGS, offset)))


@post("/trends/tags/{tag_id:str}/approve", status_code=200, opt=WRITE, sync_to_thread=True)
def approve_tag(request: Request, tag_id: FromPath[str]) -> TagForAdmins:
    """Let a hashtag trend."""
    return _judge_tag(request, tag_id, trendable=True)


@post("/trends/tags/{tag_id:str}/reject", status_code=200, opt=WRITE, sync_to_thread=True)
def reject_tag(request: Request, tag_id: FromPath[str]) -> TagForAdmins:
    """Keep a hashtag from trending."""
    return _judge_tag(request, tag_id, trendable=False)


@get("/trends/links", opt=READ, sync_to_thread=True)
def links(request: Request, limit: FromQuery[int] = trends.LINKS, offset: FromQuery[int] = 0) -> list[LinkForAdmins]:
    """Return trending and rejected links."""
    with reading(request) as access:
        check(access, trend_reviews.PERMISSION)
        return _links(access, queries.links(access.db, **trends.part(limit, trends.MAX_LINKS, offset)))


@post("/trends/links/{link_id:str}/approve", status_code=200, opt=WRITE, sync_to_thread=True)
def approve_link(request: Request, link_id: FromPath[str]) -> LinkForAdmins:
    """Let a page trend."""
    return _judge_link(request, link_id, trendable=True)


@post("/trends/links/{link_id:str}/reject", status_code=200, opt=WRITE, sync_to_thread=True)
def reject_link(request: Request, link_id: FromPath[str]) -> LinkForAdmins:
    """Keep a page from trending."""
    return _judge_link(request, link_id, trendable=False)


@get("/trends/links/publishers", opt=READ, sync_to_thread=True)
def publishers(request: Request, limit: FromQuery[int] = trends.LINKS, offset: FromQuery[int] = 0) -> list[Publisher]:
    """Return the publishers of trending links."""
    with reading(request) as access:
        check(access, trend_reviews.PERMISSION)
        publishers = queries.publishers(access.db, **trends.part(limit, trends.MAX_LINKS, offset))
        return [_publisher(publisher) for publisher in publishers]


@post("/trends/links/publishers/{publisher_id:str}/approve", status_code=200, opt=WRITE, sync_to_thread=True)
def approve_publisher(request: Request, publisher_id: FromPath[str]) -> Publisher:
    """Let a publisher's pages trend."""
    return _judge_publisher(request, publisher_id, trendable=True)


@post("/trends/links/publishers/{publisher_id:str}/reject", status_code=200, opt=WRITE, sync_to_thread=True)
def reject_publisher(request: Request, publisher_id: FromPath[str]) -> Publisher:
    """Keep a publisher's pages from trending."""
    return _judge_publisher(request, publisher_id, trendable=False)


@get("/trends/statuses", opt=READ, sync_to_thread=True)
def statuses(
    request: Request, limit: FromQuery[int] = trends.STATUSES, offset: FromQuery[int] = 0
) -> list[StatusForAdmins]:
    """Return trending and rejected posts."""
    with reading(request) as access:
        check(access, trend_reviews.PERMISSION)
        judged = queries.posts(access.db, **trends.part(limit, trends.MAX_STATUSES, offset))
        statuses = post_serializers.statuses(access, list(judged))
        return [_status(status, requires_review=judged[int(status.id)] is None) for status in statuses]


@post("/trends/statuses/{status_id:str}/approve", status_code=200, opt=WRITE, sync_to_thread=True)
def approve_status(request: Request, status_id: FromPath[str]) -> StatusForAdmins:
    """Let a post trend."""
    return _judge_status(request, status_id, trendable=True)


@post("/trends/statuses/{status_id:str}/reject", status_code=200, opt=WRITE, sync_to_thread=True)
def reject_status(request: Request, status_id: FromPath[str]) -> StatusForAdmins:
    """Keep a post from trending."""
    return _judge_status(request, status_id, trendable=False)


@get("/tags", opt=READ, sync_to_thread=True)
def every_tag(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[TagForAdmins]]:
    """Return the hashtags that were ever used, the newest first."""
    page = page_request.page(paging.MANY)
    with reading(request) as access:
        check(access, trend_reviews.PERMISSION)
        reviews = queries.every_tag(access.db, page)
        tags = _tags(access, reviews)
    return Response(tags, headers=link(request, [review.tag.id for review in reviews], page.limit))


@get("/tags/{tag_id:str}", opt=READ, sync_to_thread=True)
def one_tag(request: Request, tag_id: FromPath[str]) -> TagForAdmins:
    """Return a hashtag."""
    with reading(request) as access:
        check(access, trend_reviews.PERMISSION)
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


def _judge(access: Access, kind: str, subject_id: int, *, trendable: bool) -> None:
    trend_reviews.judge(access.db, kind, subject_id, now=access.now, viewer=access.member, trendable=trendable)


def _judge_tag(request: Request, tag_id: str, *, trendable: bool) -> TagForAdmins:
    id = record_id(tag_id)
    with writing(request) as access:
        _judge(access, "tag", id, trendable=trendable)
    with access.reading() as access:
        return _one_tag(access, id)


def _judge_link(request: Request, link_id: str, *, trendable: bool) -> LinkForAdmins:
    id = record_id(link_id)
    with writing(request) as access:
        _judge(access, "link", id, trendable=trendable)
    with access.reading() as access:
        return there(next(iter(_links(access, queries.load_links(access.db, [id]))), None))


def _judge_publisher(request: Request, publisher_id: str, *, trendable: bool) -> Publisher:
    id = record_id(publisher_id)
    with writing(request) as access:
        _judge(access, "publisher", id, trendable=trendable)
    with access.reading() as access:
        return _publisher(there(next(iter(queries.load_publishers(access.db, [id])), None)))


def _judge_status(request: Request, status_id: str, *, trendable: bool) -> StatusForAdmins:
    id = record_id(status_id)
    with writing(request) as access:
        _judge(access, "post", id, trendable=trendable)
    with access.reading() as access:
        return _status(status(access, id), requires_review=False)


def _one_tag(access: Access, tag_id: int) -> TagForAdmins:
    return there(next(iter(_tags(access, queries.load_tags(access.db, [tag_id]))), None))


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
