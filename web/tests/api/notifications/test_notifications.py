"""Notifications through the API."""

from decimal import Decimal

import pytest


@pytest.fixture
def told(ann, bob, cho, make_post, api):
    """Ann has been mentioned and followed by Bob, and her post was favourited and boosted by Cho."""
    post_id = make_post(ann)
    make_post(bob, "Hello @ann")
    api(bob).post(f"/api/v1/accounts/{ann.id}/follow")
    as_cho = api(cho)
    as_cho.post(f"/api/v1/statuses/{post_id}/favourite")
    as_cho.post(f"/api/v1/statuses/{post_id}/reblog")


@pytest.fixture
def types(as_ann):
    return lambda **parameters: [one["type"] for one in as_ann.get("/api/v1/notifications", params=parameters).json()]


@pytest.mark.usefixtures("told")
def test_each_kind_is_listed_the_latest_first(as_ann, types):
    assert types() == ["reblog", "favourite", "follow", "mention"]
    [mention] = as_ann.get("/api/v1/notifications", params={"types[]": "mention"}).json()
    assert (mention["account"]["username"], mention["status"]["content"][:8]) == ("bob", "<p>Hello")


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("parameters", "left"),
    [
        ({"types[]": ["follow", "mention"]}, ["follow", "mention"]),
        ({"exclude_types[]": ["follow", "mention"]}, ["reblog", "favourite"]),
        ({"types[]": "poll"}, []),
        ({"limit": "1"}, ["reblog"]),
    ],
)
def test_kinds_can_be_chosen(types, parameters, left):
    assert types(**parameters) == left


@pytest.mark.usefixtures("told")
def test_groups_name_accounts_and_posts_once(as_ann):
    found = as_ann.get("/api/v2/notifications").json()

    assert [one["type"] for one in found["notification_groups"]] == ["reblog", "favourite", "follow", "mention"]
    assert {one["username"] for one in found["accounts"]} == {"bob", "cho"}
    assert len(found["statuses"]) == 2
    latest = [one["most_recent_notification_id"] for one in found["notification_groups"]]
    assert [str(id) for id in latest] == [one["page_max_id"] for one in found["notification_groups"]]
    assert [int(float(id)) for id in latest] == latest
    for group in found["notification_groups"]:
        assert as_ann.get(f"/api/v2/notifications/{group['group_key']}").status_code == 200
        assert len(as_ann.get(f"/api/v2/notifications/{group['group_key']}/accounts").json()) == 1


@pytest.mark.usefixtures("told")
def test_who_did_something_is_shown_as_they_are_now(as_ann, api, cho):
    shown = []
    for name in ("Cho", "Cho at sea"):
        api(cho).patch("/api/v1/accounts/update_credentials", json={"display_name": name})
        shown.append(as_ann.get("/api/v1/notifications").json()[0]["account"]["display_name"])
        grouped = as_ann.get("/api/v2/notifications").json()
        shown += [account["display_name"] for account in grouped["accounts"] if account["username"] == "cho"]

    assert shown == ["Cho", "Cho", "Cho at sea", "Cho at sea"]


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_what_was_read_is_not_counted(as_ann, version):
    listed = as_ann.get("/api/v1/notifications").json()
    before = as_ann.get(f"/api/{version}/notifications/unread_count").json()
    as_ann.post("/api/v1/markers", json={"notifications": {"last_read_id": listed[1]["id"]}})

    assert (before, as_ann.get(f"/api/{version}/notifications/unread_count").json()) == ({"count": 4}, {"count": 1})


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_one_can_be_dismissed_and_all_cleared(as_ann, types, version):
    first = as_ann.get("/api/v1/notifications").json()[0]
    name = first["id" if version == "v1" else "group_key"]
    as_ann.post(f"/api/{version}/notifications/{name}/dismiss")
    after = types()
    as_ann.post(f"/api/{version}/notifications/clear")

    assert (after, types()) == (["favourite", "follow", "mention"], [])


def as_javascript_writes(id):
    """Return an id that a program in JavaScript took for a number: it writes 17 digits of it at most."""
    return int(Decimal(repr(float(id))))


@pytest.mark.usefixtures("told")
def test_one_whose_id_was_taken_for_a_number_is_found(as_ann):
    listed = as_ann.get("/api/v1/notifications").json()
    written = [as_javascript_writes(one["id"]) for one in listed]
    found = [as_ann.get(f"/api/v1/notifications/{id}").json() for id in written]
    as_ann.post("/api/v1/markers", json={"notifications": {"last_read_id": str(written[0])}})
    unread = as_ann.get("/api/v1/notifications/unread_count").json()
    for id in written:
        as_ann.post(f"/api/v1/notifications/{id}/dismiss")

    assert found == listed
    assert unread == {"count": 0}
    assert as_ann.get("/api/v1/notifications").json() == []


@pytest.mark.usefixtures("told")
def test_they_are_nobody_elses(as_ann, as_bob):
    first = as_ann.get("/api/v1/notifications").json()[0]

    assert as_bob.get(f"/api/v1/notifications/{first['id']}").status_code == 404
    as_bob.post(f"/api/v1/notifications/{first['id']}/dismiss")
    assert as_ann.get(f"/api/v1/notifications/{first['id']}").json() == first
