"""Drafts kept on the server: what somebody is writing, saved as they write it.

A draft isn't checked as a post is: it may be too long, or empty. Its attachments wait with it as long as it is kept.
"""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, delete, insert, select, update

from twite_common import clock, ids, post_details, text
from twite_common.drafts import Draft, PollDraft
from twite_common.errors import Conflict, Invalid, NotFound
from twite_common.formats import number
from twite_common.queries.posts import drafts as queries
from twite_common.queries.posts import media as media_queries
from twite_common.queries.posts.drafts import KeptDraft
from twite_common.queries.posts.posts import Post
from twite_common.services import locks
from twite_common.services.posts import (
    idempotency,
    media,
    post_checks,
    post_deletion,
    posts,
    replies,
    scheduled_posts,
)
from twite_common.settings import Settings
from twite_common.tables import draft
from twite_common.translations import gettext as _
from twite_common.visibility import VISIBILITIES

MAX_COUNT = 100
MAX_BYTES = 64 * 1024
"""Bytes of a draft; more where the site allows posts of so many characters that one may need them."""

_ID = bindparam("the_id", type_=BigInteger)
_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
ADD = insert(draft)
BY_KEY = select(draft.c.id).where(
    draft.c.account_id == _ACCOUNT,
    draft.c.idempotency_name == bindparam("key", type_=Text),
    draft.c.id >= bindparam("first_id", type_=BigInteger),
)
CHANGE = (
    update(draft)
    .where(
        draft.c.id == _ID,
        draft.c.account_id == _ACCOUNT,
        draft.c.version == bindparam("known_version", type_=BigInteger),
    )
    .values(
        parts=bindparam("new_parts", type_=Text),
        scheduled_at=bindparam("new_scheduled_at", type_=BigInteger),
        updated_at=bindparam("now", type_=BigInteger),
        version=draft.c.version + 1,
    )
)
TAKE = (
    delete(draft)
    .where(draft.c.id == _ID, draft.c.account_id == _ACCOUNT)
    .returning(*[draft.c[name] for name in KeptDraft.__struct_fields__])
)


class Published(msgspec.Struct, frozen=True):
    """What became of a draft: posts, by their ids in order, or a post that waits for its time."""

    post_ids: tuple[int, ...] = ()
    scheduled_id: int | None = None


def add(
    db: Connection,
    settings: Settings,
    *,
    now: int,
    account_id: int,
    parts: Sequence[Draft],
    scheduled_at: int | None = None,
    idempotency_name: str | None = None,
) -> int:
    """Keep a draft and return its id; each part answers the one before.

    The same `idempotency_name` within an hour returns the same one. Raises Invalid for more than `MAX_COUNT` of them,
    for one that is too large, and for settings that don't exist or attachments that aren't the account's own and free.
    """
    # What an account keeps at the same moment waits, and finds what was there first.
    locks.take(db, account_id)
    if idempotency_name:
        idempotency_name = idempotency_name[: idempotency.MAX_LENGTH]
        first_id = ids.first_at(now - idempotency.KEPT_MS)
        key = {"of_account_id": account_id, "key": idempotency_name, "first_id": first_id}
        earlier_id: int | None = db.scalar(BY_KEY, key)
        if earlier_id is not None:
            return earlier_id
    if queries.count(db, account_id) >= MAX_COUNT:
        raise Invalid(_("Validation failed: You can keep %(limit)s drafts at most", limit=MAX_COUNT))
    id = ids.new(now)
    row = {
        "id": id,
        "account_id": account_id,
        "parts": _checked(settings, parts),
        "scheduled_at": scheduled_at,
        "updated_at": now,
        "idempotency_name": idempotency_name,
    }
    db.execute(ADD, row)
    _attach(db, parts, now=now, account_id=account_id, draft_id=id)
    return id


def change(
    db: Connection,
    settings: Settings,
    *,
    now: int,
    account_id: int,
    draft_id: int,
    parts: Sequence[Draft],
    version: int,
    scheduled_at: int | None = None,
) -> None:
    """Write a draft anew, if it is still that `version` which its author went on from.

    Raises Conflict when it was changed since, NotFound unless it is the account's own, and Invalid as `add` does.
    """
    locks.take(db, account_id)
    changes = {
        "the_id": draft_id,
        "of_account_id": account_id,
        # One beyond what a column holds is no draft's.
        "known_version": min(max(version, 0), ids.MAXIMUM),
        "new_parts": _checked(settings, parts),
        "new_scheduled_at": scheduled_at,
        "now": now,
    }
    if not db.execute(CHANGE, changes).rowcount:
        if queries.get(db, draft_id, account_id=account_id) is None:
            raise no_such_draft()
        raise Conflict(_("This draft has been changed somewhere else in the meantime."))
    _attach(db, parts, now=now, account_id=account_id, draft_id=draft_id)


def remove(db: Connection, *, now: int, account_id: int, draft_id: int) -> None:
    """Delete a draft; its attachments can be put on a post for a day.

    Raises NotFound unless it is the account's own.
    """
    _take(db, now=now, account_id=account_id, draft_id=draft_id)


def publish(
    db: Connection,
    settings: Settings,
    *,
    now: int,
    account_id: int,
    draft_id: int,
    application_id: int | None = None,
    idempotency_name: str | None = None,
) -> Published:
    """Publish what a draft says, or schedule it if it has a time, and delete the draft.

    The same `idempotency_name` within an hour returns the same posts. Raises what `posts.publish_thread` and
    `scheduled_posts.schedule_thread` raise, and NotFound unless it is the account's own.
    """
    if idempotency_name:
        earlier_ids = idempotency.published(db, now=now, author_id=account_id, name=idempotency_name)
        if earlier_ids:
            return Published(tuple(earlier_ids))
    kept_ids = {attachment.id for attachment in media_queries.of_drafts(db, [draft_id]).get(draft_id, ())}
    kept = _take(db, now=now, account_id=account_id, draft_id=draft_id)
    parts = [with_media(part, kept_ids) for part in kept.decoded()]
    if kept.scheduled_at is not None:
        scheduled_id = scheduled_posts.schedule_thread(
            db,
            settings,
            now=now,
            account_id=account_id,
            drafts=parts,
            due_at=kept.scheduled_at,
            application_id=application_id,
            idempotency_name=idempotency_name,
        )
        return Published(scheduled_id=scheduled_id)
    post_ids = posts.publish_thread(
        db,
        settings,
        now=now,
        author_id=account_id,
        drafts=parts,
        application_id=application_id,
        idempotency_name=idempotency_name,
    )
    return Published(tuple(post_ids))


def redraft(db: Connection, settings: Settings, *, now: int, author_id: int, post_id: int) -> int:
    """Delete a post, keep what it said as a draft with its attachments, and return the draft's id.

    Raises NotFound unless it is the author's own, and Invalid when there is no room for another draft: then both
    must be undone.
    """
    post = posts.own(db, post_id, author_id, now=now)
    part = _draft_of(post)
    post_deletion.delete_own(db, now=now, author_id=author_id, post_id=post_id)
    return add(db, settings, now=now, account_id=author_id, parts=[part])


def unschedule_all(db: Connection, *, now: int, account_id: int) -> None:
    """Have all that an account has scheduled wait as drafts with its attachments, however many there are."""
    for scheduled in scheduled_posts.take_all(db, account_id=account_id):
        parts = scheduled.decoded()
        uploads = media_queries.of_account(db, account_id, [id for part in parts for id in part.media_ids or ()])
        draft_id = ids.new(now)
        row = {
            "id": draft_id,
            "account_id": account_id,
            "parts": msgspec.json.encode(parts).decode(),
            "scheduled_at": scheduled.due_at,
            "updated_at": now,
            "idempotency_name": None,
        }
        db.execute(ADD, row)
        free = [upload.attachment for upload in uploads.values() if upload.free]
        media.put(db, free, now=now, draft_id=draft_id)


def with_media(part: Draft, kept_ids: Collection[int]) -> Draft:
    """Return a part with those attachments that are still kept with it: others were deleted, or put on a post."""
    return msgspec.structs.replace(part, media_ids=tuple(id for id in part.media_ids or () if id in kept_ids))


def no_such_draft() -> NotFound:
    """Return the error for a draft that isn't the account's own, or isn't there."""
    return NotFound(_("There is no such draft."))


def _take(db: Connection, *, now: int, account_id: int, draft_id: int) -> KeptDraft:
    row = db.execute(TAKE, {"the_id": draft_id, "of_account_id": account_id}).one_or_none()
    if row is None:
        raise no_such_draft()
    media.leave_draft(db, now=now, draft_id=draft_id)
    return KeptDraft(*row)


def _attach(db: Connection, parts: Sequence[Draft], *, now: int, account_id: int, draft_id: int) -> None:
    """Have the attachments of all parts wait with the draft, and no others."""
    media_ids = [media_id for part in parts for media_id in part.media_ids or ()]
    chosen = media.choose_for_draft(db, account_id=account_id, media_ids=media_ids)
    media.leave_draft(db, now=now, draft_id=draft_id, kept_ids=[attachment.id for attachment in chosen])
    media.put(db, chosen, now=now, draft_id=draft_id)


def _checked(settings: Settings, parts: Sequence[Draft]) -> str:
    """Return parts as they are stored.

    Raises Invalid for what no post could have, and what is too large to be kept.
    """
    post_checks.check_number(parts)
    for part in parts:
        media.check_number(len(part.media_ids or ()))
        replies.checked_policy(part.reply_policy)
        if part.visibility is not None and part.visibility not in VISIBILITIES:
            raise Invalid(_("The visibility must be public, unlisted, followers or mentioned."))
    encoded = msgspec.json.encode([_without_wrong_language(part) for part in parts])
    limit = max(MAX_BYTES, text.max_bytes(settings.post_characters))
    if len(encoded) > limit:
        raise Invalid(_("Validation failed: A draft can have at most %(limit)s bytes", limit=number(limit)))
    return encoded.decode()


def _without_wrong_language(part: Draft) -> Draft:
    return msgspec.structs.replace(part, language=post_checks.language_of(part))


def _draft_of(post: Post) -> Draft:
    """Return what a post says, as its author wrote it."""
    published_at = ids.created_at(post.id)
    attachments = post_details.decode(post.details).media
    return Draft(
        text=post.text,
        spoiler_text=post.spoiler_text,
        visibility=post.visibility,
        sensitive=post.sensitive,
        language=post.language,
        in_reply_to_id=post.in_reply_to_id,
        media_ids=tuple(attachment.id for attachment in attachments),
        poll=_poll_of(post, published_at),
        quote_of_id=post.accepted_quote_of_id,
        quote_policy=post.quote_policy,
        reply_policy=None if post.in_reply_to_id else post.reply_policy,
        expires_in_seconds=None if post.expires_at is None else (post.expires_at - published_at) // clock.SECOND,
    )


def _poll_of(post: Post, published_at: int) -> PollDraft | None:
    """Return the poll that a post asks, to last as long again."""
    if post.poll_options is None:
        return None
    options = msgspec.json.decode(post.poll_options, type=list[tuple[str, int]])
    since = post.edited_at or published_at
    return PollDraft(
        options=tuple(title for title, _votes in options),
        expires_in_seconds=max(0, (post.poll_expires_at or since) - since) // clock.SECOND,
        multiple=bool(post.poll_multiple),
        hide_totals=bool(post.poll_hides_totals),
    )
