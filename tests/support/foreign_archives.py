"""Archives of posts as Mastodon, X and Bluesky write them."""

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from typing import Any

import cbor2

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ACTOR = "https://old.example/users/ann"


def note(number: int, content: str, **more: Any) -> dict[str, Any]:
    """Return an activity as Mastodon's archives have it."""
    written = {
        "id": f"{ACTOR}/statuses/{number}",
        "type": "Note",
        "summary": None,
        "inReplyTo": None,
        "published": f"2020-05-{number:02}T10:00:00Z",
        "url": f"https://old.example/@ann/{number}",
        "attributedTo": ACTOR,
        "to": [PUBLIC],
        "cc": [f"{ACTOR}/followers"],
        "sensitive": False,
        "content": content,
        "contentMap": {"en": content},
        "attachment": [],
        "tag": [],
        **more,
    }
    return {
        "id": f"{written['id']}/activity",
        "type": "Create",
        "actor": ACTOR,
        "published": written["published"],
        "to": written["to"],
        "cc": written["cc"],
        "object": written,
    }


def outbox(*items: Any) -> dict[str, Any]:
    """Return what `outbox.json` has: activities in the order in which they were made."""
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "outbox.json",
        "type": "OrderedCollection",
        "totalItems": len(items),
        "orderedItems": items,
    }


def zipped(files: Mapping[str, Any]) -> bytes:
    """Return a ZIP file of files, each given as text, as bytes, or as what is to be JSON."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, bytes | str) else json.dumps(content))
    return target.getvalue()


def tarred(files: Mapping[str, Any]) -> bytes:
    """Return a compressed tar file of files, each given as bytes or as what is to be JSON."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return target.getvalue()


def tweet(id: int | str, text: str, **more: Any) -> dict[str, Any]:
    """Return a post as X's archives have it."""
    return {
        "tweet": {
            "id": str(id),
            "id_str": str(id),
            "full_text": text,
            "created_at": "Sat May 16 10:00:00 +0000 2020",
            "lang": "de",
            "entities": {"urls": [], "user_mentions": []},
            **more,
        }
    }


def tweets(part: str, *items: Any) -> str:
    """Return a file of X's posts: a script that assigns them."""
    return f"window.YTD.tweets.part{part} = " + json.dumps(items, indent=2)


def varint(number: int) -> bytes:
    """Return a number as CAR files have it (unsigned LEB128)."""
    written = b""
    while number >= 0x80:
        written, number = written + bytes([number & 0x7F | 0x80]), number >> 7
    return written + bytes([number])


def repository(records: Any, *, account: str = "did:plc:ann") -> bytes:
    """Return a CAR file with records by their names, as a server of Bluesky's network writes it."""

    def block(value):
        data = cbor2.dumps(value, canonical=True)
        cid = b"\x01\x71\x12\x20" + hashlib.sha256(data).digest()
        return cid, varint(len(cid) + len(data)) + cid + data

    def link(cid):
        return cbor2.CBORTag(42, b"\x00" + cid)

    entries, blocks, last = [], [], b""
    for name, record in sorted(records.items()):
        cid, data = block(record)
        blocks.append(data)
        key = name.encode()
        shared = next((at for at in range(len(key)) if key[: at + 1] != last[: at + 1]), len(key))
        entries.append({"p": shared, "k": key[shared:], "v": link(cid), "t": None})
        last = key
    tree, data = block({"l": None, "e": entries})
    blocks.append(data)
    root, data = block({"did": account, "version": 3, "data": link(tree), "rev": "3k", "prev": None, "sig": b"0"})
    header = cbor2.dumps({"roots": [link(root)], "version": 1}, canonical=True)
    return varint(len(header)) + header + data + b"".join(blocks)


def skeet(text: str, **more: Any) -> dict[str, Any]:
    """Return a post's record as Bluesky has it."""
    return {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2024-02-01T10:00:00.000Z", **more}
