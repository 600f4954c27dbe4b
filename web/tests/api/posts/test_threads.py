"""Several posts at once, posts that end by themselves, and who may answer."""

from twite_common import clock


def publish(client, **body):
    return client.post("/api/v1/statuses", json={"status": "Hello", **body})


def publish_thread(client, *statuses, key=None):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/api/v1/statuses/thread", json={"statuses": list(statuses)}, headers=headers)


def test_a_thread_is_published_at_once_and_answered_in_order(as_ann, stranger):
    drafts = [{"status": "One"}, {"status": "Two", "spoiler_text": "w"}, {"status": "Three"}]
    thread = publish_thread(as_ann, *drafts, key="k").json()

    assert [one["in_reply_to_id"] for one in thread] == [None, thread[0]["id"], thread[1]["id"]]
    assert publish_thread(as_ann, *drafts, key="k").json() == thread
    below = stranger.get(f"/api/v1/statuses/{thread[0]['id']}/context").json()["descendants"]
    assert [one["id"] for one in below] == [one["id"] for one in thread[1:]]


def test_a_thread_is_refused_as_a_whole(as_ann, ann, bob):
    refused = publish_thread(as_ann, {"status": "One"}, {"status": "@bob", "allowed_mentions": []})

    assert refused.status_code == 422
    assert refused.json()["unexpected_accounts"] == [{"id": str(bob.id), "acct": "bob"}]
    assert as_ann.get(f"/api/v1/accounts/{ann.id}/statuses").json() == []
    assert publish_thread(as_ann, {"status": "One", "scheduled_at": "2099-01-01"}).status_code == 422
    assert publish_thread(as_ann).status_code == 422


def test_a_thread_is_scheduled_with_one_time_for_all(as_ann):
    body = {"statuses": [{"status": "One"}, {"status": "Two"}], "scheduled_at": "2099-01-01T00:00:00Z"}
    waiting = as_ann.post("/api/v1/statuses/thread", json=body).json()

    assert waiting["params"]["text"] == "One"
    assert [one["text"] for one in waiting["statuses"]] == ["One", "Two"]
    assert as_ann.get(f"/api/v1/scheduled_statuses/{waiting['id']}").json() == waiting
    single = publish(as_ann, scheduled_at="2099-01-01T00:00:00Z").json()
    assert [one["text"] for one in single["statuses"]] == [single["params"]["text"]]
    for wrong in ({"scheduled_at": "soon"}, {"statuses": []}):
        assert as_ann.post("/api/v1/statuses/thread", json={**body, **wrong}).status_code == 422


def test_a_post_tells_when_it_ends(as_ann, as_bob):
    ending = publish(as_ann, expires_in=3600).json()
    at = publish(as_ann, expires_at=clock.as_datetime(clock.now() + clock.DAY).isoformat()).json()
    staying = publish(as_ann).json()

    assert ending["expires_at"] > ending["created_at"]
    assert at["expires_at"] > ending["expires_at"]
    assert staying["expires_at"] is None
    assert as_ann.get(f"/api/v1/statuses/{ending['id']}/source").json()["expires_at"] == ending["expires_at"]
    boost = as_bob.post(f"/api/v1/statuses/{ending['id']}/reblog").json()
    assert boost["reblog"]["expires_at"] == ending["expires_at"]
    for wrong in ({"expires_in": 1}, {"expires_in": 10**12}, {"expires_at": "soon"}, {"expires_at": "2001-01-01"}):
        assert publish(as_ann, **wrong).status_code == 422


def test_a_post_tells_who_may_answer_and_refuses_others(as_ann, as_bob, stranger):
    post = publish(as_ann, reply_policy="mentioned").json()
    path = f"/api/v1/statuses/{post['id']}"

    def approval(client):
        return client.get(path).json()["reply_approval"]

    assert post["reply_approval"] == {"policy": "mentioned", "current_user": "allowed"}
    assert approval(as_bob) == approval(stranger) == {"policy": "mentioned", "current_user": "denied"}
    assert as_ann.get(f"{path}/source").json()["reply_policy"] == "mentioned"
    assert publish(as_bob, in_reply_to_id=post["id"]).status_code == 422
    assert publish(as_ann, in_reply_to_id=post["id"]).status_code == 200
    assert publish(as_ann).json()["reply_approval"]["policy"] == "everybody"
    assert publish(as_ann, reply_policy="friends").status_code == 422


def test_a_scheduled_post_shows_what_was_chosen(as_ann):
    chosen = {"reply_policy": "nobody", "expires_in": 3600}
    params = publish(as_ann, scheduled_at="2099-01-01T00:00:00Z", **chosen).json()["params"]

    assert {name: params[name] for name in chosen} == chosen
    assert params["expires_at"] is None
