"""Conditional requests: who has what is shown now is told so and sent nothing, and never when it has changed."""

import io
import re
from functools import reduce

import jinja2
import pytest
from litestar.handlers import HTTPRouteHandler
from markupsafe import Markup
from PIL import Image

from twite_web.middleware import conditional
from twite_web.site import templating

FEEDS = [f"{page}/feed.{name}" for page in ("/@ann", "/public", "/tags/heath") for name in ("atom", "rss", "json")]
PAGES = [
    *("/", "/public", "/explore", "/search?q=ann", "/directory", "/about", "/tags/heath", "/api/docs"),
    *(
        "/@ann",
        "/@ann/with_replies",
        "/@ann/media",
        "/@ann/followers",
        "/@ann/following",
        "/@ann/{post}",
        "/@ann/{post}/history",
    ),
    *("/@ann/{post}/embed", "/about/statistics", "/about/statistics/posts.svg", "/about/statistics.csv"),
    "/robots.txt",
]
API = [
    *("/api/v2/instance", "/api/v1/instance", "/api/v1/instance/rules", "/api/v1/custom_emojis", "/api/openapi.json"),
    *("/api/v1/timelines/public", "/api/v1/timelines/tag/heath", "/api/v1/statuses/{post}", "/api/v1/accounts/{ann}"),
    *("/api/v1/statuses/{post}/context", "/api/v1/accounts/{ann}/statuses", "/api/v1/trends/tags", "/nodeinfo/2.0"),
    *("/.well-known/nodeinfo", "/.well-known/webfinger?resource=acct:ann@twite.example"),
    "/api/oembed?url=http://twite.example/@ann/{post}",
]
FILES = ["/static/styles/post.css", "/static/avatar.png", "/api/docs/files/swagger-ui.css"]


@pytest.fixture
def post(ann, make_post):
    make_post(ann, "One #heath")
    return make_post(ann, "Two #heath and https://example.org/", language="en")


@pytest.fixture
def addresses(ann, post):
    return [path.replace("{post}", str(post)).replace("{ann}", str(ann.id)) for path in (*FEEDS, *PAGES, *API, *FILES)]


def test_who_has_it_is_not_sent_it_again(client, addresses):
    for path in addresses:
        whole = client.get(path)
        assert whole.status_code == 200, path
        tag = whole.headers["etag"]
        for asked in (tag, f'"other", {tag}', "*", tag.removeprefix("W/")):
            for method in ("GET", "HEAD"):
                answer = client.request(method, path, headers={"If-None-Match": asked})

                assert (answer.status_code, answer.content) == (304, b""), path
                assert answer.headers["etag"].removeprefix("W/") == tag.removeprefix("W/"), path
                for name in ("cache-control", "vary", "access-control-allow-origin", "last-modified"):
                    assert answer.headers.get(name) == whole.headers.get(name), (path, name)
                assert not {"content-type", "content-length", "content-encoding"} & answer.headers.keys()
        other = client.get(path, headers={"If-None-Match": '"other"'})
        assert (other.status_code, other.headers["etag"]) == (200, tag), path
        assert other.content == whole.content, path


def test_where_it_is_known_when_something_was_changed_that_is_enough(client):
    for path in FILES:
        changed_at = client.get(path).headers["last-modified"]

        assert client.get(path, headers={"If-Modified-Since": changed_at}).status_code == 304
        assert client.get(path, headers={"If-Modified-Since": "Wed, 01 Jan 2020 00:00:00 GMT"}).status_code == 200


@pytest.fixture
def changes(api, ann, bob, make_account):
    """What can happen, one thing after the other; each is looked at alone."""
    return list(happening(api, ann, bob, make_account))


def happening(api, ann, bob, make_account):
    as_ann, as_bob, other = api(ann), api(bob), make_account("dee")
    v1 = "/api/v1"
    made = {}

    def publish(client, name, text, **more):
        made[name] = client.post(f"{v1}/statuses", json={"status": f"{text} #heath", **more}).json()["id"]

    def at(name, action):
        return f"{v1}/statuses/{made[name]}/{action}"

    def profile(**values):
        return as_ann.patch(f"{v1}/accounts/update_credentials", json=values)

    def picture():
        content = io.BytesIO()
        Image.new("RGB", (40, 40), "teal").save(content, "PNG")
        as_ann.patch(f"{v1}/accounts/update_credentials", files={"avatar": ("a.png", content.getvalue())})

    def poll_id():
        return as_bob.get(f"{v1}/statuses/{made['poll']}").json()["poll"]["id"]

    yield "a post", lambda: publish(as_ann, "first", "A post", quote_approval_policy="public")
    changed = {"status": "Changed #heath", "spoiler_text": "Careful", "language": "de"}
    yield "an edit", lambda: as_ann.put(f"{v1}/statuses/{made['first']}", json=changed)
    yield "a favourite", lambda: as_bob.post(at("first", "favourite"))
    yield "a poll", lambda: publish(as_ann, "poll", "Tea?", poll={"options": ["Yes", "No"], "expires_in": 3600})
    yield "a vote", lambda: as_bob.post(f"{v1}/polls/{poll_id()}/votes", json={"choices": [0]})
    yield "a quote", lambda: publish(as_bob, "quote", "See", quoted_status_id=made["first"])
    yield "an edit of what is quoted", lambda: as_ann.put(f"{v1}/statuses/{made['first']}", json={"status": "Again"})
    yield "sensitive", lambda: as_ann.put(f"{v1}/statuses/{made['poll']}", json={"status": "Tea", "sensitive": True})
    yield "a name", lambda: profile(display_name="Ann <b>")
    yield "a biography", lambda: profile(note="About #heath")
    yield "a picture", picture
    yield "a boost", lambda: as_ann.post(at("quote", "reblog"))
    yield "a follower", lambda: as_bob.post(f"{v1}/accounts/{ann.id}/follow")
    yield "an answer", lambda: publish(as_bob, "answer", "Hm", in_reply_to_id=made["poll"])
    yield "a pinned post", lambda: as_ann.post(at("poll", "pin"))
    yield (
        "somebody who wants to be listed",
        lambda: api(other).patch(f"{v1}/accounts/update_credentials", json={"discoverable": True}),
    )
    yield "a deletion of what is quoted", lambda: as_ann.delete(f"{v1}/statuses/{made['first']}")
    yield "a deletion", lambda: as_ann.delete(f"{v1}/statuses/{made['poll']}")


def seen(client, addresses):
    answers = {path: client.get(path) for path in addresses}
    return {path: (one.status_code, one.headers.get("etag"), one.content) for path, one in answers.items()}


def test_whatever_changes_what_is_shown_changes_its_tag(client, addresses, changes):
    before, unnoticed, moved = seen(client, addresses), [], set()
    for name, happen in changes:
        happen()
        now = seen(client, addresses)
        changed = {path for path in addresses if now[path][2] != before[path][2]}
        unnoticed += [(name, path) for path in changed if now[path][1] == before[path][1]]
        assert changed, f"nobody saw {name}"
        moved |= changed
        before = now

    assert unnoticed == []
    assert {path for path in (*FEEDS, *PAGES[:2]) if path not in moved} == set()


def test_what_nobody_can_see_changes_no_feed(client, ann, make_post):
    before = seen(client, FEEDS)
    make_post(ann, "For few #heath", visibility="followers")

    assert seen(client, FEEDS) == before


def test_who_is_known_is_never_told_that_strangers_see_the_same(client, as_ann, api, ann, addresses):
    for path in addresses:
        if path.startswith(("/static", "/api/docs/files", "/robots")) or "/feed." in path:
            continue
        tag = client.get(path).headers["etag"]
        if path.startswith(("/api/v", "/nodeinfo")):
            answer = api(ann).get(path, headers={"If-None-Match": tag})
            assert answer.headers["cache-control"].startswith("private"), path
            assert "etag" not in answer.headers, path
        elif "/embed" not in path and not path.startswith(("/api/", "/.well-known", "/about/statistics")):
            answer = as_ann.client.get(path, headers={"If-None-Match": tag})
            assert answer.headers["cache-control"] == "private, no-store", path
            assert "etag" not in answer.headers, path
        else:
            continue
        assert (answer.status_code, answer.content != b"") == (200, True), path


@pytest.fixture
def as_ann(logged_in, ann):
    return logged_in(ann)


def test_what_takes_long_is_not_made_for_who_has_it(client, addresses, monkeypatch):
    tags = {path: client.get(path).headers["etag"] for path in addresses}

    def refused(*_, **__):
        raise AssertionError("This was made in vain.")

    monkeypatch.setattr(jinja2.Template, "render", refused)
    for path, tag in tags.items():
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304, path


@pytest.mark.parametrize("asked", ['"a",' * 5000, "," * 30_000, "W/", '"', "\xff", ""])
def test_what_nobody_understands_is_answered_whole(client, asked):
    for path in ("/about", "/api/v2/instance", "/static/styles/post.css"):
        for name in ("If-None-Match", "If-Modified-Since"):
            assert client.get(path, headers=[(name.encode(), asked.encode("latin-1"))]).status_code == 200


def test_files_are_kept_forever_under_the_address_of_their_content(client):
    page = client.get("/about").text
    [style] = re.findall(r'href="(/assets/\w+/twite\.css)"', page)
    [script] = re.findall(r'src="(/assets/\w+/scripts/main\.js)"', page)
    [icons] = set(re.findall(r'href="(/static/icons\.svg\?v=\w+)#', page))

    for address in (style, script, icons):
        assert "immutable" in client.get(address).headers["cache-control"]
    assert client.get("/assets/0123456789ab/twite.css").headers["cache-control"] == "public, max-age=60"
    assert client.get(style.replace("twite.css", "missing.css")).status_code == 404
    for other in ("/static/styles/post.css", "/static/styles/post.css?v=0123456789ab"):
        assert client.get(other).headers["cache-control"] == "public, max-age=3600"


def test_whatever_may_be_kept_has_a_tag(bare, client, ann, make_post):
    names = {"{handle}": "@ann", "{post_id}": str(make_post(ann, "Hello #birds")), "{name}": "birds"}
    missing, found = [], 0
    for route in bare.routes:
        for one in getattr(route, "route_handlers", ()):
            path = reduce(lambda path, name: path.replace(name, names[name]), names, route.path_format)
            if isinstance(one, HTTPRouteHandler) and "GET" in one.http_methods and "{" not in path:
                answer = client.get(path)
                if answer.status_code == 200 and answer.headers.get("cache-control", "").startswith("public"):
                    found += 1
                    missing += [path] if "etag" not in answer.headers else []

    assert missing == []
    assert found > 40


def test_tags_tell_apart_whatever_is_shown_differently():
    half = "\ud800"
    made = [
        ("<b>",),
        (Markup("<b>"),),
        ("<", "b>"),
        (["<b>"],),
        (1,),
        ("1",),
        (None,),
        (half,),
        (half, half),
        (f"{half}b",),
    ]
    tags = [conditional.tag(*one) for one in made]

    assert len(set(tags)) == len(made)
    assert tags == [conditional.tag(*one) for one in made]


def test_tags_of_pages_know_every_setting_that_templates_show():
    used = {
        name
        for file in templating.TEMPLATES.rglob("*")
        if file.is_file()
        for name in re.findall(r"\bsite\.(\w+)", file.read_text())
    }

    assert used - {"webmanifest", "view_models"} == set(templating.SHOWN_SETTINGS)
