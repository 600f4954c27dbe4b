"""Which notifications one lets through, notifications in groups, and conversations."""

import pytest

from twite_common import outbox


@pytest.fixture
def kinds(as_ann):
    return lambda **query: [one["type"] for one in as_ann.get("/api/v1/notifications", params=query).json()]


def test_private_mentions_by_strangers_are_kept_aside_until_they_are_accepted(make_post, as_ann, bob, kinds):
    make_post(bob, "@ann psst", visibility="mentioned")

    assert (kinds(), kinds(include_filtered=True)) == ([], ["mention"])
    (request,) = as_ann.get("/api/v1/notifications/requests").json()
    assert (request["account"]["username"], request["notifications_count"]) == ("bob", "1")
    assert "psst" in request["last_status"]["content"]
    policy = as_ann.get("/api/v2/notifications/policy").json()
    assert policy["summary"] == {"pending_requests_count": 1, "pending_notifications_count": 1}
    assert as_ann.post(f"/api/v1/notifications/requests/{request['id']}/accept").status_code == 200
    assert kinds() == ["mention"]
    make_post(bob, "@ann again", visibility="mentioned")
    assert kinds() == ["mention", "mention"]
    assert as_ann.get("/api/v1/notifications/requests").json() == []


def test_an_answer_to_ones_own_private_post_is_not_kept_aside(make_post, ann, bob, kinds):
    asked = make_post(ann, "@bob psst?", visibility="mentioned")
    make_post(bob, "@ann psst!", visibility="mentioned", in_reply_to_id=asked)

    assert kinds() == ["mention"]


def test_what_is_kept_aside_is_not_mailed(make_post, ann, bob, database):
    make_post(bob, "@ann psst", visibility="mentioned")

    with database.reading() as db:
        assert [one.kind for one in outbox.pending(db)] == []


@pytest.mark.parametrize(("choice", "seen", "waiting"), [("accept", 1, 0), ("filter", 0, 1), ("drop", 0, 0)])
@pytest.mark.parametrize("rule", ["for_not_following", "for_not_followers", "for_new_accounts"])
def test_a_policy_decides_about_strangers(make_post, as_ann, bob, kinds, rule, choice, seen, waiting):
    changed = as_ann.patch("/api/v2/notifications/policy", json={rule: choice}).json()
    make_post(bob, "@ann hello")

    assert changed[rule] == choice
    assert len(kinds()) == seen
    assert len(as_ann.get("/api/v1/notifications/requests").json()) == waiting


def test_a_policy_does_not_keep_aside_whom_one_follows(make_post, as_ann, bob, kinds):
    as_ann.put("/api/v2/notifications/policy", json={"for_not_following": "drop"})
    as_ann.post(f"/api/v1/accounts/{bob.id}/follow")
    make_post(bob, "@ann hello")

    assert kinds() == ["mention"]


def test_bots_can_be_kept_aside(make_post, as_ann, as_bob, bob, kinds):
    as_bob.patch("/api/v1/accounts/update_credentials", json={"bot": True})
    as_ann.put("/api/v2/notifications/policy", json={"for_bots": "filter"})
    make_post(bob, "@ann hello")

    assert kinds() == []


def test_the_first_version_of_the_policy_is_yes_or_no(as_ann):
    changed = as_ann.put("/api/v1/notifications/policy", json={"filter_not_following": True}).json()

    assert changed["filter_not_following"] is True
    assert as_ann.get("/api/v2/notifications/policy").json()["for_not_following"] == "filter"
    assert as_ann.put("/api/v2/notifications/policy", json={"for_bots": "explode"}).status_code == 422


def test_a_dismissed_request_is_hidden_and_others_requests_are_not_seen(make_post, as_ann, as_cho, bob):
    make_post(bob, "@ann psst", visibility="mentioned")
    (request,) = as_ann.get("/api/v1/notifications/requests").json()
    path = f"/api/v1/notifications/requests/{request['id']}"

    assert [as_cho.get(path).status_code, as_cho.post(f"{path}/accept").status_code] == [404, 404]
    assert as_ann.post("/api/v1/notifications/requests/dismiss", json={"id": [request["id"]]}).status_code == 200
    assert as_ann.get("/api/v1/notifications/requests").json() == []


def test_what_was_done_to_one_post_is_one_group(make_post, as_ann, as_bob, as_cho, ann, bob, cho):
    post_id = make_post(ann, "hello")
    for client in (as_bob, as_cho):
        client.post(f"/api/v1/statuses/{post_id}/favourite")
        client.post(f"/api/v1/accounts/{ann.id}/follow")
    make_post(bob, "@ann one")
    found = as_ann.get("/api/v2/notifications").json()

    shown = [(one["type"], one["notifications_count"]) for one in found["notification_groups"]]
    assert shown == [("mention", 1), ("follow", 2), ("favourite", 2)]
    favourites = found["notification_groups"][2]
    assert favourites["sample_account_ids"] == [str(cho.id), str(bob.id)]
    assert favourites["status_id"] == str(post_id)
    path = f"/api/v2/notifications/{favourites['group_key']}"
    assert [one["username"] for one in as_ann.get(f"{path}/accounts").json()] == ["cho", "bob"]
    assert as_ann.get("/api/v2/notifications/unread_count").json() == {"count": 3}
    assert as_ann.post(f"{path}/dismiss").status_code == 200
    assert as_ann.get(path).status_code == 404
    assert as_ann.get("/api/v1/notifications/unread_count").json() == {"count": 3}


def test_types_that_a_client_cannot_group_stand_alone(make_post, as_ann, as_bob, as_cho, ann):
    post_id = make_post(ann, "hello")
    for client in (as_bob, as_cho):
        client.post(f"/api/v1/statuses/{post_id}/favourite")
    found = as_ann.get("/api/v2/notifications?grouped_types[]=follow").json()["notification_groups"]

    assert [one["notifications_count"] for one in found] == [1, 1]


def test_pages_of_groups_reach_everything_once(make_post, as_ann, as_bob, as_cho, ann):
    posts = [make_post(ann, f"{number}") for number in range(3)]
    for client in (as_bob, as_cho):
        for post_id in posts:
            client.post(f"/api/v1/statuses/{post_id}/favourite")
    seen, path = [], "/api/v2/notifications?limit=2"
    while path:
        answer = as_ann.get(path)
        seen += [one["notifications_count"] for one in answer.json()["notification_groups"]]
        path = answer.links.get("next", {}).get("url", "").removeprefix("http://twite.example")

    assert sum(seen) == 6


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_full_page_of_groups_has_a_next_one(make_post, as_ann, as_bob, ann, number):
    for n in range(number):
        as_bob.post(f"/api/v1/statuses/{make_post(ann, f'{n}')}/favourite")
    first = as_ann.get("/api/v2/notifications?limit=2")

    assert ("next" in first.links) == (len(first.json()["notification_groups"]) == 2)
    assert "prev" in first.links


def test_pages_of_groups_reach_everything_backwards_too(make_post, as_ann, as_bob, ann):
    for n in range(5):
        as_bob.post(f"/api/v1/statuses/{make_post(ann, f'{n}')}/favourite")
    keys = [one["group_key"] for one in as_ann.get("/api/v2/notifications").json()["notification_groups"]]
    seen, path = [], "/api/v2/notifications?limit=2&min_id=1"
    while path:
        answer = as_ann.get(path)
        seen = [one["group_key"] for one in answer.json()["notification_groups"]] + seen
        path = answer.links.get("prev", {}).get("url", "").removeprefix("http://twite.example")

    assert seen == keys


def test_accounts_may_be_told_in_part(make_post, as_ann, as_bob, as_cho, ann):
    post_id = make_post(ann, "hello")
    for client in (as_bob, as_cho):
        client.post(f"/api/v1/statuses/{post_id}/favourite")
    found = as_ann.get("/api/v2/notifications?expand_accounts=partial_avatars").json()

    assert [one["username"] for one in found["accounts"]] == ["cho"]
    assert [one["acct"] for one in found["partial_accounts"]] == ["bob"]


def test_several_notifications_are_removed_at_once(make_post, as_ann, bob, kinds):
    for _ in range(3):
        make_post(bob, "@ann hello")
    listed = [one["id"] for one in as_ann.get("/api/v1/notifications").json()]
    query = "&".join(f"ids[]={id}" for id in listed[:2])

    assert as_ann.delete(f"/api/v1/notifications/destroy_multiple?{query}").status_code == 200
    assert kinds() == ["mention"]


def test_a_muted_conversation_tells_nothing_more(make_post, as_ann, ann, bob, kinds):
    first = make_post(ann, "hello")
    muted = as_ann.post(f"/api/v1/statuses/{first}/mute").json()
    reply = make_post(bob, "@ann hi", in_reply_to_id=first)

    assert muted["muted"] is True
    assert kinds() == []
    assert as_ann.get(f"/api/v1/statuses/{reply}").json()["muted"] is True
    assert as_ann.post(f"/api/v1/statuses/{first}/unmute").json()["muted"] is False
    make_post(bob, "@ann hi again", in_reply_to_id=first)
    assert kinds() == ["mention"]


def test_boosters_and_quoters_hear_of_an_edit(make_post, as_ann, as_bob, bob, kinds):
    post_id = make_post(bob, "hello")
    as_ann.post(f"/api/v1/statuses/{post_id}/reblog")
    as_ann.post("/api/v1/statuses", json={"status": "look", "quoted_status_id": str(post_id)})
    as_bob.put(f"/api/v1/statuses/{post_id}", json={"status": "hello again"})

    assert sorted(kinds()) == ["quoted_update", "update"]


@pytest.fixture
def conversations(as_ann):
    return lambda client=as_ann: client.get("/api/v1/conversations").json()


def test_a_conversation_is_listed_for_all_who_are_in_it(make_post, as_ann, as_bob, as_cho, ann, bob, conversations):
    first = make_post(ann, "@bob psst", visibility="mentioned")
    second = make_post(bob, "@ann yes?", visibility="mentioned", in_reply_to_id=first)

    (mine,), (his,) = conversations(), conversations(as_bob)
    assert (mine["unread"], his["unread"]) == (True, False)
    assert [one["username"] for one in mine["accounts"]] == ["bob"]
    assert mine["last_status"]["id"] == str(second)
    assert conversations(as_cho) == []
    direct = as_ann.get("/api/v1/timelines/direct").json()
    assert [one["id"] for one in direct] == [str(second), str(first)]


def test_a_note_to_oneself_is_a_conversation_with_oneself(make_post, ann, conversations):
    make_post(ann, "remember", visibility="mentioned")
    (one,) = conversations()

    assert (one["unread"], [person["username"] for person in one["accounts"]]) == (False, ["ann"])


def test_a_conversation_can_be_read_read_again_and_removed(make_post, as_ann, as_bob, bob, conversations):
    make_post(bob, "@ann psst", visibility="mentioned")
    (one,) = conversations()
    path = f"/api/v1/conversations/{one['id']}"

    assert as_ann.post(f"{path}/read").json()["unread"] is False
    assert as_ann.post(f"{path}/unread").json()["unread"] is True
    assert as_bob.post(f"{path}/read").status_code == 404
    assert as_ann.delete(path).status_code == 200
    assert conversations() == []


def test_a_conversation_ends_with_the_post_before_a_deleted_one(make_post, as_bob, ann, bob, conversations):
    first = make_post(ann, "@bob psst", visibility="mentioned")
    second = make_post(bob, "@ann yes?", visibility="mentioned", in_reply_to_id=first)
    as_bob.delete(f"/api/v1/statuses/{second}")

    assert [one["last_status"]["id"] for one in conversations()] == [str(first)]
