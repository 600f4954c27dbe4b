"""Posts that end by themselves."""

import pytest
from sqlalchemy import func, select

from support.moment import NOW
from twite_common import clock, outbox
from twite_common.drafts import Draft
from twite_common.errors import Invalid, NotFound
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.paging import Page
from twite_common.queries.posts import posts as queries
from twite_common.queries.timelines import timelines
from twite_common.services.accounts import accounts
from twite_common.services.posts import boosts, post_deletion, post_edits, post_expiry, posts, quotes, scheduled_posts
from twite_common.tables import media, post, stream_event

HOUR = {"expires_in_seconds": 3600}
END = NOW + clock.HOUR


@pytest.fixture
def announced(db):
    def announced(now):
        post_expiry.announce_over(db, now=now)
        return [event.details()["post_id"] for event in outbox.pending(db) if event.kind == post_expiry.EVENT]

    return announced


@pytest.fixture
def left(db):
    return lambda: list(db.scalars(select(post.c.id).order_by(post.c.id)))


def test_a_post_is_seen_until_it_ends_whether_or_not_a_task_has_deleted_it(db, ann, bob, make_post):
    id = make_post(ann, **HOUR)
    for viewer_id in (ann.id, bob.id, None):
        assert queries.get(db, id, viewer_id=viewer_id, now=END - 1).expires_at == END
        assert queries.get(db, id, viewer_id=viewer_id, now=END) is None
    for now, shown in ((END - 1, [id]), (END, [])):
        assert [one.post_id for one in timelines.public(db, Page(), viewer_id=None, now=now)] == shown
        assert [one.post_id for one in timelines.home(db, Page(), viewer_id=ann.id, now=now)] == shown


def test_what_asks_without_a_time_asks_for_the_present(db, ann, make_post, monkeypatch):
    id = make_post(ann, **HOUR)
    for now, shown in ((END - 1, True), (END, False)):
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        assert (queries.get(db, id, viewer_id=None) is not None) == shown


def test_the_time_of_a_statement_is_the_present_unless_it_is_given(db, ann, make_post):
    long_ago = clock.now() - clock.DAY
    id = make_post(ann, now=long_ago, **HOUR)

    assert queries.authors_of_public(db, [id]) == {}
    assert [one.post_id for one in timelines.of_account(db, ann.id, Page(), viewer_id=None)] == []


def test_a_post_that_is_over_is_deleted_by_a_task_with_all_that_hangs_on_it(
    db, settings, ann, bob, make_post, announced, left, add_picture, monkeypatch
):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    id = make_post(ann, media_ids=(add_picture(ann),), **HOUR)
    stays = make_post(ann)
    boosts.boost_post(db, settings, now=NOW, account_id=bob.id, post_id=id)
    assert announced(END - 1) == []
    post_deletion.delete_over(db, now=END - 1, post_id=id)
    assert id in left()

    assert announced(END) == [id]
    for _ in range(2):
        post_deletion.delete_over(db, now=END, post_id=id)
    assert left() == [stays]
    assert account_queries.get(db, ann.id).posts_count == 1
    assert account_queries.get(db, bob.id).posts_count == 0
    assert db.scalar(select(func.count()).select_from(media)) == 0
    deleted = select(stream_event.c.subject_id).where(stream_event.c.kind == "post.deleted")
    assert list(db.scalars(deleted)) == [id]


def test_a_post_of_somebody_who_is_suspended_ends_too(db, ann, make_post, announced, left):
    id = make_post(ann, **HOUR)
    accounts.suspend(db, now=NOW, account_id=ann.id)
    for over in announced(END):
        post_deletion.delete_over(db, now=END, post_id=over)

    assert id not in left()


@pytest.mark.parametrize(
    "wrong",
    [
        {"expires_in_seconds": 299},
        {"expires_in_seconds": -5},
        {"expires_in_seconds": 10**30},
        {"expires_at": NOW},
        {"expires_at": NOW + 367 * clock.DAY},
    ],
)
def test_a_post_lasts_five_minutes_to_a_year(make_post, ann, wrong):
    with pytest.raises(Invalid, match="must end between"):
        make_post(ann, **wrong)


def test_an_edit_does_not_change_the_end(db, settings, ann, make_post):
    id = make_post(ann, **HOUR)
    draft = Draft(text="Edited", expires_in_seconds=7200, reply_policy="nobody")
    post_edits.edit(db, settings, now=NOW, author_id=ann.id, post_id=id, draft=draft)
    edited = queries.get(db, id, viewer_id=ann.id, now=NOW)

    assert (edited.text, edited.expires_at, edited.reply_policy) == ("Edited", END, "everybody")


def test_a_scheduled_post_ends_so_long_after_it_was_published(db, settings, ann):
    due_at = NOW + clock.DAY
    given = {"account_id": ann.id, "due_at": due_at}
    with pytest.raises(Invalid, match="must end between"):
        early = Draft(text="x", expires_at=due_at)
        scheduled_posts.schedule(db, settings, now=NOW, draft=early, **given)
    id = scheduled_posts.schedule(db, settings, now=NOW, draft=Draft(text="x", **HOUR), **given)
    scheduled_posts.publish_due(db, settings, now=due_at, scheduled_id=id)

    assert db.scalar(select(post.c.expires_at)) == due_at + clock.HOUR


def test_nobody_answers_or_quotes_what_is_over(db, settings, ann, bob, make_post):
    id = make_post(ann, now=clock.now() - clock.DAY, **HOUR)
    with pytest.raises(NotFound):
        make_post(bob, now=clock.now(), in_reply_to_id=id)
    with pytest.raises(NotFound):
        quotes.quotable(db, author_id=bob.id, post_id=id, visibility="public")
    with pytest.raises(NotFound):
        post_deletion.delete_own(db, now=clock.now(), author_id=ann.id, post_id=id)
    with pytest.raises(NotFound):
        posts.own(db, id, ann.id)
