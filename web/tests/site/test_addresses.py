"""One address for each page: others lead to it, and each page names its own."""

import pytest
from bs4 import BeautifulSoup
from litestar.routes import HTTPRoute

from twite_common.tables import account

BASE = "http://twite.example"


@pytest.fixture
def post_id(ann, make_post):
    return make_post(ann, "A wren on the #Heath")


def lead(client, path):
    answer = client.get(path)
    return answer.status_code, answer.headers.get("location")


def test_a_path_that_nothing_has_leads_nowhere(client, ann):
    assert lead(client, "/@ann/@x") == (404, None)


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/@ANN", "/@ann"),
        ("/%40ann", "/@ann"),
        ("/@%61nn", "/@ann"),
        ("/@ann/", "/@ann"),
        ("/@ann//", "/@ann"),
        ("/@ann@twite.example", "/@ann"),
        ("/@Ann@Twite.Example/with_replies", "/@ann/with_replies"),
        ("/@ANN?max_id=7&x=%2F", "/@ann?max_id=7&x=%2F"),
        ("/@ann/?max_id=7", "/@ann?max_id=7"),
        ("/@Ann/@x", "/@ann/@x"),
        ("/users/ann", "/@ann"),
        ("/users/ANN/followers", "/@ann/followers"),
        ("/users/Ann/statuses/{post_id}", "/@ann/{post_id}"),
        ("/@Ann/{post_id}", "/@ann/{post_id}"),
        ("/@ann/0{post_id}", "/@ann/{post_id}"),
        ("/@ann/{post_id}/", "/@ann/{post_id}"),
        ("/@ANN/{post_id}/embed", "/@ann/{post_id}/embed"),
        ("/@ann.rss", "/@ann/feed.rss"),
        ("/@Ann.atom", "/@ann/feed.atom"),
        ("/@ann.json?x=1", "/@ann/feed.json?x=1"),
        ("/@ANN/feed.atom", "/@ann/feed.atom"),
        ("/tags/Heath", "/tags/heath"),
        ("/tags/heath/", "/tags/heath"),
        ("/tags/HEATH?min_id=1", "/tags/heath?min_id=1"),
        ("/tags/Heath.rss", "/tags/heath/feed.rss"),
        ("/tags/Heath/feed.json", "/tags/heath/feed.json"),
        ("/tags/%C3%89cole", "/tags/ecole"),
        ("/tags/%E3%83%8F%E3%82%99", "/tags/%E3%83%90"),
        ("/public/", "/public"),
        ("/%61bout/", "/about"),
    ],
)
def test_another_address_leads_to_the_one(client, post_id, path, plain):
    assert lead(client, path.format(post_id=post_id)) == (301, plain.format(post_id=post_id))


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/about", "/public", "/directory", "/@ann", "/@ann/feed.rss", "/@ann/{post_id}", "/tags/heath"),
        *("/tags/%E3%83%90", "/tags/%e3%83%90", "/tags/heath/feed.atom", "/search?q=%40ann", "/@ann?max_id=5"),
    ],
)
def test_the_one_address_leads_nowhere_else(client, post_id, path):
    assert lead(client, path.format(post_id=post_id)) == (200, None)


@pytest.mark.parametrize("path", ["/@nobody", "/@ann@elsewhere.example", "/@ann.xml", "/@ann.RSS", "/users/nobody"])
def test_what_is_nowhere_is_not_found(client, ann, path):
    assert lead(client, path) == (404, None)


HOSTILE = [
    *("//evil.example/", "//evil.example/%40", "/\\evil.example/", "/%5Cevil.example/", "///evil.example//"),
    *("/%2F/evil.example/", "/%2Fevil.example/", "/%09/evil.example/", "/.//evil.example/", "/%2e%2e//evil.example/"),
    *("/@ann@evil.example/", "/users//evil.example", "/users/%2Fevil.example", "/tags///evil.example"),
    *("/tags/%2F%2Fevil.example", "/tags/%5C%5Cevil.example", "/@ann//evil.example/", "/@ann%0d%0aX:1/"),
]


@pytest.mark.parametrize("path", HOSTILE)
def test_no_address_leads_to_another_site(client, ann, path):
    seen = set()
    for _ in range(4):
        answer = client.request("GET", f"{BASE}{path}")
        location = answer.headers.get("location")
        if location is None:
            break
        assert location.startswith("/"), (path, location)
        assert location[:2] not in {"//", "/\\"}
        assert not any(character in location for character in "\\\r\n\t")
        assert location not in seen
        seen.add(location)
        path = location
    assert answer.status_code in {200, 400, 404}


def test_a_suspended_account_is_gone_under_every_address(client, ann, database):
    with database.writing() as db:
        db.execute(account.update().values(suspended_at=1))

    assert [client.get(path).status_code for path in ("/@ann", "/@ANN", "/users/ann", "/@ann.rss")] == [410] * 4


def test_forms_are_taken_where_they_are_sent(client, ann):
    assert client.post("/login/", data={}).status_code != 301


def test_every_public_page_names_its_one_address(client, bare, ann, post_id, make_post):
    client.get("/")
    names = {"{handle}": "@ann", "{post_id}": str(post_id), "{name}": "heath", "{account_id}": str(ann.id)}
    routes = {route.path_format for route in bare.routes if isinstance(route, HTTPRoute) and "GET" in route.methods}
    named = {}
    for route in routes:
        path = route
        for name, value in names.items():
            path = path.replace(name, value)
        if "{" in path:
            continue
        answer = client.get(f"{path}?utm_source=x&q=wren&max_id=9000000000000000000")
        if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
            found = BeautifulSoup(answer.text, "html.parser").select('link[rel="canonical"]')
            named[path] = [one["href"] for one in found]
    embedded = f"/@ann/{post_id}/embed"
    assert named.pop(embedded) == [f"{BASE}/@ann/{post_id}"]

    assert named == {path: [f"{BASE}{path}?q=wren&max_id=9000000000000000000"] for path in named}
    assert {"/", "/about", "/@ann", f"/@ann/{post_id}", "/tags/heath", "/public", "/signup"} <= named.keys()


def test_an_address_with_a_secret_is_not_named(client):
    answer = client.get("/unsubscribe/secret")

    assert 'rel="canonical"' not in answer.text


def test_pages_for_one_person_name_no_address(logged_in, ann):
    assert 'rel="canonical"' not in logged_in(ann).open("/public").text
