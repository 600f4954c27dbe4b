"""Feeds: all formats of all feeds, read by a feed reader, with what pages show."""

import io

import feedparser
import pytest
from PIL import Image

HOST = "http://twite.example"
XML = ("atom", "rss")


def picture():
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def publish(as_ann, ann):
    def publish(text, files=None, **values):
        as_ann.open("/compose")
        as_ann.submit("/posts", {"text": text, **values}, files)
        assert as_ann.response.status_code == 200
        return as_ann

    return publish


def read(stranger, path):
    answer = stranger.client.get(path)
    assert answer.status_code == 200
    if path.endswith(".json"):
        return answer.json()
    found = feedparser.parse(answer.content, response_headers=dict(answer.headers), sanitize_html=False)
    assert not found.bozo, found.get("bozo_exception")
    return found


def contents(stranger, feed):
    """Return what each format shows of the newest post of a feed: the HTML and its files."""
    made = read(stranger, f"{feed}.json")["items"][0]
    yield made["content_html"], [one["url"] for one in made.get("attachments", [])]
    for name in XML:
        entry = read(stranger, f"{feed}.{name}").entries[0]
        html = entry.content[0].value if name == "atom" else entry.summary
        yield html, [one["href"] for one in entry.enclosures]


@pytest.mark.parametrize("path", ["/@ann/feed", "/tags/heath/feed", "/public/feed"])
def test_each_format_names_the_feed_and_its_posts(stranger, ann, make_post, path):
    first, second = make_post(ann, "One #Heath"), make_post(ann, "Two <b> & #heath")
    page = path.removesuffix("/feed")
    made = read(stranger, f"{path}.json")

    assert (made["version"], made["home_page_url"]) == ("https://jsonfeed.org/version/1.1", f"{HOST}{page}")
    assert made["feed_url"] == f"{HOST}{path}.json"
    assert [one["id"] for one in made["items"]] == [f"{HOST}/@ann/{second}", f"{HOST}/@ann/{first}"]
    assert (made["items"][1]["tags"], made["items"][0]["authors"][0]["name"]) == (["Heath"], "ann")
    for name in XML:
        found = read(stranger, f"{path}.{name}")
        assert found.version == {"atom": "atom10", "rss": "rss20"}[name]
        assert found.feed.link == f"{HOST}{page}"
        assert [one.link for one in found.entries] == [f"{HOST}/@ann/{second}", f"{HOST}/@ann/{first}"]
        assert found.entries[0].title == "Two <b> & #heath"
        assert found.entries[0].published_parsed is not None
        assert found.entries[1].tags[0].term == "Heath"
        assert any(one.rel == "self" and one.href == f"{HOST}{path}.{name}" for one in found.feed.links)


def test_pages_name_their_feeds(stranger, ann, make_post):
    make_post(ann, "#heath")
    for path in ("/@ann", "/tags/heath", "/public"):
        stranger.open(path)
        found = {link["type"]: link["href"] for link in stranger.page.find_all("link", rel="alternate")}

        assert found == {
            "application/atom+xml": f"{path}/feed.atom",
            "application/rss+xml": f"{path}/feed.rss",
            "application/feed+json": f"{path}/feed.json",
        }
        for type, address in found.items():
            assert stranger.client.get(address).headers["content-type"].startswith(type)


def test_pictures_are_shown_with_what_they_show(publish, stranger):
    publish("Look", {"files[0]": ("pond.png", picture(), "image/png")}, **{"descriptions[0]": "A pond in spring"})

    for html, files in contents(stranger, "/@ann/feed"):
        assert 'alt="A pond in spring"' in html
        assert f'src="{HOST}/media/' in html
        assert [stranger.client.get(file).headers["content-type"] for file in files] == ["image/webp"]


def test_warnings_are_opened_by_whoever_reads(publish, stranger):
    publish(
        "A spider",
        {"files[0]": ("a.png", picture(), "image/png")},
        spoiler_text="Eight legs",
        **{"descriptions[0]": "A spider in its web"},
    )

    for html, _ in contents(stranger, "/@ann/feed"):
        before, _, after = html.partition("<details><summary>Eight legs</summary>")
        assert "spider" not in before
        assert "<img" not in before
        assert after.index("spider") < after.index("<img") < after.index("</details>")


def test_a_feed_is_the_same_for_strangers_and_for_those_who_could_vote(publish, stranger, as_bob):
    publish("Tea?", **{"options[0]": "Yes", "options[1]": "No", "poll_seconds": "3600"})
    for_stranger, for_bob = (browser.client.get("/@ann/feed.atom") for browser in (stranger, as_bob))

    assert for_stranger.text == for_bob.text
    assert for_stranger.headers["etag"] == for_bob.headers["etag"]


def test_polls_and_quotes_are_shown(publish, stranger, bob, make_post):
    quoted = make_post(bob, "What bob said", quote_policy="public")
    publish("Tea?", **{"options[0]": "Yes", "options[1]": "No", "poll_seconds": "3600"})
    for html, _ in contents(stranger, "/@ann/feed"):
        assert "<li>Yes (0)</li><li>No (0)</li>" in html
        assert "0 people have voted" in html
    publish("See", quote_of_id=str(quoted))
    for html, _ in contents(stranger, "/@ann/feed"):
        assert "<blockquote>" in html
        assert "What bob said" in html
        assert f'href="{HOST}/@bob/{quoted}"' in html


def test_feeds_are_the_same_whoever_asks(as_bob, stranger, ann, make_post):
    make_post(ann, "For all")
    make_post(ann, "For followers", visibility="followers")
    for name in ("atom", "rss", "json"):
        path = f"/@ann/feed.{name}"

        assert as_bob.client.get(path).content == stranger.client.get(path).content
        assert "For followers" not in stranger.client.get(path).text
