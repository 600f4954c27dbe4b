"""Who writes posts for an account that isn't their own: what each role lets, and who is noted."""

import contextvars

import pytest
from sqlalchemy import select

from support.deletion import delete_whole_account
from support.moment import NOW
from twite_common import acting, clock
from twite_common.acting import ANSWERS, LOOKS_AFTER, WRITES, Acting, ActingRefused
from twite_common.drafts import Draft
from twite_common.errors import NotFound
from twite_common.queries.posts import writers as queries
from twite_common.queries.viewers import by_account
from twite_common.services.accounts import accounts
from twite_common.services.moderation import held_posts
from twite_common.services.posts import held_posts as holding
from twite_common.services.posts import post_deletion, post_edits, posts, scheduled_posts
from twite_common.services.posts.content_rules import Verdict
from twite_common.tables import held_post, post_edit_writer, post_writer


@pytest.fixture
def act(ann, bob):
    """Call something as Bob, who acts for Ann's account with a role."""

    def act(role, call, *args, **given):
        def switched():
            acting.switch(Acting(1, "ann", bob.id, "bob", role, None))
            return call(*args, **given)

        return contextvars.copy_context().run(switched)

    return act


@pytest.fixture
def publish(db, settings, ann):
    def publish(text="Hello", by=ann, **draft):
        return posts.publish(db, settings, now=NOW, author_id=by.id, draft=Draft(text=text, **draft))

    return publish


def test_who_writes_is_noted_and_told_to_the_account_alone(db, settings, ann, bob, cho, act, publish):
    own = publish()
    thread = act(
        WRITES,
        posts.publish_thread,
        db,
        settings,
        now=NOW,
        author_id=ann.id,
        drafts=[Draft(text="One"), Draft(text="Two")],
    )
    found = queries.of_posts(db, [own, *thread], viewer_id=ann.id)

    assert {id: writer.username for id, writer in found.items()} == dict.fromkeys(thread, "bob")
    assert queries.of_posts(db, thread, viewer_id=bob.id) == {}
    assert queries.of_posts(db, thread, viewer_id=cho.id) == {}


def test_who_only_answers_answers_others_and_sends_messages(db, act, ann, bob, cho, publish):
    theirs, own = publish("Hi", by=cho), publish("Ours")
    for refused in ({}, {"in_reply_to_id": own}, {"visibility": "unlisted"}):
        with pytest.raises(ActingRefused):
            act(ANSWERS, publish, **refused)
    message = act(ANSWERS, publish, "@cho hello", visibility="mentioned")
    answer = act(ANSWERS, publish, "@cho yes", in_reply_to_id=theirs)
    # A message to nobody is no way to a post for everybody.
    with pytest.raises(ActingRefused):
        act(ANSWERS, publish, in_reply_to_id=message)

    assert set(queries.of_posts(db, [message, answer], viewer_id=ann.id)) == {message, answer}


@pytest.mark.parametrize(("role", "deletes_others"), [(ANSWERS, False), (WRITES, False), (LOOKS_AFTER, True)])
def test_what_others_wrote_only_who_looks_after_the_account_deletes(
    db, settings, act, ann, cho, publish, role, deletes_others
):
    theirs = publish("Hi", by=cho)
    own, ours = act(role, publish, "@cho yes", in_reply_to_id=theirs), publish("Ours")

    def edit(post_id):
        given = {"now": NOW, "author_id": ann.id, "post_id": post_id, "draft": Draft(text="@cho changed")}
        act(role, post_edits.edit, db, settings, **given)

    def delete(post_id):
        act(role, post_deletion.delete_own, db, now=NOW, author_id=ann.id, post_id=post_id)

    edit(own)
    delete(own)
    for change, allowed in ((edit, False), (delete, deletes_others)):
        if allowed:
            change(ours)
        else:
            with pytest.raises(ActingRefused):
                change(ours)
    with pytest.raises(NotFound):
        delete(theirs)


def test_who_made_each_version_is_noted_and_told_to_the_account_alone(db, settings, act, ann, bob, publish):
    post_id = act(WRITES, publish)

    def edit(text, at):
        post_edits.edit(db, settings, now=at, author_id=ann.id, post_id=post_id, draft=Draft(text=text))

    act(WRITES, edit, "Better", NOW + 1)
    edit("Best", NOW + 2)
    found = queries.of_versions(db, post_id, viewer_id=ann.id)
    own = queries.of_versions(db, publish(), viewer_id=ann.id)

    assert {at: writer.username for at, writer in found.items()} == {NOW: "bob", NOW + 1: "bob"}
    assert own == {}
    assert queries.of_versions(db, post_id, viewer_id=bob.id) == {}


def test_members_schedule_nothing(db, settings, act, ann):
    given = {"now": NOW, "account_id": ann.id, "draft": Draft(text="Later"), "due_at": NOW + clock.HOUR}
    with pytest.raises(ActingRefused):
        act(LOOKS_AFTER, scheduled_posts.schedule, db, settings, **given)


def test_what_was_held_remembers_who_wrote_it(db, settings, act, ann, bob, cho):
    accounts.set_role(db, account_id=cho.id, role="admin")
    given = {"author_id": ann.id, "drafts": [Draft(text="Tea")], "attachments": [], "verdict": Verdict()}
    act(WRITES, holding.hold, db, now=NOW, **given)
    [held_id] = db.scalars(select(held_post.c.id)).all()
    held_posts.release(db, settings, now=NOW, viewer=by_account(db, cho.id), held_ids=[held_id])

    assert db.scalars(select(post_writer.c.writer_id)).all() == [bob.id]


def test_a_writer_who_leaves_is_forgotten_and_the_post_stays(db, settings, act, ann, bob, publish):
    post_id = act(WRITES, publish)
    changed = {"now": NOW + 1, "author_id": ann.id, "post_id": post_id, "draft": Draft(text="Hello, all")}
    act(WRITES, post_edits.edit, db, settings, **changed)
    delete_whole_account(db, bob.id)

    assert posts.own(db, post_id, ann.id).text == "Hello, all"
    assert db.scalars(select(post_writer.c.post_id)).all() == []
    assert db.scalars(select(post_edit_writer.c.post_id)).all() == []
