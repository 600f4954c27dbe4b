"""Drafts kept on the server."""

import msgspec
import pytest

from support.moment import NOW
from twite_common import clock
from twite_common.drafts import Draft, PollDraft
from twite_common.errors import Conflict, Invalid, NotFound
from twite_common.queries.paging import Page
from twite_common.queries.posts import drafts as queries
from twite_common.queries.posts import media as media_queries
from twite_common.queries.posts import posts as post_queries
from twite_common.queries.posts import scheduled_posts as scheduled_queries
from twite_common.services.posts import drafts, media, post_edits

LATER = NOW + clock.DAY


@pytest.fixture
def keep_draft(db, settings, ann):
    def keep_draft(*texts, by=ann, key=None, now=NOW, scheduled_at=None, **draft):
        parts = [Draft(text=text, **draft) for text in texts]
        given = {"account_id": by.id, "scheduled_at": scheduled_at, "idempotency_name": key}
        return drafts.add(db, settings, now=now, parts=parts, **given)

    return keep_draft


@pytest.fixture
def change(db, settings, ann):
    def change(id, *texts, version, by=ann, **draft):
        parts = [Draft(text=text, **draft) for text in texts]
        drafts.change(db, settings, now=NOW + 1, account_id=by.id, draft_id=id, parts=parts, version=version)

    return change


@pytest.fixture
def publish(db, settings, ann):
    def publish(id, *, by=ann, key=None):
        return drafts.publish(db, settings, now=NOW, account_id=by.id, draft_id=id, idempotency_name=key)

    return publish


@pytest.fixture
def saved(db, ann):
    return lambda draft_id: queries.get(db, draft_id, account_id=ann.id)


def test_a_draft_is_kept_as_it_was_written(keep_draft, saved):
    id = keep_draft("  One ", "Two" * 1000, spoiler_text="w", visibility="followers", reply_policy="nobody")

    assert [part.text for part in saved(id).decoded()] == ["  One ", "Two" * 1000]
    assert (saved(id).version, saved(id).updated_at) == (1, NOW)
    assert {part.reply_policy for part in saved(id).decoded()} == {"nobody"}


def test_drafts_are_listed_by_page_the_last_begun_first(db, ann, bob, keep_draft):
    first, second, third = (keep_draft(text) for text in "123")
    keep_draft("theirs", by=bob)

    def listed(**page):
        return [one.id for one in queries.of_account(db, ann.id, Page(**page))]

    assert listed() == [third, second, first]
    assert listed(max_id=third, limit=1) == [second]
    assert listed(min_id=first, limit=1) == [second]


def test_a_draft_is_only_changed_by_who_has_seen_its_latest_version(keep_draft, change, saved):
    id = keep_draft("One")
    change(id, "Two", "Three", version=1)
    assert [part.text for part in saved(id).decoded()] == ["Two", "Three"]
    assert (saved(id).version, saved(id).updated_at) == (2, NOW + 1)
    with pytest.raises(Conflict):
        change(id, "Four", version=1)
    assert [part.text for part in saved(id).decoded()] == ["Two", "Three"]


def test_nobody_reads_changes_or_publishes_what_others_have_written(db, keep_draft, change, publish, bob, saved):
    id = keep_draft("One")
    with pytest.raises(NotFound):
        change(id, "Two", version=1, by=bob)
    with pytest.raises(NotFound):
        publish(id, by=bob)
    with pytest.raises(NotFound):
        drafts.remove(db, now=NOW, account_id=bob.id, draft_id=id)
    assert queries.get(db, id, account_id=bob.id) is None
    assert saved(id).version == 1


def test_the_same_key_within_an_hour_keeps_one_draft(keep_draft):
    id = keep_draft("One", key="k")

    assert keep_draft("One", key="k", now=NOW + clock.MINUTE) == id
    assert keep_draft("One", key="k", now=NOW + 2 * clock.HOUR) != id


def test_an_account_keeps_a_hundred_drafts(keep_draft, bob):
    for number in range(drafts.MAX_COUNT):
        keep_draft(str(number))
    with pytest.raises(Invalid, match="100 drafts"):
        keep_draft("One more")
    keep_draft("Somebody else's", by=bob)


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ([], "1 to 25"),
        ([Draft(text="x")] * 26, "1 to 25"),
        ([Draft(text="x" * 70_000)], "65,536 bytes"),
        ([Draft(text="x", visibility="x")], "visibility"),
        ([Draft(text="x", reply_policy="x")], "reply policy"),
        ([Draft(text="x", media_ids=(5,))], "Media not found"),
        ([Draft(text="x", media_ids=(1, 2, 3, 4, 5))], "more than 4"),
    ],
)
def test_what_cannot_be_kept_is_refused(db, settings, ann, keep_draft, parts, sentence):
    with pytest.raises(Invalid, match=sentence):
        drafts.add(db, settings, now=NOW, account_id=ann.id, parts=parts)
    id = keep_draft("x")
    with pytest.raises(Invalid, match=sentence):
        drafts.change(db, settings, now=NOW, account_id=ann.id, draft_id=id, parts=parts, version=1)


def test_a_draft_becomes_a_thread_and_is_gone(db, ann, keep_draft, saved, publish):
    id = keep_draft("One", "Two")
    first, second = publish(id).post_ids

    assert post_queries.get(db, second, viewer_id=ann.id).in_reply_to_id == first
    assert saved(id) is None
    with pytest.raises(NotFound):
        publish(id)


def test_publishing_again_with_the_same_key_returns_the_same_posts(keep_draft, publish):
    id = keep_draft("One", "Two")

    assert publish(id, key="k") == publish(id, key="k")


def test_a_draft_with_a_time_is_scheduled(db, ann, keep_draft, saved, publish):
    id = keep_draft("One", scheduled_at=LATER)
    scheduled_id = publish(id).scheduled_id
    assert scheduled_queries.get(db, scheduled_id, account_id=ann.id).due_at == LATER
    assert saved(id) is None

    thread = scheduled_queries.get(
        db, publish(keep_draft("One", "Two", scheduled_at=LATER)).scheduled_id, account_id=ann.id
    )
    assert [part.text for part in thread.decoded()] == ["One", "Two"]


def test_the_pictures_of_a_draft_wait_as_long_as_it_is_kept(db, ann, keep_draft, add_picture, change):
    first, second = add_picture(ann), add_picture(ann)
    id = keep_draft("One", media_ids=(first, second))
    change(id, "One", version=1, media_ids=(second,))
    later = NOW + 2 * clock.DAY
    media.drop_left(db, now=NOW + 1 + clock.DAY - 1)
    assert media_queries.of_account(db, ann.id, [first, second]).keys() == {first, second}

    media.drop_left(db, now=later)
    assert media_queries.of_account(db, ann.id, [first, second]).keys() == {second}
    drafts.remove(db, now=later, account_id=ann.id, draft_id=id)
    media.drop_left(db, now=later + clock.DAY)
    assert media_queries.of_account(db, ann.id, [second]).keys() == {second}
    media.drop_left(db, now=later + clock.DAY + 1)
    assert media_queries.of_account(db, ann.id, [second]) == {}


def test_a_picture_is_published_with_its_draft_unless_it_was_deleted(db, ann, keep_draft, publish, add_picture):
    first, second = add_picture(ann), add_picture(ann)
    id = keep_draft("One", media_ids=(first, second))
    media.drop(db, now=NOW, account_id=ann.id, media_id=first)
    (post_id,) = publish(id).post_ids

    assert [one.id for one in media_queries.of_posts(db, [post_id])[post_id]] == [second]
    assert media_queries.of_drafts(db, [id]) == {}


def test_a_post_takes_a_picture_out_of_the_draft_that_it_was_in(db, ann, keep_draft, make_post, add_picture):
    picture = add_picture(ann)
    id = keep_draft("One", media_ids=(picture,))
    make_post(ann, "Published by itself", media_ids=(picture,))

    assert media_queries.of_drafts(db, [id]) == {}
    with pytest.raises(Invalid):
        keep_draft("Again", media_ids=(picture,))


def test_a_post_is_deleted_and_becomes_a_draft_of_the_same(db, settings, ann, bob, make_post, add_picture, saved):
    answered, quoted = make_post(bob), make_post(bob)
    draft = Draft(
        text="Tea?",
        spoiler_text="Drinks",
        visibility="unlisted",
        sensitive=True,
        language="de",
        in_reply_to_id=answered,
        media_ids=(add_picture(ann),),
        poll=PollDraft(options=("Yes", "No"), expires_in_seconds=3600, multiple=True),
        quote_of_id=quoted,
        quote_policy="nobody",
        expires_in_seconds=86400,
    )
    id = make_post(ann, **msgspec.structs.asdict(draft))
    draft_id = drafts.redraft(db, settings, now=NOW, author_id=ann.id, post_id=id)

    assert saved(draft_id).decoded() == (draft,)
    assert post_queries.get(db, id, viewer_id=ann.id) is None
    assert [one.id for one in media_queries.of_drafts(db, [draft_id])[draft_id]] == list(draft.media_ids)


def test_a_redraft_has_the_latest_version_and_the_policy_of_a_thread_that_it_begins(
    db, settings, ann, make_post, saved
):
    id = make_post(ann, "Befor", reply_policy="mentioned")
    post_edits.edit(db, settings, now=NOW, author_id=ann.id, post_id=id, draft=Draft(text="After"))
    (part,) = saved(drafts.redraft(db, settings, now=NOW, author_id=ann.id, post_id=id)).decoded()

    assert (part.text, part.reply_policy) == ("After", "mentioned")


def test_only_ones_own_posts_become_drafts(db, settings, ann, bob, make_post):
    with pytest.raises(NotFound):
        drafts.redraft(db, settings, now=NOW, author_id=ann.id, post_id=make_post(bob))
