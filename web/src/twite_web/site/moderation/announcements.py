"""Announcements: dismissed on the home page, and written by administrators."""

from datetime import UTC, datetime

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common import clock
from twite_common.errors import Invalid, NotFound, TwiteError
from twite_common.queries.moderation import announcements as queries
from twite_common.services.moderation import announcements
from twite_common.translations import gettext as _
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import Visit, id_in, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.types import Request, Response

LISTED = 50


class AnnouncementForm(msgspec.Struct, frozen=True, kw_only=True):
    """What is announced, and when it begins and ends (ISO 8601, in UTC); both may be left out.

    With `all_day` applications show days instead of times.
    """

    text: str = ""
    starts: str = ""
    ends: str = ""
    all_day: bool = False


class ReactionForm(msgspec.Struct, frozen=True, kw_only=True):
    """An emoji, or the shortcode of one of the site's own, with or without colons."""

    name: str = ""


def announcements_page(request: Request, data: AnnouncementForm, *, error: TwiteError | None = None) -> Response:
    """Return the announcements, and the form for another."""
    with reading_as_staff(request, "manage_announcements") as visit:
        announcements = queries.every(visit.db, limit=LISTED)
        return form_errors.page(
            request, "moderation/announcements.html", visit, values=data, error=error, announcements=announcements
        )


@get("/admin/announcements", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the announcements."""
    return announcements_page(request, AnnouncementForm())


@post("/admin/announcements", sync_to_thread=True)
@shown_again(announcements_page)
def announce(request: Request, data: JSONBody[AnnouncementForm]) -> Response:
    """Announce something."""
    with writing(request) as visit:
        announcements.announce(
            visit.db,
            now=visit.now,
            viewer=visit.member,
            words=data.text,
            starts_at=_time(data.starts, "starts"),
            ends_at=_time(data.ends, "ends"),
            all_day=data.all_day,
        )
    return redirects.see(request, "/admin/announcements", "saved")


def announcement_page(
    request: Request, data: AnnouncementForm, announcement_id: str, *, error: TwiteError | None = None
) -> Response:
    """Return the form for an announcement, with what is wrong with what was typed."""
    with reading_as_staff(request, "manage_announcements") as visit:
        return _form_page(request, visit, data, announcement_id, error)


@get("/admin/announcements/{announcement_id:str}", sync_to_thread=True)
def show_one(request: Request, announcement_id: FromPath[str]) -> Response:
    """Show the form for an announcement."""
    with reading_as_staff(request, "manage_announcements") as visit:
        announcement = queries.get(visit.db, id_in(announcement_id))
        if announcement is None:
            raise NotFound(_("There is no such announcement."))
        values = AnnouncementForm(
            text=announcement.text,
            starts=_typed(announcement.starts_at),
            ends=_typed(announcement.ends_at),
            all_day=announcement.all_day,
        )
        return _form_page(request, visit, values, announcement_id)


@post("/admin/announcements/{announcement_id:str}", sync_to_thread=True)
@shown_again(announcement_page)
def change(request: Request, data: JSONBody[AnnouncementForm], announcement_id: FromPath[str]) -> Response:
    """Change an announcement."""
    with writing(request) as visit:
        announcements.change(
            visit.db,
            now=visit.now,
            viewer=visit.member,
            announcement_id=id_in(announcement_id),
            words=data.text,
            starts_at=_time(data.starts, "starts"),
            ends_at=_time(data.ends, "ends"),
            all_day=data.all_day,
        )
    return redirects.see(request, "/admin/announcements", "saved")


@post("/admin/announcements/{announcement_id:str}/delete", sync_to_thread=True)
def delete(request: Request, announcement_id: FromPath[str]) -> Response:
    """Delete an announcement."""
    with writing(request) as visit:
        announcements.remove(visit.db, now=visit.now, viewer=visit.member, announcement_id=id_in(announcement_id))
    return redirects.see(request, "/admin/announcements", "announcement_deleted")


@post("/announcements/{announcement_id:str}/dismiss", sync_to_thread=True)
def dismiss(request: Request, announcement_id: FromPath[str]) -> Response:
    """Put an announcement away."""
    with writing(request) as visit:
        announcements.dismiss(visit.db, account_id=visit.account_id, announcement_id=id_in(announcement_id))
    return redirects.see(request, "/")


@post("/announcements/{announcement_id:str}/react", sync_to_thread=True)
def react(request: Request, data: JSONBody[ReactionForm], announcement_id: FromPath[str]) -> Response:
    """React to an announcement with an emoji."""
    with writing(request) as visit:
        announcements.react(
            visit.db,
            now=visit.now,
            account_id=visit.account_id,
            announcement_id=id_in(announcement_id),
            name=data.name.strip().strip(":"),
        )
    return redirects.see(request, "/")


@post("/announcements/{announcement_id:str}/unreact", sync_to_thread=True)
def take_back(request: Request, data: JSONBody[ReactionForm], announcement_id: FromPath[str]) -> Response:
    """Take a reaction to an announcement back."""
    with writing(request) as visit:
        announcements.take_back(
            visit.db,
            now=visit.now,
            account_id=visit.account_id,
            announcement_id=id_in(announcement_id),
            name=data.name,
        )
    return redirects.see(request, "/")


def _form_page(
    request: Request,
    visit: Visit,
    data: AnnouncementForm,
    announcement_id: str,
    error: TwiteError | None = None,
) -> Response:
    return form_errors.page(
        request, "moderation/announcement.html", visit, values=data, error=error, announcement_id=id_in(announcement_id)
    )


def _typed(at: int | None) -> str:
    """Return a time as a form has it."""
    return clock.as_datetime(at).strftime("%Y-%m-%dT%H:%M") if at is not None else ""


def _time(value: str, field: str) -> int | None:
    if not value:
        return None
    try:
        return int(datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()) * 1000
    except (ValueError, OverflowError):
        message = _("Please write the time as 2026-05-01T18:00.")
        raise Invalid(message, {field: [("invalid", message)]}) from None


router = Router("/", route_handlers=[show, announce, show_one, change, delete, dismiss, react, take_back])
