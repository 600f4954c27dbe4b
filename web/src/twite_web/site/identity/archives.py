"""The visitor's archives: all of their own to take along."""

from typing import cast

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody
from litestar.types import ASGIApp

from twite_common import clock, formats, ids
from twite_common.errors import NotFound, TwiteError
from twite_common.media import storage
from twite_common.queries.identity import archives as queries
from twite_common.queries.identity.archives import Archive
from twite_common.services.identity import archives
from twite_common.translations import gettext as _
from twite_web import cache_control
from twite_web.middleware.request_concurrency import HASHES
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import id_in, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.identity import step_up
from twite_web.site.identity.step_up import StepUpForm
from twite_web.site.stored_files import StoredFile
from twite_web.site.view_models import times
from twite_web.types import Request, Response

PAGE = "/settings/archives"
MEGABYTE = 1_000_000
NOW, MONTHLY, NEVER = "now", "monthly", "never"


class ArchiveForm(StepUpForm, frozen=True, kw_only=True):
    """What is wanted: an archive now, one every month, or no more each month; and what shows whose account it is."""

    wanted: str = ""


class ArchiveView(msgspec.Struct, frozen=True):
    """An archive as the page shows it. `state` is waiting, making, ready or failed."""

    id: int
    state: str
    percent: int
    asked: str
    until: str
    megabytes: str


def archives_page(request: Request, data: ArchiveForm, *, error: TwiteError | None = None) -> Response:
    """Return the visitor's archives, and the form for another."""
    with reading(request) as visit:
        found = queries.of_account(visit.db, visit.account_id)
        return form_errors.page(
            request,
            "identity/archives.html",
            visit,
            values=data,
            error=error,
            step_up=step_up.asked(request, visit),
            archives=[_view(archive) for archive in found],
            being_made=any(archive.is_open for archive in found),
            monthly=queries.is_monthly(visit.db, visit.account_id),
        )


@get(PAGE, sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the visitor's archives."""
    return archives_page(request, ArchiveForm())


@post(PAGE, opt=HASHES, sync_to_thread=True)
@shown_again(archives_page)
def ask(request: Request, data: JSONBody[ArchiveForm]) -> Response:
    """Have an archive made now, or every month, or no more."""
    if data.wanted != NEVER:
        step_up.check(request, data)
    with writing(request) as visit:
        if data.wanted in {MONTHLY, NEVER}:
            monthly = data.wanted == MONTHLY
            archives.choose_monthly(visit.db, now=visit.now, account_id=visit.account_id, monthly=monthly)
        else:
            archives.ask(visit.db, now=visit.now, account_id=visit.account_id)
    return redirects.see(request, PAGE, "saved" if data.wanted in {MONTHLY, NEVER} else "archive_asked")


@get(f"{PAGE}/{{archive_id:str}}/file", sync_to_thread=True)
def download(request: Request, archive_id: FromPath[str]) -> ASGIApp:
    """Return an archive to whom it belongs."""
    with reading(request, page=False) as visit:
        archive = queries.get(visit.db, id_in(archive_id), account_id=visit.account_id)
        username, settings = visit.member.username, visit.core.settings
    files = storage.archives(settings)
    stored = files.find(archive.file) if archive is not None and archive.state == "ready" else None
    if archive is None or stored is None:
        raise NotFound(_("There is no such archive."))
    day = clock.as_date(ids.created_at(archive.id))
    headers = {
        "Cache-Control": cache_control.PRIVATE,
        "Content-Disposition": f'attachment; filename="archive-{username}-{day:%Y%m%d}.zip"',
        "Content-Type": "application/zip",
        "ETag": f'"{archive.id}"',
    }
    # Litestar has types of its own for ASGI.
    return cast("ASGIApp", StoredFile(files, stored, headers))


@post(f"{PAGE}/{{archive_id:str}}/remove", sync_to_thread=True)
def remove(request: Request, archive_id: FromPath[str]) -> Response:
    """Remove an archive."""
    with writing(request) as visit:
        archives.remove(visit.db, now=visit.now, account_id=visit.account_id, archive_id=id_in(archive_id))
    return redirects.see(request, PAGE, "archive_removed")


def _view(archive: Archive) -> ArchiveView:
    return ArchiveView(
        id=archive.id,
        state=archive.state,
        percent=archive.percent,
        asked=times.day(ids.created_at(archive.id)),
        until=times.day(archive.expires_at) if archive.expires_at is not None else "",
        megabytes=formats.number(max(0.1, archive.bytes / MEGABYTE)),
    )


router = Router("/", route_handlers=[show, ask, download, remove])
