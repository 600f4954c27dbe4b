"""Limits on how often the API may be called."""

from datetime import datetime

import msgspec
import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import select

from twite_common import clock
from twite_common.clock import MINUTE
from twite_common.queries import viewers
from twite_common.services.identity import grants
from twite_common.tables import grant, rate_count
from twite_web.api.route_limits import SPECIAL
from twite_web.rate_limiter import Limiter

NOW = 1_700_000_000_000


@pytest.fixture
def limits():
    """The limits of this test, by their settings; the others are off."""
    return {}


@pytest.fixture
def settings(settings, limits):
    return msgspec.structs.replace(settings, **limits)


def standing(answer):
    return [answer.headers.get(f"X-RateLimit-{name}") for name in ("Limit", "Remaining")]


@pytest.mark.parametrize("limits", [{"limit_token": 2, "limit_account": 3}])
def test_a_token_is_limited_and_so_is_its_account(api, ann, bob, stranger):
    first, second, other = api(ann), api(ann), api(bob)
    answers = [one.get("/api/v1/preferences") for one in (first, first, first, second, other)]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 429, 200]
    assert [standing(answer) for answer in answers] == [["2", "1"], ["2", "0"], ["2", "0"], ["3", "0"], ["2", "1"]]
    assert answers[2].json() == {"error": "Too many requests"}
    assert 0 < int(answers[2].headers["Retry-After"]) <= 300


@pytest.mark.parametrize("limits", [{"limit_address": 2}])
def test_strangers_are_limited_by_their_address(stranger, as_ann):
    answers = [stranger.get("/api/v2/instance") for _ in range(3)]
    reset = datetime.fromisoformat(answers[0].headers["X-RateLimit-Reset"])

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["X-RateLimit-Reset"].endswith(".000000Z")
    assert 0 < reset.timestamp() * 1000 - clock.now() <= 5 * MINUTE
    assert standing(as_ann.get("/api/v1/preferences")) == [None, None]


@pytest.mark.parametrize("limits", [{"limit_address": 2}])
def test_guessing_tokens_counts_for_the_address(stranger):
    wrong = {"Authorization": "Bearer guessed"}

    assert [stranger.get("/api/v1/preferences", headers=wrong).status_code for _ in range(3)] == [401, 401, 429]


@pytest.mark.parametrize("limits", [{"limit_address": 1}])
def test_the_site_and_what_programs_look_for_first_are_not_limited(stranger):
    for path in ("/public", "/health", "/.well-known/nodeinfo", "/api/docs"):
        answers = [stranger.get(path) for _ in range(3)]

        assert {answer.status_code for answer in answers} == {200}
        assert standing(answers[0]) == [None, None]


@pytest.mark.parametrize("limits", [{"limit_pages": 1}])
def test_further_pages_are_limited(as_ann):
    answers = [as_ann.get(f"/api/v1/timelines/home{query}") for query in ("", "?max_id=9", "?limit=1", "?max_id=9")]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


@pytest.mark.parametrize(
    ("limits", "ask"),
    [
        ({"limit_posts": 1}, ("POST", "/api/v1/statuses", {"status": "x"})),
        ({"limit_posts": 1}, ("POST", "/api/v1/statuses/thread", {"statuses": [{"status": "x"}]})),
        ({"limit_deletions": 1}, ("DELETE", "/api/v1/statuses/{post}", {})),
        ({"limit_deletions": 1}, ("POST", "/api/v1/statuses/{post}/unreblog", {})),
        ({"limit_follows": 1}, ("POST", "/api/v1/accounts/{bob}/follow", {})),
    ],
)
def test_what_costs_more_has_limits_of_its_own(as_ann, ann, bob, make_post, ask):
    method, path, body = ask
    addresses = [path.format(post=make_post(ann), bob=bob.id) for _ in range(2)]
    answers = [as_ann.request(method, address, json=body) for address in addresses]

    assert [answer.status_code for answer in answers] == [200, 429]
    assert standing(answers[0]) == ["1", "0"]
    assert as_ann.get("/api/v1/preferences").status_code == 200


@pytest.mark.parametrize("limits", [{"limit_posts": 3}])
def test_every_post_of_a_thread_counts_wherever_it_comes_from(as_ann, bob, api):
    statuses = {"statuses": [{"status": "x"}] * 4}
    draft = as_ann.post("/api/v1/drafts", json=statuses).json()["id"]
    three = {"statuses": [{"status": "x"}] * 3}

    assert as_ann.post(f"/api/v1/drafts/{draft}/publish").status_code == 429
    assert as_ann.get(f"/api/v1/drafts/{draft}").status_code == 200
    answers = [api(bob).post("/api/v1/statuses/thread", json=sent).status_code for sent in (three, three)]
    assert answers == [200, 429]


@pytest.fixture
def app_(stranger):
    return stranger.post("/api/v1/apps", json={"client_name": "App", "redirect_uris": "https://app.example/"}).json()


@pytest.mark.faults
@pytest.mark.parametrize("limits", [{"limit_apps": 2}])
@pytest.mark.parametrize("who", ["stranger", "as_ann"])
def test_registering_applications_is_limited_by_account_and_address(request, stranger, who):
    asked = {"client_name": "App", "redirect_uris": "https://app.example/"}
    client = request.getfixturevalue(who)
    answers = [client.post("/api/v1/apps", json=asked) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [standing(answer) for answer in answers] == [["2", "1"], ["2", "0"], ["2", "0"]]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 1800
    assert answers[2].json()["error"].startswith("Too many applications were registered from here.")
    assert stranger.post("/api/v1/apps", json=asked).status_code == 429


@pytest.mark.faults
@pytest.mark.parametrize("limits", [{"limit_oauth": 2}])
def test_what_an_application_asks_for_itself_is_limited(stranger, app_):
    keys = {"client_id": app_["client_id"], "client_secret": app_["client_secret"]}
    own = keys | {"grant_type": "client_credentials"}
    other = stranger.post("/api/v1/apps", json={"client_name": "B", "redirect_uris": "https://b.example/"}).json()
    others = {"client_id": other["client_id"], "client_secret": other["client_secret"], "token": "x"}
    asked = [("token", own), ("revoke", keys | {"token": "x"}), ("introspect", keys | {"token": "x"}), ("token", own)]
    answers = [stranger.post(f"/oauth/{path}", data=data) for path, data in asked]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert [standing(answer)[1] for answer in answers] == ["1", "0", "0", "0"]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 300
    assert answers[2].json() == {"error": "Too many requests for tokens. Please wait a few minutes and try again."}
    assert stranger.post("/oauth/introspect", data=others).status_code == 200


@pytest.mark.faults
@pytest.mark.parametrize("limits", [{"limit_oauth": 2}])
def test_refused_requests_are_limited_and_keep_nobody_else_out(stranger, app_):
    keys = {"client_id": app_["client_id"], "client_secret": app_["client_secret"]}
    guess = {"grant_type": "authorization_code", "code": "x", "redirect_uri": "https://app.example/"}
    asked = [
        ("token", keys | guess),
        ("revoke", {"token": "x"}),
        ("introspect", {"token": "x"}),
        ("device_authorization", {"client_id": "x"}),
        ("token", keys | {"grant_type": "client_credentials"}),
    ]
    answers = [stranger.post(f"/oauth/{path}", data=data).status_code for path, data in asked]

    assert answers == [400, 403, 429, 429, 200]


@pytest.mark.faults
@pytest.mark.parametrize("limits", [{"limit_oauth": 2}])
def test_a_device_that_waits_is_limited_by_itself(stranger, app_):
    first, second = (
        stranger.post("/oauth/device_authorization", data={"client_id": app_["client_id"]}).json() for _ in range(2)
    )
    asked = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": app_["client_id"]}
    answers = [
        stranger.post("/oauth/token", data=asked | {"device_code": codes["device_code"]})
        for codes in (first, first, first, second)
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 429, 400]
    assert answers[3].json()["error"] == "authorization_pending"


@pytest.mark.faults
@pytest.mark.parametrize("limits", [{"limit_oauth": 1}])
def test_a_refusal_that_is_over_the_limit_still_ends_what_was_stolen(database, stranger, app_, ann):
    keys = {"client_id": app_["client_id"], "client_secret": app_["client_secret"]}
    asked = {"grant_type": "authorization_code", "code": "code", "redirect_uri": "https://app.example/"} | keys
    allow(database, app_, ann)
    made = stranger.post("/oauth/token", data=asked).json()["access_token"]
    stranger.post("/oauth/token", data=keys)
    again = stranger.post("/oauth/token", data=asked)
    with database.reading() as db:
        left = viewers.by_token(db, made, now=clock.now())

    assert (again.status_code, left) == (429, None)


def allow(database, app_, account):
    with database.writing() as db:
        grants.add(
            db,
            now=clock.now(),
            code="code",
            application_id=int(app_["id"]),
            account_id=account.id,
            redirect_uri="https://app.example/",
            scopes="read",
            code_challenge=None,
            code_challenge_method=None,
        )


@pytest.mark.faults
@pytest.mark.parametrize("limits", [{"limit_oauth": 2}])
@pytest.mark.parametrize("before", [1, 2])
def test_tokens_for_one_account_are_limited_wherever_they_are_asked_for(database, bare, stranger, app_, ann, before):
    allow(database, app_, ann)
    keys = {"client_id": app_["client_id"], "client_secret": app_["client_secret"]}
    asked = {"grant_type": "authorization_code", "code": "code", "redirect_uri": "https://app.example/"}
    for _ in range(before):
        bare.state["core"].limiter.count([("limit_oauth", ann.id)], clock.now())
    answer = stranger.post("/oauth/token", data=asked | keys)
    with database.reading() as db:
        used_at = db.scalar(select(grant.c.used_at))

    assert (answer.status_code, standing(answer)[1]) == ((200, "0") if before == 1 else (429, "0"))
    assert (used_at is None) == (before == 2), "what was refused can be asked for again later"


@pytest.mark.parametrize("limits", [{"limit_address": 1, "rate_limits": "off"}])
def test_all_limits_can_be_switched_off(stranger):
    assert [stranger.get("/api/v2/instance").status_code for _ in range(3)] == [200, 200, 200]


def test_every_route_with_a_limit_of_its_own_exists(bare):
    known = {
        (method, route.path_format) for route in bare.routes if isinstance(route, HTTPRoute) for method in route.methods
    }

    assert set(SPECIAL) <= known


@pytest.fixture
def processes(settings, database):
    """The limiters of two processes, for ten requests of an account."""
    wanted = msgspec.structs.replace(settings, limit_account=10)
    return Limiter(wanted, database), Limiter(wanted, database)


def test_processes_learn_each_others_counts(processes):
    one, two = processes
    for _ in range(4):
        one.count([("limit_account", 7)], NOW)
    two.count([("limit_account", 7)], NOW)
    for limiter in (one, two):
        limiter.share(NOW)
    alone = one.count([("limit_account", 7)], NOW).remaining
    one.share(NOW)

    assert alone == 5
    assert [limiter.count([("limit_account", 7)], NOW).remaining for limiter in processes] == [3, 4]
    assert one.count([("limit_account", 8)], NOW).remaining == 9


def test_the_next_period_begins_anew_and_the_old_counts_are_removed(processes, database):
    one, _ = processes
    for _ in range(12):
        over = one.count([("limit_account", 7)], NOW)
    one.share(NOW)
    later = one.count([("limit_account", 7)], over.ends_at)
    one.share(over.ends_at)
    with database.reading() as db:
        kept = db.execute(select(rate_count.c.ends_at, rate_count.c.number)).all()

    assert (over.remaining, later.remaining) == (-2, 9)
    assert [tuple(row) for row in kept] == [(over.ends_at + 5 * MINUTE, 1)]
