"""Recordings of a site whose files are in an object storage are prepared, wherever the worker runs."""

import io
import subprocess

import msgspec
import pytest

from support.moment import NOW
from support.site_under_test import free_port
from twite_common import clock, outbox
from twite_common.media import storage
from twite_common.queries.posts import media as queries
from twite_common.services.posts import media, media_processing
from twite_tasks.posts import media as processing

pytestmark = pytest.mark.needs("ffmpeg")
UPLOAD = "0" * 32


@pytest.fixture
def settings(settings, bucket):
    return msgspec.structs.replace(settings, media_storage=bucket.address)


@pytest.fixture
def attachment(settings, database, ann, tmp_path):
    """Hand in a video, and return what has become of it."""
    command = ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=d=1:s=64x48:r=10", "a.mp4"]
    subprocess.run(command, cwd=tmp_path, check=True)
    storage.uploads(settings).home.write(UPLOAD, io.BytesIO((tmp_path / "a.mp4").read_bytes()))
    with database.writing() as db:
        id = media.add_recording(db, now=NOW, account_id=ann.id, kind="video", upload=UPLOAD, bytes=1)

    def attachment():
        with database.reading() as db:
            return queries.of_account(db, ann.id, [id])[id].attachment

    return attachment


def test_a_recording_goes_from_the_bucket_to_the_bucket(attachment, context, bucket, settings):
    processing.process(context, attachment().id)
    made = attachment()

    assert made.state == "ready"
    assert bucket.files() == {f"media/{made.file}", f"media/{made.preview}"}
    assert bucket.head(f"media/{made.file}")["ContentType"] == "video/mp4"
    assert list(settings.scratch.iterdir()) == []


def test_while_the_bucket_is_away_a_recording_waits_and_is_never_given_up(
    attachment, context, bucket, settings, database
):
    away = msgspec.structs.replace(settings, media_storage=bucket.address_with(host=f"127.0.0.1:{free_port()}"))
    for number in range(media_processing.MAX_ATTEMPTS + 1):
        processing.process(msgspec.structs.replace(context, settings=away), attachment().id)
        with database.writing() as db:
            media_processing.recover(db, now=clock.now() + (number + 1) * clock.HOUR)
    waiting = attachment().state
    processing.process(context, attachment().id)

    assert (waiting, attachment().state) == ("processing", "ready")
    assert f"uploads/{UPLOAD}" not in bucket.files()


def test_an_upload_that_is_gone_has_failed(attachment, context, bucket):
    bucket.remove(f"uploads/{UPLOAD}")
    processing.process(context, attachment().id)

    assert attachment().state == "failed"


def test_an_upload_that_cannot_be_removed_at_the_end_is_removed_by_a_task(
    attachment, context, database, bucket, monkeypatch
):
    def refuse(_files, _name):
        raise storage.Unreachable("it doesn't answer")

    monkeypatch.setattr(storage.Storage, "remove", refuse)
    processing.process(context, attachment().id)
    with database.reading() as db:
        [event] = [event for event in outbox.pending(db) if event.kind == media.UNUSED]

    assert attachment().state == "ready"
    assert event.details()["uploads"] == [UPLOAD]
