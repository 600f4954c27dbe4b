"""What is talked about most, and whose posts are no part of it."""

import pytest
from sqlalchemy import insert, update

from twite_common import clock
from twite_common.services.timelines import trends
from twite_common.tables import account, card, post, tag


@pytest.fixture
def compute(database):
    """Let everybody want to be found, and find out what trends; values change accounts, by name."""

    def compute(**others):
        with database.writing() as db:
            db.execute(update(account).values(discoverable=True))
            for name, values in others.items():
                db.execute(update(account).where(account.c.username == name).values(values))
            trends.compute(db, now=clock.now())

    return compute


def names(client):
    return [one["name"] for one in client.get("/api/v1/trends/tags").json()]


def test_hashtags_that_several_people_use_trend_the_most_used_first(ann, bob, cho, make_post, compute, stranger):
    for who, words in ((ann, "#wren #owl #solo"), (bob, "#wren #owl"), (cho, "#owl"), (ann, "#solo again")):
        make_post(who, words)
    compute()
    shown = stranger.get("/api/v1/trends").json()

    assert [one["name"] for one in shown] == ["owl", "wren"]
    assert (shown[0]["history"][0]["uses"], len(shown[0]["history"])) == ("3", 7)
    assert stranger.get("/api/v1/tags/owl").json()["history"] == shown[0]["history"]
    assert stranger.get("/api/v1/trends/tags?limit=1&offset=1").json() == shown[1:]


@pytest.mark.parametrize(
    "values", [{"discoverable": False}, {"limited_at": 1}, {"suspended_at": 1}], ids=["hidden", "limited", "suspended"]
)
def test_who_is_not_to_be_found_makes_no_trend(ann, bob, make_post, compute, stranger, values):
    make_post(ann, "#wren")
    make_post(bob, "#wren")
    compute(bob=values)

    assert names(stranger) == []


def test_quiet_posts_and_refused_hashtags_make_no_trend(database, ann, bob, make_post, compute, stranger):
    for who in (ann, bob):
        make_post(who, "#quiet", visibility="followers")
        make_post(who, "#bad")
    with database.writing() as db:
        db.execute(update(tag).where(tag.c.name == "bad").values(trendable=False))
    compute()

    assert names(stranger) == []


def test_posts_trend_that_several_others_like(ann, bob, cho, make_post, as_bob, api, compute, stranger):
    liked, own, quiet = make_post(ann, "liked"), make_post(bob, "own"), make_post(ann, "q", visibility="unlisted")
    for id in (liked, own, quiet):
        api(cho).post(f"/api/v1/statuses/{id}/favourite")
        as_bob.post(f"/api/v1/statuses/{id}/favourite")
    compute()
    before = [one["id"] for one in stranger.get("/api/v1/trends/statuses").json()]
    as_bob.post(f"/api/v1/accounts/{ann.id}/mute")

    assert before == [str(liked)]
    assert as_bob.get("/api/v1/trends/statuses").json() == []


def test_pages_trend_that_several_people_link_to(database, ann, bob, make_post, compute, stranger):
    linking = [make_post(who, "see") for who in (ann, bob)]
    with database.writing() as db:
        db.execute(insert(card).values(id=1, url="https://a.example/", title="A", state="ready", due_at=0))
        db.execute(update(post).where(post.c.id.in_(linking)).values(card_id=1))
    compute()
    shown = stranger.get("/api/v1/trends/links").json()

    assert [(one["url"], one["title"], one["history"][0]["accounts"]) for one in shown] == [
        ("https://a.example/", "A", "2")
    ]
