"""Announcements on the site."""

import pytest

from twite_common.services import accounts


@pytest.fixture
def as_admin(database, ann, as_ann):
    with database.writing() as db:
        accounts.set_role(db, account_id=ann.id, role="admin")
    return as_ann


def test_an_announcement_is_on_the_first_page_until_it_is_put_away(as_admin, as_bob):
    as_admin.open("/admin/announcements")
    as_admin.submit("/admin/announcements", {"text": "We <move> on Monday"})
    as_bob.open("/")
    before = as_bob.text
    as_bob.submit(next(action for action in as_bob.actions() if action.startswith("/announcements/")))

    assert "We <move> on Monday" in before
    assert as_bob.path == "/"
    assert "Monday" not in as_bob.text


def test_a_deleted_announcement_is_gone(as_admin, as_bob):
    as_admin.open("/admin/announcements")
    as_admin.submit("/admin/announcements", {"text": "We move on Monday"})
    as_admin.submit(next(action for action in as_admin.actions() if action.endswith("/delete")))
    as_bob.open("/")

    assert "Monday" not in as_bob.text


@pytest.mark.parametrize(
    "values", [{"text": ""}, {"text": "x", "ends": "2020-01-01T10:00"}, {"text": "x", "starts": "y"}]
)
def test_what_can_not_be_announced_is_shown_again(as_admin, values):
    as_admin.open("/admin/announcements")

    assert as_admin.submit("/admin/announcements", values).status_code == 422


def test_members_announce_nothing(as_bob):
    as_bob.open("/settings")
    sent = {"form_token": as_bob.value("form_token"), "text": "mine"}

    assert as_bob.open("/admin/announcements").status_code == 403
    assert as_bob.client.post("/admin/announcements", data=sent).status_code == 403
