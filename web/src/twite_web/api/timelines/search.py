"""Finding people, hashtags and posts: /api/v2/search, /api/v1/tags/:name, /api/v1/directory."""

from typing import Annotated

from litestar import get
from litestar.params import FromQuery, QueryParameter

from twite_common import ids, text
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.timelines import search as queries
from twite_common.queries.timelines import search_terms, tags
from twite_common.queries.timelines.search import Bounds
from twite_common.translations import gettext as _
from twite_web.api.access import Access, anyone, reading, reading_replica
from twite_web.api.account_lists import sought_name
from twite_web.api.paging import PageRequest
from twite_web.api.schemas import timelines as timeline_schemas
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.posts import Status
from twite_web.api.schemas.timelines import Tag
from twite_web.api.serializers import accounts as account_serializers
from twite_web.api.serializers import posts as post_serializers
from twite_web.api.timelines.tags import all_made
from twite_web.errors import Failure
from twite_web.routing import Router
from twite_web.types import Request

DEFAULT, MAX_COUNT = 20, 40
MIN_LENGTH_FOR_STRANGERS = 3

Kind = Annotated[str, QueryParameter(name="type", description="Only accounts, hashtags or statuses.")]


@get("/api/v2/search", opt=anyone("read:search"), sync_to_thread=True)
def search(
    request: Request,
    q: FromQuery[str],
    kind: Kind = "",
    resolve: FromQuery[bool] = False,
    following: FromQuery[bool] = False,
    account_id: FromQuery[str | None] = None,
    max_id: FromQuery[str | None] = None,
    min_id: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT,
    offset: FromQuery[int] = 0,
) -> timeline_schemas.Search:
    """Find accounts and hashtags by the start of their names, and posts by their URL or text.

    Only users find posts by their text: their own, those they interacted with or are mentioned in, and public ones
    whose authors allow it. Words, "phrases", -exclusions; from:me, from:user; has:media, image, video, audio, poll,
    link, embed, quote; is:reply, sensitive; before:, after:, during: a day; language:; in:library, public, all.
    """
    size, start = min(abs(limit), MAX_COUNT), min(abs(offset), 10_000)
    bounds = _bounds(account_id, max_id, min_id, size, start)
    with reading_replica(request) as access:
        if access.viewer is None and (resolve or offset):
            raise Failure(401, _("Search queries with resolve or offset need an authenticated user"))
        query = q.strip()
        if access.viewer is None and len(query) < MIN_LENGTH_FOR_STRANGERS:
            query = ""
        return timeline_schemas.Search(
            accounts=_accounts(access, query, size, start, following) if kind in {"", "accounts"} else [],
            statuses=_statuses(access, query, bounds) if kind in {"", "statuses"} else [],
            hashtags=_hashtags(access, query, size, start) if kind in {"", "hashtags"} else [],
            collections=[],
        )


@get("/api/v1/peers/search", opt=anyone(), sync_to_thread=True)
def peers(request: Request, q: FromQuery[str] = "") -> list[str]:  # noqa: ARG001 - part of the API
    """Return known servers whose name begins with the query: this site knows none."""
    with reading(request):
        return []


@get("/api/v1/directory", opt=anyone(), sync_to_thread=True)
def directory(
    request: Request,
    limit: FromQuery[int] = 40,
    offset: FromQuery[int] = 0,
    order: FromQuery[str] = "active",
) -> list[Account]:
    """Return the accounts that chose to be listed, recently active or newest first (order=new)."""
    with reading_replica(request) as access:
        account_ids = account_queries.directory(
            access.db,
            newest=order == "new",
            limit=min(abs(limit), 80),
            offset=abs(offset),
            viewer_id=access.viewer_id,
        )
        accounts = account_serializers.accounts(access, account_ids)
    return [accounts[id] for id in account_ids if id in accounts]


def _accounts(access: Access, query: str, limit: int, offset: int, following: bool) -> list[Account]:
    account_ids = account_queries.search(
        access.db,
        sought_name(access.core, query),
        limit=limit,
        offset=offset,
        following_only=following and access.viewer is not None,
        viewer_id=access.viewer_id,
    )
    accounts = account_serializers.accounts(access, account_ids)
    return [accounts[id] for id in account_ids if id in accounts]


def _bounds(account_id: str | None, max_id: str | None, min_id: str | None, limit: int, offset: int) -> Bounds:
    """Return which part of the found posts is asked for; an author who can't exist has written nothing."""
    page = PageRequest(limit, max_id, None, min_id).page((DEFAULT, MAX_COUNT))
    author_id = (ids.parse(account_id) or 0) if account_id else None
    return Bounds(page, offset=offset, author_id=author_id)


def _statuses(access: Access, query: str, bounds: Bounds) -> list[Status]:
    """Return the post that an address of this site names, or the posts that a person looks for by their text."""
    post_id = access.core.addresses.post_id(query)
    if post_id is not None:
        return post_serializers.statuses(access, [post_id])
    terms = search_terms.parse(query)
    if terms is None or access.viewer is None:
        return []
    return post_serializers.statuses_of(access, queries.posts(access.db, terms, bounds, viewer_id=access.account_id))


def _hashtags(access: Access, query: str, limit: int, offset: int) -> list[Tag]:
    key = text.hashtag_key(query.removeprefix("#"))
    if not text.is_hashtag(key):
        return []
    return all_made(access, tags.search(access.db, key, viewer_id=access.viewer_id, limit=limit, offset=offset))


router = Router("/", route_handlers=[search, peers, directory], tags=["search"])
