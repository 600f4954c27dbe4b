"""Whatever is sent to whatever address: a clear answer, never a failure of ours, and nothing changed."""

import msgspec
import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import func, select

from twite_common.tables import account, post
from twite_common.tables.metadata import metadata
from twite_web.api.openapi import described
from twite_web.api.posts.media import MAX_UPLOAD_BYTES
from twite_web.api.routes import routers
from twite_web.middleware.bodies import MAX_BODY_BYTES, MAX_WITH_PICTURES_BYTES
from twite_web.middleware.security import is_api
from twite_web.site.draft_uploads import MAX_POST_BYTES

HOSTILE = ["0", "-1", "9" * 19, "9" * 40, "%00", "%ff", "%ed%a0%80", "%e2%80%ae", "..%2f..", "'", "<b>", "a" * 3000]
VALUES = ["", "\0", "\x1b[31m", "\u202e", "\ufffe", "-1", "9" * 40, "1e999", "NaN", "x" * 500, "'\"<>", "true"]
NESTED = [None, True, -1, 2**70, 1.5, [], {}, [[]], {"a": {"b": [1]}}, "\ud800"]
FIELDS = {
    *("status", "spoiler_text", "visibility", "in_reply_to_id", "sensitive", "language", "media_ids", "poll"),
    *("display_name", "note", "fields_attributes", "source", "locked", "avatar", "header", "id", "limit", "max_id"),
    *("min_id", "since_id", "offset", "q", "type", "acct", "from", "to", "resource", "home", "notifications", "types"),
    *("duration", "reblogs", "languages", "client_name", "redirect_uris", "scopes", "website", "grant_type", "code"),
    *("text", "name", "email", "password", "username", "uses", "time_zone", "quiet_from", "next", "page", "before"),
    *("token", "client_id", "client_secret", "redirect_uri", "response_type", "scope", "state", "new_password"),
}
BODIES = {
    "empty JSON": (b"", "application/json"),
    "no JSON": (b"{", "application/json"),
    "JSON that isn't UTF-8": (b'{"status": "\xff"}', "application/json"),
    "JSON with lone surrogates": (b'{"status": "\\ud800", "name": "\\udfff"}', "application/json"),
    "JSON with a NUL": (b'{"status": "\\u0000", "name": "\\u0000", "text": "\\u0000"}', "application/json"),
    "a JSON list": (b"[1]", "application/json"),
    "deep JSON": (b'{"status": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "application/json"),
    "a huge number": (b'{"limit": 1' + b"0" * 4000 + b"}", "application/json"),
    "a form that isn't UTF-8": (b"status=%ff%fe&text=%ff", "application/x-www-form-urlencoded"),
    "a form with deep nesting": (b"a" + b"[b]" * 5000 + b"=1", "application/x-www-form-urlencoded"),
    "a form with many fields": (b"a=1&" * 50_000, "application/x-www-form-urlencoded"),
    "a form with a huge index": (
        b"fields_attributes[99999999999][name]=x&id[999999999]=1",
        "application/x-www-form-urlencoded",
    ),
    "multipart without a boundary": (b"x", "multipart/form-data"),
    "multipart that ends early": (
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
        "multipart/form-data; boundary=b",
    ),
    "an unknown kind": (b"\x00\x01", "application/octet-stream"),
    "no kind at all": (b"x=1", ""),
    "an unknown encoding": (b"x=1", "application/x-www-form-urlencoded; charset=klingon"),
}
WRITES = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def routes(bare):
    return sorted(
        (method, route.path_format)
        for route in bare.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods - {"OPTIONS", "HEAD"}
    )


@pytest.fixture
def ask(api, logged_in, ann):
    """Ask as Ann, by her application or her browser, and note what failed on our side."""
    application, browser = api(ann), logged_in(ann)
    browser.open("/settings")
    form_token = browser.value("form_token")
    failed = []

    def ask(method, address, **request):
        client = application if is_api(address.partition("?")[0]) else browser.client
        if client is browser.client and method != "GET":
            request["headers"] = {"x-form-token": form_token, **request.get("headers", {})}
            if isinstance(request.get("data"), dict):
                request["data"] = {"form_token": form_token, **request["data"]}
        answer = client.request(method, address, **request)
        if answer.status_code >= 500 or (answer.status_code >= 400 and not answer.text.strip()):
            failed.append((method, address[:100], answer.status_code, answer.text[:100]))
        return answer

    ask.failed = failed  # type: ignore[attr-defined] # any function takes attributes
    return ask


def is_harmful(path):
    """Say whether an address would end Ann's session or account, after which nothing else were tested."""
    return "/logout" in path or path == "/settings/account/delete"


def test_hostile_pieces_of_addresses(routes, ask):
    for method, path in routes:
        if "{" in path and not is_harmful(path):
            for value in HOSTILE:
                pieces = path.split("/")
                ask(method, "/".join(value if piece.startswith("{") else piece for piece in pieces))

    assert ask.failed == []


def test_hostile_parameters(routes, ask):
    for method, path in routes:
        address = path.replace("{", "").replace("}", "")
        if method == "GET" and "{" not in path:
            for value in VALUES:
                ask(method, address, params=dict.fromkeys(sorted(FIELDS), value))
            ask(method, f"{address}?%ff=%ff&id[]=%ff&limit=%ff&a[b][c]=1&{'x' * 9000}")

    assert ask.failed == []


def test_a_nul_in_each_parameter_that_is_described(ask):
    # One at a time: what is wrong with one hides what would become of another.
    for path, operations in msgspec.json.decode(described(routers, "http://twite.example"))["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", []):
            if parameter["in"] == "query":
                ask("GET", path.replace("{", "").replace("}", ""), params={parameter["name"]: "\0"})

    assert ask.failed == []


def test_hostile_forms(routes, ask):
    for method, path in routes:
        if method in WRITES and "{" not in path and not is_harmful(path):
            for value in VALUES:
                ask(method, path, data=dict.fromkeys(sorted(FIELDS), value))

    assert ask.failed == []


def test_hostile_json(routes, ask):
    for method, path in routes:
        if method in WRITES and "{" not in path and is_api(path):
            for value in NESTED:
                content = (
                    b'{"status": "\\ud800"}'
                    if value == "\ud800"
                    else msgspec.json.encode(dict.fromkeys(sorted(FIELDS), value))
                )
                ask(method, path, content=content, headers={"Content-Type": "application/json"})

    assert ask.failed == []


@pytest.mark.parametrize("kind", BODIES)
def test_bodies_that_are_not_what_they_say(routes, ask, database, kind):
    content, content_type = BODIES[kind]
    for method, path in routes:
        if method in WRITES and "{" not in path and not is_harmful(path):
            answer = ask(method, path, content=content, headers={"Content-Type": content_type})
            if path == "/api/v1/statuses":
                assert 400 <= answer.status_code < 500

    assert ask.failed == []
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(post)) == 0
        assert db.scalar(select(func.count()).select_from(account)) == 1


@pytest.mark.parametrize(
    ("method", "path", "largest"),
    [
        ("POST", "/api/v1/statuses", MAX_BODY_BYTES),
        ("PATCH", "/api/v1/accounts/update_credentials", MAX_WITH_PICTURES_BYTES),
        ("POST", "/oauth/token", MAX_BODY_BYTES),
        ("POST", "/login", MAX_BODY_BYTES),
        ("POST", "/signup", MAX_BODY_BYTES),
        ("POST", "/posts", MAX_POST_BYTES),
        ("POST", "/api/v2/media", MAX_UPLOAD_BYTES),
    ],
)
def test_a_body_that_is_too_large_is_refused(ask, method, path, largest):
    answer = ask(method, path, content=b"x" * (largest + 1), headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    assert ask.failed == []


def test_refusals_change_nothing(ask, database, make_post, ann):
    make_post(ann)

    def everything():
        with database.reading() as db:
            return {table.name: sorted(map(repr, db.execute(select(table)))) for table in metadata.sorted_tables}

    before = everything()
    for body in ({"status": ""}, {"status": "x" * 501}, {"status": "@bob", "visibility": "x"}, {"status": "a\0"}):
        assert ask("POST", "/api/v1/statuses", json=body).status_code == 422
    for profile in ({"display_name": "x" * 999}, {"locked": True, "note": "x" * 9999}):
        assert ask("PATCH", "/api/v1/accounts/update_credentials", json=profile).status_code == 422

    assert everything() == before
