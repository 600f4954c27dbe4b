"""Decoding, scaling and encoding pictures. Only `worker` runs this.

Pictures are scaled down in strips, before anything else is done to them, so that a large one is held in memory once.
"""

import io
import itertools
import math
import re
import warnings
from collections.abc import Callable

import blurhash
import pillow_heif
from PIL import AvifImagePlugin, Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from twite_common.media.pictures import share_cards
from twite_common.media.pictures.limits import (
    ATTACHMENT_PIXELS,
    BLURRED_PIXELS,
    EMOJI_PIXELS,
    FORMATS,
    MAX_FRAMES,
    MAX_FRAMES_PIXELS,
    MAX_PIXELS,
    MAX_SCANS,
    MAX_SIDE,
    MAX_WEBP_PIXELS,
    MOVING_FORMATS,
    PREVIEW_PIXELS,
)
from twite_common.media.pictures.protocol import Answer, Picture, Request
from twite_common.translations import marked

WRONG = marked("This file can't be used as a picture: please choose a JPEG, PNG, GIF, WebP, AVIF or HEIC file.")
TOO_LONG_SIDES = marked(
    "The picture is too large: each side can have at most %(limit)s pixels. Please make it smaller."
)
TOO_MANY_PIXELS = marked("The picture is too large: %(limit)s million pixels are allowed. Please make it smaller.")
TOO_MANY_WEBP_PIXELS = marked(
    "The picture is too large: %(limit)s million pixels are allowed in a WebP file. "
    "Please make it smaller, or save it as JPEG."
)
TOO_MANY_MOVING_PIXELS = marked("The picture is too large: %(limit)s million pixels are allowed in an animation.")
BROKEN_OR_COSTLY = marked(
    "This picture is broken or needs too much memory. Please make it smaller, or save it as JPEG."
)
SURELY_FITTING_PIXELS = 40_000_000
"""As many can be read whatever stands in the file."""
TOO_MANY_SCANS = marked("This picture has too many progressive steps. Please save it as a non-progressive JPEG.")
MILLION = 1_000_000
STRIP_PIXELS = MILLION
SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N", "I")
"""Modes of grey pictures with values from 0 to 65535."""
FROM_SIXTEEN_BITS = [(value + 128) // 257 for value in range(65536)]
PNG_SCALES = {"L;2": 85, "L;4": 17}
"""By what the values of grey PNG pictures with less than 8 bits are multiplied when they are read."""
_JPEG = b"\xff\xd8\xff"
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
_START_OF_SCAN, _END_OF_IMAGE = b"\xda", b"\xd9"
_WITHOUT_LENGTH = frozenset({b"\x01", b"\xd8"})

# Threads take memory, and other requests have something to do, too. Pictures that stand beside the one that is shown
# (small ones, depths) are nobody's business.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


class Refused(Exception):
    """The picture can't be used: `sentence` is in English and `limit` the number in it, as in an Answer."""

    def __init__(self, sentence: str, limit: int = 0) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.limit = limit


def answer(request: Request, data: bytes) -> Answer:
    """Return what comes of a picture. Whatever the file holds, nothing but a lack of memory is raised."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return TASKS[request.task](request, data)
    except Refused as error:
        return Answer(refused=error.sentence, limit=error.limit)
    except Image.DecompressionBombError:
        return Answer(refused=TOO_MANY_PIXELS, limit=MAX_PIXELS // MILLION)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, RuntimeError):
        return Answer(refused=WRONG)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - what Pillow raises for broken files is bounded by no promise of it
        return Answer(refused=WRONG, fault=f"{type(error).__name__}: {error}")


def cut(request: Request, data: bytes) -> Answer:
    """Cut and scale a picture to a size."""
    return Answer((_written(ImageOps.fit(_decoded(data), request.size, Image.Resampling.LANCZOS)),))


def attach(_request: Request, data: bytes) -> Answer:
    """Make a picture that is attached to a post, and a small one."""
    picture = _decoded(data)
    small = _within(picture, PREVIEW_PIXELS)
    return Answer((_written(picture), _written(small)), blurhash=_colours(small))


def emoji(_request: Request, data: bytes) -> Answer:
    """Make an emoji, and its first moment for those who want nothing to move."""
    still = _written(_small(_decoded(data)))
    return Answer((_moving(data) if _moves(data) else still, still))


def look(_request: Request, data: bytes) -> Answer:
    """Find out whether a picture moves."""
    return Answer(moves=_moves(data))


TASKS: dict[str, Callable[[Request, bytes], Answer]] = {
    "cut": cut,
    "attach": attach,
    "emoji": emoji,
    "look": look,
    "share_card": share_cards.draw,
}


def _opened(data: bytes) -> Image.Image:
    """Return a picture of a bearable size of which no more than the header was read."""
    picture = Image.open(io.BytesIO(data), formats=FORMATS)
    if max(picture.size) > MAX_SIDE:
        raise Refused(TOO_LONG_SIDES, MAX_SIDE)
    if picture.width * picture.height > MAX_PIXELS:
        raise Refused(TOO_MANY_PIXELS, MAX_PIXELS // MILLION)
    if picture.format == "WEBP" and picture.width * picture.height > MAX_WEBP_PIXELS:
        raise Refused(TOO_MANY_WEBP_PIXELS, MAX_WEBP_PIXELS // MILLION)
    if data.startswith(_JPEG) and _has_too_many_scans(data):
        raise Refused(TOO_MANY_SCANS)
    return picture


def _has_too_many_scans(data: bytes) -> bool:
    """Say whether a JPEG file goes over its picture too often (ITU T.81, annex B)."""
    at = scans = 0
    while (marker := _MARKER.search(data, at)) and marker[1] != _END_OF_IMAGE:
        at = marker.end()
        if marker[1] not in _WITHOUT_LENGTH:
            at += max(2, int.from_bytes(data[at : at + 2]))
        scans += marker[1] == _START_OF_SCAN
        if scans > MAX_SCANS:
            return True
    return False


def _moves(data: bytes) -> bool:
    with _opened(data) as picture:
        return picture.format in MOVING_FORMATS and bool(getattr(picture, "is_animated", False))


def _decoded(data: bytes) -> Image.Image:
    """Return a picture upright, in sRGB, with an alpha channel where it has one, scaled down where it is very large."""
    scaled, profile = _read(data)
    # The metadata says which way is up.
    ImageOps.exif_transpose(scaled, in_place=True)
    upright = _in_srgb(scaled, profile)
    upright.info = {}
    return upright


def _read(data: bytes) -> tuple[Image.Image, bytes | None]:
    """Return a picture with its metadata, scaled down where it is very large, and the profile of its colours.

    The whole picture is gone by then: nothing that is done afterwards takes its memory besides.
    """
    with _opened(data) as picture:
        _fit_transparency(picture)
        # JPEG can be decoded at a half, a quarter or an eighth of its size.
        picture.draft(picture.mode, _size_within(picture.size, ATTACHMENT_PIXELS))
        _load(picture)
        scaled = _scaled(picture, _size_within(picture.size, ATTACHMENT_PIXELS))
        profile = picture.info.get("icc_profile") if picture.mode in {"RGB", "RGBA"} else None
        scaled.info = dict(picture.info)
    return scaled, profile


def _load(picture: Image.Image) -> None:
    """Read a picture's pixels. Some of the libraries don't say that it was memory which they lacked."""
    try:
        picture.load()
    except MemoryError:
        raise
    except Exception as error:
        if picture.width * picture.height > SURELY_FITTING_PIXELS:
            raise Refused(BROKEN_OR_COSTLY) from error
        raise


def _scaled(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return a picture in another size, as RGB or RGBA.

    Strip after strip is converted and scaled. The filter reaches over a strip's edges, so that these can't be seen.
    """
    mode = "RGBA" if _has_alpha(picture) else "RGB"
    if size == picture.size:
        return _in_eight_bits(picture).convert(mode)
    # Colours of what can't be seen must not mix with others.
    inside = "RGBa" if mode == "RGBA" else mode
    scaled = Image.new(mode, size)
    factor = picture.height / size[1]
    reach = math.ceil(3 * factor) + 1
    rows = max(1, int(STRIP_PIXELS / picture.width / factor))
    for top in range(0, size[1], rows):
        bottom = min(top + rows, size[1])
        first = max(0, math.floor(top * factor) - reach)
        last = min(picture.height, math.ceil(bottom * factor) + reach)
        strip = _in_eight_bits(picture.crop((0, first, picture.width, last))).convert(mode).convert(inside)
        box = (0, top * factor - first, picture.width, min(bottom * factor - first, strip.height))
        strip = strip.resize((size[0], bottom - top), Image.Resampling.LANCZOS, box)
        # Converted here and not at the end, when the whole result would be there twice, beside the whole picture.
        scaled.paste(strip.convert(mode), (0, top))
    return scaled


def _within(picture: Image.Image, pixels: int) -> Image.Image:
    """Return a picture scaled down so that it has no more than so many pixels."""
    size = _size_within(picture.size, pixels)
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)


def _size_within(size: tuple[int, int], pixels: int) -> tuple[int, int]:
    width, height = size
    factor = math.sqrt(pixels / (width * height))
    return size if factor >= 1 else (max(1, round(width * factor)), max(1, round(height * factor)))


def _fit_transparency(picture: Image.Image) -> None:
    """Say which colour of a PNG picture can't be seen as it is when the picture was read: Pillow leaves it as written.

    Nothing but the header may have been read.
    """
    colour = picture.info.get("transparency")
    if picture.format != "PNG" or colour is None or not picture.tile:  # type: ignore[attr-defined] # of files
        return
    raw_mode = picture.tile[0].args  # type: ignore[attr-defined] # of files
    if raw_mode in PNG_SCALES:
        picture.info["transparency"] = colour * PNG_SCALES[raw_mode]
    elif raw_mode == "RGB;16B":
        picture.info["transparency"] = tuple(value >> 8 for value in colour)


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Return a grey picture of 16 bits as one of 8, which Pillow's own conversion takes for far too bright."""
    if picture.mode not in SIXTEEN_BITS:
        return picture
    wide = picture.convert("I")
    grey = wide.point(FROM_SIXTEEN_BITS, "L")
    unseen = picture.info.get("transparency")
    if unseen is None:
        return grey
    alpha = wide.point([0 if value == unseen else 255 for value in range(65536)], "L")
    return Image.merge("LA", (grey, alpha))


def _has_alpha(picture: Image.Image) -> bool:
    return not {"A", "a"}.isdisjoint(picture.getbands()) or "transparency" in picture.info


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return picture
    return converted or picture


def _written(picture: Image.Image) -> Picture:
    buffer = io.BytesIO()
    # Method 4 takes twice as long for files that are 3 % smaller.
    picture.save(buffer, "WEBP", quality=82, method=2)
    return Picture(buffer.getvalue(), "image/webp", "webp", picture.width, picture.height)


def _small(picture: Image.Image) -> Image.Image:
    copy = _in_eight_bits(picture).convert("RGBA")
    copy.thumbnail((EMOJI_PIXELS, EMOJI_PIXELS), Image.Resampling.LANCZOS)
    return copy


def _moving(data: bytes) -> Picture:
    with _opened(data) as picture:
        max_frames = MAX_FRAMES_PIXELS // (picture.width * picture.height)
        frames: list[tuple[Image.Image, int]] = []
        # What an APNG shows where nothing can move isn't always one of its moments.
        first = 1 if getattr(picture, "default_image", False) else 0
        for frame in itertools.islice(ImageSequence.Iterator(picture), first, MAX_FRAMES):
            if len(frames) == max_frames:
                raise Refused(TOO_MANY_MOVING_PIXELS, MAX_FRAMES_PIXELS // MILLION)
            frames.append((_small(frame), int(frame.info.get("duration", 100))))
    buffer = io.BytesIO()
    (start, _), *later_frames = frames
    durations = [duration for _, duration in frames]
    start.save(
        buffer,
        "WEBP",
        save_all=True,
        append_images=[image for image, _ in later_frames],
        duration=durations,
        loop=0,
        quality=82,
    )
    return Picture(buffer.getvalue(), "image/webp", "webp", start.width, start.height)


def _colours(picture: Image.Image) -> str:
    tiny = _within(picture.convert("RGB"), BLURRED_PIXELS)
    values = tiny.tobytes()
    rows = [
        [list(values[3 * (row * tiny.width + column) :][:3]) for column in range(tiny.width)]
        for row in range(tiny.height)
    ]
    return str(blurhash.encode(rows, components_x=4, components_y=3))
