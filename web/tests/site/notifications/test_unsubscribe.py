"""Turning off mail with the link in it."""

import pytest

from twite_common.queries.accounts import credentials
from twite_common.secret import signer
from twite_common.services.notifications import unsubscribe


@pytest.fixture
def token(settings, ann):
    return unsubscribe.token(signer(settings), ann.id, ["mention", "weekly"])


@pytest.fixture
def preferences(database, ann):
    def preferences():
        with database.reading() as db:
            return credentials.preferences_of(db, ann.id)

    return preferences


def test_opening_the_link_turns_nothing_off_but_its_button_does(stranger, token, preferences):
    stranger.open(f"/unsubscribe/{token}")
    opened = preferences()
    stranger.submit(f"/unsubscribe/{token}")

    assert (opened.mail_mention, opened.mail_weekly) == ("at_once", True)
    assert (preferences().mail_mention, preferences().mail_weekly) == ("never", False)
    assert preferences().mail_post == "at_once"
    assert "You no longer get e-mails when someone mentions you" in stranger.text


def test_a_mail_program_does_it_with_one_request(client, token, preferences):
    response = client.post(f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})

    assert response.status_code == 200
    assert preferences().mail_mention == "never"


def test_it_can_be_done_twice(client, token, preferences):
    client.post(f"/unsubscribe/{token}")

    assert client.post(f"/unsubscribe/{token}").status_code == 200


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t.replace("mention", "post"), lambda t: "1" + t, "%00"])
def test_a_forged_link_turns_nothing_off(client, token, preferences, change):
    before = preferences()
    forged = change if isinstance(change, str) else change(token)

    assert client.get(f"/unsubscribe/{forged}").status_code == 404
    assert client.post(f"/unsubscribe/{forged}").status_code == 404
    assert preferences() == before


def test_the_pages_set_no_cookie(client, token):
    responses = client.get(f"/unsubscribe/{token}"), client.post(f"/unsubscribe/{token}")

    assert not any("set-cookie" in response.headers for response in responses)
