"""Following, blocking and muting: /api/v1/accounts/:id/follow and others, follow requests, blocks and mutes."""

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from twite_common.queries.accounts import accounts as queries
from twite_common.queries.accounts import relationships
from twite_common.services.accounts import blocks, follows
from twite_web.api import paging
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.account_lists import accounts_page
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import account
from twite_web.api.schemas import timestamp
from twite_web.api.schemas.accounts import Account, MutedAccount, Relationship
from twite_web.api.serializers import accounts as account_serializers
from twite_web.routing import Router
from twite_web.types import Request


class FollowOptions(msgspec.Struct):
    """What one wants to see of an account that one follows."""

    reblogs: bool | UnsetType = UNSET
    notify: bool | UnsetType = UNSET
    languages: list[str] | UnsetType | None = UNSET


class MuteOptions(msgspec.Struct):
    """How to mute an account; a duration of 0 seconds is for good."""

    notifications: bool = True
    duration: int = 0


@post("/accounts/{account_id:str}/follow", status_code=200, opt=user("write:follows"), sync_to_thread=True)
def follow(request: Request, account_id: FromPath[str], data: JSONBody[FollowOptions]) -> Relationship:
    """Follow an account, or change what to see of it."""
    languages: tuple[str, ...] | UnsetType | None = UNSET
    if data.languages is not UNSET:
        languages = tuple(language for language in data.languages or () if language) or None
    options = follows.Options(boosts=data.reblogs, notify=data.notify, languages=languages)
    with writing(request) as access:
        target = account(access, account_id).id
        follows.follow_account(
            access.db, now=access.now, follower_id=access.account_id, followee_id=target, options=options
        )
    with access.reading() as access:
        return relationship(access, target)


@post("/accounts/{account_id:str}/unfollow", status_code=200, opt=user("write:follows"), sync_to_thread=True)
def unfollow(request: Request, account_id: FromPath[str]) -> Relationship:
    """Unfollow an account, or cancel a follow request."""
    with writing(request) as access:
        target = account(access, account_id).id
        follows.unfollow_account(access.db, follower_id=access.account_id, followee_id=target)
    with access.reading() as access:
        return relationship(access, target)


@post(
    "/accounts/{account_id:str}/remove_from_followers", status_code=200, opt=user("write:follows"), sync_to_thread=True
)
def remove_from_followers(request: Request, account_id: FromPath[str]) -> Relationship:
    """Remove an account from the user's followers."""
    with writing(request) as access:
        target = account(access, account_id).id
        follows.unfollow_account(access.db, follower_id=target, followee_id=access.account_id)
    with access.reading() as access:
        return relationship(access, target)


@post("/accounts/{account_id:str}/block", status_code=200, opt=user("write:blocks"), sync_to_thread=True)
def block(request: Request, account_id: FromPath[str]) -> Relationship:
    """Block an account: this ends follows in both directions and hides the user's posts from it."""
    with writing(request) as access:
        target = account(access, account_id).id
        blocks.block_account(access.db, now=access.now, account_id=access.account_id, blocked_id=target)
    with access.reading() as access:
        return relationship(access, target)


@post("/accounts/{account_id:str}/unblock", status_code=200, opt=user("write:blocks"), sync_to_thread=True)
def unblock(request: Request, account_id: FromPath[str]) -> Relationship:
    """Unblock an account."""
    with writing(request) as access:
        target = account(access, account_id).id
        blocks.unblock_account(access.db, account_id=access.account_id, blocked_id=target)
    with access.reading() as access:
        return relationship(access, target)


@post("/accounts/{account_id:str}/mute", status_code=200, opt=user("write:mutes"), sync_to_thread=True)
def mute(request: Request, account_id: FromPath[str], data: JSONBody[MuteOptions]) -> Relationship:
    """Mute an account, and by default its notifications; muting again changes the options."""
    with writing(request) as access:
        target = account(access, account_id).id
        blocks.mute_account(
            access.db,
            now=access.now,
            account_id=access.account_id,
            muted_id=target,
            notifications=data.notifications,
            duration_seconds=data.duration,
        )
    with access.reading() as access:
        return relationship(access, target)


@post("/accounts/{account_id:str}/unmute", status_code=200, opt=user("write:mutes"), sync_to_thread=True)
def unmute(request: Request, account_id: FromPath[str]) -> Relationship:
    """Unmute an account."""
    with writing(request) as access:
        target = account(access, account_id).id
        blocks.unmute_account(access.db, account_id=access.account_id, muted_id=target)
    with access.reading() as access:
        return relationship(access, target)


@get("/follow_requests", opt=user("read:follows", "follow"), sync_to_thread=True)
def follow_requests(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[Account]]:
    """Return pending follow requests."""
    page = page_request.page(paging.ACCOUNTS)
    with reading(request) as access:
        return accounts_page(request, access, queries.follow_requests(access.db, access.account_id, page), page.limit)


@post("/follow_requests/{account_id:str}/authorize", status_code=200, opt=user("write:follows"), sync_to_thread=True)
def authorize(request: Request, account_id: FromPath[str]) -> Relationship:
    """Accept a follow request."""
    with writing(request) as access:
        target = account(access, account_id).id
        follows.accept_request(access.db, now=access.now, follower_id=target, followee_id=access.account_id)
    with access.reading() as access:
        return relationship(access, target)


@post("/follow_requests/{account_id:str}/reject", status_code=200, opt=user("write:follows"), sync_to_thread=True)
def reject(request: Request, account_id: FromPath[str]) -> Relationship:
    """Reject a follow request."""
    with writing(request) as access:
        target = account(access, account_id).id
        follows.reject_request(access.db, follower_id=target, followee_id=access.account_id)
    with access.reading() as access:
        return relationship(access, target)


@get("/blocks", opt=user("read:blocks", "follow"), sync_to_thread=True)
def blocked(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[Account]]:
    """Return the blocked accounts."""
    page = page_request.page(paging.ACCOUNTS)
    with reading(request) as access:
        return accounts_page(request, access, queries.blocks(access.db, access.account_id, page), page.limit)


@get("/mutes", opt=user("read:mutes", "follow"), sync_to_thread=True)
def muted(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[MutedAccount]]:
    """Return the muted accounts, and until when."""
    page = page_request.page(paging.ACCOUNTS)
    with reading(request) as access:
        listed = queries.mutes(access.db, access.account_id, page, now=access.now)
        loaded = queries.load(access.db, [entry.account_id for entry, _ in listed])
    accounts = [
        MutedAccount(
            **account_serializers.account_values(access.core, loaded[entry.account_id]),
            mute_expires_at=timestamp(expires_at) if expires_at else None,
        )
        for entry, expires_at in listed
    ]
    return Response(
        accounts, headers=link(request, [entry.cursor for entry, _ in listed], page.limit, previous="since_id")
    )


def relationship(access: Access, account_id: int) -> Relationship:
    """Return how the viewer stands to an account, after what was done."""
    (relationship,) = relationships.load(access.db, [account_id], viewer_id=access.account_id, now=access.now)
    return account_serializers.relationship(relationship)


router = Router(
    "/",
    route_handlers=[
        follow,
        unfollow,
        remove_from_followers,
        block,
        unblock,
        mute,
        unmute,
        follow_requests,
        authorize,
        reject,
        blocked,
        muted,
    ],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["follows"],
)
