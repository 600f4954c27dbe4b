"""Posts that are kept as JSON are sent as they would be made anew, whoever looks and whatever has changed."""

import pytest

from twite_web.api.serializers import encoded_posts
from twite_web.core import Core
from twite_web.memory_cache import Caches

LISTS = [
    "/api/v1/timelines/home",
    "/api/v1/timelines/public",
    "/api/v1/timelines/tag/birds",
    "/api/v1/accounts/{ann}/statuses",
    "/api/v1/accounts/{bob}/statuses",
    "/api/v1/notifications",
    "/api/v2/notifications",
]


@pytest.fixture
def core(bare, client) -> Core:
    return bare.state["core"]


@pytest.fixture
def viewers(as_ann, as_bob, as_cho, stranger):
    return {"ann": as_ann, "bob": as_bob, "cho": as_cho, "stranger": stranger}


@pytest.fixture
def asked(viewers, ann, bob):
    """Return what everybody is answered, by viewer and list."""

    def ask():
        return {
            (name, path): viewer.get(path.format(ann=ann.id, bob=bob.id)).json()
            for name, viewer in viewers.items()
            for path in LISTS
        }

    return ask


def _publish(client, text="A wren", **body):
    answer = client.post("/api/v1/statuses", json={"status": text, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


def _changes(as_ann, as_bob, as_cho, ann, posts):
    """Return what happens to posts and those who wrote and read them, step by step."""
    plain, poll, quoted, quoting, named = posts
    one = f"/api/v1/statuses/{plain}"
    return [
        lambda: as_bob.post(f"{one}/favourite"),
        lambda: as_cho.post(f"{one}/bookmark"),
        lambda: as_bob.post(f"{one}/reblog"),
        lambda: as_cho.post(f"{one}/mute"),
        lambda: as_ann.post(f"{one}/pin"),
        lambda: as_cho.post("/api/v1/statuses", json={"status": "Yes", "in_reply_to_id": plain}),
        lambda: as_ann.put(one, json={"status": "Two wrens #birds", "spoiler_text": "Small"}),
        lambda: as_ann.patch("/api/v1/accounts/update_credentials", json={"display_name": "Ann of the birds"}),
        lambda: as_cho.post(f"/api/v1/polls/{poll}/votes", json={"choices": [1]}),
        lambda: as_ann.put(
            f"/api/v1/statuses/{quoted}/interaction_policy", json={"quote_approval_policy": "followers"}
        ),
        lambda: as_cho.post(f"/api/v1/accounts/{ann.id}/follow"),
        lambda: as_cho.post(
            "/api/v2/filters",
            json={"title": "No wrens", "context": ["home"], "keywords_attributes": [{"keyword": "wrens"}]},
        ),
        lambda: as_ann.delete(f"/api/v1/statuses/{quoted}"),
        lambda: as_bob.post(f"/api/v1/statuses/{named}/unfavourite"),
        lambda: as_bob.post(f"{one}/unreblog"),
        lambda: as_bob.delete(f"/api/v1/statuses/{quoting}"),
    ]


@pytest.fixture
def made_anew(core, monkeypatch, asked):
    """Return what everybody would be answered if nothing had been kept of anything."""

    def ask():
        with monkeypatch.context() as patch:
            patch.setattr(encoded_posts, "_key", lambda *_given: None)
            for name in Caches.__struct_fields__:
                patch.setattr(type(getattr(core.caches, name)), "get", lambda *_given: None)
            return asked()

    return ask


def test_what_is_kept_is_what_would_be_made(made_anew, asked, as_ann, as_bob, as_cho, ann, bob):
    as_bob.post(f"/api/v1/accounts/{ann.id}/follow")
    quoted = _publish(as_ann, "Look #birds")
    posts = [
        _publish(as_ann, "A wren #birds @bob"),
        _publish(as_ann, "Which? #birds", poll={"options": ["Wren", "Robin"], "expires_in": 3600}),
        quoted,
        _publish(as_bob, "Seen #birds", quoted_status_id=quoted),
        _publish(as_ann, "For @bob and @cho alone", visibility="direct"),
    ]
    _publish(as_ann, "For those who follow", visibility="private")

    for number, change in enumerate(_changes(as_ann, as_bob, as_cho, ann, posts)):
        asked()
        answer = change()
        assert answer.status_code == 200, (number, answer.text)
        assert asked() == made_anew(), number


def test_a_post_is_made_once_for_all_who_see_the_same(core, as_ann, as_bob, as_cho):
    _publish(as_ann)
    for viewer in (as_bob, as_cho, as_bob):
        viewer.get("/api/v1/timelines/public")
    once = len(core.caches.encoded_posts)
    as_ann.get("/api/v1/timelines/public")

    assert (once, len(core.caches.encoded_posts)) == (1, 2)
