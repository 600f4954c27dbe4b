"""Numbers and days in the reader's language."""

from contextlib import ExitStack
from datetime import date, timedelta

import pytest

from support.catalogs import catalog
from twite_common import formats, translations

DAY = date(2026, 9, 5)


@pytest.fixture
def speaking(tmp_path):
    """Go on in a language that has some texts."""
    with ExitStack() as there:

        def speaking(language):
            there.enter_context(catalog(tmp_path / "locale", language, ""))
            there.enter_context(translations.using(language))

        yield speaking


def test_english_is_written_as_the_texts_are():
    assert formats.day(DAY) == "5 September 2026"
    assert formats.short_day(DAY) == "5 Sep 2026"
    assert formats.day_of_year(DAY) == "5 Sep"
    assert formats.month(DAY) == "September 2026"
    assert formats.short_month(DAY) == "Sep 2026"
    assert formats.month_of_year(DAY) == "Sep"
    assert formats.weekdays("abbreviated")[0] == "Mon"


@pytest.mark.parametrize(
    ("language", "day", "short_day", "day_of_year", "month"),
    [
        ("de", "5. September 2026", "05.09.2026", "5. Sept.", "September 2026"),
        ("fr", "5 septembre 2026", "5 sept. 2026", "5 sept.", "septembre 2026"),
        ("ja", "2026年9月5日", "2026/09/05", "9月5日", "2026年9月"),
    ],
)
def test_days_are_written_as_the_language_has_them(speaking, language, day, short_day, day_of_year, month):
    speaking(language)

    assert (formats.day(DAY), formats.short_day(DAY)) == (day, short_day)
    assert (formats.day_of_year(DAY), formats.month(DAY)) == (day_of_year, month)


@pytest.mark.parametrize(
    ("language", "days", "short_month", "month_of_year", "weekday"),
    [
        ("de", "5.–11. Sept. 2026", "Sept. 2026", "Sep", "Montag"),
        ("fr", "5–11 sept. 2026", "sept. 2026", "sept.", "lundi"),
        ("ja", "2026年9月5日～11日", "2026年9月", "9月", "月曜日"),
    ],
)
def test_weeks_months_and_weekdays_are_too(speaking, language, days, short_month, month_of_year, weekday):
    speaking(language)

    assert formats.days(DAY, DAY + timedelta(days=6)) == days
    assert (formats.short_month(DAY), formats.month_of_year(DAY)) == (short_month, month_of_year)
    assert formats.weekdays("wide")[formats.first_weekday()] == weekday


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", ["0", "999", "2.5", "3", "1,234.6"]), ("de", ["0", "999", "2,5", "3", "1.234,6"])],
)
def test_numbers_have_one_place_after_the_point_at_most(speaking, language, written):
    if language != translations.SOURCE_LANGUAGE:
        speaking(language)

    assert [formats.number(value) for value in (0, 999, 2.5, 3.02, 1234.56)] == written


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ["0", "999", "1,234", "9,999", "10k", "12.3k", "1.2m"]),
        ("de", ["0", "999", "1.234", "9.999", "10.000", "12.345", "1,2\xa0Mio."]),
        ("ja", ["0", "999", "1,234", "9,999", "1万", "1.2万", "123.5万"]),
    ],
)
def test_counts_are_rounded_from_ten_thousand_on(speaking, language, written):
    if language != translations.SOURCE_LANGUAGE:
        speaking(language)

    assert [formats.compact(count) for count in (0, 999, 1234, 9999, 10_000, 12_345, 1_234_567)] == written


def test_what_is_written_from_right_to_left_is_known(speaking):
    assert not formats.is_right_to_left()
    speaking("ar")
    assert formats.is_right_to_left()
