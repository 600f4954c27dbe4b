"""Notification policies and requests: /api/v2/notifications/policy, /api/v1/notifications/requests."""

import msgspec
from litestar import Response, get, post, route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from twite_common import ids
from twite_common.errors import NotFound
from twite_common.queries.notifications import policies as queries
from twite_common.services.notifications import policies
from twite_common.services.notifications.policies import PolicyChanges
from twite_common.translations import gettext as _
from twite_web.api import paging
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import NOT_FOUND, record_id, record_ids
from twite_web.api.schemas import Empty, Entity, timestamp
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import accounts as account_serializers
from twite_web.api.serializers import posts as post_serializers
from twite_web.routing import Router
from twite_web.types import Request

READ, WRITE = user("read:notifications"), user("write:notifications")


class Summary(Entity, frozen=True, kw_only=True, gc=False):
    """How much waits to be accepted."""

    pending_requests_count: int
    pending_notifications_count: int


class NotificationPolicy(Entity, frozen=True, kw_only=True, gc=False):
    """What becomes of notifications from some kinds of senders: accept, filter or drop."""

    for_not_following: str
    for_not_followers: str
    for_new_accounts: str
    for_private_mentions: str
    for_limited_accounts: str
    for_bots: str
    summary: Summary


class FirstPolicy(Entity, frozen=True, kw_only=True, gc=False):
    """The policy as the first version of the API has it: filtered or not."""

    filter_not_following: bool
    filter_not_followers: bool
    filter_new_accounts: bool
    filter_private_mentions: bool
    summary: Summary


class NotificationRequest(Entity, frozen=True, kw_only=True, gc=False):
    """A sender whose notifications are kept aside."""

    id: str
    created_at: str
    updated_at: str
    account: Account
    notifications_count: str
    last_status: Status | None


class PolicyParameters(msgspec.Struct):
    """What is to become of notifications; what is left out stays."""

    for_not_following: str | UnsetType = UNSET
    for_not_followers: str | UnsetType = UNSET
    for_new_accounts: str | UnsetType = UNSET
    for_private_mentions: str | UnsetType = UNSET
    for_limited_accounts: str | UnsetType = UNSET
    for_bots: str | UnsetType = UNSET


class FirstPolicyParameters(msgspec.Struct):
    """What is to be filtered; what is left out stays."""

    filter_not_following: bool | UnsetType = UNSET
    filter_not_followers: bool | UnsetType = UNSET
    filter_new_accounts: bool | UnsetType = UNSET
    filter_private_mentions: bool | UnsetType = UNSET


class RequestIds(msgspec.Struct):
    """Requests, by their ids."""

    id: list[str] = []


class Merged(Entity, frozen=True, kw_only=True, gc=False):
    """Whether accepted notifications are in the list by now: they are at once."""

    merged: bool


@get("/v2/notifications/policy", opt=READ, sync_to_thread=True)
def policy(request: Request) -> NotificationPolicy:
    """Return the notification policy."""
    with reading(request) as access:
        return _policy(access)


@route("/v2/notifications/policy", http_method=["PUT", "PATCH"], opt=WRITE, sync_to_thread=True)
def change(request: Request, data: JSONBody[PolicyParameters]) -> NotificationPolicy:
    """Change the notification policy."""
    changes = PolicyChanges(**msgspec.structs.asdict(data))
    with writing(request) as access:
        policies.change(access.db, account_id=access.account_id, changes=changes)
    with access.reading() as access:
        return _policy(access)


@get("/v1/notifications/policy", opt=READ, sync_to_thread=True)
def first_policy(request: Request) -> FirstPolicy:
    """Return which notifications are filtered."""
    with reading(request) as access:
        return _first_policy(access)


@route("/v1/notifications/policy", http_method=["PUT", "PATCH"], opt=WRITE, sync_to_thread=True)
def change_first(request: Request, data: JSONBody[FirstPolicyParameters]) -> FirstPolicy:
    """Choose which notifications are filtered."""
    fields = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET}
    chosen = {name.replace("filter_", "for_"): "filter" if value else "accept" for name, value in fields.items()}
    with writing(request) as access:
        policies.change(access.db, account_id=access.account_id, changes=PolicyChanges(**chosen))
    with access.reading() as access:
        return _first_policy(access)


@get("/v1/notifications/requests", opt=READ, sync_to_thread=True)
def requests(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[NotificationRequest]]:
    """Return pending notification requests."""
    page = page_request.page(paging.NOTIFICATIONS)
    with reading(request) as access:
        rows = queries.requests(access.db, access.account_id, page)
        requests = _requests(access, rows)
    return Response(requests, headers=link(request, [row.id for row in rows], page.limit))


@get("/v1/notifications/requests/merged", opt=READ, sync_to_thread=True)
def merged(request: Request) -> Merged:
    """Return whether accepted notifications are in the list yet."""
    with reading(request):
        return Merged(merged=True)


@get("/v1/notifications/requests/{request_id:str}", opt=READ, sync_to_thread=True)
def one(request: Request, request_id: FromPath[str]) -> NotificationRequest:
    """Return a request."""
    with reading(request) as access:
        row = queries.get(access.db, record_id(request_id), account_id=access.account_id)
        requests = _requests(access, [row] if row else [])
    if not requests:
        raise NotFound(_(NOT_FOUND))
    return requests[0]


@post("/v1/notifications/requests/{request_id:str}/accept", status_code=200, opt=WRITE, sync_to_thread=True)
def accept(request: Request, request_id: FromPath[str]) -> Empty:
    """Accept a notification request."""
    return _accept(request, [record_id(request_id)])


@post("/v1/notifications/requests/{request_id:str}/dismiss", status_code=200, opt=WRITE, sync_to_thread=True)
def dismiss(request: Request, request_id: FromPath[str]) -> Empty:
    """Dismiss a notification request."""
    return _dismiss(request, [record_id(request_id)])


@post("/v1/notifications/requests/accept", status_code=200, opt=WRITE, sync_to_thread=True)
def accept_several(request: Request, data: JSONBody[RequestIds]) -> Empty:
    """Accept several notification requests."""
    return _accept(request, record_ids(data.id))


@post("/v1/notifications/requests/dismiss", status_code=200, opt=WRITE, sync_to_thread=True)
def dismiss_several(request: Request, data: JSONBody[RequestIds]) -> Empty:
    """Dismiss several notification requests."""
    return _dismiss(request, record_ids(data.id))


def _accept(request: Request, request_ids: list[int]) -> Empty:
    with writing(request) as access:
        policies.accept(access.db, now=access.now, account_id=access.account_id, request_ids=request_ids)
    return Empty()


def _dismiss(request: Request, request_ids: list[int]) -> Empty:
    with writing(request) as access:
        policies.dismiss(access.db, account_id=access.account_id, request_ids=request_ids)
    return Empty()


def _policy(access: Access) -> NotificationPolicy:
    chosen = queries.policy_of(access.db, access.account_id)
    return NotificationPolicy(**msgspec.structs.asdict(chosen), summary=_summary(access))


def _first_policy(access: Access) -> FirstPolicy:
    chosen = queries.policy_of(access.db, access.account_id)
    return FirstPolicy(
        filter_not_following=chosen.for_not_following != "accept",
        filter_not_followers=chosen.for_not_followers != "accept",
        filter_new_accounts=chosen.for_new_accounts != "accept",
        filter_private_mentions=chosen.for_private_mentions != "accept",
        summary=_summary(access),
    )


def _summary(access: Access) -> Summary:
    waiting = queries.waiting(access.db, access.account_id)
    return Summary(pending_requests_count=waiting.requests, pending_notifications_count=waiting.notifications)


def _requests(access: Access, rows: list[queries.NotificationRequest]) -> list[NotificationRequest]:
    accounts = account_serializers.accounts(access, {row.from_account_id for row in rows})
    posts = [row.last_post_id for row in rows if row.last_post_id is not None]
    statuses = {status.id: status for status in post_serializers.statuses(access, posts)}
    return [
        NotificationRequest(
            id=str(row.id),
            created_at=timestamp(ids.created_at(row.id)),
            updated_at=timestamp(row.updated_at),
            account=accounts[row.from_account_id],
            notifications_count=str(row.notifications_count),
            last_status=statuses.get(str(row.last_post_id)),
        )
        for row in rows
        if row.from_account_id in accounts
    ]


router = Router(
    "/",
    route_handlers=[
        policy,
        change,
        first_policy,
        change_first,
        requests,
        merged,
        one,
        accept,
        dismiss,
        accept_several,
        dismiss_several,
    ],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["notifications"],
)
