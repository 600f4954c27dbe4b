"""Who favourited, boosted and quoted a post; revoking quotes, and choosing who may quote."""

import pytest

from twite_common import clock
from twite_common.queries.posts import posts
from twite_common.services.posts import boosts, favourites


@pytest.fixture
def post_id(ann, make_post):
    return make_post(ann, "A wren at the window")


@pytest.fixture
def load(database, ann):
    def load(id):
        with database.reading() as db:
            return posts.get(db, id, viewer_id=ann.id)

    return load


def test_who_favourited_and_boosted_is_shown_and_led_to(database, settings, stranger, bob, cho, post_id):
    with database.writing() as db:
        favourites.favourite_post(db, now=clock.now(), account_id=bob.id, post_id=post_id)
        boosts.boost_post(db, settings, now=clock.now(), account_id=cho.id, post_id=post_id)
    stranger.open(f"/@ann/{post_id}")
    for kind in ("favourites", "boosts"):
        assert stranger.page.find("a", href=f"/@ann/{post_id}/{kind}")
    stranger.open(f"/@ann/{post_id}/favourites")
    favourited = stranger.text
    stranger.open(f"/@ann/{post_id}/boosts")

    assert "1 favourite 1 boost" in favourited
    assert "@bob" in favourited
    assert "@cho" not in favourited
    assert "@cho" in stranger.text
    assert "@bob" not in stranger.text


@pytest.mark.parametrize("kind", ["favourites", "boosts", "quotes"])
def test_reactions_to_a_post_that_one_may_not_see_are_not_found(as_bob, ann, make_post, kind):
    hidden = make_post(ann, "For few", visibility="mentioned")

    assert as_bob.open(f"/@ann/{hidden}/{kind}").status_code == 404
    assert as_bob.open(f"/@bob/{hidden}/{kind}").status_code == 404


def test_a_quote_is_revoked_by_whoever_is_quoted(as_ann, as_bob, bob, post_id, make_post, load):
    quoting_id = make_post(bob, "Look at this", quote_of_id=post_id)
    as_bob.open(f"/@ann/{post_id}/quotes")
    offered = [action for action in as_bob.actions() if action.endswith("/revoke")]
    shown = as_bob.text
    as_ann.open(f"/posts/{post_id}/menu")
    assert as_ann.page.find("a", href=f"/@ann/{post_id}/quotes")
    as_ann.open(f"/@ann/{post_id}/quotes")
    as_ann.submit(f"/posts/{post_id}/quotes/{quoting_id}/revoke")

    assert "Look at this" in shown
    assert offered == []
    assert load(quoting_id).quote_state == "revoked"
    assert as_ann.path == f"/@ann/{post_id}/quotes"
    assert "Nobody has quoted this post." in as_ann.text


def test_nobody_else_revokes_a_quote(as_bob, bob, post_id, make_post, load):
    quoting_id = make_post(bob, "Look at this", quote_of_id=post_id)
    as_bob.open("/settings")
    sent = {"form_token": as_bob.value("form_token")}

    assert as_bob.client.post(f"/posts/{post_id}/quotes/{quoting_id}/revoke", data=sent).status_code == 403
    assert load(quoting_id).quote_state == "accepted"


def test_who_may_quote_a_post_is_chosen_by_its_author(as_ann, as_bob, post_id, load):
    as_ann.open(f"/@ann/{post_id}/quotes")
    before = as_ann.value("policy")
    as_ann.submit(f"/posts/{post_id}/quote-policy", {"policy": "nobody"})
    as_bob.open(f"/@ann/{post_id}/quotes")

    assert before == "public"
    assert load(post_id).quote_policy == "nobody"
    assert as_ann.value("policy") == "nobody"
    assert f"/posts/{post_id}/quote-policy" not in as_bob.actions()


def test_a_post_for_few_offers_no_choice(as_ann, ann, make_post):
    few = make_post(ann, "For followers", visibility="followers")
    as_ann.open(f"/@ann/{few}/quotes")

    assert f"/posts/{few}/quote-policy" not in as_ann.actions()


def test_strangers_are_sent_to_log_in_for_quotes(stranger, post_id):
    stranger.open(f"/@ann/{post_id}/quotes")

    assert stranger.path == "/login"
