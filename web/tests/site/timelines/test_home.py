"""The home page: how far one has read, why something is in it, and what filters leave out."""

import pytest

from twite_common import clock
from twite_common.queries.timelines import markers
from twite_common.services.accounts import follows
from twite_common.services.timelines import filters, tags
from twite_common.services.timelines import markers as marker_services
from twite_common.services.timelines.filters import FilterChanges, KeywordDraft


@pytest.fixture
def follow(database, ann):
    def follow(followee):
        with database.writing() as db:
            follows.follow_account(db, now=clock.now(), follower_id=ann.id, followee_id=followee.id)

    return follow


@pytest.fixture
def read(database, ann):
    """Note how far Ann has read."""

    def read(post_id):
        with database.writing() as db:
            marker_services.set_marker(db, now=clock.now(), account_id=ann.id, timeline="home", last_read_id=post_id)

    return read


@pytest.fixture
def add_filter(database, ann):
    def add_filter(word, *, action="warn", contexts=("home",)):
        changes = FilterChanges(
            title=f"No {word}",
            contexts=contexts,
            action=action,
            keywords=(KeywordDraft(keyword=word, whole_word=True),),
        )
        with database.writing() as db:
            return filters.add(db, now=clock.now(), account_id=ann.id, changes=changes)

    return add_filter


class TestMarker:
    def test_it_only_goes_forward(self, database, make_post, ann, as_ann):
        older, newer = make_post(ann), make_post(ann)
        as_ann.open("/")
        token = as_ann.value("form_token")
        for post_id in (newer, older):
            response = as_ann.client.post("/markers/home", data={"form_token": token, "last_read_id": post_id})
            assert response.status_code == 303

        with database.reading() as db:
            assert markers.last_read(db, ann.id)["home"] == newer

    @pytest.mark.parametrize("id", ["", "x", "-1"])
    def test_what_is_no_id_is_refused(self, as_ann, id):
        as_ann.open("/")
        sent = {"form_token": as_ann.value("form_token"), "last_read_id": id}
        assert as_ann.client.post("/markers/home", data=sent).status_code == 404

    def test_it_needs_the_forms_token(self, as_ann):
        assert as_ann.client.post("/markers/home", data={"last_read_id": "1"}).status_code == 403

    def test_a_line_stands_between_what_is_new_and_what_was_read(self, make_post, ann, as_ann, read):
        posts = [make_post(ann) for _ in range(3)]
        read(posts[1])

        as_ann.open("/")

        line = as_ann.page.select_one("#read-up-to")
        assert int(line.find_next("article")["data-post"]) == posts[1]
        read(posts[2])
        as_ann.open("/")
        assert as_ann.page.select_one("#read-up-to") is None

    def test_where_one_was_is_a_link_away_when_it_is_not_on_the_page(self, make_post, ann, as_ann, read):
        posts = [make_post(ann) for _ in range(23)]
        read(posts[0])
        as_ann.open("/")

        [link] = as_ann.page.select(".left-at a")
        as_ann.open(link["href"])

        assert int(as_ann.page.select_one("#read-up-to").find_next("article")["data-post"]) == posts[0]
        assert not as_ann.page.select(".left-at")


class TestFilters:
    def test_what_is_to_be_warned_of_is_folded(self, make_post, bob, as_ann, follow, add_filter):
        follow(bob)
        post_id = make_post(bob, "Orange marmalade")
        add_filter("marmalade")

        as_ann.open("/")

        folded = as_ann.page.select_one("details.filtered")
        assert folded.summary.get_text(" ", strip=True) == "Filtered: No marmalade Show anyway"
        assert int(folded.article["data-post"]) == post_id

    def test_what_is_to_be_hidden_is_left_out_where_the_filter_applies(
        self, make_post, bob, as_ann, follow, add_filter
    ):
        follow(bob)
        make_post(bob, "Orange marmalade")
        add_filter("marmalade", action="hide")

        assert "marmalade" not in as_ann.open("/").text
        assert "marmalade" in as_ann.open("/@bob").text

    def test_a_post_that_is_opened_is_shown_on_demand(self, make_post, bob, as_ann, add_filter):
        post_id = make_post(bob, "Orange marmalade")
        add_filter("marmalade", action="hide", contexts=("thread",))

        as_ann.open(f"/@bob/{post_id}")

        assert int(as_ann.page.select_one(".focus details.filtered article")["data-post"]) == post_id

    def test_ones_own_posts_are_not_filtered(self, make_post, ann, as_ann, add_filter):
        make_post(ann, "Orange marmalade")
        add_filter("marmalade", action="hide")
        assert "marmalade" in as_ann.open("/").text

    def test_strangers_have_none(self, make_post, bob, stranger, add_filter):
        make_post(bob, "Orange marmalade")
        add_filter("marmalade", action="hide", contexts=("public",))
        assert "marmalade" in stranger.open("/public").text


class TestReasons:
    @pytest.fixture(autouse=True)
    def followed_tag(self, database, make_post, ann, bob):
        make_post(bob, "First words on #lighthouses")
        with database.writing() as db:
            tags.follow_tag(db, now=clock.now(), account_id=ann.id, name="lighthouses")

    def test_a_hashtag_that_one_follows_is_given(self, make_post, bob, as_ann):
        make_post(bob, "More on #lighthouses")

        as_ann.open("/")

        reason = as_ann.page.select_one("article .context")
        assert reason.get_text(" ", strip=True) == "You follow #lighthouses"
        assert reason.a["href"] == "/tags/lighthouses"

    def test_whom_one_follows_needs_none(self, make_post, bob, as_ann, follow):
        follow(bob)
        make_post(bob, "More on #lighthouses")

        as_ann.open("/")

        assert not as_ann.page.select("article .context")
