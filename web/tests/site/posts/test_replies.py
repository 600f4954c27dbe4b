"""The field for a reply below a post."""

import pytest
from sqlalchemy import func, select

from twite_common.services.identity import sessions
from twite_common.tables import post
from twite_web.site.posts.replies import addressed


@pytest.fixture
def latest(database):
    def latest():
        with database.reading() as db:
            return db.execute(select(post.c.text, post.c.in_reply_to_id).order_by(post.c.id.desc()).limit(1)).one()

    return latest


@pytest.fixture
def count(database):
    def count():
        with database.reading() as db:
            return db.scalars(select(func.count()).select_from(post)).one()

    return count


def test_a_reply_names_whom_it_answers(ann, bob, cho, as_ann, make_post, latest):
    post_id = make_post(bob, "Tea, @cho?")
    as_ann.open(f"/@bob/{post_id}")
    as_ann.submit(f"/posts/{post_id}/reply", {"text": "Yes, please"})

    assert latest() == ("@bob @cho Yes, please", post_id)
    assert as_ann.path == f"/@bob/{post_id}"
    assert "Yes, please" in as_ann.page.select_one(".answers-tree").text


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Yes", "@bob @cho Yes"),
        ("@cho Yes", "@bob @cho Yes"),
        ("Ask @BOB and @cho!", "Ask @BOB and @cho!"),
        ("@bobby", "@bob @cho @bobby"),
    ],
)
def test_who_is_named_already_is_not_named_twice(text, sent):
    assert addressed(["@bob", "@cho"], text) == sent


def test_the_whole_form_can_be_asked_for_and_has_what_was_typed(bob, as_ann, make_post, count):
    post_id = make_post(bob, visibility="unlisted")
    as_ann.open(f"/@bob/{post_id}")
    as_ann.form(f"/posts/{post_id}/reply").append(
        as_ann.page.new_tag("input", attrs={"name": "step", "value": "more", "type": "hidden"})
    )
    as_ann.submit(f"/posts/{post_id}/reply", {"text": "Yes"})

    assert as_ann.value("text") == "@bob Yes"
    assert as_ann.value("in_reply_to_id") == str(post_id)
    assert count() == 1


def test_what_is_refused_is_shown_in_the_whole_form(bob, as_ann, make_post, count):
    post_id = make_post(bob)
    as_ann.open(f"/@bob/{post_id}")
    response = as_ann.submit(f"/posts/{post_id}/reply", {"text": "x" * 501})

    assert response.status_code == 422
    assert as_ann.value("text") == "@bob " + "x" * 501
    assert count() == 1


def test_sending_it_twice_makes_one_reply(bob, as_ann, make_post, count):
    post_id = make_post(bob)
    for _ in range(2):
        as_ann.open(f"/@bob/{post_id}")
        key = as_ann.form(f"/posts/{post_id}/reply").find("input", attrs={"name": "key"})
        key["value"] = "the-same"
        as_ann.submit(f"/posts/{post_id}/reply", {"text": "Yes"})

    assert count() == 2


def test_what_a_session_that_is_over_sends_is_not_lost(database, ann, bob, as_ann, make_post, count):
    post_id = make_post(bob)
    as_ann.open(f"/@bob/{post_id}")
    with database.writing() as db:
        sessions.end_others(db, account_id=ann.id)
    as_ann.submit(f"/posts/{post_id}/reply", {"text": "My answer"})

    assert "My answer" in as_ann.text
    assert count() == 1


def test_a_post_that_is_gone_keeps_the_text(database, bob, as_ann, make_post):
    post_id = make_post(bob)
    as_ann.open(f"/@bob/{post_id}")
    with database.writing() as db:
        db.execute(post.delete())
    response = as_ann.submit(f"/posts/{post_id}/reply", {"text": "My answer"})

    assert response.status_code == 404
    assert as_ann.value("text") == "My answer"


def test_where_nobody_may_reply_there_is_no_field(bob, as_ann, make_post):
    post_id = make_post(bob, reply_policy="nobody")
    as_ann.open(f"/@bob/{post_id}")

    assert f"/posts/{post_id}/reply" not in as_ann.actions()
    assert "Nobody can reply." in as_ann.text


def test_strangers_are_led_to_log_in(bob, stranger, make_post):
    post_id = make_post(bob)
    response = stranger.open(f"/@bob/{post_id}")

    assert stranger.page.find("a", string="Log in to reply")["href"] == f"/login?next=/@bob/{post_id}"
    assert stranger.page.find("main").find("form") is None
    assert "public" in response.headers["cache-control"]
