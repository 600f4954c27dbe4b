"""Quoting posts, pinning them, and publishing them later."""

from datetime import UTC, datetime, timedelta

import pytest

from twite_common import clock
from twite_common.services.posts import scheduled_posts


def publish(client, **body):
    return client.post("/api/v1/statuses", json={"status": "Hello", **body})


def test_a_quote_shows_the_quoted_post_and_counts(as_ann, as_bob, stranger):
    quoted = publish(as_ann).json()
    quoting = publish(as_bob, quoted_status_id=quoted["id"]).json()

    assert (quoting["quote"]["state"], quoting["quote"]["quoted_status"]["id"]) == ("accepted", quoted["id"])
    shown = stranger.get(f"/api/v1/statuses/{quoting['id']}").json()
    assert shown["quote"]["quoted_status"]["quotes_count"] == 1
    listed = as_ann.get(f"/api/v1/statuses/{quoted['id']}/quotes").json()
    assert [one["id"] for one in listed] == [quoting["id"]]
    assert [one["type"] for one in as_ann.get("/api/v1/notifications").json()] == ["quote"]


def test_a_quote_begins_with_a_link_for_those_who_show_none(as_ann, as_bob, as_cho, ann, cho):
    quoted = publish(as_ann).json()
    quoting = publish(as_bob, quoted_status_id=quoted["id"]).json()
    linking = publish(as_bob, status=f"See {quoted['url']}", quoted_status_id=quoted["id"]).json()
    as_ann.post(f"/api/v1/accounts/{cho.id}/block")
    unseen = as_cho.get(f"/api/v1/statuses/{quoting['id']}").json()

    assert quoting["content"].startswith(f'<p class="quote-inline">RE: <a href="{quoted["url"]}" target="_blank"')
    assert quoting["content"].endswith("</a></p><p>Hello</p>")
    assert "quote-inline" not in linking["content"] + quoting["quote"]["quoted_status"]["content"]
    assert (unseen["content"], unseen["quote"]["state"]) == ("<p>Hello</p>", "unauthorized")


def test_a_quote_of_a_quote_goes_one_level_deep(as_ann, as_bob):
    first = publish(as_ann).json()
    second = publish(as_bob, quoted_status_id=first["id"]).json()
    third = publish(as_ann, quoted_status_id=second["id"]).json()

    inner = third["quote"]["quoted_status"]["quote"]
    assert inner == {"state": "accepted", "quoted_status_id": first["id"]}


def test_a_policy_decides_who_may_quote(as_ann, as_bob):
    nobody = publish(as_ann, quote_approval_policy="nobody").json()
    followers = publish(as_ann, quote_approval_policy="followers").json()

    assert nobody["quote_approval"] == {"automatic": [], "manual": [], "current_user": "automatic"}
    assert publish(as_bob, quoted_status_id=nobody["id"]).status_code == 422
    assert publish(as_bob, quoted_status_id=followers["id"]).status_code == 422
    as_bob.post(f"/api/v1/accounts/{followers['account']['id']}/follow")
    assert publish(as_bob, quoted_status_id=followers["id"]).status_code == 200
    changed = as_ann.put(
        f"/api/v1/statuses/{nobody['id']}/interaction_policy", json={"quote_approval_policy": "public"}
    )
    assert changed.json()["quote_approval"]["automatic"] == ["public"]
    assert changed.json()["edited_at"] is None


def test_what_was_written_for_few_is_quoted_by_its_author_only_and_for_no_more_people(as_ann, as_bob, bob):
    private = publish(as_ann, status="@bob hello", visibility="private").json()

    assert publish(as_bob, quoted_status_id=private["id"]).status_code == 422
    own = publish(as_ann, quoted_status_id=private["id"]).json()
    assert own["visibility"] == "private"


def test_what_was_written_for_those_named_only_nobody_may_quote_and_the_api_says_so(as_ann, as_bob, bob):
    direct = publish(as_ann, status="@bob hello", visibility="direct").json()

    for client in (as_ann, as_bob):
        approval = client.get(f"/api/v1/statuses/{direct['id']}").json()["quote_approval"]
        assert approval == {"automatic": [], "manual": [], "current_user": "denied"}
        assert publish(client, status="@bob @ann", quoted_status_id=direct["id"]).status_code == 422


def test_a_quote_can_be_taken_back_by_the_quoted_author_only(as_ann, as_bob):
    quoted = publish(as_ann).json()
    quoting = publish(as_bob, quoted_status_id=quoted["id"]).json()
    path = f"/api/v1/statuses/{quoted['id']}/quotes/{quoting['id']}/revoke"

    assert as_bob.post(path).status_code == 403
    revoked = as_ann.post(path).json()
    assert revoked["quote"] == {"state": "revoked", "quoted_status": None}
    assert as_ann.get(f"/api/v1/statuses/{quoted['id']}").json()["quotes_count"] == 0


@pytest.mark.parametrize(
    ("step", "state"), [("block", "blocked_account"), ("mute", "muted_account"), ("blocked", "unauthorized")]
)
def test_a_quote_of_somebody_one_does_not_want_says_so(as_ann, as_bob, as_cho, ann, cho, step, state):
    quoting = publish(as_bob, quoted_status_id=publish(as_ann).json()["id"]).json()
    if step == "blocked":
        as_ann.post(f"/api/v1/accounts/{cho.id}/block")
    else:
        as_cho.post(f"/api/v1/accounts/{ann.id}/{step}")
    shown = as_cho.get(f"/api/v1/statuses/{quoting['id']}").json()["quote"]

    assert shown["state"] == state
    assert (shown["quoted_status"] is None) == (step == "blocked")


def test_a_quote_outlives_what_it_quoted(as_ann, as_bob):
    quoted = publish(as_ann).json()
    quoting = publish(as_bob, quoted_status_id=quoted["id"]).json()
    as_ann.delete(f"/api/v1/statuses/{quoted['id']}")

    shown = as_bob.get(f"/api/v1/statuses/{quoting['id']}").json()
    assert shown["quote"] == {"state": "deleted", "quoted_status": None}


def test_five_posts_can_be_pinned_and_are_listed_alone(as_ann, as_bob):
    posts = [publish(as_ann).json()["id"] for _ in range(6)]
    pinned = [as_ann.post(f"/api/v1/statuses/{id}/pin").status_code for id in posts]

    assert pinned == [200] * 5 + [422]
    account = as_ann.get("/api/v1/accounts/verify_credentials").json()["id"]
    listed = as_bob.get(f"/api/v1/accounts/{account}/statuses?pinned=true").json()
    assert [one["id"] for one in listed] == posts[4::-1]
    assert as_ann.post(f"/api/v1/statuses/{posts[0]}/unpin").json()["pinned"] is False
    assert as_bob.post(f"/api/v1/statuses/{posts[1]}/pin").status_code == 422


def in_minutes(minutes):
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


def test_a_scheduled_post_waits_for_its_time(as_ann, stranger, ann, database, settings):
    kept = publish(as_ann, scheduled_at=in_minutes(10), spoiler_text="later").json()

    assert (kept["params"]["text"], kept["params"]["spoiler_text"]) == ("Hello", "later")
    assert isinstance(kept["params"]["application_id"], int)
    assert as_ann.get("/api/v1/scheduled_statuses").json() == [kept]
    assert stranger.get(f"/api/v1/accounts/{ann.id}/statuses").json() == []
    due_at = clock.now() + 10 * clock.MINUTE
    with database.writing() as db:
        for now in (clock.now(), due_at, due_at):
            scheduled_posts.publish_due(db, settings, now=now, scheduled_id=int(kept["id"]))
    assert [one["spoiler_text"] for one in stranger.get(f"/api/v1/accounts/{ann.id}/statuses").json()] == ["later"]
    assert as_ann.get("/api/v1/scheduled_statuses").json() == []


def test_a_scheduled_post_can_be_moved_and_given_up(as_ann, as_bob):
    kept = publish(as_ann, scheduled_at=in_minutes(10)).json()
    path = f"/api/v1/scheduled_statuses/{kept['id']}"

    assert as_ann.put(path, json={"scheduled_at": in_minutes(4)}).status_code == 422
    assert as_ann.put(path, json={"scheduled_at": in_minutes(60)}).json()["scheduled_at"] > kept["scheduled_at"]
    assert [as_bob.get(path).status_code, as_bob.delete(path).status_code] == [404, 404]
    assert (as_ann.delete(path).status_code, as_ann.get(path).status_code) == (200, 404)


def test_a_repeated_request_keeps_one_scheduled_post(as_ann):
    body = {"status": "Hello", "scheduled_at": in_minutes(10)}
    first, second = (
        as_ann.post("/api/v1/statuses", json=body, headers={"Idempotency-Key": "k"}).json()["id"] for _ in range(2)
    )

    assert first == second
