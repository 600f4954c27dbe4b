"""Repositories of Bluesky: a CAR file of blocks, each a record or a part of the tree that has the records' names.

Blocks may stand in any order. Each part of the tree says whole names by itself, so the blocks are looked at one after
another, once for the names of posts and once for the posts; the tree is never climbed.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any, NoReturn

import cbor2
import msgspec

from twite_common.errors import Invalid
from twite_common.services.posts.imported_posts import ImportedPost
from twite_common.translations import gettext as _
from twite_tasks.identity.imports.documents import MAX_POSTS
from twite_tasks.identity.imports.found import INVALID, REPLY, Found, checked

POSTS = "app.bsky.feed.post"
MAX_BLOCK_BYTES = 1024 * 1024
CID_BYTES = 36
"""Of an address of a block: version 1, its codec, SHA-256 and 32 bytes (CIDv1)."""
CID_START = b"\x01\x71\x12\x20"
CID_TAG = 42
"""The only tag that DAG-CBOR has."""
MAX_KEY_BYTES = 1024
"""Of the name of a record, which has at most 512 behind that of its collection."""
MAX_DEPTH = 32
KNOWN_TAGS = (0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799)
"""Tags of which the library makes more than data."""
LINK = f"{POSTS.rpartition('.feed')[0]}.richtext.facet#link"


class _Index(msgspec.Struct, frozen=True, rename="camel"):
    byte_start: int = 0
    byte_end: int = 0


class _Feature(msgspec.Struct, frozen=True):
    type: str = msgspec.field(default="", name="$type")
    uri: str = ""


class _Facet(msgspec.Struct, frozen=True):
    index: _Index = _Index()
    features: list[_Feature] = msgspec.field(default_factory=list)


class _Reference(msgspec.Struct, frozen=True):
    uri: str = ""


class _Reply(msgspec.Struct, frozen=True):
    parent: _Reference = _Reference()


class _Image(msgspec.Struct, frozen=True):
    alt: str = ""


class _Shown(msgspec.Struct, frozen=True):
    """Pictures, a video or a page beside a post."""

    images: list[_Image] = msgspec.field(default_factory=list)
    alt: str = ""
    video: msgspec.UnsetType | Any = msgspec.UNSET
    external: _Reference | None = None


class _Embed(_Shown, frozen=True):
    """The same, or a post that it quotes, or both."""

    record: dict[str, Any] | None = None
    media: _Shown | None = None


class _Record(msgspec.Struct, frozen=True, rename="camel"):
    text: str = ""
    created_at: str = ""
    langs: list[str] | None = None
    reply: _Reply | None = None
    facets: list[_Facet] | None = None
    embed: _Embed | None = None
    labels: dict[str, Any] | None = None


class Repository:
    """The posts of a repository, in the order of their names, which are times."""

    source = "bluesky"

    def __init__(self, file: IO[bytes], *, now: int) -> None:
        self._file, self._now = file, now
        self._account = ""
        names: dict[bytes, str] = {}
        for cid, start, size in _blocks(file):
            self._look(_decoded(self._read(start, size)), cid, names)
        if not self._account:
            raise Invalid(_("The file isn't what such archives have."))
        # A file may have the same block again and again.
        places = {cid: (start, size) for cid, start, size in _blocks(file) if cid in names}
        self._places = sorted((names[cid], *place) for cid, place in places.items())

    def __len__(self) -> int:
        """Return how many posts there are."""
        return len(self._places)

    def __getitem__(self, place: int) -> Found:
        """Return one of them."""
        name, start, size = self._places[place]
        address = f"at://{self._account}/{POSTS}/{name}"
        try:
            record = msgspec.convert(_decoded(self._read(start, size)), _Record)
            return self._found(address, record)
        except (msgspec.ValidationError, ValueError, OverflowError):
            return Found(address, refusal=INVALID)

    def open_media(self, name: str) -> IO[bytes]:
        """Raise FileNotFoundError: a repository has no files."""
        raise FileNotFoundError(name)

    def _read(self, start: int, size: int) -> bytes:
        self._file.seek(start)
        return self._file.read(size)

    def _look(self, block: Any, _cid: bytes, names: dict[bytes, str]) -> None:
        """Keep what a block says of the names of posts, or whose repository it is."""
        if not isinstance(block, dict):
            return
        if isinstance(block.get("did"), str) and isinstance(block.get("data"), bytes):
            self._account = block["did"][:200]
        entries = block.get("e")
        if not isinstance(entries, list) or "l" not in block:
            return
        key = b""
        for entry in entries:
            if not isinstance(entry, dict) or not isinstance(entry.get("k"), bytes):
                return
            shared = entry.get("p")
            key = key[: shared if isinstance(shared, int) and shared >= 0 else 0] + entry["k"]
            # Each name is made from the one before: long ones would take a time that grows with the square.
            if len(key) > MAX_KEY_BYTES:
                return
            collection, _slash, name = key.decode("ascii", "replace").partition("/")
            if collection == POSTS and isinstance(entry.get("v"), bytes):
                names[entry["v"]] = name[:100]
        if len(names) > MAX_POSTS:
            raise Invalid(_("There are more posts in the archive than can be imported."))

    def _found(self, address: str, record: _Record) -> Found:
        answered = record.reply.parent.uri if record.reply is not None else ""
        if answered and not answered.startswith(f"at://{self._account}/"):
            return Found(address, refusal=REPLY)
        written = datetime.fromisoformat(record.created_at)
        post = ImportedPost(
            source_id=address,
            at=int((written if written.tzinfo else written.replace(tzinfo=UTC)).timestamp() * 1000),
            text=_text(record),
            sensitive=bool(record.labels and record.labels.get("values")),
            language=next(iter(record.langs or []), ""),
            answered_source_id=answered,
        )
        return checked(post, (), now=self._now)


def opened(file: IO[bytes], *, now: int) -> Repository | None:
    """Return the posts of a repository, if a file is one."""
    file.seek(0)
    length = _number(file)
    if length is None or not 0 < length <= MAX_BLOCK_BYTES:
        return None
    try:
        header = _decoded(file.read(length))
    except Invalid:
        return None
    if not isinstance(header, dict) or header.get("version") != 1 or "roots" not in header:
        return None
    return Repository(file, now=now)


def _text(record: _Record) -> str:
    """Return what a post says: links whole, what its pictures show, and the addresses of what is beside it."""
    body = _with_links(record.text.encode(), record.facets or []).decode(errors="replace")
    parts = [body]
    embed = record.embed
    if embed is not None:
        shown: _Shown = embed.media or embed
        parts += [f"[{alt}]" for alt in (*(image.alt for image in shown.images), shown.alt) if alt.strip()]
        if shown.external is not None and shown.external.uri and shown.external.uri not in body:
            parts.append(shown.external.uri)
        if quoted := _quoted(embed.record):
            parts.append(f"RE: {quoted}")
    return "\n\n".join(part for part in parts if part)


def _with_links(body: bytes, facets: list[_Facet]) -> bytes:
    """Return a text with links' addresses where it has what is shown of them."""
    end = len(body)
    for facet in sorted(facets, key=lambda facet: facet.index.byte_start, reverse=True):
        first, last = facet.index.byte_start, facet.index.byte_end
        address = next((one.uri for one in facet.features if one.type == LINK and one.uri.startswith("http")), "")
        if address and 0 <= first < last <= end:
            body = body[:first] + address.encode() + body[last:]
            end = first
    return body


def _quoted(record: dict[str, Any] | None) -> str:
    """Return the address of the page of a post that one quotes, if it does."""
    inner = record.get("record", record) if record is not None else {}
    uri = inner.get("uri", "") if isinstance(inner, dict) else ""
    account, _slash, rest = str(uri).removeprefix("at://").partition("/")
    collection, _slash, name = rest.partition("/")
    return f"https://bsky.app/profile/{account}/post/{name}" if collection == POSTS and account and name else ""


def _blocks(file: IO[bytes]) -> Iterator[tuple[bytes, int, int]]:
    """Give the blocks of a file: their addresses, where they begin, and how many bytes they have."""
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    position = (_number(file) or 0) + file.tell()
    while position < end:
        file.seek(position)
        length = _number(file)
        start = file.tell()
        cid = file.read(CID_BYTES)
        if length is None or length > MAX_BLOCK_BYTES or start + length > end or not cid.startswith(CID_START):
            raise Invalid(_("The archive is broken. Please download it again from where it comes."))
        yield cid, start + CID_BYTES, length - CID_BYTES
        position = start + length


def _number(file: IO[bytes]) -> int | None:
    """Return the number with which a block begins (LEB128); None for none."""
    number = 0
    for shift in range(0, 35, 7):
        byte = file.read(1)
        if not byte:
            return None
        number |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return number
    return None


def _decoded(block: bytes) -> Any:
    try:
        return cbor2.loads(
            block,
            tag_hook=_address,
            semantic_decoders=dict.fromkeys(KNOWN_TAGS, _refuse),
            max_depth=MAX_DEPTH,
            allow_indefinite=False,
        )
    except (cbor2.CBORError, ValueError, TypeError, OverflowError):
        raise Invalid(_("The archive is broken. Please download it again from where it comes.")) from None


def _address(tag: cbor2.CBORTag, _immutable: bool) -> bytes:
    if tag.tag != CID_TAG or not isinstance(tag.value, bytes):
        _refuse()
    return bytes(tag.value[1:])


def _refuse(*_arguments: Any) -> NoReturn:
    raise ValueError("DAG-CBOR has no such tag.")
