"""Announcements in the API: who sees them, and reactions."""

import pytest
from sqlalchemy import insert

from twite_common import clock
from twite_common.queries import viewers
from twite_common.services.accounts import accounts
from twite_common.services.moderation import announcements
from twite_common.tables import emoji

PATH = "/api/v1/announcements"


@pytest.fixture
def announce(database, bob):
    """Have Bob, as an administrator, announce something."""

    def announce(words, **options):
        with database.writing() as db:
            accounts.set_role(db, account_id=bob.id, role="admin")
            viewer = viewers.by_account(db, bob.id)
            return announcements.announce(db, now=clock.now(), viewer=viewer, words=words, **options)

    return announce


def test_an_announcement_is_shown_until_it_is_put_away(announce, as_ann, as_bob):
    id = announce("<b>Hello</b> #birds")
    shown = as_ann.get(PATH).json()
    as_ann.post(f"{PATH}/{id}/dismiss")

    assert [one["id"] for one in shown] == [str(id)]
    assert "&lt;b&gt;Hello" in shown[0]["content"]
    assert [tag["name"] for tag in shown[0]["tags"]] == ["birds"]
    assert as_ann.get(PATH).json() == []
    assert [one["read"] for one in as_ann.get(f"{PATH}?with_dismissed=true").json()] == [True]
    assert len(as_bob.get(PATH).json()) == 1


def test_an_announcement_waits_until_it_starts(database, announce, as_ann):
    starts_at = clock.now() + clock.HOUR
    id = announce("Later", starts_at=starts_at)
    before = as_ann.get(PATH).json(), as_ann.post(f"{PATH}/{id}/dismiss").status_code
    with database.writing() as db:
        announcements.publish_due(db, now=starts_at)

    assert before == ([], 404)
    assert [one["id"] for one in as_ann.get(PATH).json()] == [str(id)]


def test_reactions_are_counted_and_taken_back(database, announce, as_ann, as_bob):
    id = announce("Hello")
    with database.writing() as db:
        db.execute(insert(emoji).values(id=1, shortcode="wren", picture="ab/x.webp", still_picture="ab/y.webp"))
    for client, name in ((as_bob, "🐦"), (as_ann, "🐦"), (as_ann, "wren"), (as_ann, "👩🏽‍🚀"), (as_ann, "🐦")):
        assert client.put(f"{PATH}/{id}/reactions/{name}").json() == {}
    as_ann.delete(f"{PATH}/{id}/reactions/👩🏽‍🚀")
    bird, wren = as_bob.get(PATH).json()[0]["reactions"]

    assert bird == {"name": "🐦", "count": 2, "me": True}
    assert (wren["name"], wren["me"], wren["url"][-9:]) == ("wren", False, "ab/x.webp")


@pytest.mark.parametrize("name", ["x", "5", "🐦🐦", "robin", "🐦x"])
def test_what_is_no_emoji_is_refused(announce, as_ann, name):
    assert as_ann.put(f"{PATH}/{announce('Hello')}/reactions/{name}").status_code == 422


def test_there_are_no_more_than_eight_different_reactions(announce, as_ann, as_bob):
    id = announce("Hello")
    statuses = [as_ann.put(f"{PATH}/{id}/reactions/{name}").status_code for name in "🐀🐁🐂🐃🐄🐅🐆🐇🐈"]

    assert statuses == [200] * 8 + [422]
    assert as_bob.put(f"{PATH}/{id}/reactions/🐀").status_code == 200


def test_accounts_and_public_posts_that_it_names_are_listed(announce, as_bob, ann, bob, cho, make_post, api):
    base = "http://twite.example/@ann"
    ids = [make_post(ann, visibility=visibility) for visibility in ("public", "followers", "mentioned")]
    links = " ".join(f"{base}/{id}" for id in [*ids, ids[0], 17])
    announce(f"Ask @CHO, @bob@twite.example or @nobody. See {links} and https://other.example/@ann/{ids[0]}.")
    (shown,) = api(cho).get(PATH).json()

    assert [(one["acct"], one["id"]) for one in shown["mentions"]] == [("cho", str(cho.id)), ("bob", str(bob.id))]
    assert shown["mentions"][0]["url"] == "http://twite.example/@cho"
    assert shown["statuses"] == [{"id": str(ids[0]), "url": f"{base}/{ids[0]}"}]
    assert '<a href="http://twite.example/@cho" class="u-url mention">' in shown["content"]
