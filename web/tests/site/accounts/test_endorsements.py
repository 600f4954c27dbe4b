"""People and hashtags that accounts feature, on a page of their profile."""

import pytest

from twite_common import clock
from twite_common.services.accounts import endorsements, profiles
from twite_common.services.accounts.follows import follow_account
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.timelines import tags


@pytest.fixture
def following(database, ann, bob):
    """Have Ann follow Bob."""
    with database.writing() as db:
        follow_account(db, now=clock.now(), follower_id=ann.id, followee_id=bob.id)


def test_somebody_is_featured_from_their_profile_and_no_longer_from_ones_own(as_ann, stranger, bob, following):
    as_ann.open("/@bob")
    as_ann.submit(f"/accounts/{bob.id}/endorse")
    said, offered = as_ann.text, as_ann.actions()
    stranger.open("/@ann/featured")
    shown = stranger.text
    as_ann.open("/@ann/featured")
    as_ann.submit(f"/accounts/{bob.id}/unendorse")

    assert "They are featured on your profile now." in said
    assert f"/accounts/{bob.id}/unendorse" in offered
    assert "@bob" in shown
    assert as_ann.path == "/@ann/featured"
    assert "Nothing is featured here yet." in as_ann.text


def test_only_those_whom_one_follows_can_be_featured(as_ann, bob):
    as_ann.open("/@bob")
    offered = as_ann.actions()
    sent = {"form_token": as_ann.value("form_token")}
    response = as_ann.client.post(f"/accounts/{bob.id}/endorse", data=sent)

    assert f"/accounts/{bob.id}/endorse" not in offered
    assert response.status_code == 422


def test_featured_hashtags_are_shown_with_their_use(database, stranger, ann, make_post):
    make_post(ann, "Two #Birds")
    with database.writing() as db:
        tags.feature_tag(db, now=clock.now(), account_id=ann.id, name="Birds")
    stranger.open("/@ann/featured")

    assert "#Birds 1 post" in stranger.text
    assert stranger.page.find("a", href="/tags/birds")


def test_whoever_wants_it_shows_nobody_else_what_they_feature(database, as_ann, as_bob, stranger, ann, bob, following):
    with database.writing() as db:
        endorsements.endorse(db, now=clock.now(), account_id=ann.id, endorsed_id=bob.id)
        profiles.change_profile(db, now=clock.now(), account_id=ann.id, changes=ProfileChanges(show_featured=False))

    for browser in (as_bob, stranger):
        assert browser.open("/@ann/featured").status_code == 404
        browser.open("/@ann")
        assert browser.page.find("a", href="/@ann/featured") is None
    as_ann.open("/@ann/featured")
    assert "@bob" in as_ann.text
