"""Servers that the user blocks: /api/v1/domain_blocks."""

import msgspec
from litestar import Response, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, JSONBody

from twite_common.queries.accounts import domain_blocks as queries
from twite_common.services.accounts import domain_blocks
from twite_common.services.validators import checked_domain
from twite_web.api import paging
from twite_web.api.access import reading, user, writing
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.schemas import Empty
from twite_web.api.schemas.accounts import DomainBlockPreview
from twite_web.routing import Router
from twite_web.types import Request


class Domain(msgspec.Struct):
    """A server's name."""

    domain: str = ""


@get("/domain_blocks", opt=user("read:blocks", "follow"), sync_to_thread=True)
def blocked(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[str]]:
    """Return the servers that the user blocks."""
    page = page_request.page(paging.MANY)
    with reading(request) as access:
        blocks = queries.blocked_domains(access.db, page, viewer_id=access.account_id)
    headers = link(request, [block.cursor for block in blocks], page.limit, previous="since_id")
    return Response([block.domain for block in blocks], headers=headers)


@post("/domain_blocks", status_code=200, opt=user("write:blocks", "follow"), sync_to_thread=True)
def block(request: Request, data: JSONBody[Domain]) -> Empty:
    """Block a server."""
    with writing(request) as access:
        domain_blocks.block_domain(access.db, now=access.now, account_id=access.account_id, domain=data.domain)
    return Empty()


@delete("/domain_blocks", status_code=200, opt=user("write:blocks", "follow"), sync_to_thread=True)
def unblock(request: Request, data: JSONBody[Domain]) -> Empty:
    """Unblock a server."""
    with writing(request) as access:
        domain_blocks.unblock_domain(access.db, account_id=access.account_id, domain=data.domain)
    return Empty()


@get("/domain_blocks/preview", opt=user("read:blocks", "follow"), sync_to_thread=True)
def preview(request: Request, domain: FromQuery[str] = "") -> DomainBlockPreview:
    """Return how many follows blocking a server would end: none, since every account here is this site's own."""
    with reading(request):
        checked_domain(domain)
    return DomainBlockPreview(following_count=0, followers_count=0)


router = Router(
    "/",
    route_handlers=[blocked, block, unblock, preview],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["follows"],
)
