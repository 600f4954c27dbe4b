"""Writing posts with pictures, polls and quotes, and what pages show of them."""

import io

import pytest
from PIL import Image


def picture():
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def publish(as_ann):
    def publish(text, files=None, path="/compose", **values):
        as_ann.open(path)
        as_ann.submit("/posts", {"text": text, **values}, files)
        return as_ann

    return publish


def test_a_picture_is_published_with_what_it_shows(publish, ann):
    page = publish(
        "Look", {"files[0]": ("pond.png", picture(), "image/png")}, **{"descriptions[0]": "A pond in spring"}
    )

    shown = page.page.select_one(".media img")
    assert (page.response.status_code, shown["alt"]) == (200, "A pond in spring")
    assert page.client.get(shown["src"]).headers["content-type"] == "image/webp"


def test_a_sensitive_posts_pictures_are_shown_on_demand_only(publish):
    described = {"spoiler_text": "a spider", "descriptions[0]": "A spider"}
    page = publish("Look", {"files[0]": ("a.png", picture(), "image/png")}, **described)

    assert page.page.select_one("details.warning .media img") is not None


def test_a_file_that_is_none_of_these_is_refused_and_the_text_stays(publish):
    page = publish("Look at this", {"files[0]": ("a.txt", b"just text", "text/plain")})

    assert page.response.status_code == 422
    assert page.value("text") == "Look at this"


def test_a_poll_is_asked_voted_in_and_its_votes_shown(publish, as_bob, ann):
    asked = publish("Tea or coffee?", **{"options[0]": "Tea", "options[1]": "Coffee", "poll_seconds": "3600"})
    as_bob.open(asked.path)
    as_bob.page.find("input", attrs={"name": "choices", "value": "1"})["checked"] = ""
    vote = next(action for action in as_bob.actions() if action.endswith("/vote"))
    as_bob.submit(vote)

    assert "1 person has voted" in as_bob.text
    assert "your vote" in as_bob.text
    assert not any(action.endswith("/vote") for action in as_bob.actions())


def test_half_a_poll_is_refused_and_stays_typed(publish):
    page = publish("Tea?", **{"options[0]": "Tea"})

    assert page.response.status_code == 422
    assert page.value("options[0]") == "Tea"


def test_a_quote_shows_what_it_quotes(publish, make_post, bob):
    quoted = make_post(bob, "words to be quoted")
    page = publish("Well said", path=f"/compose?quote={quoted}")

    assert "words to be quoted" in page.page.select_one("blockquote.quoted").get_text()


def test_a_pinned_post_stands_on_top_of_ones_page(as_ann, make_post, ann):
    pinned = make_post(ann, "the one to keep")
    make_post(ann, "a later one")
    as_ann.open(f"/posts/{pinned}/menu?back=/@ann")
    as_ann.submit(f"/posts/{pinned}/pin")

    assert as_ann.page.select_one("article.post").get_text().find("the one to keep") >= 0
    as_ann.open(f"/posts/{pinned}/menu?back=/@ann")
    as_ann.submit(f"/posts/{pinned}/unpin")
    assert "Pinned" not in [heading.get_text() for heading in as_ann.page.find_all("h2")]


def test_the_counts_stand_below_a_poll_and_a_quoted_post_for_strangers_too(publish, stranger):
    asked = publish("Tea or coffee?", **{"options[0]": "Tea", "options[1]": "Coffee", "poll_seconds": "3600"}).path
    publish("Do answer", path=f"/compose?quote={asked.rsplit('/', 1)[-1]}")
    stranger.open("/public")
    quoting, asking = stranger.page.select("article.post")

    for article, above in ((asking, ".poll"), (quoting, ".quoted")):
        assert len(article.select(".actions")) == 1
        assert article.select_one(f"{above} ~ .actions") is not None


def test_a_poll_behind_a_content_warning_shows_on_demand_only(publish, as_bob):
    poll = {"options[0]": "The butler", "options[1]": "The cook", "poll_seconds": "3600"}
    asked = publish("Who was it?", spoiler_text="The end of a film", **poll).path
    as_bob.open(asked)
    shown = as_bob.page.select_one("article form.poll")

    assert shown.find_parent("details")["class"] == ["warning"]
