"""Blocked networks, e-mail providers and e-mail addresses."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common import clock
from twite_common.errors import TwiteError
from twite_common.queries.moderation import sign_up_blocks as queries
from twite_common.queries.paging import Page
from twite_common.services.moderation import sign_up_blocks
from twite_common.services.moderation.sign_up_blocks import NetworkChanges
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.core import core
from twite_web.proxies import client_address
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import Visit, id_in, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.options import translated
from twite_web.site.view_models import times
from twite_web.types import Request, Response

PATH = "/admin/blocks"
LISTED = Page(limit=200)
SEVERITIES = {
    "sign_up_requires_approval": marked("New accounts need approval"),
    "sign_up_block": marked("No sign-ups"),
    "no_access": marked("No access at all"),
}


class BlockForm(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be kept out: a network, for some days or for good; a provider of mail; or a mail address."""

    network: str = ""
    severity: str = "sign_up_requires_approval"
    comment: str = ""
    days: int | None = None
    domain: str = ""
    email: str = ""


class DomainView(msgspec.Struct, frozen=True):
    """A provider of mail that is kept out; `refused` is how many sign-ups of the last week it was."""

    id: int
    domain: str
    refused: int


class NetworkView(msgspec.Struct, frozen=True):
    """A network that is kept out, as the page shows it."""

    id: int
    network: str
    effect: str
    comment: str
    until: str


def blocks_page(request: Request, data: BlockForm, *, error: TwiteError | None = None) -> Response:
    """Return what is kept out, and the forms to keep more out."""
    with reading_as_staff(request, "manage_blocks") as visit:
        return form_errors.page(
            request,
            "moderation/sign_up_blocks.html",
            visit,
            values=data,
            error=error,
            severities=translated(SEVERITIES),
            networks=_networks(visit),
            domains=_domains(visit),
            emails=[(block.id, block.email_hash.hex()) for block in queries.emails(visit.db, LISTED)],
        )


@get("/admin/blocks", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show what is kept out."""
    return blocks_page(request, BlockForm())


@post("/admin/blocks/networks", sync_to_thread=True)
@shown_again(blocks_page)
def add_network(request: Request, data: JSONBody[BlockForm]) -> Response:
    """Keep a network out."""
    changes = NetworkChanges(
        network=data.network,
        severity=data.severity,
        comment=data.comment,
        expires_in_seconds=data.days * clock.DAY // clock.SECOND if data.days else None,
    )
    with writing(request) as visit:
        sign_up_blocks.add_network(
            visit.db, now=visit.now, viewer=visit.member, address=client_address(request), changes=changes
        )
    core(request).networks.refresh(visit.now)
    return redirects.see(request, PATH, "saved")


@post("/admin/blocks/networks/{block_id:str}/remove", sync_to_thread=True)
def remove_network(request: Request, block_id: FromPath[str]) -> Response:
    """Let a network in again."""
    with writing(request) as visit:
        sign_up_blocks.remove_network(visit.db, now=visit.now, viewer=visit.member, block_id=id_in(block_id))
    core(request).networks.refresh(visit.now)
    return redirects.see(request, PATH, "saved")


@post("/admin/blocks/domains", sync_to_thread=True)
@shown_again(blocks_page)
def add_domain(request: Request, data: JSONBody[BlockForm]) -> Response:
    """Keep a provider of mail out."""
    with writing(request) as visit:
        sign_up_blocks.add_domain(visit.db, now=visit.now, viewer=visit.member, domain=data.domain)
    return redirects.see(request, PATH, "saved")


@post("/admin/blocks/domains/{block_id:str}/remove", sync_to_thread=True)
def remove_domain(request: Request, block_id: FromPath[str]) -> Response:
    """Let a provider of mail in again."""
    with writing(request) as visit:
        sign_up_blocks.remove_domain(visit.db, now=visit.now, viewer=visit.member, block_id=id_in(block_id))
    return redirects.see(request, PATH, "saved")


@post("/admin/blocks/emails", sync_to_thread=True)
@shown_again(blocks_page)
def add_email(request: Request, data: JSONBody[BlockForm]) -> Response:
    """Keep a mail address out."""
    with writing(request) as visit:
        sign_up_blocks.add_email(visit.db, now=visit.now, viewer=visit.member, email=data.email)
    return redirects.see(request, PATH, "saved")


@post("/admin/blocks/emails/{block_id:str}/remove", sync_to_thread=True)
def remove_email(request: Request, block_id: FromPath[str]) -> Response:
    """Let a mail address in again."""
    with writing(request) as visit:
        sign_up_blocks.remove_email(visit.db, now=visit.now, viewer=visit.member, block_id=id_in(block_id))
    return redirects.see(request, PATH, "saved")


def _domains(visit: Visit) -> list[DomainView]:
    blocks = queries.domains(visit.db, LISTED)
    first_day = sign_up_blocks.first_counted_day(visit.now)
    refusals = queries.refusals(visit.db, [block.id for block in blocks], first_day=first_day)
    return [
        DomainView(block.id, block.domain, sum(day.number for day in refusals.get(block.id, []))) for block in blocks
    ]


def _networks(visit: Visit) -> list[NetworkView]:
    return [
        NetworkView(
            id=block.id,
            network=block.network,
            effect=_(SEVERITIES[block.severity]),
            comment=block.comment,
            until=times.day(block.expires_at) if block.expires_at is not None else "",
        )
        for block in queries.networks(visit.db, LISTED)
    ]


router = Router(
    "/",
    route_handlers=[show, add_network, remove_network, add_domain, remove_domain, add_email, remove_email],
)
