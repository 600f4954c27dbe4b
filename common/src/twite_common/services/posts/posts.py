"""Writing posts. `post_edits` changes and `post_deletion` deletes them."""

from collections.abc import Sequence
from functools import partial
from operator import itemgetter
from typing import Literal

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, insert, select, update

from twite_common import ids
from twite_common.drafts import Draft
from twite_common.errors import NotFound
from twite_common.queries.posts import emojis as emoji_queries
from twite_common.queries.posts import posts as post_queries
from twite_common.queries.posts.posts import Post
from twite_common.services.notifications import notifications, webhooks
from twite_common.services.posts import (
    cards,
    content_rules,
    held_posts,
    idempotency,
    media,
    polls,
    post_checks,
    post_details,
    post_names,
    quotes,
    writers,
)
from twite_common.services.posts.content_rules import Verdict
from twite_common.services.posts.held_posts import HeldForReview
from twite_common.services.posts.post_checks import NewPost
from twite_common.services.timelines import conversations, timelines
from twite_common.settings import Settings
from twite_common.tables import account, follow, post
from twite_common.tables.accounts import TOLD_OF_POSTS
from twite_common.translations import gettext as _
from twite_common.visibility import FOR_EVERYBODY

_ID = bindparam("target_id", type_=BigInteger)
_AUTHOR_ID = bindparam("author_id", type_=BigInteger)
ADD = insert(post)
COUNT_POST = (
    update(account)
    .where(account.c.id == _AUTHOR_ID)
    .values(
        posts_count=account.c.posts_count + 1,
        last_post_at=bindparam("now", type_=BigInteger),
        version=account.c.version + 1,
    )
)
COUNT_REPLY = (
    update(post)
    .where(post.c.id == _ID)
    .values(replies_count=post.c.replies_count + bindparam("change", type_=BigInteger))
)
COUNT_BOOST = (
    update(post)
    .where(post.c.id == _ID)
    .values(boosts_count=post.c.boosts_count + bindparam("change", type_=BigInteger))
)
LIMITED = {"public": "unlisted"}
"""What becomes of a visibility when a rule limits a post, as of all posts of an account that staff have limited."""
Judged = Literal["now", "later", "before"]
"""How rules for content are asked: now, while the author waits; later than they wrote it, so that what would be
refused is held instead; or not, as staff have looked at it before."""
NOTIFY_FOLLOWERS = select(follow.c.follower_id).where(follow.c.followee_id == _AUTHOR_ID, TOLD_OF_POSTS)


def publish(
    db: Connection,
    settings: Settings,
    *,
    now: int,
    author_id: int,
    draft: Draft,
    application_id: int | None = None,
    idempotency_name: str | None = None,
) -> int:
    """Publish a post and return its id; the same `idempotency_name` within an hour returns the same post.

    Raises Invalid for a text or setting that breaks a rule, also that of who may answer, UnexpectedMentions when it
    names others than allowed, NotFound when it answers a post that the author can't see, ActingRefused when whoever
    acts for the author may not publish it, and HeldForReview when it is
    kept for staff to look at instead.
    """
    return publish_thread(
        db,
        settings,
        now=now,
        author_id=author_id,
        drafts=[draft],
        application_id=application_id,
        idempotency_name=idempotency_name,
    )[0]


def publish_thread(
    db: Connection,
    settings: Settings,
    *,
    now: int,
    author_id: int,
    drafts: Sequence[Draft],
    application_id: int | None = None,
    idempotency_name: str | None = None,
    judged: Judged = "now",
    writer_id: int | None = None,
) -> list[int]:
    """Publish posts, each of which answers the one before, and return their ids in this order.

    What `in_reply_to_id` says counts for the first only. The same `idempotency_name` within an hour returns the same
    posts. Every one is checked before any is written. `judged` says how the rules for content are asked, `writer_id`
    who wrote for the account what was held. Raises what `publish` raises, and Invalid for none or more than
    `post_checks.MAX_THREAD`.
    """
    post_ids = [ids.new(now) for _draft in drafts]
    if idempotency_name:
        earlier_ids = idempotency.claim(db, now=now, author_id=author_id, name=idempotency_name, post_ids=post_ids)
        if earlier_ids:
            return earlier_ids
    thread = post_checks.checked_thread(db, settings, post_ids, author_id, drafts, now)
    writers.check_new(thread)
    verdict = _judge(db, thread, judged, now)
    if verdict.action in {"hold", "refuse"}:
        if idempotency_name:
            idempotency.give_back(db, author_id=author_id, name=idempotency_name, number=len(post_ids))
        attachments = [attachment for new in thread for attachment in new.attachments]
        held_posts.hold(
            db,
            now=now,
            author_id=author_id,
            drafts=drafts,
            attachments=attachments,
            verdict=verdict,
            application_id=application_id,
        )
        raise HeldForReview(verdict.explanation)
    if verdict.action == "limit":
        thread = [
            msgspec.structs.replace(new, visibility=LIMITED.get(new.visibility, new.visibility)) for new in thread
        ]
    tagged = [
        _write(db, settings, new, draft, now=now, application_id=application_id)
        for new, draft in zip(thread, drafts, strict=True)
    ]
    writers.record(db, post_ids, writer_id=writer_id)
    _count(db, thread, now)
    for new, has_tags in zip(thread, tagged, strict=True):
        _deliver(db, settings, new, now=now, tagged=has_tags)
    for new in thread:
        _tell(db, new, now, followers=new is thread[0])
    if thread[0].author.has_webhook:
        webhooks.announce(db, "status.created", now=now, account_id=author_id, post_ids=post_ids)
    content_rules.report(db, verdict, post_ids, author_id=author_id, now=now)
    return post_ids


def _judge(db: Connection, thread: Sequence[NewPost], judged: Judged, now: int) -> Verdict:
    """Return what the rules for content say of posts; nothing is asked where none is switched on.

    Raises Invalid for what they refuse, unless it was written earlier.
    """
    author, author_id = thread[0].author, thread[0].author_id
    if judged == "before" or not author.ruled or content_rules.is_exempt(author.role):
        return Verdict()
    verdict = content_rules.judge(db, [new.written() for new in thread], author_id=author_id, now=now)
    if judged == "now":
        content_rules.check(verdict)
    return verdict


def own(db: Connection, post_id: int, author_id: int, *, now: int | None = None, to_be_deleted: bool = False) -> Post:
    """Return a post, to be changed or deleted by its author, at a time or else at present.

    Raises NotFound unless it is the author's own, and no boost, and ActingRefused for whoever acts for the author and
    may not do it.
    """
    post = post_queries.get(db, post_id, viewer_id=author_id, now=now)
    if post is None or post.account_id != author_id or post.boost_of_id is not None:
        raise no_such_post()
    if to_be_deleted:
        writers.check_deletes(db, post.id)
    else:
        writers.check_edits(db, post.id)
    return post


def no_such_post() -> NotFound:
    """Return the error for a post that isn't the account's own, or isn't there."""
    return NotFound(_("You have no such post."))


def _write(
    db: Connection, settings: Settings, post: NewPost, draft: Draft, *, now: int, application_id: int | None
) -> bool:
    """Write a post down with what belongs to it; return whether it has hashtags."""
    options = post.poll.options if post.poll else ()
    emojis = emoji_queries.used_in(db, post.body, post.spoiler, *options)
    row = {
        "id": post.id,
        "account_id": post.author_id,
        "text": post.body,
        "spoiler_text": post.spoiler,
        "visibility": post.visibility,
        "conversation_id": post.conversation_id,
        "application_id": application_id,
        "details": post_details.written(post.named, post.attachments, emojis),
        **_choices(settings, post, draft),
        **_references(post),
        "reply_policy": post.reply_policy,
        "reply_policy_account_id": post.reply_policy_account_id,
        "expires_at": post.expires_at,
    }
    db.execute(ADD, row)
    media.put(db, post.attachments, now=now, post_id=post.id)
    if post.poll is not None:
        polls.add(db, now=now, post_id=post.id, draft=post.poll)
    base_url = settings.base_url
    if cards.links(post.body, base_url) and cards.put(
        db, now=now, account_id=post.author_id, post_id=post.id, body=post.body, base_url=base_url
    ):
        post_details.refresh(db, [post.id])
    return post_names.index(db, post.id, post.body, list(post.named), now)


def _choices(settings: Settings, post: NewPost, draft: Draft) -> dict[str, object]:
    """Return what a draft says of its post, or else its author's preferences."""
    author = post.author
    return {
        "sensitive": bool(post.spoiler) or (author.sensitive if draft.sensitive is None else draft.sensitive),
        "language": post_checks.language_of(draft) or author.language or (settings.languages or ["en"])[0],
        "quote_policy": quotes.checked_policy(draft.quote_policy or author.quote_policy, post.visibility),
        "merged": author.followers_count > settings.fanout_limit,
    }


def _references(post: NewPost) -> dict[str, object]:
    """Return what a post answers and quotes."""
    parent, quoted = post.parent, post.quoted
    return {
        "in_reply_to_id": parent.id if parent else None,
        "in_reply_to_account_id": parent.account_id if parent else None,
        "quote_of_id": quoted.id if quoted else None,
        "quote_state": "accepted" if quoted else None,
    }


def _count(db: Connection, thread: Sequence[NewPost], now: int) -> None:
    # In the order of the posts that are answered and quoted, so that no two authors wait for each other.
    counted = [(new.parent.id, count_reply) for new in thread if new.parent and new.visibility in FOR_EVERYBODY]
    counted += [(new.quoted.id, quotes.count) for new in thread if new.quoted]
    for post_id, count in sorted(counted, key=itemgetter(0)):
        count(db, post_id=post_id, change=1)
    # After the posts, as when one is deleted: so neither waits for the other.
    for new in thread:
        count_post(db, author_id=new.author_id, now=now)


def _deliver(db: Connection, settings: Settings, new: NewPost, *, now: int, tagged: bool) -> None:
    """Put a post into timelines and conversations."""
    timelines.deliver(
        db,
        settings,
        now=now,
        post_id=new.id,
        author_id=new.author_id,
        followers_count=new.author.followers_count,
        merged=new.author.followers_count > settings.fanout_limit,
        tagged=tagged and new.visibility == "public",
    )
    if new.visibility == "mentioned":
        conversations.add(
            db,
            now=now,
            post_id=new.id,
            conversation_id=new.conversation_id,
            author_id=new.author_id,
            named_ids=list(new.named),
        )


def count_reply(db: Connection, *, post_id: int, change: int) -> None:
    """Change a post's number of replies."""
    db.execute(COUNT_REPLY, {"target_id": post_id, "change": change})


def count_boost(db: Connection, *, post_id: int, change: int) -> None:
    """Change a post's number of boosts."""
    db.execute(COUNT_BOOST, {"target_id": post_id, "change": change})


def count_post(db: Connection, *, author_id: int, now: int) -> None:
    """Count one more post or boost by an account."""
    db.execute(COUNT_POST, {"author_id": author_id, "now": now})


def _tell(db: Connection, post: NewPost, now: int, *, followers: bool) -> None:
    """Tell of a post those it names and quotes, and the author's followers unless they were told of its thread."""
    tell = partial(notifications.notify, db, now=now, from_account_id=post.author_id, post_id=post.id)
    tell(list(post.named), "mention")
    if post.quoted is not None and post.quoted.account_id not in post.named:
        tell([post.quoted.account_id], "quote")
    if post.visibility == "mentioned" or not followers:
        return
    follower_ids = set(db.scalars(NOTIFY_FOLLOWERS, {"author_id": post.author_id})) - post.named.keys()
    tell(follower_ids, "post")
