"""Editing posts."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, func, insert, select, update

from twite_common import ids
from twite_common import post_details as shown_details
from twite_common.drafts import Draft, PollDraft
from twite_common.post_details import Attachment, Emoji
from twite_common.queries.posts import content_rules as rule_queries
from twite_common.queries.posts import media as media_queries
from twite_common.queries.posts.posts import Edit, Post
from twite_common.services.notifications import notifications, webhooks
from twite_common.services.posts import (
    cards,
    content_rules,
    media,
    polls,
    post_checks,
    post_details,
    post_names,
    posts,
    quotes,
    writers,
)
from twite_common.services.posts.content_rules import Verdict, Written
from twite_common.services.timelines import stream_events
from twite_common.settings import Settings
from twite_common.sql.dialects import among, upsert
from twite_common.tables import former_mention, mention, post, post_edit, post_tag
from twite_common.translations import gettext as _

_ID = bindparam("target_id", type_=BigInteger)
MAX_VERSIONS = 50
"""Earlier versions of a post that are kept: the first, and the latest."""
MAX_VERSION_CHARACTERS = 64 * 1024
"""Characters of those that are kept together, with what is written beside their texts; two are kept in any case."""

KEEP_VERSION = insert(post_edit)
VERSION_SIZES = (
    select(
        post_edit.c.id,
        func.length(post_edit.c.text) + func.length(post_edit.c.spoiler_text) + func.length(post_edit.c.details),
    )
    .where(post_edit.c.post_id == _ID)
    .order_by(post_edit.c.id.desc())
)
DROP_VERSIONS = delete(post_edit).where(among(post_edit.c.id, "version_ids"))
CHANGE = update(post).where(post.c.id == _ID)
DROP_MENTIONS = delete(mention).where(mention.c.post_id == _ID)
DROP_POST_TAGS = delete(post_tag).where(post_tag.c.post_id == _ID)
_named = select(mention.c.post_id, mention.c.account_id).where(mention.c.post_id == _ID)
KEEP_MENTIONS = upsert(former_mention).from_select(["post_id", "account_id"], _named).on_conflict_do_nothing()
NAMED_BEFORE = select(former_mention.c.account_id).where(former_mention.c.post_id == _ID)
BOOSTERS = select(post.c.account_id).where(post.c.boost_of_id == _ID)
QUOTERS = select(post.c.account_id).where(post.c.quote_of_id == _ID, post.c.quote_state == "accepted").distinct()


class Version(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an earlier version of a post was shown with: its attachments, what its poll offered, and emojis."""

    media: tuple[Attachment, ...] = ()
    poll: tuple[str, ...] = ()
    emojis: tuple[Emoji, ...] = ()


def version_of(edit_details: str) -> Version:
    """Return what stands in an earlier version's row."""
    return msgspec.json.decode(edit_details, type=Version)


def present(post: Post) -> Edit:
    """Return a post's present version, to stand after the earlier ones."""
    options = msgspec.json.decode(post.poll_options, type=list[tuple[str, int]]) if post.poll_options else []
    details = shown_details.decode(post.details)
    version = Version(details.media, tuple(title for title, _ in options), details.emojis)
    written_at = post.edited_at or ids.created_at(post.id)
    return Edit(post.text, post.spoiler_text, post.sensitive, written_at, msgspec.json.encode(version).decode())


def check(db: Connection, settings: Settings, *, author_id: int, post_id: int, draft: Draft) -> list[int]:
    """Raise what `edit` would raise for a draft whatever comes with it, so that no file is stored for it.

    Returns the ids of the attachments that the post will have.
    """
    post = posts.own(db, post_id, author_id)
    for change in draft.media_changes:
        media.checked_description(change.description or "")
    attached_ids = [attachment.id for attachment in shown_details.decode(post.details).media]
    media_ids = attached_ids if draft.media_ids is None else list(draft.media_ids)
    post_checks.checked(settings, draft, required=not media_ids and post.poll_options is None)
    return media_ids


def edit(db: Connection, settings: Settings, *, now: int, author_id: int, post_id: int, draft: Draft) -> None:
    """Change what a post says and shows, and keep the earlier version: of many, the first and the latest stay.

    Whom no version has named so far is told, and so are those who boosted or quoted it. Visibility and what it answers
    or quotes stay. Raises NotFound unless it is the author's own post, Invalid for what breaks a rule.
    """
    post = posts.own(db, post_id, author_id, now=now)
    before, details = present(post), shown_details.decode(post.details)
    poll = polls.checked(draft.poll) if isinstance(draft.poll, PollDraft) else draft.poll
    media_ids = [attachment.id for attachment in details.media] if draft.media_ids is None else draft.media_ids
    keeps_poll = post.poll_options is not None if poll is msgspec.UNSET else poll is not None
    body, spoiler = post_checks.checked(settings, draft, required=not (media_ids or keeps_poll))
    sensitive = bool(spoiler) or (post.sensitive if draft.sensitive is None else draft.sensitive)
    language = post_checks.language_of(draft) or post.language
    usernames = post_names.names_in(db, settings, body, author_id, draft.allowed_mention_ids)
    options = () if poll is msgspec.UNSET or poll is None else poll.options
    chosen = _chosen(db, details.media, media_ids, post_id=post_id, author_id=author_id)
    descriptions = [change.description or "" for change in draft.media_changes]
    descriptions += [attachment.description for attachment in chosen or ()]
    written = Written((body, spoiler, *options, *descriptions), frozenset(usernames), post.visibility == "mentioned")
    verdict = _judge(db, written, author_id, now)

    if draft.quote_policy is not None:
        quotes.set_policy(db, account_id=author_id, post_id=post_id, policy=draft.quote_policy)
    media_changed = _attach(db, draft, chosen, post_id=post_id, now=now)
    poll_changed = not isinstance(poll, msgspec.UnsetType) and polls.change(db, now=now, post_id=post_id, draft=poll)
    text_changed = (body, spoiler, sensitive, language) != (
        post.text,
        post.spoiler_text,
        post.sensitive,
        post.language,
    )
    if not (text_changed or poll_changed or media_changed):
        return
    _keep(db, before, post_id, now)
    changes = {
        "text": body,
        "spoiler_text": spoiler,
        "sensitive": sensitive,
        "language": language,
        "edited_at": now,
    }
    if verdict.action == "limit":
        changes["visibility"] = posts.LIMITED.get(post.visibility, post.visibility)
    db.execute(CHANGE.values(changes), {"target_id": post_id})
    writers.record_edit(db, post_id, now=now)
    db.execute(KEEP_MENTIONS, {"target_id": post_id})
    db.execute(DROP_MENTIONS, {"target_id": post_id})
    db.execute(DROP_POST_TAGS, {"target_id": post_id})
    post_names.index(db, post_id, body, list(usernames), now)
    cards.put(db, now=now, account_id=author_id, post_id=post_id, body=body, base_url=settings.base_url)
    post_details.refresh(db, [post_id])
    stream_events.add(db, "post.edited", now=now, subject_id=post_id)
    content_rules.report(db, verdict, [post_id], author_id=author_id, now=now)
    _tell(db, post_id, author_id, set(usernames).difference(db.scalars(NAMED_BEFORE, {"target_id": post_id})), now)
    webhooks.announce(db, "status.updated", now=now, account_id=author_id, post_ids=[post_id])


def _judge(db: Connection, written: Written, author_id: int, now: int) -> Verdict:
    """Return what the rules for content say of a change.

    Raises Invalid for what they refuse, and for what they would hold: the post stays as it was, for all to see.
    """
    role, ruled = rule_queries.author(db, author_id)
    if not ruled or content_rules.is_exempt(role):
        return Verdict()
    verdict = content_rules.judge(db, [written], author_id=author_id, now=now, new=False)
    if verdict.action in {"hold", "refuse"}:
        raise content_rules.refusal(verdict, _("This site doesn't accept this change. The post stays as it was."))
    return verdict


def _chosen(
    db: Connection, attached: Sequence[Attachment], media_ids: Sequence[int], *, post_id: int, author_id: int
) -> list[Attachment] | None:
    """Return the attachments that a post is to have; None where it keeps those that it has."""
    if list(media_ids) == [attachment.id for attachment in attached]:
        return None
    return media.choose(db, account_id=author_id, media_ids=media_ids, post_id=post_id)


def _attach(db: Connection, draft: Draft, chosen: list[Attachment] | None, *, post_id: int, now: int) -> bool:
    """Give a post chosen attachments, and these what they say from now on; return whether that changed any."""
    before = media_queries.of_posts(db, [post_id]).get(post_id, [])
    if chosen is not None:
        media.release(db, now=now, post_id=post_id, kept_ids=[attachment.id for attachment in chosen])
        media.put(db, chosen, now=now, post_id=post_id)
    attached_ids = {attachment.id for attachment in (before if chosen is None else chosen)}
    media.change_attached(db, [change for change in draft.media_changes if change.media_id in attached_ids], now=now)
    return media_queries.of_posts(db, [post_id]).get(post_id, []) != before


def _keep(db: Connection, before: Edit, post_id: int, now: int) -> None:
    """Keep a version, and forget those between the first and the latest that are too many or too large together."""
    db.execute(KEEP_VERSION, {"id": ids.new(now), "post_id": post_id, **msgspec.structs.asdict(before)})
    *later_versions, first = db.execute(VERSION_SIZES, {"target_id": post_id}).all()
    total, version_ids = first[1], []
    for place, (id, size) in enumerate(later_versions):
        total += size
        if place and (place >= MAX_VERSIONS - 1 or total > MAX_VERSION_CHARACTERS):
            version_ids.append(id)
    if version_ids:
        db.execute(DROP_VERSIONS, {"version_ids": version_ids})


def _tell(db: Connection, post_id: int, author_id: int, newly_named: set[int], now: int) -> None:
    notifications.notify(db, newly_named, "mention", now=now, from_account_id=author_id, post_id=post_id)
    target = {"target_id": post_id}
    boosters = set(db.scalars(BOOSTERS, target))
    notifications.notify(db, boosters, "update", now=now, from_account_id=author_id, post_id=post_id)
    quoters = set(db.scalars(QUOTERS, target))
    notifications.notify(db, quoters, "quoted_update", now=now, from_account_id=author_id, post_id=post_id)
