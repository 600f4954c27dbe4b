"""What holds for every address of the API: how long answers are kept, slashes at the end, unknown addresses."""

import pytest

PRIVATE = "private, no-store"


def kept(answer):
    return answer.headers["Cache-Control"].partition(",")[0]


def test_strangers_get_answers_that_may_be_kept_for_a_moment(stranger, bob):
    for path in ("/api/v2/instance", f"/api/v1/accounts/{bob.id}", "/.well-known/nodeinfo"):
        answer = stranger.get(path)

        assert kept(answer) == "public"
        assert "s-maxage=1" in answer.headers["Cache-Control"]
        assert answer.headers["Vary"] == "Authorization, Origin, Accept-Encoding"


def test_nothing_else_is_kept(stranger, as_ann, bob):
    answers = [
        as_ann.get(f"/api/v1/accounts/{bob.id}"),
        as_ann.post(f"/api/v1/accounts/{bob.id}/follow"),
        stranger.get("/api/v1/accounts/1"),
        stranger.get("/api/v1/preferences"),
        stranger.get("/api/v1/instance", headers={"Authorization": "Bearer wrong"}),
        stranger.get(f"/api/v1/accounts/{bob.id}?access_token=x"),
        stranger.post("/oauth/token"),
        stranger.get("/health"),
    ]

    assert {answer.headers["Cache-Control"] for answer in answers} <= {PRIVATE, "no-store"}


@pytest.mark.parametrize("path", ["/api/v1/instance", "/api/v2/instance", "/api/v1/custom_emojis"])
def test_a_slash_at_the_end_changes_nothing(stranger, path):
    plain, slashed = stranger.get(path), stranger.get(f"{path}/")

    assert slashed.status_code == plain.status_code
    assert slashed.status_code not in {301, 307, 404}


def test_a_slash_at_the_end_of_the_page_that_authorizes_leads_there(stranger):
    answer = stranger.get("/oauth/authorize/?client_id=a%20b")

    assert (answer.status_code, answer.headers["Location"]) == (301, "/oauth/authorize?client_id=a%20b")


def test_a_slash_at_the_end_of_what_is_changed_is_tolerated(as_ann):
    assert as_ann.post("/api/v1/statuses/", json={"status": "x"}).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v9/instance", "/api/", "/api/v1/accounts/1/nothing"])
def test_addresses_that_do_not_exist_are_not_found_in_json(stranger, path):
    answer = stranger.get(path)

    assert (answer.status_code, answer.json()) == (404, {"error": "Not Found"})


@pytest.mark.parametrize("word", ["true", "1", "t", "on", "yes", "True"])
def test_a_query_takes_any_word_for_yes(as_ann, ann, make_post, word):
    make_post(ann, "plain")

    assert as_ann.get(f"/api/v1/timelines/public?only_media={word}").json() == []


@pytest.mark.parametrize("word", ["false", "FALSE", "f", "F", "0", "off", "OFF", "False", ""])
def test_a_query_takes_what_forms_take_for_no(as_ann, ann, make_post, word):
    make_post(ann, "plain")

    assert len(as_ann.get(f"/api/v1/timelines/public?only_media={word}&limit=").json()) == 1


@pytest.mark.parametrize(
    ("path", "name"),
    [("/api/v2/search", "q"), ("/api/v1/accounts/search", "q"), ("/api/v1/accounts/lookup", "acct")],
)
def test_a_parameter_that_is_missing_is_named(as_ann, path, name):
    answer = as_ann.get(path)

    assert answer.status_code == 400
    assert answer.json() == {"error": f"param is missing or the value is empty: {name}"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/reports"),
        ("PUT", "/api/v1/filters/x"),
        ("GET", "/api/v1/accounts/search"),
        ("POST", "/api/v1/admin/measures"),
    ],
)
def test_whoever_sends_no_token_is_told_so_before_anything_else(stranger, as_ann, method, path):
    answer = stranger.request(method, path)

    assert (answer.status_code, answer.json()) == (401, {"error": "This method requires an authenticated user"})
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert as_ann.request(method, path).status_code in {400, 403, 404, 422}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/reports"),
        ("PUT", "/api/v1/scheduled_statuses/1"),
        ("POST", "/api/v2/filters/1/statuses"),
        ("POST", "/api/v1/admin/measures"),
        ("POST", "/api/v1/admin/accounts/1/action"),
    ],
)
def test_a_token_is_looked_at_before_what_is_sent(api, ann, method, path):
    tokens = (api(ann, scopes="read:lists"), api(None))
    tokens[1].headers["Authorization"] = "Bearer wrong"

    assert [client.request(method, path).status_code for client in tokens] == [403, 401]
