"""Where the entities of what is shown with a post are made: attachments, polls, cards and quotes."""

from collections.abc import Mapping
from html import escape
from typing import Any

import msgspec

from twite_common import text
from twite_common.post_details import Attachment, Card, Emoji
from twite_common.queries.posts.posts import Post
from twite_web.addresses import Addresses
from twite_web.api.schemas import entities
from twite_web.api.times import timestamp

MANY = {"public": ["public"], "followers": ["followers"], "nobody": list[str]()}
"""Who may quote a post without being asked about, by its policy."""
HIDDEN_QUOTE = entities.Quote(state="unauthorized", quoted_status=None)
"""What stands for a quoted post that the viewer may not see."""


def media_attachment(addresses: Addresses, one: Attachment) -> entities.MediaAttachment:
    """Return an attachment; one that isn't ready yet has no address."""
    file = addresses.media(one.file) if one.file else None
    preview = addresses.media(one.preview) if one.preview else file
    return entities.MediaAttachment(
        id=str(one.id),
        type=one.kind if one.state != "failed" else "unknown",
        url=file,
        preview_url=preview,
        meta=_with_focus(one),
        description=one.description or None,
        blurhash=one.blurhash,
    )


def _with_focus(one: Attachment) -> msgspec.Raw:
    if one.focus is None:
        return one.meta
    x, y = one.focus
    measured = msgspec.json.decode(one.meta, type=dict[str, msgspec.Raw])
    return msgspec.Raw(msgspec.json.encode(measured | {"focus": {"x": x, "y": y}}))


def emoji(addresses: Addresses, one: Emoji) -> entities.CustomEmoji:
    """Return an emoji that is used somewhere."""
    return entities.CustomEmoji(
        shortcode=one.shortcode,
        url=addresses.media(one.picture),
        static_url=addresses.media(one.still_picture),
        visible_in_picker=True,
    )


def card(addresses: Addresses, one: Card | None) -> entities.PreviewCard | None:
    """Return what a linked page says of itself."""
    return None if one is None else entities.PreviewCard(**card_values(addresses, one))


def card_values(addresses: Addresses, one: Card, author: entities.Account | None = None) -> dict[str, Any]:
    """Return the members that every form of a card has; `author` is who wrote the page, if it is somebody here."""
    named = entities.CardAuthor(name=one.author_name, url=one.author_url, account=author)
    return {
        "url": one.url,
        "title": one.title,
        "description": one.description,
        "type": one.kind,
        "author_name": one.author_name,
        "author_url": one.author_url,
        "authors": [named] if one.author_name or author else [],
        "provider_name": one.provider_name,
        "provider_url": one.provider_url,
        "html": one.html,
        "width": one.width,
        "height": one.height,
        "image": addresses.media(one.picture) if one.picture else None,
        "image_description": one.picture_description,
        "embed_url": one.embed_url,
        "blurhash": one.blurhash,
        "language": one.language,
        "published_at": timestamp(one.published_at) if one.published_at else None,
    }


def poll(post: Post, emojis: list[entities.CustomEmoji], *, known: bool, own: bool, now: int) -> entities.Poll | None:
    """Return a post's poll. Votes are not told while the poll hides them, except to nobody: its author waits, too."""
    if post.poll_options is None:
        return None
    options = msgspec.json.decode(post.poll_options, type=list[tuple[str, int]])
    expired = post.poll_expires_at is not None and post.poll_expires_at <= now
    hidden = bool(post.poll_hides_totals) and not expired
    choices = msgspec.json.decode(post.poll_choices, type=list[int]) if post.poll_choices else []
    return entities.Poll(
        id=str(post.id),
        expires_at=timestamp(post.poll_expires_at) if post.poll_expires_at is not None else None,
        expired=expired,
        multiple=bool(post.poll_multiple),
        votes_count=sum(votes for _, votes in options),
        voters_count=post.poll_voters_count or 0,
        options=[entities.PollOption(title=title, votes_count=None if hidden else votes) for title, votes in options],
        emojis=emojis,
        voted=(own or bool(choices)) if known else msgspec.UNSET,
        own_votes=choices if known else msgspec.UNSET,
    )


def shallow_quote(post: Post) -> entities.Quote | None:
    """Return that a post quotes another, without that one."""
    if post.quote_of_id is None or post.quote_state is None:
        return None
    shown = post.quote_state == "accepted"
    return entities.Quote(state=post.quote_state, quoted_status_id=str(post.quote_of_id) if shown else None)


def quote(post: Post, posts: Mapping[int, Post], statuses: Mapping[int, entities.Status]) -> entities.Quote | None:
    """Return a post's quote with the quoted post, as far as the viewer may see that; `posts` holds what they may."""
    if post.quote_of_id is None or post.quote_state is None:
        return None
    if post.quote_state != "accepted":
        return entities.Quote(state=post.quote_state, quoted_status=None)
    quoted = posts.get(post.quote_of_id)
    if quoted is None:
        return HIDDEN_QUOTE
    state = "blocked_account" if quoted.blocks_author else "muted_account" if quoted.mutes_author else "accepted"
    return entities.Quote(state=state, quoted_status=statuses[quoted.id])


def quoting(status: entities.Status, quote: entities.Quote | None) -> entities.Status:
    """Return a post with its quote, and with a link to the quoted post before a text that has none."""
    quoted = quote.quoted_status if quote else None
    if not isinstance(quoted, entities.Status):
        return msgspec.structs.replace(status, quote=quote)
    link = text.quote_html(quoted.url)
    linked = f'href="{escape(quoted.url)}"' in status.content
    return msgspec.structs.replace(status, quote=quote, content=status.content if linked else link + status.content)


def without_quoted(status: entities.Status) -> entities.Status:
    """Return a post as those have it who may not see what it quotes."""
    quoted = status.quote.quoted_status if status.quote else None
    link = text.quote_html(quoted.url) if isinstance(quoted, entities.Status) else ""
    return msgspec.structs.replace(status, quote=HIDDEN_QUOTE, content=status.content.removeprefix(link))


def quote_approval(post: Post, *, known: bool, own: bool) -> entities.QuoteApproval:
    """Return who may quote a post: what was written for few, its author only."""
    policy = post.quote_policy if post.visibility in {"public", "unlisted"} else "nobody"
    allowed = own or (known and (policy == "public" or (policy == "followers" and post.follows_author)))
    return entities.QuoteApproval(automatic=MANY[policy], manual=[], current_user="automatic" if allowed else "denied")
