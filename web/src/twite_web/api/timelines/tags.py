"""Hashtags: /api/v1/tags/:name, and followed and featured ones."""

from collections.abc import Sequence

import msgspec
from litestar import Response, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from twite_common import clock, ids, text
from twite_common.errors import Invalid, NotFound
from twite_common.queries.timelines import tags as queries
from twite_common.queries.timelines import trends
from twite_common.queries.timelines.tags import Tag
from twite_common.services.timelines import tags
from twite_common.translations import gettext as _
from twite_web.api import paging
from twite_web.api.access import Access, anyone, reading, user, writing
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import NOT_FOUND, account, record_id
from twite_web.api.schemas import Empty
from twite_web.api.schemas import timelines as timeline_schemas
from twite_web.api.schemas.timelines import FeaturedTag, TagHistory
from twite_web.api.serializers.featured_tags import featured_tag
from twite_web.routing import Router
from twite_web.types import Request

HISTORY_DAYS = 7
SUGGESTED = 10


class TagName(msgspec.Struct):
    """The name of a hashtag, without the #."""

    name: str = ""


@get("/tags/{name:str}", opt=anyone("read"), sync_to_thread=True)
def one(request: Request, name: FromPath[str]) -> timeline_schemas.Tag:
    """Return a hashtag and its use in the last seven days, even if it has never been used."""
    tag_name = name.removeprefix("#")
    if not text.is_hashtag(tag_name):
        raise NotFound(_(NOT_FOUND))
    with reading(request) as access:
        tag = queries.by_key(access.db, text.hashtag_key(tag_name))
        return _whole(access, tag or Tag(0, text.hashtag_key(tag_name), tag_name))


@post("/tags/{name:str}/follow", status_code=200, opt=user("write:follows"), sync_to_thread=True)
def follow(request: Request, name: FromPath[str]) -> timeline_schemas.Tag:
    """Follow a hashtag: its public posts appear in the home timeline."""
    with writing(request) as access:
        tag = tags.follow_tag(access.db, now=access.now, account_id=access.account_id, name=name)
    with access.reading() as access:
        return _whole(access, tag)


@post("/tags/{name:str}/unfollow", status_code=200, opt=user("write:follows"), sync_to_thread=True)
def unfollow(request: Request, name: FromPath[str]) -> timeline_schemas.Tag:
    """Unfollow a hashtag."""
    with writing(request) as access:
        tag = tags.unfollow_tag(access.db, now=access.now, account_id=access.account_id, name=name)
    with access.reading() as access:
        return _whole(access, tag)


@post("/tags/{name:str}/feature", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def feature(request: Request, name: FromPath[str]) -> timeline_schemas.Tag:
    """Feature a hashtag on the user's profile."""
    with writing(request) as access:
        tag, _ = tags.feature_tag(access.db, now=access.now, account_id=access.account_id, name=name)
    with access.reading() as access:
        return _whole(access, tag)


@post("/tags/{name:str}/unfeature", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def unfeature(request: Request, name: FromPath[str]) -> timeline_schemas.Tag:
    """Stop featuring a hashtag."""
    with writing(request) as access:
        tag = tags.unfeature_tag(access.db, now=access.now, account_id=access.account_id, name=name)
    with access.reading() as access:
        return _whole(access, tag)


@get("/followed_tags", opt=user("read:follows"), sync_to_thread=True)
def followed(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[timeline_schemas.Tag]]:
    """Return the hashtags that the user follows."""
    page = page_request.page(paging.MANY)
    with reading(request) as access:
        rows = queries.followed(access.db, access.account_id, page)
        followed_tags = all_made(access, [tag for _, tag in rows])
    return Response(followed_tags, headers=link(request, [cursor for cursor, _ in rows], page.limit))


@get("/featured_tags", opt=user("read:accounts"), sync_to_thread=True)
def featured(request: Request) -> list[FeaturedTag]:
    """Return the hashtags featured on the user's profile."""
    with reading(request) as access:
        return [featured_tag(access, tag) for tag in queries.featured(access.db, access.account_id)]


@post("/featured_tags", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def add_featured(request: Request, data: JSONBody[TagName]) -> FeaturedTag:
    """Feature a hashtag on the user's profile."""
    with writing(request) as access:
        if not text.is_hashtag(data.name.removeprefix("#")):
            raise Invalid(_("Validation failed: Name is not a valid hashtag"))
        _featured, id = tags.feature_tag(access.db, now=access.now, account_id=access.account_id, name=data.name)
    with access.reading() as access:
        featured_tags = queries.featured(access.db, access.account_id)
        return next(featured_tag(access, tag) for tag in featured_tags if tag.id == id)


@delete("/featured_tags/{featured_tag_id:str}", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def remove_featured(request: Request, featured_tag_id: FromPath[str]) -> Empty:
    """Stop featuring a hashtag."""
    with writing(request) as access:
        tags.drop_featured(access.db, account_id=access.account_id, featured_id=record_id(featured_tag_id))
    return Empty()


@get("/featured_tags/suggestions", opt=user("read:accounts"), sync_to_thread=True)
def suggestions(request: Request) -> list[timeline_schemas.Tag]:
    """Return the user's most used hashtags, as suggestions to feature."""
    with reading(request) as access:
        return all_made(access, queries.most_used(access.db, access.account_id, limit=SUGGESTED))


@get("/accounts/{account_id:str}/featured_tags", opt=anyone("read:accounts"), sync_to_thread=True)
def featured_by(request: Request, account_id: FromPath[str]) -> list[FeaturedTag]:
    """Return the hashtags featured on a profile."""
    with reading(request) as access:
        owner = account(access, account_id)
        if owner.suspended_at is not None:
            return []
        return [featured_tag(access, tag) for tag in queries.featured(access.db, owner.id)]


def all_made(access: Access, tags: Sequence[Tag]) -> list[timeline_schemas.Tag]:
    """Return hashtags as entities, with their use in the last days and how the viewer stands to them."""
    tag_ids = [tag.id for tag in tags]
    usage = histories(access, "tag", tag_ids)
    standings = queries.standings(access.db, tag_ids, account_id=access.viewer.account_id) if access.viewer else {}
    return [_entity(access, tag, usage.get(tag.id, {}), standings.get(tag.id, (False, False))) for tag in tags]


def histories(access: Access, kind: str, subject_ids: list[int]) -> dict[int, dict[int, tuple[int, int]]]:
    """Return how hashtags (`kind` is tag) or pages (link) were used in the last days: posts and accounts by day."""
    first_at = (access.now // clock.DAY - HISTORY_DAYS + 1) * clock.DAY
    return trends.histories(access.db, kind, subject_ids, first_id=ids.first_at(first_at))


def days(access: Access, usage: dict[int, tuple[int, int]]) -> list[TagHistory]:
    """Return the use of one thing in the last days as entities, today first."""
    today = access.now // clock.DAY
    by_day = [(day, *usage.get(day, (0, 0))) for day in range(today, today - HISTORY_DAYS, -1)]
    return [TagHistory(day=str(day * 86_400), uses=str(uses), accounts=str(accounts)) for day, uses, accounts in by_day]


def _whole(access: Access, tag: Tag) -> timeline_schemas.Tag:
    return all_made(access, [tag])[0]


def _entity(
    access: Access, tag: Tag, usage: dict[int, tuple[int, int]], standing: tuple[bool, bool]
) -> timeline_schemas.Tag:
    following, featuring = standing
    return timeline_schemas.Tag(
        id=str(tag.id),
        name=tag.name,
        url=access.core.addresses.tag(tag.name_key),
        history=days(access, usage),
        following=following if access.viewer else UNSET,
        featuring=featuring if access.viewer else UNSET,
    )


router = Router(
    "/",
    route_handlers=[
        one,
        follow,
        unfollow,
        feature,
        unfeature,
        followed,
        featured,
        add_featured,
        remove_featured,
        suggestions,
        featured_by,
    ],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["tags"],
)
