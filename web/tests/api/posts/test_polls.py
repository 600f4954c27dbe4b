"""Polls: asking, voting once, and what is told before the end."""

import pytest

from twite_common.queries.notifications import notifications
from twite_common.queries.paging import Page
from twite_common.services.posts import polls

ASKED = {"options": ["tea", "coffee"], "expires_in": 3600}


@pytest.fixture
def ask(as_ann):
    def ask(**poll):
        return as_ann.post("/api/v1/statuses", json={"status": "What to drink?", "poll": {**ASKED, **poll}}).json()

    return ask


def vote(client, post, *choices):
    return client.post(f"/api/v1/polls/{post['poll']['id']}/votes", json={"choices": list(choices)})


def test_a_vote_is_counted_once_and_shown_to_everybody(ask, as_bob, stranger):
    post = ask()
    voted = vote(as_bob, post, 1).json()

    assert (voted["votes_count"], voted["voters_count"], voted["voted"], voted["own_votes"]) == (1, 1, True, [1])
    assert [one["votes_count"] for one in voted["options"]] == [0, 1]
    assert vote(as_bob, post, 0).status_code == 422
    shown = stranger.get(f"/api/v1/statuses/{post['id']}").json()["poll"]
    assert [one["votes_count"] for one in shown["options"]] == [0, 1]
    assert "voted" not in shown


def test_several_choices_only_where_the_poll_allows_them(ask, as_bob):
    one, several = ask(), ask(multiple=True)

    assert vote(as_bob, one, 0, 1).status_code == 422
    assert vote(as_bob, several, 0, 1).json()["own_votes"] == [0, 1]


def test_further_options_can_be_chosen_later_and_none_twice(ask, as_bob, as_cho, stranger):
    post = ask(multiple=True)
    vote(as_cho, post, 1)
    first, second = vote(as_bob, post, 1).json(), vote(as_bob, post, 0).json()

    assert (first["own_votes"], second["own_votes"]) == ([1], [0, 1])
    assert (second["voters_count"], second["votes_count"]) == (2, 3)
    assert [vote(as_bob, post, *choices).status_code for choices in ((0,), (1,), (0, 1))] == [422, 422, 422]
    shown = stranger.get(f"/api/v1/statuses/{post['id']}").json()["poll"]
    assert ([one["votes_count"] for one in shown["options"]], shown["voters_count"]) == ([1, 2], 2)


def test_hidden_votes_are_told_at_the_end(ask, as_bob):
    post = ask(hide_totals=True)

    assert [one["votes_count"] for one in vote(as_bob, post, 0).json()["options"]] == [None, None]


@pytest.mark.parametrize(
    "poll",
    [
        {"options": ["one"]},
        {"options": ["a", "a"]},
        {"options": ["a", " "]},
        {"options": ["a", "b" * 51]},
        {"options": list("abcde")},
        {"expires_in": 299},
        {"expires_in": 2_629_747},
    ],
)
def test_a_poll_that_breaks_a_rule_is_refused(as_ann, poll):
    answer = as_ann.post("/api/v1/statuses", json={"status": "x", "poll": {**ASKED, **poll}})

    assert answer.status_code == 422


def test_authors_do_not_vote_and_unknown_choices_do_not_count(ask, as_ann, as_bob):
    post = ask()

    assert vote(as_ann, post, 0).status_code == 422
    assert vote(as_bob, post, 2).status_code == 422
    assert vote(as_bob, post).status_code == 422


def test_a_poll_is_for_those_who_may_see_its_post(as_ann, as_bob):
    post = as_ann.post("/api/v1/statuses", json={"status": "x", "poll": ASKED, "visibility": "direct"}).json()

    assert as_bob.get(f"/api/v1/polls/{post['id']}").status_code == 404
    assert vote(as_bob, post, 0).status_code == 404


def test_other_options_make_the_votes_void(ask, as_ann, as_bob):
    post = ask()
    vote(as_bob, post, 0)
    edit = {"status": "What to drink?", "poll": {**ASKED, "options": ["tea", "water"]}}
    edited = as_ann.put(f"/api/v1/statuses/{post['id']}", json=edit).json()

    assert [(one["title"], one["votes_count"]) for one in edited["poll"]["options"]] == [("tea", 0), ("water", 0)]
    history = as_ann.get(f"/api/v1/statuses/{post['id']}/history").json()
    assert [one["title"] for one in history[0]["poll"]["options"]] == ["tea", "coffee"]


def test_the_end_is_told_to_the_author_and_to_those_who_voted(ask, as_bob, ann, bob, cho, database):
    post = ask()
    vote(as_bob, post, 0)
    over = (int(post["id"]) >> 16) + 3_600_000 + 5
    with database.writing() as db:
        polls.end_those_over(db, now=over)
        polls.end_those_over(db, now=over)

    with database.reading() as db:
        told = {
            one.id: [
                told.kind for told in notifications.page(db, Page(), viewer_id=one.id, now=over) if told.kind == "poll"
            ]
            for one in (ann, bob, cho)
        }
    assert told == {ann.id: ["poll"], bob.id: ["poll"], cho.id: []}
    assert vote(as_bob, post, 0).status_code == 422
