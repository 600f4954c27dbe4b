"""Lists with timelines of their own, and hashtags that people follow and feature."""

import pytest
from sqlalchemy import insert

from twite_common.services.timelines import timelines
from twite_common.tables import media


@pytest.fixture
def make_list(as_ann):
    def make(*members, title="Friends", **changes):
        made = as_ann.post("/api/v1/lists", json={"title": title, **changes}).json()
        for one in members:
            as_ann.post(f"/api/v1/accounts/{one.id}/follow")
        if members:
            body = {"account_ids": [str(one.id) for one in members]}
            assert as_ann.post(f"/api/v1/lists/{made['id']}/accounts", json=body).status_code == 200
        return made["id"]

    return make


def shown(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return [one["content"].removeprefix("<p>").removesuffix("</p>") for one in answer.json()]


def listed(client, id):
    return shown(client, f"/api/v1/timelines/list/{id}")


def home(client):
    return shown(client, "/api/v1/timelines/home")


def test_a_list_shows_its_members_posts_from_before_and_after(make_list, make_post, as_ann, bob, cho):
    make_post(bob, "before")
    id = make_list(bob)
    make_post(bob, "after")
    make_post(cho, "other")

    assert listed(as_ann, id) == ["after", "before"]
    members = as_ann.get(f"/api/v1/lists/{id}/accounts?limit=0").json()
    assert [one["username"] for one in members] == ["bob"]
    assert [one["id"] for one in as_ann.get(f"/api/v1/accounts/{bob.id}/lists").json()] == [id]


def test_whoever_leaves_a_list_takes_their_posts_along(make_list, make_post, as_ann, bob, cho):
    id = make_list(bob, cho)
    make_post(bob, "by bob")
    make_post(cho, "by cho")
    as_ann.request("DELETE", f"/api/v1/lists/{id}/accounts", json={"account_ids": [str(bob.id)]})
    one_left = listed(as_ann, id)
    as_ann.post(f"/api/v1/accounts/{cho.id}/unfollow")

    assert (one_left, listed(as_ann, id)) == (["by cho"], [])
    assert as_ann.get(f"/api/v1/lists/{id}/accounts").json() == []


@pytest.mark.parametrize(
    ("policy", "answered"), [("none", set()), ("list", {"to cho"}), ("followed", {"to cho", "to dot"})]
)
def test_a_policy_says_whose_answers_to_others_are_shown(
    make_list, make_post, make_account, as_ann, bob, cho, policy, answered
):
    dot, eve = make_account("dot"), make_account("eve")
    id = make_list(bob, cho, replies_policy=policy)
    as_ann.post(f"/api/v1/accounts/{dot.id}/follow")
    for one in (cho, dot, eve, bob):
        parent = make_post(one, f"by {one.username}")
        make_post(bob, f"to {one.username}", in_reply_to_id=parent)

    assert {text for text in listed(as_ann, id) if text.startswith("to ")} == {"to bob", *answered}


def test_members_of_an_exclusive_list_are_not_at_home(make_list, make_post, as_ann, bob):
    make_post(bob, "one")
    id = make_list(bob)
    before = home(as_ann)
    as_ann.put(f"/api/v1/lists/{id}", json={"title": "Friends", "exclusive": True})
    make_post(bob, "two")
    while_exclusive = home(as_ann)
    as_ann.delete(f"/api/v1/lists/{id}")

    assert (before, while_exclusive) == (["one"], [])
    assert home(as_ann) == ["two", "one"]


def test_what_is_written_for_those_named_only_is_in_no_list(make_list, make_post, as_ann, bob):
    id = make_list(bob)
    make_post(bob, "@ann psst", visibility="mentioned")

    assert listed(as_ann, id) == []


def test_only_people_whom_one_follows_can_be_put_on_a_list_once(make_list, as_ann, bob, cho):
    id = make_list(bob)
    path = f"/api/v1/lists/{id}/accounts"

    assert as_ann.post(path, json={"account_ids": [str(cho.id)]}).status_code == 404
    assert as_ann.post(path, json={"account_ids": [str(bob.id)]}).status_code == 422


def test_lists_are_their_owners_alone(make_list, as_bob, bob):
    id = make_list(bob)

    assert as_bob.get("/api/v1/lists").json() == []
    for method, path in (
        ("GET", f"/api/v1/lists/{id}"),
        ("PUT", f"/api/v1/lists/{id}"),
        ("DELETE", f"/api/v1/lists/{id}"),
        ("GET", f"/api/v1/lists/{id}/accounts"),
        ("POST", f"/api/v1/lists/{id}/accounts"),
        ("GET", f"/api/v1/timelines/list/{id}"),
    ):
        assert as_bob.request(method, path, json={"title": "x"} if method != "GET" else None).status_code == 404


@pytest.mark.parametrize("changes", [{"title": " "}, {"title": "x" * 257}, {"title": "x", "replies_policy": "some"}])
def test_a_list_that_breaks_a_rule_is_refused(as_ann, changes):
    assert as_ann.post("/api/v1/lists", json=changes).status_code == 422


def test_a_followed_hashtag_brings_public_posts_home_until_it_is_unfollowed(make_post, as_ann, bob, cho):
    followed = as_ann.post("/api/v1/tags/Birds/follow").json()
    make_post(bob, "see #birds")
    make_post(bob, "quiet #birds", visibility="unlisted")
    as_ann.post(f"/api/v1/accounts/{cho.id}/follow")
    make_post(cho, "my #birds")
    at_home = len(home(as_ann))

    assert (followed["following"], at_home) == (True, 2)
    assert [one["name"] for one in as_ann.get("/api/v1/followed_tags").json()] == ["Birds"]
    assert as_ann.post("/api/v1/tags/birds/unfollow").json()["following"] is False
    assert len(home(as_ann)) == 1


def test_a_followed_hashtag_does_not_bring_posts_of_whom_one_has_muted(make_post, as_ann, bob):
    as_ann.post("/api/v1/tags/birds/follow")
    as_ann.post(f"/api/v1/accounts/{bob.id}/mute")
    make_post(bob, "see #birds")

    assert home(as_ann) == []


def test_a_featured_hashtag_stands_on_the_profile_with_its_use(make_post, as_ann, stranger, ann):
    make_post(ann, "see #birds")
    make_post(ann, "psst #birds", visibility="followers")
    suggested = as_ann.get("/api/v1/featured_tags/suggestions").json()
    made = as_ann.post("/api/v1/featured_tags", json={"name": "birds"}).json()

    assert [one["name"] for one in suggested] == ["birds"]
    assert (made["statuses_count"], made["last_status_at"] is not None) == ("1", True)
    assert stranger.get(f"/api/v1/accounts/{ann.id}/featured_tags").json() == [made]
    assert as_ann.get("/api/v1/tags/birds").json()["featuring"] is True
    assert as_ann.delete(f"/api/v1/featured_tags/{made['id']}").status_code == 200
    assert as_ann.get("/api/v1/featured_tags").json() == []


def test_ten_hashtags_can_be_featured(as_ann):
    answers = [as_ann.post("/api/v1/featured_tags", json={"name": f"tag{n}"}).status_code for n in range(11)]

    assert answers == [200] * 10 + [422]


def test_a_hashtags_timeline_takes_further_ones(make_post, stranger, bob):
    for text in ("#a", "#a #b", "#a #b #c", "#d"):
        make_post(bob, text)

    def found(query):
        posts = stranger.get(f"/api/v1/timelines/tag/a?{query}").json()
        return [" ".join(f"#{tag['name']}" for tag in one["tags"]) for one in posts]

    assert found("any[]=d") == ["#d", "#a #b #c", "#a #b", "#a"]
    assert found("all[]=b") == ["#a #b #c", "#a #b"]
    assert found("none[]=c") == ["#a #b", "#a"]
    assert found("all[]=b&none[]=c") == ["#a #b"]


def test_timelines_can_be_asked_for_posts_with_attachments_only(make_post, stranger, bob, database):
    make_post(bob, "plain #a")
    pictured = make_post(bob, "pictured #a")
    with database.writing() as db:
        db.execute(insert(media), {"id": 1, "account_id": bob.id, "post_id": pictured, "kind": "image"})

    for path in ("timelines/public", "timelines/tag/a", f"accounts/{bob.id}/statuses"):
        found = stranger.get(f"/api/v1/{path}?only_media=true").json()
        assert [one["id"] for one in found] == [str(pictured)]


@pytest.mark.parametrize("exclusive", [False, True])
def test_taking_strangers_off_a_list_does_no_work_for_each(make_list, as_ann, bob, monkeypatch, exclusive):
    id = make_list(bob, exclusive=exclusive)
    emptied, filled = [], []
    monkeypatch.setattr(timelines, "empty_list", lambda _db, **named: emptied.append(named["member_id"]))
    monkeypatch.setattr(timelines, "fill_in", lambda _db, **named: filled.append(named["followee_id"]))
    strangers = [str(n) for n in range(1, 100)]

    answer = as_ann.request("DELETE", f"/api/v1/lists/{id}/accounts", json={"account_ids": [*strangers, str(bob.id)]})

    assert answer.status_code == 200
    assert emptied == [bob.id]
    assert filled == ([bob.id] if exclusive else [])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/api/v1/lists/1/accounts", {"account_ids": ["1"] * 201}),
        ("POST", "/api/v1/lists/1/accounts", {"account_ids": {str(n): "1" for n in range(201)}}),
        ("POST", "/api/v1/statuses", {"status": "Hello", "media_ids": ["1"] * 201}),
        ("POST", "/api/v1/statuses", {"status": "Hello", "poll": {"options": ["yes"] * 201, "expires_in": 3600}}),
        ("POST", "/api/v2/filters", {"title": "A", "context": ["home"], "keywords_attributes": [{}] * 201}),
        ("POST", "/api/v1/reports", {"account_id": "1", "status_ids": ["1"] * 201}),
        ("PATCH", "/api/v1/profile", {"attribution_domains": ["a.example"] * 201}),
        ("DELETE", "/api/v1/notifications/destroy_multiple?" + "ids[]=1&" * 201, {}),
        ("POST", "/api/v1/polls/1/votes", {"choices": [0] * 201}),
    ],
)
def test_no_list_in_a_request_is_endless(as_ann, monkeypatch, database, method, path, body):
    def untouched():
        raise AssertionError

    monkeypatch.setattr(database, "writing", untouched)
    answer = as_ann.request(method, path, json=body)

    assert answer.status_code == 422
    assert "may have 200 elements at most" in answer.json()["error"]
