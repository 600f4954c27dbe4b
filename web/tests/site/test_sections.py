"""The menus beside the pages of the administration and the settings."""

import pytest


def menu(browser):
    """The links of the menu, and which of them is the page that is open."""
    links = browser.page.select(".sections a")
    return [link["href"] for link in links], [link["href"] for link in links if link.get("aria-current") == "page"]


@pytest.mark.parametrize(
    ("path", "current"),
    [("/admin", "/admin"), ("/admin/reports", "/admin/reports"), ("/admin/texts/about", "/admin/texts")],
)
def test_pages_of_the_administration_have_its_menu(as_admin, path, current):
    as_admin.open(path)
    paths, shown = menu(as_admin)

    assert shown == [current]
    assert {"/admin", "/admin/accounts", "/admin/mails", "/admin/emojis"} <= set(paths)
    assert as_admin.page.select(".aside") == []


def test_every_page_in_the_menu_can_be_opened(as_admin):
    as_admin.open("/admin")
    paths, _ = menu(as_admin)

    assert {path: as_admin.open(path).status_code for path in paths} == dict.fromkeys(paths, 200)


def test_moderators_see_what_they_may_open(as_role):
    browser = as_role("moderator")
    browser.open("/admin")
    paths, _ = menu(browser)

    assert "/admin/mails" not in paths
    assert {path: browser.open(path).status_code for path in paths} == dict.fromkeys(paths, 200)


def test_pages_of_the_settings_have_their_menu_and_the_way_back(as_ann):
    as_ann.open("/settings/account/password")
    paths, shown = menu(as_ann)

    assert shown == ["/settings/account"]
    assert "/settings/profile" in paths
    assert not {"/settings/invitations", "/admin"} & set(paths)
    assert [link["href"] for link in as_ann.page.select(".back a")] == ["/settings/account"]
    assert {path: len(as_ann.page.select(".back a")) for path in paths if as_ann.open(path)} | {"/tags": 1} | {
        "/lists": 1,
        "/notifications/policy": 1,
    } == dict.fromkeys(paths, 1)


@pytest.mark.parametrize("path", ["/", "/settings", "/search"])
def test_other_pages_have_none(as_ann, path):
    as_ann.open(path)

    assert menu(as_ann) == ([], [])


def test_who_is_not_of_the_staff_is_not_shown_the_menu(as_bob):
    as_bob.open("/admin")

    assert menu(as_bob) == ([], [])
