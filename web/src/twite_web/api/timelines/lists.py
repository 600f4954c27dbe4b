"""Lists of accounts: /api/v1/lists/…"""

import msgspec
from litestar import Response, delete, get, post, route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from twite_common.errors import NotFound
from twite_common.queries.timelines import lists as queries
from twite_common.services.timelines import lists
from twite_common.services.timelines.lists import ListChanges
from twite_common.translations import gettext as _
from twite_web.api import paging
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.account_lists import accounts_page
from twite_web.api.paging import PageRequest, page_request
from twite_web.api.path_params import NOT_FOUND, account, record_id, record_ids
from twite_web.api.schemas import Empty, Entity
from twite_web.api.schemas.accounts import Account
from twite_web.routing import Router
from twite_web.types import Request

READ, WRITE = user("read:lists"), user("write:lists")
ALL = 1_000_000
"""As many members as there can be; a limit of 0 asks for all."""


class List(Entity, frozen=True, kw_only=True, gc=False):
    """Accounts whose posts make a timeline of their own."""

    id: str
    title: str
    replies_policy: str
    exclusive: bool


class ListParameters(msgspec.Struct):
    """What a list is to be."""

    title: str | UnsetType = UNSET
    replies_policy: str | UnsetType = UNSET
    exclusive: bool | UnsetType = UNSET

    def changes(self) -> ListChanges:
        """Return it in our words."""
        policy = UNSET if self.replies_policy == "" else self.replies_policy
        return ListChanges(title=self.title, replies_policy=policy, exclusive=self.exclusive)


class Members(msgspec.Struct):
    """Accounts to be put on a list or taken off."""

    account_ids: list[str] = []


@get("/lists", opt=READ, sync_to_thread=True)
def several(request: Request) -> list[List]:
    """Return the user's lists."""
    with reading(request) as access:
        return [entity(row) for row in queries.of_account(access.db, access.account_id)]


@get("/lists/{list_id:str}", opt=READ, sync_to_thread=True)
def one(request: Request, list_id: FromPath[str]) -> List:
    """Return a list."""
    with reading(request) as access:
        return entity(own(access, list_id))


@post("/lists", status_code=200, opt=WRITE, sync_to_thread=True)
def add(request: Request, data: JSONBody[ListParameters]) -> List:
    """Create a list."""
    with writing(request) as access:
        id = lists.add(access.db, now=access.now, account_id=access.account_id, changes=data.changes())
    with access.reading() as access:
        return entity(own(access, str(id)))


@route("/lists/{list_id:str}", http_method=["PUT", "PATCH"], opt=WRITE, sync_to_thread=True)
def change(request: Request, list_id: FromPath[str], data: JSONBody[ListParameters]) -> List:
    """Change a list."""
    with writing(request) as access:
        lists.change(access.db, account_id=access.account_id, list_id=record_id(list_id), changes=data.changes())
    with access.reading() as access:
        return entity(own(access, list_id))


@delete("/lists/{list_id:str}", status_code=200, opt=WRITE, sync_to_thread=True)
def remove(request: Request, list_id: FromPath[str]) -> Empty:
    """Remove a list."""
    with writing(request) as access:
        lists.remove(access.db, account_id=access.account_id, list_id=record_id(list_id))
    return Empty()


@get("/lists/{list_id:str}/accounts", opt=READ, sync_to_thread=True)
def members(
    request: Request, list_id: FromPath[str], page_request: NamedDependency[PageRequest]
) -> Response[list[Account]]:
    """Return the accounts on a list."""
    page = page_request.page(paging.ACCOUNTS)
    if page_request.limit == 0:
        page = msgspec.structs.replace(page, limit=ALL)
    with reading(request) as access:
        listed = queries.members(access.db, own(access, list_id).id, page)
        return accounts_page(request, access, listed, page.limit)


@post("/lists/{list_id:str}/accounts", status_code=200, opt=WRITE, sync_to_thread=True)
def add_members(request: Request, list_id: FromPath[str], data: JSONBody[Members]) -> Empty:
    """Add accounts to a list."""
    with writing(request) as access:
        lists.add_members(
            access.db,
            now=access.now,
            account_id=access.account_id,
            list_id=record_id(list_id),
            member_ids=record_ids(data.account_ids),
        )
    return Empty()


@delete("/lists/{list_id:str}/accounts", status_code=200, opt=WRITE, sync_to_thread=True)
def remove_members(request: Request, list_id: FromPath[str], data: JSONBody[Members]) -> Empty:
    """Remove accounts from a list."""
    with writing(request) as access:
        lists.remove_members(
            access.db,
            account_id=access.account_id,
            list_id=record_id(list_id),
            member_ids=record_ids(data.account_ids),
        )
    return Empty()


@get("/accounts/{account_id:str}/lists", opt=READ, sync_to_thread=True)
def with_member(request: Request, account_id: FromPath[str]) -> list[List]:
    """Return the user's lists that contain an account."""
    with reading(request) as access:
        member = account(access, account_id)
        return [entity(row) for row in queries.with_member(access.db, member.id, account_id=access.account_id)]


def own(access: Access, list_id: str) -> queries.List:
    """Return one of one's own lists.

    Raises NotFound when there is none.
    """
    row = queries.get(access.db, record_id(list_id), account_id=access.account_id)
    if row is None:
        raise NotFound(_(NOT_FOUND))
    return row


def entity(row: queries.List) -> List:
    """Return a list in the API's words."""
    return List(id=str(row.id), title=row.title, replies_policy=row.replies_policy, exclusive=row.exclusive)


router = Router(
    "/",
    route_handlers=[several, one, add, change, remove, members, add_members, remove_members, with_member],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["lists"],
)
