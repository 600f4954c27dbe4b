"""Trends, and moderators' reviews of them."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from twite_common import clock, ids, text
from twite_common.errors import NotFound
from twite_common.post_details import Card
from twite_common.queries.moderation import trend_reviews
from twite_common.queries.timelines import tags, trends
from twite_common.queries.timelines.tags import Tag
from twite_common.services.moderation import trend_reviews as reviews
from twite_common.services.moderation.trend_reviews import TagChanges
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import redirects, templating
from twite_web.site.access import Visit, id_in, reading_as_staff, reading_replica, writing
from twite_web.site.options import translated
from twite_web.site.view_models import post_parts
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models import suggestions as suggestion_view_models
from twite_web.site.view_models.post_parts import CardView
from twite_web.types import Request, Response

POSTS = 10
TAGS = 10
LINKS = 5
TAGS_BESIDE, PEOPLE_BESIDE = 5, 3
DAYS = 7
LINE_SIZE = (72, 24)
"""Width and height of the line beside a hashtag."""
REVIEWED = 40
DECISIONS = {"approve": True, "reject": False}
TAG_DECISIONS = {
    "allow": TagChanges(usable=True),
    "forbid": TagChanges(usable=False),
    "list": TagChanges(listable=True),
    "unlist": TagChanges(listable=False),
}
TITLES = {
    "tag": marked("Hashtags"),
    "link": marked("Pages"),
    "publisher": marked("Publishers"),
    "post": marked("Posts"),
}


class TagView(msgspec.Struct, frozen=True):
    """A hashtag and how many posts named it in the last days; `line` has the points of a line that shows each day."""

    name: str
    path: str
    posts: int
    line: str = ""


class LinkView(msgspec.Struct, frozen=True):
    """A page and how many posts linked to it in the last days."""

    card: CardView
    posts: int


class ReviewView(msgspec.Struct, frozen=True):
    """Something that trends, and what was decided about it. `usable` and `listable` concern hashtags alone."""

    id: int
    name: str
    path: str
    trendable: bool | None
    usable: bool | None = None
    listable: bool | None = None


@get("/explore", sync_to_thread=True)
def explore(request: Request) -> Response:
    """Show what is talked about most."""
    with reading_replica(request) as visit:
        post_ids = trends.posts(visit.db, viewer_id=visit.viewer_id, now=visit.now, limit=POSTS, offset=0)
        return templating.page(
            request,
            "timelines/explore.html",
            visit,
            posts=post_view_models.posts(visit, post_ids, context="public"),
            tags=_tags(visit, trends.tags(visit.db, limit=TAGS, offset=0)),
            links=_links(visit, trends.links(visit.db, limit=LINKS, offset=0)),
        )


@get("/explore/now", sync_to_thread=True)
def now(request: Request, on: FromQuery[str] = "") -> Response:
    """Show in short what is talked about, and people whom the visitor might want to follow.

    Beside the page `on` of an account, not that account.
    """
    with reading_replica(request) as visit:
        people = suggestion_view_models.suggestions(visit, PEOPLE_BESIDE + 1)
        return templating.page(
            request,
            "timelines/now.html",
            visit,
            tags=_tags(visit, trends.tags(visit.db, limit=TAGS_BESIDE, offset=0)),
            people=[person for person in people if str(person.account.id) != on][:PEOPLE_BESIDE],
        )


@get("/admin/trends", sync_to_thread=True)
def show(request: Request, q: FromQuery[str] = "") -> Response:
    """Show what trends and what is kept from it, and the hashtag that is looked for."""
    with reading_as_staff(request, reviews.PERMISSION) as visit:
        return templating.page(
            request, "moderation/trends.html", visit, q=q, groups=_groups(visit, q), titles=translated(TITLES)
        )


@post("/admin/trends/{kind:str}/{subject_id:str}/{decision:str}", sync_to_thread=True)
def decide(request: Request, kind: FromPath[str], subject_id: FromPath[str], decision: FromPath[str]) -> Response:
    """Decide whether something may trend, or a hashtag be written and found."""
    id = id_in(subject_id)
    with writing(request) as visit:
        if kind == "tag" and decision in TAG_DECISIONS:
            reviews.change_tag(visit.db, id, now=visit.now, viewer=visit.member, changes=TAG_DECISIONS[decision])
        elif kind in TITLES and decision in DECISIONS:
            trendable = DECISIONS[decision]
            reviews.judge(visit.db, kind, id, now=visit.now, viewer=visit.member, trendable=trendable)
        else:
            raise NotFound(_("There is no such page."))
    return redirects.see(request, "/admin/trends", "saved")


def _groups(visit: Visit, query: str) -> dict[str, list[ReviewView]]:
    part = {"limit": REVIEWED, "offset": 0}
    tag = tags.by_key(visit.db, text.hashtag_key(query.strip().removeprefix("#"))) if query.strip() else None
    tag_reviews = trend_reviews.load_tags(visit.db, [tag.id]) if tag else trend_reviews.tags(visit.db, **part)
    decisions = trend_reviews.posts(visit.db, **part)
    return {
        "tag": [
            ReviewView(
                review.tag.id,
                f"#{review.tag.name}",
                f"/tags/{review.tag.name_key}",
                review.trendable,
                review.usable,
                review.listable,
            )
            for review in tag_reviews
        ],
        "link": [
            ReviewView(review.card.id, review.card.title or review.card.url, review.card.url, review.trendable)
            for review in trend_reviews.links(visit.db, **part)
        ],
        "publisher": [
            ReviewView(publisher.id, publisher.domain, "", publisher.trendable)
            for publisher in trend_reviews.publishers(visit.db, **part)
        ],
        "post": [
            ReviewView(post.id, post_view_models.excerpt(post, 80), post.path, decisions[post.id])
            for post in post_view_models.posts(visit, list(decisions))
        ],
    }


def _since(visit: Visit) -> int:
    return ids.first_at((visit.now // clock.DAY - DAYS + 1) * clock.DAY)


def _tags(visit: Visit, hashtags: list[Tag]) -> list[TagView]:
    histories = trends.histories(visit.db, "tag", [tag.id for tag in hashtags], first_id=_since(visit))
    days = {tag.id: histories.get(tag.id, {}) for tag in hashtags}
    return [
        TagView(tag.name, f"/tags/{tag.name_key}", _sum(days[tag.id]), _line(days[tag.id], _since(visit)))
        for tag in hashtags
    ]


def _line(days: dict[int, tuple[int, int]], first_id: int) -> str:
    """Return the points of a line through the posts of each day, in a picture of LINE_SIZE."""
    first_day = ids.created_at(first_id) // clock.DAY
    counts = [days.get(first_day + number, (0, 0))[0] for number in range(DAYS)]
    width, height = LINE_SIZE
    step, most = width / (DAYS - 1), max([1, *counts])
    return " ".join(
        f"{round(number * step)},{round(1 + (height - 2) * (1 - count / most))}" for number, count in enumerate(counts)
    )


def _links(visit: Visit, cards: list[Card]) -> list[LinkView]:
    histories = trends.histories(visit.db, "link", [card.id for card in cards], first_id=_since(visit))
    addresses = visit.core.addresses
    return [LinkView(post_parts.card(addresses, card), _sum(histories.get(card.id, {}))) for card in cards]


def _sum(days: dict[int, tuple[int, int]]) -> int:
    return sum(posts for posts, _ in days.values())


router = Router("/", route_handlers=[explore, now, show, decide])
