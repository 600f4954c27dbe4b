"""An account and its posts as ActivityStreams, in the form of Mastodon's archives, which other programs read."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from twite_common import clock, ids, post_details, text
from twite_common.media.storage.names import media_type
from twite_common.post_details import Attachment, Details
from twite_common.queries.accounts import accounts
from twite_common.queries.accounts.accounts import Account
from twite_common.queries.identity.archive_contents import OwnPosts
from twite_common.queries.posts.posts import Edit, Post
from twite_tasks.identity.archives import addresses as places
from twite_tasks.identity.archives.addresses import Addresses

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
CONTEXT = [
    "https://www.w3.org/ns/activitystreams",
    "https://w3id.org/security/v1",
    {
        "toot": "http://joinmastodon.org/ns#",
        "schema": "http://schema.org#",
        "PropertyValue": "schema:PropertyValue",
        "value": "schema:value",
        "sensitive": "as:sensitive",
        "Hashtag": "as:Hashtag",
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "focalPoint": {"@container": "@list", "@id": "toot:focalPoint"},
        "blurhash": "toot:blurhash",
        "votersCount": "toot:votersCount",
    },
]


def collection(name: str, items: Iterable[object]) -> Iterator[bytes]:
    """Give an ordered collection in a file of that name, part by part: its length is known only at the end."""
    head = {"@context": CONTEXT, "id": name, "type": "OrderedCollection"}
    yield msgspec.json.encode(head)[:-1] + b',"orderedItems":['
    count = 0
    for item in items:
        yield (b"," if count else b"") + msgspec.json.encode(item)
        count += 1
    yield f'],"totalItems":{count}}}\n'.encode()


def actor(addresses: Addresses, account: Account, *, now: int) -> dict[str, Any]:
    """Return an account, and where the rest is in the archive; pictures are among the media files, too."""
    profile = addresses.profile(account.username)
    actor: dict[str, Any] = {
        "@context": CONTEXT,
        "id": profile,
        "type": "Service" if account.bot else "Person",
        "following": f"{profile}/following",
        "followers": f"{profile}/followers",
        "inbox": "",
        "outbox": "outbox.json",
        "likes": "likes.json",
        "bookmarks": "bookmarks.json",
        "preferredUsername": account.username,
        "name": account.display_name,
        "summary": addresses.html(account.bio, Details()),
        "url": profile,
        "manuallyApprovesFollowers": account.locked,
        "discoverable": account.discoverable,
        "indexable": account.indexable,
        "published": _time(ids.created_at(account.id)),
        "updated": _time(now),
        "attachment": [
            {"type": "PropertyValue", "name": field.name, "value": field.value} for field in accounts.fields_of(account)
        ],
    }
    for key, file, description in (
        ("icon", account.avatar, account.avatar_description),
        ("image", account.header, account.header_description),
    ):
        if file:
            actor[key] = {"type": "Image", "mediaType": media_type(file), "url": picture(key, file)}
            actor[key] |= {"name": description} if description else {}
    return actor


def picture(key: str, file: str) -> str:
    """Return where the archive has the account's `icon` or `image`."""
    return f"{'avatar' if key == 'icon' else 'header'}.{file.rpartition('.')[2]}"


def activities(addresses: Addresses, some: OwnPosts, account: Account, *, now: int) -> Iterator[dict[str, Any]]:
    """Give what an account did: writing posts, and boosting others'."""
    for post in some.posts:
        if post.boost_of_id is None:
            yield _create(addresses, some, post, account, now)
        elif (boosted := addresses.of(some.others.get(post.boost_of_id), some.names)) is not None:
            yield _announce(addresses, post, account, boosted)


def earlier_versions(addresses: Addresses, some: OwnPosts, account: Account) -> Iterator[dict[str, Any]]:
    """Give what posts said before they were changed."""
    for post_id, versions in some.edits.items():
        yield {
            "id": addresses.post(account.username, post_id),
            "versions": [_version(addresses, version) for version in versions],
        }


def _version(addresses: Addresses, version: Edit) -> dict[str, Any]:
    return {
        "published": _time(version.written_at),
        "summary": version.spoiler_text or None,
        "sensitive": version.sensitive,
        "content": addresses.html(version.text, Details()),
        "source": version.text,
        "details": msgspec.Raw(version.details.encode()),
    }


def _announce(addresses: Addresses, post: Post, account: Account, boosted: str) -> dict[str, Any]:
    profile = addresses.profile(account.username)
    to, cc = _audience(profile, post.visibility, [])
    return {
        "id": f"{addresses.post(account.username, post.id)}/activity",
        "type": "Announce",
        "actor": profile,
        "published": _time(ids.created_at(post.id)),
        "to": to,
        "cc": cc,
        "object": boosted,
    }


def _create(addresses: Addresses, some: OwnPosts, post: Post, account: Account, now: int) -> dict[str, Any]:
    note = _note(addresses, some, post, account, now)
    return {
        "id": f"{note['id']}/activity",
        "type": "Create",
        "actor": note["attributedTo"],
        "published": note["published"],
        "to": note["to"],
        "cc": note["cc"],
        "object": note,
    }


def _note(addresses: Addresses, some: OwnPosts, post: Post, account: Account, now: int) -> dict[str, Any]:
    details = post_details.decode(post.details)
    profile, url = addresses.profile(account.username), addresses.post(account.username, post.id)
    people = [addresses.profile(one.username) for one in details.mentions]
    to, cc = _audience(profile, post.visibility, people)
    html = addresses.html(post.text, details)
    note: dict[str, Any] = {
        "id": url,
        "type": "Note",
        "summary": post.spoiler_text or None,
        "inReplyTo": _related(addresses, post.in_reply_to_id, some.others, some.names),
        "published": _time(ids.created_at(post.id)),
        "url": url,
        "attributedTo": profile,
        "to": to,
        "cc": cc,
        "sensitive": post.sensitive,
        "content": html,
        "source": {"content": post.text, "mediaType": "text/plain"},
        "attachment": [_document(one) for one in details.media if one.file],
        "tag": [*_mentions(addresses, details), *_hashtags(addresses, post.text)],
    }
    if post.language:
        note["contentMap"] = {post.language: html}
    if post.edited_at is not None:
        note["updated"] = _time(post.edited_at)
    quoted = _related(addresses, post.accepted_quote_of_id, some.others, some.names)
    if quoted:
        note |= {"quote": quoted, "quoteUri": quoted}
    return note | _question(post, account, now)


def _question(post: Post, account: Account, now: int) -> dict[str, Any]:
    poll = post.poll_for(account.id, now=now)
    if poll is None:
        return {}
    # What nobody is told yet isn't in it either, as on the site.
    options = [
        {
            "type": "Note",
            "name": title,
            "replies": {"type": "Collection", "totalItems": 0 if poll.hides_votes else votes},
        }
        for title, votes in poll.options
    ]
    question: dict[str, Any] = {
        "type": "Question",
        "anyOf" if poll.multiple else "oneOf": options,
        "votersCount": poll.voters_count,
    }
    if poll.expires_at is not None:
        question["endTime"] = _time(poll.expires_at)
        question |= {"closed": _time(poll.expires_at)} if poll.ended else {}
    return question


def _related(
    addresses: Addresses, post_id: int | None, others: Mapping[int, Post], names: Mapping[int, str]
) -> str | None:
    return addresses.of(others.get(post_id), names) if post_id is not None else None


def _document(attachment: Attachment) -> dict[str, Any]:
    file = attachment.file or ""
    document: dict[str, Any] = {
        "type": "Document",
        "mediaType": media_type(file),
        "url": places.media(file),
        "name": attachment.description or None,
        "blurhash": attachment.blurhash,
    }
    if attachment.focus is not None:
        document["focalPoint"] = list(attachment.focus)
    original = msgspec.json.decode(attachment.meta).get("original", {})
    return document | {name: original[name] for name in ("width", "height") if name in original}


def _mentions(addresses: Addresses, details: Details) -> list[dict[str, str]]:
    return [
        {"type": "Mention", "href": addresses.profile(one.username), "name": f"@{addresses.name(one.username)}"}
        for one in details.mentions
    ]


def _hashtags(addresses: Addresses, source: str) -> list[dict[str, str]]:
    return [
        {"type": "Hashtag", "href": addresses.tag(text.hashtag_key(name)), "name": f"#{name}"}
        for name in text.hashtags(source)
    ]


def _audience(profile: str, visibility: str, people: list[str]) -> tuple[list[str], list[str]]:
    followers = f"{profile}/followers"
    if visibility == "public":
        return [PUBLIC], [followers, *people]
    if visibility == "unlisted":
        return [followers], [PUBLIC, *people]
    return ([followers], people) if visibility == "followers" else (people, [])


def _time(at: int) -> str:
    return clock.as_datetime(at).strftime("%Y-%m-%dT%H:%M:%SZ")
