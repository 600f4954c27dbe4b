"""All of the user's own to take along: /api/v1/archives, an extension of this site."""

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from twite_common import ids
from twite_common.queries.identity import archives as queries
from twite_common.queries.identity.archives import Archive as FoundArchive
from twite_common.services.identity import archives
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.identity import step_up
from twite_web.api.identity.step_up import StepUp
from twite_web.api.path_params import record_id, there
from twite_web.api.schemas import Empty, timestamp
from twite_web.api.schemas.identity import Archive
from twite_web.middleware.request_concurrency import HASHES
from twite_web.routing import Router
from twite_web.types import Request


@get("/", opt=user("read:accounts"), sync_to_thread=True)
def several(request: Request) -> list[Archive]:
    """Return the user's archives, the latest first."""
    with reading(request) as access:
        return [_entity(access, archive) for archive in queries.of_account(access.db, access.account_id)]


@post("/", status_code=200, opt=user("write:accounts") | HASHES, sync_to_thread=True)
def ask(request: Request, data: JSONBody[StepUp]) -> Archive:
    """Have an archive made. It takes the account's password, or a code where the account has a second factor."""
    step_up.check(request, data)
    with writing(request) as access:
        id = archives.ask(access.db, now=access.now, account_id=access.account_id)
    with access.reading() as access:
        return _entity(access, there(queries.get(access.db, id, account_id=access.account_id)))


@get("/{archive_id:str}", opt=user("read:accounts"), sync_to_thread=True)
def one(request: Request, archive_id: FromPath[str]) -> Archive:
    """Return an archive, and how far its making is."""
    with reading(request) as access:
        archive = queries.get(access.db, record_id(archive_id), account_id=access.account_id)
        return _entity(access, there(archive))


@delete("/{archive_id:str}", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def remove(request: Request, archive_id: FromPath[str]) -> Empty:
    """Remove an archive, also one that is being made."""
    with writing(request) as access:
        archives.remove(access.db, now=access.now, account_id=access.account_id, archive_id=record_id(archive_id))
    return Empty()


def _entity(access: Access, archive: FoundArchive) -> Archive:
    page = f"{access.core.addresses.base}/settings/archives/{archive.id}/file"
    return Archive(
        id=str(archive.id),
        state=archive.state,
        progress=archive.percent,
        size=archive.bytes,
        created_at=timestamp(ids.created_at(archive.id)),
        expires_at=timestamp(archive.expires_at) if archive.expires_at is not None else None,
        url=page if archive.state == "ready" else None,
    )


router = Router("/archives", route_handlers=[several, ask, one, remove], tags=["archives"])
