"""Accounts: /api/v1/accounts/…"""

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter

from twite_common import text
from twite_common.errors import NotFound
from twite_common.queries.accounts import accounts as queries
from twite_common.queries.accounts import relationships
from twite_common.queries.timelines import timelines
from twite_common.translations import gettext as _
from twite_common.translations import ngettext
from twite_web.api import account_lists, paging
from twite_web.api.access import anyone, reading, reading_replica, user
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import NOT_FOUND, account, record_ids
from twite_web.api.schemas import Entity
from twite_web.api.schemas.accounts import Account, Relationship
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import accounts as account_serializers
from twite_web.api.serializers import encoded_posts
from twite_web.errors import Failure
from twite_web.parameters import ParameterRequest
from twite_web.routing import Router
from twite_web.types import Request

MAX_IDS = 40
Ids = Annotated[list[str] | None, QueryParameter(name="id", description="Ids of accounts, as `id[]`.")]


class FamiliarFollowers(Entity, frozen=True, kw_only=True, gc=False):
    """Who of those one follows follows an account too."""

    id: str
    accounts: list[Account]


@get("/{account_id:str}", opt=anyone("read:accounts"), sync_to_thread=True)
def one(request: Request, account_id: FromPath[str]) -> Account:
    """Return an account."""
    with reading(request) as access:
        return account_serializers.account(access.core, account(access, account_id))


@get("/", opt=anyone("read:accounts"), sync_to_thread=True)
def several(request: Request, id: Ids = None) -> list[Account]:
    """Return accounts by their ids; those that don't exist are left out."""
    account_ids = record_ids(id or [])
    if len(account_ids) > MAX_IDS:
        raise Failure(
            422,
            ngettext(
                "Too many accounts: %(count)s can be requested at once.",
                "Too many accounts: %(count)s can be requested at once.",
                MAX_IDS,
            ),
        )
    with reading(request) as access:
        return account_lists.in_order(access, account_ids)


@get("/lookup", opt=anyone(), sync_to_thread=True)
def lookup(request: Request, acct: FromQuery[str]) -> Account:
    """Return the account with that name."""
    name, _at, host = acct.removeprefix("@").partition("@")
    with reading(request) as access:
        account = queries.by_username(access.db, name) if host in {"", access.core.settings.domain} else None
        if account is None:
            raise NotFound(_(NOT_FOUND))
        return account_serializers.account(access.core, account)


@get("/search", opt=user("read:accounts"), sync_to_thread=True)
def search(
    request: Request,
    q: FromQuery[str],
    limit: FromQuery[int] = 40,
    offset: FromQuery[int] = 0,
    following: FromQuery[bool] = False,
) -> list[Account]:
    """Return accounts whose name begins with the query, the best match first."""
    with reading(request) as access:
        account_ids = queries.search(
            access.db,
            account_lists.sought_name(access.core, q.strip()),
            limit=min(abs(limit), paging.ACCOUNTS[1]),
            offset=min(abs(offset), 10_000),
            following_only=following,
            viewer_id=access.viewer_id,
        )
        return account_lists.in_order(access, account_ids)


@get("/relationships", opt=user("read:follows"), sync_to_thread=True)
def relationships_to(request: Request, id: Ids = None, with_suspended: FromQuery[bool] = False) -> list[Relationship]:
    """Return the user's relationships with accounts, in the requested order."""
    account_ids = record_ids(id or [])[:MAX_IDS]
    with reading(request) as access:
        account_relationships = relationships.load(
            access.db, account_ids, viewer_id=access.account_id, now=access.now, with_suspended=with_suspended
        )
    return [account_serializers.relationship(relationship) for relationship in account_relationships]


async def ids_in_body(request: Request) -> list[str]:
    """Return the ids in a GET's body, which is where Mastodon.py sends them."""
    ids = await request.parameter("id") if isinstance(request, ParameterRequest) else None
    return [str(id) for id in ids] if isinstance(ids, list) else []


@get(
    "/familiar_followers",
    opt=user("read:follows"),
    dependencies={"in_body": Provide(ids_in_body)},
    sync_to_thread=True,
)
def familiar_followers(
    request: Request, in_body: NamedDependency[list[str]], id: Ids = None
) -> list[FamiliarFollowers]:
    """Return, for each account, which of the accounts that the user follows also follow it."""
    account_ids = record_ids(id or in_body)[:MAX_IDS]
    with reading(request) as access:
        follower_ids = queries.familiar_followers(access.db, account_ids, viewer_id=access.account_id)
        accounts = account_serializers.accounts(
            access, {follower for followers in follower_ids.values() for follower in followers}
        )
    return [
        FamiliarFollowers(
            id=str(id),
            accounts=[accounts[follower_id] for follower_id in follower_ids.get(id, []) if follower_id in accounts],
        )
        for id in account_ids
    ]


@get("/{account_id:str}/statuses", opt=anyone("read:statuses"), sync_to_thread=True)
def statuses(
    request: Request,
    account_id: FromPath[str],
    page_request: NamedDependency[PageRequest],
    only_media: FromQuery[bool] = False,
    exclude_replies: FromQuery[bool] = False,
    exclude_reblogs: FromQuery[bool] = False,
    pinned: FromQuery[bool] = False,
    exclude_direct: FromQuery[bool] = False,
    tagged: FromQuery[str | None] = None,
) -> Response[list[Status]]:
    """Return an account's posts and boosts that the viewer may see, or its pinned posts."""
    page = page_request.page(paging.STATUSES)
    with reading_replica(request) as access:
        author = account(access, account_id)
        entries = []
        if pinned:
            entries = timelines.pinned(access.db, author.id, page, viewer_id=access.viewer_id)
        elif not author.suspended_at:
            entries = timelines.of_account(
                access.db,
                author.id,
                page,
                viewer_id=access.viewer_id,
                exclude_replies=exclude_replies,
                exclude_boosts=exclude_reblogs,
                exclude_mentioned_only=exclude_direct,
                tag_key=text.hashtag_key(tagged) if tagged else None,
                only_media=only_media,
            )
        statuses = encoded_posts.statuses_of(access, entries)
    return Response(statuses, headers=link(request, [entry.cursor for entry in entries], page.limit))


@get("/{account_id:str}/followers", opt=anyone("read:accounts"), sync_to_thread=True)
def followers(
    request: Request, account_id: FromPath[str], page_request: NamedDependency[PageRequest]
) -> Response[list[Account]]:
    """Return an account's followers; empty if it hides them."""
    page = page_request.page(paging.ACCOUNTS)
    with reading_replica(request) as access:
        owner = account(access, account_id)
        hidden = owner.hide_collections and owner.id != access.viewer_id
        listed = [] if hidden else queries.followers(access.db, owner.id, page)
        return account_lists.accounts_page(request, access, listed, page.limit)


@get("/{account_id:str}/following", opt=anyone("read:accounts"), sync_to_thread=True)
def following(
    request: Request, account_id: FromPath[str], page_request: NamedDependency[PageRequest]
) -> Response[list[Account]]:
    """Return the accounts that an account follows; empty if it hides them."""
    page = page_request.page(paging.ACCOUNTS)
    with reading_replica(request) as access:
        owner = account(access, account_id)
        hidden = owner.hide_collections and owner.id != access.viewer_id
        listed = [] if hidden else queries.following(access.db, owner.id, page)
        return account_lists.accounts_page(request, access, listed, page.limit)


router = Router(
    "/accounts",
    route_handlers=[
        one,
        several,
        lookup,
        search,
        relationships_to,
        familiar_followers,
        statuses,
        followers,
        following,
    ],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["accounts"],
)
