"""The rule by which the user's old posts are deleted: /api/v1/post_deletion_rule, an extension of this site."""

from typing import Annotated

import msgspec
from litestar import delete, get, put
from litestar.params import FromQuery, JSONBody, QueryParameter

from twite_common.queries.posts import post_deletion_rules as queries
from twite_common.queries.posts.post_deletion_rules import Rule
from twite_common.services.posts import post_deletion_rules
from twite_web.api.access import reading, user, writing
from twite_web.api.path_params import there
from twite_web.api.schemas import Empty, Entity
from twite_web.routing import Router
from twite_web.types import Request

Days = Annotated[int, QueryParameter(description="Posts go when they are older: 14, 30, 60, 90, 180, 365 or 730 days.")]
Number = Annotated[int | None, QueryParameter(description="How many keep a post; none: no number does.")]


class PostDeletionRule(Entity, frozen=True, kw_only=True, gc=False):
    """A rule: posts older than so many days are deleted, unless something keeps them."""

    days: int
    keep_favourited: bool
    keep_bookmarked: bool
    keep_pinned: bool
    keep_media: bool
    keep_polls: bool
    keep_mentioned: bool
    keep_favourites: int | None
    keep_boosts: int | None


class RuleParameters(msgspec.Struct, kw_only=True):
    """A rule that is wanted."""

    days: int = 365
    keep_favourited: bool = True
    keep_bookmarked: bool = True
    keep_pinned: bool = True
    keep_media: bool = False
    keep_polls: bool = False
    keep_mentioned: bool = True
    keep_favourites: int | None = None
    keep_boosts: int | None = None


class PostDeletionPreview(Entity, frozen=True, kw_only=True, gc=False):
    """How many posts a rule would delete now, up to a thousand, and the ids of the first."""

    count: int
    status_ids: list[str]


@get("/", opt=user("read:accounts"), sync_to_thread=True)
def show(request: Request) -> PostDeletionRule:
    """Return the user's rule; 404 where there is none."""
    with reading(request) as access:
        return _entity(there(queries.of_account(access.db, access.account_id)))


@put("/", opt=user("write:statuses"), sync_to_thread=True)
def choose(request: Request, data: JSONBody[RuleParameters]) -> PostDeletionRule:
    """Have old posts deleted by a rule, a few each hour, from an hour from now on."""
    rule = Rule(**msgspec.structs.asdict(data))
    with writing(request) as access:
        post_deletion_rules.set_rule(access.db, now=access.now, account_id=access.account_id, rule=rule)
    return _entity(rule)


@delete("/", status_code=200, opt=user("write:statuses"), sync_to_thread=True)
def remove(request: Request) -> Empty:
    """Have posts stay, however old they are."""
    with writing(request) as access:
        post_deletion_rules.remove_rule(access.db, account_id=access.account_id)
    return Empty()


@get("/preview", opt=user("read:statuses"), sync_to_thread=True)
def preview(
    request: Request,
    days: Days = 365,
    keep_favourited: FromQuery[bool] = True,
    keep_bookmarked: FromQuery[bool] = True,
    keep_pinned: FromQuery[bool] = True,
    keep_media: FromQuery[bool] = False,
    keep_polls: FromQuery[bool] = False,
    keep_mentioned: FromQuery[bool] = True,
    keep_favourites: Number = None,
    keep_boosts: Number = None,
) -> PostDeletionPreview:
    """Return what a rule would delete now."""
    rule = Rule(
        days=days,
        keep_favourited=keep_favourited,
        keep_bookmarked=keep_bookmarked,
        keep_pinned=keep_pinned,
        keep_media=keep_media,
        keep_polls=keep_polls,
        keep_mentioned=keep_mentioned,
        keep_favourites=keep_favourites,
        keep_boosts=keep_boosts,
    )
    post_deletion_rules.check(rule)
    with reading(request) as access:
        found = queries.preview(access.db, access.account_id, rule, now=access.now)
    return PostDeletionPreview(count=found.count, status_ids=[str(id) for id in found.post_ids])


def _entity(rule: Rule) -> PostDeletionRule:
    return PostDeletionRule(**msgspec.structs.asdict(rule))


router = Router("/post_deletion_rule", route_handlers=[show, choose, remove, preview], tags=["post deletion"])
