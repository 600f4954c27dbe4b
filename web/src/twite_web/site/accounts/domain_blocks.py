"""Servers that the visitor blocks."""

import msgspec
from litestar import get, post
from litestar.params import FromQuery, JSONBody

from twite_common.errors import TwiteError
from twite_common.queries.accounts import domain_blocks as queries
from twite_common.services.accounts import domain_blocks
from twite_web.routing import Router
from twite_web.site import form_errors, paging, redirects
from twite_web.site.access import reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.types import Request, Response

PAGE = "/settings/domain-blocks"


class DomainForm(msgspec.Struct, frozen=True, kw_only=True):
    """A server's name."""

    domain: str = ""


def blocks_page(
    request: Request, data: DomainForm, *, max_id: str = "", min_id: str = "", error: TwiteError | None = None
) -> Response:
    """Return the servers that the visitor blocks, and the form for another."""
    part = paging.page(max_id, min_id)
    with reading(request) as visit:
        blocked = queries.blocked_domains(visit.db, part, viewer_id=visit.account_id)
        beside = paging.beside(PAGE, part, [one.cursor for one in blocked])
        return form_errors.page(
            request,
            "accounts/domain_blocks.html",
            visit,
            values=data,
            error=error,
            domains=[one.domain for one in blocked],
            beside=beside,
            path=PAGE,
        )


@get(PAGE, sync_to_thread=True)
def show(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show the servers that the visitor blocks."""
    return blocks_page(request, DomainForm(), max_id=max_id, min_id=min_id)


@post(PAGE, sync_to_thread=True)
@shown_again(blocks_page)
def block(request: Request, data: JSONBody[DomainForm]) -> Response:
    """Block a server."""
    with writing(request) as visit:
        domain_blocks.block_domain(visit.db, now=visit.now, account_id=visit.account_id, domain=data.domain.strip())
    return redirects.see(request, PAGE, "saved")


@post(f"{PAGE}/remove", sync_to_thread=True)
@shown_again(blocks_page)
def unblock(request: Request, data: JSONBody[DomainForm]) -> Response:
    """Take the block of a server back."""
    with writing(request) as visit:
        domain_blocks.unblock_domain(visit.db, account_id=visit.account_id, domain=data.domain)
    return redirects.see(request, PAGE, "saved")


router = Router("/", route_handlers=[show, block, unblock])
