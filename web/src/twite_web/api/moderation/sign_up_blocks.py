"""Blocks: /api/v1/admin/{ip_blocks,email_domain_blocks,canonical_email_blocks}."""

import msgspec
from litestar import Response, delete, get, post, route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from twite_common import clock, ids
from twite_common.queries.moderation import sign_up_blocks as queries
from twite_common.services import validators
from twite_common.services.moderation import sign_up_blocks
from twite_common.services.moderation.sign_up_blocks import NetworkChanges
from twite_web.api import paging
from twite_web.api.access import Access, reading_as_staff, user, writing
from twite_web.api.paging import PageRequest, link, page_request, rendered_page
from twite_web.api.path_params import record_id, there
from twite_web.api.schemas import Empty, timestamp
from twite_web.api.schemas.moderation import CanonicalEmailBlock, DayOfUse, EmailDomainBlock, IpBlock
from twite_web.core import core
from twite_web.proxies import client_address
from twite_web.routing import Router
from twite_web.types import Request


class IpParameters(msgspec.Struct):
    """How a network is to be kept out; what is left out stays."""

    ip: str | UnsetType = UNSET
    severity: str | UnsetType = UNSET
    comment: str | UnsetType = UNSET
    expires_in: int | UnsetType | None = UNSET

    def changes(self) -> NetworkChanges:
        """Return it in our words."""
        return NetworkChanges(
            network=self.ip, severity=self.severity, comment=self.comment, expires_in_seconds=self.expires_in
        )


class Provider(msgspec.Struct):
    """The domain of a provider of mail."""

    domain: str = ""


class EmailParameters(msgspec.Struct):
    """A mail address, or its hash."""

    email: str = ""
    canonical_email_hash: str = ""


READ_IPS, WRITE_IPS = user("admin:read:ip_blocks"), user("admin:write:ip_blocks")
READ_PROVIDERS, WRITE_PROVIDERS = user("admin:read:email_domain_blocks"), user("admin:write:email_domain_blocks")
READ_EMAILS, WRITE_EMAILS = user("admin:read:canonical_email_blocks"), user("admin:write:canonical_email_blocks")


@get("/ip_blocks", opt=READ_IPS, sync_to_thread=True)
def ips(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[IpBlock]]:
    """Return the blocked networks."""
    page = page_request.page(paging.MANY)
    with reading_as_staff(request, "manage_blocks") as access:
        blocks = queries.networks(access.db, page)
    return rendered_page(request, blocks, _ip, page.limit)


@get("/ip_blocks/{block_id:str}", opt=READ_IPS, sync_to_thread=True)
def ip(request: Request, block_id: FromPath[str]) -> IpBlock:
    """Return a blocked network."""
    with reading_as_staff(request, "manage_blocks") as access:
        return _found_ip(access, record_id(block_id))


@post("/ip_blocks", status_code=200, opt=WRITE_IPS, sync_to_thread=True)
def add_ip(request: Request, data: JSONBody[IpParameters]) -> IpBlock:
    """Block a network."""
    with writing(request) as access:
        id = sign_up_blocks.add_network(
            access.db,
            now=access.now,
            viewer=access.member,
            address=client_address(request),
            changes=data.changes(),
        )
    with access.reading() as access:
        block = _found_ip(access, id)
    core(request).networks.refresh(access.now)
    return block


@route("/ip_blocks/{block_id:str}", http_method=["PUT", "PATCH"], opt=WRITE_IPS, sync_to_thread=True)
def change_ip(request: Request, block_id: FromPath[str], data: JSONBody[IpParameters]) -> IpBlock:
    """Change the block of a network."""
    id = record_id(block_id)
    with writing(request) as access:
        sign_up_blocks.change_network(
            access.db,
            now=access.now,
            viewer=access.member,
            address=client_address(request),
            block_id=id,
            changes=data.changes(),
        )
    with access.reading() as access:
        block = _found_ip(access, id)
    core(request).networks.refresh(access.now)
    return block


@delete("/ip_blocks/{block_id:str}", status_code=200, opt=WRITE_IPS, sync_to_thread=True)
def remove_ip(request: Request, block_id: FromPath[str]) -> Empty:
    """Unblock a network."""
    id = record_id(block_id)
    with writing(request) as access:
        sign_up_blocks.remove_network(access.db, now=access.now, viewer=access.member, block_id=id)
    core(request).networks.refresh(access.now)
    return Empty()


@get("/email_domain_blocks", opt=READ_PROVIDERS, sync_to_thread=True)
def providers(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[EmailDomainBlock]]:
    """Return the blocked e-mail providers."""
    page = page_request.page(paging.MANY)
    with reading_as_staff(request, "manage_blocks") as access:
        blocks = queries.domains(access.db, page)
        entities = _providers(access, blocks)
    return Response(entities, headers=link(request, [block.id for block in blocks], page.limit))


@get("/email_domain_blocks/{block_id:str}", opt=READ_PROVIDERS, sync_to_thread=True)
def provider(request: Request, block_id: FromPath[str]) -> EmailDomainBlock:
    """Return a blocked e-mail provider."""
    with reading_as_staff(request, "manage_blocks") as access:
        return _found_provider(access, record_id(block_id))


@post("/email_domain_blocks", status_code=200, opt=WRITE_PROVIDERS, sync_to_thread=True)
def add_provider(request: Request, data: JSONBody[Provider]) -> EmailDomainBlock:
    """Block an e-mail provider."""
    with writing(request) as access:
        id = sign_up_blocks.add_domain(access.db, now=access.now, viewer=access.member, domain=data.domain)
    with access.reading() as access:
        return _found_provider(access, id)


@delete("/email_domain_blocks/{block_id:str}", status_code=200, opt=WRITE_PROVIDERS, sync_to_thread=True)
def remove_provider(request: Request, block_id: FromPath[str]) -> Empty:
    """Unblock an e-mail provider."""
    id = record_id(block_id)
    with writing(request) as access:
        sign_up_blocks.remove_domain(access.db, now=access.now, viewer=access.member, block_id=id)
    return Empty()


@get("/canonical_email_blocks", opt=READ_EMAILS, sync_to_thread=True)
def emails(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[CanonicalEmailBlock]]:
    """Return the blocked e-mail addresses, as hashes."""
    page = page_request.page(paging.MANY)
    with reading_as_staff(request, "manage_blocks") as access:
        blocks = queries.emails(access.db, page)
    return rendered_page(request, blocks, _email, page.limit)


@get("/canonical_email_blocks/{block_id:str}", opt=READ_EMAILS, sync_to_thread=True)
def email(request: Request, block_id: FromPath[str]) -> CanonicalEmailBlock:
    """Return a blocked e-mail address, as a hash."""
    with reading_as_staff(request, "manage_blocks") as access:
        return _found_email(access, record_id(block_id))


@post("/canonical_email_blocks", status_code=200, opt=WRITE_EMAILS, sync_to_thread=True)
def add_email(request: Request, data: JSONBody[EmailParameters]) -> CanonicalEmailBlock:
    """Block an e-mail address."""
    with writing(request) as access:
        id = sign_up_blocks.add_email(
            access.db,
            now=access.now,
            viewer=access.member,
            email=data.email,
            email_hash=data.canonical_email_hash,
        )
    with access.reading() as access:
        return _found_email(access, id)


@post("/canonical_email_blocks/test", status_code=200, opt=READ_EMAILS, sync_to_thread=True)
def test_email(request: Request, data: JSONBody[EmailParameters]) -> list[CanonicalEmailBlock]:
    """Return the block that matches an e-mail address, if any."""
    with reading_as_staff(request, "manage_blocks") as access:
        block = queries.email_by_hash(access.db, validators.canonical_email_hash(data.email))
    return [_email(block)] if block else []


@delete("/canonical_email_blocks/{block_id:str}", status_code=200, opt=WRITE_EMAILS, sync_to_thread=True)
def remove_email(request: Request, block_id: FromPath[str]) -> Empty:
    """Unblock an e-mail address."""
    id = record_id(block_id)
    with writing(request) as access:
        sign_up_blocks.remove_email(access.db, now=access.now, viewer=access.member, block_id=id)
    return Empty()


def _ip(block: queries.NetworkBlock) -> IpBlock:
    return IpBlock(
        id=str(block.id),
        ip=block.network,
        severity=block.severity,
        comment=block.comment,
        created_at=timestamp(ids.created_at(block.id)),
        expires_at=timestamp(block.expires_at),
    )


def _providers(access: Access, blocks: list[queries.EmailDomainBlock]) -> list[EmailDomainBlock]:
    today, first = access.now // clock.DAY, sign_up_blocks.first_counted_day(access.now)
    refused = queries.refusals(access.db, [block.id for block in blocks], first_day=first)
    return [
        EmailDomainBlock(
            id=str(block.id),
            domain=block.domain,
            created_at=timestamp(ids.created_at(block.id)),
            history=_history(refused.get(block.id, []), range(today, first - 1, -1)),
        )
        for block in blocks
    ]


def _history(refused: list[queries.Refusals], days: range) -> list[DayOfUse]:
    """Return how often a block applied on each day, and to how many addresses of the network."""
    by_day = {refusals.day: refusals for refusals in refused}
    counted = [by_day.get(day, queries.Refusals(day, 0, 0)) for day in days]
    return [
        DayOfUse(day=str(refusals.day * 86_400), uses=str(refusals.number), accounts=str(refusals.addresses))
        for refusals in counted
    ]


def _email(block: queries.EmailBlock) -> CanonicalEmailBlock:
    return CanonicalEmailBlock(id=str(block.id), canonical_email_hash=block.email_hash.hex())


def _found_ip(access: Access, id: int) -> IpBlock:
    return _ip(there(queries.network(access.db, id)))


def _found_provider(access: Access, id: int) -> EmailDomainBlock:
    return _providers(access, [there(queries.domain(access.db, id))])[0]


def _found_email(access: Access, id: int) -> CanonicalEmailBlock:
    return _email(there(queries.email(access.db, id)))


router = Router(
    "/v1/admin",
    route_handlers=[
        ips,
        ip,
        add_ip,
        change_ip,
        remove_ip,
        providers,
        provider,
        add_provider,
        remove_provider,
        emails,
        email,
        add_email,
        test_email,
        remove_email,
    ],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["admin"],
)
