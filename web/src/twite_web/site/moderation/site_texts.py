"""Texts about the site: showing and editing them."""

from datetime import date

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody
from markupsafe import Markup

from twite_common import clock
from twite_common.errors import Invalid, NotFound, TwiteError
from twite_common.queries.moderation import site_texts as queries
from twite_common.services.moderation import site_texts
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import form_errors, redirects, templating
from twite_web.site.access import Visit, reading, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.options import translated
from twite_web.types import Request, Response

TITLES = {"about": marked("About this site"), "privacy": marked("Privacy policy"), "terms": marked("Terms of service")}
ADDRESSES = {"about": "/about", "privacy": "/privacy", "terms": "/terms"}


class TextForm(msgspec.Struct, frozen=True, kw_only=True):
    """A text, and the day (ISO 8601) from which it counts; without one, at once."""

    text: str = ""
    from_day: str = ""


@get("/privacy", sync_to_thread=True)
def privacy(request: Request) -> Response:
    """Show how the site keeps private what is private."""
    return _text_page(request, "privacy")


@get("/terms", sync_to_thread=True)
def terms(request: Request) -> Response:
    """Show the terms of the site."""
    return _text_page(request, "terms")


@get("/admin/texts", sync_to_thread=True)
def texts(request: Request) -> Response:
    """Show which texts can be written."""
    with reading_as_staff(request, "manage_settings") as visit:
        names = queries.names_in_effect(visit.db, now=visit.now)
        return templating.page(request, "moderation/site_texts.html", visit, titles=translated(TITLES), there=names)


def text_form(request: Request, data: TextForm, text_name: str, *, error: TwiteError | None = None) -> Response:
    """Return the form for a text, with what is wrong with what was typed."""
    with reading_as_staff(request, "manage_settings") as visit:
        return _form_page(request, visit, data, text_name, error)


@get("/admin/texts/{text_name:str}", sync_to_thread=True)
def show_text(request: Request, text_name: FromPath[str]) -> Response:
    """Show the form for a text, with its last version."""
    with reading_as_staff(request, "manage_settings") as visit:
        version = queries.planned(visit.db, text_name)
        return _form_page(request, visit, TextForm(text=version.text if version else ""), text_name)


@post("/admin/texts/{text_name:str}", sync_to_thread=True)
@shown_again(text_form)
def write_text(request: Request, data: JSONBody[TextForm], text_name: FromPath[str]) -> Response:
    """Write a text."""
    with writing(request) as visit:
        site_texts.write(
            visit.db,
            now=visit.now,
            viewer=visit.member,
            name=text_name,
            words=data.text,
            effective_at=_start_of(data.from_day),
        )
    return redirects.see(request, "/admin/texts", "saved")


def shown_text(visit: Visit, name: str) -> Markup | None:
    """Return a text as HTML; None when the site has none."""
    version = queries.current(visit.db, name, now=visit.now)
    return Markup(visit.core.texts.html(version.text)) if version else None  # noqa: S704 - made by twite_common.text


def _text_page(request: Request, name: str) -> Response:
    with reading(request) as visit:
        html = shown_text(visit, name)
    if html is None:
        raise NotFound(_("This site has no such text."))
    return templating.page(request, "moderation/site_text.html", visit, title=_(TITLES[name]), html=html)


def _form_page(request: Request, visit: Visit, data: TextForm, name: str, error: TwiteError | None = None) -> Response:
    if name not in TITLES:
        raise NotFound(_("There is no such text."))
    return form_errors.page(
        request,
        "moderation/edit_site_text.html",
        visit,
        values=data,
        error=error,
        name=name,
        title=_(TITLES[name]),
        address=ADDRESSES[name],
    )


def _start_of(day: str) -> int | None:
    if not day:
        return None
    try:
        return clock.start_of(date.fromisoformat(day))
    except ValueError:
        message = _("Please write the day as 2026-05-01.")
        raise Invalid(message, {"from_day": [("invalid", message)]}) from None


router = Router("/", route_handlers=[privacy, terms, texts, show_text, write_text])
