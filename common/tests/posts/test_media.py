import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from support.moment import NOW
from twite_common import clock, outbox
from twite_common.drafts import MediaChange, Thumbnail
from twite_common.errors import Invalid, NotFound
from twite_common.media.pictures import Picture, PreparedAttachment
from twite_common.queries.posts import media as queries
from twite_common.services.posts import media, media_processing, post_deletion
from twite_common.tables import media as media_table

PICTURE = Picture(data=b"picture", media_type="image/webp", extension="webp", width=40, height=30)
PREPARED = PreparedAttachment(picture=PICTURE, preview=PICTURE, blurhash="x")
RECORDING = media_processing.PreparedRecording("aa/ready.mp4", "aa/ready.webp", "y", {"length": 1})


@pytest.fixture
def add_picture(db, ann):
    numbers = iter(range(100))

    def add(by=ann, *, now=NOW, file=None):
        number = next(numbers)
        names = {"file": file or f"aa/{number}.webp", "preview": f"bb/{number}.webp"}
        return media.add_picture(db, PREPARED, now=now, account_id=by.id, **names)

    return add


@pytest.fixture
def add_video(db, ann):
    def add(by=ann, *, now=NOW, **changes):
        given = {"kind": "video", "upload": "upload", "bytes": 1000} | changes
        return media.add_recording(db, now=now, account_id=by.id, **given)

    return add


@pytest.fixture
def choose(db, ann):
    def choose(*media_ids, by=ann, **place):
        return [one.id for one in media.choose(db, account_id=by.id, media_ids=media_ids, **place)]

    return choose


@pytest.fixture
def forgotten(db):
    """Return the names of the files that are to be removed unless something uses them."""

    def forgotten():
        kept = [event.details() for event in outbox.pending(db) if event.kind == media.UNUSED]
        return sorted(name for details in kept for name in (*details["names"], *details.get("uploads", [])))

    return forgotten


@pytest.fixture
def state(db):
    def state(media_id):
        return db.scalar(select(media_table.c.state).where(media_table.c.id == media_id))

    return state


def test_four_uploads_fit_on_a_post_in_the_order_that_is_asked_for(choose, add_picture):
    ids = [add_picture() for _ in range(5)]

    assert choose(*reversed(ids[:4])) == ids[3::-1]
    with pytest.raises(Invalid, match="more than 4 files"):
        choose(*ids)


def test_an_upload_named_twice_is_one(choose, add_picture):
    id = add_picture()

    assert choose(id, id) == [id]


def test_only_ones_own_free_uploads_go_on_a_post(choose, add_picture, ann, bob, make_post):
    free, used, others = add_picture(), add_picture(), add_picture(bob)
    post_id = make_post(ann, media_ids=(used,))

    for wrong in (used, others, 1):
        with pytest.raises(Invalid, match="not found, or attached to another post"):
            choose(free, wrong)
    assert choose(free, used, post_id=post_id) == [free, used]


def test_a_video_stands_alone(db, choose, add_picture, add_video):
    video = add_video()
    media_processing.finish(db, media_processing.claim(db, video, now=NOW), RECORDING, now=NOW)

    assert choose(video) == [video]
    with pytest.raises(Invalid, match="Cannot attach a video"):
        choose(video, add_picture())


def test_what_is_not_prepared_waits_and_what_cannot_be_is_refused(db, choose, add_video):
    video = add_video()
    with pytest.raises(Invalid, match="not finished processing"):
        choose(video)

    media_processing.give_up(db, media_processing.claim(db, video, now=NOW))
    with pytest.raises(Invalid, match="could not be processed"):
        choose(video)


def test_a_description_may_have_1500_characters(db, add_picture, ann):
    id = add_picture()
    media.change(db, MediaChange(media_id=id, description="x" * 1500), now=NOW, account_id=ann.id)

    with pytest.raises(Invalid, match="too long"):
        media.change(db, MediaChange(media_id=id, description="x" * 1501), now=NOW, account_id=ann.id)
    assert len(queries.of_account(db, ann.id, [id])[id].attachment.description) == 1500


def test_only_ones_own_free_uploads_are_changed(db, add_picture, ann, bob, make_post):
    used, others = add_picture(), add_picture(bob)
    make_post(ann, media_ids=(used,))

    for wrong in (used, others):
        with pytest.raises(NotFound):
            media.change(db, MediaChange(media_id=wrong, description="Mine"), now=NOW, account_id=ann.id)


def test_a_new_thumbnail_has_the_old_one_removed(db, add_picture, forgotten, ann):
    id = add_picture()
    before = queries.of_account(db, ann.id, [id])[id].attachment.preview
    thumbnail = Thumbnail(file="cc/new.webp", blurhash="z", width=4, height=3)
    media.change(db, MediaChange(media_id=id, thumbnail=thumbnail), now=NOW, account_id=ann.id)

    assert queries.of_account(db, ann.id, [id])[id].attachment.preview == "cc/new.webp"
    assert forgotten() == [before]


def test_a_removed_upload_has_its_files_removed_unless_others_use_them(db, add_picture, forgotten, ann, bob):
    first = add_picture(file="aa/same.webp")
    add_picture(bob, file="aa/same.webp")
    preview = queries.of_account(db, ann.id, [first])[first].attachment.preview
    media.drop(db, now=NOW, account_id=ann.id, media_id=first)

    assert queries.of_account(db, ann.id, [first]) == {}
    assert forgotten() == [preview]


def test_an_upload_on_a_post_is_not_removed(db, add_picture, ann, bob, make_post):
    id = add_picture()
    make_post(ann, media_ids=(id,))

    with pytest.raises(Invalid, match="currently used"):
        media.drop(db, now=NOW, account_id=ann.id, media_id=id)
    with pytest.raises(NotFound):
        media.drop(db, now=NOW, account_id=bob.id, media_id=id)


def test_uploads_that_are_on_no_post_are_removed_after_a_day(db, add_picture, state, ann, make_post):
    left, used = add_picture(), add_picture()
    make_post(ann, media_ids=(used,))
    media.drop_left(db, now=NOW + clock.DAY)
    assert [state(id) for id in (left, used)] == ["ready", "ready"]

    media.drop_left(db, now=NOW + clock.DAY + 1)
    assert [state(id) for id in (left, used)] == [None, "ready"]


def test_the_attachments_of_a_deleted_post_are_free_for_a_day(db, choose, add_picture, state, ann, make_post):
    id = add_picture(now=NOW - clock.DAY)
    post_id = make_post(ann, media_ids=(id,))
    post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=post_id)
    media.drop_left(db, now=NOW + clock.DAY)

    assert choose(id) == [id]
    media.drop_left(db, now=NOW + clock.DAY + 1)
    assert state(id) is None


def test_an_accounts_uploads_are_prepared_one_after_another(db, add_video, ann, bob):
    first, second, others = add_video(), add_video(), add_video(bob)
    assert media_processing.waiting(db, limit=9) == [first, others, second]

    media_processing.claim(db, first, now=NOW)
    assert media_processing.waiting(db, limit=9) == [others]
    # The one in whose block this happens gets a Conflict.
    with pytest.raises(IntegrityError), db.begin_nested():
        media_processing.claim(db, second, now=NOW)


def test_an_upload_is_prepared_by_one(db, add_video):
    id = add_video()
    claimed = media_processing.claim(db, id, now=NOW)

    assert (claimed.id, claimed.attempts, media_processing.claim(db, id, now=NOW)) == (id, 1, None)


def test_what_is_prepared_can_be_put_on_a_post(db, add_video, choose, state):
    id = add_video()

    assert media_processing.finish(db, media_processing.claim(db, id, now=NOW), RECORDING, now=NOW)
    assert (state(id), choose(id), media_processing.waiting(db)) == ("ready", [id], [])


def test_a_thumbnail_that_somebody_chose_stays(db, add_video, forgotten, ann):
    thumbnail = Thumbnail(file="cc/chosen.webp", blurhash="z", width=4, height=3)
    id = add_video(thumbnail=thumbnail)
    media_processing.finish(db, media_processing.claim(db, id, now=NOW), RECORDING, now=NOW)

    attachment = queries.of_account(db, ann.id, [id])[id].attachment
    assert (attachment.preview, attachment.blurhash) == ("cc/chosen.webp", "z")
    assert forgotten() == [RECORDING.preview]


def test_whoever_lost_a_claim_changes_nothing(db, add_video, state, forgotten):
    id = add_video()
    lost = media_processing.claim(db, id, now=NOW)
    media_processing.recover(db, now=NOW + media_processing.CLAIM_MS + 1)
    claimed = media_processing.claim(db, id, now=NOW + media_processing.CLAIM_MS + 1)

    assert not media_processing.finish(db, lost, RECORDING, now=NOW)
    assert not media_processing.give_up(db, lost)
    assert (state(id), claimed.attempts) == ("processing", 2)
    assert forgotten() == [RECORDING.file, RECORDING.preview]


def test_who_says_that_they_are_at_it_keeps_an_upload(db, add_video):
    id = add_video()
    claimed = media_processing.claim(db, id, now=NOW)
    media_processing.renew(db, claimed, now=NOW + media_processing.CLAIM_MS)
    media_processing.recover(db, now=NOW + media_processing.CLAIM_MS + 1)

    assert media_processing.waiting(db) == []


@pytest.mark.parametrize(("again", "attempts"), [(True, 2), (False, 1)])
def test_an_attempt_counts_unless_it_was_only_interrupted(db, add_video, again, attempts):
    id = add_video()
    media_processing.hand_back(db, media_processing.claim(db, id, now=NOW), now=NOW, again=again)

    assert media_processing.claim(db, id, now=NOW).attempts == attempts


def test_what_failed_is_begun_anew_after_what_waits(db, add_video, bob):
    failed, others = add_video(), add_video(bob, now=NOW + 1)
    media_processing.hand_back(db, media_processing.claim(db, failed, now=NOW), now=NOW, again=True)

    assert media_processing.waiting(db, limit=9) == [others, failed]


def test_what_is_put_off_waits_without_counting(db, add_video):
    id = add_video()
    media_processing.put_off(db, media_processing.claim(db, id, now=NOW), now=NOW)
    media_processing.recover(db, now=NOW + media_processing.CLAIM_MS)
    assert media_processing.waiting(db) == []

    media_processing.recover(db, now=NOW + media_processing.CLAIM_MS + 1)
    assert media_processing.claim(db, id, now=NOW).attempts == 1


def test_a_clock_that_was_set_back_keeps_no_upload_claimed(db, add_video):
    id = add_video()
    media_processing.claim(db, id, now=NOW + clock.DAY)
    media_processing.recover(db, now=NOW)

    assert media_processing.waiting(db) == [id]
