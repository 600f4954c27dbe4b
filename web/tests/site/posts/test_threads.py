"""Threads: who answers whom, what is one text, what is folded."""

import pytest

from twite_common import clock
from twite_common.services.posts import favourites


@pytest.fixture
def ids(as_ann):
    """Return the posts that a part of the open page shows, in its order."""

    def ids(selector):
        return [int(post["data-post"]) for post in as_ann.page.select(f"{selector} .post")]

    return ids


def test_what_its_author_adds_is_read_as_one_text(make_post, ann, bob, as_ann, ids):
    first = make_post(bob)
    answer = make_post(ann, in_reply_to_id=first)
    second = make_post(bob, in_reply_to_id=first)
    third = make_post(bob, in_reply_to_id=second)

    as_ann.open(f"/@bob/{second}")

    assert ids(".thread .link") == [first, second, third]
    assert ids(".thread .joined") == [second, third]
    as_ann.open(f"/@bob/{first}")
    assert ids(".thread") == [first, second, third]
    assert ids(".answers-tree") == [answer]


@pytest.fixture
def talk(make_post, ann, bob):
    """Have two people answer each other so often, and return the posts."""

    def talk(root, number):
        line = [root]
        for at in range(number):
            line.append(make_post((ann, bob)[at % 2], in_reply_to_id=line[-1]))
        return line

    return talk


def test_a_single_answer_stands_below_what_it_answers_and_long_talks_are_folded(make_post, bob, as_ann, ids, talk):
    root = make_post(bob)
    line = talk(root, 8)

    as_ann.open(f"/@bob/{root}")

    assert ids(".straight > .branch")[0] == line[2]
    assert ids(".branch:not(.folded .branch)")[:6] == line[1:7]
    assert ids("details.folded") == line[7:]
    assert "Show 2 more replies" in as_ann.text


def test_several_answers_stand_inside_what_they_answer_and_deep_ones_are_folded(make_post, ann, bob, as_ann, ids):
    root = make_post(bob)
    parent, levels = root, []
    for _ in range(5):
        pair = [make_post(by, in_reply_to_id=parent) for by in (ann, bob)]
        levels.append(pair)
        parent = pair[0]

    as_ann.open(f"/@bob/{root}")

    inside = ".answers-tree > .branch > .branches > .branch > .branches > .branch"
    deepest = as_ann.page.select(f"{inside} > .post")
    assert [int(post["data-post"]) for post in deepest] == levels[2]
    assert as_ann.page.select(".straight") == []
    assert as_ann.page.select(f"{inside} .branch") == []
    assert ids("details.folded") == [levels[3][0], *levels[4], levels[3][1]]


def test_of_many_answers_to_an_answer_only_the_first_ones_are_shown(make_post, ann, bob, as_ann, ids):
    root = make_post(bob)
    answer = make_post(ann, in_reply_to_id=root)
    further = [make_post(bob, in_reply_to_id=answer) for _ in range(5)]

    as_ann.open(f"/@bob/{root}")

    assert ids(".branches > .branch") == further[:3]
    assert ids("details.folded") == further[3:]


def test_who_takes_part_is_named_once(make_post, ann, bob, as_ann):
    root = make_post(bob)
    make_post(ann, in_reply_to_id=make_post(ann, in_reply_to_id=root))

    as_ann.open(f"/@bob/{root}")

    names = [name["href"] for name in as_ann.page.select(".aside .account .name")]
    assert names == ["/@bob", "/@ann"]


class TestThePostThatAPageIsAbout:
    def test_stands_below_its_head(self, make_post, bob, as_ann):
        as_ann.open(f"/@bob/{make_post(bob)}")

        assert as_ann.page.select_one(".page-head h1").text == "Post"
        assert as_ann.page.select_one(".page-head a[data-back]")["href"] == "/@bob"

    @pytest.mark.parametrize("browser", ["as_ann", "stranger"])
    def test_has_its_whole_date_and_who_did_what_with_it(self, make_post, ann, bob, database, request, browser):
        post_id = make_post(bob)
        with database.writing() as db:
            favourites.favourite_post(db, now=clock.now(), account_id=ann.id, post_id=post_id)
        make_post(ann, quote_of_id=post_id)
        browser = request.getfixturevalue(browser)
        browser.open(f"/@bob/{post_id}")

        focus = browser.page.select_one(".focus")
        assert " UTC" in focus.select_one(".post-facts").text
        assert focus.select_one(".post-reactions").text.split() == ["1", "favourite", "1", "quote"]
        assert focus.select_one(".post-reactions a")["href"] == f"/@bob/{post_id}/favourites"

    def test_is_the_same_for_all_strangers(self, make_post, bob, stranger):
        post_id = make_post(bob)
        first = stranger.open(f"/@bob/{post_id}")

        assert first.headers["etag"]
        assert (
            stranger.client.get(f"/@bob/{post_id}", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
        )


@pytest.mark.parametrize("browser", ["as_ann", "stranger"])
def test_nothing_stands_for_none_beside_a_button(make_post, ann, bob, request, browser):
    answered = make_post(bob)
    answer = make_post(ann, in_reply_to_id=answered)
    browser = request.getfixturevalue(browser)
    browser.open(f"/@bob/{answered}")

    actions = browser.page.select_one(f"[data-post='{answer}'] .actions").text
    assert not any(letter.isdigit() for letter in actions)
    browser.open("/public")
    assert "1 replies" in " ".join(browser.page.select_one(f"[data-post='{answered}'] .actions").text.split())


def test_whom_a_post_answers_is_shown_once_that_is_known_again(bare, ann, bob, make_post, as_ann):
    make_post(ann, in_reply_to_id=make_post(bob))
    usernames = bare.state["core"].caches.usernames
    limit, usernames._limit = usernames._limit, 0
    as_ann.open("/")
    usernames._limit = limit
    as_ann.open("/")

    assert "In reply to @bob" in as_ann.text
