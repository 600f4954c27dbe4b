"""Managing the site's custom emojis."""

from typing import IO

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, JSONBody

from twite_common.errors import Invalid, NotFound, TwiteError
from twite_common.media import pictures
from twite_common.media.stored_files import storing
from twite_common.queries.posts import emojis as queries
from twite_common.services.posts import emojis
from twite_common.services.posts.emojis import EmojiChanges
from twite_common.translations import gettext as _
from twite_web import uploads
from twite_web.core import core
from twite_web.middleware.bodies import MAX_WITH_PICTURES_BYTES
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import id_in, reading, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.types import Request, Response

CHANGES = {
    "enable": EmojiChanges(disabled=False),
    "disable": EmojiChanges(disabled=True),
    "offer": EmojiChanges(visible_in_picker=True),
    "withhold": EmojiChanges(visible_in_picker=False),
}


class EmojiForm(msgspec.Struct, frozen=True, kw_only=True):
    """A new emoji."""

    shortcode: str = ""
    category: str = ""
    picture: UploadFile | None = None


def emojis_page(request: Request, data: EmojiForm, *, error: TwiteError | None = None) -> Response:
    """Return the emojis, and the form for another."""
    with reading_as_staff(request, emojis.PERMISSION) as visit:
        all_emojis = queries.all_emojis(visit.db)
        return form_errors.page(request, "posts/emojis.html", visit, values=data, error=error, emojis=all_emojis)


@get("/admin/emojis", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the emojis."""
    return emojis_page(request, EmojiForm())


@post(
    "/admin/emojis",
    opt={"permission": emojis.PERMISSION},
    request_max_body_size=MAX_WITH_PICTURES_BYTES,
    sync_to_thread=True,
)
@shown_again(emojis_page)
def add(request: Request, data: JSONBody[EmojiForm]) -> Response:
    """Add an emoji."""
    with reading(request, page=False) as visit:
        emojis.check_new(visit.db, viewer=visit.member, shortcode=data.shortcode, category=data.category)
        content = _content(data.picture)
        uploads.count(request, visit.account_id, 1, visit.now)
    equipment = core(request)
    with storing(equipment.database, equipment.settings) as files:
        picture, still_picture = map(files.keep, pictures.prepare_emoji(content, visit.account_id))
        with writing(request) as visit:
            emojis.add(
                visit.db,
                now=visit.now,
                viewer=visit.member,
                shortcode=data.shortcode,
                picture=picture,
                still_picture=still_picture,
                category=data.category,
            )
    return redirects.see(request, "/admin/emojis", "saved")


@post("/admin/emojis/{emoji_id:str}/remove", sync_to_thread=True)
def remove(request: Request, emoji_id: FromPath[str]) -> Response:
    """Remove an emoji."""
    with writing(request) as visit:
        emojis.remove(visit.db, now=visit.now, viewer=visit.member, emoji_id=id_in(emoji_id))
    return redirects.see(request, "/admin/emojis", "emoji_removed")


@post("/admin/emojis/{emoji_id:str}/{decision:str}", sync_to_thread=True)
def change(request: Request, emoji_id: FromPath[str], decision: FromPath[str]) -> Response:
    """Switch an emoji on or off, or offer it in the list of emojis or not."""
    if decision not in CHANGES:
        raise NotFound(_("There is no such page."))
    with writing(request) as visit:
        emojis.change(visit.db, now=visit.now, viewer=visit.member, emoji_id=id_in(emoji_id), changes=CHANGES[decision])
    return redirects.see(request, "/admin/emojis", "saved")


def _content(upload: UploadFile | None) -> IO[bytes]:
    if upload is None or not upload.file.read(1):
        sentence = _("Please choose a picture.")
        raise Invalid(sentence, {"picture": [("ERR_BLANK", sentence)]})
    return upload.file


router = Router("/", route_handlers=[show, add, remove, change])
