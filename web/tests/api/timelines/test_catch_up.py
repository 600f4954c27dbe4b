"""Catching up through the API."""

import pytest
from sqlalchemy import insert, update

from twite_common import clock
from twite_common.tables import card, post


@pytest.fixture
def follow(as_ann):
    def follow(*people):
        for one in people:
            assert as_ann.post(f"/api/v1/accounts/{one.id}/follow").status_code == 200

    return follow


def test_what_happened_is_shown_with_people_posts_and_rules(
    as_ann, as_cho, api, follow, bob, cho, make_account, make_post, database
):
    dot = make_account("dot")
    follow(bob, cho, dot)
    liked, plain = make_post(bob, "#Wren"), make_post(bob, "plain")
    by_cho = make_post(cho, "#wren again")
    for client in (as_cho, api(dot)):
        client.post(f"/api/v1/statuses/{liked}/favourite")
    with database.writing() as db:
        page = {"id": 5, "url": "https://wrens.example/", "title": "Wrens", "state": "ready", "due_at": clock.now()}
        db.execute(insert(card), page)
        db.execute(update(post).where(post.c.id.in_([liked, by_cho])).values(card_id=5))

    found = as_ann.get("/api/v1/catch_up?hours=1").json()
    people = {one["account"]["username"]: one for one in found["people"]}
    assert (people["bob"]["statuses_count"], [one["id"] for one in people["bob"]["statuses"]]) == (2, [str(plain)])
    assert [one["id"] for one in people["cho"]["statuses"]] == [str(by_cho)]
    (taken_up,) = found["taken_up"]
    assert (taken_up["status"]["id"], taken_up["accounts_count"]) == (str(liked), 2)
    assert {one["username"] for one in taken_up["favourited_by"]} == {"cho", "dot"}
    (tag,), (link,) = found["hashtags"], found["links"]
    assert (tag["name"], tag["accounts_count"], tag["statuses_count"]) == ("Wren", 2, 2)
    assert (link["card"]["title"], [one["id"] for one in link["statuses"]]) == ("Wrens", [str(by_cho), str(liked)])
    assert (found["has_more"], found["statuses_count"], found["more_people_count"]) == (False, 3, 0)
    assert all(rule["enabled"] and rule["description"] for rule in found["rules"])


def test_without_hours_it_counts_from_the_last_visit(as_ann, follow, bob, make_post):
    follow(bob)
    first = make_post(bob, "first")
    make_post(bob, "second")
    before = as_ann.get("/api/v1/catch_up").json()["statuses_count"]
    as_ann.post("/api/v1/markers", json={"home": {"last_read_id": str(first + (5000 << 16))}})

    assert (before, as_ann.get("/api/v1/catch_up").json()["statuses_count"]) == (2, 0)


def test_rules_are_switched_off_and_on(as_ann, follow, bob, make_post):
    follow(bob)
    make_post(bob, "hello")
    rules = as_ann.patch("/api/v1/catch_up", json={"rules": {"people": False}}).json()
    off = as_ann.get("/api/v1/catch_up?hours=1").json()
    as_ann.patch("/api/v1/catch_up", json={"rules": {"people": True}})

    assert {rule["name"]: rule["enabled"] for rule in rules}["people"] is False
    assert (off["people"], off["rules"]) == ([], rules)
    assert len(as_ann.get("/api/v1/catch_up?hours=1").json()["people"]) == 1
    assert as_ann.patch("/api/v1/catch_up", json={"rules": {"unknown": True}}).status_code == 422


def test_it_is_for_people_only(stranger):
    assert stranger.get("/api/v1/catch_up").status_code == 401
