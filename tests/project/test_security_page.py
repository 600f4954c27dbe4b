"""What the page about security says is shown by tests that exist, and says so of each of its lines."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


def rows(text):
    """Return the cells of each row of the page's tables, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not line.startswith("| ---")]


def is_test(path, name):
    """Say whether a file has a test of that name."""
    file = ROOT / path
    return file.exists() and re.search(rf"^\s*(?:async )?def {name}\(", file.read_text(), re.MULTILINE) is not None


def test_every_test_that_is_named_exists():
    named = set(TEST.findall(PAGE.read_text()))

    assert len(named) > 60
    assert sorted(one for one in named if not is_test(*one)) == []


def test_every_line_names_a_test_or_says_why_there_is_none():
    lines = [cells for cells in rows(PAGE.read_text()) if cells[-1] != "shown by"]

    assert len(lines) > 50
    assert {len(cells) for cells in lines} == {4}
    assert [cells for cells in lines if not (TEST.search(cells[-1]) or cells[-1].startswith("No test"))] == []


@pytest.mark.parametrize(("path", "name"), [("tests/project/nowhere.py", "test_x"), ("tests/conftest.py", "test_x")])
def test_a_test_that_does_not_exist_is_found(path, name):
    assert not is_test(path, name)
    assert is_test("tests/project/test_security_page.py", "test_a_test_that_does_not_exist_is_found")
