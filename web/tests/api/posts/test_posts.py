"""Posts through the API."""

import pytest
from sqlalchemy import insert

from twite_common.tables import post

STATUS_FIELDS = {
    *("id", "uri", "url", "created_at", "edited_at", "account", "content", "visibility", "sensitive", "spoiler_text"),
    *("media_attachments", "application", "mentions", "tags", "emojis", "reblogs_count", "favourites_count"),
    *("replies_count", "quotes_count", "in_reply_to_id", "in_reply_to_account_id", "reblog", "poll", "card"),
    *("language", "quote", "quote_approval", "tagged_collections"),
}
VIEWERS_FIELDS = {"favourited", "reblogged", "muted", "bookmarked", "filtered"}


@pytest.fixture
def publish(as_ann):
    def publish(status="Hello", **fields):
        return as_ann.post("/api/v1/statuses", json={"status": status, **fields})

    return publish


def test_a_post_has_every_field_for_its_author_and_for_strangers(ann, bob, publish, stranger):
    made = publish("Hello @bob, see #Birds at https://birds.example/", spoiler_text="Birds", language="en").json()
    read = stranger.get(f"/api/v1/statuses/{made['id']}").json()

    assert made.keys() >= STATUS_FIELDS | VIEWERS_FIELDS
    assert read.keys() >= STATUS_FIELDS
    assert not VIEWERS_FIELDS & read.keys()
    assert made["account"]["username"] == "ann"
    assert (made["spoiler_text"], made["sensitive"], made["language"]) == ("Birds", True, "en")
    assert [one["username"] for one in made["mentions"]] == ["bob"]
    assert [one["name"] for one in made["tags"]] == ["Birds"]
    assert 'rel="nofollow noopener' in made["content"]


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct"])
def test_a_post_keeps_its_visibility(publish, visibility):
    assert publish(visibility=visibility).json()["visibility"] == visibility


@pytest.mark.parametrize(
    "fields",
    [
        {"status": ""},
        {"status": " \n\t"},
        {"status": "\u200b\u2060"},
        {"status": "x" * 501},
        {"visibility": "everybody"},
        {"in_reply_to_id": "12345"},
        {"in_reply_to_id": "no id"},
        {"status": "a\0b"},
        {"status": "a\x1bb"},
        {"status": "a\ufffe"},
        {"media_ids": ["1"]},
        {"poll": {"options": ["a", "b"], "expires_in": 60}},
        {"scheduled_at": "2020-01-01T00:00:00Z"},
        {"status": ["list"]},
        {"status": {"a": "dict"}},
        {"status": None},
    ],
    ids=ascii,
)
def test_what_can_not_be_a_post_is_refused_and_nothing_is_changed(as_ann, ann, publish, fields):
    response = publish(**{"status": "Hello", **fields})

    assert response.status_code in {404, 422}
    assert response.json()["error"]
    assert as_ann.get(f"/api/v1/accounts/{ann.id}/statuses").json() == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("right-to-left \u202eoverride", "<p>right-to-left override</p>"),
        ("e\u0301", "<p>é</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("👩‍👩‍👧‍👦" * 300, f"<p>{'👩‍👩‍👧‍👦' * 300}</p>"),
    ],
)
def test_what_people_type_or_paste_is_shown_without_harm(publish, text, shown):
    assert publish(text).json()["content"] == shown


def test_a_language_that_there_is_not_is_left_out(publish):
    assert publish(language="klingonish").json()["language"] == "en"


def test_a_repeated_request_makes_one_post(as_ann, ann):
    sent = [
        as_ann.post("/api/v1/statuses", json={"status": "Once"}, headers={"Idempotency-Key": "key"}) for _ in range(3)
    ]

    assert len({response.json()["id"] for response in sent}) == 1
    assert len(as_ann.get(f"/api/v1/accounts/{ann.id}/statuses").json()) == 1


def test_a_conversation_is_read_in_order(publish, as_bob, stranger):
    first = publish("One").json()
    second = as_bob.post("/api/v1/statuses", json={"status": "Two", "in_reply_to_id": first["id"]}).json()
    third = publish("Three", in_reply_to_id=second["id"]).json()
    context = stranger.get(f"/api/v1/statuses/{second['id']}/context").json()

    assert second["in_reply_to_account_id"] == first["account"]["id"]
    assert [one["id"] for one in context["ancestors"]] == [first["id"]]
    assert [one["id"] for one in context["descendants"]] == [third["id"]]
    assert stranger.get(f"/api/v1/statuses/{first['id']}").json()["replies_count"] == 1


def test_an_edit_keeps_the_earlier_version(as_ann, publish, stranger):
    made = publish("Frist").json()
    edited = as_ann.put(f"/api/v1/statuses/{made['id']}", json={"status": "First"}).json()
    history = stranger.get(f"/api/v1/statuses/{made['id']}/history").json()
    source = as_ann.get(f"/api/v1/statuses/{made['id']}/source").json()

    assert edited["edited_at"] is not None
    assert [one["content"] for one in history] == ["<p>Frist</p>", "<p>First</p>"]
    chosen = {"reply_policy": "everybody", "expires_at": None}
    assert source == {"id": made["id"], "text": "First", "spoiler_text": "", **chosen}


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_edit_can_take_the_warning_away(as_ann, publish, nothing):
    made = publish("Hello", spoiler_text="Birds").json()
    edited = as_ann.put(f"/api/v1/statuses/{made['id']}", json={"status": "Hello", "spoiler_text": nothing}).json()

    assert edited["spoiler_text"] == ""


@pytest.mark.parametrize(
    ("original", "asked", "shown"),
    [
        ("public", None, "public"),
        ("unlisted", None, "unlisted"),
        ("unlisted", "public", "public"),
        ("public", "private", "private"),
    ],
)
def test_a_boost_is_shown_no_wider_than_the_post_unless_asked(publish, as_bob, original, asked, shown):
    made = publish(visibility=original).json()
    boost = as_bob.post(f"/api/v1/statuses/{made['id']}/reblog", json={"visibility": asked}).json()

    assert boost["visibility"] == shown


def test_a_deleted_boost_is_taken_back(make_post, ann, as_ann, as_bob, stranger):
    post_id = make_post(ann)
    boost = as_bob.post(f"/api/v1/statuses/{post_id}/reblog").json()
    refused = as_ann.delete(f"/api/v1/statuses/{boost['id']}")
    deleted = as_bob.delete(f"/api/v1/statuses/{boost['id']}").json()

    assert refused.status_code == 404
    assert (deleted["id"], deleted["reblog"]["id"], deleted["text"]) == (boost["id"], str(post_id), "")
    assert stranger.get(f"/api/v1/statuses/{boost['id']}").status_code == 404
    assert stranger.get(f"/api/v1/statuses/{post_id}").json()["reblogs_count"] == 0
    assert as_ann.get("/api/v1/notifications").json() == []


def test_a_deleted_post_comes_back_as_text_and_is_gone(as_ann, publish, stranger):
    made = publish("Oh @bob <b>").json()
    deleted = as_ann.delete(f"/api/v1/statuses/{made['id']}").json()

    assert (deleted["id"], deleted["text"]) == (made["id"], "Oh @bob <b>")
    assert "content" not in deleted
    assert stranger.get(f"/api/v1/statuses/{made['id']}").status_code == 404


@pytest.mark.parametrize(("method", "body"), [("DELETE", None), ("PUT", {"status": "Mine now"})])
def test_nobody_changes_what_is_anothers(publish, as_bob, stranger, method, body):
    made = publish().json()
    response = as_bob.request(method, f"/api/v1/statuses/{made['id']}", json=body)

    assert response.status_code in {403, 404}
    assert stranger.get(f"/api/v1/statuses/{made['id']}").json()["content"] == made["content"]


@pytest.mark.parametrize(
    ("do", "undo", "state", "count"),
    [
        ("favourite", "unfavourite", "favourited", "favourites_count"),
        ("bookmark", "unbookmark", "bookmarked", None),
    ],
)
def test_marking_a_post_twice_marks_it_once_and_it_can_be_taken_back(make_post, ann, as_bob, do, undo, state, count):
    post_id = make_post(ann)
    for _ in range(2):
        done = as_bob.post(f"/api/v1/statuses/{post_id}/{do}").json()
    for _ in range(2):
        undone = as_bob.post(f"/api/v1/statuses/{post_id}/{undo}").json()

    assert (done[state], undone[state]) == (True, False)
    assert count is None or (done[count], undone[count]) == (1, 0)


def test_a_boost_is_a_status_of_its_own_around_the_post(make_post, ann, bob, as_bob, stranger):
    post_id = make_post(ann)
    boost = as_bob.post(f"/api/v1/statuses/{post_id}/reblog").json()
    again = as_bob.post(f"/api/v1/statuses/{post_id}/reblog").json()
    listed = stranger.get(f"/api/v1/accounts/{bob.id}/statuses").json()
    undone = as_bob.post(f"/api/v1/statuses/{post_id}/unreblog").json()

    assert boost["id"] == again["id"] != str(post_id)
    assert (boost["reblog"]["id"], boost["reblog"]["reblogs_count"], boost["reblogged"]) == (str(post_id), 1, True)
    assert [one["id"] for one in listed] == [boost["id"]]
    assert (undone["id"], undone["reblogs_count"], undone["reblogged"]) == (str(post_id), 0, False)


def test_who_favourited_and_boosted_is_listed(make_post, ann, as_bob, stranger):
    post_id = make_post(ann)
    as_bob.post(f"/api/v1/statuses/{post_id}/favourite")
    as_bob.post(f"/api/v1/statuses/{post_id}/reblog")

    for kind in ("favourited_by", "reblogged_by"):
        assert [one["username"] for one in stranger.get(f"/api/v1/statuses/{post_id}/{kind}").json()] == ["bob"]


def test_several_posts_are_returned_in_one_request(make_post, ann, stranger):
    ids = [make_post(ann, text) for text in ("One", "Two")]
    hidden = make_post(ann, "Three", visibility="followers")
    asked = [("id[]", str(id)) for id in [*ids, hidden, 1]]

    assert {one["id"] for one in stranger.get("/api/v1/statuses", params=asked).json()} == set(map(str, ids))


@pytest.mark.parametrize("post_id", ["0", "-1", "1", "9" * 19, "9" * 40, "x", "%00", "1e3", "１"])
def test_what_names_no_post_is_not_found(stranger, post_id):
    assert stranger.get(f"/api/v1/statuses/{post_id}").status_code == 404


def test_the_context_of_a_long_thread_has_an_end(database, make_post, as_bob, ann):
    top = make_post(ann, "first")
    # Each answers the one before, and all are younger than what they hang from.
    ids = [top + n for n in range(1, 1502)]
    rows = [
        {
            "id": id,
            "account_id": ann.id,
            "text": "answer",
            "visibility": "public",
            "conversation_id": top,
            "in_reply_to_id": id - 1,
            "in_reply_to_account_id": ann.id,
        }
        for id in ids
    ]
    with database.writing() as db:
        db.execute(insert(post), rows)

    around = as_bob.get(f"/api/v1/statuses/{ids[499]}/context").json()

    assert (len(around["ancestors"]), len(around["descendants"])) == (500, 1000)
