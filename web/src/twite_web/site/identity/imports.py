"""Bringing along what the visitor has elsewhere: a file, what is in it, and what came of it."""

from collections.abc import Mapping

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, JSONBody

from twite_common import formats, ids
from twite_common.csv_cells import harmless
from twite_common.errors import NotFound, TwiteError
from twite_common.post_details import SOURCES
from twite_common.queries.identity import imports as queries
from twite_common.queries.identity.imports import BROUGHT, NEW, POSTS, REMOVE, THERE, Entry, Import
from twite_common.queries.posts import post_deletion_rules
from twite_common.services.identity import imports
from twite_common.translations import gettext as _
from twite_web import cache_control, import_uploads
from twite_web.routing import Router
from twite_web.site import form_errors, redirects, tables
from twite_web.site.access import Visit, id_in, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.identity import import_words as words
from twite_web.site.view_models import times
from twite_web.types import Request, Response

PAGE = "/settings/import"
LISTED = 20
"""Entries of each sort that a page names."""
MAX_LINES = 100_000


class ImportForm(msgspec.Struct, frozen=True, kw_only=True):
    """A file, and what it has."""

    kind: str = "follows"
    file: UploadFile | None = None


class ConfirmForm(msgspec.Struct, frozen=True, kw_only=True):
    """Whether what a file has is added to what is there, or replaces it."""

    mode: str = "merge"


class ImportView(msgspec.Struct, frozen=True):
    """An import as pages show it: what it is of, how it is in a word, and when it was begun."""

    id: int
    kind: str
    state: str
    title: str
    status: str
    percent: int
    begun: str
    brought: str
    error: str
    waits_until: str
    file_until: str
    replaces: bool
    can_be_stopped: bool
    can_be_undone: bool
    can_be_removed: bool
    is_at_work: bool


class EntryView(msgspec.Struct, frozen=True):
    """An entry, and why it can't come."""

    subject: str
    reason: str


class Preview(msgspec.Struct, frozen=True):
    """What is in a file: sentences about how much comes, what is taken away where it replaces, and what can't come."""

    sentences: list[str]
    notes: list[str]
    removals: list[str]
    removed_count: int
    refused: list[EntryView]
    refused_count: int
    reasons: list[str]
    has_something: bool


def imports_page(request: Request, data: ImportForm, *, error: TwiteError | None = None) -> Response:
    """Return the visitor's imports, and the form for another."""
    with reading(request) as visit:
        found = queries.of_account(visit.db, visit.account_id)
        return form_errors.page(
            request,
            "identity/imports.html",
            visit,
            values=data,
            error=error,
            kinds={kind: _(name) for kind, name in words.CHOICES.items()},
            imports=[_view(visit, one) for one in found],
            open=next((one.id for one in found if one.is_open), None),
            megabytes=imports.MAX_ARCHIVE_BYTES // 1024 // 1024,
        )


@get(PAGE, sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the visitor's imports."""
    return imports_page(request, ImportForm())


@post(PAGE, request_max_body_size=import_uploads.MAX_UPLOAD_BYTES, sync_to_thread=True)
@shown_again(imports_page)
def upload(request: Request, data: JSONBody[ImportForm]) -> Response:
    """Take a file, and have it read."""
    with reading(request, page=False) as visit:
        account_id = visit.account_id
    id = import_uploads.receive(request, data.file, kind=data.kind, account_id=account_id)
    return redirects.see(request, f"{PAGE}/{id}", "import_begun")


def import_page(
    request: Request, import_id: str, data: ConfirmForm | None = None, *, error: TwiteError | None = None
) -> Response:
    """Return an import: what will come, how far it is, or what came of it."""
    with reading(request) as visit:
        found = _own(visit, import_id)
        counts = queries.counts(visit.db, found.id)
        removals = queries.entries(visit.db, found.id, REMOVE, limit=LISTED)
        refused = queries.refused(visit.db, found.id, limit=LISTED)
        rule = post_deletion_rules.of_account(visit.db, visit.account_id) if found.kind == POSTS else None
        return form_errors.page(
            request,
            "identity/import.html",
            visit,
            values=data,
            error=error,
            one=_view(visit, found),
            preview=_preview(found, counts, removals, refused, old_posts_go=rule is not None),
        )


@get(f"{PAGE}/{{import_id:str}}", sync_to_thread=True)
def show_one(request: Request, import_id: FromPath[str]) -> Response:
    """Show an import."""
    return import_page(request, import_id)


@get(f"{PAGE}/{{import_id:str}}/refused.csv", sync_to_thread=True)
def refused_table(request: Request, import_id: FromPath[str]) -> Response:
    """Return what can't come, and why, as a table."""
    with reading(request, page=False) as visit:
        found = _own(visit, import_id)
        refused = queries.refused(visit.db, found.id, limit=MAX_LINES)
    rows = [(harmless(entry.subject), _reason(entry.outcome)) for entry in refused]
    return tables.answer([_("What"), _("Why it can't come")], rows, cache_control=cache_control.PRIVATE)


@post(f"{PAGE}/{{import_id:str}}/confirm", sync_to_thread=True)
@shown_again(import_page)
def confirm(request: Request, import_id: FromPath[str], data: JSONBody[ConfirmForm]) -> Response:
    """Bring what a file has."""
    with writing(request) as visit:
        imports.confirm(
            visit.db, now=visit.now, account_id=visit.account_id, import_id=id_in(import_id), mode=data.mode
        )
    return redirects.see(request, f"{PAGE}/{import_id}", "import_confirmed")


@post(f"{PAGE}/{{import_id:str}}/stop", sync_to_thread=True)
@shown_again(import_page)
def stop(request: Request, import_id: FromPath[str]) -> Response:
    """Bring no more of a file."""
    with writing(request) as visit:
        imports.stop(visit.db, now=visit.now, account_id=visit.account_id, import_id=id_in(import_id))
    return redirects.see(request, f"{PAGE}/{import_id}", "import_stopped")


@post(f"{PAGE}/{{import_id:str}}/undo", sync_to_thread=True)
@shown_again(import_page)
def undo(request: Request, import_id: FromPath[str]) -> Response:
    """Take back what an import brought."""
    with writing(request) as visit:
        imports.undo(visit.db, now=visit.now, account_id=visit.account_id, import_id=id_in(import_id))
    return redirects.see(request, f"{PAGE}/{import_id}", "import_undoing")


@post(f"{PAGE}/{{import_id:str}}/remove", sync_to_thread=True)
@shown_again(import_page)
def remove(request: Request, import_id: FromPath[str]) -> Response:
    """Remove an import of which nothing came."""
    with writing(request) as visit:
        imports.remove(visit.db, now=visit.now, account_id=visit.account_id, import_id=id_in(import_id))
    return redirects.see(request, PAGE, "import_removed")


def _own(visit: Visit, import_id: str) -> Import:
    found = queries.get(visit.db, id_in(import_id), account_id=visit.account_id)
    if found is None:
        raise NotFound(_("There is no such import."))
    return found


def _view(visit: Visit, found: Import) -> ImportView:
    source = SOURCES.get(found.source)
    waits = found.state in queries.WORKING and found.turn_at > visit.now
    return ImportView(
        id=found.id,
        kind=found.kind,
        state=found.state,
        title=_("Posts from %(source)s", source=source) if source else _(words.KINDS[found.kind]),
        status=_(words.STATES[found.state]),
        percent=found.percent,
        begun=times.day(ids.created_at(found.id)),
        brought=formats.number(max(found.brought, 0)),
        error=found.error,
        waits_until=times.date(found.turn_at) if waits else "",
        file_until=times.day(found.expires_at) if found.file and found.expires_at is not None else "",
        replaces=found.mode == "replace",
        can_be_stopped=found.can_be_stopped,
        can_be_undone=found.can_be_undone,
        can_be_removed=found.can_be_removed,
        is_at_work=found.state in {"uploading", *queries.WORKING},
    )


def _preview(
    found: Import, counts: Mapping[str, int], removals: list[Entry], refused: list[Entry], *, old_posts_go: bool
) -> Preview:
    reasons = {outcome: number for outcome, number in counts.items() if outcome not in queries.COMING}
    coming = found.total - sum(reasons.values()) if found.kind == POSTS else counts.get(NEW, 0)
    sentences = [words.sentence(found.kind, NEW, coming)]
    if found.kind != POSTS:
        sentences += [words.sentence(found.kind, THERE, counts[THERE])] if counts.get(THERE) else []
    if found.state != "ready":
        sentences = [words.came(counts.get(BROUGHT, 0) if found.kind != POSTS else found.brought)]
    return Preview(
        sentences=sentences,
        notes=[
            _(note) for note in (*words.NOTES.get(found.source, ()), *([words.OLD_POSTS_GO] if old_posts_go else []))
        ],
        removals=[_named(entry) for entry in removals],
        removed_count=counts.get(REMOVE, 0),
        refused=[EntryView(entry.subject, _reason(entry.outcome)) for entry in refused],
        refused_count=sum(reasons.values()),
        reasons=[words.counted(_reason(outcome), number) for outcome, number in sorted(reasons.items())],
        has_something=coming > 0,
    )


def _named(entry: Entry) -> str:
    """Return whom or what an entry names, with the list if it is about one."""
    listed = msgspec.json.decode(entry.detail, type=dict[str, object]).get("list") if entry.detail else None
    return f"{entry.subject} ({listed})" if listed else entry.subject


def _reason(outcome: str) -> str:
    return _(words.REASONS.get(outcome, words.OTHER))


router = Router("/", route_handlers=[show, upload, show_one, refused_table, confirm, stop, undo, remove])
