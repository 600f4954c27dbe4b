"""Checking what somebody has written, before any of it is written down."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, exists, select

from twite_common import text
from twite_common.drafts import Draft, PollDraft
from twite_common.errors import Invalid
from twite_common.formats import number
from twite_common.post_details import Attachment
from twite_common.queries.posts.content_rules import ANY_ACTIVE
from twite_common.queries.posts.posts import Post
from twite_common.services.posts import media, polls, post_expiry, post_names, quotes, replies
from twite_common.services.posts.content_rules import Written
from twite_common.settings import Settings
from twite_common.tables import account, preferences, webhook
from twite_common.translations import gettext as _
from twite_common.translations import ngettext
from twite_common.visibility import VISIBILITIES

MAX_THREAD = 25
"""Posts that are published at once."""
MAX_BYTES = 8 * 1024
"""Bytes of a post's text and content warning; more where the site allows so many characters that they may need them."""


class Author(msgspec.Struct, frozen=True):
    """Who writes, and what they chose for their posts."""

    followers_count: int
    visibility: str
    quote_policy: str
    sensitive: bool
    language: str | None
    limited: bool
    has_webhook: bool
    role: str
    ruled: bool
    """Whether any rule for content is switched on."""


class Parent(msgspec.Struct, frozen=True):
    """What a new post answers."""

    id: int
    account_id: int
    conversation_id: int
    reply_policy: str
    reply_policy_account_id: int | None


class NewPost(msgspec.Struct, frozen=True):
    """A post that is to be written: what its draft says, checked."""

    id: int
    author_id: int
    author: Author
    body: str
    spoiler: str
    visibility: str
    parent: Parent | None
    quoted: Post | None
    named: dict[int, str]
    poll: PollDraft | None
    attachments: list[Attachment]
    reply_policy: str
    expires_at: int | None

    @property
    def conversation_id(self) -> int:
        """Id of the thread's first post."""
        return self.parent.conversation_id if self.parent else self.id

    @property
    def reply_policy_account_id(self) -> int | None:
        """Who chose the policy; None where everybody may answer."""
        if self.parent is not None:
            return self.parent.reply_policy_account_id
        return None if self.reply_policy == "everybody" else self.author_id

    def written(self) -> Written:
        """Return it as rules for content look at it."""
        options = self.poll.options if self.poll else ()
        descriptions = [attachment.description for attachment in self.attachments]
        return Written(
            (self.body, self.spoiler, *options, *descriptions), frozenset(self.named), self.visibility == "mentioned"
        )

    def as_parent(self) -> Parent:
        """Return it as what the next post answers."""
        return Parent(self.id, self.author_id, self.conversation_id, self.reply_policy, self.reply_policy_account_id)


AUTHOR = (
    select(
        account.c.followers_count,
        preferences.c.visibility,
        preferences.c.quote_policy,
        preferences.c.sensitive,
        preferences.c.language,
        account.c.limited_at.is_not(None),
        exists().where(webhook.c.account_id == account.c.id, webhook.c.state == "active"),
        account.c.role,
        ANY_ACTIVE,
    )
    .join(preferences, preferences.c.account_id == account.c.id)
    .where(account.c.id == bindparam("author_id", type_=BigInteger))
)


def author_of_posts(db: Connection, author_id: int) -> Author:
    """Return what somebody who writes chose for their posts."""
    return Author(*db.execute(AUTHOR, {"author_id": author_id}).one())


def checked_thread(
    db: Connection, settings: Settings, post_ids: Sequence[int], author_id: int, drafts: Sequence[Draft], now: int
) -> list[NewPost]:
    """Return what is to be written, under these ids, if none of it breaks a rule: each answers the one before.

    Raises what `posts.publish_thread` raises.
    """
    check_number(drafts)
    author = author_of_posts(db, author_id)
    check_different_media(drafts)
    parent, posts = _parent(db, drafts[0].in_reply_to_id, author_id, now), list[NewPost]()
    for post_id, draft in zip(post_ids, drafts, strict=True):
        posts.append(_checked_draft(db, settings, post_id, author_id, author, draft, parent, now))
        parent = posts[-1].as_parent()
    return posts


def check_number(drafts: Sequence[Draft]) -> None:
    """Raise Invalid for no posts, or more than are published at once."""
    if not 1 <= len(drafts) <= MAX_THREAD:
        raise Invalid(_("Validation failed: A thread has 1 to %(limit)s posts", limit=MAX_THREAD))


def check_different_media(drafts: Sequence[Draft]) -> None:
    """Raise Invalid when several posts are to have the same upload."""
    media.check_different([media_id for draft in drafts for media_id in dict.fromkeys(draft.media_ids or ())])


def _checked_draft(
    db: Connection,
    settings: Settings,
    post_id: int,
    author_id: int,
    author: Author,
    draft: Draft,
    parent: Parent | None,
    now: int,
) -> NewPost:
    """Return what is to be written, if it breaks no rule."""
    poll = polls.checked(draft.poll) if isinstance(draft.poll, PollDraft) else None
    body, spoiler = checked(settings, draft, required=not (draft.media_ids or poll))
    visibility, quoted = _audience(db, draft, author, author_id)
    usernames = post_names.names_in(db, settings, body, author_id, draft.allowed_mention_ids)
    if quoted is not None and visibility == "mentioned" and quoted.account_id not in {author_id, *usernames}:
        raise Invalid(_("Validation failed: A post for mentioned people only must mention the author it quotes"))
    return NewPost(
        id=post_id,
        author_id=author_id,
        author=author,
        body=body,
        spoiler=spoiler,
        visibility=visibility,
        parent=parent,
        quoted=quoted,
        named=usernames,
        poll=poll,
        attachments=media.choose(db, account_id=author_id, media_ids=draft.media_ids) if draft.media_ids else [],
        reply_policy=parent.reply_policy if parent else replies.checked_policy(draft.reply_policy),
        expires_at=post_expiry.end_of(draft, now=now),
    )


def language_of(draft: Draft) -> str | None:
    """Return the language that was named, if it can be one: a wrong one is no reason to lose a post."""
    return draft.language if draft.language and text.LANGUAGE.fullmatch(draft.language) else None


def checked(settings: Settings, draft: Draft, *, required: bool) -> tuple[str, str]:
    """Return text and content warning as they are stored; a warning alone becomes the text.

    Raises Invalid when they are too long, or empty where something is `required`.
    """
    _check_size(settings, draft.text, draft.spoiler_text)
    body, spoiler = text.clean(draft.text), text.clean_line(draft.spoiler_text)
    if not body:
        body, spoiler = spoiler, ""
    if not body and required:
        raise Invalid(_("Validation failed: Text can't be blank"), {"text": [("ERR_BLANK", _("The post is empty."))]})
    _check_length(settings, body, spoiler)
    return body, spoiler


def _parent(db: Connection, post_id: int | None, author_id: int, now: int) -> Parent | None:
    if post_id is None:
        return None
    parent = replies.answerable(db, author_id=author_id, post_id=post_id, now=now)
    return Parent(
        parent.id, parent.account_id, parent.conversation_id, parent.reply_policy, parent.reply_policy_account_id
    )


def _audience(db: Connection, draft: Draft, author: Author, author_id: int) -> tuple[str, Post | None]:
    """Return for whom a post is, and what it quotes, which may narrow that."""
    visibility = draft.visibility or author.visibility
    if visibility not in VISIBILITIES:
        raise Invalid(_("The visibility must be public, unlisted, followers or mentioned."))
    if author.limited and visibility == "public":
        visibility = "unlisted"
    if draft.quote_of_id is None:
        return visibility, None
    quoted, visibility = quotes.quotable(db, author_id=author_id, post_id=draft.quote_of_id, visibility=visibility)
    return visibility, quoted


def _check_length(settings: Settings, body: str, spoiler: str) -> None:
    """Raise Invalid for a text and a content warning that have too many characters together."""
    limit = settings.post_characters
    length = text.count(body) + text.count(spoiler)
    if length > limit:
        sentence = ngettext(
            "The post has %(count)s character, but only %(limit)s are allowed.",
            "The post has %(count)s characters, but only %(limit)s are allowed.",
            length,
            limit=limit,
        )
        raise Invalid(
            _("Validation failed: Text character limit of %(limit)s exceeded", limit=limit),
            {"text": [("ERR_TOO_LONG", sentence)]},
        )


def _check_size(settings: Settings, body: str, spoiler: str) -> None:
    """Raise Invalid for what has too many bytes, before anything that costs more is done with it."""
    max_size = max(MAX_BYTES, text.max_bytes(settings.post_characters))
    size = text.size(body) + text.size(spoiler)
    if size > max_size:
        limits = {"characters": settings.post_characters, "max_size": number(max_size)}
        sentence = _(
            "The post is too long: it has %(size)s bytes, but only %(characters)s characters and %(max_size)s bytes "
            "are allowed.",
            size=number(size),
            **limits,
        )
        raise Invalid(
            _("Validation failed: Text limit of %(characters)s characters and %(max_size)s bytes exceeded", **limits),
            {"text": [("ERR_TOO_LONG", sentence)]},
        )
