"""Trends: /api/v1/trends/…"""

from litestar import get
from litestar.params import FromQuery

from twite_common.queries.timelines import trends as queries
from twite_web.api.access import anyone, reading_replica
from twite_web.api.schemas.posts import Status
from twite_web.api.schemas.timelines import Link, Tag
from twite_web.api.serializers import posts as post_serializers
from twite_web.api.timelines.tags import all_made, days, histories
from twite_web.routing import Router
from twite_web.types import Request

TAGS, MAX_TAGS = 10, 20
STATUSES, MAX_STATUSES = 20, 40
LINKS, MAX_LINKS = 10, 20
FARTHEST = 1000


@get(["/", "/tags"], opt=anyone("read"), sync_to_thread=True)
def tags(request: Request, limit: FromQuery[int] = TAGS, offset: FromQuery[int] = 0) -> list[Tag]:
    """Return the hashtags that most people use."""
    with reading_replica(request) as access:
        return all_made(access, queries.tags(access.db, **part(limit, MAX_TAGS, offset)))


@get("/statuses", opt=anyone("read"), sync_to_thread=True)
def statuses(request: Request, limit: FromQuery[int] = STATUSES, offset: FromQuery[int] = 0) -> list[Status]:
    """Return trending posts."""
    with reading_replica(request) as access:
        bounds = part(limit, MAX_STATUSES, offset)
        return post_serializers.statuses(
            access, queries.posts(access.db, viewer_id=access.viewer_id, now=access.now, **bounds)
        )


@get("/links", opt=anyone("read"), sync_to_thread=True)
def links(request: Request, limit: FromQuery[int] = LINKS, offset: FromQuery[int] = 0) -> list[Link]:
    """Return trending links."""
    with reading_replica(request) as access:
        cards = queries.links(access.db, **part(limit, MAX_LINKS, offset))
        usage = histories(access, "link", [card.id for card in cards])
        card_values = post_serializers.card_values(access, cards)
        return [
            Link(history=days(access, usage.get(card.id, {})), **values)
            for card, values in zip(cards, card_values, strict=True)
        ]


def part(limit: int, maximum: int, offset: int) -> dict[str, int]:
    """Return which part of a list is asked for, as queries take it."""
    return {"limit": min(abs(limit), maximum), "offset": min(abs(offset), FARTHEST)}


router = Router("/trends", route_handlers=[tags, statuses, links], tags=["trends"])
