"""Attachments: accepting and processing uploads, attaching them to posts, and describing them."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, Row, bindparam, delete, func, insert, or_, select, update

from twite_common import clock, ids, outbox, text
from twite_common.database import dispatch
from twite_common.drafts import MediaChange, Thumbnail
from twite_common.errors import Invalid, NotFound
from twite_common.media.pictures import PreparedAttachment
from twite_common.post_details import Attachment
from twite_common.queries.posts import media as queries
from twite_common.queries.posts import picture_files
from twite_common.queries.posts.media import Media
from twite_common.sql.dialects import among
from twite_common.sql.types import AnyRow
from twite_common.tables import media
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

MAX_COUNT = 4
MAX_DESCRIPTION_LENGTH = 1500
PICTURES = frozenset({"image", "gifv"})
TASK = "media.process"
"""Name of the task that prepares an upload, given its id."""
UNUSED = "files.unused"
"""The event that names files which may be of no use any more."""
RETENTION_MS = clock.DAY
"""How long an upload waits to be put on a post."""
STEP_MS = clock.MINUTE
"""How far behind an account's last waiting upload its next one is put: about as long as preparing one takes."""
REMOVED_AT_ONCE = 2000
"""Uploads that are removed in one transaction."""
NAMES_AN_EVENT = 200

_ID = bindparam("media_id", type_=BigInteger)
PLACE = update(media).where(media.c.id == _ID)
PUT = PLACE.values(
    post_id=bindparam("to_post_id", type_=BigInteger),
    scheduled_post_id=bindparam("to_scheduled_post_id", type_=BigInteger),
    draft_id=bindparam("to_draft_id", type_=BigInteger),
    held_post_id=bindparam("to_held_post_id", type_=BigInteger),
    position=bindparam("at"),
    attached_at=bindparam("now", type_=BigInteger),
)
RELEASE = (
    update(media)
    .where(
        media.c.post_id == bindparam("of_post_id", type_=BigInteger),
        ~among(media.c.id, "kept_ids"),
    )
    .values(post_id=None, attached_at=bindparam("now", type_=BigInteger))
)
LEAVE_DRAFT = (
    update(media)
    .where(
        media.c.draft_id == bindparam("of_draft_id", type_=BigInteger),
        ~among(media.c.id, "kept_ids"),
    )
    .values(draft_id=None, attached_at=bindparam("now", type_=BigInteger))
)
DROP_ATTACHED = (
    delete(media)
    .where(media.c.post_id == bindparam("of_post_id", type_=BigInteger))
    .returning(media.c.file, media.c.preview, media.c.upload)
)
NEW = insert(media)
FREE = (media.c.post_id.is_(None), media.c.scheduled_post_id.is_(None), media.c.held_post_id.is_(None))
CHANGE_FREE = update(media).where(media.c.id == _ID, media.c.account_id == bindparam("of_account_id"), *FREE)
DROP_FREE = (
    delete(media)
    .where(media.c.id == _ID, media.c.account_id == bindparam("of_account_id"), *FREE)
    .returning(media.c.file, media.c.preview, media.c.upload)
)
_LEFT = (
    select(media.c.id)
    .where(
        *FREE,
        media.c.draft_id.is_(None),
        media.c.id < bindparam("before_id", type_=BigInteger),
        or_(media.c.attached_at.is_(None), media.c.attached_at < bindparam("before", type_=BigInteger)),
    )
    .limit(REMOVED_AT_ONCE)
)
DROP_LEFT = delete(media).where(media.c.id.in_(_LEFT)).returning(media.c.file, media.c.preview, media.c.upload)
_OF_ACCOUNT = (
    select(media.c.id).where(media.c.account_id == bindparam("of_account_id", type_=BigInteger)).limit(NAMES_AN_EVENT)
)
DROP_OF_ACCOUNT = (
    delete(media).where(media.c.id.in_(_OF_ACCOUNT)).returning(media.c.file, media.c.preview, media.c.upload)
)
PREVIEW = select(media.c.preview, media.c.meta).where(media.c.id == _ID).with_for_update()
LAST_TURN = select(func.max(media.c.turn_at)).where(
    media.c.account_id == bindparam("of_account_id", type_=BigInteger), media.c.state == "processing"
)


def add_picture(
    db: Connection, prepared: PreparedAttachment, *, now: int, account_id: int, file: str, preview: str
) -> int:
    """Keep an uploaded picture, whose files are stored already, and return its id."""
    return add(
        db,
        now=now,
        account_id=account_id,
        kind="image",
        state="ready",
        file=file,
        preview=preview,
        blurhash=prepared.blurhash,
        bytes=len(prepared.picture.data),
        meta=encoded(
            {
                "original": size(prepared.picture.width, prepared.picture.height),
                "small": size(prepared.preview.width, prepared.preview.height),
            }
        ),
    )


def add_recording(
    db: Connection,
    *,
    now: int,
    account_id: int,
    kind: str,
    upload: str,
    bytes: int,
    thumbnail: Thumbnail | None = None,
) -> int:
    """Keep an uploaded video or sound, which a task prepares, and return its id; `upload` is its file's name.

    It keeps a thumbnail that came with it.
    """
    last = db.scalar(LAST_TURN, {"of_account_id": account_id})
    id = add(
        db,
        now=now,
        account_id=account_id,
        kind=kind,
        state="processing",
        upload=upload,
        bytes=bytes,
        **({} if thumbnail is None else _showing(thumbnail, "{}")),
        turn_at=now if last is None else max(now, last + STEP_MS),
    )
    dispatch(db, TASK, id)
    return id


def change(db: Connection, change: MediaChange, *, now: int, account_id: int) -> None:
    """Change what an upload says, or its small picture, while it is on no post yet.

    Raises NotFound unless it is the account's own and free, Invalid for a description that is too long.
    """
    columns, replaced = _changed(db, change)
    target = {"media_id": change.media_id, "of_account_id": account_id}
    if columns and not db.execute(CHANGE_FREE.values(columns), target).rowcount:
        raise NotFound(_("There is no such upload, or it is already attached to a post."))
    forget_files(db, replaced, now=now)


def change_attached(db: Connection, changes: Iterable[MediaChange], *, now: int) -> None:
    """Change what attachments of a post say, or their small pictures.

    Raises Invalid for a description that is too long.
    """
    for change in changes:
        columns, replaced = _changed(db, change)
        if columns:
            db.execute(PLACE.values(columns), {"media_id": change.media_id})
        if replaced:
            forget_files(db, replaced, now=now)


def locked_preview(db: Connection, media_id: int) -> Row[str | None, str] | None:
    """Return an attachment's preview and `meta`, and let nobody else replace them until the transaction ends."""
    return db.execute(PREVIEW, {"media_id": media_id}).one_or_none()


def _changed(db: Connection, change: MediaChange) -> tuple[dict[str, object], list[str | None]]:
    """Return the columns that a change writes, and the files that are of no use afterwards."""
    columns: dict[str, object] = {}
    if change.description is not None:
        columns["description"] = checked_description(change.description)
    if change.focus is not None:
        columns |= {"focus_x": change.focus[0], "focus_y": change.focus[1]}
    row = None if change.thumbnail is None else locked_preview(db, change.media_id)
    if change.thumbnail is None or row is None:
        return columns, []
    return columns | _showing(change.thumbnail, row.meta), [row.preview]


def _showing(thumbnail: Thumbnail, meta: str) -> dict[str, object]:
    """Return the columns of what is shown before an attachment; `meta` is what is known of it."""
    meta_values = msgspec.json.decode(meta, type=dict[str, Any])
    return {
        "preview": thumbnail.file,
        "blurhash": thumbnail.blurhash,
        "meta": encoded(meta_values | {"small": size(thumbnail.width, thumbnail.height)}),
    }


def drop(db: Connection, *, now: int, account_id: int, media_id: int) -> None:
    """Remove an upload that is on no post.

    Raises NotFound unless it is the account's own, Invalid when it is on a post.
    """
    upload = queries.of_account(db, account_id, [media_id]).get(media_id)
    if upload is None:
        raise NotFound(_("There is no such upload."))
    rows = db.execute(DROP_FREE, {"media_id": media_id, "of_account_id": account_id}).all()
    if not rows:
        raise Invalid(_("Validation failed: Media attachment is currently used by a status"))
    _forget_rows(db, rows, now=now)


def drop_left(db: Connection, *, now: int) -> None:
    """Remove uploads that nobody has put on a post for a day."""
    before = now - RETENTION_MS
    _forget_rows(db, db.execute(DROP_LEFT, {"before": before, "before_id": ids.first_at(before)}).all(), now=now)


def drop_attached(db: Connection, *, now: int, post_id: int) -> None:
    """Remove a post's attachments with their files."""
    _forget_rows(db, db.execute(DROP_ATTACHED, {"of_post_id": post_id}).all(), now=now)


def drop_some_of_account(db: Connection, *, now: int, account_id: int) -> bool:
    """Remove some of an account's uploads with their files, wherever they are shown; say whether there were any."""
    rows = db.execute(DROP_OF_ACCOUNT, {"of_account_id": account_id}).all()
    _forget_rows(db, rows, now=now)
    return bool(rows)


def forget_files(
    db: Connection,
    names: Collection[str | None],
    *,
    now: int,
    uploads: Collection[str | None] = (),
    archives: Collection[str] = (),
) -> None:
    """Have a task remove those of the files that nothing uses, once this transaction is committed.

    `uploads` are files that were to be prepared, of which each row has its own, as each archive has.
    """
    unused_names = picture_files.unused(db, names)
    for start in range(0, len(unused_names), NAMES_AN_EVENT):
        outbox.add(db, UNUSED, now=now, names=unused_names[start : start + NAMES_AN_EVENT])
    pending = [upload for upload in uploads if upload]
    for start in range(0, len(pending), NAMES_AN_EVENT):
        outbox.add(db, UNUSED, now=now, names=[], uploads=pending[start : start + NAMES_AN_EVENT])
    if archives:
        outbox.add(db, UNUSED, now=now, names=[], archives=list(archives))


def _forget_rows(db: Connection, rows: Collection[AnyRow], *, now: int) -> None:
    """Have the files of removed rows (file, preview, upload) removed."""
    names = [name for file, preview, _ in rows for name in (file, preview)]
    forget_files(db, names, now=now, uploads=[row.upload for row in rows])


def size(width: int, height: int) -> dict[str, object]:
    """Return a picture's size in the API's words."""
    return {"width": width, "height": height, "size": f"{width}x{height}", "aspect": round(width / max(height, 1), 4)}


def choose(
    db: Connection,
    *,
    account_id: int,
    media_ids: Sequence[int],
    post_id: int | None = None,
    scheduled_post_id: int | None = None,
) -> list[Attachment]:
    """Return uploads that are to be put on a post (or stay on the one named), in this order.

    Raises Invalid for what isn't the account's own, ready and free, and for more or others than go together.
    """
    unique_ids = list(dict.fromkeys(media_ids))
    uploads = queries.of_account(db, account_id, unique_ids)
    chosen = [uploads[id] for id in unique_ids if id in uploads]
    _check(chosen, len(unique_ids), post_id, scheduled_post_id)
    return [upload.attachment for upload in chosen]


def put(
    db: Connection,
    chosen: Sequence[Attachment],
    *,
    now: int,
    post_id: int | None = None,
    scheduled_post_id: int | None = None,
    draft_id: int | None = None,
    held_post_id: int | None = None,
) -> None:
    """Put chosen uploads on a post, on one that is to be published later or is held, or into a draft."""
    rows = [
        {
            "media_id": attachment.id,
            "to_post_id": post_id,
            "to_scheduled_post_id": scheduled_post_id,
            "to_draft_id": draft_id,
            "to_held_post_id": held_post_id,
            "at": place,
            "now": now,
        }
        for place, attachment in enumerate(chosen)
    ]
    if rows:
        db.execute(PUT, rows)


def choose_for_draft(db: Connection, *, account_id: int, media_ids: Sequence[int]) -> list[Attachment]:
    """Return uploads that are to be kept with a draft, in this order, ready or not.

    Raises Invalid for what isn't the account's own, or is on a post.
    """
    unique_ids = list(dict.fromkeys(media_ids))
    uploads = queries.of_account(db, account_id, unique_ids)
    free = [uploads[id] for id in unique_ids if id in uploads and uploads[id].free]
    if len(free) < len(unique_ids):
        raise _not_free()
    return [upload.attachment for upload in free]


def leave_draft(db: Connection, *, now: int, draft_id: int, kept_ids: Collection[int] = ()) -> None:
    """Take uploads out of a draft, except some; they can be put on a post for a day."""
    db.execute(LEAVE_DRAFT, {"of_draft_id": draft_id, "kept_ids": list(kept_ids), "now": now})


def check_different(media_ids: Sequence[int]) -> None:
    """Raise Invalid when posts that are published together are to have the same upload."""
    if len(set(media_ids)) < len(media_ids):
        raise _not_free()


def release(db: Connection, *, now: int, post_id: int, kept_ids: Collection[int] = ()) -> None:
    """Take a post's attachments off it, except some; they can be put on another post for a day."""
    db.execute(RELEASE, {"of_post_id": post_id, "kept_ids": list(kept_ids), "now": now})


def add(db: Connection, *, now: int, **columns: object) -> int:
    """Keep an attachment of which all is known, and return its id."""
    id = ids.new(now)
    db.execute(NEW, {"id": id, **columns})
    return id


def encoded(value: object) -> str:
    """Return values of an attachment as they are stored."""
    return msgspec.json.encode(value).decode()


def check_number(number: int) -> None:
    """Raise Invalid when so many files are too many for one post."""
    if number > MAX_COUNT:
        raise Invalid(
            ngettext(
                "Validation failed: Cannot attach more than %(count)s file",
                "Validation failed: Cannot attach more than %(count)s files",
                MAX_COUNT,
            )
        )


def checked_description(description: str) -> str:
    """Return what an attachment is described with, as it is stored.

    Raises Invalid when it is too long.
    """
    clean_description = text.clean(description)
    if beyond := text.excess(clean_description, MAX_DESCRIPTION_LENGTH):
        raise Invalid(_("Validation failed: Description is too long (maximum is %(limit)s)", limit=beyond))
    return clean_description


def _check(chosen: Sequence[Media], number: int, post_id: int | None, scheduled_post_id: int | None) -> None:
    check_number(number)
    free = [upload for upload in chosen if upload.free_for(post_id, scheduled_post_id)]
    if len(free) < number:
        raise _not_free()
    kinds = {upload.attachment.kind for upload in chosen}
    if len(chosen) > 1 and not kinds <= PICTURES:
        raise Invalid(_("Validation failed: Cannot attach a video to a post that already contains images"))
    if any(upload.attachment.state == "processing" for upload in chosen):
        raise Invalid(
            _("Validation failed: Cannot attach files that have not finished processing. Try again in a moment!")
        )
    if any(upload.attachment.state == "failed" for upload in chosen):
        raise Invalid(_("Validation failed: Cannot attach files that could not be processed"))


def _not_free() -> Invalid:
    return Invalid(_("Validation failed: Media not found, or attached to another post"))
