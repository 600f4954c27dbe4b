"""Posts, what is attached to them, and what people did with them. A poll has its post's id."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    Table,
    Text,
    and_,
    literal_column,
    text,
)

from twite_common.sql.dialects import BigId, Bytewise
from twite_common.tables.metadata import count, flag, index_of_files, key, metadata, moment, reference, words

post = Table(
    "post",
    metadata,
    key(),
    reference("account_id", "account.id"),
    words("text"),
    words("spoiler_text"),
    Column("visibility", Text, nullable=False),
    flag("sensitive"),
    words("language", None),
    reference("in_reply_to_id", "post.id", optional=True, index=True),
    # No reference: whom a post answered stays known when that account is gone.
    Column("in_reply_to_account_id", BigId),
    Column("conversation_id", BigId, nullable=False, index=True),
    Column("boost_of_id", BigId),
    # No reference: that a post quoted another stays known when that one is gone.
    Column("quote_of_id", BigId, index=True),
    words("quote_state", None),
    words("quote_policy", "public"),
    # Who may answer: everybody, following, mentioned or nobody. An answer has what the first post of its thread has.
    words("reply_policy", "everybody"),
    # Who chose that: the author of the thread's first post. No reference, as the choice outlives the account. NULL
    # where everybody may answer.
    Column("reply_policy_account_id", BigId),
    # When it ends by itself.
    moment("expires_at", optional=True),
    # What is shown with the text and changes with its version only, as JSON (`twite_common.post_details`).
    words("details", "{}"),
    reference("application_id", "application.id", optional=True),
    # Set when the author had so many followers that the post is merged into timelines when they are read.
    flag("merged"),
    moment("edited_at", optional=True),
    count("replies_count"),
    count("boosts_count"),
    count("favourites_count"),
    count("quotes_count"),
    reference("card_id", "card.id", optional=True, index=True),
    # What moderators decided: whether it may trend. NULL: not looked at yet.
    Column("trendable", Boolean),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Index("ix_post_account_id", "account_id", "id"),
)
"""A post, or a boost of one: a boost has `boost_of_id` and no text of its own."""

PUBLIC = and_(post.c.visibility == literal_column("'public'"), post.c.boost_of_id.is_(None))
"""What the public timeline's index holds. Literal, because SQLite doesn't match a bound value with an index."""

MERGED: ColumnElement[bool] = literal_column("post.merged")
"""What the index of posts that are merged into timelines holds; literal for the same reason."""

Index("ix_post_public", post.c.id, sqlite_where=PUBLIC, postgresql_where=PUBLIC)
Index("ix_post_merged", post.c.account_id, post.c.id, sqlite_where=post.c.merged, postgresql_where=post.c.merged)
_BOOST = post.c.boost_of_id.is_not(None)
Index("ix_post_boost", post.c.boost_of_id, post.c.id, sqlite_where=_BOOST, postgresql_where=_BOOST)
_EXPIRES = post.c.expires_at.is_not(None)
Index("ix_post_expires_at", post.c.expires_at, sqlite_where=_EXPIRES, postgresql_where=_EXPIRES)
_BY_APPLICATION = post.c.application_id.is_not(None)
Index("ix_post_application_id", post.c.application_id, sqlite_where=_BY_APPLICATION, postgresql_where=_BY_APPLICATION)
Index("uq_post_boost", post.c.boost_of_id, post.c.account_id, unique=True, sqlite_where=_BOOST, postgresql_where=_BOOST)

post_edit = Table(
    "post_edit",
    metadata,
    key(),
    reference("post_id", "post.id", index=True),
    words("text"),
    words("spoiler_text"),
    flag("sensitive"),
    # The version's attachments and poll options, as JSON.
    words("details", "{}"),
    moment("written_at"),
)
"""Earlier versions of a post; the current one stands in `post` alone."""

imported_post = Table(
    "imported_post",
    metadata,
    reference("post_id", "post.id", primary_key=True),
    reference("account_id", "account.id"),
    reference("import_id", "import.id"),
    # mastodon, twite, x or bluesky, and what the post is called there.
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Index("uq_imported_post_source", "account_id", "source", "source_id", unique=True),
    Index("ix_imported_post_import_id", "import_id", "post_id"),
)
"""Posts that were written elsewhere and brought along by their authors."""

post_writer = Table(
    "post_writer",
    metadata,
    reference("post_id", "post.id", primary_key=True, autoincrement=False),
    reference("writer_id", "account.id", index=True),
)
"""Who wrote a post for an account that isn't their own. Only those who act for that account read it."""

post_edit_writer = Table(
    "post_edit_writer",
    metadata,
    reference("post_id", "post.id", primary_key=True, autoincrement=False),
    Column("edited_at", BigInteger, primary_key=True, autoincrement=False),
    reference("writer_id", "account.id", index=True),
)
"""Who made the version of such a post that was written at a time, by editing it. Read by the same alone."""

mention = Table(
    "mention",
    metadata,
    reference("post_id", "post.id", primary_key=True),
    reference("account_id", "account.id", primary_key=True),
    Index("ix_mention_account_id", "account_id", "post_id"),
    sqlite_with_rowid=False,
)

former_mention = Table(
    "former_mention",
    metadata,
    reference("post_id", "post.id", primary_key=True),
    reference("account_id", "account.id", primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""Whom the earlier versions of a post named: they were told of it, and aren't again."""

tag = Table(
    "tag",
    metadata,
    key(),
    Column("name_key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    # What moderators decided: whether it may trend (NULL: not looked at yet), be used and be found.
    Column("trendable", Boolean),
    flag("usable", default=True),
    flag("listable", default=True),
    moment("reviewed_at", optional=True),
    # How many posts have it, as far as anybody looks: counted by a periodic job, so that nobody who posts waits for
    # somebody else who writes the same hashtag.
    count("uses"),
    Index("ix_tag_uses", "uses"),
)
# SQLite reads the names' own index in this order.
Index("ix_tag_name", Bytewise(tag.c.name_key)).ddl_if(dialect="postgresql")

post_tag = Table(
    "post_tag",
    metadata,
    reference("tag_id", "tag.id", primary_key=True),
    reference("post_id", "post.id", primary_key=True),
    Index("ix_post_tag_post_id", "post_id"),
    sqlite_with_rowid=False,
)

favourite = Table(
    "favourite",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    reference("post_id", "post.id", primary_key=True),
    Column("id", BigId, nullable=False),
    Index("ix_favourite_account_id_id", "account_id", "id"),
    Index("ix_favourite_post_id_id", "post_id", "id"),
    Index("ix_favourite_id", "id"),
    sqlite_with_rowid=False,
)

bookmark_folder = Table(
    "bookmark_folder",
    metadata,
    key(),
    reference("account_id", "account.id"),
    Column("name", Text, nullable=False),
    # Place among the account's folders, from 0.
    Column("position", Integer, nullable=False),
    Index("uq_bookmark_folder_account_id_name", "account_id", "name", unique=True),
)

bookmark = Table(
    "bookmark",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    reference("post_id", "post.id", primary_key=True),
    Column("id", BigId, nullable=False),
    # No reference: SQLite adds none to a table that is there. `services.posts.bookmark_folders` keeps it true.
    Column("folder_id", BigId),
    Index("ix_bookmark_account_id_id", "account_id", "id"),
    Index("ix_bookmark_post_id", "post_id"),
    sqlite_with_rowid=False,
)
_IN_FOLDER = bookmark.c.folder_id.is_not(None)
Index(
    "ix_bookmark_folder_id_id",
    bookmark.c.folder_id,
    bookmark.c.id,
    sqlite_where=_IN_FOLDER,
    postgresql_where=_IN_FOLDER,
)

idempotency_key = Table(
    "idempotency_key",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    Column("name", Text, primary_key=True),
    Column("post_id", BigId, nullable=False),
    moment("expires_at"),
)

pin = Table(
    "pin",
    metadata,
    reference("account_id", "account.id", primary_key=True),
    reference("post_id", "post.id", primary_key=True),
    Column("id", BigId, nullable=False),
    Index("ix_pin_account_id_id", "account_id", "id"),
    Index("ix_pin_post_id", "post_id"),
    sqlite_with_rowid=False,
)

scheduled_post = Table(
    "scheduled_post",
    metadata,
    key(),
    reference("account_id", "account.id"),
    reference("application_id", "application.id", optional=True, index=True),
    moment("due_at"),
    # The draft, as JSON.
    Column("draft", Text, nullable=False),
    words("idempotency_name", None),
    Index("ix_scheduled_post_account_id_id", "account_id", "id"),
    Index("ix_scheduled_post_due_at", "due_at"),
)

draft = Table(
    "draft",
    metadata,
    key(),
    reference("account_id", "account.id"),
    # What is to be published, as JSON: a list of drafts, each of which answers the one before.
    Column("parts", Text, nullable=False),
    # When it is meant to be published; nothing happens then.
    moment("scheduled_at", optional=True),
    moment("updated_at"),
    words("idempotency_name", None),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Index("ix_draft_account_id_id", "account_id", "id"),
)
"""Posts that their authors haven't finished: one, or a thread."""

post_deletion_rule = Table(
    "post_deletion_rule",
    metadata,
    reference("account_id", "account.id", primary_key=True, autoincrement=False),
    # Posts go when they are older than that, unless something of the following keeps them.
    Column("days", Integer, nullable=False),
    flag("keep_favourited", default=True),
    flag("keep_bookmarked", default=True),
    flag("keep_pinned", default=True),
    flag("keep_media"),
    flag("keep_polls"),
    flag("keep_mentioned", default=True),
    # NULL: no number keeps them.
    Column("keep_favourites", Integer),
    Column("keep_boosts", Integer),
    # When to look for the next ones, and after which post.
    moment("due_at", index=True),
    Column("after_id", BigId, nullable=False, server_default="0"),
)
"""By which rule an account's old posts are deleted, a few at a time."""

publisher = Table(
    "publisher",
    metadata,
    key(),
    Column("domain", Text, nullable=False, unique=True),
    # What moderators decided: whether its pages may trend. NULL: not looked at yet.
    Column("trendable", Boolean),
)
"""Whoever pages that posts link to come from."""

card = Table(
    "card",
    metadata,
    key(),
    Column("url", Text, nullable=False, unique=True),
    reference("publisher_id", "publisher.id", optional=True, index=True),
    words("title"),
    words("description"),
    words("kind", "link"),
    words("author_name"),
    words("author_url"),
    reference("author_account_id", "account.id", optional=True, index=True),
    words("provider_name"),
    words("provider_url"),
    words("html"),
    count("width"),
    count("height"),
    words("picture", None),
    words("picture_description"),
    words("embed_url"),
    words("blurhash", None),
    words("language", None),
    moment("published_at", optional=True),
    # due, claimed, ready, failed
    words("state", "due"),
    count("attempts"),
    moment("due_at"),
    moment("claimed_at", optional=True),
    # Whose post was the first that links there; not a reference, as that account may be gone.
    Column("cause_id", BigId),
    # Place in the order of fetching, as with events.
    Column("turn_at", BigInteger, nullable=False, server_default="0"),
    Column("trendable", Boolean),
    Index("ix_card_state_turn_at", "state", "turn_at"),
    Index("ix_card_cause_id_turn_at", "cause_id", "turn_at"),
)
"""What a page that posts link to says of itself, fetched by a task."""
index_of_files(card, "picture")

poll = Table(
    "poll",
    metadata,
    reference("post_id", "post.id", primary_key=True, autoincrement=False),
    # As JSON: a list of `[title, votes]`, kept by the statement that counts a vote.
    words("options", "[]"),
    moment("expires_at", optional=True, index=True),
    flag("multiple"),
    flag("hide_totals"),
    count("voters_count"),
    moment("ended_at", optional=True),
)

poll_vote = Table(
    "poll_vote",
    metadata,
    reference("post_id", "post.id", primary_key=True),
    reference("account_id", "account.id", primary_key=True, index=True),
    # As JSON: the places of the chosen options.
    words("choices", "[]"),
    sqlite_with_rowid=False,
)

media = Table(
    "media",
    metadata,
    key(),
    reference("account_id", "account.id"),
    reference("post_id", "post.id", optional=True, index=True),
    reference("scheduled_post_id", "scheduled_post.id", optional=True, index=True),
    # No reference: SQLite would have to write the whole table anew to get one. Whoever removes a draft removes this.
    Column("draft_id", BigId),
    # Nor here, for the same reason.
    Column("held_post_id", BigId),
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
_DRAFTED = media.c.draft_id.is_not(None)
Index("ix_media_draft_id", media.c.draft_id, sqlite_where=_DRAFTED, postgresql_where=_DRAFTED)
_HELD = media.c.held_post_id.is_not(None)
Index("ix_media_held_post_id", media.c.held_post_id, sqlite_where=_HELD, postgresql_where=_HELD)
_CLAIMED = media.c.claimed_at.is_not(None)
# One account's uploads are processed one after another.
Index("uq_media_claimed", media.c.account_id, unique=True, sqlite_where=_CLAIMED, postgresql_where=_CLAIMED)

emoji = Table(
    "emoji",
    metadata,
    key(),
    Column("shortcode", Text, nullable=False, unique=True),
    Column("picture", Text, nullable=False),
    Column("still_picture", Text, nullable=False),
    words("category", None),
    flag("visible_in_picker", default=True),
    flag("disabled"),
)
"""The site's own emojis."""
