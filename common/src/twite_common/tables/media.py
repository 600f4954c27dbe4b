"""Attachments of posts: pictures, videos and sound."""

from sqlalchemy import Column, Float, Index, Integer, Table, Text

from twite_common.sql.dialects import BigId
from twite_common.tables.metadata import count, index_of_files, key, metadata, moment, reference, words

media = Table(
    "media",
    metadata,
    key(),
    reference("account_id", "account.id"),
    reference("post_id", "post.id", optional=True, index=True),
    reference("scheduled_post_id", "scheduled_post.id", optional=True, index=True),
    Column("position", Integer, nullable=False, server_default="0"),
    # image, gifv, video, audio
    Column("kind", Text, nullable=False),
    # processing, ready, failed
    words("state", "ready"),
    # Names in the media folder: what was uploaded (until it is processed), what is shown, and its small picture.
    words("upload", None),
    words("file", None),
    words("preview", None),
    words("description"),
    Column("focus_x", Float),
    Column("focus_y", Float),
    words("blurhash", None),
    # Sizes, lengths and rates, as JSON in the API's words.
    words("meta", "{}"),
    count("bytes"),
    moment("attached_at", optional=True),
    # Of uploads to be processed: how often that was begun, since when somebody is at it, and their place in the order.
    count("attempts"),
    moment("claimed_at", optional=True),
    Column("turn_at", BigId, nullable=False, server_default="0"),
    Index("ix_media_account_id_post_id", "account_id", "post_id"),
    Index("ix_media_state_turn_at", "state", "turn_at"),
    Index("ix_media_state", "state"),
)
index_of_files(media, "file", "preview", "upload")
_CLAIMED = media.c.claimed_at.is_not(None)
# One account's uploads are processed one after another.
Index("uq_media_claimed", media.c.account_id, unique=True, sqlite_where=_CLAIMED, postgresql_where=_CLAIMED)
