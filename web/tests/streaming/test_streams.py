"""Who hears of what: each stream carries what its timeline shows, to those who may see it and want to."""

import msgspec
import pytest

from twite_common import clock
from twite_common.drafts import Draft
from twite_common.services.accounts import blocks, follows
from twite_common.services.posts import boosts, favourites, post_deletion, post_edits, posts
from twite_common.services.timelines import stream_events
from twite_common.tables import list_, list_timeline


@pytest.fixture
def follow(database):
    def follow(follower, followee):
        with database.writing() as db:
            follows.follow_account(db, now=clock.now(), follower_id=follower.id, followee_id=followee.id)

    return follow


@pytest.fixture
def delete(database):
    def delete(by, post_id):
        with database.writing() as db:
            post_deletion.delete_own(db, now=clock.now(), author_id=by.id, post_id=post_id)

    return delete


def test_a_post_reaches_followers_and_nobody_else(listen, ann, bob, cho, make_post, follow):
    follow(ann, bob)
    follower, stranger = listen(ann, "user"), listen(cho, "user")
    id = make_post(bob)
    last = make_post(cho)

    stream, event, status = follower.hear()
    assert (stream, event, status["id"], status["favourited"]) == (["user"], "update", str(id), False)
    assert stranger.hear_until(last) == []


@pytest.mark.parametrize("visibility", ["followers", "mentioned"])
def test_a_private_post_never_reaches_a_stranger(
    listen, database, settings, ann, bob, cho, make_post, delete, visibility
):
    everywhere = listen(cho, "public")
    for stream in ("public:local", "user", "direct", "user:notification"):
        everywhere.ask("subscribe", stream)
    everywhere.ask("subscribe", "hashtag", tag="oak")
    everywhere.ask("subscribe", "nothing")
    everywhere.session.receive_json(timeout=10)
    id = make_post(bob, "@ann under the #oak", visibility=visibility)
    with database.writing() as db:
        post_edits.edit(
            db, settings, now=clock.now(), author_id=bob.id, post_id=id, draft=Draft(text="@ann by the #oak")
        )
    delete(bob, id)
    last = make_post(cho, visibility="mentioned")

    assert everywhere.hear_until(last) == []


def test_the_author_and_the_mentioned_hear_of_a_private_post(listen, ann, bob, make_post, follow):
    follow(ann, bob)
    author, mentioned = listen(bob, "user"), listen(ann, "user")
    id = make_post(bob, "@ann hello", visibility="mentioned")

    assert author.hear()[2]["id"] == str(id)
    heard = {event: (stream, told) for stream, event, told in (mentioned.hear(), mentioned.hear())}
    stream, notification = heard["notification"]
    assert (stream, notification["type"], notification["status"]["id"]) == (["user"], "mention", str(id))


@pytest.mark.parametrize("stream", ["public", "public:local"])
def test_public_streams_carry_what_the_public_timeline_shows(listen, ann, bob, make_post, stream):
    listening = listen(ann, stream)
    first = make_post(bob, "first")
    make_post(ann, "an answer", in_reply_to_id=first)
    make_post(bob, "unlisted", visibility="unlisted")
    last = make_post(bob, "last")

    named, event, status = listening.hear()
    assert (named, event, status["id"]) == ([stream], "update", str(first))
    assert "favourited" not in status
    assert listening.hear_until(last) == []


def test_hashtags_are_heard_as_they_were_asked_for(listen, ann, bob, make_post):
    listening = listen(ann, "hashtag", tag="Birds")
    make_post(bob, "no tag")
    id = make_post(bob, "look at the #birds")

    stream, event, status = listening.hear()
    assert (stream, event, status["id"]) == (["hashtag", "Birds"], "update", str(id))


def test_a_list_is_heard_by_its_owner_alone(listen, database, settings, ann, bob, cho):
    with database.writing() as db:
        db.execute(list_.insert().values(id=7, account_id=ann.id, title="Birds"))
    owner = listen(ann, "list", list="7")
    other = listen(cho)
    other.ask("subscribe", "list", list="7")
    refused = other.session.receive_json(timeout=10)
    with database.writing() as db:
        id = posts.publish(db, settings, now=clock.now(), author_id=bob.id, draft=Draft(text="Hello"))
        db.execute(list_timeline.insert().values(list_id=7, post_id=id))

    assert refused == {"error": "Not authorized to stream this list", "status": 404}
    stream, event, status = owner.hear()
    assert (stream, event, status["id"]) == (["list", "7"], "update", str(id))


@pytest.mark.parametrize("how", ["block", "muted", "blocked"])
def test_nobody_hears_of_whom_they_blocked_or_muted(listen, database, ann, bob, cho, make_post, how):
    with database.writing() as db:
        if how == "muted":
            blocks.mute_account(db, now=clock.now(), account_id=ann.id, muted_id=bob.id)
        else:
            one, other = (ann, bob) if how == "block" else (bob, ann)
            blocks.block_account(db, now=clock.now(), account_id=one.id, blocked_id=other.id)
    listening = listen(ann, "public")
    make_post(bob)
    last = make_post(cho)

    assert listening.hear_until(last) == []


def test_what_names_somebody_muted_is_heard_in_public_alone(listen, database, ann, bob, cho, make_post, follow):
    follow(ann, bob)
    with database.writing() as db:
        blocks.mute_account(db, now=clock.now(), account_id=ann.id, muted_id=cho.id)
    home, public = listen(ann, "user"), listen(ann, "public")
    id = make_post(bob, "hello @cho")
    last = make_post(bob)

    assert public.hear()[2]["id"] == str(id)
    assert home.hear_until(last) == []


@pytest.mark.parametrize("filtering", [False, True])
def test_what_is_quoted_is_not_heard_by_whom_its_author_blocks(
    listen, database, api, ann, bob, cho, make_post, filtering
):
    quoted = make_post(bob, "the quoted words")
    if filtering:
        body = {"title": "mine", "context": ["home"], "keywords_attributes": [{"keyword": "see"}]}
        assert api(ann).post("/api/v2/filters", json=body).status_code == 200
    with database.writing() as db:
        blocks.block_account(db, now=clock.now(), account_id=bob.id, blocked_id=ann.id)
    blocked, other = listen(ann, "public"), listen(cho, "public")
    make_post(cho, "see", quote_of_id=quoted)

    heard = [listening.hear()[2] for listening in (blocked, other)]
    quotes = [one["quote"] for one in heard]
    assert quotes[0] == {"state": "unauthorized", "quoted_status": None}
    assert (quotes[1]["state"], quotes[1]["quoted_status"]["id"]) == ("accepted", str(quoted))
    assert ["quote-inline" in one["content"] for one in heard] == [False, True]


def test_each_sees_a_post_with_their_own_favourite(listen, database, settings, ann, bob, cho, make_post, follow):
    follow(ann, bob)
    follow(cho, bob)
    id = make_post(bob)
    with database.writing() as db:
        favourites.favourite_post(db, now=clock.now(), account_id=ann.id, post_id=id)
    fond, other = listen(ann, "user"), listen(cho, "user")
    with database.writing() as db:
        post_edits.edit(db, settings, now=clock.now(), author_id=bob.id, post_id=id, draft=Draft(text="Hello again"))

    assert fond.hear()[2]["favourited"] is True
    _, event, status = other.hear()
    assert (event, status["favourited"], status["content"]) == ("status.update", False, "<p>Hello again</p>")


def test_a_boost_is_heard_by_the_boosters_followers(listen, database, settings, ann, bob, cho, make_post, follow):
    follow(ann, bob)
    id = make_post(cho)
    listening = listen(ann, "user")
    with database.writing() as db:
        boosts.boost_post(db, settings, now=clock.now(), account_id=bob.id, post_id=id)

    _, event, status = listening.hear()
    assert (event, status["account"]["acct"], status["reblog"]["id"]) == ("update", "bob", str(id))


def test_a_deletion_is_heard_wherever_the_post_was(listen, ann, bob, cho, make_post, delete, follow):
    follow(ann, bob)
    id = make_post(bob, "#birds")
    home, public, tag = listen(ann, "user"), listen(cho, "public"), listen(cho, "hashtag", tag="birds")
    delete(bob, id)

    assert home.hear() == (["user"], "delete", id)
    assert public.hear() == (["public"], "delete", id)
    assert tag.hear() == (["hashtag", "birds"], "delete", id)


def test_a_deletion_takes_the_boosts_with_it(listen, database, settings, ann, bob, cho, make_post, delete, follow):
    follow(ann, bob)
    id = make_post(cho)
    with database.writing() as db:
        boost_id = boosts.boost_post(db, settings, now=clock.now(), account_id=bob.id, post_id=id)
    home = listen(ann, "user")
    delete(cho, id)

    assert home.hear() == (["user"], "delete", boost_id)


def test_notifications_alone_can_be_heard(listen, database, ann, bob, make_post):
    id = make_post(ann)
    alone = listen(ann, "user:notification", scopes="read:notifications")
    without = listen(ann, "user", scopes="read:statuses")
    with database.writing() as db:
        favourites.favourite_post(db, now=clock.now(), account_id=bob.id, post_id=id)
    last = make_post(ann)

    stream, event, notification = alone.hear()
    assert (stream, event, notification["type"]) == (["user:notification"], "notification", "favourite")
    assert without.hear_until(last) == []


def test_a_conversation_is_heard_by_those_in_it(listen, ann, bob, cho, make_post):
    named, stranger = listen(ann, "direct"), listen(cho, "direct")
    id = make_post(bob, "@ann between us", visibility="mentioned")
    make_post(bob, "@cho between us two", visibility="mentioned")

    stream, event, conversation = named.hear()
    assert (stream, event, conversation["last_status"]["id"], conversation["unread"]) == (
        ["direct"],
        "conversation",
        str(id),
        True,
    )
    assert stranger.hear()[2]["last_status"]["content"].endswith("between us two</p>")


def test_changed_filters_and_announcements_are_told_to_users(listen, database, ann, bob):
    mine, theirs = listen(ann, "user"), listen(bob, "user")
    with database.writing() as db:
        stream_events.add(db, "filters.changed", now=clock.now(), account_id=ann.id)
        stream_events.add(db, "announcement.reacted", now=clock.now(), subject_id=5, payload={"name": "🐦", "count": 2})
        stream_events.add(db, "announcement.deleted", now=clock.now(), subject_id=5)

    reacted = {"name": "🐦", "count": 2, "announcement_id": "5"}
    assert mine.session.receive_json(timeout=10) == {"stream": ["user"], "event": "filters_changed"}
    assert [mine.hear()[1:], mine.hear()[1:]] == [("announcement.reaction", reacted), ("announcement.delete", 5)]
    assert theirs.hear()[1] == "announcement.reaction"


def test_a_merged_post_reaches_followers(listen, database, settings, ann, bob, cho, follow):
    follow(ann, bob)
    follow(cho, bob)
    listening = listen(ann, "user")
    few = msgspec.structs.replace(settings, fanout_limit=1)
    with database.writing() as db:
        id = posts.publish(db, few, now=clock.now(), author_id=bob.id, draft=Draft(text="Hello, all of you"))

    assert listening.hear()[2]["id"] == str(id)


@pytest.mark.parametrize("stream", ["user", "public"])
def test_only_whose_filters_match_are_told_so(listen, api, ann, bob, cho, make_post, follow, stream):
    for follower in (ann, cho):
        follow(follower, bob)
    for person, word in ((ann, "treasure"), (cho, "other")):
        body = {"title": "mine", "context": ["home"], "keywords_attributes": [{"keyword": word}]}
        assert api(person).post("/api/v2/filters", json=body).status_code == 200
    matching, other = listen(ann, stream), listen(cho, stream)
    make_post(bob, "The treasure is here")
    make_post(bob, "Nothing is here")

    matched = [matching.hear()[2].get("filtered") for _ in range(2)]
    assert [[one["filter"]["title"] for one in found or []] for found in matched] == [["mine"], []]
    assert [other.hear()[2].get("filtered") or [] for _ in range(2)] == [[], []]
