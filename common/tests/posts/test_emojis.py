import pytest

from support.moment import NOW
from twite_common import ids, outbox, post_details
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.posts import emojis as queries
from twite_common.queries.posts import posts
from twite_common.services.accounts import accounts, profiles
from twite_common.services.posts import emojis, media
from twite_common.services.posts.emojis import EmojiChanges


@pytest.fixture
def admin(db, ann):
    accounts.set_role(db, account_id=ann.id, role="admin")
    return viewers.by_account(db, ann.id)


@pytest.fixture
def add(db, admin):
    def add(shortcode="wren", *, viewer=admin, **changes):
        pictures = {"picture": f"aa/{shortcode}.webp", "still_picture": f"bb/{shortcode}.webp"}
        return emojis.add(db, now=NOW, viewer=viewer, shortcode=shortcode, **pictures, **changes)

    return add


@pytest.fixture
def spread(db):
    """Do what events ask for: write anew what names emojis that changed."""

    def spread():
        while waiting := [event for event in outbox.pending(db) if event.kind == emojis.EVENT]:
            for event in waiting:
                emojis.spread(db, now=NOW, **outbox.take(db, event.id).details())

    return spread


@pytest.fixture
def shown(db):
    def shown(post_id):
        return [one.shortcode for one in post_details.decode(posts.get(db, post_id, viewer_id=None).details).emojis]

    return shown


@pytest.mark.parametrize("shortcode", ["", "x", "x" * 65, "blue wren", "grün", "a-b"])
def test_a_shortcode_has_letters_digits_and_underscores(add, shortcode):
    with pytest.raises(Invalid, match="2 to 64 letters"):
        add(shortcode)


def test_a_shortcode_may_stand_between_colons(db, add):
    assert queries.get(db, add(":blue_wren: ")).shortcode == "blue_wren"


def test_there_is_one_emoji_of_each_name(add):
    add("wren")

    with pytest.raises(Invalid, match="already"):
        add("wren")


@pytest.mark.parametrize("role", ["", "moderator"])
def test_only_those_with_the_permission_change_emojis(db, add, bob, role):
    id = add()
    accounts.set_role(db, account_id=bob.id, role=role)
    viewer = viewers.by_account(db, bob.id)

    for change in (
        lambda: add("robin", viewer=viewer),
        lambda: emojis.change(db, now=NOW, viewer=viewer, emoji_id=id, changes=EmojiChanges(disabled=True)),
        lambda: emojis.remove(db, now=NOW, viewer=viewer, emoji_id=id),
    ):
        with pytest.raises(NotAllowed):
            change()
    assert [one.id for one in queries.enabled(db)] == [id]


def test_a_category_has_fifty_characters_and_an_empty_one_is_none(db, add, admin):
    id = add(category=" Birds ")
    assert queries.get(db, id).category == "Birds"

    with pytest.raises(Invalid, match="50 characters"):
        emojis.change(db, now=NOW, viewer=admin, emoji_id=id, changes=EmojiChanges(category="x" * 51))
    emojis.change(db, now=NOW, viewer=admin, emoji_id=id, changes=EmojiChanges(category=""))
    assert queries.get(db, id).category is None


def test_posts_and_profiles_that_name_a_new_emoji_show_it(db, add, spread, shown, bob, make_post):
    profiles.change_profile(db, now=NOW, account_id=bob.id, changes=profiles.ProfileChanges(display_name="Bob :wren:"))
    named, similar = make_post(bob, "A :wren:"), make_post(bob, "A :wrens: and a wren")
    add("wren")
    spread()

    assert (shown(named), shown(similar)) == (["wren"], [])
    profile = post_details.decode_emojis(account_queries.get(db, bob.id).emojis)
    assert [one.shortcode for one in profile] == ["wren"]


def test_an_underscore_stands_for_itself_alone(db, add, spread, shown, bob, make_post):
    other = make_post(bob, ":blueXwren:")
    before = posts.get(db, other, viewer_id=None).version
    add("blue_wren")
    spread()

    assert posts.get(db, other, viewer_id=None).version == before


def test_an_emoji_that_is_switched_off_is_shown_nowhere_until_it_is_on_again(
    db, add, spread, shown, admin, make_post, bob
):
    post_id, id = make_post(bob, "A :wren:"), add("wren")
    spread()
    for disabled, expected in ((True, []), (False, ["wren"])):
        emojis.change(db, now=NOW, viewer=admin, emoji_id=id, changes=EmojiChanges(disabled=disabled))
        spread()
        assert shown(post_id) == expected


def test_a_removed_emoji_is_shown_nowhere_and_its_files_go(db, add, spread, shown, admin, make_post, bob):
    post_id, id = make_post(bob, "A :wren:"), add("wren")
    spread()
    emojis.remove(db, now=NOW, viewer=admin, emoji_id=id)
    spread()

    assert (shown(post_id), queries.all_emojis(db)) == ([], [])
    [unused] = [event.details()["names"] for event in outbox.pending(db) if event.kind == media.UNUSED]
    assert unused == ["aa/wren.webp", "bb/wren.webp"]
    with pytest.raises(NotFound):
        emojis.remove(db, now=NOW, viewer=admin, emoji_id=id)


def test_many_posts_are_written_anew_in_pieces(db, add, shown, spread, make_post, bob, monkeypatch):
    monkeypatch.setattr(emojis, "AT_ONCE", 2)
    monkeypatch.setattr(emojis, "POSTS", emojis.POSTS.limit(2))
    post_ids = [make_post(bob, "A :wren:") for _ in range(3)]
    add("wren")
    [first] = [event for event in outbox.pending(db) if event.kind == emojis.EVENT]
    assert first.details()["before_id"] == ids.MAXIMUM

    emojis.spread(db, now=NOW, **outbox.take(db, first.id).details())
    assert [shown(id) for id in post_ids] == [[], ["wren"], ["wren"]]
    spread()
    assert [shown(id) for id in post_ids] == [["wren"]] * 3
