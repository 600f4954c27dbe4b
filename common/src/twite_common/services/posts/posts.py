"""Writing posts. `post_edits` changes and `post_deletion` deletes them."""

from collections.abc import Mapping
from functools import partial

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, delete, insert, select, update

from twite_common import clock, ids, text
from twite_common.drafts import Draft, PollDraft
from twite_common.errors import Invalid, NotFound
from twite_common.queries.posts import emojis as emoji_queries
from twite_common.queries.posts import posts as post_queries
from twite_common.queries.posts.posts import Post
from twite_common.queries.usernames import ids_by_username
from twite_common.services.notifications import notifications
from twite_common.services.posts import cards, media, polls, post_details, post_lengths, quotes
from twite_common.services.timelines import conversations, timelines
from twite_common.settings import Settings
from twite_common.sql.dialects import among, upsert
from twite_common.tables import account, block, follow, idempotency_key, mention, post, post_tag, preferences, tag
from twite_common.translations import gettext as _
from twite_common.visibility import FOR_EVERYBODY, VISIBILITIES

IDEMPOTENCY_MS = clock.HOUR
MAX_KEY_LENGTH = 255


class UnexpectedMentions(Invalid):
    """The text names accounts that the author didn't mean to reach; `account_ids` are theirs."""

    def __init__(self, account_ids: list[int]) -> None:
        super().__init__(_("The post mentions people whom it is not addressed to."))
        self.account_ids = account_ids


class _Author(msgspec.Struct, frozen=True):
    followers_count: int
    visibility: str
    quote_policy: str
    sensitive: bool
    language: str | None
    limited: bool


class _New(msgspec.Struct, frozen=True):
    """A post that is to be written: what its draft says, checked."""

    id: int
    author_id: int
    author: _Author
    body: str
    spoiler: str
    visibility: str
    parent: Post | None
    quoted: Post | None
    named: dict[int, str]
    poll: PollDraft | None

    @property
    def conversation_id(self) -> int:
        return self.parent.conversation_id if self.parent else self.id


_ID = bindparam("target_id", type_=BigInteger)
_AUTHOR_ID = bindparam("author_id", type_=BigInteger)
AUTHOR = (
    select(
        account.c.followers_count,
        preferences.c.visibility,
        preferences.c.quote_policy,
        preferences.c.sensitive,
        preferences.c.language,
        account.c.limited_at.is_not(None),
    )
    .join(preferences, preferences.c.account_id == account.c.id)
    .where(account.c.id == _AUTHOR_ID)
)
BY_KEY = select(idempotency_key.c.post_id).where(
    idempotency_key.c.account_id == _AUTHOR_ID,
    idempotency_key.c.name == bindparam("key", type_=Text),
    idempotency_key.c.expires_at > bindparam("now", type_=BigInteger),
)
FORGET_KEY = delete(idempotency_key).where(
    idempotency_key.c.account_id == _AUTHOR_ID,
    idempotency_key.c.name == bindparam("key", type_=Text),
    idempotency_key.c.expires_at <= bindparam("now", type_=BigInteger),
)
CLAIM_KEY = upsert(idempotency_key).on_conflict_do_nothing()
ADD = insert(post)
ADD_MENTION = upsert(mention).on_conflict_do_nothing()
ADD_TAG = upsert(tag).on_conflict_do_nothing()
TAG_IDS = select(tag.c.id, tag.c.name, tag.c.usable).where(among(tag.c.name_key, "keys"))
ADD_POST_TAG = upsert(post_tag).on_conflict_do_nothing()
BLOCKING = select(block.c.account_id).where(among(block.c.account_id, "ids"), block.c.blocked_id == _AUTHOR_ID)
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
NOTIFY_FOLLOWERS = select(follow.c.follower_id).where(follow.c.followee_id == _AUTHOR_ID, follow.c.notify)


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

    Raises Invalid for a text or setting that breaks a rule, UnexpectedMentions when it names others than
    allowed, NotFound when it answers a post that the author can't see.
    """
    id = ids.new(now)
    if idempotency_name:
        earlier_id = _claim(db, author_id, idempotency_name[:MAX_KEY_LENGTH], id, now)
        if earlier_id is not None:
            return earlier_id
    post = _checked_draft(db, settings, id, author_id, draft)
    tagged = _write(db, settings, post, draft, now=now, application_id=application_id)
    _count(db, post, now)
    timelines.deliver(
        db,
        settings,
        now=now,
        post_id=id,
        author_id=author_id,
        followers_count=post.author.followers_count,
        merged=post.author.followers_count > settings.fanout_limit,
        tagged=tagged and post.visibility == "public",
    )
    if post.visibility == "mentioned":
        conversations.add(
            db,
            now=now,
            post_id=id,
            conversation_id=post.conversation_id,
            author_id=author_id,
            named_ids=list(post.named),
        )
    _tell(db, post, now)
    return id


def check(settings: Settings, draft: Draft, *, files: int) -> None:
    """Raise Invalid for what `publish` would refuse whatever the database says, so that no file is stored for it."""
    media.check_number(files)
    poll = polls.checked(draft.poll) if isinstance(draft.poll, PollDraft) else None
    checked(settings, draft, required=not (files or poll))


def own(db: Connection, post_id: int, author_id: int) -> Post:
    """Return a post, to be changed by its author.

    Raises NotFound unless it is the author's own, and no boost.
    """
    post = post_queries.get(db, post_id, viewer_id=author_id)
    if post is None or post.account_id != author_id or post.boost_of_id is not None:
        raise no_such_post()
    return post


def no_such_post() -> NotFound:
    """Return the error for a post that isn't the account's own, or isn't there."""
    return NotFound(_("You have no such post."))


def _claim(db: Connection, author_id: int, name: str, post_id: int, now: int) -> int | None:
    """Take a name for a new post, or return the post that has it. Whoever comes second waits for the first here."""
    key = {"author_id": author_id, "key": name, "now": now}
    db.execute(FORGET_KEY, key)
    row = {"account_id": author_id, "name": name, "post_id": post_id, "expires_at": now + IDEMPOTENCY_MS}
    if db.execute(CLAIM_KEY, row).rowcount:
        return None
    earlier_id: int | None = db.scalar(BY_KEY, key)
    return earlier_id


def _checked_draft(db: Connection, settings: Settings, post_id: int, author_id: int, draft: Draft) -> _New:
    """Return what is to be written, if it breaks no rule."""
    author = _Author(*db.execute(AUTHOR, {"author_id": author_id}).one())
    poll = polls.checked(draft.poll) if isinstance(draft.poll, PollDraft) else None
    body, spoiler = checked(settings, draft, required=not (draft.media_ids or poll))
    parent = _parent(db, draft.in_reply_to_id, author_id)
    visibility, quoted = _audience(db, draft, author, author_id)
    usernames = names_in(db, settings, body, author_id, draft.allowed_mention_ids)
    if quoted is not None and visibility == "mentioned" and quoted.account_id not in {author_id, *usernames}:
        raise Invalid(_("Validation failed: A post for mentioned people only must mention the author it quotes"))
    return _New(post_id, author_id, author, body, spoiler, visibility, parent, quoted, usernames, poll)


def _write(
    db: Connection, settings: Settings, post: _New, draft: Draft, *, now: int, application_id: int | None
) -> bool:
    """Write a post down with what belongs to it; return whether it has hashtags."""
    attachments = media.choose(db, account_id=post.author_id, media_ids=draft.media_ids) if draft.media_ids else []
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
        "details": post_details.written(post.named, attachments, emojis),
        **_choices(settings, post, draft),
        **_references(post),
    }
    db.execute(ADD, row)
    media.put(db, attachments, now=now, post_id=post.id)
    if post.poll is not None:
        polls.add(db, now=now, post_id=post.id, draft=post.poll)
    base_url = settings.base_url
    if cards.links(post.body, base_url) and cards.put(
        db, now=now, account_id=post.author_id, post_id=post.id, body=post.body, base_url=base_url
    ):
        post_details.refresh(db, [post.id])
    return index(db, post.id, post.body, list(post.named), now)


def _choices(settings: Settings, post: _New, draft: Draft) -> dict[str, object]:
    """Return what a draft says of its post, or else its author's preferences."""
    author = post.author
    return {
        "sensitive": bool(post.spoiler) or (author.sensitive if draft.sensitive is None else draft.sensitive),
        "language": language_of(draft) or author.language or (settings.languages or ["en"])[0],
        "quote_policy": quotes.checked_policy(draft.quote_policy or author.quote_policy, post.visibility),
        "merged": author.followers_count > settings.fanout_limit,
    }


def _references(post: _New) -> dict[str, object]:
    """Return what a post answers and quotes."""
    parent, quoted = post.parent, post.quoted
    return {
        "in_reply_to_id": parent.id if parent else None,
        "in_reply_to_account_id": parent.account_id if parent else None,
        "quote_of_id": quoted.id if quoted else None,
        "quote_state": "accepted" if quoted else None,
    }


def _count(db: Connection, post: _New, now: int) -> None:
    if post.parent and post.visibility in FOR_EVERYBODY:
        count_reply(db, post_id=post.parent.id, change=1)
    if post.quoted is not None:
        quotes.count(db, post_id=post.quoted.id, change=1)
    # After the posts, as when one is deleted: so neither waits for the other.
    count_post(db, author_id=post.author_id, now=now)


def count_reply(db: Connection, *, post_id: int, change: int) -> None:
    """Change a post's number of replies."""
    db.execute(COUNT_REPLY, {"target_id": post_id, "change": change})


def count_boost(db: Connection, *, post_id: int, change: int) -> None:
    """Change a post's number of boosts."""
    db.execute(COUNT_BOOST, {"target_id": post_id, "change": change})


def count_post(db: Connection, *, author_id: int, now: int) -> None:
    """Count one more post or boost by an account."""
    db.execute(COUNT_POST, {"author_id": author_id, "now": now})


def language_of(draft: Draft) -> str | None:
    """Return the language that was named, if it can be one: a wrong one is no reason to lose a post."""
    return draft.language if draft.language and text.LANGUAGE.fullmatch(draft.language) else None


def checked(settings: Settings, draft: Draft, *, required: bool) -> tuple[str, str]:
    """Return text and content warning as they are stored; a warning alone becomes the text.

    Raises Invalid when they are too long, or empty where something is `required`.
    """
    post_lengths.check_size(settings, draft.text, draft.spoiler_text)
    body, spoiler = text.clean(draft.text), text.clean_line(draft.spoiler_text)
    if not body:
        body, spoiler = spoiler, ""
    if not body and required:
        raise Invalid(_("Validation failed: Text can't be blank"), {"text": [("ERR_BLANK", _("The post is empty."))]})
    post_lengths.check(settings, body, spoiler)
    return body, spoiler


def _parent(db: Connection, post_id: int | None, author_id: int) -> Post | None:
    if post_id is None:
        return None
    parent = post_queries.original(db, post_id, viewer_id=author_id)
    if parent is None:
        raise NotFound(_("The post you are replying to no longer exists."))
    return parent


def names_in(
    db: Connection, settings: Settings, body: str, author_id: int, allowed: tuple[int, ...] | None
) -> dict[int, str]:
    """Return the accounts that a text names, as usernames by id, without those who block the author.

    Raises UnexpectedMentions when it names others than allowed.
    """
    names = text.mentioned_names(body, settings.domain)
    accounts = ids_by_username(db, names)
    usernames = {accounts[name][0]: accounts[name][1] for name in names if name in accounts}
    if allowed is not None:
        unexpected_ids = [id for id in usernames if id not in allowed and id != author_id]
        if unexpected_ids:
            raise UnexpectedMentions(unexpected_ids)
    if not usernames:
        return {}
    blocker_ids = set(db.scalars(BLOCKING, {"ids": list(usernames), "author_id": author_id}))
    return {id: name for id, name in usernames.items() if id not in blocker_ids}


def index(db: Connection, post_id: int, body: str, mentioned_ids: list[int], now: int) -> bool:
    """Write down whom and which hashtags a text names; return whether it names hashtags.

    Raises Invalid for a hashtag that moderators don't let people write.
    """
    if mentioned_ids:
        db.execute(ADD_MENTION, [{"post_id": post_id, "account_id": id} for id in mentioned_ids])
    spellings = {text.hashtag_key(name): name for name in reversed(text.hashtags(body))}
    if spellings:
        _index_tags(db, post_id, spellings, now)
    return bool(spellings)


def _index_tags(db: Connection, post_id: int, spellings: Mapping[str, str], now: int) -> None:
    rows = [{"id": ids.new(now), "name_key": key, "name": name} for key, name in sorted(spellings.items())]
    db.execute(ADD_TAG, rows)
    tags = db.execute(TAG_IDS, {"keys": list(spellings)}).all()
    refused = ", ".join(sorted(f"#{name}" for _, name, usable in tags if not usable))
    if refused:
        raise Invalid(_("Validation failed: Text contained disallowed hashtags: %(refused)s", refused=refused))
    db.execute(ADD_POST_TAG, [{"tag_id": tag_id, "post_id": post_id} for tag_id, _, _ in tags])


def _audience(db: Connection, draft: Draft, author: _Author, author_id: int) -> tuple[str, Post | None]:
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


def _tell(db: Connection, post: _New, now: int) -> None:
    tell = partial(notifications.notify, db, now=now, from_account_id=post.author_id, post_id=post.id)
    tell(list(post.named), "mention")
    if post.quoted is not None and post.quoted.account_id not in post.named:
        tell([post.quoted.account_id], "quote")
    if post.visibility == "mentioned":
        return
    follower_ids = set(db.scalars(NOTIFY_FOLLOWERS, {"author_id": post.author_id})) - post.named.keys()
    tell(follower_ids, "post")
