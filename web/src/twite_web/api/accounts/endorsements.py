"""Accounts featured on profiles, and private notes about accounts."""

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from twite_common.queries.accounts import accounts as queries
from twite_common.services.accounts import endorsements, notes
from twite_web.api import paging
from twite_web.api.access import anyone, reading, user, writing
from twite_web.api.account_lists import accounts_page
from twite_web.api.accounts.relationships import relationship
from twite_web.api.paging import PageRequest, page_request
from twite_web.api.path_params import account
from twite_web.api.schemas.accounts import Account, Relationship
from twite_web.routing import Router
from twite_web.types import Request


class Note(msgspec.Struct):
    """A note about an account; an empty one takes it away."""

    comment: str | None = None


@get("/endorsements", opt=user("read:accounts"), sync_to_thread=True)
def own(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[Account]]:
    """Return the accounts featured on the user's profile."""
    page = page_request.page(paging.ACCOUNTS)
    with reading(request) as access:
        return accounts_page(request, access, queries.endorsements(access.db, access.account_id, page), page.limit)


@get("/accounts/{account_id:str}/endorsements", opt=anyone("read:accounts"), sync_to_thread=True)
def of_account(
    request: Request, account_id: FromPath[str], page_request: NamedDependency[PageRequest]
) -> Response[list[Account]]:
    """Return the accounts that an account features on its profile."""
    page = page_request.page(paging.ACCOUNTS)
    with reading(request) as access:
        owner = account(access, account_id)
        listed = [] if owner.suspended_at else queries.endorsements(access.db, owner.id, page)
        return accounts_page(request, access, listed, page.limit)


@post(
    ["/accounts/{account_id:str}/endorse", "/accounts/{account_id:str}/pin"],
    status_code=200,
    opt=user("write:accounts"),
    sync_to_thread=True,
)
def endorse(request: Request, account_id: FromPath[str]) -> Relationship:
    """Feature an account that one follows on one's profile."""
    with writing(request) as access:
        target = account(access, account_id).id
        endorsements.endorse(access.db, now=access.now, account_id=access.account_id, endorsed_id=target)
    with access.reading() as access:
        return relationship(access, target)


@post(
    ["/accounts/{account_id:str}/unendorse", "/accounts/{account_id:str}/unpin"],
    status_code=200,
    opt=user("write:accounts"),
    sync_to_thread=True,
)
def unendorse(request: Request, account_id: FromPath[str]) -> Relationship:
    """Feature an account no longer."""
    with writing(request) as access:
        target = account(access, account_id).id
        endorsements.unendorse(access.db, account_id=access.account_id, endorsed_id=target)
    with access.reading() as access:
        return relationship(access, target)


@post("/accounts/{account_id:str}/note", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def note(request: Request, account_id: FromPath[str], data: JSONBody[Note]) -> Relationship:
    """Set a private note about an account."""
    with writing(request) as access:
        target = account(access, account_id).id
        notes.write(access.db, account_id=access.account_id, about_id=target, comment=data.comment or "")
    with access.reading() as access:
        return relationship(access, target)


router = Router(
    "/",
    route_handlers=[own, of_account, endorse, unendorse, note],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["accounts"],
)
