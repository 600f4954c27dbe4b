"""What the site says about itself, and what it finds."""

from datetime import date

import pytest

from twite_common import clock
from twite_common.services.operations import statistics

DAY_FIELDS = ["date", "active_accounts", "new_accounts", "posts", "replies", "boosts", "favourites", "follows", "mails"]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_instance_describes_itself(stranger, version):
    described = stranger.get(f"/api/{version}/instance").json()
    limits = described["configuration"]["statuses"]

    assert described["title"] == "Twite"
    assert (limits["max_characters"], limits["characters_reserved_per_url"]) == (500, 23)
    assert described["uri" if version == "v1" else "domain"] == "twite.example"


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_instance_says_which_files_it_takes(stranger, version):
    limits = stranger.get(f"/api/{version}/instance").json()["configuration"]["media_attachments"]
    taken = [one for one in limits["supported_mime_types"] if one.startswith("image/")]

    assert sorted(one.removeprefix("image/") for one in taken) == ["avif", "gif", "heic", "heif", "jpeg", "png", "webp"]
    assert (limits["image_size_limit"], limits["image_matrix_limit"]) == (16 * 1024 * 1024, 100_000_000)


def test_an_instance_says_which_timelines_strangers_may_read(stranger):
    access = stranger.get("/api/v2/instance").json()["configuration"]["timelines_access"]

    assert set(access) == {"live_feeds", "hashtag_feeds", "trending_link_feeds"}
    assert all(one == {"local": "public", "remote": "disabled"} for one in access.values())


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/custom_emojis",
        "/api/v1/instance/peers",
        "/api/v1/instance/rules",
        "/api/v1/instance/domain_blocks",
        "/api/v1/trends/tags",
        "/api/v1/trends/statuses",
    ],
)
def test_what_there_is_none_of_is_an_empty_list(stranger, path):
    assert stranger.get(path).json() == []


def test_a_marker_keeps_how_far_one_has_read(as_ann):
    as_ann.post("/api/v1/markers", json={"home": {"last_read_id": "100"}})
    moved = as_ann.post("/api/v1/markers", data={"home[last_read_id]": "200"}).json()
    read = as_ann.get("/api/v1/markers", params={"timeline[]": ["home", "notifications"]}).json()

    assert (moved["home"]["last_read_id"], read["home"]["last_read_id"]) == ("200", "200")
    assert read["home"]["version"] > 0


def test_search_finds_people_hashtags_and_a_post_by_its_address(ann, make_post, as_ann, stranger):
    post_id = make_post(ann, "about #annelids")
    found = stranger.get("/api/v2/search?q=ann").json()
    by_address = as_ann.get(f"/api/v2/search?q=http://twite.example/@ann/{post_id}&resolve=true").json()

    assert [one["username"] for one in found["accounts"]] == ["ann"]
    assert [one["name"] for one in found["hashtags"]] == ["annelids"]
    assert [one["id"] for one in by_address["statuses"]] == [str(post_id)]
    assert stranger.get("/api/v2/search?q=ann&type=hashtags").json()["accounts"] == []


def test_search_shows_no_post_that_the_searcher_may_not_see(ann, make_post, as_bob):
    post_id = make_post(ann, "quiet", visibility="followers")

    assert as_bob.get(f"/api/v2/search?q=http://twite.example/@ann/{post_id}&resolve=true").json()["statuses"] == []


def test_daily_statistics_are_the_newest_first_with_today_so_far(database, ann, make_post, stranger):
    post_id = make_post(ann)
    make_post(ann, "and", in_reply_to_id=post_id)
    today = clock.as_date(clock.now())
    with database.writing() as db:
        statistics.compute(db, today, now=clock.now())
    days = stranger.get("/api/v1/statistics/daily").json()

    assert list(days[0]) == DAY_FIELDS
    assert [day["date"] for day in days] == sorted((day["date"] for day in days), reverse=True)
    assert (days[0]["date"], days[0]["posts"], days[0]["replies"]) == (today.isoformat(), 2, 1)
    assert date.fromisoformat(days[-1]["date"]) <= today


@pytest.mark.parametrize(
    "parameters", ["from=yesterday", "to=2026-13-01", "from=2026-11-02&to=2026-11-01", "from=0001-01-01", "from=%00"]
)
def test_days_that_can_not_be_are_refused_in_words(stranger, parameters):
    response = stranger.get(f"/api/v1/statistics/daily?{parameters}")

    assert response.status_code == 422
    assert response.json()["error"]


def test_other_servers_find_an_account(ann, stranger):
    found = stranger.get("/.well-known/webfinger?resource=acct:ann@twite.example").json()

    assert found["subject"] == "acct:ann@twite.example"
    assert stranger.get("/.well-known/webfinger?resource=acct:nobody@twite.example").status_code == 404
    assert stranger.get("/.well-known/webfinger?resource=ann").status_code == 422
    assert stranger.get("/.well-known/nodeinfo").json()["links"][0]["href"] == "http://twite.example/nodeinfo/2.0"
    assert stranger.get("/nodeinfo/2.0").json()["usage"]["users"]["total"] == 1
    assert "webfinger" in stranger.get("/.well-known/host-meta").text
