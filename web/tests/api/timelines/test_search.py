"""Finding posts through the API and on the site."""

import pytest


@pytest.fixture
def find(as_ann):
    def find(query, **parameters):
        answer = as_ann.get("/api/v2/search", params={"q": query, "type": "statuses", **parameters})
        return [one["id"] for one in answer.json()["statuses"]]

    return find


@pytest.fixture
def birds(ann, make_post):
    return [str(make_post(ann, f"blackbird {number}")) for number in range(3)][::-1]


def test_posts_are_found_and_paged(find, birds, ann, bob):
    assert find("blackbird") == birds
    assert find("from:me", limit=1, offset=1) == birds[1:2]
    assert find("blackbird", max_id=birds[0]) == birds[1:]
    assert find("blackbird", min_id=birds[1]) == birds[:1]
    assert find("blackbird", account_id=str(ann.id)) == birds
    assert find("blackbird", account_id=str(bob.id)) == []
    assert find("blackbird", account_id="x") == []


def test_posts_are_found_with_the_rest_only_where_they_are_asked_for(as_ann, birds):
    everything = as_ann.get("/api/v2/search?q=blackbird").json()
    people = as_ann.get("/api/v2/search?q=blackbird&type=accounts").json()

    assert [one["id"] for one in everything["statuses"]] == birds
    assert people["statuses"] == []


def test_of_a_kind_that_there_is_not_nothing_is_found(as_ann, birds):
    unknown, empty = (as_ann.get(f"/api/v2/search?q=blackbird&type={kind}").json() for kind in ("collections", ""))

    assert unknown == {"accounts": [], "statuses": [], "hashtags": [], "collections": []}
    assert [one["id"] for one in empty["statuses"]] == birds


def test_strangers_find_no_posts_by_their_text(stranger, as_ann, birds):
    as_ann.patch("/api/v1/accounts/update_credentials", json={"indexable": True})

    assert stranger.get("/api/v2/search?q=blackbird").json()["statuses"] == []


def test_an_address_finds_its_post_alone(find, birds):
    assert find(f"http://twite.example/@ann/{birds[1]}") == [birds[1]]


def test_a_hashtag_is_found_by_those_alone_who_may_see_a_post_with_it(as_ann, as_bob, stranger, ann, make_post):
    make_post(ann, "#owls", visibility="followers")
    make_post(ann, "#wrens")

    def found(client):
        answers = [client.get(f"/api/v2/search?type=hashtags&q={q}").json() for q in ("owl", "wren")]
        return [one["name"] for answer in answers for one in answer["hashtags"]]

    assert (found(as_ann), found(as_bob), found(stranger)) == (["owls", "wrens"], ["wrens"], ["wrens"])


def test_there_are_no_other_servers_to_find(stranger):
    assert stranger.get("/api/v1/peers/search?q=a").json() == []


def test_members_find_posts_on_the_site(logged_in, open_browser, ann, make_post, as_ann):
    as_ann.patch("/api/v1/accounts/update_credentials", json={"indexable": True})
    for number in range(21):
        make_post(ann, f"blackbird {number}")
    member, visitor = logged_in(ann), open_browser()
    member.open("/search?q=blackbird")
    first = member.text
    member.open(member.page.find("a", rel="next")["href"])
    visitor.open("/search?q=blackbird")

    assert "blackbird 20" in first
    assert "blackbird 0" in member.text
    assert "No results for “blackbird”" in visitor.text
    assert visitor.page.select_one(".empty a")["href"] == "/login?next=/search%3Fq%3Dblackbird"


def test_a_search_that_finds_nothing_says_why(logged_in, bob, ann, make_post):
    make_post(ann, "blackbird")
    browser = logged_in(bob)
    browser.open("/search?q=blackbird")

    assert "public posts of people who want to be found by" in browser.text
    assert browser.page.select_one('.empty a[href="/settings/profile"]') is not None


def test_a_blocked_account_is_found_by_its_whole_name_only(as_ann, ann, bob):
    as_ann.post(f"/api/v1/accounts/{bob.id}/block")

    def found(q):
        return [one["username"] for one in as_ann.get(f"/api/v2/search?type=accounts&q={q}").json()["accounts"]]

    assert (found("bo"), found("bob")) == ([], ["bob"])
