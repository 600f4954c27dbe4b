"""What people read of a failure, in their language."""

import io
from datetime import date

import pytest
from PIL import Image

from support.catalogs import catalog
from twite_common import clock, formats, outbox, text
from twite_common.errors import Invalid, NotFound, check_all
from twite_common.media import pictures
from twite_common.media.pictures import limits
from twite_common.queries.operations import liveness
from twite_common.services.validators import checked_username
from twite_common.translations import using

GERMAN = """
msgid "Validation failed: %(sentences)s"
msgstr "Das geht so nicht: %(sentences)s"

msgid "There is no event %(id)s."
msgstr "Ein Ereignis %(id)s gibt es nicht."

msgid "Please choose a username."
msgstr "Bitte einen Benutzernamen wählen."

msgid "%(count)s character"
msgid_plural "%(count)s characters"
msgstr[0] "%(count)s Buchstabe"
msgstr[1] "%(count)s Buchstaben"

msgid "%(size)s byte"
msgid_plural "%(size)s bytes"
msgstr[0] "%(size)s Byte"
msgstr[1] "%(size)s Bytes"

msgid "The picture is too large: each side can have at most %(limit)s pixels. Please make it smaller."
msgstr "Das Bild ist zu groß: %(limit)s Pixel je Seite."
"""


@pytest.fixture(autouse=True)
def german(tmp_path):
    with catalog(tmp_path / "locale", "de", GERMAN):
        yield


def test_an_error_and_its_details_are_in_the_readers_language():
    with using("de"), pytest.raises(Invalid) as caught:
        check_all(lambda: checked_username(""))

    assert str(caught.value) == "Das geht so nicht: Bitte einen Benutzernamen wählen."
    assert caught.value.details == {"username": [("ERR_BLANK", "Bitte einen Benutzernamen wählen.")]}


def test_an_error_is_in_english_for_everybody_else():
    with using("nl"), pytest.raises(Invalid, match=r"^Validation failed: Please choose a username\.$"):
        check_all(lambda: checked_username(""))


def test_staff_are_told_in_their_language_that_an_event_is_gone(db):
    with using("de"), pytest.raises(NotFound, match=r"^Ein Ereignis 17 gibt es nicht\.$"):
        outbox.retry(db, 17, now=clock.now())


def test_a_count_and_large_numbers_are_written_as_in_the_language():
    with using("de"):
        assert text.excess("ab", 1) == "1 Buchstabe"
        assert text.excess("abc", 2) == "2 Buchstaben"
        assert text.excess("x" * 50_000, 1000) == f"{text.max_bytes(1000):,} Bytes".replace(",", ".")
    assert text.excess("x" * 50_000, 1000) == f"{text.max_bytes(1000):,} bytes"


def test_a_picture_that_another_process_refuses_is_refused_in_the_readers_language():
    wide = io.BytesIO()
    Image.new("1", (limits.MAX_SIDE + 1, 1)).save(wide, "PNG")
    with using("de"), pytest.raises(Invalid, match=r"^Das Bild ist zu groß: 16\.383 Pixel je Seite\.$"):
        pictures.prepare(wide.getvalue(), limits.AVATAR)


def test_a_day_is_written_as_in_the_language():
    day = date(2026, 11, 29)
    with using("de"):
        assert formats.day(day) == "29. November 2026"
        assert not formats.is_right_to_left()
    assert formats.day(day) == "29 November 2026"


def test_lengths_of_time_have_their_own_words_for_one_and_several():
    assert [liveness._duration(ms) for ms in (1000, 7000, 180_000)] == ["1 second", "7 seconds", "3 minutes"]
