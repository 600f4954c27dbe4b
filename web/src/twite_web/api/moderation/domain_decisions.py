"""What administrators decided about other servers: /api/v1/admin/{domain_blocks,domain_allows}."""

import hashlib

import msgspec
from litestar import Response, delete, get, post, route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from twite_common import ids
from twite_common.queries.moderation import domain_decisions as queries
from twite_common.services.moderation import domain_decisions
from twite_common.services.moderation.domain_decisions import AlreadyBlocked, DomainBlockChanges
from twite_web.api import paging
from twite_web.api.access import Access, reading_as_staff, user, writing
from twite_web.api.paging import PageRequest, page_request, rendered_page
from twite_web.api.path_params import record_id, there
from twite_web.api.schemas import Empty, timestamp
from twite_web.api.schemas.moderation import DomainAllow, DomainBlock
from twite_web.errors import Failure
from twite_web.routing import Router
from twite_web.types import Request


class Domain(msgspec.Struct):
    """The name of a server."""

    domain: str = ""


class DomainBlockParameters(msgspec.Struct):
    """How a server is to be kept out; what is left out stays."""

    domain: str = ""
    severity: str | UnsetType = UNSET
    reject_media: bool | UnsetType = UNSET
    reject_reports: bool | UnsetType = UNSET
    private_comment: str | UnsetType | None = UNSET
    public_comment: str | UnsetType | None = UNSET
    obfuscate: bool | UnsetType = UNSET

    def changes(self) -> DomainBlockChanges:
        """Return it in our words."""
        values = msgspec.structs.asdict(self)
        del values["domain"]
        return DomainBlockChanges(**values)


READ_BLOCKS, WRITE_BLOCKS = user("admin:read:domain_blocks"), user("admin:write:domain_blocks")
READ_ALLOWS, WRITE_ALLOWS = user("admin:read:domain_allows"), user("admin:write:domain_allows")


@get("/domain_blocks", opt=READ_BLOCKS, sync_to_thread=True)
def blocks(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[DomainBlock]]:
    """Return the blocked servers."""
    page = page_request.page(paging.MANY)
    with reading_as_staff(request, "manage_federation") as access:
        blocks = queries.blocks(access.db, page)
    return rendered_page(request, blocks, _block, page.limit)


@get("/domain_blocks/{block_id:str}", opt=READ_BLOCKS, sync_to_thread=True)
def block(request: Request, block_id: FromPath[str]) -> DomainBlock:
    """Return a blocked server."""
    with reading_as_staff(request, "manage_federation") as access:
        return _found_block(access, record_id(block_id))


@post("/domain_blocks", status_code=200, opt=WRITE_BLOCKS, sync_to_thread=True)
def add_block(request: Request, data: JSONBody[DomainBlockParameters]) -> DomainBlock:
    """Block a server."""
    with writing(request) as access:
        try:
            id = domain_decisions.block(
                access.db, now=access.now, viewer=access.member, domain=data.domain, changes=data.changes()
            )
        except AlreadyBlocked as error:
            raise Failure(422, str(error), existing_domain_block=_block(error.existing)) from error
    with access.reading() as access:
        return _found_block(access, id)


@route("/domain_blocks/{block_id:str}", http_method=["PUT", "PATCH"], opt=WRITE_BLOCKS, sync_to_thread=True)
def change_block(request: Request, block_id: FromPath[str], data: JSONBody[DomainBlockParameters]) -> DomainBlock:
    """Change the block of a server."""
    id = record_id(block_id)
    with writing(request) as access:
        domain_decisions.change_block(
            access.db, now=access.now, viewer=access.member, block_id=id, changes=data.changes()
        )
    with access.reading() as access:
        return _found_block(access, id)


@delete("/domain_blocks/{block_id:str}", status_code=200, opt=WRITE_BLOCKS, sync_to_thread=True)
def remove_block(request: Request, block_id: FromPath[str]) -> Empty:
    """Unblock a server."""
    id = record_id(block_id)
    with writing(request) as access:
        domain_decisions.unblock(access.db, now=access.now, viewer=access.member, block_id=id)
    return Empty()


@get("/domain_allows", opt=READ_ALLOWS, sync_to_thread=True)
def allows(request: Request, page_request: NamedDependency[PageRequest]) -> Response[list[DomainAllow]]:
    """Return the allowed servers."""
    page = page_request.page(paging.MANY)
    with reading_as_staff(request, "manage_federation") as access:
        allows = queries.allows(access.db, page)
    return rendered_page(request, allows, _allow, page.limit)


@get("/domain_allows/{allow_id:str}", opt=READ_ALLOWS, sync_to_thread=True)
def allow(request: Request, allow_id: FromPath[str]) -> DomainAllow:
    """Return an allowed server."""
    with reading_as_staff(request, "manage_federation") as access:
        return _found_allow(access, record_id(allow_id))


@post("/domain_allows", status_code=200, opt=WRITE_ALLOWS, sync_to_thread=True)
def add_allow(request: Request, data: JSONBody[Domain]) -> DomainAllow:
    """Allow a server."""
    with writing(request) as access:
        id = domain_decisions.allow(access.db, now=access.now, viewer=access.member, domain=data.domain)
    with access.reading() as access:
        return _found_allow(access, id)


@delete("/domain_allows/{allow_id:str}", status_code=200, opt=WRITE_ALLOWS, sync_to_thread=True)
def remove_allow(request: Request, allow_id: FromPath[str]) -> Empty:
    """Remove an allowed server."""
    id = record_id(allow_id)
    with writing(request) as access:
        domain_decisions.disallow(access.db, now=access.now, viewer=access.member, allow_id=id)
    return Empty()


def _block(block: queries.DomainBlock) -> DomainBlock:
    return DomainBlock(
        id=str(block.id),
        domain=block.domain,
        digest=hashlib.sha256(block.domain.encode()).hexdigest(),
        created_at=timestamp(ids.created_at(block.id)),
        severity=block.severity,
        reject_media=block.reject_media,
        reject_reports=block.reject_reports,
        private_comment=block.private_comment,
        public_comment=block.public_comment,
        obfuscate=block.obfuscate,
    )


def _allow(allow: queries.DomainAllow) -> DomainAllow:
    return DomainAllow(id=str(allow.id), domain=allow.domain, created_at=timestamp(ids.created_at(allow.id)))


def _found_block(access: Access, id: int) -> DomainBlock:
    return _block(there(queries.block(access.db, id)))


def _found_allow(access: Access, id: int) -> DomainAllow:
    return _allow(there(queries.allow(access.db, id)))


router = Router(
    "/v1/admin",
    route_handlers=[
        blocks,
        block,
        add_block,
        change_block,
        remove_block,
        allows,
        allow,
        add_allow,
        remove_allow,
    ],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["admin"],
)
