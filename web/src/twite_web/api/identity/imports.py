"""Bringing along what one has elsewhere: /api/v1/imports, an extension of this site."""

from typing import Any

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import ids
from twite_common.queries.identity import imports as queries
from twite_common.queries.identity.imports import Import as FoundImport
from twite_common.services.identity import imports
from twite_web import import_uploads
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.path_params import record_id, there
from twite_web.api.schemas import Empty, timestamp
from twite_web.api.schemas.identity import Import, RefusedEntry
from twite_web.routing import Router
from twite_web.types import Request

LISTED = 40
LAST_POSITION = 2**31 - 1
"""The highest that the database takes."""


class NewImport(msgspec.Struct):
    """A file, and what it has: follows, blocks, mutes, domain_blocks, bookmarks, lists or posts."""

    kind: str = ""
    file: Any = None


class Confirmation(msgspec.Struct):
    """Whether it is added to what is there (merge), or replaces it."""

    mode: str = "merge"


@get("/", opt=user("read:accounts"), sync_to_thread=True)
def several(request: Request) -> list[Import]:
    """Return the user's imports, the latest first."""
    with reading(request) as access:
        return [_entity(access, found) for found in queries.of_account(access.db, access.account_id)]


@post(
    "/",
    status_code=200,
    opt=user("write:accounts"),
    request_max_body_size=import_uploads.MAX_UPLOAD_BYTES,
    sync_to_thread=True,
)
def add(request: Request, data: JSONBody[NewImport]) -> Import:
    """Upload a file, which is read then; nothing comes before that is confirmed."""
    with reading(request) as access:
        account_id = access.account_id
    id = import_uploads.receive(request, data.file, kind=data.kind, account_id=account_id)
    with access.reading() as access:
        return _entity(access, there(queries.get(access.db, id, account_id=account_id)))


@get("/{import_id:str}", opt=user("read:accounts"), sync_to_thread=True)
def one(request: Request, import_id: FromPath[str]) -> Import:
    """Return an import, and how far it is."""
    with reading(request) as access:
        return _own(access, import_id)


@get("/{import_id:str}/refused", opt=user("read:accounts"), sync_to_thread=True)
def refused(request: Request, import_id: FromPath[str], after: FromQuery[int] = -1) -> list[RefusedEntry]:
    """Return what of an import can't come, and why: 40 at once, after a position."""
    with reading(request) as access:
        found = there(queries.get(access.db, record_id(import_id), account_id=access.account_id))
        entries = queries.refused(access.db, found.id, limit=LISTED, after=min(max(after, -1), LAST_POSITION))
    return [RefusedEntry(position=entry.position, subject=entry.subject, reason=entry.outcome) for entry in entries]


@post("/{import_id:str}/confirm", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def confirm(request: Request, import_id: FromPath[str], data: JSONBody[Confirmation]) -> Import:
    """Bring what an import has, once it is ready for that."""
    id = record_id(import_id)
    with writing(request) as access:
        imports.confirm(access.db, now=access.now, account_id=access.account_id, import_id=id, mode=data.mode)
    with access.reading() as access:
        return _own(access, import_id)


@post("/{import_id:str}/stop", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def stop(request: Request, import_id: FromPath[str]) -> Import:
    """Bring no more of an import; what has come stays."""
    with writing(request) as access:
        imports.stop(access.db, now=access.now, account_id=access.account_id, import_id=record_id(import_id))
    with access.reading() as access:
        return _own(access, import_id)


@post("/{import_id:str}/undo", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def undo(request: Request, import_id: FromPath[str]) -> Import:
    """Take back whatever an import brought, and give back what it replaced."""
    with writing(request) as access:
        imports.undo(access.db, now=access.now, account_id=access.account_id, import_id=record_id(import_id))
    with access.reading() as access:
        return _own(access, import_id)


@delete("/{import_id:str}", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def remove(request: Request, import_id: FromPath[str]) -> Empty:
    """Remove an import of which nothing came, or nothing is left."""
    with writing(request) as access:
        imports.remove(access.db, now=access.now, account_id=access.account_id, import_id=record_id(import_id))
    return Empty()


def _own(access: Access, import_id: str) -> Import:
    return _entity(access, there(queries.get(access.db, record_id(import_id), account_id=access.account_id)))


def _entity(access: Access, found: FoundImport) -> Import:
    return Import(
        id=str(found.id),
        kind=found.kind,
        source=found.source or None,
        state=found.state,
        mode=found.mode,
        progress=found.percent,
        total=found.total,
        imported=max(found.brought, 0),
        error=found.error or None,
        created_at=timestamp(ids.created_at(found.id)),
        expires_at=timestamp(found.expires_at) if found.expires_at is not None else None,
        url=f"{access.core.addresses.base}/settings/import/{found.id}",
    )


router = Router("/imports", route_handlers=[several, add, one, refused, confirm, stop, undo, remove], tags=["imports"])
