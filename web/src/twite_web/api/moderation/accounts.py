"""Accounts: /api/v1/admin/accounts/… and /api/v2/admin/accounts."""

from collections.abc import Collection
from typing import Annotated

import msgspec
from litestar import Response, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from twite_common import ids, permissions
from twite_common.errors import NotFound
from twite_common.queries.moderation import accounts as queries
from twite_common.queries.moderation.accounts import AdminAccount, Wanted
from twite_common.services.moderation import account_actions
from twite_common.services.moderation.account_actions import Decision
from twite_common.translations import gettext as _
from twite_web.api import paging
from twite_web.api.access import Access, reading_as_staff, user, writing
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import NOT_FOUND, record_id
from twite_web.api.schemas import Empty, timestamp
from twite_web.api.schemas.moderation import AccountForAdmins, Ip
from twite_web.api.serializers import accounts as account_serializers
from twite_web.errors import Failure
from twite_web.routing import Router
from twite_web.types import Request

READ = user("admin:read:accounts")
WRITE = user("admin:write:accounts")
STAFF = tuple(role for role in permissions.PERMISSIONS if role)
RoleIds = Annotated[list[str] | None, QueryParameter(name="role_ids", description="Ids of roles, as `role_ids[]`.")]


class Action(msgspec.Struct):
    """What is to be done about an account, and what its owner is told."""

    type: str = ""
    report_id: str | None = None
    warning_preset_id: str | None = None
    text: str | None = None
    send_email_notification: bool = True


@get("/v1/admin/accounts", opt=READ, sync_to_thread=True)
def several(
    request: Request,
    page_request: NamedDependency[PageRequest],
    remote: FromQuery[bool] = False,
    active: FromQuery[bool] = False,
    pending: FromQuery[bool] = False,
    disabled: FromQuery[bool] = False,
    silenced: FromQuery[bool] = False,
    suspended: FromQuery[bool] = False,
    sensitized: FromQuery[bool] = False,
    staff: FromQuery[bool] = False,
    by_domain: FromQuery[str | None] = None,
    username: FromQuery[str | None] = None,
    display_name: FromQuery[str | None] = None,
    email: FromQuery[str | None] = None,
    ip: FromQuery[str | None] = None,
) -> Response[list[AccountForAdmins]]:
    """Return accounts, the newest first."""
    flags = (active, pending, disabled, silenced, suspended, sensitized)
    status = next((name for name, flag in zip(queries.STATUSES, flags, strict=True) if flag), None)
    criteria = Wanted(
        status=status,
        roles=STAFF if staff else None,
        username=username,
        display_name=display_name,
        email=email,
        ip=ip,
    )
    return _page(request, page_request, criteria, elsewhere=remote or bool(by_domain))


@get("/v2/admin/accounts", opt=READ, sync_to_thread=True)
def several_by_status(
    request: Request,
    page_request: NamedDependency[PageRequest],
    origin: FromQuery[str] = "",
    status: FromQuery[str] = "",
    permissions: FromQuery[str] = "",
    role_ids: RoleIds = None,
    invited_by: FromQuery[str | None] = None,
    by_domain: FromQuery[str | None] = None,
    username: FromQuery[str | None] = None,
    display_name: FromQuery[str | None] = None,
    email: FromQuery[str | None] = None,
    ip: FromQuery[str | None] = None,
) -> Response[list[AccountForAdmins]]:
    """Return accounts, the newest first."""
    if status and status not in queries.STATUSES:
        raise Failure(400, _("Unknown status: %(status)s", status=status))
    chosen = STAFF if permissions == "staff" else None
    if role_ids:
        chosen = tuple(account_serializers.ROLE_NAMES[id] for id in role_ids if id in account_serializers.ROLE_NAMES)
    criteria = Wanted(
        status=status or None,
        roles=chosen,
        invited_by_id=record_id(invited_by) if invited_by else None,
        username=username,
        display_name=display_name,
        email=email,
        ip=ip,
    )
    return _page(request, page_request, criteria, elsewhere=origin == "remote" or bool(by_domain))


@get("/v1/admin/accounts/{account_id:str}", opt=READ, sync_to_thread=True)
def one(request: Request, account_id: FromPath[str]) -> AccountForAdmins:
    """Return an account."""
    with reading_as_staff(request, "manage_users") as access:
        return found(access, record_id(account_id))


@post("/v1/admin/accounts/{account_id:str}/action", status_code=200, opt=WRITE, sync_to_thread=True)
def act(request: Request, account_id: FromPath[str], data: JSONBody[Action]) -> Empty:
    """Take action against an account, notify its owner, and resolve the reports about it."""
    with writing(request) as access:
        if not data.type:
            raise Failure(400, _("param is missing or the value is empty: type"))
        id = record_id(account_id)
        decision = Decision(
            action=data.type,
            text=data.text or "",
            report_id=record_id(data.report_id) if data.report_id else None,
            preset_id=record_id(data.warning_preset_id) if data.warning_preset_id else None,
            told=data.send_email_notification,
        )
        account_actions.act(access.db, now=access.now, viewer=access.member, account_id=id, decision=decision)
    return Empty()


@post("/v1/admin/accounts/{account_id:str}/approve", status_code=200, opt=WRITE, sync_to_thread=True)
def approve(request: Request, account_id: FromPath[str]) -> AccountForAdmins:
    """Approve a pending account."""
    id = record_id(account_id)
    with writing(request) as access:
        account_actions.approve(access.db, now=access.now, viewer=access.member, account_id=id)
    with access.reading() as access:
        return found(access, id)


@post("/v1/admin/accounts/{account_id:str}/reject", status_code=200, opt=WRITE, sync_to_thread=True)
def reject(request: Request, account_id: FromPath[str]) -> AccountForAdmins:
    """Reject and delete a pending account."""
    id = record_id(account_id)
    with writing(request) as access:
        permissions.check(access.member, "manage_users")
        # Read before it is deleted, for it is no longer there afterwards.
        account = found(access, id)
        account_actions.reject(access.db, now=access.now, viewer=access.member, account_id=id)
    return account


@delete("/v1/admin/accounts/{account_id:str}", status_code=200, opt=WRITE, sync_to_thread=True)
def remove(request: Request, account_id: FromPath[str]) -> AccountForAdmins:
    """Permanently delete a suspended account and everything it wrote."""
    id = record_id(account_id)
    with writing(request) as access:
        permissions.check(access.member, "delete_user_data")
        # Read before it is deleted, for it is no longer there afterwards.
        account = found(access, id)
        account_actions.remove(access.db, now=access.now, viewer=access.member, account_id=id)
    return account


@post("/v1/admin/accounts/{account_id:str}/enable", status_code=200, opt=WRITE, sync_to_thread=True)
def enable(request: Request, account_id: FromPath[str]) -> AccountForAdmins:
    """Enable a disabled account."""
    return _take_back(request, account_id, "disable")


@post("/v1/admin/accounts/{account_id:str}/unsilence", status_code=200, opt=WRITE, sync_to_thread=True)
def unsilence(request: Request, account_id: FromPath[str]) -> AccountForAdmins:
    """Stop limiting an account."""
    return _take_back(request, account_id, "silence")


@post("/v1/admin/accounts/{account_id:str}/unsuspend", status_code=200, opt=WRITE, sync_to_thread=True)
def unsuspend(request: Request, account_id: FromPath[str]) -> AccountForAdmins:
    """Unsuspend an account."""
    return _take_back(request, account_id, "suspend")


@post("/v1/admin/accounts/{account_id:str}/unsensitive", status_code=200, opt=WRITE, sync_to_thread=True)
def unsensitive(request: Request, account_id: FromPath[str]) -> AccountForAdmins:
    """Stop marking an account's media as sensitive."""
    return _take_back(request, account_id, "sensitive")


def found(access: Access, account_id: int) -> AccountForAdmins:
    """Return an account as staff see it.

    Raises NotFound when there is none.
    """
    account = several_made(access, [account_id]).get(account_id)
    if account is None:
        raise NotFound(_(NOT_FOUND))
    return account


def several_made(access: Access, account_ids: Collection[int]) -> dict[int, AccountForAdmins]:
    """Return accounts by id, as staff see them."""
    return _made(access, list(queries.load(access.db, account_ids).values()))


def _made(access: Access, accounts: list[AdminAccount]) -> dict[int, AccountForAdmins]:
    ids_of_all = [account.id for account in accounts]
    entities = account_serializers.accounts(access, ids_of_all)
    addresses = queries.addresses(access.db, ids_of_all)
    return {
        account.id: AccountForAdmins(
            id=str(account.id),
            username=account.username,
            domain=None,
            created_at=timestamp(ids.created_at(account.id)),
            email=account.email,
            ip=next((address.address for address in addresses.get(account.id, [])), account.sign_up_address or None),
            ips=[
                Ip(ip=address.address, used_at=timestamp(address.used_at)) for address in addresses.get(account.id, [])
            ],
            locale=None,
            invite_request=account.reason or None,
            role=account_serializers.role(account.role),
            confirmed=account.confirmed,
            approved=account.approved,
            disabled=account.disabled,
            silenced=account.silenced,
            suspended=account.suspended,
            sensitized=account.sensitized,
            account=entities[account.id],
            created_by_application_id=str(account.application_id) if account.application_id else msgspec.UNSET,
            invited_by_account_id=str(account.invited_by_id) if account.invited_by_id else msgspec.UNSET,
        )
        for account in accounts
        if account.id in entities
    }


def _page(
    request: Request, page_request: PageRequest, criteria: Wanted, *, elsewhere: bool
) -> Response[list[AccountForAdmins]]:
    page = page_request.page(paging.MANY)
    with reading_as_staff(request, "manage_users") as access:
        accounts = [] if elsewhere else queries.several(access.db, page, criteria)
        by_id = _made(access, accounts)
    entities = [by_id[account.id] for account in accounts if account.id in by_id]
    return Response(entities, headers=link(request, [account.id for account in accounts], page.limit))


def _take_back(request: Request, account_id: str, action: str) -> AccountForAdmins:
    id = record_id(account_id)
    with writing(request) as access:
        account_actions.take_back(access.db, now=access.now, viewer=access.member, account_id=id, action=action)
    with access.reading() as access:
        return found(access, id)


router = Router(
    "/",
    route_handlers=[
        several,
        several_by_status,
        one,
        act,
        approve,
        reject,
        remove,
        enable,
        unsilence,
        unsuspend,
        unsensitive,
    ],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["admin"],
)
