"""The buttons on an account's page: follow, block, mute, and taking each back; and answering requests."""

import pytest
from sqlalchemy import select

from twite_common import clock
from twite_common.queries.accounts import accounts as queries
from twite_common.queries.paging import Page
from twite_common.services.accounts import profiles
from twite_common.services.accounts.follows import follow_account
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.tables import follow


@pytest.fixture
def press(as_ann):
    def press(path, browser=as_ann, **fields):
        browser.open("/settings")
        token = browser.value("form_token")
        return browser.client.post(path, data={"form_token": token, **fields})

    return press


@pytest.fixture
def lock(database):
    def lock(person):
        with database.writing() as db:
            profiles.change_profile(db, now=clock.now(), account_id=person.id, changes=ProfileChanges(locked=True))

    return lock


@pytest.mark.parametrize(
    ("button", "counterpart", "field"),
    [("follow", "unfollow", "following"), ("block", "unblock", "blocking"), ("mute", "unmute", "muting")],
)
def test_a_button_does_it_and_its_counterpart_takes_it_back(bob, press, stands, button, counterpart, field):
    for _ in range(2):
        response = press(f"/accounts/{bob.id}/{button}")
    done = getattr(stands(), field)
    for _ in range(2):
        press(f"/accounts/{bob.id}/{counterpart}", back="/settings/blocks")

    assert response.status_code == 303
    assert response.headers["location"].startswith("/@bob?done=")
    assert (done, getattr(stands(), field)) == (True, False)


def test_strangers_are_led_to_log_in_to_follow(bob, stranger):
    stranger.open("/@bob")

    assert stranger.page.find("a", string="Log in to follow")["href"] == "/login?next=/@bob"


def test_following_somebody_who_chooses_their_followers_asks(bob, lock, press, stands):
    lock(bob)
    response = press(f"/accounts/{bob.id}/follow")
    asked = stands()
    press(f"/accounts/{bob.id}/unfollow")

    assert "follow_asked" in response.headers["location"]
    assert (asked.requested, asked.following) == (True, False)
    assert stands().requested is False


def test_a_follower_can_be_removed(database, ann, bob, press, stands):
    with database.writing() as db:
        follow_account(db, now=clock.now(), follower_id=bob.id, followee_id=ann.id)
    before = stands().followed_by
    press(f"/accounts/{bob.id}/remove-follower")

    assert (before, stands().followed_by) == (True, False)


BUTTONS = ["follow", "unfollow", "block", "unblock", "mute", "unmute", "remove-follower", "following"]


@pytest.mark.parametrize("button", BUTTONS)
class TestRefusals:
    def test_nothing_happens_without_the_forms_token(self, bob, as_ann, stands, button):
        before = stands()

        assert as_ann.client.post(f"/accounts/{bob.id}/{button}").status_code == 403
        assert stands() == before

    def test_strangers_are_sent_to_log_in(self, bob, stranger, button):
        stranger.open("/login")
        sent = {"form_token": stranger.value("form_token")}

        assert stranger.client.post(f"/accounts/{bob.id}/{button}", data=sent).headers["location"] == "/login?next=/"

    @pytest.mark.parametrize("id", ["0", "-1", "x", "9" * 30, "1.0", "%00"])
    def test_an_account_that_is_not_there_is_not_found(self, press, button, id):
        assert press(f"/accounts/{id}/{button}").status_code == 404


@pytest.mark.parametrize("button", ["follow", "block", "mute"])
def test_nobody_does_it_to_themselves(ann, press, button):
    response = press(f"/accounts/{ann.id}/{button}")

    assert response.status_code == 403
    assert f"You cannot {button} yourself." in response.text


def test_whoever_is_blocked_cannot_follow(ann, bob, as_bob, press, stands):
    press(f"/accounts/{bob.id}/block")
    response = press(f"/accounts/{ann.id}/follow", browser=as_bob)

    assert response.status_code == 403
    assert stands().followed_by is False


class TestHowOneFollows:
    def test_is_changed_by_its_form(self, database, bob, as_ann, press, stands):
        press(f"/accounts/{bob.id}/follow")
        as_ann.open(f"/accounts/{bob.id}/following")
        first = as_ann.value("boosts"), as_ann.value("notify")
        as_ann.submit(f"/accounts/{bob.id}/following", {"boosts": None, "notify": "1"})

        assert first == ("1", None)
        assert (stands().boosts, stands().notify) == (False, True)

    def test_does_not_begin_a_follow(self, database, bob, as_ann, press):
        assert as_ann.open(f"/accounts/{bob.id}/following").status_code == 404
        assert press(f"/accounts/{bob.id}/following", notify="1").status_code == 404
        with database.reading() as db:
            assert db.execute(select(follow)).all() == []


class TestRequests:
    @pytest.fixture
    def asked(self, database, ann, bob, lock):
        lock(ann)
        with database.writing() as db:
            follow_account(db, now=clock.now(), follower_id=bob.id, followee_id=ann.id)

    def test_are_listed_and_accepted(self, bob, as_ann, asked, stands):
        as_ann.open("/follow-requests")
        listed = as_ann.text
        as_ann.submit(f"/follow-requests/{bob.id}/accept")

        assert "@bob" in listed
        assert stands().followed_by is True
        assert "@bob" not in as_ann.text

    def test_are_rejected(self, database, ann, bob, as_ann, asked, stands):
        as_ann.open("/follow-requests")
        as_ann.submit(f"/follow-requests/{bob.id}/reject")

        assert stands().followed_by is False
        with database.reading() as db:
            assert queries.follow_requests(db, ann.id, Page()) == []

    @pytest.mark.parametrize("answer", ["accept", "reject"])
    def test_of_somebody_who_did_not_ask_are_not_found(self, cho, asked, press, answer):
        assert press(f"/follow-requests/{cho.id}/{answer}").status_code == 404

    @pytest.mark.parametrize("answer", ["accept", "reject"])
    def test_are_not_answered_by_somebody_else(self, ann, bob, as_bob, asked, press, stands, answer):
        assert press(f"/follow-requests/{bob.id}/{answer}", browser=as_bob).status_code == 404
        assert stands().requested_by is True


class TestForScripts:
    def test_a_button_is_answered_with_the_account_alone(self, bob, as_ann):
        as_ann.open("/@bob")
        sent = {"form_token": as_ann.value("form_token"), "back": "/@cho/followers"}
        response = as_ann.client.post(
            f"/accounts/{bob.id}/follow", data=sent, headers={"Twite-Part": "1"}, follow_redirects=True
        )

        assert response.status_code == 200
        assert "<html" not in response.text
        assert f'action="/accounts/{bob.id}/unfollow"' in response.text
        assert 'name="back" value="/@cho/followers"' in response.text

    def test_whoever_asks_for_a_whole_page_is_led_to_it(self, bob, as_ann):
        response = as_ann.client.get(f"/accounts/{bob.id}")
        assert (response.status_code, response.headers["location"]) == (303, "/@bob")

    @pytest.mark.parametrize("id", ["1", "x"])
    def test_there_must_be_one(self, as_ann, id):
        assert as_ann.client.get(f"/accounts/{id}", headers={"Twite-Part": "1"}).status_code == 404


@pytest.mark.parametrize("path", ["", "/report", "/note", "/lists", "/mute"])
def test_nobody_is_shown_an_account_that_is_not_confirmed_yet(make_account, as_ann, path):
    eve = make_account("eve", confirmed=False)
    response = as_ann.client.get(f"/accounts/{eve.id}{path}", headers={"Twite-Part": "1"})

    assert response.status_code == 404
