"""What is found in archives of posts, whatever they come from."""

from typing import IO, Protocol

import msgspec

from twite_common import clock
from twite_common.services.posts import imported_posts
from twite_common.services.posts.imported_posts import ImportedPost

BOOST, REPLY, DIRECT, DATE, EMPTY, INVALID = "boost", "reply", "direct", "date", "empty", "invalid"
REFUSED = "refused"
MEDIA, CUT = "media", "cut"
"""Why a post doesn't come, or not whole."""


class MediaFile(msgspec.Struct, frozen=True):
    """A file beside a post: the names that it may have in the archive, what it shows, and where its middle is."""

    names: tuple[str, ...]
    description: str = ""
    focus: tuple[float, float] | None = None


class Found(msgspec.Struct, frozen=True):
    """A post of an archive with its media, or why it doesn't come; `was_cut` says that its end doesn't."""

    source_id: str
    post: ImportedPost | None = None
    media: tuple[MediaFile, ...] = ()
    refusal: str = ""
    was_cut: bool = False


class Archive(Protocol):
    """The posts of an archive, in the order in which they were written."""

    source: str

    def __len__(self) -> int:
        """Return how many entries it has."""

    def __getitem__(self, place: int) -> Found:
        """Return one of them."""

    def open_media(self, name: str) -> IO[bytes]:
        """Open a file beside a post. Raises FileNotFoundError when there is none."""


def checked(post: ImportedPost, media: tuple[MediaFile, ...], *, now: int) -> Found:
    """Return a post as it is kept, or why it doesn't come."""
    if not imported_posts.is_name(post.source_id):
        return Found(post.source_id, refusal=INVALID)
    if post.answered_source_id and not imported_posts.is_name(post.answered_source_id):
        return Found(post.source_id, refusal=REPLY)
    if not imported_posts.EARLIEST <= post.at <= now + clock.SKEW_MS:
        return Found(post.source_id, refusal=DATE)
    body, was_cut = imported_posts.cut(post.text)
    spoiler = imported_posts.cut_line(post.spoiler_text)
    if not body and not media:
        return Found(post.source_id, refusal=EMPTY)
    kept = msgspec.structs.replace(post, text=body, spoiler_text=spoiler)
    return Found(post.source_id, kept, media, was_cut=was_cut)
