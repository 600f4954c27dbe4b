"""The buttons under a post: favourite, boost, bookmark, and taking each back."""

import pytest
from sqlalchemy import func, select

from twite_common.tables import bookmark, favourite, post

BUTTONS = {"favourite": favourite, "boost": post, "bookmark": bookmark}


@pytest.fixture
def press(as_ann):
    def press(path, browser=as_ann, **fields):
        browser.open("/settings")
        token = browser.value("form_token")
        return browser.client.post(path, data={"form_token": token, **fields})

    return press


@pytest.fixture
def count(database):
    def count(table):
        with database.reading() as db:
            total = db.scalar(select(func.count()).select_from(table))
            return total - 1 if table is post else total

    return count


@pytest.mark.parametrize("button", BUTTONS)
def test_a_button_does_it_once_and_its_counterpart_takes_it_back(make_post, bob, press, count, button):
    post_id = make_post(bob)
    for _ in range(2):
        response = press(f"/posts/{post_id}/{button}", back="/@bob?x=1#y")
    done = count(BUTTONS[button])
    for _ in range(2):
        press(f"/posts/{post_id}/un{button}")

    assert (response.status_code, response.headers["location"]) == (303, f"/@bob?x=1#post-{post_id}")
    assert (done, count(BUTTONS[button])) == (1, 0)


@pytest.mark.parametrize("button", [*BUTTONS, "unfavourite", "unboost", "unbookmark"])
class TestRefusals:
    def test_nothing_happens_without_the_forms_token(self, make_post, bob, as_ann, count, button):
        post_id = make_post(bob)

        assert as_ann.client.post(f"/posts/{post_id}/{button}").status_code == 403
        assert [count(table) for table in BUTTONS.values()] == [0, 0, 0]

    def test_strangers_are_sent_to_log_in(self, make_post, bob, stranger, count, button):
        post_id = make_post(bob)
        stranger.open("/login")
        token = stranger.value("form_token")
        response = stranger.client.post(f"/posts/{post_id}/{button}", data={"form_token": token})

        assert (response.status_code, response.headers["location"]) == (303, "/login?next=/")
        assert [count(table) for table in BUTTONS.values()] == [0, 0, 0]

    def test_a_post_that_one_cannot_see_is_not_there(self, make_post, bob, press, count, button):
        post_id = make_post(bob, visibility="followers")

        assert press(f"/posts/{post_id}/{button}").status_code == 404
        assert [count(table) for table in BUTTONS.values()] == [0, 0, 0]

    @pytest.mark.parametrize("id", ["0", "-1", "x", "9" * 30, "1.0", "%00"])
    def test_what_is_no_id_is_not_there(self, press, button, id):
        assert press(f"/posts/{id}/{button}").status_code == 404

    @pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "x" * 3000, "\r\n"])
    def test_nobody_is_led_to_another_site(self, make_post, bob, press, button, back):
        post_id = make_post(bob)

        assert press(f"/posts/{post_id}/{button}", back=back).headers["location"] == f"/#post-{post_id}"


def test_what_was_written_for_followers_is_not_boosted(make_post, bob, ann, database, press, count):
    post_id = make_post(bob, "@ann", visibility="mentioned")
    response = press(f"/posts/{post_id}/boost")

    assert response.status_code == 403
    assert "public, so it" in response.text
    assert count(post) == 0


def test_what_is_for_those_named_only_has_no_button_that_is_refused(make_post, ann, as_ann, press):
    post_id = make_post(ann, visibility="mentioned")
    as_ann.open(f"/@ann/{post_id}")

    assert [path.rsplit("/", 1)[-1] for path in as_ann.actions() if path.startswith("/posts/")] == [
        "favourite",
        "bookmark",
        "reply",
    ]
    as_ann.open(f"/posts/{post_id}/menu")
    assert "Quote" not in as_ann.text
    assert "Pin to your profile" not in as_ann.text
    assert press(f"/posts/{post_id}/pin").status_code == 422
