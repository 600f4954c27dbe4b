"""Finding posts."""

import pytest
from sqlalchemy import insert

from support.moment import NOW
from twite_common import clock
from twite_common.drafts import PollDraft
from twite_common.queries.paging import Page
from twite_common.queries.timelines import search, search_terms
from twite_common.queries.timelines.search import Bounds
from twite_common.services.accounts import blocks, follows, profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.posts import bookmarks, favourites
from twite_common.tables import account, card, media, post


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
    profiles.change_profile(db, now=NOW, account_id=bob.id, changes=ProfileChanges(indexable=True))
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
        ('bird -"bird early" -auf -of', ["link", "spoiler", "plain"]),
        ('bird -"early bird" -of', ["german", "link", "spoiler", "other order"]),
        ('"a bird" -late', ["other order"]),
        ("early from:bob has:link", []),
        ("bird -spring from:me", ["mine"]),
        ("from:bob -bird has:link", []),
        ("from:bob -early -auf -ahead", ["link"]),
        ("bird from:nobody", []),
        ("bird has:media", []),
        ("bird has:poll", []),
        ("nothing like it", []),
    ],
)
def test_operators_narrow_what_is_found(find, posts, query, names):
    found = find(f"before:{day(2)} {query}")

    assert found == [posts[name] for name in names]


def test_a_phrase_is_found_whatever_stands_between_its_words(find, findable, make_post):
    found = ["An EARLY bird", "early, bird", "early\nbird", "early (bird)", "early — bird", "not early. Bird!"]
    written = [make_post(findable, text) for text in found]
    for text in ("early 5 bird", "nearly a bird", "early birds", "early é bird", "bird early"):
        make_post(findable, text)

    assert find('"early bird"') == written[::-1]
    assert find('"Early  Bird" -not') == written[-2::-1]


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


@pytest.mark.parametrize(
    "query",
    ["bird", '"a bird"', "bird -late", "bird -has:link", "bird from:bob", "bird from:bob from:cho", "from:bob"],
)
def test_nothing_is_lost_beyond_the_newest_posts(find, findable, cho, ann, make_post, monkeypatch, query):
    monkeypatch.setattr(search, "WINDOW", 6)
    with_properties = search.by_text_among_recent(6, with_properties=True)
    monkeypatch.setattr(search, "BY_TEXT_AMONG_RECENT", search.by_text_among_recent(6))
    monkeypatch.setattr(search, "BY_TEXT_AND_PROPERTIES_AMONG_RECENT", with_properties)
    made = [make_post(findable, f"a bird {n}" if n % 3 else "a late wren") for n in range(24)]
    for _ in range(8):
        make_post(findable, "bird, a quiet one", visibility="unlisted")
        make_post(cho, "a bird")
    expected = [id for n, id in enumerate(made) if n % 3 or query == "from:bob"][::-1]

    assert find(query) == expected[:20]
    assert find(query, page=Page(limit=4)) == expected[:4]
    assert find(query, page=Page(limit=4, max_id=expected[3])) == expected[4:8]
    assert find(query, page=Page(limit=4, max_id=expected[5], min_id=expected[8])) == expected[6:8]
    assert find(query, page=Page(limit=2), offset=2) == expected[2:4]
    assert find(query, page=Page(limit=4), offset=11) == expected[11:15]
    assert find(query, author_id=findable.id) == expected[:20]
    assert find(query, author_id=ann.id) == []


@pytest.mark.parametrize("words", ["", "bird "])
def test_what_posts_have_is_found_with_words_and_without(db, find, findable, ann, make_post, words):
    made = {name: make_post(findable, "a bird") for name in ("plain", "image", "video", "audio", "both", "embed")}
    attached = ("image image", "image image", "video video", "both audio", "both audio", "audio audio", "both gifv")
    for number, (name, kind) in enumerate(one.split() for one in attached):
        db.execute(insert(media).values(id=number, account_id=findable.id, post_id=made[name], kind=kind))
    db.execute(insert(card).values(id=1, url="https://a.example", html="<iframe>", state="ready", due_at=0))
    db.execute(post.update().where(post.c.id == made["embed"]).values(card_id=1))
    made["quote"] = make_post(ann, "bird too", quote_of_id=made["plain"])
    made["poll"] = make_post(ann, "bird?", poll=PollDraft(options=("yes", "no"), expires_in_seconds=600))

    def found(what):
        ids = find(f"{words}{what}")
        return [name for id in ids for name in made if made[name] == id]

    assert found("has:media") == ["both", "audio", "video", "image"]
    assert found("has:image") == ["both", "image"]
    assert found("has:video") == ["video"]
    assert found("has:audio") == ["both", "audio"]
    assert found("has:audio has:image") == ["both"]
    assert found("has:media -has:audio") == ["video", "image"]
    assert found("has:embed") == ["embed"]
    assert found("has:quote") == ["quote"]
    assert found("has:poll") == ["poll"]
    assert found("has:poll from:bob") == []
    assert found("has:quote in:library") == ["quote"]


@pytest.mark.parametrize("wanted", ["language:de", "-is:reply", "-is:sensitive", "-has:link"])
def test_words_narrow_what_is_found_by_language_and_kind(find, findable, make_post, wanted):
    found = make_post(findable, "ein Ortolan", language="de")
    make_post(findable, "eine Amsel", language="de")

    assert find(f"ortolan {wanted}") == [found]


@pytest.mark.parametrize("query", ["² -bird", "²", "<b> -bird", "&amp; -bird", "http:// -bird"])
def test_what_is_only_to_be_absent_finds_nothing(find, posts, findable, make_post, query):
    make_post(findable, "A quiet one")

    assert find(query) == []


HOSTILE = ['z"y', "z' OR 1", "NEAR(z y)", "z AND", "text: x", "z*", "(z", "^z", "z:y", "{z}", "\ud800z"]


@pytest.mark.parametrize("query", HOSTILE)
def test_nothing_typed_is_taken_for_the_index_s_own_language(find, posts, query):
    assert find(query) == []
