"""Attachments, whether or not they belong to a post yet."""

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common.post_details import Attachment
from twite_common.sql.dialects import among
from twite_common.sql.types import AnyRow
from twite_common.tables import media


class Media(msgspec.Struct, frozen=True):
    """An attachment as its owner may see it, and where it belongs. Times are milliseconds."""

    attachment: Attachment
    account_id: int
    post_id: int | None
    scheduled_post_id: int | None
    held_post_id: int | None
    upload: str | None

    @property
    def free(self) -> bool:
        """Whether it can be put on a post; a draft that it is in doesn't keep it from that."""
        return self.free_for(None, None)

    def free_for(self, post_id: int | None, scheduled_post_id: int | None) -> bool:
        """Say whether it is on no other post than the one named, nor on one that waits."""
        return (
            self.post_id in {None, post_id}
            and self.scheduled_post_id in {None, scheduled_post_id}
            and self.held_post_id is None
        )


_SHOWN = [
    media.c.id,
    media.c.kind,
    media.c.state,
    media.c.file,
    media.c.preview,
    media.c.description,
    media.c.focus_x,
    media.c.focus_y,
    media.c.blurhash,
    media.c.meta,
]
_OWNED = [media.c.account_id, media.c.post_id, media.c.scheduled_post_id, media.c.held_post_id, media.c.upload]
_ALL = select(*_SHOWN, *_OWNED)
OF_POSTS = (
    select(media.c.post_id, *_SHOWN)
    .where(among(media.c.post_id, "ids"))
    .order_by(media.c.post_id, media.c.position, media.c.id)
)
OF_SCHEDULED = (
    select(media.c.scheduled_post_id, *_SHOWN)
    .where(among(media.c.scheduled_post_id, "ids"))
    .order_by(media.c.scheduled_post_id, media.c.position, media.c.id)
)
OF_DRAFTS = (
    select(media.c.draft_id, *_SHOWN)
    .where(among(media.c.draft_id, "ids"))
    .order_by(media.c.draft_id, media.c.position, media.c.id)
)
OF_HELD = (
    select(media.c.held_post_id, *_SHOWN)
    .where(among(media.c.held_post_id, "ids"))
    .order_by(media.c.held_post_id, media.c.position, media.c.id)
)
OF_ACCOUNT = _ALL.where(
    media.c.account_id == bindparam("account_id", type_=BigInteger),
    among(media.c.id, "ids"),
)


def of_posts(db: Connection, post_ids: Collection[int]) -> dict[int, list[Attachment]]:
    """Return the attachments of posts, in their order, by the post's id."""
    return _grouped(db.execute(OF_POSTS, {"ids": list(post_ids)}).all())


def of_scheduled(db: Connection, scheduled_ids: Collection[int]) -> dict[int, list[Attachment]]:
    """Return the attachments that wait to be published with scheduled posts, by the scheduled post's id."""
    return _grouped(db.execute(OF_SCHEDULED, {"ids": list(scheduled_ids)}).all()) if scheduled_ids else {}


def of_drafts(db: Connection, draft_ids: Collection[int]) -> dict[int, list[Attachment]]:
    """Return the attachments that are kept with drafts, in the order of their parts, by the draft's id."""
    return _grouped(db.execute(OF_DRAFTS, {"ids": list(draft_ids)}).all()) if draft_ids else {}


def of_held(db: Connection, held_ids: Collection[int]) -> dict[int, list[Attachment]]:
    """Return the attachments that wait with held posts, by the held post's id."""
    return _grouped(db.execute(OF_HELD, {"ids": list(held_ids)}).all()) if held_ids else {}


def of_account(db: Connection, account_id: int, media_ids: Collection[int]) -> dict[int, Media]:
    """Return those of the attachments that are an account's own, by id."""
    if not media_ids:
        return {}
    rows = db.execute(OF_ACCOUNT, {"account_id": account_id, "ids": list(media_ids)})
    return {row[0]: Media(_attachment(row[:10]), *row[10:]) for row in rows}


def _grouped(rows: Collection[AnyRow]) -> dict[int, list[Attachment]]:
    attachments: dict[int, list[Attachment]] = {}
    for row in rows:
        attachments.setdefault(row[0], []).append(_attachment(row[1:]))
    return attachments


def _attachment(row: Any) -> Attachment:
    id, kind, state, file, preview, description, focus_x, focus_y, blurhash, meta = row
    return Attachment(
        id=id,
        kind=kind,
        state=state,
        file=file,
        preview=preview,
        description=description,
        focus=None if focus_x is None or focus_y is None else (focus_x, focus_y),
        blurhash=blurhash,
        meta=msgspec.Raw(meta.encode()),
    )
