"""Accounts through the API: reading them, one's own profile, and how one stands to others."""

import io
from typing import Any

import pytest
from PIL import Image

from twite_common.services.accounts import accounts

ACCOUNT_FIELDS = {
    *("id", "username", "acct", "url", "uri", "display_name", "note", "avatar", "avatar_static", "header"),
    *("header_static", "locked", "bot", "group", "discoverable", "indexable", "noindex", "hide_collections"),
    *("created_at", "last_status_at", "followers_count", "following_count", "statuses_count", "fields", "emojis"),
    "roles",
}
RELATIONSHIP_FIELDS = {
    *("id", "following", "showing_reblogs", "notifying", "languages", "followed_by", "blocking", "blocked_by"),
    *("muting", "muting_notifications", "muting_expires_at", "requested", "requested_by", "domain_blocking"),
    *("endorsed", "note"),
}


@pytest.fixture
def to_bob(as_ann, bob):
    """Do something to Bob, or ask how Ann stands to him."""

    def to_bob(action=None, **fields):
        if action is None:
            return as_ann.get("/api/v1/accounts/relationships", params={"id[]": str(bob.id)}).json()[0]
        return as_ann.post(f"/api/v1/accounts/{bob.id}/{action}", json=fields).json()

    return to_bob


def test_an_account_has_every_field_and_nothing_private(bob, stranger):
    shown = stranger.get(f"/api/v1/accounts/{bob.id}").json()

    assert shown.keys() >= ACCOUNT_FIELDS
    assert "mail.example" not in str(shown)
    assert stranger.get("/api/v1/accounts/lookup?acct=BOB").json() == shown
    assert stranger.get("/api/v1/accounts/lookup?acct=bob@twite.example").json() == shown
    assert stranger.get("/api/v1/accounts", params={"id[]": str(bob.id)}).json() == [shown]


@pytest.mark.parametrize("name", ["nobody", "bob@elsewhere.example", "", "%00", "a" * 5000])
def test_a_name_that_nobody_has_is_not_found(bob, stranger, name):
    assert stranger.get(f"/api/v1/accounts/lookup?acct={name}").status_code == 404


def test_following_and_unfollowing_change_both_sides(ann, bob, to_bob, stranger):
    followed = to_bob("follow")
    counted = stranger.get(f"/api/v1/accounts/{bob.id}").json()["followers_count"]
    followers = stranger.get(f"/api/v1/accounts/{bob.id}/followers").json()
    following = stranger.get(f"/api/v1/accounts/{ann.id}/following").json()
    unfollowed = to_bob("unfollow")

    assert followed.keys() >= RELATIONSHIP_FIELDS
    assert (followed["following"], unfollowed["following"], counted) == (True, False, 1)
    assert [one["username"] for one in followers] == ["ann"]
    assert [one["username"] for one in following] == ["bob"]


def test_how_one_follows_can_be_changed(to_bob):
    to_bob("follow")
    changed = to_bob("follow", reblogs=False, notify=True, languages=["de"])

    assert (changed["showing_reblogs"], changed["notifying"], changed["languages"]) == (False, True, ["de"])


@pytest.mark.parametrize("nothing", [[], [""], None])
def test_every_language_is_wanted_again_when_none_is_named(to_bob, nothing):
    to_bob("follow", languages=["de"])

    assert to_bob("follow", languages=nothing)["languages"] is None


@pytest.mark.parametrize(("answer", "follows"), [("authorize", True), ("reject", False)])
def test_a_locked_account_decides_who_follows(ann, as_bob, to_bob, answer, follows):
    as_bob.patch("/api/v1/accounts/update_credentials", json={"locked": True})
    asked = to_bob("follow")
    waiting = [one["username"] for one in as_bob.get("/api/v1/follow_requests").json()]
    as_bob.post(f"/api/v1/follow_requests/{ann.id}/{answer}")

    assert (asked["following"], asked["requested"], waiting) == (False, True, ["ann"])
    assert (to_bob()["following"], to_bob()["requested"]) == (follows, False)
    assert as_bob.get("/api/v1/follow_requests").json() == []


@pytest.mark.parametrize(("do", "undo", "state"), [("block", "unblock", "blocking"), ("mute", "unmute", "muting")])
def test_blocking_and_muting_are_listed_and_can_be_taken_back(as_ann, to_bob, do, undo, state):
    done = to_bob(do)
    listed = [one["username"] for one in as_ann.get(f"/api/v1/{do}s").json()]
    undone = to_bob(undo)

    assert (done[state], listed, undone[state]) == (True, ["bob"], False)
    assert as_ann.get(f"/api/v1/{do}s").json() == []


def test_a_mute_may_end_by_itself_and_leave_notifications(as_ann, to_bob):
    muted = to_bob("mute", duration=3600, notifications=False)

    assert muted["muting_notifications"] is False
    assert as_ann.get("/api/v1/mutes").json()[0]["mute_expires_at"] is not None


@pytest.mark.parametrize("action", ["follow", "block", "mute"])
def test_nobody_stands_to_themselves_in_any_way(as_ann, ann, action):
    assert as_ann.post(f"/api/v1/accounts/{ann.id}/{action}").status_code in {403, 422}


def test_familiar_followers_are_whom_one_follows(ann, bob, cho, api, as_ann, as_bob):
    as_ann.post(f"/api/v1/accounts/{bob.id}/follow")
    as_bob.post(f"/api/v1/accounts/{cho.id}/follow")
    [found] = as_ann.get("/api/v1/accounts/familiar_followers", params={"id[]": str(cho.id)}).json()

    assert (found["id"], [one["username"] for one in found["accounts"]]) == (str(cho.id), ["bob"])


ENCODINGS: dict[str, dict[str, Any]] = {
    "json": {"json": {"display_name": "Ann A.", "fields_attributes": [{"name": "Web", "value": "https://a.example"}]}},
    "form": {
        "data": {
            "display_name": "Ann A.",
            "fields_attributes[0][name]": "Web",
            "fields_attributes[0][value]": "https://a.example",
        }
    },
    "multipart": {
        "files": {
            "display_name": (None, "Ann A."),
            "fields_attributes[0][name]": (None, "Web"),
            "fields_attributes[0][value]": (None, "https://a.example"),
        }
    },
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_profile_can_be_changed_in_every_encoding(as_ann, encoding):
    changed = as_ann.patch("/api/v1/accounts/update_credentials", **ENCODINGS[encoding]).json()

    assert changed["display_name"] == "Ann A."
    assert [(one["name"], one["value"]) for one in changed["source"]["fields"]] == [("Web", "https://a.example")]
    assert as_ann.get("/api/v1/accounts/verify_credentials").json() == changed


def test_what_is_not_sent_stays_as_it_was(as_ann):
    as_ann.patch("/api/v1/accounts/update_credentials", json={"note": "Hello", "bot": True, "locked": True})
    changed = as_ann.patch("/api/v1/accounts/update_credentials", json={"display_name": "A"}).json()

    assert (changed["source"]["note"], changed["bot"], changed["locked"]) == ("Hello", True, True)


@pytest.mark.parametrize(
    "fields",
    [
        {"display_name": "x" * 1000},
        {"note": "x" * 10_000},
        {"fields_attributes": [{"name": "n", "value": "v"}] * 20},
        {"display_name": 5, "note": ["a"]},
        {"source": {"privacy": "everybody"}},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_a_profile_that_can_not_be_is_refused_and_stays(as_ann, fields):
    before = as_ann.get("/api/v1/accounts/verify_credentials").json()
    response = as_ann.patch("/api/v1/accounts/update_credentials", json=fields)

    assert response.status_code == 422
    assert as_ann.get("/api/v1/accounts/verify_credentials").json() == before


def test_what_is_wrong_with_a_profile_is_said_in_the_clients_words(as_ann):
    refused = as_ann.patch("/api/v1/accounts/update_credentials", json={"note": "x" * 10_000}).json()

    assert [one["error"] for one in refused["details"]["note"]] == ["ERR_TOO_LONG"]


@pytest.mark.parametrize(
    "written", ["bo", "@Bob", "bob@twite.example", "@bob@Twite.example", "http://twite.example/@bob"]
)
def test_people_are_found_however_their_names_are_written(bob, as_ann, written):
    for path in ("/api/v1/accounts/search", "/api/v2/search"):
        found = as_ann.get(path, params={"q": written, "resolve": "true"}).json()
        assert [one["id"] for one in (found if isinstance(found, list) else found["accounts"])] == [str(bob.id)]


def test_a_picture_is_made_anew_without_what_the_camera_knew(as_ann, client):
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    picture = io.BytesIO()
    Image.new("RGB", (900, 700), "teal").save(picture, "JPEG", exif=exif)
    changed = as_ann.patch(
        "/api/v1/accounts/update_credentials", files={"avatar": ("me.jpg", picture.getvalue(), "image/jpeg")}
    ).json()
    served = as_ann.get(changed["avatar"])
    shown = Image.open(io.BytesIO(served.content))
    removed = as_ann.delete("/api/v1/profile/avatar").json()

    assert served.status_code == 200
    assert b"where I live" not in served.content
    assert max(shown.size) <= 400
    assert removed["avatar"] != changed["avatar"]


@pytest.mark.parametrize("content", [b"no picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a"])
def test_what_is_no_picture_is_refused(as_ann, content):
    before = as_ann.get("/api/v1/accounts/verify_credentials").json()
    response = as_ann.patch("/api/v1/accounts/update_credentials", files={"avatar": ("x.png", content, "image/png")})

    assert response.status_code == 422
    assert as_ann.get("/api/v1/accounts/verify_credentials").json() == before


def test_preferences_are_those_of_the_account(as_ann):
    as_ann.patch("/api/v1/accounts/update_credentials", json={"source": {"privacy": "unlisted", "language": "de"}})
    preferences = as_ann.get("/api/v1/preferences").json()

    assert preferences["posting:default:visibility"] == "unlisted"
    assert preferences["posting:default:language"] == "de"
    assert {"posting:default:sensitive", "reading:expand:media", "reading:expand:spoilers"} <= preferences.keys()


def test_a_hidden_list_of_followers_is_empty_for_others(ann, bob, to_bob, as_bob, stranger):
    to_bob("follow")
    as_bob.patch("/api/v1/accounts/update_credentials", json={"hide_collections": True})

    assert stranger.get(f"/api/v1/accounts/{bob.id}/followers").json() == []
    assert len(as_bob.get(f"/api/v1/accounts/{bob.id}/followers").json()) == 1


def test_relationships_to_suspended_accounts_are_told_only_where_they_are_asked_for(as_ann, bob, cho, database):
    with database.writing() as db:
        accounts.suspend(db, now=1, account_id=bob.id)
    ids = {"id[]": [str(bob.id), str(cho.id)]}
    shown = as_ann.get("/api/v1/accounts/relationships", params=ids).json()
    every = as_ann.get("/api/v1/accounts/relationships", params={**ids, "with_suspended": "true"}).json()

    assert [one["id"] for one in shown] == [str(cho.id)]
    assert [one["id"] for one in every] == [str(bob.id), str(cho.id)]
