"""The site's rules and texts on its pages, and who writes them."""

import pytest

from twite_common import clock

FORMS = ["/admin/texts/about", "/admin/rules", "/admin/rules/1", "/admin/rules/1/remove"]


@pytest.mark.parametrize("path", ["/admin/texts", "/admin/texts/about", "/admin/rules", "/admin/rules/1"])
def test_pages_are_refused_to_members(as_bob, path):
    assert as_bob.open(path).status_code == 403


@pytest.mark.parametrize("path", FORMS)
def test_members_write_nothing(as_bob, path):
    as_bob.open("/settings")
    sent = {"form_token": as_bob.value("form_token"), "text": "mine"}

    assert as_bob.client.post(path, data=sent).status_code == 403


@pytest.mark.parametrize("name", ["about", "privacy", "terms"])
def test_a_text_is_shown_to_everybody_once_it_is_written(as_admin, stranger, name):
    as_admin.open(f"/admin/texts/{name}")
    as_admin.submit(f"/admin/texts/{name}", {"text": "A <b>fine</b> text"})
    stranger.open(f"/{name}")

    assert "A <b>fine</b> text" in stranger.text
    assert as_admin.path == "/admin/texts"
    assert as_admin.open(f"/admin/texts/{name}").status_code == 200
    assert as_admin.value("text") == "A <b>fine</b> text"


def test_a_text_that_counts_later_is_not_shown_yet(as_admin, stranger):
    as_admin.open("/admin/texts/terms")
    day = clock.as_date(clock.now() + 2 * clock.DAY).isoformat()
    as_admin.submit("/admin/texts/terms", {"text": "Later", "from_day": day})

    assert stranger.open("/terms").status_code == 404
    assert as_admin.open("/admin/texts/nothing").status_code == 404


@pytest.mark.parametrize("day", ["2020-01-01", "soon"])
def test_a_day_that_can_not_be_is_refused_and_the_text_kept(as_admin, day):
    as_admin.open("/admin/texts/terms")
    response = as_admin.submit("/admin/texts/terms", {"text": "Kept", "from_day": day})

    assert (response.status_code, as_admin.value("text")) == (422, "Kept")


def test_rules_are_added_changed_and_removed(as_admin, stranger):
    as_admin.open("/admin/rules")
    as_admin.submit("/admin/rules", {"text": "Be <kind>", "hint": "always"})
    added = stranger.open("/about") and stranger.text
    remove = next(action for action in as_admin.actions() if action.endswith("/remove"))
    as_admin.open(remove.removesuffix("/remove"))
    as_admin.submit(as_admin.path, {"text": "Be brief"})
    changed = stranger.open("/about") and stranger.text
    as_admin.submit(remove)
    stranger.open("/about")

    assert "Be <kind>" in added
    assert "Be brief" in changed
    assert "Be brief" not in stranger.text


def test_an_empty_rule_is_refused(as_admin):
    as_admin.open("/admin/rules")

    assert as_admin.submit("/admin/rules", {"text": " "}).status_code == 422
