"""The site's own emojis: in the list, in whatever names them, and gone again."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from twite_common import clock, outbox
from twite_common.errors import Invalid
from twite_common.media import pictures, storage
from twite_common.queries import viewers
from twite_common.services.accounts import accounts
from twite_common.services.moderation import announcements
from twite_common.services.posts import emojis
from twite_common.services.posts.emojis import EmojiChanges
from twite_common.tables import emoji, event


def picture(format="PNG", frames=1, size=(200, 100)):
    images = [Image.new("RGBA", size, (40 * n, 90, 160, 255)) for n in range(frames)]
    written = io.BytesIO()
    images[0].save(written, format, **({"save_all": True, "append_images": images[1:]} if frames > 1 else {}))
    return written.getvalue()


@pytest.fixture
def admin(database, ann):
    with database.writing() as db:
        accounts.set_role(db, account_id=ann.id, role="admin")
        return viewers.by_account(db, ann.id)


@pytest.fixture
def work(database):
    """Do what events about emojis ask for, as a task does."""

    def work():
        with database.writing() as db:
            for id in db.scalars(select(event.c.id).where(event.c.kind == emojis.EVENT)).all():
                emojis.spread(db, now=clock.now(), **outbox.take(db, id).details())

    return work


@pytest.fixture
def add(database, settings, admin):
    def add(shortcode="wren", data=None, **values):
        moving, still = pictures.prepare_emoji(data or picture())
        names = [storage.media(settings).store(one) for one in (moving, still)]
        stored = dict(zip(("picture", "still_picture"), names, strict=True))
        with database.writing() as db:
            return emojis.add(db, now=clock.now(), viewer=admin, shortcode=shortcode, **stored, **values)

    return add


def test_the_list_has_each_emoji_with_its_pictures(add, stranger):
    add("wren", category="Birds")
    add("blink", data=picture("GIF", frames=3))
    blink, wren = stranger.get("/api/v1/custom_emojis").json()

    assert (wren["shortcode"], wren["category"], wren["visible_in_picker"]) == ("wren", "Birds", True)
    assert wren["url"] == wren["static_url"]
    assert blink["url"] != blink["static_url"]
    shown = Image.open(io.BytesIO(stranger.get(blink["url"]).content))
    still = Image.open(io.BytesIO(stranger.get(blink["static_url"]).content))
    assert (getattr(shown, "n_frames", 1), max(shown.size)) == (3, 128)
    assert getattr(still, "n_frames", 1) == 1


def test_posts_polls_and_profiles_have_the_emojis_that_they_name(add, as_bob, stranger):
    add("wren")
    add("owl")
    poll = {"options": ["yes :owl:", "no"], "expires_in": 3600}
    sent = {"status": "a :wren: and x:wren:y and :none:", "spoiler_text": "see :owl:", "poll": poll}
    posted = as_bob.post("/api/v1/statuses", json=sent).json()
    changes = {"display_name": "Bob :wren:", "fields_attributes": [{"name": ":owl:", "value": "x"}]}
    profile = as_bob.patch("/api/v1/accounts/update_credentials", json=changes).json()

    assert [one["shortcode"] for one in posted["emojis"]] == ["owl", "wren"]
    assert [one["shortcode"] for one in posted["poll"]["emojis"]] == ["owl", "wren"]
    assert [one["shortcode"] for one in profile["emojis"]] == ["owl", "wren"]
    assert posted["content"] == "<p>a :wren: and x:wren:y and :none:</p>"


def test_an_edited_post_and_its_history_have_the_emojis_of_their_version(add, as_bob):
    add("wren")
    id = as_bob.post("/api/v1/statuses", json={"status": "a :wren:"}).json()["id"]
    edited = as_bob.put(f"/api/v1/statuses/{id}", json={"status": "none"}).json()
    versions = as_bob.get(f"/api/v1/statuses/{id}/history").json()

    assert edited["emojis"] == []
    assert [[one["shortcode"] for one in version["emojis"]] for version in versions] == [["wren"], []]


def test_what_named_an_emoji_before_it_came_shows_it_then_and_no_longer_when_it_goes(
    add, admin, work, database, as_bob, stranger
):
    id = as_bob.post("/api/v1/statuses", json={"status": "a :wren:"}).json()["id"]
    as_bob.patch("/api/v1/accounts/update_credentials", json={"note": "I am a :wren:"})

    def shown():
        found = stranger.get(f"/api/v1/statuses/{id}").json()
        return [len(found["emojis"]), len(found["account"]["emojis"])]

    emoji_id = add("wren")
    work()
    came = shown()
    with database.writing() as db:
        emojis.change(db, now=clock.now(), viewer=admin, emoji_id=emoji_id, changes=EmojiChanges(disabled=True))
    work()
    off = (shown(), stranger.get("/api/v1/custom_emojis").json())
    with database.writing() as db:
        emojis.change(db, now=clock.now(), viewer=admin, emoji_id=emoji_id, changes=EmojiChanges(disabled=False))
    work()
    on = shown()
    with database.writing() as db:
        emojis.remove(db, now=clock.now(), viewer=admin, emoji_id=emoji_id)
    work()

    assert (came, off, on, shown()) == ([1, 1], ([0, 0], []), [1, 1], [0, 0])


def test_announcements_have_emojis_and_can_be_reacted_to_with_them(add, database, admin, as_bob):
    add("wren")
    with database.writing() as db:
        announcements.announce(db, now=clock.now(), viewer=admin, words="Look, a :wren:")
    [told] = as_bob.get("/api/v1/announcements").json()
    as_bob.put(f"/api/v1/announcements/{told['id']}/reactions/wren")
    [reacted] = as_bob.get("/api/v1/announcements").json()

    assert [one["shortcode"] for one in told["emojis"]] == ["wren"]
    assert reacted["reactions"][0]["url"] == told["emojis"][0]["url"]


@pytest.mark.parametrize("shortcode", ["w", "a b", "wren!", "", "x" * 65])
def test_names_that_cannot_be_are_refused(add, database, shortcode):
    with pytest.raises(Invalid):
        add(shortcode)
    with database.reading() as db:
        assert db.execute(select(emoji)).all() == []
