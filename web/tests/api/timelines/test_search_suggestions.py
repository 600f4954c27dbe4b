"""Suggestions while typing, through the API."""

from twite_common import clock
from twite_common.services.timelines import recent_searches


def suggested(client, typed):
    answer = client.get("/api/v1/search/suggestions", params={"q": typed})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_people_hashtags_and_searches_are_suggested(as_ann, ann, bob, make_account, make_post, database):
    make_account("bosun")
    make_post(bob, "#Boats")
    as_ann.post(f"/api/v1/accounts/{bob.id}/follow")
    with database.writing() as db:
        recent_searches.remember(db, now=clock.now(), account_id=ann.id, query="boat race")

    found = suggested(as_ann, "bo")
    assert [one["username"] for one in found["accounts"]] == ["bob", "bosun"]
    assert [one["name"] for one in found["hashtags"]] == ["Boats"]
    assert [one["query"] for one in found["searches"]] == ["boat race"]
    assert suggested(as_ann, "@bo")["hashtags"] == suggested(as_ann, "#bo")["accounts"] == []
    assert [one["query"] for one in suggested(as_ann, "")["searches"]] == ["boat race"]


def test_strangers_are_suggested_what_begins_with_three_letters(stranger, bob):
    assert suggested(stranger, "bo") == {"accounts": [], "hashtags": [], "searches": []}
    assert [one["username"] for one in suggested(stranger, "bob")["accounts"]] == ["bob"]
