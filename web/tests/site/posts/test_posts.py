"""Writing, editing and deleting posts."""

import pytest
from sqlalchemy import func, select

from twite_common.queries.posts import posts as queries
from twite_common.services.accounts.preferences import PreferenceChanges, change_preferences
from twite_common.services.identity import sessions
from twite_common.tables import post, post_edit


@pytest.fixture
def latest(database, ann):
    """The newest post, or None."""

    def latest():
        with database.reading() as db:
            id = db.scalar(select(func.max(post.c.id)))
            return queries.get(db, id, viewer_id=ann.id) if id else None

    return latest


@pytest.fixture
def count(database):
    def count(table=post):
        with database.reading() as db:
            return db.scalar(select(func.count()).select_from(table))

    return count


@pytest.fixture
def write(as_ann):
    def write(text, page="/compose", **values):
        as_ann.open(page)
        return as_ann.submit("/posts", {"text": text, **values})

    return write


class TestPublishing:
    def test_makes_a_post_and_shows_it(self, as_ann, latest, write):
        response = write("Hello\r\n<b>world</b>", spoiler_text="Greetings", visibility="unlisted")
        made = latest()

        assert (made.text, made.spoiler_text, made.visibility) == ("Hello\n<b>world</b>", "Greetings", "unlisted")
        assert response.history[0].headers["location"].startswith(f"/@ann/{made.id}?done=posted.")

    def test_goes_back_to_the_page_that_had_the_form(self, ann, as_ann, latest):
        as_ann.open("/compose?back=/settings")
        response = as_ann.submit("/posts", {"text": "Hello"})
        location = response.history[0].headers["location"]

        assert location.startswith("/settings?done=posted.")
        assert location.endswith(f"#post-{latest().id}")

    @pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example"])
    def test_never_leads_to_another_site(self, as_ann, latest, back):
        as_ann.open("/compose?back=" + back)
        response = as_ann.submit("/posts", {"text": "Hello"})

        assert response.history[0].headers["location"].startswith(f"/@ann/{latest().id}?")

    def test_begins_with_the_visibility_that_one_usually_chooses(self, database, ann, as_ann):
        with database.writing() as db:
            change_preferences(db, account_id=ann.id, changes=PreferenceChanges(visibility="followers"))
        as_ann.open("/compose")

        assert as_ann.value("visibility") == "followers"

    def test_twice_with_one_form_makes_one_post(self, as_ann, count):
        as_ann.open("/compose")
        form = {name: as_ann.value(name) for name in ("form_token", "key", "visibility")}
        answers = {as_ann.client.post("/posts", data={**form, "text": "Hello"}).headers["location"] for _ in range(2)}

        assert count() == 1
        assert len(answers) == 1

    def test_the_same_text_with_another_form_makes_another_post(self, write, count):
        write("Hello")
        write("Hello")

        assert count() == 2

    def test_five_hundred_characters_as_users_see_them_are_taken(self, write, latest):
        couple = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}"
        write(couple * 500)

        assert latest().text == couple * 500

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "The post is empty."),
            (" \r\n ", "The post is empty."),
            ("x" * 501, "The post has 501 characters, but only 500 are allowed."),
            ("x" * 100_000, "it has 100,000 bytes, but only 500 characters and 8,192 bytes are allowed."),
            ("nul \0 here", "invalid characters"),
            ("bell \a here", "invalid characters"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, as_ann, count, text, sentence):
        key = as_ann.open("/compose") and as_ann.value("key")
        response = as_ann.submit("/posts", {"text": text, "visibility": "followers"})

        assert response.status_code == 422
        assert sentence in as_ann.text
        assert as_ann.value("text") == text
        assert (as_ann.value("visibility"), as_ann.value("key")) == ("followers", key)
        assert count() == 0

    def test_a_warning_that_is_too_long_counts_too(self, as_ann, write, count):
        write("x" * 400, spoiler_text="y" * 101)

        assert as_ann.value("spoiler_text") == "y" * 101
        assert "The post has 501 characters" in as_ann.text
        assert count() == 0

    def test_what_was_refused_can_be_mended_and_sent_again(self, as_ann, write, latest):
        write("x" * 501)
        as_ann.submit("/posts", {"text": "x" * 500})

        assert latest().text == "x" * 500

    @pytest.mark.parametrize("encoded", ["%ff", "%ed%a0%80", "%c3%28"])
    def test_broken_utf_8_is_refused(self, as_ann, count, encoded):
        as_ann.open("/compose")
        response = as_ann.client.post(
            "/posts",
            content=f"form_token={as_ann.value('form_token')}&text={encoded}",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

        assert response.status_code == 400
        assert count() == 0

    @pytest.mark.parametrize("field", ["visibility", "in_reply_to_id"])
    @pytest.mark.parametrize("value", ["x", "-1", "9" * 30, "\0"])
    def test_values_that_no_form_of_ours_sends_are_refused(self, as_ann, count, field, value):
        as_ann.open("/compose")
        sent = {"form_token": as_ann.value("form_token"), "text": "Hello", field: value}
        response = as_ann.client.post("/posts", data=sent)

        assert response.status_code in {404, 422}
        assert "Hello" in response.text
        assert count() == 0

    @pytest.mark.parametrize("key", ["", "x" * 5000, "\0", "é"])
    def test_a_strange_key_is_no_key(self, as_ann, count, key):
        as_ann.open("/compose")
        sent = {"form_token": as_ann.value("form_token"), "text": "Hello", "key": key}

        assert as_ann.client.post("/posts", data=sent).status_code == 303
        assert count() == 1

    def test_is_refused_without_the_forms_token(self, as_ann, count):
        assert as_ann.client.post("/posts", data={"text": "Hello"}).status_code == 403
        assert count() == 0

    def test_keeps_the_text_of_somebody_whose_session_is_over(self, database, ann, as_ann, count):
        as_ann.open("/compose")
        with database.writing() as db:
            sessions.end_others(db, account_id=ann.id)
        as_ann.submit("/posts", {"text": "A long thought"})

        assert "You are no longer logged in" in as_ann.text
        assert as_ann.value("text") == "A long thought"
        assert count() == 0

    def test_is_for_those_who_are_logged_in(self, stranger):
        stranger.open("/compose")

        assert stranger.path == "/login"
        assert stranger.value("next") == "/compose"


class TestReplying:
    def test_names_the_author_and_answers_the_post(self, bob, as_ann, latest, make_post):
        post_id = make_post(bob, "A question", spoiler_text="Quiz")
        as_ann.open(f"/compose?in_reply_to={post_id}")
        offered = as_ann.value("text"), as_ann.value("spoiler_text"), "A question" in as_ann.text
        as_ann.submit("/posts", {"text": "@bob An answer"})

        assert offered == ("@bob ", "Quiz", True)
        assert latest().in_reply_to_id == post_id

    @pytest.mark.parametrize("id", ["x", "0", "9" * 30, "-1"])
    def test_to_what_is_not_there_is_not_begun(self, as_ann, id):
        assert as_ann.open(f"/compose?in_reply_to={id}").status_code == 404

    def test_to_what_one_cannot_see_is_not_begun(self, bob, as_ann, make_post):
        post_id = make_post(bob, visibility="followers")

        assert as_ann.open(f"/compose?in_reply_to={post_id}").status_code == 404

    def test_to_a_post_that_was_deleted_meanwhile_keeps_the_text(self, database, bob, as_ann, make_post, count):
        post_id = make_post(bob)
        as_ann.open(f"/compose?in_reply_to={post_id}")
        with database.writing() as db:
            db.execute(post.delete())
        response = as_ann.submit("/posts", {"text": "My answer"})

        assert response.status_code == 404
        assert "The post you are replying to no longer exists." in as_ann.text
        assert as_ann.value("text") == "My answer"
        assert count() == 0


class TestEditing:
    def test_begins_with_the_post_and_changes_it(self, ann, as_ann, latest, count, make_post):
        post_id = make_post(ann, "Frist", spoiler_text="Careful")
        as_ann.open(f"/posts/{post_id}/edit")
        began = as_ann.value("text"), as_ann.value("spoiler_text")
        response = as_ann.submit(f"/posts/{post_id}/edit", {"text": "First", "spoiler_text": ""})

        assert began == ("Frist", "Careful")
        assert (latest().text, latest().spoiler_text) == ("First", "")
        assert count(post_edit) == 1
        assert response.history[0].headers["location"].startswith(f"/@ann/{post_id}?done=edited.")

    def test_keeps_what_was_typed_where_it_is_refused(self, ann, as_ann, latest, count, make_post):
        post_id = make_post(ann, "First")
        as_ann.open(f"/posts/{post_id}/edit")
        response = as_ann.submit(f"/posts/{post_id}/edit", {"text": "x" * 501})

        assert response.status_code == 422
        assert as_ann.value("text") == "x" * 501
        assert (latest().text, count(post_edit)) == ("First", 0)


class TestDeleting:
    def test_asks_first(self, ann, as_ann, count, make_post):
        post_id = make_post(ann, "Regretted")
        as_ann.open(f"/posts/{post_id}/delete")
        asked = count(), "Regretted" in as_ann.text
        response = as_ann.submit(f"/posts/{post_id}/delete")

        assert asked == (1, True)
        assert count() == 0
        assert response.history[0].headers["location"].startswith("/@ann?done=post_deleted.")

    def test_twice_is_not_found(self, ann, as_ann, make_post):
        post_id = make_post(ann)
        as_ann.open(f"/posts/{post_id}/delete")
        token = as_ann.value("form_token")
        as_ann.submit(f"/posts/{post_id}/delete")

        assert as_ann.client.post(f"/posts/{post_id}/delete", data={"form_token": token}).status_code == 404


@pytest.mark.parametrize("action", ["edit", "delete"])
class TestOnlyOnesOwn:
    def test_post_of_somebody_else_is_not_found(self, bob, as_ann, count, latest, make_post, action):
        post_id = make_post(bob, "Mine")
        as_ann.open("/settings")
        sent = {"form_token": as_ann.value("form_token"), "text": "Taken over"}

        assert as_ann.open(f"/posts/{post_id}/{action}").status_code == 404
        assert as_ann.client.post(f"/posts/{post_id}/{action}", data=sent).status_code == 404
        assert (count(), latest().text) == (1, "Mine")

    def test_post_without_the_forms_token_stays(self, ann, as_ann, latest, make_post, action):
        post_id = make_post(ann, "Mine")

        assert as_ann.client.post(f"/posts/{post_id}/{action}", data={"text": "Taken over"}).status_code == 403
        assert latest().text == "Mine"

    def test_post_is_not_for_strangers(self, ann, stranger, latest, make_post, action):
        post_id = make_post(ann, "Mine")
        stranger.open(f"/posts/{post_id}/{action}")
        sent = {"form_token": stranger.value("form_token"), "text": "Taken over"}

        assert stranger.path == "/login"
        assert stranger.client.post(f"/posts/{post_id}/{action}", data=sent).status_code in {303, 422}
        assert latest().text == "Mine"

    @pytest.mark.parametrize("id", ["x", "0", "9" * 30, "-1", "%00"])
    def test_post_that_is_not_there_is_not_found(self, as_ann, id, action):
        assert as_ann.open(f"/posts/{id}/{action}").status_code == 404
