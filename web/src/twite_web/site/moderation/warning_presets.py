"""Editing the ready-made texts that staff choose from when they warn someone."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common.errors import NotFound, TwiteError
from twite_common.queries.moderation import warning_presets as queries
from twite_common.services.moderation import warning_presets
from twite_common.translations import gettext as _
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import Visit, id_in, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.types import Request, Response

PATH = "/admin/warning-presets"


class PresetForm(msgspec.Struct, frozen=True, kw_only=True):
    """A text and its title, which only those see who choose it."""

    title: str = ""
    text: str = ""


def presets_page(request: Request, data: PresetForm, *, error: TwiteError | None = None) -> Response:
    """Return the texts, and the form for another."""
    with reading_as_staff(request, "manage_settings") as visit:
        presets = queries.every(visit.db)
        return form_errors.page(
            request, "moderation/warning_presets.html", visit, values=data, error=error, presets=presets
        )


@get("/admin/warning-presets", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the texts."""
    return presets_page(request, PresetForm())


@post("/admin/warning-presets", sync_to_thread=True)
@shown_again(presets_page)
def add(request: Request, data: JSONBody[PresetForm]) -> Response:
    """Add a text."""
    with writing(request) as visit:
        warning_presets.add(visit.db, now=visit.now, viewer=visit.member, title=data.title, words=data.text)
    return redirects.see(request, PATH, "saved")


def preset_page(request: Request, data: PresetForm, preset_id: str, *, error: TwiteError | None = None) -> Response:
    """Return the form for a text, with what is wrong with what was typed."""
    with reading_as_staff(request, "manage_settings") as visit:
        return _form_page(request, visit, data, preset_id, error)


@get("/admin/warning-presets/{preset_id:str}", sync_to_thread=True)
def show_one(request: Request, preset_id: FromPath[str]) -> Response:
    """Show the form for a text."""
    with reading_as_staff(request, "manage_settings") as visit:
        preset = queries.get(visit.db, id_in(preset_id))
        if preset is None:
            raise NotFound(_("There is no such preset."))
        return _form_page(request, visit, PresetForm(title=preset.title, text=preset.text), preset_id)


@post("/admin/warning-presets/{preset_id:str}", sync_to_thread=True)
@shown_again(preset_page)
def change(request: Request, data: JSONBody[PresetForm], preset_id: FromPath[str]) -> Response:
    """Change a text."""
    with writing(request) as visit:
        warning_presets.change(
            visit.db,
            now=visit.now,
            viewer=visit.member,
            preset_id=id_in(preset_id),
            title=data.title,
            words=data.text,
        )
    return redirects.see(request, PATH, "saved")


@post("/admin/warning-presets/{preset_id:str}/remove", sync_to_thread=True)
def remove(request: Request, preset_id: FromPath[str]) -> Response:
    """Remove a text."""
    with writing(request) as visit:
        warning_presets.remove(visit.db, now=visit.now, viewer=visit.member, preset_id=id_in(preset_id))
    return redirects.see(request, PATH, "text_removed")


def _form_page(
    request: Request, visit: Visit, data: PresetForm, preset_id: str, error: TwiteError | None = None
) -> Response:
    return form_errors.page(
        request, "moderation/warning_preset.html", visit, values=data, error=error, preset_id=id_in(preset_id)
    )


router = Router("/", route_handlers=[show, add, show_one, change, remove])
