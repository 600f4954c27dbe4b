"""Muting accounts for a time, and the list that says until when."""

from twite_common import clock
from twite_common.services.accounts import blocks


def test_an_account_is_muted_for_a_time_with_its_notifications_shown(as_ann, bob, stands):
    as_ann.open(f"/accounts/{bob.id}/mute")
    as_ann.submit(f"/accounts/{bob.id}/mute", {"duration": "3600", "notifications": "show"})
    found = stands()

    assert (found.muting, found.muting_notifications) == (True, False)
    assert 0 < found.muting_expires_at - clock.now() <= clock.HOUR
    assert as_ann.path == "/@bob"


def test_an_account_is_muted_for_good_with_its_notifications(as_ann, bob, stands):
    as_ann.open(f"/accounts/{bob.id}/mute")
    as_ann.submit(f"/accounts/{bob.id}/mute")
    found = stands()

    assert (found.muting, found.muting_notifications, found.muting_expires_at) == (True, True, None)


def test_the_list_says_until_when_and_leads_to_the_form(database, as_ann, ann, bob, cho):
    with database.writing() as db:
        blocks.mute_account(db, now=clock.now(), account_id=ann.id, muted_id=bob.id, duration_seconds=86_400)
        blocks.mute_account(db, now=clock.now(), account_id=ann.id, muted_id=cho.id)
    as_ann.open("/settings/mutes")
    items = {item.find(class_="handle").get_text(): item.get_text(" ") for item in as_ann.page.select(".list > li")}

    assert "Until" in items["@bob"]
    assert "No end" in items["@cho"]
    assert as_ann.page.find("a", href=f"/accounts/{bob.id}/mute")


def test_the_form_says_how_one_has_muted_and_takes_it_back(database, as_ann, ann, bob, stands):
    with database.writing() as db:
        blocks.mute_account(
            db, now=clock.now(), account_id=ann.id, muted_id=bob.id, notifications=False, duration_seconds=60
        )
    as_ann.open(f"/accounts/{bob.id}/mute")
    said, chosen = as_ann.text, as_ann.value("notifications")
    as_ann.submit(f"/accounts/{bob.id}/unmute")

    assert "You have muted them until" in said
    assert chosen == "show"
    assert stands().muting is False


def test_an_account_that_is_not_there_is_not_found(as_ann):
    assert as_ann.open("/accounts/1/mute").status_code == 404
