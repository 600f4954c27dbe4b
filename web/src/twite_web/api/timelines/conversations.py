"""Direct conversations: /api/v1/conversations/…, and muting any conversation."""

from litestar import Response, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from twite_common.errors import NotFound
from twite_common.queries.timelines import conversations as queries
from twite_common.queries.timelines import timelines
from twite_common.services.timelines import conversations
from twite_common.translations import gettext as _
from twite_web.api import paging
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import NOT_FOUND, record_id, status
from twite_web.api.schemas import Empty, Entity
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import accounts as account_serializers
from twite_web.api.serializers import posts as post_serializers
from twite_web.routing import Router
from twite_web.types import Request


class Conversation(Entity, frozen=True, kw_only=True, gc=False):
    """A conversation, with the others in it (oneself where there is nobody else) and its last post."""

    id: str
    unread: bool
    accounts: list[Account]
    last_status: Status | None


@get("/conversations", opt=user("read:statuses"), sync_to_thread=True)
def several(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[Conversation]]:
    """Return the user's conversations, the latest first."""
    page = page_request.page(paging.STATUSES)
    with reading(request) as access:
        rows = queries.of_account(access.db, page, viewer_id=access.account_id, now=access.now)
        conversations = all_made(access, rows)
    return Response(conversations, headers=link(request, [row.last_post_id for row in rows], page.limit))


@post(
    "/conversations/{conversation_id:str}/read", status_code=200, opt=user("write:conversations"), sync_to_thread=True
)
def read(request: Request, conversation_id: FromPath[str]) -> Conversation:
    """Mark a conversation as read."""
    return _mark(request, record_id(conversation_id), unread=False)


@post(
    "/conversations/{conversation_id:str}/unread", status_code=200, opt=user("write:conversations"), sync_to_thread=True
)
def unread(request: Request, conversation_id: FromPath[str]) -> Conversation:
    """Mark a conversation as unread."""
    return _mark(request, record_id(conversation_id), unread=True)


@delete("/conversations/{conversation_id:str}", status_code=200, opt=user("write:conversations"), sync_to_thread=True)
def remove(request: Request, conversation_id: FromPath[str]) -> Empty:
    """Remove a conversation from the list; its posts stay."""
    with writing(request) as access:
        conversations.remove(access.db, account_id=access.account_id, id=record_id(conversation_id))
    return Empty()


@get("/timelines/direct", opt=user("read:statuses"), sync_to_thread=True)
def direct(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[Status]]:
    """Return direct posts by or to the user (deprecated; see conversations)."""
    page = page_request.page(paging.STATUSES)
    with reading(request) as access:
        entries = timelines.direct(access.db, page, viewer_id=access.account_id, now=access.now)
        statuses = post_serializers.statuses_of(access, entries)
    return Response(statuses, headers=link(request, [entry.cursor for entry in entries], page.limit))


@post("/statuses/{status_id:str}/mute", status_code=200, opt=user("write:mutes"), sync_to_thread=True)
def mute(request: Request, status_id: FromPath[str]) -> Status:
    """Mute notifications from a post's conversation."""
    post_id = record_id(status_id)
    with writing(request) as access:
        conversations.mute(access.db, account_id=access.account_id, post_id=post_id)
    with access.reading() as access:
        return status(access, post_id)


@post("/statuses/{status_id:str}/unmute", status_code=200, opt=user("write:mutes"), sync_to_thread=True)
def unmute(request: Request, status_id: FromPath[str]) -> Status:
    """Unmute a conversation."""
    post_id = record_id(status_id)
    with writing(request) as access:
        conversations.unmute(access.db, account_id=access.account_id, post_id=post_id)
    with access.reading() as access:
        return status(access, post_id)


def made(access: Access, id: int) -> Conversation | None:
    """Return one of the viewer's conversations, if it is still there."""
    row = queries.get(access.db, id, viewer_id=access.account_id)
    return next(iter(all_made(access, [row])), None) if row else None


def all_made(access: Access, rows: list[queries.Conversation]) -> list[Conversation]:
    """Return conversations as entities."""
    statuses = {status.id: status for status in post_serializers.statuses(access, [row.last_post_id for row in rows])}
    member_ids = {
        row.id: [int(statuses[str(row.last_post_id)].account.id)]
        + [int(mention.id) for mention in statuses[str(row.last_post_id)].mentions]
        for row in rows
        if str(row.last_post_id) in statuses
    }
    accounts = account_serializers.accounts(
        access, {access.account_id, *(id for ids in member_ids.values() for id in ids)}
    )
    return [
        Conversation(
            id=str(row.id),
            unread=row.unread,
            accounts=[accounts[id] for id in _others(access, member_ids[row.id]) if id in accounts],
            last_status=statuses[str(row.last_post_id)],
        )
        for row in rows
        if row.id in member_ids
    ]


def _others(access: Access, account_ids: list[int]) -> list[int]:
    """Return who else is in a conversation, or, as Mastodon has it, oneself for a note to oneself."""
    return [id for id in dict.fromkeys(account_ids) if id != access.account_id] or [access.account_id]


def _mark(request: Request, id: int, *, unread: bool) -> Conversation:
    with writing(request) as access:
        conversations.mark(access.db, account_id=access.account_id, id=id, unread=unread)
    with access.reading() as access:
        marked = made(access, id)
    if marked is None:
        raise NotFound(_(NOT_FOUND))
    return marked


router = Router(
    "/",
    route_handlers=[several, read, unread, remove, direct, mute, unmute],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["conversations"],
)
