import pytest
from sqlalchemy import func, select

from support.moment import NOW
from twite_common import outbox, post_details
from twite_common.drafts import Draft
from twite_common.errors import Invalid, NotFound
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.notifications import notifications as notification_queries
from twite_common.queries.paging import Page
from twite_common.queries.posts import contexts
from twite_common.queries.posts import posts as post_queries
from twite_common.queries.timelines import tag_timelines, timelines
from twite_common.services.accounts import blocks, follows
from twite_common.services.posts import bookmarks, boosts, favourites, post_deletion, post_edits, posts
from twite_common.services.posts.post_names import UnexpectedMentions
from twite_common.tables import metadata, post


def notified(db, account):
    found = notification_queries.page(db, Page(), viewer_id=account.id, now=NOW)
    return [(one.kind, one.post_id) for one in found]


def test_a_published_post_is_what_was_written(db, ann, make_post):
    id = make_post(ann, "  Hello\r\nworld  ", spoiler_text="Greeting", language="de")

    found = post_queries.get(db, id, viewer_id=None)
    assert (found.text, found.spoiler_text, found.sensitive) == ("Hello\nworld", "Greeting", True)
    assert (found.visibility, found.language, found.conversation_id) == ("public", "de", id)


@pytest.mark.parametrize("text", ["", "   \n ", "x" * 501, "a\x00b", "\ud800", "a\x1bb"])
def test_a_text_that_breaks_a_rule_is_refused_and_nothing_is_kept(db, ann, make_post, text):
    with pytest.raises(Invalid):
        make_post(ann, text)

    assert db.scalar(select(func.count()).select_from(post)) == 0


def test_a_warning_without_text_becomes_the_text(db, ann, make_post):
    found = post_queries.get(db, make_post(ann, "", spoiler_text="Only this"), viewer_id=None)

    assert (found.text, found.spoiler_text) == ("Only this", "")


def test_who_is_named_is_told_once_and_oneself_is_not(db, ann, bob, make_post):
    id = make_post(ann, "@bob @BOB @ann @nobody hello")

    assert notified(db, bob) == [("mention", id)]
    assert notified(db, ann) == []
    assert [one.username for one in post_details.decode(post_queries.get(db, id, viewer_id=None).details).mentions] == [
        "ann",
        "bob",
    ]


def test_a_mention_that_may_be_mailed_is_announced_through_the_outbox(db, ann, bob, make_post):
    make_post(ann, "@bob hello")

    (event,) = outbox.pending(db)
    assert event.kind == "notifications.created"
    assert len(event.details()["notification_ids"]) == 1


def test_a_post_that_concerns_nobody_leaves_no_event(db, ann, make_post):
    make_post(ann, "hello")

    assert outbox.pending(db) == []


def test_who_blocks_or_mutes_the_author_is_not_told(db, ann, bob, cho, make_post):
    blocks.block_account(db, now=NOW, account_id=bob.id, blocked_id=ann.id)
    blocks.mute_account(db, now=NOW, account_id=cho.id, muted_id=ann.id)
    make_post(ann, "@bob @cho hello")
    blocks.unmute_account(db, account_id=cho.id, muted_id=ann.id)

    assert notified(db, bob) == notified(db, cho) == []


def test_only_allowed_mentions_may_stand_in_a_text_that_says_so(db, ann, bob, cho, make_post):
    with pytest.raises(UnexpectedMentions) as refused:
        make_post(ann, "@bob @cho", allowed_mention_ids=(bob.id,))

    assert refused.value.account_ids == [cho.id]


def test_the_same_idempotency_key_makes_one_post(db, settings, ann, bob):
    def publish(author, now=NOW):
        return posts.publish(
            db, settings, now=now, author_id=author.id, draft=Draft(text="once"), idempotency_name="key"
        )

    first = publish(ann)

    assert publish(ann) == first
    assert publish(bob) != first
    assert publish(ann, NOW + 3_600_001) != first


def test_a_reply_belongs_to_the_conversation_and_is_counted(db, ann, bob, make_post):
    id = make_post(ann)
    reply = make_post(bob, "@ann hello", in_reply_to_id=id)

    found = post_queries.get(db, reply, viewer_id=None)
    assert (found.in_reply_to_id, found.in_reply_to_account_id, found.conversation_id) == (id, ann.id, id)
    assert post_queries.get(db, id, viewer_id=None).replies_count == 1


def test_a_post_that_one_cannot_see_cannot_be_answered(db, ann, bob, make_post):
    id = make_post(ann, visibility="followers")

    with pytest.raises(NotFound):
        make_post(bob, "hello", in_reply_to_id=id)


def test_a_conversation_is_read_from_its_start_and_depth_first(db, ann, bob, make_post):
    root = make_post(ann, "root")
    first = make_post(bob, "1", in_reply_to_id=root)
    second = make_post(bob, "2", in_reply_to_id=root)
    below_first = make_post(ann, "1.1", in_reply_to_id=first)

    def context(id, **limits):
        bounds = {"above": 40, "below": 60, "depth": 20, **limits}
        found = contexts.context(db, id, viewer_id=None, now=NOW, **bounds)
        return [one.post_id for one in found.above], [one.post_id for one in found.below]

    assert context(root) == ([], [first, below_first, second])
    assert context(below_first) == ([root, first], [])
    assert context(root, below=1) == ([], [first])
    assert context(root, depth=1) == ([], [first, second])


def test_editing_keeps_the_earlier_version_and_tells_only_who_is_new(db, settings, ann, bob, cho, make_post):
    id = make_post(ann, "@bob hello #one")
    draft = Draft(text="@bob @cho goodbye #two")
    post_edits.edit(db, settings, now=NOW + 1, author_id=ann.id, post_id=id, draft=draft)

    found = post_queries.get(db, id, viewer_id=None)
    assert (found.text, found.edited_at, found.version) == (draft.text, NOW + 1, 2)
    assert [edit.text for edit in post_queries.edits(db, id)] == ["@bob hello #one"]
    assert notified(db, bob) == notified(db, cho) == [("mention", id)]
    assert tag_timelines.tagged(db, "one", Page(), viewer_id=None, now=NOW) == []
    assert [entry.post_id for entry in tag_timelines.tagged(db, "two", Page(), viewer_id=None, now=NOW)] == [id]


def test_an_edit_that_changes_nothing_is_no_edit(db, settings, ann, make_post):
    id = make_post(ann, "hello")
    post_edits.edit(db, settings, now=NOW + 1, author_id=ann.id, post_id=id, draft=Draft(text="hello"))

    assert post_queries.get(db, id, viewer_id=None).edited_at is None
    assert post_queries.edits(db, id) == []


@pytest.mark.parametrize("action", ["edit", "delete"])
def test_other_peoples_posts_cannot_be_touched(db, settings, ann, bob, make_post, action):
    id = make_post(ann, "mine")

    def touch():
        if action == "edit":
            post_edits.edit(db, settings, now=NOW, author_id=bob.id, post_id=id, draft=Draft(text="yours"))
        else:
            post_deletion.delete_own(db, now=NOW, author_id=bob.id, post_id=id)

    with pytest.raises(NotFound):
        touch()
    assert post_queries.get(db, id, viewer_id=None).text == "mine"


def test_a_deleted_post_leaves_nothing_but_its_answers(db, settings, ann, bob, cho, make_post):
    empty = _rows(db)
    keep = make_post(ann, "keep me")
    kept = _rows(db)
    id = make_post(ann, "@bob #tag", in_reply_to_id=keep)
    boosts.boost_post(db, settings, now=NOW, account_id=bob.id, post_id=id)
    favourites.favourite_post(db, now=NOW, account_id=cho.id, post_id=id)
    bookmarks.bookmark_post(db, now=NOW, account_id=cho.id, post_id=id)
    post_edits.edit(db, settings, now=NOW, author_id=ann.id, post_id=id, draft=Draft(text="#tag"))
    post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=id)

    left = {name: number for name, number in _rows(db).items() if number != kept[name]}
    # Tags stay known, events are the outbox's, and home timelines and what listeners hear are tidied by periodic jobs.
    assert left.keys() <= {"tag", "event", "home_timeline", "stream_event"}
    assert empty["post"] == 0
    assert account_queries.get(db, ann.id).posts_count == 1
    assert account_queries.get(db, bob.id).posts_count == 0
    assert post_queries.get(db, keep, viewer_id=None).replies_count == 0
    assert timelines.home(db, Page(), viewer_id=bob.id, now=NOW) == []


def test_an_answer_outlives_what_it_answered(db, ann, bob, make_post):
    id = make_post(ann)
    reply = make_post(bob, "hello", in_reply_to_id=id)
    post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=id)

    found = post_queries.get(db, reply, viewer_id=None)
    assert (found.in_reply_to_id, found.in_reply_to_account_id) == (None, ann.id)


def test_followers_who_asked_for_it_are_told_of_each_post(db, ann, bob, make_post):
    options = follows.Options(notify=True)
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=bob.id, options=options)
    id = make_post(bob)

    assert notified(db, ann) == [("post", id)]


def _rows(db):
    return {name: db.scalar(select(func.count()).select_from(table)) for name, table in metadata.tables.items()}
