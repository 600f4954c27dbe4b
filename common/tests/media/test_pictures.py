import io
import struct
import zlib

import pillow_heif
import pytest
from PIL import Image, ImageCms

from twite_common.errors import Invalid
from twite_common.media import pictures

pytestmark = pytest.mark.usefixtures("integration")
"""A process of its own decodes pictures."""

pillow_heif.register_heif_opener()


def made(format="JPEG", size=(800, 600), mode="RGB", colour="red", **options):
    written = io.BytesIO()
    Image.new(mode, size, colour).save(written, format, **options)
    return written.getvalue()


def opened(picture):
    return Image.open(io.BytesIO(picture.data))


@pytest.mark.parametrize("format", pictures.FORMATS)
def test_pictures_come_out_in_the_size_asked_for(format):
    prepared = pictures.prepare(made(format), pictures.AVATAR)

    assert opened(prepared).size == pictures.AVATAR
    assert (opened(prepared).format, prepared.media_type) == ("WEBP", "image/webp")


def test_where_a_picture_was_taken_is_not_kept():
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    prepared = pictures.prepare(made(exif=exif, comment=b"a secret word"), pictures.AVATAR)

    assert b"secret" in made(exif=exif, comment=b"a secret word")
    assert b"secret" not in prepared.data
    assert not opened(prepared).getexif()


def test_what_can_be_seen_through_stays_so():
    assert opened(pictures.prepare(made("PNG", mode="RGBA", colour=(0, 0, 0, 0)), pictures.AVATAR)).mode == "RGBA"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html></html>",
        b"GIF89a",
        made()[:-200],
        made("PNG")[:60],
        made("AVIF")[:-20],
        made("HEIF")[:-20],
        made("HEIF").replace(b"hvc1", b"hvc9"),
        made("BMP"),
        made("TIFF"),
        b"\x00" * (pictures.MAX_BYTES + 1),
    ],
    ids=[
        "empty",
        "svg",
        "html",
        "gif",
        "cut jpeg",
        "cut png",
        "cut avif",
        "cut heic",
        "odd heic",
        "bmp",
        "tiff",
        "large",
    ],
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(Invalid):
        pictures.prepare(data, pictures.AVATAR)


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


GREY, COLOURS, PALETTE, GREY_SEEN_THROUGH, SEEN_THROUGH = 0, 2, 3, 4, 6
"""Kinds of PNG files (ISO 15948, table 11.1)."""


def png(kind, bits, row, *, unseen=b"", palette=b""):
    """Write a PNG file of two pixels, one beside the other, as they stand in the file."""
    chunks = [chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, bits, kind, 0, 0, 0))]
    chunks += [chunk(name, content) for name, content in ((b"PLTE", palette), (b"tRNS", unseen)) if content]
    chunks += [chunk(b"IDAT", zlib.compress(b"\0" + row)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def words(*values):
    return struct.pack(f">{len(values)}H", *values)


@pytest.mark.parametrize(
    ("file", "greys"),
    [
        (png(GREY, 1, b"\x80"), (255, 0)),
        (png(GREY, 2, b"\x90"), (170, 85)),
        (png(GREY, 4, b"\x83"), (136, 51)),
        (png(GREY, 8, b"\x80\x20"), (128, 32)),
        (png(GREY, 16, words(32768, 1000)), (128, 4)),
        (png(GREY, 16, words(65535, 255)), (255, 1)),
        (png(COLOURS, 16, words(32768, 32768, 32768, 1000, 1000, 1000)), (128, 4)),
        (png(GREY_SEEN_THROUGH, 16, words(32768, 65535, 1000, 65535)), (128, 4)),
        (png(SEEN_THROUGH, 16, words(*[32768] * 3, 65535, *[1000] * 3, 65535)), (128, 4)),
        *(
            (png(PALETTE, bits, row, palette=bytes([9, 9, 9, 90, 90, 90])), (90, 9))
            for bits, row in ((1, b"\x80"), (2, b"\x40"), (4, b"\x10"), (8, b"\1\0"))
        ),
    ],
)
def test_png_files_of_every_depth_are_as_bright_as_they_are(file, greys):
    prepared = pictures.prepare_attachment(file).picture
    shown = opened(prepared).convert("L")

    # Colours of neighbours mix in what is kept.
    assert [shown.getpixel((x, 0)) for x in (0, 1)] == pytest.approx(greys, abs=6)


@pytest.mark.parametrize(
    "file",
    [
        png(GREY, 1, b"\x40", unseen=words(1)),
        png(GREY, 2, b"\x10", unseen=words(1)),
        png(GREY, 4, b"\x01", unseen=words(1)),
        png(GREY, 8, b"\x20\x80", unseen=words(128)),
        png(GREY, 16, words(500, 1000), unseen=words(1000)),
        png(COLOURS, 8, bytes([1, 2, 3, 50, 60, 70]), unseen=words(50, 60, 70)),
        png(COLOURS, 16, words(1, 2, 3, 5000, 6000, 7000), unseen=words(5000, 6000, 7000)),
        png(PALETTE, 8, b"\0\1", palette=bytes(6), unseen=b"\xff\0"),
        png(GREY_SEEN_THROUGH, 16, words(9, 65535, 9, 0)),
        png(SEEN_THROUGH, 16, words(9, 9, 9, 65535, 9, 9, 9, 0)),
    ],
)
def test_the_colour_that_png_files_hide_stays_hidden(file):
    shown = opened(pictures.prepare_attachment(file).picture).convert("RGBA")

    assert [shown.getpixel((x, 0))[3] for x in (0, 1)] == [255, 0]


def test_a_large_grey_picture_of_16_bits_is_as_bright_as_it_is():
    written = io.BytesIO()
    Image.new("I;16", (4000, 3000), 32768).save(written, "PNG")
    shown = opened(pictures.prepare_attachment(written.getvalue()).picture).convert("L")

    assert shown.width < 4000
    assert shown.getextrema() == pytest.approx((128, 128), abs=1)


@pytest.mark.parametrize(
    ("mode", "pixel"), [("RGB;16", (32768, 32768, 32768)), ("L;16", (32768,)), ("RGBA;16", (32768,) * 3 + (65535,))]
)
def test_heic_pictures_of_more_than_8_bits_are_as_bright_as_they_are(mode, pixel):
    written = io.BytesIO()
    pillow_heif.from_bytes(mode, (64, 48), struct.pack(f"<{len(pixel)}H", *pixel) * 64 * 48).save(written)
    shown = opened(pictures.prepare_attachment(written.getvalue()).picture).convert("L")

    assert shown.getpixel((30, 20)) == pytest.approx(128, abs=2)


@pytest.mark.parametrize("format", ["AVIF", "HEIF"])
def test_what_can_be_seen_through_stays_so_in_newer_formats(format):
    clear = made(format, mode="RGBA", colour=(9, 9, 9, 0))

    assert opened(pictures.prepare(clear, pictures.AVATAR)).getextrema()[3] == (0, 0)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_a_picture_on_its_side_is_put_upright_whatever_its_format(format):
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = Image.new("RGB", (600, 400), "red")
    lying.paste("blue", (0, 0, 300, 400))
    # How a HEIC file is turned stands beside its exif data, which are for programs that know nothing else.
    lying.info["exif"] = exif.tobytes()
    written = io.BytesIO()
    lying.save(written, format, **({} if format == "HEIF" else {"exif": exif}))
    upright = opened(pictures.prepare_attachment(written.getvalue()).picture).convert("RGB")

    assert upright.size == (400, 600)
    assert upright.getpixel((200, 20))[2] > 200
    assert upright.getpixel((200, 580))[0] > 200


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_colours_are_those_of_the_profile(format):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"tmpZ").replace(b"gXYZ", b"rXYZ").replace(b"tmpZ", b"gXYZ")
    shown = opened(pictures.prepare_attachment(made(format, icc_profile=swapped)).picture).convert("RGB")

    red, green, _ = shown.getpixel((400, 300))
    assert green > 200 > red


def test_a_picture_in_tiles_as_phones_write_it_is_whole():
    whole = Image.linear_gradient("L").resize((1200, 800)).convert("RGB")
    written = io.BytesIO()
    whole.save(written, "HEIF", tile_size=512)
    shown = opened(pictures.prepare_attachment(written.getvalue()).picture).convert("L")

    assert pillow_heif.open_heif(written.getvalue()).info["tiling"]
    assert [shown.getpixel((1100, y)) for y in (10, 400, 790)] == pytest.approx([3, 127, 252], abs=4)


def moving(format):
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "green", "blue")]
    content = io.BytesIO()
    frames[0].save(content, format, save_all=True, append_images=frames[1:], duration=200)
    return content.getvalue()


@pytest.mark.parametrize(("format", "moves"), [(one, one not in {"JPEG", "HEIF"}) for one in pictures.FORMATS])
def test_what_moves_is_told_from_files_with_several_pictures(format, moves):
    several = made("JPEG") if format == "JPEG" else moving(format)
    emoji, still = (opened(one) for one in pictures.prepare_emoji(several))

    assert pictures.is_animated(several) == moves
    assert (getattr(emoji, "n_frames", 1), getattr(still, "n_frames", 1)) == (3 if moves else 1, 1)
    assert opened(pictures.prepare_attachment(several).picture).convert("RGB").getpixel((9, 9))[0] > 200


def test_what_an_apng_shows_where_nothing_moves_is_none_of_its_moments():
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("black", "red", "blue")]
    content = io.BytesIO()
    frames[0].save(content, "PNG", save_all=True, append_images=frames[1:], duration=200, default_image=True)
    emoji, still = (opened(one) for one in pictures.prepare_emoji(content.getvalue()))

    assert (emoji.n_frames, still.convert("L").getpixel((9, 9))) == (2, 0)


@pytest.mark.parametrize(
    ("start", "format"),
    [
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", "AVIF"),
        (b"\0\0\0\x1cftypavis\0\0\0\0avifavismsf1", "AVIF"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "AVIF"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIF"),
        (b"\0\0\0\x18ftypheix\0\0\0\0mif1heic", "HEIF"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", None),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", None),
    ],
)
def test_pictures_are_told_from_videos_in_the_same_container(start, format):
    assert pictures._format(io.BytesIO(start + bytes(40))) == format


def test_a_picture_that_would_fill_the_memory_is_refused():
    with pytest.raises(Invalid, match=r"100 million pixels are allowed\. Please make it smaller"):
        pictures.prepare(made("PNG", size=(10_001, 10_000), mode="1", colour=0), pictures.AVATAR)


@pytest.mark.parametrize("side", [10_000, 16_383])
def test_a_webp_picture_that_would_fill_the_memory_is_refused_with_what_to_do(side):
    file = bytearray(made("WEBP"))
    # Its size, in the head of its only part (RFC 9649, section 2.5; RFC 6386, section 9.1).
    file[26:30] = struct.pack("<HH", side, side)

    with pytest.raises(Invalid, match=r"million pixels are allowed.* Please make it smaller"):
        pictures.prepare(bytes(file), pictures.AVATAR)
