"""Whose notifications are let through, and the requests of those who wait."""

import pytest


@pytest.fixture
def held(as_ann, bob, make_post):
    """A mention by Bob, whom Ann's policy holds back."""
    as_ann.open("/notifications/policy")
    as_ann.submit("/notifications/policy", {"for_not_following": "filter"})
    return make_post(bob, "@ann may I ask you something?")


def test_a_policy_is_kept(as_ann, held):
    as_ann.open("/notifications/policy")

    assert as_ann.value("for_not_following") == "filter"
    assert as_ann.value("for_bots") == "accept"


def test_who_is_held_back_waits_until_accepted(as_ann, held):
    as_ann.open("/notifications")
    before = as_ann.text
    as_ann.open("/notifications/requests")
    request = as_ann.text
    as_ann.submit(as_ann.page.select_one(".list form")["action"])
    as_ann.open("/notifications")

    assert "1 person's notifications are held back" in before
    assert "may I ask" not in before
    assert "may I ask you something?" in request
    assert "may I ask you something?" in as_ann.text


def test_a_dismissed_request_is_gone_and_so_is_what_was_held(as_ann, held):
    as_ann.open("/notifications/requests")
    as_ann.submit(next(action for action in as_ann.actions() if action.endswith("/dismiss")))
    shown = as_ann.text
    as_ann.open("/notifications")

    assert "Nobody's notifications are held back." in shown
    assert "may I ask" not in as_ann.text


def test_another_choice_is_refused(as_ann):
    as_ann.open("/notifications/policy")
    as_ann.submit("/notifications/policy", {"for_bots": "shout"})

    assert as_ann.response.status_code in {400, 422}
