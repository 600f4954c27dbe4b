import pytest

from twite_web.site.view_models.text_differences import differences


def told(before, after):
    signs = {"same": "", "removed": "-", "added": "+"}
    return [f"{signs[one.kind]}{one.text}" for one in differences(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "segments"),
    [
        ("", "", []),
        ("Tea", "Tea", ["Tea"]),
        ("", "Tea", ["+Tea"]),
        ("Tea", "", ["-Tea"]),
        ("I like tea.", "I love tea.", ["I ", "-like", "+love", " tea."]),
        ("I like tea.", "I like green tea!", ["I like ", "+green ", "tea", "-.", "+!"]),
        ("a a", "a a a", ["a a", "+ a"]),
        ("one\ntwo", "one\n\ntwo", ["one", "-\n", "+\n\n", "two"]),
        ("猫が好き", "犬が好き", ["-猫", "+犬", "が好き"]),
        ("see @ann", "see @bob", ["see @", "-ann", "+bob"]),
    ],
)
def test_two_versions_are_told_apart_by_words(before, after, segments):
    assert told(before, after) == segments


@pytest.mark.parametrize("size", [10, 5_000])
def test_both_versions_can_be_read_from_the_pieces(size):
    before = " ".join(f"{number}, naïve" for number in range(size))
    after = before.replace("7", "eight") + " ?"
    pieces = differences(before, after)

    assert "".join(one.text for one in pieces if one.kind != "added") == before
    assert "".join(one.text for one in pieces if one.kind != "removed") == after


def test_of_long_texts_the_changed_part_is_shown_as_a_whole():
    begin, end = "begin " * 3, " end" * 3
    before, after = "a b " * 1000, "c b " * 1000

    assert told(begin + before + end, begin + after + end) == [begin, f"-{before[:-3]}", f"+{after[:-3]}", " b " + end]


def test_where_the_same_words_stand_everywhere_the_changed_part_is_shown_as_a_whole():
    """Comparing such texts takes long, and strangers can ask for fifty versions of one at once."""
    before, after = "三" + "一" * 199 + "五", "四" + "一二" * 98 + "六"

    assert told(before, after) == [f"-{before}", f"+{after}"]


def test_ordinary_texts_are_compared_word_by_word_however_many_spaces_they_have():
    words = [f"word{number}" for number in range(90)]
    before, after = " ".join(["first", *words, "last"]), " ".join(["new", *words, "old"])

    assert told(before, after) == ["-first", "+new", f" {' '.join(words)} ", "-last", "+old"]
