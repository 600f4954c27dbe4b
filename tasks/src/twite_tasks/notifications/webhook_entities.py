"""What webhooks are sent: the client API's entities, with the members that need no further reads.

Names and values are those that the API has for the webhook's owner, who is the viewer whenever something is read.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from twite_common import ids, post_details, text
from twite_common.database import Connection
from twite_common.post_details import Attachment, Emoji
from twite_common.queries.accounts import accounts
from twite_common.queries.accounts.accounts import Account
from twite_common.queries.notifications import notifications
from twite_common.queries.notifications.webhooks import POST_EVENTS, TEST, Sending
from twite_common.queries.posts import posts
from twite_common.queries.posts.posts import Post
from twite_common.settings import Settings
from twite_tasks.identity.archives import addresses as places
from twite_tasks.identity.archives.addresses import Addresses
from twite_tasks.notifications.push import TYPES

VISIBILITY = {"public": "public", "unlisted": "unlisted", "followers": "private", "mentioned": "direct"}
"""The client API's words."""


def of(db: Connection, settings: Settings, sending: Sending, *, now: int) -> dict[str, Any] | None:
    """Return what a delivery tells; None where that is gone, or its reader may not see it any more."""
    delivery, viewer_id = sending.delivery, sending.webhook.account_id
    addresses = places.of_site(settings)
    if delivery.event == TEST:
        own = accounts.load(db, [viewer_id]).get(viewer_id)
        return None if own is None else _account(settings, addresses, own)
    subject_id = delivery.subject_id or 0
    if delivery.event == "status.deleted":
        return {"id": str(subject_id)}
    if delivery.event in POST_EVENTS:
        return _status(db, settings, subject_id, viewer_id=viewer_id, now=now)
    return _notification(db, settings, subject_id, viewer_id=viewer_id, now=now)


def timestamp(at: int) -> str:
    """Return a time in milliseconds as the API writes it."""
    return f"{datetime.fromtimestamp(at // 1000, UTC).isoformat()[:19]}.{at % 1000:03}Z"


def _notification(
    db: Connection, settings: Settings, notification_id: int, *, viewer_id: int, now: int
) -> dict[str, Any] | None:
    told = notifications.get(db, notification_id, viewer_id=viewer_id, now=now)
    if told is None:
        return None
    by = accounts.load(db, [told.from_account_id]).get(told.from_account_id)
    entity: dict[str, Any] = {
        "id": str(told.id),
        "type": TYPES.get(told.kind, told.kind),
        "created_at": timestamp(ids.created_at(told.id)),
        "group_key": told.group_key,
    }
    if by is None:
        return None
    entity["account"] = _account(settings, places.of_site(settings), by)
    if told.post_id is None:
        return entity
    status = _status(db, settings, told.post_id, viewer_id=viewer_id, now=now)
    return None if status is None else entity | {"status": status}


def _status(db: Connection, settings: Settings, post_id: int, *, viewer_id: int, now: int) -> dict[str, Any] | None:
    post = posts.get(db, post_id, viewer_id=viewer_id, now=now)
    authors: Mapping[int, Account] = accounts.load(db, [post.account_id]) if post is not None else {}
    if post is None or post.account_id not in authors:
        return None
    status = _written(settings, places.of_site(settings), post, authors[post.account_id])
    return status | {"poll": _poll(settings, post, viewer_id=viewer_id, now=now)}


def _written(settings: Settings, addresses: Addresses, post: Post, author: Account) -> dict[str, Any]:
    details = post_details.decode(post.details)
    url = addresses.post(author.username, post.id)
    return {
        "id": str(post.id),
        "uri": url,
        "url": url,
        "created_at": timestamp(ids.created_at(post.id)),
        "edited_at": timestamp(post.edited_at) if post.edited_at else None,
        "account": _account(settings, addresses, author),
        "content": addresses.html(post.text, details),
        "visibility": VISIBILITY[post.visibility],
        "sensitive": post.shown_sensitive,
        "spoiler_text": post.spoiler_text,
        "language": post.language,
        "in_reply_to_id": str(post.in_reply_to_id) if post.in_reply_to_id else None,
        "in_reply_to_account_id": str(post.in_reply_to_account_id) if post.in_reply_to_account_id else None,
        "media_attachments": [_attachment(settings, one) for one in details.media],
        "mentions": [
            {
                "id": str(one.account_id),
                "username": one.username,
                "url": addresses.profile(one.username),
                "acct": one.username,
            }
            for one in details.mentions
        ],
        "tags": [{"name": name, "url": addresses.tag(text.hashtag_key(name))} for name in text.hashtags(post.text)],
        "emojis": _emojis(settings, details.emojis),
        "replies_count": post.replies_count,
        "reblogs_count": post.boosts_count,
        "favourites_count": post.favourites_count,
        "quotes_count": post.quotes_count,
        "expires_at": timestamp(post.expires_at) if post.expires_at is not None else None,
    }


def _poll(settings: Settings, post: Post, *, viewer_id: int, now: int) -> dict[str, Any] | None:
    poll = post.poll_for(viewer_id, now=now)
    if poll is None:
        return None
    return {
        "id": str(post.id),
        "expires_at": timestamp(poll.expires_at) if poll.expires_at is not None else None,
        "expired": poll.ended,
        "multiple": poll.multiple,
        "votes_count": sum(votes for _title, votes in poll.options),
        "voters_count": poll.voters_count,
        "options": [
            {"title": title, "votes_count": None if poll.hides_votes else votes} for title, votes in poll.options
        ],
        "emojis": _emojis(settings, post_details.decode(post.details).emojis),
        "voted": poll.voted,
        "own_votes": poll.choices,
    }


def _emojis(settings: Settings, emojis: Sequence[Emoji]) -> list[dict[str, Any]]:
    return [
        {
            "shortcode": one.shortcode,
            "url": _media(settings, one.picture),
            "static_url": _media(settings, one.still_picture),
            "visible_in_picker": True,
            "category": None,
        }
        for one in emojis
    ]


def _account(settings: Settings, addresses: Addresses, account: Account) -> dict[str, Any]:
    profile = addresses.profile(account.username)
    return {
        "id": str(account.id),
        "username": account.username,
        "acct": account.username,
        "url": profile,
        "uri": profile,
        "display_name": account.display_name,
        "avatar": _picture(settings, account.avatar),
        "bot": account.bot,
        "emojis": _emojis(settings, post_details.decode_emojis(account.emojis)),
        "locked": account.locked,
    }


def _picture(settings: Settings, name: str | None) -> str:
    return _media(settings, name) if name else f"{settings.base_url.rstrip('/')}/static/avatar.png"


def _media(settings: Settings, name: str) -> str:
    base = settings.media_base_url.rstrip("/") or f"{settings.base_url.rstrip('/')}/media"
    return f"{base}/{name}"


def _attachment(settings: Settings, one: Attachment) -> dict[str, Any]:
    file = _media(settings, one.file) if one.file else None
    return {
        "id": str(one.id),
        "type": one.kind if one.state != "failed" else "unknown",
        "url": file,
        "preview_url": _media(settings, one.preview) if one.preview else file,
        "description": one.description or None,
        "blurhash": one.blurhash,
    }
