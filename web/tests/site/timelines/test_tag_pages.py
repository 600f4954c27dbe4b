"""Hashtags: following them, and showing them on one's profile."""

import pytest

from twite_common.queries.paging import Page
from twite_common.queries.timelines import tags as queries


@pytest.fixture
def stands(database, ann):
    """The names of the hashtags that Ann follows, and of those that she features."""

    def stands():
        with database.reading() as db:
            followed = [tag.name for _, tag in queries.followed(db, ann.id, Page())]
            return followed, [tag.name for tag in queries.featured(db, ann.id)]

    return stands


@pytest.mark.parametrize("name", ["birds", "Vögel"])
def test_a_hashtag_is_followed_and_featured_on_its_page(as_ann, bob, make_post, stands, name):
    make_post(bob, f"Look #{name}")
    path = f"/tags/{name.lower()}"
    as_ann.open(path)
    as_ann.submit(as_ann.actions()[0])
    assert as_ann.response.url.path.startswith("/tags/")
    assert "You now follow this hashtag." in as_ann.text
    followed = stands()
    feature = next(action for action in as_ann.actions() if action.endswith("/feature"))
    as_ann.submit(feature)
    featured = stands()
    for verb in ("unfollow", "unfeature"):
        as_ann.submit(next(action for action in as_ann.actions() if action.endswith(f"/{verb}")))

    assert (followed, featured) == (([name], []), ([name], [name]))
    assert stands() == ([], [])


def test_a_hashtag_that_nobody_used_can_be_followed(as_ann, stands):
    as_ann.open("/tags/rare")
    as_ann.submit("/tags/rare/follow")

    assert stands() == (["rare"], [])


def test_strangers_see_no_buttons(stranger, bob, make_post):
    make_post(bob, "Look #birds")
    stranger.open("/tags/birds")

    assert stranger.actions() == [action for action in stranger.actions() if action == "/search"]


@pytest.mark.parametrize(("verb", "expected"), [("follow", (["Birds"], [])), ("feature", ([], ["Birds"]))])
def test_a_hashtag_is_added_by_its_name(as_ann, stands, verb, expected):
    as_ann.open("/tags")
    sent = {"form_token": as_ann.value("form_token"), "name": " #Birds ", "verb": verb}
    assert as_ann.client.post("/tags", data=sent).status_code == 303

    assert stands() == expected
    as_ann.open("/tags")
    as_ann.submit(f"/tags/birds/un{verb}")
    assert (stands(), as_ann.path) == (([], []), "/tags")


def test_what_is_no_hashtag_is_said_where_it_was_typed(as_ann, stands):
    as_ann.open("/tags")
    response = as_ann.submit("/tags", {"name": "no tag!"})

    assert response.status_code == 404
    assert "This isn't a valid hashtag." in as_ann.text
    assert as_ann.value("name") == "no tag!"
    assert stands() == ([], [])


def test_the_hashtags_that_one_uses_most_are_suggested(as_ann, ann, make_post, stands):
    make_post(ann, "#tea #tea")
    as_ann.open("/tags")
    as_ann.submit("/tags/tea/feature")

    assert stands() == ([], ["tea"])
    assert "You use these most" not in as_ann.text


def test_eleven_are_too_many_for_a_profile(as_ann, stands):
    as_ann.open("/tags")
    token = as_ann.value("form_token")
    answers = [
        as_ann.client.post("/tags", data={"form_token": token, "name": f"tag{number}", "verb": "feature"})
        for number in range(11)
    ]

    assert [answer.status_code for answer in answers] == [303] * 10 + [422]
    assert "the maximum number of hashtags" in answers[-1].text
    assert len(stands()[1]) == 10


def test_strangers_are_sent_to_log_in(stranger):
    stranger.open("/tags")

    assert stranger.path == "/login"
