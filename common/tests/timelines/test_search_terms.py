"""Taking queries for posts apart."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twite_common import ids
from twite_common.queries.timelines.search_operators import OPERATORS
from twite_common.queries.timelines.search_terms import MAX_TERMS, Terms, parse, pieces


def day(year, month, number):
    return ids.first_at(int(datetime(year, month, number, tzinfo=UTC).timestamp()) * 1000)


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("black birds", Terms(texts=("black", "birds"))),
        ('"black birds" sing', Terms(texts=("black birds", "sing"))),
        ('"never closed', Terms(texts=("never closed",))),
        ('birds -black -"so what"', Terms(texts=("birds",), without_texts=("black", "so what"))),
        ("from:me -from:@Bob", Terms(authors=("me",), without_authors=("bob",))),
        ("FROM:ann@Twite.Example", Terms(authors=("ann@twite.example",))),
        (
            "has:images -has:poll is:reply -is:sensitive",
            Terms(wanted={"image": True, "poll": False, "reply": True, "sensitive": False}),
        ),
        ("language:de in:library", Terms(languages=("de",), place="library")),
        ("before:2024-03-01", Terms(last_id=day(2024, 3, 1) - 1)),
        ("after:2024-03-01", Terms(first_id=day(2024, 3, 2))),
        ('during:"2024-03-01"', Terms(first_id=day(2024, 3, 1), last_id=day(2024, 3, 2) - 1)),
        ("during:2024-02", Terms(first_id=day(2024, 2, 1), last_id=day(2024, 3, 1) - 1)),
        ("during:2024", Terms(first_id=day(2024, 1, 1), last_id=day(2025, 1, 1) - 1)),
        ("after:2024-12", Terms(first_id=day(2025, 1, 1))),
        ("before:2024", Terms(last_id=day(2024, 1, 1) - 1)),
        ("is:quote in:bookmarks", Terms(wanted={"quote": True}, place="bookmarks")),
        ("after:2024-01-01 after:2024-03-01", Terms(first_id=day(2024, 3, 2))),
    ],
)
def test_a_query_is_taken_apart(query, terms):
    assert parse(query) == terms


@pytest.mark.parametrize(
    "query",
    [
        "has:wings",
        "is:",
        "before:soon",
        "before:2024-13",
        "before:24",
        "in:the",
        "language:x!",
        "https://a.example/x",
        "x:y",
    ],
)
def test_what_is_no_operator_is_words(query):
    found = parse(query)

    assert found == Terms(texts=found.texts)
    assert found.texts


@pytest.mark.parametrize("query", ["", "  ", "🎉", "-", '""', "-cat", "-from:bob", "in:all", "!?"])
def test_a_query_that_asks_for_nothing_is_none(query):
    assert parse(query) is None


def test_the_pieces_of_a_query_are_as_they_were_written():
    assert pieces('birds -black from:"ann" "so what') == ["birds", "-black", 'from:"ann"', '"so what']


def test_every_operator_that_is_described_is_one():
    for operator in OPERATORS:
        found = parse(operator.example)
        assert found is not None
        assert operator.words.endswith(".")
        if operator.name not in {"word", "-word", "phrase"}:
            assert found.texts == ()
            assert all(parse(f"{operator.name}:{value}").texts == () for value in operator.values)


def test_no_more_terms_are_looked_at_than_anybody_needs():
    assert len(parse("a " * 200).texts) == MAX_TERMS


PIECES = st.sampled_from(
    [
        *(
            "from:",
            "has:",
            "is:",
            "before:",
            "after:",
            "during:",
            "language:",
            "in:",
            "-",
            '"',
            "me",
            "media",
            " ",
            "--",
        ),
        *(
            "0001-01-01",
            "9999",
            "1969",
            "6000-01",
            "9999-12",
            "9999-12-31",
            "2024-02-30",
            "\0",
            "\ud800",
            "library",
            "::",
            "@",
            "ß",
            "İ",
        ),
    ]
)


@given(st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=40).map("".join)))
def test_nothing_that_is_typed_is_an_error(query):
    found = parse(query)

    assert found is None or 0 <= found.first_id <= ids.MAXIMUM
