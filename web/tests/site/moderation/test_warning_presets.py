"""Warning presets that stand ready."""

import pytest

PATH = "/admin/warning-presets"


@pytest.fixture
def add(as_admin):
    def add(**values):
        as_admin.open(PATH)
        return as_admin.submit(PATH, values)

    return add


def test_a_text_is_added_changed_and_removed(as_admin, add):
    add(title="Spam", text="Please don't <advertise>.")
    added = as_admin.text
    as_admin.open(next(a["href"] for a in as_admin.page.find_all("a") if a.get_text() == "Edit: Spam"))
    shown = as_admin.value("title"), as_admin.value("text")
    as_admin.submit(as_admin.path, {"text": "Please stop."})
    changed = as_admin.text
    as_admin.submit(next(action for action in as_admin.actions() if action.endswith("/remove")))
    removed = as_admin.text
    as_admin.open("/admin/audit")

    assert "Spam Please don't <advertise>." in added
    assert shown == ("Spam", "Please don't <advertise>.")
    assert "Spam Please stop." in changed
    assert "There are no presets yet." in removed
    for done in ("created", "changed", "deleted"):
        assert f"@ann {done} the warning preset “Spam”" in as_admin.text


def test_a_chosen_text_comes_before_what_is_written(as_admin, add, as_bob, bob):
    add(text="Please don't advertise.")
    as_admin.open(f"/admin/accounts/{bob.id}")
    choices = {option.get_text(): option["value"] for option in as_admin.page.find(id="preset_id").find_all("option")}
    preset_id = choices["Please don't advertise."]
    as_admin.submit(f"/admin/accounts/{bob.id}/act", {"preset_id": preset_id, "text": "Thank you."})
    as_bob.open("/notifications")

    assert list(choices) == ["None", "Please don't advertise."]
    assert "Please don't advertise. Thank you." in as_bob.text


@pytest.mark.parametrize(("preset_id", "status"), [("17", 404), ("x", 404)])
def test_a_text_that_is_not_there_can_not_be_chosen(as_admin, add, bob, preset_id, status):
    add(text="Hello")
    as_admin.open(f"/admin/accounts/{bob.id}")

    assert as_admin.submit(f"/admin/accounts/{bob.id}/act", {"preset_id": preset_id}).status_code == status


@pytest.mark.parametrize("values", [{"text": ""}, {"text": "x" * 2001}, {"text": "x", "title": "x" * 101}])
def test_what_can_not_be_is_shown_again(as_admin, add, values):
    assert add(**values).status_code == 422
    add(text="Hello")
    path = next(a["href"] for a in as_admin.page.find_all("a") if a.get_text().startswith("Edit"))
    as_admin.open(path)

    assert as_admin.submit(path, values).status_code == 422
    assert as_admin.value("text") == values["text"]


def test_what_is_not_there_is_not_found(as_admin, add):
    add(text="Hello")
    sent = {"form_token": as_admin.value("form_token"), "text": "x"}

    assert as_admin.open(f"{PATH}/17").status_code == 404
    assert as_admin.client.post(f"{PATH}/17", data=sent).status_code == 404
    assert as_admin.client.post(f"{PATH}/17/remove", data=sent).status_code == 404


def test_moderators_choose_texts_and_write_none(as_admin, add, as_role, bob):
    add(text="Hello")
    browser = as_role("moderator")
    refused = browser.open(PATH).status_code, browser.open(f"{PATH}/1").status_code
    browser.open(f"/admin/accounts/{bob.id}")
    sent = {"form_token": browser.value("form_token"), "text": "x"}

    assert refused == (403, 403)
    assert browser.page.find(id="preset_id") is not None
    for path in (PATH, f"{PATH}/1", f"{PATH}/1/remove"):
        assert browser.client.post(path, data=sent).status_code == 403
