"""Posts that a rule for content holds or refuses, as applications are told of it."""

import pytest
from sqlalchemy import insert, select

from twite_common import ids
from twite_common.tables import content_rule, held_post, post

SCOPES = "read write"


@pytest.fixture
def add_rule(database):
    def add_rule(action, word):
        row = {"id": ids.new(1), "name": "Tea", "conditions": f'{{"words":["{word}"]}}', "action": action}
        with database.writing() as db:
            db.execute(insert(content_rule), {**row, "explanation": "No tea.", "active": True, "changed_at": 1})

    return add_rule


def counted(database, table):
    with database.reading() as db:
        return len(db.execute(select(table.c.id)).all())


def test_a_held_post_is_kept_once_and_said_so(api, ann, database, add_rule):
    add_rule("hold", "tea")
    client = api(ann, SCOPES)
    for _ in range(2):
        answer = client.post("/api/v1/statuses", json={"status": "tea"}, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 422
        assert answer.json()["held_for_review"] is True
        assert answer.json()["error"].endswith("No tea.")
    thread = client.post("/api/v1/statuses/thread", json={"statuses": [{"status": "one"}, {"status": "tea"}]})
    draft_id = client.post("/api/v1/drafts", json={"statuses": [{"status": "more tea"}]}).json()["id"]
    draft = client.post(f"/api/v1/drafts/{draft_id}/publish")

    assert [one.json().get("held_for_review") for one in (thread, draft)] == [True, True]
    assert client.get("/api/v1/drafts").json() == []
    assert (counted(database, held_post), counted(database, post)) == (3, 0)


def test_a_refused_post_and_edit_say_why(api, ann, database, add_rule):
    client = api(ann, SCOPES)
    status_id = client.post("/api/v1/statuses", json={"status": "milk"}).json()["id"]
    add_rule("refuse", "tea")
    refused = client.post("/api/v1/statuses", json={"status": "tea"})
    edited = client.put(f"/api/v1/statuses/{status_id}", json={"status": "tea"})

    assert [answer.status_code for answer in (refused, edited)] == [422, 422]
    assert refused.json()["error"] == "This site doesn't accept this post. No tea."
    assert "held_for_review" not in refused.json()
    assert client.get(f"/api/v1/statuses/{status_id}/source").json()["text"] == "milk"
    assert counted(database, held_post) == 0
