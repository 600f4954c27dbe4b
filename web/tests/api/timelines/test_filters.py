"""Filters: what is told of posts that match, and making and changing them in both versions of the API."""

import time

import pytest

from twite_common import clock
from twite_common.filtering import Filter, Keyword, Matcher


@pytest.fixture
def make_filter(as_ann):
    def make(**changes):
        body = {
            "title": "Cats",
            "context": ["home", "public"],
            "keywords_attributes": [{"keyword": "cat", "whole_word": True}],
            **changes,
        }
        answer = as_ann.post("/api/v2/filters", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return make


def shown(client, post_id):
    return client.get(f"/api/v1/statuses/{post_id}").json()["filtered"]


def test_a_post_that_matches_says_so_to_whoever_has_the_filter(make_filter, make_post, as_ann, as_bob, bob):
    made = make_filter()
    matching, other = make_post(bob, "My CAT sleeps"), make_post(bob, "concatenate")

    (result,) = shown(as_ann, matching)
    assert (result["filter"]["id"], result["keyword_matches"]) == (made["id"], ["CAT"])
    assert "keywords" not in result["filter"]
    assert shown(as_ann, other) == []
    assert shown(as_bob, matching) == []


@pytest.mark.parametrize("seconds", [10**12, 10**18, -(10**18)])
def test_a_filter_of_any_time_is_kept_and_shown(make_filter, as_ann, seconds):
    made = make_filter(expires_in=seconds)

    assert as_ann.get("/api/v2/filters").json() == [made]
    assert (made["expires_at"] > "2100") == (seconds > 0)


def test_ones_own_posts_are_not_filtered(make_filter, make_post, as_ann, ann):
    make_filter()

    assert shown(as_ann, make_post(ann, "my cat")) == []


def test_a_boost_is_filtered_like_what_it_boosts(make_filter, make_post, as_ann, as_cho, bob):
    make_filter()
    boost = as_cho.post(f"/api/v1/statuses/{make_post(bob, 'a cat')}/reblog").json()

    seen = as_ann.get(f"/api/v1/statuses/{boost['id']}").json()
    assert len(seen["filtered"]) == len(seen["reblog"]["filtered"]) == 1


def test_warnings_polls_and_descriptions_are_looked_at_too(make_filter, as_ann, as_bob):
    make_filter()
    poll = {"options": ["dog", "cat"], "expires_in": 3600}
    asked = as_bob.post("/api/v1/statuses", json={"status": "Which?", "poll": poll}).json()
    warned = as_bob.post("/api/v1/statuses", json={"status": "x", "spoiler_text": "a cat"}).json()

    assert [len(shown(as_ann, one["id"])) for one in (asked, warned)] == [1, 1]


@pytest.mark.parametrize(
    ("post", "found"),
    [
        ("see https://example.org/a/long/way/to/go/to/the/cat", 0),
        ("see https://example.org/#cat", 1),
        ("see https://example.org/cat", 1),
    ],
)
def test_only_the_part_of_a_link_that_people_see_is_looked_at(make_filter, make_post, as_ann, bob, post, found):
    make_filter()

    assert len(shown(as_ann, make_post(bob, post))) == found


def test_a_filter_may_name_a_post(make_filter, make_post, as_ann, bob):
    made = make_filter(keywords_attributes=[])
    post_id = make_post(bob, "hello")
    path = f"/api/v2/filters/{made['id']}/statuses"
    named = as_ann.post(path, json={"status_id": str(post_id)}).json()

    assert shown(as_ann, post_id)[0]["status_matches"] == [str(post_id)]
    assert as_ann.get(path).json() == [named]
    assert as_ann.delete(f"/api/v2/filters/statuses/{named['id']}").status_code == 200
    assert shown(as_ann, post_id) == []


def test_changes_count_at_once(make_filter, make_post, as_ann, bob):
    made = make_filter()
    post_id = make_post(bob, "my cat")
    path = f"/api/v2/filters/{made['id']}"
    word = made["keywords"][0]["id"]
    seen = [len(shown(as_ann, post_id))]
    for body in (
        {"keywords_attributes": [{"id": word, "keyword": "dog"}]},
        {"keywords_attributes": [{"id": word, "_destroy": True}, {"keyword": "my"}]},
        {"expires_in": -1},
        {"expires_in": None, "filter_action": "hide"},
    ):
        assert as_ann.put(path, json=body).status_code == 200
        seen.append(len(shown(as_ann, post_id)))

    assert seen == [1, 0, 1, 0, 1]
    assert as_ann.delete(path).status_code == 200
    assert shown(as_ann, post_id) == []


@pytest.mark.parametrize(
    "changes",
    [{"title": " "}, {"context": []}, {"context": ["everywhere"]}, {"filter_action": "explode"}, {"title": "x" * 257}],
)
def test_a_filter_that_breaks_a_rule_is_refused(as_ann, changes):
    body = {"title": "Cats", "context": ["home"], **changes}

    assert as_ann.post("/api/v2/filters", json=body).status_code == 422
    assert as_ann.get("/api/v2/filters").json() == []


def test_nobody_sees_or_changes_anothers_filters(make_filter, as_bob):
    made = make_filter()
    word = made["keywords"][0]["id"]
    paths = [f"/api/v2/filters/{made['id']}", f"/api/v2/filters/keywords/{word}", f"/api/v1/filters/{word}"]

    assert as_bob.get("/api/v2/filters").json() == []
    for path in paths:
        assert [as_bob.get(path).status_code, as_bob.delete(path).status_code] == [404, 404]
        assert as_bob.put(path, json={"phrase": "x", "context": ["home"]}).status_code == 404


def test_the_first_version_has_a_filter_for_each_word(make_filter, as_ann):
    make_filter(keywords_attributes=[{"keyword": "cat"}, {"keyword": "dog"}])
    body = {"phrase": "bird", "context": ["thread"], "irreversible": True, "whole_word": True}
    made = as_ann.post("/api/v1/filters", json=body).json()

    listed = as_ann.get("/api/v1/filters").json()
    assert [one["phrase"] for one in listed] == ["cat", "dog", "bird"]
    assert (made["irreversible"], made["whole_word"], made["context"]) == (True, True, ["thread"])
    assert as_ann.get("/api/v2/filters").json()[1]["filter_action"] == "hide"
    changed = as_ann.put(f"/api/v1/filters/{made['id']}", json={"phrase": "fish", "context": ["home"]}).json()
    assert changed["phrase"] == "fish"
    assert as_ann.delete(f"/api/v1/filters/{made['id']}").status_code == 200
    assert len(as_ann.get("/api/v2/filters").json()) == 1


@pytest.mark.parametrize("changes", [{"context": ["thread"]}, {"irreversible": True}, {"expires_in": 60}])
def test_the_first_version_changes_only_the_word_of_a_filter_with_several(make_filter, as_ann, changes):
    made = make_filter(filter_action="blur", keywords_attributes=[{"keyword": "cat"}, {"keyword": "dog"}])
    path = f"/api/v1/filters/{made['keywords'][0]['id']}"
    word = {"phrase": "bird", "context": made["context"]}

    assert as_ann.put(path, json=word | changes).status_code == 422
    assert as_ann.get("/api/v2/filters").json() == [made]
    assert as_ann.put(path, json=word | {"expires_in": None}).json()["phrase"] == "bird"
    made["keywords"][0]["keyword"] = "bird"
    assert as_ann.get("/api/v2/filters").json() == [made]


def test_words_are_whole_ones_unless_told_otherwise(make_filter, as_ann):
    made = make_filter(keywords_attributes=[{"keyword": "cat"}, {"keyword": "dog", "whole_word": False}])
    added = as_ann.post(f"/api/v2/filters/{made['id']}/keywords", json={"keyword": "fox"}).json()

    assert [one["whole_word"] for one in (*made["keywords"], added)] == [True, False, True]


@pytest.mark.parametrize(
    ("keyword", "whole_word", "text", "matches"),
    [
        ("cat", True, "concat", False),
        ("cat", False, "concat", True),
        ("#cat", True, "a #cat!", True),
        ("c++", True, "I like C++", True),
        ("(", False, "a (b)", True),
        ("cat", True, "CAT", True),
        ("ai", True, "j'ai faim", False),
        ("AI", True, "AI's future", False),
        ("AI", True, "an AI.", True),
        ("AI", True, "今日はAIです", True),
        ("can", True, "can't", False),
        ("猫", True, "今日の猫は箱", True),
        ("ネコ", True, "クロネコ", True),
        ("แมว", True, "ฉันรักแมวมาก", True),
        ("고양이", True, "우리고양이들", False),
        ("हिन्द", True, "हिन्दी", False),
        ("#cat", True, "https://example.org/#cat", False),
        ("#cat", False, "example.org/#cat", False),
        ("#cat", True, "#cats", False),
        ("#cat", False, "#cats", True),
        ("cat", True, "#cat", True),
    ],
)
def test_whole_words_end_where_words_do(keyword, whole_word, text, matches):
    one = Filter(1, "t", ("home",), "warn", None, (Keyword(2, keyword, whole_word),), ())

    assert bool(Matcher([one]).matches([text], [], now=clock.now())) == matches


def test_letters_that_are_folded_into_several_stay_where_they_are():
    keywords = (Keyword(2, "straße", True), Keyword(3, "İSTANBUL", True))
    one = Filter(1, "t", ("home",), "warn", None, keywords, ())

    (match,) = Matcher([one]).matches(["ẞ ﬁ Straße nach istanbul"], [], now=clock.now())

    assert match.keywords == ("Straße", "istanbul")


def test_an_accounts_filters_have_a_bounded_number_of_words_and_characters(make_filter, as_ann):
    body = {"title": "Much", "context": ["home"]}
    for _ in range(2):
        make_filter(keywords_attributes=[{"keyword": "a" * 45 + str(n)} for n in range(190)])
    too_long = as_ann.post("/api/v2/filters", json={**body, "keywords_attributes": [{"keyword": "b" * 512}] * 4})
    for _ in range(3):
        make_filter(keywords_attributes=[{"keyword": "c"}] * 200)
    too_many = as_ann.post("/api/v2/filters", json={**body, "keywords_attributes": [{"keyword": "d"}] * 21})

    assert (too_long.status_code, too_many.status_code) == (422, 422)
    assert "20000 characters in total" in too_long.json()["error"]
    assert "1000 keywords" in too_many.json()["error"]
    assert len(as_ann.get("/api/v2/filters").json()) == 5


def test_filters_from_before_the_limits_cost_little():
    words = tuple(Keyword(n, f"{n} " + "a" * 500, True) for n in range(2400))
    filters = [Filter(n, "t", ("home",), "warn", None, words[n * 200 : n * 200 + 200], ()) for n in range(12)]
    before = time.process_time()

    matcher = Matcher(filters)
    for n in range(20):
        matcher.matches([f"{n} " + "a" * 480], [], now=clock.now())

    assert time.process_time() - before < 0.5
