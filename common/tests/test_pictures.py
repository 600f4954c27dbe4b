import io

import pytest
from PIL import Image

from twite_common import pictures
from twite_common.errors import Invalid


def made(format="JPEG", size=(800, 600), mode="RGB", colour="red", **options):
    written = io.BytesIO()
    Image.new(mode, size, colour).save(written, format, **options)
    return written.getvalue()


def opened(picture):
    return Image.open(io.BytesIO(picture.data))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP"])
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


def test_a_picture_on_its_side_is_put_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = Image.new("RGB", (600, 400), "red")
    lying.paste("blue", (0, 0, 300, 400))
    written = io.BytesIO()
    lying.save(written, "JPEG", exif=exif)
    upright = opened(pictures.prepare(written.getvalue(), (40, 40))).convert("RGB")

    assert upright.getpixel((20, 2))[2] > 200
    assert upright.getpixel((20, 37))[0] > 200


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
        made("BMP"),
        made("TIFF"),
        b"\x00" * (pictures.LARGEST_BYTES + 1),
    ],
    ids=["empty", "svg", "html", "gif", "cut jpeg", "cut png", "bmp", "tiff", "large"],
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(Invalid):
        pictures.prepare(data, pictures.AVATAR)


def test_a_picture_that_would_fill_the_memory_is_refused():
    with pytest.raises(Invalid):
        pictures.prepare(made("PNG", size=(10_000, 10_000), mode="1", colour=0), pictures.AVATAR)


def test_a_stored_picture_is_named_by_its_content_and_not_for_everybody(tmp_path):
    picture = pictures.prepare(made(), pictures.AVATAR)
    name = pictures.store(tmp_path / "media", picture)
    again = pictures.store(tmp_path / "media", picture)

    assert name == again
    assert pictures.NAME.fullmatch(name)
    assert (tmp_path / "media" / name).read_bytes() == picture.data
    assert (tmp_path / "media" / name).stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "media").stat().st_mode & 0o777 == 0o750
    assert len(list((tmp_path / "media" / name).parent.iterdir())) == 1


def test_only_pictures_are_put_aside_and_removed(tmp_path):
    name = pictures.store(tmp_path, pictures.prepare(made(), pictures.AVATAR))
    put = [pictures.put_aside(tmp_path, name) for _ in range(2)]
    pictures.put_back(tmp_path, name)
    there = (tmp_path / name).exists()
    pictures.put_aside(tmp_path, name)
    pictures.remove_aside(tmp_path, name)

    assert (put, there, list((tmp_path / name).parent.iterdir())) == ([True, False], True, [])
    with pytest.raises(Invalid):
        pictures.put_aside(tmp_path, "../secret.key")
