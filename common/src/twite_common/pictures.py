"""Uploaded pictures: decoded, cropped, scaled and written anew, so that nothing but their look stays."""

import hashlib
import io
import itertools
import math
import os
import re
import secrets
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore

import blurhash
import msgspec
from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from twite_common import disk
from twite_common.errors import Invalid, Unavailable

AVATAR = (400, 400)
HEADER = (1500, 500)
LARGEST_BYTES = 8 * 1024 * 1024
LARGEST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
MEDIA_TYPES = {"webp": "image/webp", "mp4": "video/mp4", "mp3": "audio/mpeg"}
NAME = re.compile(rf"[0-9a-f]{{2}}/[0-9a-f]{{64}}\.(?:{'|'.join(MEDIA_TYPES)})")
"""What a file in the media folder may be called."""
ATTACHMENT_PIXELS = 3840 * 2160
LARGEST_EMOJI_BYTES = 256 * 1024
EMOJI_PIXELS = 128
"""Width and height of an emoji at most."""
MOST_FRAMES = 250
AT_ONCE = 2
"""Pictures that a process prepares at the same time: the largest take 400 MB each, whatever their file's size."""
PATIENCE_SECONDS = 20.0
PREVIEW_PIXELS = 640 * 360
BLURRED_PIXELS = 32 * 32

_at_once = BoundedSemaphore(AT_ONCE)
_WRONG = "This file is not a picture that can be used: please choose a JPEG, PNG, GIF or WebP file."


class Picture(msgspec.Struct, frozen=True):
    """A picture ready to be stored; sizes in pixels."""

    data: bytes
    media_type: str
    extension: str
    width: int
    height: int


class PreparedAttachment(msgspec.Struct, frozen=True):
    """A picture to be attached to a post, a small one to be shown before it, and its colours (blurha.sh)."""

    picture: Picture
    preview: Picture
    blurhash: str


def prepare(data: bytes, size: tuple[int, int]) -> Picture:
    """Return an uploaded picture cut and scaled to `size` (width, height), as WebP without any metadata.

    The file's content decides what it is, never its name. Raises Invalid for anything but a whole JPEG, PNG, GIF or
    WebP of a bearable size.
    """
    if len(data) > LARGEST_BYTES:
        raise Invalid(f"The picture is too large: {LARGEST_BYTES // 1024 // 1024} MB are allowed.")
    with _turn():
        return _written(ImageOps.fit(_decoded(data), size, Image.Resampling.LANCZOS))


def prepare_attachment(data: bytes) -> PreparedAttachment:
    """Return an uploaded picture as it is attached to a post: whole, and scaled down where it is very large.

    Raises Invalid like `prepare`.
    """
    if len(data) > LARGEST_BYTES:
        raise Invalid(f"Validation failed: File file size must be less than {LARGEST_BYTES // 1024 // 1024} MB")
    with _turn():
        decoded = _decoded(data)
        small = _within(decoded, PREVIEW_PIXELS)
        return PreparedAttachment(_written(_within(decoded, ATTACHMENT_PIXELS)), _written(small), _colours(small))


def prepare_emoji(data: bytes) -> tuple[Picture, Picture]:
    """Return an uploaded picture as an emoji, and its first moment for those who want nothing to move.

    Raises Invalid like `prepare`.
    """
    if len(data) > LARGEST_EMOJI_BYTES:
        raise Invalid(f"The picture is too large: {LARGEST_EMOJI_BYTES // 1024} KB are allowed.")
    with _turn():
        made = _written(_small(_decoded(data)))
        return (_moving(data) if is_animated(data) else made), made


def is_animated(data: bytes, formats: tuple[str, ...] = FORMATS) -> bool:
    """Say whether a file is a picture, in one of these formats, that moves."""
    try:
        with Image.open(io.BytesIO(data), formats=formats) as picture:
            return bool(getattr(picture, "is_animated", False))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False


def is_picture(data: bytes) -> bool:
    """Say whether a file begins like a picture that can be used."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS):
            return True
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False


def store(folder: Path, picture: Picture) -> str:
    """Write a picture into the media folder and return its name there.

    The name is the hash of the content: it never comes to mean another picture, and can be kept by caches forever.
    """
    return store_file(folder, io.BytesIO(picture.data), picture.extension)


def store_file(folder: Path, content: io.BufferedReader | io.BytesIO, extension: str) -> str:
    """Write a file into the media folder and return its name there, like `store`.

    Raises Unavailable when the disk is full.
    """
    digest = hashlib.file_digest(content, "sha256").hexdigest()
    content.seek(0)
    name = f"{digest[:2]}/{digest}.{extension}"
    target = folder / name
    draft = target.with_name(f"tmp{secrets.token_hex(8)}")
    with disk.writing(draft):
        for made in (folder, target.parent):
            made.mkdir(mode=0o750, parents=True, exist_ok=True)
        with draft.open("xb") as written:
            shutil.copyfileobj(content, written)
            written.flush()
            os.fsync(written.fileno())
        draft.chmod(0o640)
        draft.replace(target)
    return name


def remove(folder: Path, name: str) -> None:
    """Remove a picture from the media folder; one that is gone already is no error.

    Raises Invalid for what can't be a picture's name.
    """
    if not NAME.fullmatch(name):
        raise Invalid("This is not the name of a picture.")
    (folder / name).unlink(missing_ok=True)


@contextmanager
def _turn() -> Iterator[None]:
    """Wait until few enough pictures are being prepared.

    Raises Unavailable when that takes too long.
    """
    if not _at_once.acquire(timeout=PATIENCE_SECONDS):
        raise Unavailable("Too many pictures are being prepared at the moment. Please try again.")
    try:
        yield
    finally:
        _at_once.release()


def _written(picture: Image.Image) -> Picture:
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=82, method=4)
    return Picture(written.getvalue(), "image/webp", "webp", picture.width, picture.height)


def _small(picture: Image.Image) -> Image.Image:
    copy = picture.convert("RGBA")
    copy.thumbnail((EMOJI_PIXELS, EMOJI_PIXELS), Image.Resampling.LANCZOS)
    return copy


def _moving(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        frames = [
            (_small(frame), int(frame.info.get("duration", 100)))
            for frame in itertools.islice(ImageSequence.Iterator(picture), MOST_FRAMES)
        ]
    written = io.BytesIO()
    (first, _), *rest = frames
    durations = [duration for _, duration in frames]
    first.save(
        written, "WEBP", save_all=True, append_images=[one for one, _ in rest], duration=durations, loop=0, quality=82
    )
    return Picture(written.getvalue(), "image/webp", "webp", first.width, first.height)


def _within(picture: Image.Image, pixels: int) -> Image.Image:
    """Return a picture scaled down so that it has no more than so many pixels."""
    factor = math.sqrt(pixels / (picture.width * picture.height))
    if factor >= 1:
        return picture
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _colours(picture: Image.Image) -> str:
    tiny = _within(picture.convert("RGB"), BLURRED_PIXELS)
    values = tiny.tobytes()
    rows = [
        [list(values[3 * (row * tiny.width + column) :][:3]) for column in range(tiny.width)]
        for row in range(tiny.height)
    ]
    return str(blurhash.encode(rows, components_x=4, components_y=3))


def _decoded(data: bytes) -> Image.Image:
    """Return the picture upright, in sRGB, with an alpha channel where it has one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            if picture.width * picture.height > LARGEST_PIXELS:
                raise Invalid(f"The picture is too large: {LARGEST_PIXELS // 1_000_000} million pixels are allowed.")
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            return _in_srgb(upright).convert("RGBA" if _has_alpha(upright) else "RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Invalid(_WRONG) from error
    except Image.DecompressionBombWarning as error:
        raise Invalid(_WRONG) from error


def _has_alpha(picture: Image.Image) -> bool:
    return "A" in picture.getbands() or "transparency" in picture.info


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "RGBA"}:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return picture
    return converted or picture
