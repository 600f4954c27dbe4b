"""The overview of settings, and the search in it."""

import pytest


@pytest.fixture
def shown(as_ann):
    """The paths of the settings that are shown for a search."""

    def shown(query=""):
        as_ann.open(f"/settings?q={query}")
        items = as_ann.page.select("main .menu > li")
        hidden = as_ann.page.select("section[hidden] .menu > li")
        return [item.a["href"] for item in items if not item.has_attr("hidden") and item not in hidden]

    return shown


def test_everything_is_shown_and_leads_somewhere(as_ann, shown):
    paths = shown()

    assert {"/settings/profile", "/lists", "/tags", "/settings/filters", "/settings/mutes"} <= set(paths)
    assert "/admin" not in paths
    assert [path for path in paths if as_ann.open(path).status_code != 200] == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("avatar", ["/settings/profile"]),
        ("QUIET hours", ["/settings/mail"]),
        ("mail digest", ["/settings/mail"]),
        ("unmute", ["/settings/mutes"]),
        ("nothing like it", []),
    ],
)
def test_a_search_finds_what_has_all_its_words(as_ann, shown, query, expected):
    assert shown(query) == expected
    assert as_ann.page.select_one("main input[name=q]")["value"] == query
    assert as_ann.page.find(attrs={"data-nothing": True}).has_attr("hidden") == bool(expected)


def test_staff_find_the_administration(as_admin, shown):
    assert shown("moderation") == ["/admin"]
