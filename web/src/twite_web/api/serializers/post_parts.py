"""Turning what is shown with a post into entities: attachments, polls, cards and quotes."""

from collections.abc import Mapping
from html import escape
from typing import Any

import msgspec

from twite_common import text
from twite_common.post_details import Attachment, Card, Emoji
from twite_common.queries.posts.posts import Post
from twite_common.services.posts.replies import POLICIES
from twite_web.addresses import Addresses
from twite_web.api.schemas import timestamp
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.emojis import CustomEmoji
from twite_web.api.schemas.posts import (
    CardAuthor,
    MediaAttachment,
    Poll,
    PollOption,
    PreviewCard,
    Quote,
    QuoteApproval,
    ReplyApproval,
    Status,
)

_QUOTERS = {"public": ["public"], "followers": ["followers"], "nobody": list[str]()}
_APPROVALS = {
    (policy, allowed): QuoteApproval(automatic=quoters, manual=[], current_user="automatic" if allowed else "denied")
    for policy, quoters in _QUOTERS.items()
    for allowed in (True, False)
}
_REPLY_APPROVALS = {
    (policy, allowed): ReplyApproval(policy=policy, current_user="allowed" if allowed else "denied")
    for policy in POLICIES
    for allowed in (True, False)
}
HIDDEN_QUOTE = Quote(state="unauthorized", quoted_status=None)
"""What stands for a quoted post that the viewer may not see."""


def media_attachment(addresses: Addresses, attachment: Attachment) -> MediaAttachment:
    """Return an attachment; one that isn't ready yet has no address."""
    file = addresses.media(attachment.file) if attachment.file else None
    preview = addresses.media(attachment.preview) if attachment.preview else file
    return MediaAttachment(
        id=str(attachment.id),
        type=attachment.kind if attachment.state != "failed" else "unknown",
        url=file,
        preview_url=preview,
        meta=_with_focus(attachment),
        description=attachment.description or None,
        blurhash=attachment.blurhash,
    )


def _with_focus(attachment: Attachment) -> msgspec.Raw:
    if attachment.focus is None:
        return attachment.meta
    x, y = attachment.focus
    measured = msgspec.json.decode(attachment.meta, type=dict[str, msgspec.Raw])
    return msgspec.Raw(msgspec.json.encode(measured | {"focus": {"x": x, "y": y}}))


def emoji(addresses: Addresses, emoji: Emoji) -> CustomEmoji:
    """Return an emoji that is used somewhere."""
    return CustomEmoji(
        shortcode=emoji.shortcode,
        url=addresses.media(emoji.picture),
        static_url=addresses.media(emoji.still_picture),
        visible_in_picker=True,
    )


def card(addresses: Addresses, card: Card | None) -> PreviewCard | None:
    """Return what a linked page says of itself."""
    return None if card is None else PreviewCard(**card_values(addresses, card))


def card_values(addresses: Addresses, card: Card, author: Account | None = None) -> dict[str, Any]:
    """Return the members that every form of a card has; `author` is who wrote the page, if it is somebody here."""
    card_author = CardAuthor(name=card.author_name, url=card.author_url, account=author)
    return {
        "url": card.url,
        "title": card.title,
        "description": card.description,
        "type": card.kind,
        "author_name": card.author_name,
        "author_url": card.author_url,
        "authors": [card_author] if card.author_name or author else [],
        "provider_name": card.provider_name,
        "provider_url": card.provider_url,
        "html": card.html,
        "width": card.width,
        "height": card.height,
        "image": addresses.media(card.picture) if card.picture else None,
        "image_description": card.picture_description,
        "embed_url": card.embed_url,
        "blurhash": card.blurhash,
        "language": card.language,
        "published_at": timestamp(card.published_at) if card.published_at else None,
    }


def poll(post: Post, emojis: list[CustomEmoji], *, viewer_id: int | None, now: int) -> Poll | None:
    """Return a post's poll. While the poll hides its votes nobody is told them, not even its author."""
    poll = post.poll_for(viewer_id, now=now)
    if poll is None:
        return None
    return Poll(
        id=str(post.id),
        expires_at=timestamp(poll.expires_at) if poll.expires_at is not None else None,
        expired=poll.ended,
        multiple=poll.multiple,
        votes_count=sum(votes for _, votes in poll.options),
        voters_count=poll.voters_count,
        options=[
            PollOption(title=title, votes_count=None if poll.hides_votes else votes) for title, votes in poll.options
        ],
        emojis=emojis,
        voted=poll.voted if viewer_id is not None else msgspec.UNSET,
        own_votes=poll.choices if viewer_id is not None else msgspec.UNSET,
    )


def shallow_quote(post: Post) -> Quote | None:
    """Return that a post quotes another, without that one."""
    if post.quote_state is None:
        return None
    quoted_id = post.accepted_quote_of_id
    return Quote(state=post.quote_state, quoted_status_id=str(quoted_id) if quoted_id is not None else None)


def quote(post: Post, posts: Mapping[int, Post], statuses: Mapping[int, Status]) -> Quote | None:
    """Return a post's quote with the quoted post, as far as the viewer may see that; `posts` holds what they may."""
    quoted = posts.get(post.accepted_quote_of_id or 0)
    state = post.quote_state_with(quoted)
    if state is None:
        return None
    return Quote(state=state, quoted_status=statuses[quoted.id] if quoted else None)


def quoting(status: Status, quote: Quote | None) -> Status:
    """Return a post with its quote, and with a link to the quoted post before a text that has none."""
    quoted = quote.quoted_status if quote else None
    if not isinstance(quoted, Status):
        return msgspec.structs.replace(status, quote=quote)
    link = text.quote_html(quoted.url)
    linked = f'href="{escape(quoted.url)}"' in status.content
    return msgspec.structs.replace(status, quote=quote, content=status.content if linked else link + status.content)


def without_quoted(status: Status) -> Status:
    """Return a post as those have it who may not see what it quotes."""
    quoted = status.quote.quoted_status if status.quote else None
    if not isinstance(quoted, Status):
        return status
    link = text.quote_html(quoted.url)
    return msgspec.structs.replace(status, quote=HIDDEN_QUOTE, content=status.content.removeprefix(link))


def quote_approval(post: Post, viewer_id: int | None) -> QuoteApproval:
    """Return who may quote a post, and whether the viewer may."""
    return _APPROVALS[post.quotable_by, post.can_be_quoted_by(viewer_id)]


def reply_approval(post: Post, viewer_id: int | None) -> ReplyApproval:
    """Return who may answer a post, and whether the viewer may."""
    return _REPLY_APPROVALS[post.reply_policy, post.can_be_answered_by(viewer_id)]
