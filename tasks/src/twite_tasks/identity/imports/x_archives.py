"""Archives of X: a script for each list, with the list itself behind an equals sign, and media beside them."""

import html
import re
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO
from urllib.parse import urlsplit

import msgspec

from twite_common.services.posts.imported_posts import ImportedPost
from twite_tasks.identity.imports import documents
from twite_tasks.identity.imports.archive_files import ArchiveFiles
from twite_tasks.identity.imports.documents import DocumentArchive
from twite_tasks.identity.imports.found import BOOST, REPLY, Found, MediaFile, checked

TWEETS = ("data/tweets.js", "data/tweet.js")
"""Where the posts are, today and before 2022."""
_PART = r"-part\d+\.js"
MEDIA = ("data/tweets_media/", "data/tweet_media/")
ELSEWHERE = "x.com"
EPOCH_MS = 1_288_834_974_657
"""When X's ids with times in them begin (2010); lower ones have none."""
FIRST_WITH_TIME = 1 << 36
MAX_MEDIA = 4
MAX_CHARACTERS = 100_000
"""Of a post that are looked at; the longest have 25,000."""
MAX_URL_CHARACTERS = 2000
"""Of an address that stands for a shortened one."""
_SHORT = re.compile(r"https?://t\.co/\w+", re.ASCII)
_NAMED = re.compile(r"(?<![\w@/])@(\w+)(?![\w@])")
MP4 = "video/mp4"


class _Url(msgspec.Struct, frozen=True):
    url: str = ""
    expanded_url: str = ""


class _Named(msgspec.Struct, frozen=True):
    screen_name: str = ""


class _Entities(msgspec.Struct, frozen=True):
    urls: list[_Url] = msgspec.field(default_factory=list)
    user_mentions: list[_Named] = msgspec.field(default_factory=list)


class _Variant(msgspec.Struct, frozen=True):
    url: str = ""
    content_type: str = ""
    bitrate: int | str = 0


class _Video(msgspec.Struct, frozen=True):
    variants: list[_Variant] = msgspec.field(default_factory=list)


class _Media(msgspec.Struct, frozen=True):
    url: str = ""
    media_url_https: str = ""
    ext_alt_text: str | None = None
    video_info: _Video | None = None


class _Attached(msgspec.Struct, frozen=True):
    media: list[_Media] = msgspec.field(default_factory=list)


class _Tweet(msgspec.Struct, frozen=True):
    id_str: str = ""
    full_text: str = ""
    created_at: str = ""
    lang: str = ""
    possibly_sensitive: bool | None = False
    in_reply_to_status_id_str: str | None = None
    in_reply_to_user_id_str: str | None = None
    entities: _Entities = _Entities()
    extended_entities: _Attached = _Attached()


class _Element(msgspec.Struct, frozen=True):
    """Posts stand in an object of their own since 2020."""

    tweet: _Tweet | None = None


class _Id(msgspec.Struct, frozen=True):
    id_str: str = ""


class _ElementId(msgspec.Struct, frozen=True):
    tweet: _Id | None = None
    id_str: str = ""


def opened(files: ArchiveFiles, document: IO[bytes], *, now: int) -> DocumentArchive | None:
    """Return the posts of such an archive, if it is one."""
    first = next((name for ending in TWEETS if (name := documents.named(files, ending)) is not None), None)
    if first is None:
        return None
    further = re.compile(re.escape(first.removesuffix(".js")) + _PART)
    prefix = first[: first.rindex("data/")]
    return DocumentArchive(
        "x",
        files,
        document,
        names=[first, *sorted(name for name in files.names() if further.fullmatch(name))],
        key=None,
        order=_order,
        parse=lambda raw: _found(raw, now),
        prefix=prefix,
    )


def _order(raw: bytes) -> int:
    element = msgspec.json.decode(raw, type=_ElementId)
    return int(element.tweet.id_str if element.tweet is not None else element.id_str)


def _found(raw: bytes, now: int) -> Found:
    tweet = msgspec.json.decode(raw, type=_Element).tweet or msgspec.json.decode(raw, type=_Tweet)
    # They aren't marked otherwise.
    if tweet.full_text.startswith("RT @"):
        return Found(tweet.id_str, refusal=BOOST)
    if tweet.in_reply_to_user_id_str and not tweet.in_reply_to_status_id_str:
        return Found(tweet.id_str, refusal=REPLY)
    post = ImportedPost(
        source_id=tweet.id_str,
        at=_time(tweet),
        text=_text(tweet),
        sensitive=bool(tweet.possibly_sensitive),
        language="" if tweet.lang in {"und", "zxx", "qme", "qst", "qht", "qam", "qct"} else tweet.lang,
        # Only the author's own are in the archive: an answer to somebody else finds none.
        answered_source_id=tweet.in_reply_to_status_id_str or "",
    )
    return checked(post, _media(tweet), now=now)


def _time(tweet: _Tweet) -> int:
    id = int(tweet.id_str)
    if id >= FIRST_WITH_TIME:
        return (id >> 22) + EPOCH_MS
    return int(datetime.strptime(tweet.created_at, "%a %b %d %H:%M:%S %z %Y").timestamp() * 1000)


def _text(tweet: _Tweet) -> str:
    """Return what a post says: with the addresses that it leads to, and people as those of X."""
    media = {one.url: "" for one in tweet.extended_entities.media}
    links = [one for one in tweet.entities.urls if 0 < len(one.expanded_url) <= MAX_URL_CHARACTERS]
    instead = {one.url: one.expanded_url for one in links} | media
    names = {one.screen_name.lower() for one in tweet.entities.user_mentions}
    # Each is looked up where it stands, once: what replaces one may have others in it, and would grow and grow.
    body = html.unescape(tweet.full_text[:MAX_CHARACTERS])
    body = _SHORT.sub(lambda found: instead.get(found[0], found[0]), body)
    return _NAMED.sub(lambda found: f"{found[0]}@{ELSEWHERE}" if found[1].lower() in names else found[0], body)


def _media(tweet: _Tweet) -> tuple[MediaFile, ...]:
    return tuple(
        MediaFile(
            tuple(f"{folder}{tweet.id_str}-{name}" for name in _names(media) for folder in MEDIA),
            media.ext_alt_text or "",
        )
        for media in tweet.extended_entities.media[:MAX_MEDIA]
    )


def _names(media: _Media) -> list[str]:
    """Return what a file may be called in the archive, the best first."""
    variants = media.video_info.variants if media.video_info is not None else []
    videos = [variant for variant in variants if variant.content_type == MP4]
    videos.sort(key=lambda variant: int(variant.bitrate), reverse=True)
    addresses = [variant.url for variant in videos] or [media.media_url_https]
    return [PurePosixPath(urlsplit(address).path).name for address in addresses if address]
