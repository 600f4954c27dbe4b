"""Finding posts."""

import pytest

from moment import NOW
from twite_common import clock, search_terms
from twite_common.queries import search
from twite_common.queries.pages import Page
from twite_common.queries.search import Bounds
from twite_common.services import accounts, blocks, bookmarks, favourites, follows
from twite_common.services.accounts import ProfileChanges
from twite_common.tables import account


@pytest.fixture
def find(db, ann):
    """Return the texts' ids that Ann finds."""

    def find(query, viewer=ann, *, page=None, **bounds):
        terms = search_terms.parse(query)
        assert terms is not None
        found = search.posts(db, terms, Bounds(page or Page(), **bounds), viewer_id=viewer.id)
        return [entry.post_id for entry in found]

    return find


@pytest.fixture
def findable(db, bob):
    """Bob, who wants his public posts to be found."""
    accounts.change_profile(db, now=NOW, account_id=bob.id, changes=ProfileChanges(indexable=True))
    return bob


def test_public_posts_are_found_only_of_those_who_want_it(find, findable, cho, make_post):
    found = make_post(findable, "A blackbird sings")
    make_post(cho, "A blackbird sings too")
    make_post(findable, "A quiet blackbird", visibility="unlisted")

    assert find("blackbird") == [found]
    assert find("blackbird in:public") == [found]
    assert find("blackbird in:library") == []


def test_own_posts_and_those_one_has_to_do_with_are_found(db, find, ann, bob, cho, make_post):
    mine = make_post(ann, "my robin", visibility="mentioned")
    to_me = make_post(cho, "@ann a robin", visibility="mentioned")
    liked, kept, answered, unknown = (make_post(bob, f"robin {n}") for n in range(4))
    favourites.favourite_post(db, now=NOW, account_id=ann.id, post_id=liked)
    bookmarks.bookmark_post(db, now=NOW, account_id=ann.id, post_id=kept)
    make_post(ann, "indeed", in_reply_to_id=answered)

    assert find("robin") == [answered, kept, liked, to_me, mine]
    assert find("robin in:library") == [answered, kept, liked, to_me, mine]
    assert find("robin in:public") == []
    assert find("robin", cho) == [to_me]
    assert unknown not in find("robin")


def test_what_cannot_be_seen_any_more_is_not_found(db, find, ann, findable, make_post):
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=findable.id)
    private = make_post(findable, "secret wren", visibility="followers")
    favourites.favourite_post(db, now=NOW, account_id=ann.id, post_id=private)
    seen = find("wren")
    follows.unfollow_account(db, follower_id=ann.id, followee_id=findable.id)

    assert (seen, find("wren")) == ([private], [])


@pytest.mark.parametrize("state", ["suspended_at", "limited_at"])
def test_posts_of_suspended_and_limited_accounts_are_not_found(db, find, findable, make_post, state):
    make_post(findable, "a wren")
    db.execute(account.update().where(account.c.id == findable.id).values({state: NOW}))

    assert find("wren") == []


@pytest.mark.parametrize("backwards", [False, True])
def test_between_accounts_of_which_one_blocks_the_other_nothing_is_found(db, find, ann, findable, make_post, backwards):
    make_post(findable, "a wren")
    pair = (findable.id, ann.id) if backwards else (ann.id, findable.id)
    blocks.block_account(db, now=NOW, account_id=pair[0], blocked_id=pair[1])

    assert find("wren") == []


def day(number):
    """Return the date so many days after the tests' own."""
    return f"{clock.as_datetime(NOW + number * clock.DAY):%Y-%m-%d}"


@pytest.fixture
def posts(findable, ann, make_post):
    """Posts to be told apart by one thing each, by name."""
    return {
        "plain": make_post(findable, "The early bird"),
        "other order": make_post(findable, "a bird, early"),
        "spoiler": make_post(findable, "x", spoiler_text="bird ahead", sensitive=True),
        "link": make_post(findable, "bird https://bird.example"),
        "german": make_post(findable, "bird auf Deutsch", language="de"),
        "mine": make_post(ann, "bird of mine"),
        "late": make_post(findable, "a late bird", now=NOW + 40 * clock.DAY),
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('"early bird"', ["plain"]),
        ("EARLY bird", ["other order", "plain"]),
        ("bird -early -of has:link", ["link"]),
        ("bird -has:link -early -is:sensitive from:bob", ["german"]),
        ("ahead", ["spoiler"]),
        ("is:sensitive", ["spoiler"]),
        ("language:de", ["german"]),
        ("from:me", ["mine"]),
        ("bird -from:bob", ["mine"]),
        ("bird from:nobody", []),
        ("bird has:media", []),
        ("bird has:poll", []),
        ("nothing like it", []),
    ],
)
def test_operators_narrow_what_is_found(find, posts, query, names):
    found = find(f"before:{day(2)} {query}")

    assert found == [posts[name] for name in names]


def test_posts_are_found_by_their_day(find, posts):
    assert find(f"during:{day(40)}") == [posts["late"]]
    assert find(f"bird after:{day(1)}") == [posts["late"]]
    assert find(f"bird after:{day(40)}") == []
    assert posts["late"] not in find(f"bird before:{day(40)}")


def test_what_is_found_is_paged(find, posts, ann):
    everything = find("bird")

    assert find("bird", page=Page(limit=2)) == everything[:2]
    assert find("bird", page=Page(limit=2), offset=2) == everything[2:4]
    assert find("bird", page=Page(max_id=everything[1])) == everything[2:]
    assert find("bird", page=Page(min_id=everything[1])) == everything[:1]
    assert find("bird", author_id=ann.id) == [posts["mine"]]


HOSTILE = ['z"y', "z' OR 1", "NEAR(z y)", "z AND", "text: x", "z*", "(z", "^z", "z:y", "{z}", "\ud800z"]


@pytest.mark.parametrize("query", HOSTILE)
def test_nothing_typed_is_taken_for_the_index_s_own_language(find, posts, query):
    assert find(query) == []
