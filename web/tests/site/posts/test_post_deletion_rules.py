"""The rule for old posts on the website: what it would delete is seen before it begins."""

import pytest
from sqlalchemy import insert

from twite_common import clock, ids
from twite_common.queries.posts import post_deletion_rules as queries
from twite_common.queries.posts.post_deletion_rules import Rule
from twite_common.tables import post

PAGE = "/settings/old-posts"


@pytest.fixture
def rule(database, ann):
    def rule():
        with database.reading() as db:
            return queries.of_account(db, ann.id)

    return rule


@pytest.fixture
def old_post(database, ann):
    """Write a post of Ann's so many days ago, and return its id."""

    def old_post(text, days):
        id = ids.first_at(clock.now() - days * clock.DAY)
        row = {"id": id, "account_id": ann.id, "text": text, "visibility": "public", "conversation_id": id}
        with database.writing() as db:
            db.execute(insert(post), row)
        return id

    return old_post


def test_it_begins_only_after_what_it_would_delete_was_shown(as_ann, old_post, rule):
    old_post("long ago", 100)
    old_post("kept", 50)
    as_ann.open(PAGE)
    before = as_ann.page.find("button", value="start")
    as_ann.submit(PAGE, {"wanted": "preview", "days": "60", "keep_boosts": "3"})
    shown, none_yet = as_ann.text, rule()
    as_ann.submit(PAGE, {"wanted": "start", "days": "60", "keep_boosts": "3"})
    chosen = rule()
    as_ann.open(PAGE)
    as_ann.submit(PAGE, {"wanted": "stop"})

    assert (before, none_yet, rule()) == (None, None, None)
    assert "1 post would be deleted" in shown
    assert "long ago" in shown
    assert (chosen.days, chosen.keep_boosts, chosen.keep_favourites) == (60, 3, None)


def test_what_was_typed_wrongly_is_said_beside_it(as_ann, rule):
    as_ann.open(PAGE)
    refused = as_ann.submit(PAGE, {"wanted": "start", "keep_favourites": "many"})

    assert (refused.status_code, rule()) == (422, None)
    assert "Please type a number" in as_ann.text
    assert as_ann.value("keep_favourites") == "many"


def test_the_api_has_it_too(api, ann, bob, old_post, rule):
    old = old_post("long ago", 400)
    client, path = api(ann), "/api/v1/post_deletion_rule"
    none = client.get(path)
    seen = client.get(f"{path}/preview", params={"days": 365}).json()
    set_to = client.put(path, json={"days": 90, "keep_media": True}).json()
    refused = client.put(path, json={"days": 1})

    assert (none.status_code, seen) == (404, {"count": 1, "status_ids": [str(old)]})
    assert rule() == Rule(days=90, keep_media=True)
    assert (client.get(path).json(), refused.status_code) == (set_to, 422)
    assert api(bob).get(path).status_code == 404
    assert (client.delete(path).json(), rule()) == ({}, None)
