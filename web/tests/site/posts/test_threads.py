"""Threads: who answers whom, what is one text, what is folded."""

import pytest


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


def test_answers_stand_inside_what_they_answer_and_deep_ones_are_folded(make_post, ann, bob, as_ann, ids):
    root = make_post(bob)
    levels = [root]
    for _ in range(5):
        levels.append(make_post(ann if levels[-1] == root or len(levels) % 2 else bob, in_reply_to_id=levels[-1]))

    as_ann.open(f"/@bob/{root}")

    assert ids(".answers-tree > .branch > .branches > .branch > .branches > .branch")[0] == levels[3]
    assert ids("details.folded") == levels[4:]
    assert "Show 2 more replies" in as_ann.text


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
