"""What people are told, and how it becomes read."""

import pytest

from twite_common import clock
from twite_common.queries.accounts import credentials
from twite_common.queries.notifications import notifications
from twite_common.services.accounts import blocks, follows, profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.posts import boosts, favourites


@pytest.fixture
def unread(database, ann):
    def unread():
        with database.reading() as db:
            return notifications.count_unread(db, viewer_id=ann.id, now=clock.now())

    return unread


@pytest.fixture
def seen_at(database, ann):
    def seen_at():
        with database.reading() as db:
            return credentials.preferences_of(db, ann.id).notifications_seen_at

    return seen_at


def test_each_kind_is_told_with_whom_and_which_post(database, settings, ann, bob, cho, as_ann, make_post):
    post_id = make_post(ann, "A fine post")
    with database.writing() as db:
        follows.follow_account(db, now=clock.now(), follower_id=bob.id, followee_id=ann.id)
        favourites.favourite_post(db, now=clock.now(), account_id=bob.id, post_id=post_id)
        boosts.boost_post(db, settings, now=clock.now(), account_id=bob.id, post_id=post_id)
        follows.follow_account(
            db, now=clock.now(), follower_id=ann.id, followee_id=bob.id, options=follows.Options(notify=True)
        )
        follows.follow_account(
            db, now=clock.now(), follower_id=ann.id, followee_id=bob.id, options=follows.Options(notify=True)
        )
        profiles.change_profile(db, now=clock.now(), account_id=ann.id, changes=ProfileChanges(locked=True))
        follows.follow_account(db, now=clock.now(), follower_id=cho.id, followee_id=ann.id)
    make_post(bob, "@ann look")
    make_post(bob, "Breakfast")
    as_ann.open("/notifications")

    for sentence in (
        "followed you",
        "favourited your post",
        "boosted your post",
        "would like to follow you",
        "mentioned you",
        "posted",
    ):
        assert sentence in as_ann.text
    assert "A fine post" in as_ann.text
    assert "Breakfast" in as_ann.text
    assert as_ann.page.find("a", href="/follow-requests")


def test_looking_makes_them_read_and_is_remembered(as_ann, bob, make_post, unread, seen_at):
    make_post(bob, "@ann hello")
    before = unread(), seen_at()
    as_ann.open("/notifications")
    first = as_ann.page.select(".unread")
    as_ann.open("/notifications")

    assert before == (1, None)
    assert unread() == 0
    assert clock.now() - seen_at() < clock.MINUTE
    assert (len(first), len(as_ann.page.select(".unread"))) == (1, 0)


def test_a_part_of_the_page_makes_them_read_only_where_it_is_seen(as_ann, bob, make_post, unread):
    make_post(bob, "@ann hello")
    headers = {"Twite-Part": "1"}
    as_ann.client.get("/notifications", headers=headers)
    before = unread()
    page = as_ann.client.get("/notifications?seen=1", headers=headers).text

    assert (before, unread()) == (1, 0)
    assert "notification unread" in page


def test_looking_again_at_once_writes_nothing(database, as_ann, bob, make_post, seen_at):
    make_post(bob, "@ann hello")
    as_ann.open("/notifications")
    before = seen_at()
    as_ann.open("/notifications")

    assert seen_at() == before


def test_an_older_page_leaves_newer_ones_unread(as_ann, bob, make_post, unread):
    for n in range(25):
        make_post(bob, f"@ann number {n}")
    as_ann.open("/notifications")
    older = as_ann.page.find("a", rel="next")["href"]
    make_post(bob, "@ann another")
    as_ann.open(older)

    assert "number 4" in as_ann.text
    assert "number 5" not in as_ann.text
    assert unread() == 1


def test_whoever_is_blocked_is_not_told_of(database, ann, bob, as_ann, make_post):
    make_post(bob, "@ann hello")
    with database.writing() as db:
        blocks.block_account(db, now=clock.now(), account_id=ann.id, blocked_id=bob.id)
    as_ann.open("/notifications")

    assert "@bob" not in as_ann.text


def test_notifications_are_for_those_who_are_logged_in(stranger):
    stranger.open("/notifications")

    assert stranger.path == "/login"


@pytest.mark.parametrize("bound", ["max_id", "min_id"])
@pytest.mark.parametrize("value", ["x", "-1", "9" * 30, "1.5", "%00"])
@pytest.mark.parametrize(
    "path", ["/notifications", "/favourites", "/bookmarks", "/follow-requests", "/settings/blocks", "/settings/mutes"]
)
def test_bounds_that_are_no_ids_lead_nowhere(as_ann, path, bound, value):
    assert as_ann.open(f"{path}?{bound}={value}").status_code == 404


def test_the_same_by_several_people_is_one_line(database, settings, ann, make_account, make_post, as_ann):
    post_id = make_post(ann, "A fine post")
    for name in ("dot", "eve", "fay", "gus"):
        account = make_account(name)
        with database.writing() as db:
            favourites.favourite_post(db, now=clock.now(), account_id=account.id, post_id=post_id)
    as_ann.open("/notifications")
    lines = as_ann.page.select(".notification")

    assert len(lines) == 1
    assert "gus, fay and 2 others favourited your post" in " ".join(lines[0].select_one(".sentence").get_text().split())
    assert len(lines[0].select(".faces img")) == 4
    assert lines[0]["aria-label"] == "gus, fay and 2 others favourited your post"


def test_a_filter_shows_some_kinds_and_leaves_the_others_unread(database, ann, bob, make_post, as_ann, unread):
    post_id = make_post(ann, "A fine post")
    with database.writing() as db:
        favourites.favourite_post(db, now=clock.now(), account_id=bob.id, post_id=post_id)
    make_post(bob, "@ann hello")
    as_ann.open("/notifications?kind=mentions")

    assert "mentioned you" in as_ann.text
    assert "favourited" not in as_ann.text
    assert as_ann.page.select_one(".tabs [aria-current]").get_text() == "Mentions"
    assert unread() == 2


def test_a_group_is_dismissed_and_all_are_removed(database, ann, bob, make_post, as_ann):
    post_id = make_post(ann, "A fine post")
    with database.writing() as db:
        favourites.favourite_post(db, now=clock.now(), account_id=bob.id, post_id=post_id)
    make_post(bob, "@ann hello")
    as_ann.open("/notifications")
    as_ann.submit(as_ann.page.select(".notification form[data-removes]")[0]["action"])
    left = [line["aria-label"] for line in as_ann.page.select(".notification")]
    as_ann.open("/notifications/policy")
    as_ann.submit("/notifications/clear")

    assert left == ["bob favourited your post"]
    assert "Nothing yet" in as_ann.text


def test_older_groups_are_on_the_next_page(ann, bob, make_post, as_ann):
    for number in range(22):
        make_post(bob, f"@ann number {number}.")
    as_ann.open("/notifications")
    first = as_ann.text
    as_ann.open(as_ann.page.select_one("a[data-more]")["href"])

    assert "number 2." in first
    assert "number 1." not in first
    assert "number 1." in as_ann.text
    assert "number 2." not in as_ann.text
