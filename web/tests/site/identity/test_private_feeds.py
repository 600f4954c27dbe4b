"""Feeds of one's own timelines, read by a feed reader that has no cookie."""

import feedparser
import pytest
from sqlalchemy import select

from support.site_under_test import PASSWORD
from twite_common import clock
from twite_common.services.accounts import follows
from twite_common.services.identity import deactivation, grants
from twite_common.services.posts import bookmarks
from twite_common.services.timelines import lists
from twite_common.services.timelines.lists import ListChanges
from twite_common.tables import private_feed

PAGE = "/settings/feeds"
FORMATS = ("atom", "rss", "json")


@pytest.fixture
def follows_bob(database, ann, bob):
    with database.writing() as db:
        follows.follow_account(db, now=clock.now(), follower_id=ann.id, followee_id=bob.id)


@pytest.fixture
def made(as_ann):
    """Make a feed on the website and return its path, without the ending."""

    def made(what="home"):
        as_ann.open(PAGE)
        asked = as_ann.page.find("input", attrs={"name": "current_password"})
        as_ann.submit(PAGE, {"what": what} | ({"current_password": PASSWORD} if asked else {}))
        [atom, _rss, _json] = [code.text for code in as_ann.page.find_all("code")]
        return atom.removeprefix("http://twite.example").removesuffix("atom")

    return made


def test_making_one_takes_the_password(as_ann, database):
    as_ann.open(PAGE)
    refused = as_ann.submit(PAGE, {"what": "home", "current_password": "wrong"})
    with database.reading() as db:
        kept = db.scalars(select(private_feed.c.id)).all()

    assert (refused.status_code, kept) == (422, [])


def titles(stranger, path):
    """Return the titles of a feed's entries in each format, which are the same."""
    found = []
    for ending in FORMATS:
        answer = stranger.client.get(f"{path}{ending}")
        assert answer.status_code == 200
        if ending == "json":
            found.append([one["content_html"] for one in answer.json()["items"]])
        else:
            parsed = feedparser.parse(answer.content)
            assert not parsed.bozo
            found.append([one.title for one in parsed.entries])
    return found


def test_home_is_read_without_a_cookie_and_kept_by_its_reader_alone(follows_bob, made, make_post, bob, stranger):
    make_post(bob, "for followers", visibility="followers")
    path = made()
    atom, rss, contents = titles(stranger, path)
    answer = stranger.client.get(f"{path}atom")
    again = stranger.client.get(f"{path}atom", headers={"If-None-Match": answer.headers["etag"]})

    assert (atom, rss) == (["for followers"], ["for followers"])
    assert "for followers" in contents[0]
    assert (answer.headers["cache-control"], answer.headers["x-robots-tag"]) == ("private, max-age=60", "noindex")
    assert "set-cookie" not in answer.headers
    assert again.status_code == 304


def test_lists_bookmarks_and_notifications_are_feeds_too(follows_bob, made, make_post, ann, bob, stranger, database):
    post_id = make_post(bob, "@ann look at this")
    with database.writing() as db:
        bookmarks.bookmark_post(db, now=clock.now(), account_id=ann.id, post_id=post_id)
        list_id = lists.add(db, now=clock.now(), account_id=ann.id, changes=ListChanges(title="Birds"))
        lists.add_members(db, now=clock.now(), account_id=ann.id, list_id=list_id, member_ids=[bob.id])
    assert titles(stranger, made("bookmarks"))[0] == ["@ann look at this"]
    assert titles(stranger, made(f"list-{list_id}"))[1] == ["@ann look at this"]
    told, _, contents = titles(stranger, made("notifications"))

    assert told == ["bob mentioned you"]
    assert "look at this" in contents[0]


def test_what_its_owner_may_not_see_any_more_is_gone(follows_bob, made, make_post, ann, bob, stranger, database):
    make_post(bob, "for followers", visibility="followers")
    path = made()
    with database.writing() as db:
        follows.unfollow_account(db, follower_id=ann.id, followee_id=bob.id)

    assert titles(stranger, path)[0] == []


def test_a_revoked_one_shows_nothing_and_others_go_on(made, stranger, as_ann, as_bob, database):
    first, second = made(), made("bookmarks")
    with database.reading() as db:
        id = db.scalar(select(private_feed.c.id).where(private_feed.c.kind == "home"))
    as_bob.open("/settings")
    refused = as_bob.client.post(f"{PAGE}/{id}/remove", data={"form_token": as_bob.value("form_token")})
    as_ann.open(PAGE)
    as_ann.submit(f"{PAGE}/{id}/remove", {})

    assert refused.status_code == 404
    assert stranger.client.get(f"{first}atom").status_code == 404
    assert stranger.client.get(f"{second}atom").status_code == 200


def test_addresses_are_kept_as_hashes_and_end_with_all_access(made, stranger, database, ann):
    path = made()
    secret = path.split("/")[2]
    with database.reading() as db:
        kept = db.scalar(select(private_feed.c.secret_hash))
    with database.writing() as db:
        grants.revoke_all(db, now=clock.now(), account_id=ann.id)

    assert secret.encode() not in kept
    assert stranger.client.get(f"{path}json").status_code == 404


def test_those_of_a_deactivated_account_show_nothing(made, stranger, database, ann):
    path = made()
    with database.writing() as db:
        deactivation.deactivate(db, now=clock.now(), account_id=ann.id)

    assert stranger.client.get(f"{path}rss").status_code == 404


def test_the_api_tells_an_address_once(api, ann, stranger):
    client, path = api(ann), "/api/v1/private_feeds"
    refused = client.post(path, json={"kind": "home"})
    made = client.post(path, json={"kind": "home", "current_password": "correct horse battery"}).json()
    listed = client.get(path).json()
    read = stranger.client.get(made["url"].removeprefix("http://twite.example"))

    assert (refused.status_code, read.status_code) == (422, 200)
    assert (listed[0]["id"], listed[0]["url"]) == (made["id"], None)
    assert client.delete(f"{path}/{made['id']}").json() == {}
