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

    assert "warning" in shown.find_parent("details")["class"]


class TestEditingThem:
    @pytest.fixture
    def shown(self, as_ann):
        """Return what the pictures of a post show, in their order."""

        def shown(path):
            as_ann.open(path)
            return [picture["alt"] for picture in as_ann.page.select(".focus .media img")]

        return shown

    @pytest.fixture
    def two(self, publish):
        """Publish a post with two pictures, and return its page and the form that changes it."""
        files = {f"files[{n}]": (f"{n}.png", picture(), "image/png") for n in range(2)}
        page = publish("Look", files, **{"descriptions[0]": "A pond", "descriptions[1]": "A frog"})
        return page.path, f"/posts/{page.path.rsplit('/', 1)[-1]}/edit"

    def test_their_order_and_what_they_say_can_be_changed(self, two, as_ann, shown):
        path, form = two
        as_ann.open(form)
        swapped = {name: as_ann.value(name) for name in ("media[0][id]", "media[1][id]")}
        as_ann.submit(form, {"media[0][id]": swapped["media[1][id]"], "media[1][id]": swapped["media[0][id]"]})

        # Their descriptions stayed in their places.
        assert shown(path) == ["A pond", "A frog"]
        as_ann.open(form)
        assert as_ann.value("media[0][id]") == swapped["media[1][id]"]

    def test_one_is_moved_by_a_button_where_no_script_runs(self, two, as_ann, shown):
        path, form = two
        as_ann.open(form)
        button = as_ann.page.find("button", attrs={"name": "step"})
        assert "Move attachment 2 forward" in button.text
        button.replace_with(as_ann.page.new_tag("input", attrs={"name": "step", "value": button["value"]}))
        as_ann.submit(form, {"text": "Look here"})
        assert as_ann.value("text") == "Look here"
        as_ann.submit(form)

        assert shown(path) == ["A frog", "A pond"]
        assert "Look here" in as_ann.text

    def test_one_is_removed_and_another_added(self, two, as_ann, shown):
        path, form = two
        as_ann.open(form)
        as_ann.submit(
            form,
            {"media[0][removed]": "1", "descriptions[0]": "A heron"},
            {"files[0]": ("c.png", picture(), "image/png")},
        )

        assert shown(path) == ["A frog", "A heron"]

    def test_a_post_without_any_gets_one(self, publish, as_ann, shown):
        path = publish("Look").path
        form = f"/posts/{path.rsplit('/', 1)[-1]}/edit"
        as_ann.open(form)
        as_ann.submit(form, {"descriptions[0]": "A heron"}, {"files[0]": ("c.png", picture(), "image/png")})

        assert shown(path) == ["A heron"]

    def test_a_form_that_does_not_have_them_leaves_them(self, two, as_ann, shown):
        path, form = two
        as_ann.open(form)
        as_ann.client.post(form, data={"form_token": as_ann.value("form_token"), "text": "Changed"})

        assert shown(path) == ["A pond", "A frog"]
        assert "Changed" in as_ann.text

    def test_a_file_that_is_refused_leaves_what_was_typed(self, two, as_ann):
        _path, form = two
        as_ann.open(form)
        response = as_ann.submit(form, {"text": "Changed"}, {"files[0]": ("a.txt", b"just text", "text/plain")})

        assert response.status_code == 422
        assert as_ann.value("text") == "Changed"
        assert as_ann.value("media[1][description]") == "A frog"
