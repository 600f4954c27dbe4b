"""Drafts kept on the server."""

import pytest

from support.pictures import picture

DRAFTS = "/api/v1/drafts"


def keep(client, *statuses, key=None, **more):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(DRAFTS, json={"statuses": list(statuses), **more}, headers=headers)


@pytest.fixture
def upload(as_ann):
    return lambda: as_ann.post("/api/v2/media", files={"file": ("a.png", picture())}).json()["id"]


def test_a_draft_is_kept_with_all_that_was_chosen(as_ann, as_bob, upload):
    media_id = upload()
    answered = as_bob.post("/api/v1/statuses", json={"status": "Hello"}).json()["id"]
    status = {
        "text": "Tea?",
        "spoiler_text": "Drinks",
        "visibility": "private",
        "sensitive": True,
        "language": "de",
        "in_reply_to_id": answered,
        "media_ids": [media_id],
        "poll": {"options": ["a", "b"], "expires_in": 600, "multiple": True, "hide_totals": False},
        "quoted_status_id": answered,
        "quote_approval_policy": "nobody",
        "reply_policy": "following",
        "expires_in": 3600,
        "expires_at": None,
        "allowed_mentions": [],
    }
    sent = {name: value for name, value in status.items() if name != "text"} | {"status": "Tea?"}
    made = keep(as_ann, sent, {"status": ""}, scheduled_at="2099-01-01T00:00:00Z").json()

    assert made["version"] == 1
    assert made["scheduled_at"] == "2099-01-01T00:00:00.000Z"
    (attachment,) = made["statuses"][0]["media_attachments"]
    assert attachment["id"] == media_id
    assert made["statuses"][0] == {**status, "media_attachments": [attachment]}
    assert [one["text"] for one in made["statuses"]] == ["Tea?", ""]
    assert as_ann.get(f"{DRAFTS}/{made['id']}").json() == made
    assert as_ann.get(DRAFTS).json() == [made]
    assert as_bob.get(DRAFTS).json() == []
    assert as_bob.get(f"{DRAFTS}/{made['id']}").status_code == 404


def test_drafts_are_listed_by_page(as_ann):
    first, second = (keep(as_ann, {"status": text}).json()["id"] for text in "12")
    page = as_ann.get(f"{DRAFTS}?limit=1")

    assert [one["id"] for one in page.json()] == [second]
    assert [one["id"] for one in as_ann.get(page.links["next"]["url"]).json()] == [first]


def test_a_draft_that_was_changed_elsewhere_is_not_overwritten(as_ann):
    id = keep(as_ann, {"status": "One"}).json()["id"]
    path = f"{DRAFTS}/{id}"
    changed = as_ann.put(path, json={"statuses": [{"status": "Two"}], "version": 1}).json()
    refused = as_ann.put(path, json={"statuses": [{"status": "Three"}], "version": 1})

    assert (changed["version"], changed["statuses"][0]["text"]) == (2, "Two")
    assert refused.status_code == 409
    assert as_ann.get(path).json() == changed
    assert as_ann.put(path, json={"statuses": [{"status": "Three"}]}).status_code == 422
    assert as_ann.put(f"{DRAFTS}/5", json={"statuses": [{"status": "Three"}], "version": 1}).status_code == 404


def test_a_draft_is_published_or_scheduled_or_deleted(as_ann):
    thread = keep(as_ann, {"status": "One"}, {"status": "Two"}).json()["id"]
    later = keep(as_ann, {"status": "Later"}, scheduled_at="2099-01-01T00:00:00Z").json()["id"]
    unwanted = keep(as_ann, {"status": ""}).json()["id"]
    assert as_ann.post(f"{DRAFTS}/{unwanted}/publish").status_code == 422
    first, second = as_ann.post(f"{DRAFTS}/{thread}/publish").json()

    assert (first["content"], second["in_reply_to_id"]) == ("<p>One</p>", first["id"])
    assert as_ann.post(f"{DRAFTS}/{later}/publish").json()["params"]["text"] == "Later"
    assert [one["id"] for one in as_ann.get(DRAFTS).json()] == [unwanted]
    assert as_ann.delete(f"{DRAFTS}/{unwanted}").json() == {}
    assert as_ann.delete(f"{DRAFTS}/{unwanted}").status_code == 404
    assert as_ann.get(DRAFTS).json() == []


def test_a_request_that_is_sent_twice_keeps_and_publishes_once(as_ann):
    first, second = (keep(as_ann, {"status": "One"}, key="k").json() for _ in range(2))
    assert first == second
    answers = [
        as_ann.post(f"{DRAFTS}/{first['id']}/publish", headers={"Idempotency-Key": "p"}).json() for _ in range(2)
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("scopes", "reading", "writing"),
    [("read:statuses", 200, 403), ("write:statuses", 403, 200), ("read:lists", 403, 403)],
)
def test_scopes_say_who_reads_and_writes_drafts(api, ann, scopes, reading, writing):
    client = api(ann, scopes=scopes)

    assert client.get(DRAFTS).status_code == reading
    assert keep(client, {"status": "One"}).status_code == writing


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
@pytest.mark.parametrize("name", ["expires_at", "scheduled_at"])
def test_a_time_that_no_calendar_has_is_refused(as_ann, name, time):
    status, more = ({"expires_at": time}, {}) if name == "expires_at" else ({}, {"scheduled_at": time})
    answer = keep(as_ann, {"status": "x", **status}, **more)

    assert (answer.status_code, answer.json()) == (422, {"error": "Date supplied is invalid"})


@pytest.mark.parametrize("version", [10**25, 2**63, -(10**25)])
def test_a_version_that_no_draft_can_have_is_not_the_present_one(as_ann, version):
    draft = keep(as_ann, {"status": "x"}).json()
    changes = {"statuses": [{"status": "y"}], "version": version}

    assert as_ann.put(f"{DRAFTS}/{draft['id']}", json=changes).status_code == 409
