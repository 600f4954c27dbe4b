"""Drafts, scheduled posts and threads on the site."""

import re

import pytest
from sqlalchemy import insert, select

from support.pictures import picture
from twite_common.queries.paging import Page
from twite_common.queries.posts import drafts as queries
from twite_common.queries.posts import scheduled_posts
from twite_common.services.accounts.preferences import PreferenceChanges, change_preferences
from twite_common.tables import emoji, media, post
from twite_web.site.parts import HEADER

FILE = {"files[0]": ("a.png", picture(), "image/png")}


@pytest.fixture
def own_drafts(database, ann):
    """The first parts of Ann's drafts."""

    def own_drafts():
        with database.reading() as db:
            return [draft.decoded()[0] for draft in queries.of_account(db, ann.id, Page())]

    return own_drafts


@pytest.fixture
def published(database):
    def published():
        with database.reading() as db:
            return db.execute(select(post.c.text, post.c.in_reply_to_id, post.c.id).order_by(post.c.id)).all()

    return published


def send(browser, address, **values):
    """Send a form as its script does."""
    browser.open("/compose")
    fields = {name: browser.value(name) for name in ("form_token", "key")}
    return browser.client.post(address, data={**fields, **values}, headers={HEADER: "1"})


class TestDrafts:
    def test_what_was_typed_is_kept_and_goes_on(self, as_ann, own_drafts):
        as_ann.open("/compose")
        as_ann.submit("/drafts", {"text": "Half a thought", "spoiler_text": "Tea", "visibility": "followers"})
        assert as_ann.path == "/drafts"
        address = next(link["href"] for link in as_ann.page.select("main a") if re.search(r"/drafts/\d", link["href"]))
        as_ann.open(address)

        assert as_ann.value("text") == "Half a thought"
        assert (as_ann.value("spoiler_text"), as_ann.value("visibility")) == ("Tea", "followers")
        as_ann.submit("/drafts", {"text": "A whole thought"})
        assert [draft.text for draft in own_drafts()] == ["A whole thought"]

    def test_publishing_one_drops_it(self, as_ann, own_drafts, published):
        as_ann.open("/compose")
        as_ann.submit("/drafts", {"text": "Half a thought"}, FILE)
        as_ann.open(as_ann.page.select_one("main h2 a")["href"])
        as_ann.submit("/posts", {"text": "A whole thought", "media[0][description]": "A square"})

        assert own_drafts() == []
        assert [row.text for row in published()] == ["A whole thought"]
        assert as_ann.page.select_one(".media img")["alt"] == "A square"

    def test_a_script_learns_the_number_and_the_version(self, as_ann, own_drafts):
        first = send(as_ann, "/drafts", text="Half")
        draft_id, version = (
            re.search(rf'name="{name}" value="(\d+)"', first.text)[1] for name in ("draft_id", "version")
        )
        send(as_ann, "/drafts", text="Whole", draft_id=draft_id, version=version)
        late = send(as_ann, "/drafts", text="Too late", draft_id=draft_id, version=version)

        assert late.status_code == 409
        assert [draft.text for draft in own_drafts()] == ["Whole"]
        assert 'name="draft_id" value=""' in late.text

    def test_one_form_makes_one_draft_and_its_last_words_count(self, as_ann, own_drafts):
        as_ann.open("/compose")
        fields = {name: as_ann.value(name) for name in ("form_token", "key")}
        for text in ("First", "Second"):
            as_ann.client.post("/drafts", data={**fields, "text": text})

        assert [draft.text for draft in own_drafts()] == ["Second"]

    def test_one_is_deleted(self, as_ann, own_drafts):
        send(as_ann, "/drafts", text="Never mind")
        as_ann.open("/drafts")
        as_ann.submit(next(action for action in as_ann.actions() if action.endswith("/delete")))

        assert own_drafts() == []

    def test_a_strangers_is_none(self, as_ann, as_bob):
        send(as_ann, "/drafts", text="Mine")
        as_ann.open("/drafts")
        address = as_ann.page.select_one("main h2 a")["href"]

        assert as_bob.open(address).status_code == 404

    def test_a_post_is_deleted_and_written_anew(self, as_ann, make_post, ann, published):
        id = make_post(ann, "Tea is fine")
        as_ann.open(f"/posts/{id}/menu")
        as_ann.open(f"/posts/{id}/redraft")
        as_ann.submit(f"/posts/{id}/redraft")

        assert as_ann.path.startswith("/drafts/")
        assert as_ann.value("text") == "Tea is fine"
        assert published() == []


class TestThreads:
    def test_posts_are_published_in_order(self, as_ann, published):
        send(
            as_ann,
            "/posts",
            text="One",
            **{"further[0][text]": "Two", "further[1][text]": " ", "further[2][text]": "3"},
        )

        rows = published()
        assert [row.text for row in rows] == ["One", "Two", "3"]
        assert [row.in_reply_to_id for row in rows] == [None, rows[0].id, rows[1].id]

    def test_another_field_is_added_and_nothing_is_lost(self, as_ann):
        response = send(as_ann, "/compose", text="One", step="add")

        assert 'name="further[0][text]"' in response.text
        assert ">\nOne</textarea>" in response.text

    def test_one_is_scheduled(self, as_ann, published):
        send(as_ann, "/posts", text="One", scheduled_at="2037-01-01T10:00", **{"further[0][text]": "Two"})
        page = as_ann.open("/scheduled")

        assert "One" in page.text
        assert "2 posts" in page.text
        assert published() == []


class TestScheduling:
    def test_the_time_is_that_of_the_authors_clocks(self, as_ann, ann, database):
        with database.writing() as db:
            change_preferences(db, account_id=ann.id, changes=PreferenceChanges(time_zone="Europe/Berlin"))
        as_ann.open("/compose")
        as_ann.submit("/posts", {"text": "Later", "scheduled_at": "2037-07-01T12:00"})

        assert as_ann.path == "/scheduled"
        assert as_ann.value("scheduled_at") == "2037-07-01T12:00"
        with database.reading() as db:
            (waiting,) = scheduled_posts.of_account(db, ann.id, Page())
        assert waiting.due_at == 2130055200000

    def test_a_time_that_is_none_is_refused_and_the_text_stays(self, as_ann):
        response = send(as_ann, "/posts", text="Later", scheduled_at="tomorrow")

        assert response.status_code == 422
        assert "Later</textarea>" in response.text

    def test_one_is_moved_and_given_up(self, as_ann):
        send(as_ann, "/posts", text="Later", scheduled_at="2037-07-01T12:00")
        as_ann.open("/scheduled")
        move = next(action for action in as_ann.actions() if action.endswith("/move"))
        as_ann.submit(move, {"scheduled_at": "2001-01-01T12:00"})
        assert "at least 5 minutes" in as_ann.text
        as_ann.submit(move, {"scheduled_at": "2037-07-02T12:00"})
        assert as_ann.value("scheduled_at") == "2037-07-02T12:00"
        as_ann.submit(move.replace("/move", "/delete"))

        assert "Nothing is scheduled" in as_ann.text


class TestDescriptions:
    def test_who_forgets_them_is_reminded_and_what_was_chosen_stays(self, as_ann, published):
        as_ann.open("/compose")
        as_ann.submit("/posts", {"text": "Look"}, FILE)

        assert as_ann.response.status_code == 422
        assert published() == []
        as_ann.submit("/posts", {"media[0][description]": "A square"})
        assert as_ann.page.select_one(".media img")["alt"] == "A square"

    def test_they_are_left_out_on_purpose(self, as_ann, published):
        as_ann.open("/compose")
        as_ann.submit("/posts", {"text": "Look"}, FILE)
        as_ann.submit("/posts", {"undescribed": "1"})

        assert len(published()) == 1

    def test_the_reminder_is_switched_off(self, as_ann, published):
        as_ann.open("/settings/preferences")
        as_ann.submit("/settings/preferences", {"remind_to_describe": None})
        as_ann.open("/compose")
        as_ann.submit("/posts", {"text": "Look"}, FILE)

        assert len(published()) == 1

    def test_the_middle_of_a_picture_is_kept(self, as_ann, ann, database):
        as_ann.open("/compose")
        as_ann.submit("/drafts", {"text": "Look"}, FILE)
        as_ann.open(as_ann.page.select_one("main h2 a")["href"])
        as_ann.submit("/posts", {"media[0][focus]": "0.5,-0.25", "media[0][description]": "A square"})

        with database.reading() as db:
            assert db.execute(select(media.c.focus_x, media.c.focus_y)).one() == (0.5, -0.25)


def test_what_another_application_shares_is_proposed(as_ann):
    as_ann.open("/compose?title=A+page&text=Read+this&url=https%3A%2F%2Fexample.org%2F")

    assert as_ann.value("text") == "A page\n\nRead this\n\nhttps://example.org/"


def test_the_language_is_that_in_which_one_wrote_before(as_ann, write_in):
    write_in("de")
    as_ann.open("/compose")

    assert as_ann.value("language") == "de"


@pytest.fixture
def write_in(as_ann):
    def write_in(language):
        send(as_ann, "/posts", text="Guten Morgen", language=language)

    return write_in


def test_who_may_not_answer_is_told_so(as_ann, as_bob):
    send(as_ann, "/posts", text="Just so you know", reply_policy="nobody")
    as_bob.open("/@ann")
    post_id = as_bob.page.select_one("[data-post]")["data-post"]
    as_bob.open(f"/@ann/{post_id}")

    assert "Nobody can reply." in as_bob.text
    assert as_bob.page.select_one(f'a[href^="/compose?in_reply_to={post_id}"]') is None


def test_names_are_completed(as_ann, bob):
    found = as_ann.client.get("/compose/completions?typed=@bo", headers={HEADER: "1"})

    assert 'data-value="@bob"' in found.text


def test_a_history_shows_what_changed(as_ann, make_post, ann):
    id = make_post(ann, "Tea is fine")
    as_ann.open(f"/posts/{id}/edit")
    as_ann.submit(f"/posts/{id}/edit", {"text": "Tea is good"})
    as_ann.open(f"/@ann/{id}/history")

    assert [one.get_text() for one in as_ann.page.select("del, ins")] == ["fine", "good"]


def test_the_sites_emojis_are_offered_by_category(as_ann, database):
    with database.writing() as db:
        for id, (shortcode, category) in enumerate([("blob", None), ("duck", "Birds"), ("sun", None)], 1):
            row = {"id": id, "shortcode": shortcode, "picture": "a", "still_picture": "a", "category": category}
            db.execute(insert(emoji), row)
    as_ann.open("/compose/emojis")

    assert [button["value"] for button in as_ann.page.select(".emoji-picker button")] == [":blob:", ":sun:", ":duck:"]
    assert as_ann.page.select_one(".emoji-picker h2").get_text() == "Birds"
