"""Hashtags wherever they are shown: how they were used, and how the viewer stands to them."""

import pytest

from twite_common import clock
from twite_common.services.timelines import trends

LISTS = {
    "one": "/api/v1/tags/owl",
    "trending": "/api/v1/trends/tags",
    "found": "/api/v2/search?q=owl&type=hashtags",
    "followed": "/api/v1/followed_tags",
}


def shown(client, path):
    answer = client.get(path).json()
    found = answer.get("hashtags", answer) if isinstance(answer, dict) else answer
    return found[0] if isinstance(found, list) else found


@pytest.fixture
def owl(ann, bob, make_post, database):
    """A hashtag that trends; return its name."""
    for who in (ann, bob, bob):
        make_post(who, "#Owl")
    with database.writing() as db:
        trends.compute(db, now=clock.now())
    return "owl"


@pytest.fixture(autouse=True)
def _findable(as_ann, as_bob):
    for client in (as_ann, as_bob):
        client.patch("/api/v1/accounts/update_credentials", json={"discoverable": True})


@pytest.mark.parametrize("path", LISTS.values(), ids=LISTS)
def test_a_hashtag_is_the_same_wherever_it_is_shown(as_ann, owl, path):
    as_ann.post(f"/api/v1/tags/{owl}/follow")
    followed = shown(as_ann, path)
    as_ann.post(f"/api/v1/tags/{owl}/feature")

    assert (followed["following"], followed["featuring"]) == (True, False)
    assert (followed["history"][0]["uses"], followed["history"][0]["accounts"]) == ("3", "2")
    assert shown(as_ann, path) == followed | {"featuring": True}


@pytest.mark.parametrize("path", [LISTS["one"], LISTS["trending"], LISTS["found"]])
def test_strangers_follow_nothing(as_ann, stranger, owl, path):
    as_ann.post(f"/api/v1/tags/{owl}/follow")
    found = shown(stranger, path)

    assert found["history"][0]["uses"] == "3"
    assert not found.keys() & {"following", "featuring"}


def test_what_is_suggested_to_be_featured_says_how_it_was_used(as_ann, owl):
    as_ann.post(f"/api/v1/tags/{owl}/follow")
    suggested = as_ann.get("/api/v1/featured_tags/suggestions").json()

    assert suggested == [shown(as_ann, LISTS["one"])]


@pytest.mark.parametrize("name", ["a-b c", "123", ""])
def test_what_cannot_be_a_hashtag_cannot_be_featured(as_ann, name):
    answer = as_ann.post("/api/v1/featured_tags", json={"name": name})

    assert answer.status_code == 422
    assert answer.json()["error"].startswith("Validation failed: ")
