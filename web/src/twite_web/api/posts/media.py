"""Attachments: /api/v1/media/… and /api/v2/media."""

from typing import IO, Any

import msgspec
from litestar import Response, delete, get, post, route
from litestar.datastructures import UploadFile
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from twite_common.drafts import MediaChange
from twite_common.errors import NotFound
from twite_common.media import recordings
from twite_common.media.stored_files import storing
from twite_common.queries.posts import media as queries
from twite_common.services.posts import media
from twite_common.translations import gettext as _
from twite_web import uploads
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.path_params import NOT_FOUND, record_id
from twite_web.api.schemas import Empty
from twite_web.api.schemas.posts import MediaAttachment
from twite_web.api.serializers import post_parts
from twite_web.core import core
from twite_web.errors import Failure
from twite_web.middleware.bodies import MAX_WITH_PICTURES_BYTES
from twite_web.routing import Router
from twite_web.types import Request

MAX_UPLOAD_BYTES = recordings.MAX_BYTES + 1024 * 1024
"""Bytes of a request that brings a file."""
_UNFINISHED = ResponseSpec(MediaAttachment, description="It is still being processed.", generate_examples=False)


class Upload(msgspec.Struct):
    """A file to be attached to a post; `thumbnail` is shown before a video or sound."""

    file: Any = None
    thumbnail: Any = None
    description: str | None = None
    focus: str | None = None


class UploadChanges(msgspec.Struct):
    """What an upload is to say from now on."""

    thumbnail: Any = None
    description: str | UnsetType | None = UNSET
    focus: str | None = None


@post(
    "/v2/media",
    status_code=200,
    opt=user("write:media"),
    responses={202: _UNFINISHED},
    request_max_body_size=MAX_UPLOAD_BYTES,
    sync_to_thread=True,
)
def add(request: Request, data: JSONBody[Upload]) -> Response[MediaAttachment]:
    """Upload a picture, video or audio. If processing takes time, the response is 202 without a URL."""
    return _add(request, data)


@post(
    "/v1/media",
    status_code=200,
    opt=user("write:media"),
    responses={202: _UNFINISHED},
    request_max_body_size=MAX_UPLOAD_BYTES,
    sync_to_thread=True,
)
def add_as_before(request: Request, data: JSONBody[Upload]) -> Response[MediaAttachment]:
    """Upload a file (deprecated; see version 2)."""
    return _add(request, data)


def _add(request: Request, data: Upload) -> Response[MediaAttachment]:
    equipment = core(request)
    description = media.checked_description(data.description or "")
    middle = uploads.focus(data.focus)
    with reading(request) as access:
        content = _content(data.file)
    with storing(equipment.database, equipment.settings) as files:
        stored = uploads.store(files, content, access.account_id, uploads.thumbnail_in(data.thumbnail))
        with writing(request) as access:
            id = uploads.keep(access.db, stored, now=access.now, account_id=access.account_id)
            media_change = MediaChange(media_id=id, description=description or None, focus=middle)
            media.change(access.db, media_change, now=access.now, account_id=access.account_id)
    with access.reading() as access:
        attachment, state = _own(access, id)
    return Response(attachment, status_code=202 if state == "processing" else 200)


@get("/v1/media/{media_id:str}", opt=user("write:media"), responses={206: _UNFINISHED}, sync_to_thread=True)
def one(request: Request, media_id: FromPath[str]) -> Response[MediaAttachment]:
    """Return an upload that isn't on a post yet; with 206 while it is being processed."""
    with reading(request) as access:
        attachment, state = _own(access, record_id(media_id))
    if state == "failed":
        raise Failure(422, _("Error processing thumbnail for uploaded media"))
    return Response(attachment, status_code=206 if state == "processing" else 200)


@route(
    "/v1/media/{media_id:str}",
    http_method=["PUT", "PATCH"],
    opt=user("write:media"),
    request_max_body_size=MAX_WITH_PICTURES_BYTES,
    sync_to_thread=True,
)
def change(request: Request, media_id: FromPath[str], data: JSONBody[UploadChanges]) -> MediaAttachment:
    """Change an upload that isn't on a post yet."""
    id, equipment, thumbnail = record_id(media_id), core(request), uploads.thumbnail_in(data.thumbnail)
    description = None if isinstance(data.description, UnsetType) else media.checked_description(data.description or "")
    middle = uploads.focus(data.focus)
    with reading(request) as access:
        _own(access, id)
        if thumbnail is not None:
            uploads.count(request, access.account_id, 1, access.now)
    with storing(equipment.database, equipment.settings) as files:
        stored_thumbnail = (
            uploads.store_thumbnail(files, thumbnail, access.account_id) if thumbnail is not None else None
        )
        media_change = MediaChange(media_id=id, description=description, focus=middle, thumbnail=stored_thumbnail)
        with writing(request) as access:
            media.change(access.db, media_change, now=access.now, account_id=access.account_id)
    with access.reading() as access:
        attachment, _ = _own(access, id)
    return attachment


@delete("/v1/media/{media_id:str}", status_code=200, opt=user("write:media"), sync_to_thread=True)
def remove(request: Request, media_id: FromPath[str]) -> Empty:
    """Remove an upload that isn't on a post."""
    with writing(request) as access:
        media.drop(access.db, now=access.now, account_id=access.account_id, media_id=record_id(media_id))
    return Empty()


def _content(upload: Any) -> IO[bytes]:
    if not isinstance(upload, UploadFile):
        raise Failure(422, _("Validation failed: File can't be blank"))
    return upload.file


def _own(access: Access, media_id: int) -> tuple[MediaAttachment, str]:
    """Return one of one's own uploads that is on no post, and its state."""
    upload = queries.of_account(access.db, access.account_id, [media_id]).get(media_id)
    if upload is None or upload.post_id is not None or upload.scheduled_post_id is not None:
        raise NotFound(_(NOT_FOUND))
    return post_parts.media_attachment(access.core.addresses, upload.attachment), upload.attachment.state


router = Router("/", route_handlers=[add, add_as_before, one, change, remove], tags=["media"])
