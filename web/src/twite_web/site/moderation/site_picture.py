"""The picture that stands for the site: choosing it and taking it away."""

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import JSONBody

from twite_common.errors import TwiteError
from twite_common.media import pictures
from twite_common.media.stored_files import storing
from twite_common.queries.moderation import site_pictures as queries
from twite_common.services.moderation import site_pictures
from twite_web import uploads
from twite_web.core import core
from twite_web.middleware.bodies import MAX_WITH_PICTURES_BYTES
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import reading, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.types import Request, Response


class PictureForm(msgspec.Struct, frozen=True, kw_only=True):
    """A picture, or none to leave the one that is there, and what it shows."""

    picture: UploadFile | None = None
    description: str = ""


def picture_page(request: Request, data: PictureForm | None, *, error: TwiteError | None = None) -> Response:
    """Return the site's picture, and the form for another; None stands for what is there."""
    with reading_as_staff(request, site_pictures.PERMISSION) as visit:
        current = queries.current(visit.db)
        form = data or PictureForm(description=current.description if current else "")
        return form_errors.page(
            request, "moderation/site_picture.html", visit, values=form, error=error, current=current
        )


@get("/admin/picture", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the site's picture."""
    return picture_page(request, None)


@post(
    "/admin/picture",
    opt={"permission": site_pictures.PERMISSION},
    request_max_body_size=MAX_WITH_PICTURES_BYTES,
    sync_to_thread=True,
)
@shown_again(picture_page)
def choose(request: Request, data: JSONBody[PictureForm]) -> Response:
    """Choose the site's picture, or describe the one that is there."""
    chosen = data.picture if data.picture is not None and data.picture.filename else None
    with reading(request, page=False) as visit:
        site_pictures.check(viewer=visit.member, description=data.description)
        uploads.count(request, visit.account_id, 1 if chosen else 0, visit.now)
    equipment = core(request)
    with storing(equipment.database, equipment.settings) as files:
        picture = uploads.store_profile_picture(files, chosen, pictures.SHARE_CARD, None, visit.account_id)
        with writing(request) as visit:
            site_pictures.choose(
                visit.db,
                now=visit.now,
                viewer=visit.member,
                description=data.description,
                picture=picture or None,
            )
    return redirects.see(request, "/admin/picture", "saved")


@post("/admin/picture/remove", sync_to_thread=True)
def remove(request: Request) -> Response:
    """Take the site's picture away."""
    with writing(request) as visit:
        site_pictures.remove(visit.db, now=visit.now, viewer=visit.member)
    return redirects.see(request, "/admin/picture", "saved")


router = Router("/", route_handlers=[show, choose, remove])
