"""Drawing the pictures of posts: fonts, lines and what doesn't fit."""

import io

import msgspec
import pytest
from PIL import Image, ImageChops, ImageFont

from twite_common.media.pictures import fonts, share_cards
from twite_common.media.pictures.limits import SHARE_CARD
from twite_common.media.pictures.protocol import Request, ShareCard

SIZE = 40


@pytest.fixture(scope="module")
def avatar():
    buffer = io.BytesIO()
    Image.new("RGB", (400, 400), "#808080").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def draw(avatar):
    """Draw the picture of a text."""

    def draw(text):
        card = ShareCard("Ann", "@ann@twite.example", text, "Riverbank", avatar)
        return share_cards.draw(Request("share_card", 0), msgspec.msgpack.encode(card))

    return draw


@pytest.fixture
def no_fonts(monkeypatch):
    """A machine without fonts: what Pillow brings knows ASCII alone."""
    monkeypatch.setattr(fonts, "FOLDERS", ())
    for cached in (fonts._files, fonts.of_character):
        cached.cache_clear()
    yield
    for cached in (fonts._files, fonts.of_character):
        cached.cache_clear()


def drawn(answer):
    [picture] = answer.pictures
    return Image.open(io.BytesIO(picture.data)).convert("RGB")


def text_box(picture):
    """Where the text's letters are."""
    area = picture.crop((0, share_cards.TOP - 20, SHARE_CARD[0], share_cards.BOTTOM))
    return ImageChops.difference(area, Image.new("RGB", area.size, share_cards.GROUND)).getbbox()


@pytest.mark.parametrize("text", ["Hello", "word " * 100, "x" * 2000, "", "🎉", "\u0301"])
def test_every_text_stays_within_its_place(draw, text):
    picture = drawn(draw(text))
    box = text_box(picture) if text.strip() else None

    assert picture.size == SHARE_CARD
    assert box is None or (box[0] >= share_cards.MARGIN - 8 and box[2] <= SHARE_CARD[0] - share_cards.MARGIN + 8)


def test_what_does_not_fit_ends_with_an_ellipsis():
    line = share_cards._cut(share_cards._line("one two three four …", SIZE), 200)

    assert "".join(text for _, text in line).endswith("…")
    assert share_cards._width(line) <= 200


def test_words_stay_whole_and_longer_ones_are_parted():
    lines = share_cards._wrapped("to be " + "x" * 100, SIZE, 400)

    assert [text for _, text in lines[0]] == ["to be "]
    assert all(share_cards._width(line) <= 400 for line in lines)


def test_text_from_right_to_left_stands_at_the_right(draw, monkeypatch):
    # Whichever fonts a machine has: what the letters look like doesn't matter here.
    plain = ImageFont.load_default(SIZE)
    assert isinstance(plain, ImageFont.FreeTypeFont)
    font = plain.font_variant(layout_engine=ImageFont.Layout.RAQM)
    monkeypatch.setattr(fonts, "of_character", lambda *_, **__: font)
    box = text_box(drawn(draw("مرحبا")))

    assert box[0] > SHARE_CARD[0] / 2


def test_a_machine_without_fonts_draws_what_it_can(draw, no_fonts):
    assert draw("Plain words.").pictures
    assert draw("Привет").refused == share_cards.UNDRAWABLE
    assert draw("Fine 🎉").pictures


def test_fonts_are_told_by_what_they_draw():
    font = ImageFont.load_default(SIZE)

    assert fonts.has(font, "a")
    assert not fonts.has(font, "日")
