"""Webhooks: /api/v1/webhooks."""

import pytest
from sqlalchemy import update

from twite_common.queries.notifications import webhooks as queries
from twite_common.tables import webhook_delivery

PATH = "/api/v1/webhooks"
PASSWORD = "correct horse battery"
WANTED = {"url": "https://hooks.example/ann", "events": ["follow", "mention"], "current_password": PASSWORD}


@pytest.fixture
def client(api, ann):
    return api(ann)


def test_one_is_made_with_the_password_and_its_secret_told_once(client):
    refused = client.post(PATH, json=WANTED | {"current_password": "wrong"})
    made = client.post(PATH, json=WANTED).json()
    listed, one = client.get(PATH).json(), client.get(f"{PATH}/{made['id']}").json()

    assert refused.status_code == 422
    assert len(made["secret"]) > 40
    assert listed == [one] == [made | {"secret": None, "url": "https://hooks.example"}]
    assert (made["url"], one["events"], one["state"]) == (WANTED["url"], ["mention", "follow"], "active")


def test_a_token_has_it_told_only_of_what_the_token_reads(client, api, ann):
    made = client.post(PATH, json=WANTED).json()
    path, narrow = f"{PATH}/{made['id']}", api(ann, "write:accounts read:statuses")
    wider = narrow.put(path, json={"events": ["follow", "mention", "direct"]})
    own = narrow.put(path, json={"events": ["follow", "status.created"]})
    another = narrow.post(PATH, json=WANTED)
    posts = api(ann, "write:accounts read:notifications").put(path, json={"events": ["status.updated"]})
    messages = api(ann, "write:accounts read:notifications").put(path, json={"events": ["direct"]})

    assert [one.status_code for one in (wider, own, another, posts, messages)] == [403, 200, 403, 403, 403]
    assert client.get(path).json()["events"] == ["status.created", "follow"]


def test_it_is_changed_paused_resumed_signed_anew_and_removed(client):
    made = client.post(PATH, json=WANTED).json()
    path = f"{PATH}/{made['id']}"
    changed = client.put(path, json={"events": ["status.created"]}).json()
    unknown = client.put(path, json={"events": ["boost"]})
    states = [client.post(f"{path}/{action}").json()["state"] for action in ("pause", "resume")]
    refused = client.post(f"{path}/secret", json={})
    renewed = client.post(f"{path}/secret", json={"current_password": PASSWORD}).json()

    assert changed["events"] == ["status.created"]
    assert "There is no event boost. There are: status.created" in unknown.json()["error"]
    assert states == ["paused", "active"]
    assert (refused.status_code, renewed["secret"] != made["secret"]) == (422, True)
    assert client.delete(path).json() == {}
    assert client.get(path).status_code == 404


def test_what_it_was_told_is_listed_and_sent_again(client, database):
    path = f"{PATH}/{client.post(PATH, json=WANTED).json()['id']}"
    client.post(f"{path}/test").raise_for_status()
    [waiting] = client.get(f"{path}/deliveries").json()
    too_early = client.post(f"{path}/deliveries/{waiting['id']}/retry")
    with database.writing() as db:
        said = {"state": "failed", "status": 500, "answer": "no", "attempts": 7, "tried_at": 1}
        db.execute(update(webhook_delivery).values(said))
    [failed] = client.get(f"{path}/deliveries").json()
    client.post(f"{path}/deliveries/{waiting['id']}/retry").raise_for_status()
    [again] = client.get(f"{path}/deliveries").json()

    assert (waiting["event"], waiting["state"], waiting["tried_at"]) == ("test", "due", None)
    assert too_early.status_code == 404
    assert (failed["status"], failed["answer"], failed["due_at"]) == (500, "no", None)
    assert (again["state"], again["attempts"]) == ("due", 0)


def test_others_see_and_do_nothing(client, api, bob, database):
    id = client.post(PATH, json=WANTED).json()["id"]
    others = api(bob)
    body = {"events": ["follow"], "current_password": PASSWORD}
    answers = [
        others.get(f"{PATH}/{id}"),
        others.get(f"{PATH}/{id}/deliveries"),
        others.put(f"{PATH}/{id}", json=body),
        others.delete(f"{PATH}/{id}"),
        *[others.post(f"{PATH}/{id}/{action}", json=body) for action in ("pause", "resume", "secret", "test")],
        api(bob, "read").post(PATH, json=WANTED),
    ]
    with database.reading() as db:
        kept = queries.get(db, int(id), account_id=client_id(client))

    assert [answer.status_code for answer in answers] == [404] * 8 + [403]
    assert kept.chosen() == ["mention", "follow"]


def client_id(client):
    return int(client.get("/api/v1/accounts/verify_credentials").json()["id"])
