"""Timelines through the API, and how all lists are paged."""

import re

import pytest

FULL = 40


@pytest.fixture
def follow(as_ann):
    return lambda person: as_ann.post(f"/api/v1/accounts/{person.id}/follow").json()


def walk(client, path, limit):
    """Follow a list to its end by its `next` links and return the ids of each page."""
    pages = []
    address = f"{path}{'&' if '?' in path else '?'}limit={limit}"
    while address:
        response = client.get(address)
        pages.append([one["id"] for one in response.json()])
        match = re.search(r'<([^>]+)>; rel="next"', response.headers.get("link", ""))
        address = match[1] if match else None
    return pages


def test_home_has_ones_own_posts_and_those_of_whom_one_follows(ann, bob, cho, make_post, as_ann, follow):
    before = make_post(bob, "before")
    follow(bob)
    expected = [make_post(bob, "after"), make_post(ann, "mine")]
    make_post(cho, "unrelated")
    shown = [int(one["id"]) for one in as_ann.get("/api/v1/timelines/home").json()]

    assert shown == [*sorted(expected, reverse=True), before]


def test_the_public_timeline_has_public_posts_the_newest_first(bob, make_post, stranger):
    first, second = make_post(bob, "one"), make_post(bob, "two")
    make_post(bob, "quiet", visibility="unlisted")
    make_post(bob, "answer", in_reply_to_id=first)
    shown = [int(one["id"]) for one in stranger.get("/api/v1/timelines/public?local=true").json()]

    assert shown[-2:] == [second, first]
    assert all(one["visibility"] == "public" for one in stranger.get("/api/v1/timelines/public").json())
    assert stranger.get("/api/v1/timelines/public?remote=true").json() == []


@pytest.mark.parametrize("name", ["Birds", "birds", "BIRDS"])
def test_a_hashtag_is_found_however_it_is_written(bob, make_post, stranger, name):
    post_id = make_post(bob, "look, #bIrDs")
    make_post(bob, "#bird")

    assert [int(one["id"]) for one in stranger.get(f"/api/v1/timelines/tag/{name}").json()] == [post_id]


@pytest.mark.parametrize("limit", [1, 2, 3, 40])
def test_following_the_links_reaches_every_entry_once(bob, make_post, stranger, limit):
    made = [str(make_post(bob, str(number))) for number in range(7)]
    pages = walk(stranger, f"/api/v1/accounts/{bob.id}/statuses", limit)

    assert [id for page in pages for id in page] == made[::-1]


def test_pages_can_be_asked_for_in_every_direction(bob, make_post, stranger):
    a, b, c, d, e = (str(make_post(bob, str(number))) for number in range(5))

    def page(**parameters):
        response = stranger.get(f"/api/v1/accounts/{bob.id}/statuses", params={"limit": 2, **parameters})
        return [one["id"] for one in response.json()]

    assert page() == [e, d]
    assert page(max_id=d) == [c, b]
    assert page(since_id=a) == [e, d]
    assert page(min_id=a) == [c, b]
    assert page(min_id=e) == []
    assert page(max_id=c, since_id=a) == [b]


def test_links_keep_the_other_parameters_and_name_this_site(bob, make_post, stranger):
    for number in range(3):
        make_post(bob, str(number))
    link = stranger.get(f"/api/v1/accounts/{bob.id}/statuses?exclude_replies=true&limit=2").headers["link"]

    assert link.count(f"<http://twite.example/api/v1/accounts/{bob.id}/statuses?exclude_replies=true&limit=2&") == 2


@pytest.mark.parametrize("limit", ["1000", "-1000"])
def test_a_page_never_has_more_than_the_most(bob, make_post, stranger, limit):
    for number in range(FULL + 5):
        make_post(bob, str(number))

    assert len(stranger.get(f"/api/v1/timelines/public?limit={limit}").json()) == FULL


@pytest.mark.parametrize("parameters", ["max_id=x", "min_id=-1x", "since_id=%00", "limit=x", "limit=" + "9" * 5000])
def test_a_malformed_page_is_refused_in_words(stranger, parameters):
    response = stranger.get(f"/api/v1/timelines/public?{parameters}")

    assert response.status_code in {400, 422}
    assert response.json()["error"]


def test_home_is_for_people_with_a_token_that_covers_it(api, ann, stranger):
    assert stranger.get("/api/v1/timelines/home").status_code == 401
    assert api(ann, "write follow").get("/api/v1/timelines/home").status_code == 403
    assert api(ann, "read:statuses").get("/api/v1/timelines/home").status_code == 200
