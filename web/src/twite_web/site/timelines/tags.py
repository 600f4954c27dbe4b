"""Hashtags that the visitor follows, and those that stand on their profile."""

from typing import Literal
from urllib.parse import quote

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import text
from twite_common.errors import NotFound, TwiteError
from twite_common.queries.timelines import tags as queries
from twite_common.queries.timelines.tags import Tag
from twite_common.services.timelines import tags
from twite_web.routing import Router
from twite_web.site import form_errors, paging, redirects
from twite_web.site.access import Visit, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.redirects import BackForm
from twite_web.types import Request, Response

SUGGESTED = 10


class TagForm(msgspec.Struct, frozen=True, kw_only=True):
    """A hashtag that was typed, and what is to be done with it."""

    name: str = ""
    verb: Literal["follow", "feature"] = "follow"


class TagStanding(msgspec.Struct, frozen=True):
    """A hashtag as the visitor stands to it; `path` is its page."""

    name: str
    path: str
    following: bool
    featuring: bool


def tags_page(
    request: Request, data: TagForm, *, max_id: str = "", min_id: str = "", error: TwiteError | None = None
) -> Response:
    """Return the hashtags that the visitor follows and features, and the form for another."""
    part = paging.page(max_id, min_id)
    with reading(request) as visit:
        account_id = visit.account_id
        followed = queries.followed(visit.db, account_id, part)
        featured = queries.featured(visit.db, account_id)
        most_used = queries.most_used(visit.db, account_id, limit=SUGGESTED)
        featured_keys = {tag.name_key for tag in featured}
        return form_errors.page(
            request,
            "timelines/tags.html",
            visit,
            values=data,
            error=error,
            followed=[_standing(tag, following=True, featuring=tag.name_key in featured_keys) for _, tag in followed],
            featured=[TagStanding(tag.name, _path(tag.name_key), False, True) for tag in featured],
            suggested=[_standing(tag, following=False, featuring=False) for tag in most_used],
            beside=paging.beside("/tags", part, [cursor for cursor, _ in followed]),
            path="/tags",
        )


@get("/tags", sync_to_thread=True)
def show(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show the hashtags that the visitor follows and features."""
    return tags_page(request, TagForm(), max_id=max_id, min_id=min_id)


@post("/tags", sync_to_thread=True)
@shown_again(tags_page, NotFound)
def add(request: Request, data: JSONBody[TagForm]) -> Response:
    """Follow or feature a hashtag that was typed."""
    change = tags.follow_tag if data.verb == "follow" else tags.feature_tag
    with writing(request) as visit:
        change(visit.db, now=visit.now, account_id=visit.account_id, name=data.name.strip())
    return redirects.see(request, "/tags", "tag_followed" if data.verb == "follow" else "tag_featured")


@post("/tags/{name:str}/follow", sync_to_thread=True)
def follow(request: Request, name: FromPath[str], data: JSONBody[BackForm]) -> Response:
    """Follow a hashtag."""
    with writing(request) as visit:
        tag = tags.follow_tag(visit.db, now=visit.now, account_id=visit.account_id, name=name)
    return _back(request, tag, data, "tag_followed")


@post("/tags/{name:str}/unfollow", sync_to_thread=True)
def unfollow(request: Request, name: FromPath[str], data: JSONBody[BackForm]) -> Response:
    """Follow a hashtag no longer."""
    with writing(request) as visit:
        tag = tags.unfollow_tag(visit.db, now=visit.now, account_id=visit.account_id, name=name)
    return _back(request, tag, data, "tag_unfollowed")


@post("/tags/{name:str}/feature", sync_to_thread=True)
def feature(request: Request, name: FromPath[str], data: JSONBody[BackForm]) -> Response:
    """Show a hashtag on the visitor's profile."""
    with writing(request) as visit:
        tag, _ = tags.feature_tag(visit.db, now=visit.now, account_id=visit.account_id, name=name)
    return _back(request, tag, data, "tag_featured")


@post("/tags/{name:str}/unfeature", sync_to_thread=True)
def unfeature(request: Request, name: FromPath[str], data: JSONBody[BackForm]) -> Response:
    """Show a hashtag on the visitor's profile no longer."""
    with writing(request) as visit:
        tag = tags.unfeature_tag(visit.db, now=visit.now, account_id=visit.account_id, name=name)
    return _back(request, tag, data, "tag_unfeatured")


def standing(visit: Visit, tag: Tag | None, name: str) -> TagStanding | None:
    """Return how the visitor stands to a hashtag, which may never have been used; None for a stranger."""
    if visit.viewer is None or not text.is_hashtag(name):
        return None
    if tag is None:
        return TagStanding(name, _path(text.hashtag_key(name)), False, False)
    standings = queries.standings(visit.db, [tag.id], account_id=visit.account_id)
    following, featuring = standings.get(tag.id, (False, False))
    return _standing(tag, following=following, featuring=featuring)


def _standing(tag: Tag, *, following: bool, featuring: bool) -> TagStanding:
    return TagStanding(tag.name, _path(tag.name_key), following, featuring)


def _path(key: str) -> str:
    return f"/tags/{quote(key)}"


def _back(request: Request, tag: Tag, data: BackForm, notice: str) -> Response:
    return redirects.see(request, redirects.local(data.back, _path(tag.name_key)), notice)


router = Router("/", route_handlers=[show, add, follow, unfollow, feature, unfeature])
