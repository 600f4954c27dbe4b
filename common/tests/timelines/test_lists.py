import pytest

from support.moment import NOW
from twite_common.errors import Invalid, NotFound
from twite_common.queries.paging import Page
from twite_common.queries.timelines import lists as queries
from twite_common.queries.timelines import timelines
from twite_common.services.accounts import follows, profiles
from twite_common.services.timelines import lists
from twite_common.services.timelines.lists import ListChanges


@pytest.fixture
def add(db, ann):
    def add(title="Friends", *, by=ann, **changes):
        return lists.add(db, now=NOW, account_id=by.id, changes=ListChanges(title=title, **changes))

    return add


@pytest.fixture
def follow(db, ann):
    def follow(*people):
        for one in people:
            follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=one.id)

    return follow


@pytest.fixture
def put(db, ann):
    """Put people on a list of Ann's."""

    def put(list_id, *people, by=ann):
        ids = [one.id for one in people]
        lists.add_members(db, now=NOW, account_id=by.id, list_id=list_id, member_ids=ids)

    return put


@pytest.fixture
def shown(db, ann):
    """Return the posts of Ann's list."""

    def shown(list_id):
        entries = timelines.of_list(db, list_id, Page(), viewer_id=ann.id, now=NOW)
        return [entry.post_id for entry in entries]

    return shown


@pytest.fixture
def at_home(db, ann):
    def at_home():
        return [entry.post_id for entry in timelines.home(db, Page(), viewer_id=ann.id, now=NOW)]

    return at_home


@pytest.fixture
def members(db):
    return lambda list_id: {one.account_id for one in queries.members(db, list_id, Page())}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": " "}, "blank"),
        ({"title": "x" * (lists.MAX_TITLE_LENGTH + 1)}, "too long"),
        ({"replies_policy": "some"}, "followed, list or none"),
    ],
)
def test_a_list_that_cannot_be_is_refused(db, add, ann, changes, message):
    with pytest.raises(Invalid, match=message):
        add(**changes)
    id = add()
    with pytest.raises(Invalid, match=message):
        lists.change(db, account_id=ann.id, list_id=id, changes=ListChanges(**changes))
    assert [one.title for one in queries.of_account(db, ann.id)] == ["Friends"]


def test_an_account_has_fifty_lists(add, bob):
    for _ in range(50):
        add()

    with pytest.raises(Invalid, match="maximum of 50"):
        add()
    add(by=bob)


def test_a_list_shows_what_its_members_posted_before_and_after(add, follow, put, shown, bob, cho, make_post):
    follow(bob, cho)
    before = make_post(bob)
    list_id = add()
    put(list_id, bob)
    after = make_post(bob)
    make_post(cho)

    assert shown(list_id) == [after, before]


def test_only_who_is_followed_or_asked_or_oneself_goes_on_a_list(db, add, follow, put, members, ann, bob, cho):
    profiles.change_profile(db, now=NOW, account_id=bob.id, changes=profiles.ProfileChanges(locked=True))
    follow(bob)
    list_id = add()
    put(list_id, ann, bob)

    with pytest.raises(NotFound, match="people you follow"):
        put(list_id, cho)
    assert members(list_id) == {ann.id, bob.id}


def test_who_is_on_a_list_is_not_put_on_it_again(add, follow, put, members, bob, cho):
    follow(bob, cho)
    list_id = add()
    put(list_id, bob, bob)

    with pytest.raises(Invalid, match="already been taken"):
        put(list_id, cho, bob)
    assert members(list_id) == {bob.id}


def test_who_is_taken_off_a_list_takes_their_posts_along(db, add, follow, put, shown, ann, bob, cho, make_post):
    follow(bob, cho)
    list_id = add()
    put(list_id, bob, cho)
    make_post(bob)
    kept = make_post(cho)
    lists.remove_members(db, account_id=ann.id, list_id=list_id, member_ids=[bob.id, ann.id])

    assert shown(list_id) == [kept]


def test_who_is_no_longer_followed_is_on_no_list(db, add, follow, put, members, shown, ann, bob, make_post):
    follow(bob)
    list_ids = [add(), add("Family")]
    for list_id in list_ids:
        put(list_id, bob)
    make_post(bob)
    follows.unfollow_account(db, follower_id=ann.id, followee_id=bob.id)

    assert [(members(list_id), shown(list_id)) for list_id in list_ids] == [(set(), [])] * 2


def test_an_exclusive_list_keeps_its_members_posts_from_home(db, add, follow, put, at_home, ann, bob, make_post):
    follow(bob)
    first = make_post(bob)
    list_id = add(exclusive=True)
    put(list_id, bob)
    second = make_post(bob)
    assert at_home() == []

    lists.change(db, account_id=ann.id, list_id=list_id, changes=ListChanges(exclusive=False))
    assert at_home() == [second, first]
    lists.change(db, account_id=ann.id, list_id=list_id, changes=ListChanges(exclusive=True))
    assert at_home() == []


@pytest.mark.parametrize("how", ["remove", "take off"])
def test_posts_come_home_from_an_exclusive_list_that_is_no_more(
    db, add, follow, put, at_home, ann, bob, make_post, how
):
    follow(bob)
    list_id = add(exclusive=True)
    put(list_id, bob)
    post_id = make_post(bob)
    if how == "remove":
        lists.remove(db, account_id=ann.id, list_id=list_id)
    else:
        lists.remove_members(db, account_id=ann.id, list_id=list_id, member_ids=[bob.id])

    assert at_home() == [post_id]


def test_posts_stay_away_while_another_exclusive_list_has_their_author(
    db, add, follow, put, at_home, ann, bob, make_post
):
    follow(bob)
    first, second = add(exclusive=True), add("Colleagues", exclusive=True)
    put(first, bob)
    put(second, bob)
    make_post(bob)
    lists.remove(db, account_id=ann.id, list_id=first)

    assert at_home() == []


def test_ones_own_posts_stay_at_home_whatever_list_one_is_on(add, put, at_home, ann, make_post):
    post_id = make_post(ann)
    put(add(exclusive=True), ann)

    assert at_home() == [post_id]


def test_nobody_changes_the_lists_of_others(db, add, put, members, follow, ann, bob):
    follow(bob)
    list_id = add()
    put(list_id, bob)
    theirs = {"account_id": bob.id, "list_id": list_id}

    for change in (
        lambda: lists.change(db, changes=ListChanges(title="Mine"), **theirs),
        lambda: lists.remove(db, **theirs),
        lambda: put(list_id, bob, by=bob),
        lambda: lists.remove_members(db, member_ids=[bob.id], **theirs),
    ):
        with pytest.raises(NotFound):
            change()
    assert members(list_id) == {bob.id}
