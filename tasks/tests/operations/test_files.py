"""Files go when nothing uses them any more, whoever removed what used them."""

import io
import os
import threading
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from support.deletion import delete_whole_account
from support.moment import NOW
from support.site_under_test import free_port
from twite_common import clock, outbox
from twite_common.drafts import Draft, MediaChange, Thumbnail
from twite_common.errors import Invalid
from twite_common.media import pictures, storage, stored_files
from twite_common.media.pictures import Picture
from twite_common.queries.posts import media as media_queries
from twite_common.services.accounts import account_deletion, profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.operations import media_sweep
from twite_common.services.posts import media, media_processing, post_deletion, post_edits
from twite_tasks import event_handlers, periodic_jobs
from twite_tasks.posts import media as recordings

pytestmark = pytest.mark.faults


def coloured(colour, size=(40, 30)):
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, "PNG")
    return content.getvalue()


@pytest.fixture(params=["folder", "bucket"])
def settings(request, settings):
    if request.param == "folder":
        return settings
    return msgspec.structs.replace(settings, media_storage=request.getfixturevalue("bucket").address)


in_folder = pytest.mark.parametrize("settings", ["folder"], indirect=True)
in_bucket = pytest.mark.parametrize("settings", ["bucket"], indirect=True)


@pytest.fixture
def attach(database, settings, ann):
    """Upload a picture and return its id."""

    def attach(content, by=ann):
        prepared = pictures.prepare_attachment(content)
        with stored_files.storing(database, settings) as files, database.writing() as db:
            file, preview = files.keep(prepared.picture), files.keep(prepared.preview)
            return media.add_picture(db, prepared, now=NOW, account_id=by.id, file=file, preview=preview)

    return attach


@pytest.fixture
def hand_in(database, settings, ann):
    """Upload what a task is to prepare and return its id."""

    def hand_in():
        with stored_files.storing(database, settings) as files, database.writing() as db:
            upload, _size = files.keep_upload(io.BytesIO(b"a video"), Path.stat)
            return media.add_recording(db, now=NOW, account_id=ann.id, kind="video", upload=upload, bytes=7)

    return hand_in


@pytest.fixture
def portray(database, settings):
    def portray(person, colour):
        with stored_files.storing(database, settings) as files, database.writing() as db:
            names = [files.keep(pictures.prepare(coloured(colour), size)) for size in ((400, 400), (1500, 500))]
            changes = ProfileChanges(avatar=names[0], header=names[1])
            profiles.change_profile(db, now=NOW, account_id=person.id, changes=changes)

    return portray


@pytest.fixture
def work(context, database):
    """Do everything that stands in the outbox."""

    def work(now=NOW):
        for _ in range(300):
            with database.reading() as db:
                waiting = [event.id for event in outbox.pending(db)]
            if not waiting:
                return
            for id in waiting:
                event_handlers.handle(context, id, now=now)

    return work


@pytest.fixture
def files(request, settings):
    """Name every file of media and uploads, and whatever else is in their folders."""

    def files():
        folders = (settings.data / "media", settings.scratch)
        local = {str(path.relative_to(settings.data)) for one in folders for path in one.rglob("*") if path.is_file()}
        return local | request.getfixturevalue("bucket").files() if settings.media_storage else local

    return files


def test_a_deleted_account_leaves_no_file(
    attach, hand_in, portray, make_post, files, work, database, settings, ann, bob
):
    portray(bob, "white")
    shared = attach(coloured("white"), by=bob)
    make_post(bob, media_ids=(shared,))
    others = files()
    portray(ann, "red")
    portray(ann, "orange")
    attach(coloured("white"))
    edited = make_post(ann, media_ids=(attach(coloured("green")),))
    deleted = make_post(ann, media_ids=(attach(coloured("blue")),))
    attach(coloured("black"))
    hand_in()
    with database.writing() as db:
        draft = Draft(text="now without", media_ids=())
        post_edits.edit(db, settings, now=NOW, author_id=ann.id, post_id=edited, draft=draft)
        post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=deleted)
    before = files()
    with database.writing() as db:
        account_deletion.delete_account(db, now=NOW, account_id=ann.id)
    work()

    assert len(before - others) == 8
    assert files() == others


def test_what_was_on_a_deleted_post_goes_after_a_day(attach, make_post, files, work, context, database, ann):
    post_id = make_post(ann, media_ids=(attach(coloured("green")),))
    attach(coloured("blue"))
    with database.writing() as db:
        post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=post_id)
    for later, number in ((clock.HOUR, 2), (clock.DAY + clock.HOUR, 0)):
        with database.writing() as db:
            media.drop_left(db, now=NOW + later)
        work()
        assert len(files()) == number


def test_what_is_deleted_with_a_post_goes_at_once_unless_something_else_uses_it(
    attach, hand_in, make_post, files, work, database, ann, bob
):
    others = make_post(bob, media_ids=(attach(coloured("white"), by=bob),))
    kept = files()
    post_id = make_post(ann, media_ids=(attach(coloured("white")), attach(coloured("green"))))
    unready = hand_in()
    with database.writing() as db:
        db.execute(media.PLACE.values(post_id=post_id), {"media_id": unready})
    with database.writing() as db:
        post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=post_id, with_media=True)
    work()

    assert files() == kept
    with database.reading() as db:
        assert list(media_queries.of_posts(db, [others, post_id])) == [others]


def test_an_upload_that_is_dropped_leaves_nothing_that_was_to_be_prepared(hand_in, files, work, database, ann):
    id = hand_in()
    before = files()
    with database.writing() as db:
        media.drop(db, now=NOW, account_id=ann.id, media_id=id)
    work()

    assert (len(before), files()) == (1, set())


def test_what_is_prepared_for_an_upload_that_is_gone_goes(hand_in, files, work, database, context, ann, monkeypatch):
    id = hand_in()

    def prepared(context, files, source, claimed, goes_on):
        with database.writing() as db:
            delete_whole_account(db, ann.id)
        return media_processing.PreparedRecording(files.keep(picture(b"made")), None, None, {})

    monkeypatch.setattr(recordings, "_prepared", prepared)
    recordings.process(context, id)
    before = files()
    work()

    # The upload itself goes with the account, what was made of it because nobody wants it.
    assert (len(before), files()) == (2, set())


def test_the_picture_before_a_video_that_is_replaced_goes(hand_in, files, work, database, settings, ann):
    id = hand_in()
    for content in (b"first", b"second"):
        with stored_files.storing(database, settings) as stored, database.writing() as db:
            chosen = Thumbnail(stored.keep(picture(content)), "colours", 1, 1)
            media.change(db, MediaChange(media_id=id, thumbnail=chosen), now=NOW, account_id=ann.id)
    with stored_files.storing(database, settings) as stored, database.writing() as db:
        made = {name: stored.keep(picture(name.encode())) for name in ("file", "preview")}
        claimed = media_processing.claim(db, id, now=NOW)
        assert media_processing.finish(
            db, claimed, media_processing.PreparedRecording(**made, blurhash="x", meta={}), now=NOW
        )
    work()

    # What somebody chose stays; what was made of the video goes, and so does what was chosen before.
    kept = {f"media/{name}" for name in (made["file"], chosen.file)}
    assert {file for file in files() if file.startswith("media/")} == kept


def picture(content):
    return Picture(content, "image/webp", "webp", width=1, height=1)


def test_nothing_stays_of_what_fails_unless_it_is_used(files, database, settings, ann):
    with stored_files.storing(database, settings) as stored, database.writing() as db:
        name = stored.keep(picture(b"used"))
        profiles.change_profile(db, now=NOW, account_id=ann.id, changes=ProfileChanges(avatar=name))
    with pytest.raises(Invalid), stored_files.storing(database, settings) as stored:
        for content in (b"used", b"unused"):
            stored.keep(picture(content))
        stored.keep_upload(io.BytesIO(b"a video"), Path.stat)
        raise Invalid("no")

    assert files() == {f"media/{name}"}


def test_a_file_that_is_removed_while_it_is_stored_again_is_there_in_the_end(files, database, settings, ann):
    kept = picture(b"the same")
    with stored_files.storing(database, settings) as stored:
        name = stored.keep(kept)
        # Nobody has it yet, so that whoever removes their own takes it.
        assert stored_files.remove_unused(database, storage.media(settings), [name]) == [name]
        with database.writing() as db:
            profiles.change_profile(db, now=NOW, account_id=ann.id, changes=ProfileChanges(avatar=name))
        assert stored_files.remove_unused(database, storage.media(settings), [name]) == []

    assert files() == {f"media/{name}"}


def test_many_store_and_remove_the_same_picture_at_once(make_account, files, database, settings):
    people = [make_account(f"person{number}") for number in range(4)]
    failed = []

    def change(person):
        try:
            for turn in range(15):
                with stored_files.storing(database, settings) as stored:
                    avatar = stored.keep(picture(b"the same")) if turn % 2 == 0 else None
                    with database.writing() as db:
                        changes = ProfileChanges(avatar=avatar)
                        profiles.change_profile(db, now=NOW, account_id=person.id, changes=changes)
                stored_files.remove_unused(database, storage.media(settings), [name])
        except BaseException as error:
            failed.append(error)
            raise

    name = storage.media(settings).store(picture(b"the same"))
    threads = [threading.Thread(target=change, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failed
    assert files() == {f"media/{name}"}


@pytest.fixture
def sweep(context, database, work):
    def sweep(now):
        periodic_jobs.run(context, "sweep_media", now=now)
        work(now)

    return sweep


@in_folder
def test_the_weekly_sweep_removes_what_no_row_names_and_leaves_what_is_young(
    attach, hand_in, portray, make_post, files, sweep, settings, ann, caplog
):
    portray(ann, "red")
    make_post(ann, media_ids=(attach(coloured("green")),))
    hand_in()
    used = files()
    folder = settings.data / "media"
    *strays, young = (storage.media(settings).store(picture(content)) for content in (b"one", b"two", b"three"))
    stray = (folder / strays[0]).parent
    left = [stray / "tmp0123456789abcdef", folder / f"{strays[1]}.removed", settings.scratch / ("0" * 32)]
    kept = folder / "not ours.txt"
    (settings.scratch / "tmpscratch").mkdir()
    (settings.scratch / "tmpscratch" / "written.mp4").touch()
    for path in (*left, kept):
        path.touch()
    for path in settings.data.rglob("*"):
        if path.name not in young and path.suffix != ".txt":
            os.utime(path, times=((NOW - 2 * clock.HOUR) // 1000,) * 2)
    os.utime(folder / young, times=((NOW - clock.MINUTE) // 1000,) * 2)
    sweep(NOW)

    assert files() == {*used, f"media/{young}", "media/not ours.txt"}
    assert "files_without_rows_removed" in caplog.text


@in_folder
def test_the_weekly_sweep_names_rows_without_files_and_changes_nothing(
    attach, make_post, files, sweep, settings, rows, ann, caplog
):
    make_post(ann, media_ids=(attach(coloured("green")),))
    before = rows(media_sweep.ROWS["media"].params(after_id=0))
    (settings.data / "media" / before[0].file).unlink()
    sweep(NOW)

    assert rows(media_sweep.ROWS["media"].params(after_id=0)) == before
    assert f"media/{before[0].file}" in caplog.text


@in_bucket
def test_the_weekly_sweep_of_a_bucket_removes_what_no_row_names_and_leaves_what_is_young(
    attach, hand_in, make_post, files, sweep, settings, ann, bucket, caplog
):
    make_post(ann, media_ids=(attach(coloured("green")),))
    hand_in()
    used = files()
    strays = [storage.media(settings).store(picture(content)) for content in (b"one", b"two")]
    bucket.put(f"media/{strays[1]}.removed", b"two")
    bucket.put("uploads/" + "0" * 32, b"left")
    bucket.put("media/ab/not ours.txt", b"")
    before = files()
    sweep(clock.now())
    young = files()
    sweep(clock.now() + 8 * clock.DAY)

    assert (len(before), young) == (len(used) + 5, before)
    assert files() == {*used, "media/ab/not ours.txt"}
    assert "files_without_rows_removed" in caplog.text


@in_bucket
def test_rows_whose_files_are_not_in_the_bucket_are_named(attach, make_post, sweep, rows, ann, bucket, caplog):
    make_post(ann, media_ids=(attach(coloured("green")),))
    [row] = rows(media_sweep.ROWS["media"].params(after_id=0))
    bucket.remove(f"media/{row.file}")
    sweep(clock.now())

    assert f"media/{row.file}" in caplog.text


@in_bucket
def test_a_file_that_cannot_be_removed_now_is_removed_later(
    attach, hand_in, make_post, files, work, context, database, settings, ann, bucket
):
    post_id = make_post(ann, media_ids=(attach(coloured("green")),))
    hand_in()
    before = files()
    with database.writing() as db:
        delete_whole_account(db, ann.id)
    away = msgspec.structs.replace(settings, media_storage=bucket.address_with(host=f"127.0.0.1:{free_port()}"))
    with database.reading() as db:
        waiting = [event for event in outbox.pending(db) if event.kind == media.UNUSED]
    for event in waiting:
        event_handlers.handle(msgspec.structs.replace(context, settings=away), event.id, now=NOW)
    with database.reading() as db:
        failed = [event for event in outbox.pending(db) if event.kind == media.UNUSED]
    still_there = files()
    with database.writing() as db:
        outbox.put_back(db, now=NOW + clock.HOUR)
    work(NOW + clock.HOUR)

    assert post_id
    assert len(waiting) == 2
    assert [(event.attempts, "can't reach its storage" in event.error) for event in failed] == [(1, True)] * 2
    assert still_there == before
    assert files() == set()


def test_files_are_removed_with_no_transaction_open(attach, make_post, work, context, database, ann, monkeypatch):
    make_post(ann, media_ids=(attach(coloured("green")),))
    with database.writing() as db:
        account_deletion.delete_account(db, now=NOW, account_id=ann.id)
    written_meanwhile = []

    def put_aside(files, name):
        # On SQLite, another transaction that was open would keep this one waiting.
        with database.writing() as db:
            written_meanwhile.append(outbox.add(db, media.UNUSED, now=NOW, names=[]))
        return real(files, name)

    real = storage.Storage.put_aside
    monkeypatch.setattr(storage.Storage, "put_aside", put_aside)
    work()

    assert written_meanwhile
