"""Videos and sound, prepared by the real ffmpeg."""

import io
import os
import signal
import subprocess
import threading
from pathlib import Path

import msgspec
import pytest
from PIL import Image
from sqlalchemy import select

from support.moment import NOW
from twite_common import clock, tables
from twite_common.drafts import MediaChange, Thumbnail
from twite_common.errors import Conflict, Invalid, Unavailable
from twite_common.media import recordings
from twite_common.queries.posts import media as queries
from twite_common.services.posts import media, media_processing
from twite_tasks.posts import media as processing

pytestmark = pytest.mark.needs("ffmpeg")

SOURCES = {
    "video": ["-f", "lavfi", "-i", "testsrc=d=1:s=64x48:r=10", "-f", "lavfi", "-i", "sine=d=1", "-shortest", "a.mp4"],
    "audio": ["-f", "lavfi", "-i", "sine=d=1", "a.ogg"],
    "gifv": ["-f", "lavfi", "-i", "testsrc=d=1:s=64x48:r=5", "a.gif"],
}


def moving_avif(frames=5):
    content = io.BytesIO()
    shades = [Image.new("RGB", (64, 48), (40 * n, 0, 0)) for n in range(frames)]
    shades[0].save(content, "AVIF", save_all=True, append_images=shades[1:], duration=200)
    return content.getvalue()


@pytest.fixture
def upload(settings, database, ann):
    """Make a file that moves or sounds, take it as the web part would, and return its id."""

    def upload(kind, content=None):
        settings.scratch.mkdir(exist_ok=True)
        if content is None:
            made = SOURCES[kind][-1]
            command = ["ffmpeg", "-loglevel", "error", *SOURCES[kind][:-1], "-metadata", "title=secret", made]
            subprocess.run(command, cwd=settings.scratch, check=True)
            content = (settings.scratch / made).read_bytes()
        (settings.scratch / "upload").write_bytes(content)
        with database.writing() as db:
            return media.add_recording(db, now=NOW, account_id=ann.id, kind=kind, upload="upload", bytes=len(content))

    return upload


@pytest.fixture
def attachment(database, ann):
    def attachment(id):
        with database.reading() as db:
            return queries.of_account(db, ann.id, [id])[id].attachment

    return attachment


@pytest.mark.parametrize(("kind", "extension"), [("video", "mp4"), ("gifv", "mp4"), ("audio", "mp3")])
def test_a_recording_is_written_anew_without_what_it_said_of_itself(
    upload, attachment, context, settings, kind, extension
):
    id = upload(kind)
    processing.process(context, id)
    processing.process(context, id)

    made = attachment(id)
    assert (made.state, made.file.rpartition(".")[2]) == ("ready", extension)
    assert (made.preview is not None, made.blurhash is not None) == (kind != "audio", kind != "audio")
    assert b"secret" not in (settings.data / "media" / made.file).read_bytes()
    assert b'"duration":1' in bytes(made.meta)
    assert not (settings.scratch / "upload").exists()


@pytest.mark.parametrize("kind", ["video", "gifv", "audio"])
def test_a_thumbnail_that_somebody_chose_stays(upload, attachment, database, ann, context, settings, kind):
    id = upload(kind)
    chosen = Thumbnail("aa/chosen.webp", "colours", 30, 20)
    with database.writing() as db:
        media.change(db, MediaChange(media_id=id, thumbnail=chosen), now=NOW, account_id=ann.id)
    processing.process(context, id)

    made, small = attachment(id), {"width": 30, "height": 20, "size": "30x20", "aspect": 1.5}
    assert (made.state, made.preview, made.blurhash) == ("ready", "aa/chosen.webp", "colours")
    meta = msgspec.json.decode(made.meta)
    assert (meta["small"], meta["duration"]) == (small, pytest.approx(1, abs=0.1))


def test_an_avif_file_that_moves_becomes_a_video(upload, attachment, context):
    id = upload("gifv", moving_avif())
    processing.process(context, id)

    made = attachment(id)
    assert (made.state, made.file.rpartition(".")[2], made.preview is not None) == ("ready", "mp4", True)
    assert b'"duration":1' in bytes(made.meta)


def test_how_long_an_avif_file_moves_is_bounded_like_a_videos_length(tmp_path, monkeypatch):
    (tmp_path / "a.avif").write_bytes(moving_avif())
    shown = recordings.probe(tmp_path / "a.avif")
    monkeypatch.setattr(recordings, "MAX_WORK_PIXELS", 64 * 48 * 4)

    assert shown.duration_seconds == pytest.approx(1, abs=0.01)
    with pytest.raises(Invalid, match="too long"):
        recordings.probe(tmp_path / "a.avif")


def boxes(content):
    """Give the boxes of an MP4 file, or of one of its boxes, with their kinds (ISO 14496-12)."""
    while content:
        size = int.from_bytes(content[:4])
        yield content[4:8], content[:size]
        content = content[size:]


def test_a_video_whose_cover_comes_first_stays_a_video(upload, attachment, context, settings, tmp_path):
    for command in (
        "-f lavfi -i testsrc=d=1:s=64x48:r=10 video.mp4",
        "-f lavfi -i color=red:s=200x200 -frames:v 1 cover.png",
        "-i video.mp4 -i cover.png -map 0 -map 1 -c copy -disposition:v:1 attached_pic both.mp4",
    ):
        subprocess.run(["ffmpeg", "-loglevel", "error", *command.split()], cwd=tmp_path, check=True)
    content = b""
    for kind, box in boxes((tmp_path / "both.mp4").read_bytes()):
        inside = sorted(boxes(box[8:]), key=lambda one: one[0] == b"trak") if kind == b"moov" else []
        content += box[:8] + b"".join(one for _, one in inside) if inside else box
    id = upload("video", content=content)
    processing.process(context, id)

    made = attachment(id)
    assert made.state == "ready"
    assert b'"size":"64x48"' in bytes(made.meta)


def test_what_cannot_be_read_is_given_up(upload, attachment, context, settings):
    id = upload("video", content=b"no video at all")
    processing.process(context, id)

    assert (attachment(id).state, attachment(id).file) == ("failed", None)
    assert not (settings.scratch / "upload").exists()


def test_no_file_outside_the_folder_of_uploads_is_touched(settings, database, ann, attachment, context):
    victim = settings.data / "victim"
    victim.write_bytes(b"mine")
    with database.writing() as db:
        id = media.add_recording(db, now=NOW, account_id=ann.id, kind="video", upload="../victim", bytes=4)
    settings.scratch.mkdir(exist_ok=True)
    processing.process(context, id)

    assert (attachment(id).state, victim.read_bytes()) == ("failed", b"mine")


def test_a_playlist_reads_no_other_file(settings, tmp_path):
    secret = tmp_path / "secret.ts"
    secret.write_bytes(b"secret")
    playlist = tmp_path / "list"
    playlist.write_text(f"#EXTM3U\n#EXTINF:1,\nfile://{secret}\n")

    with pytest.raises(Invalid):
        recordings.probe(playlist)


@pytest.fixture
def big_video(tmp_path):
    """A video of 4K, that goes on for two minutes."""
    once, again = tmp_path / "once.mp4", tmp_path / "again.mp4"
    for command in (
        f"-f lavfi -i testsrc=d=0.1:s=3840x2160:r=120 -c:v libx264 -preset ultrafast -pix_fmt yuv420p {once}",
        # The same pictures again and again, which needs no encoding.
        f"-stream_loop 1200 -i {once} -c copy {again}",
    ):
        subprocess.run(["ffmpeg", "-loglevel", "error", *command.split()], check=True)
    return again


def test_a_video_that_would_take_too_long_is_refused_before_it_is_converted(big_video, tmp_path):
    assert recordings.probe(tmp_path / "once.mp4").frames_a_second == pytest.approx(120)
    with pytest.raises(Invalid, match="too long"):
        recordings.probe(big_video)


def test_ffmpeg_is_ended_when_it_is_no_longer_wanted(big_video, tmp_path):
    with pytest.raises(recordings.Interrupted):
        recordings.convert(big_video, HELD, "video", tmp_path / "converted.mp4", goes_on=lambda: False)


HELD = recordings.Recording("video", 1.0, 0)


def test_a_file_may_take_no_more_work_than_its_header_says(big_video, tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "FIRST_CPU_SECONDS", 1)
    with pytest.raises(Invalid, match="too long"):
        recordings.convert(big_video, HELD, "video", tmp_path / "converted.mp4")


def test_no_more_pictures_are_written_than_a_video_may_have(tmp_path, monkeypatch):
    source, target = tmp_path / "a.mp4", tmp_path / "converted.mp4"
    subprocess.run(["ffmpeg", "-loglevel", "error", *SOURCES["video"][:-1], str(source)], check=True)
    held = recordings.probe(source)
    monkeypatch.setattr(recordings, "MAX_WORK_PIXELS", 64 * 48 * 4)
    recordings.convert(source, held, "gifv", target)
    monkeypatch.undo()

    assert recordings.probe(target).duration_seconds == pytest.approx(0.4)


def test_pictures_that_come_absurdly_fast_are_refused(tmp_path):
    source = tmp_path / "a.mp4"
    subprocess.run(["ffmpeg", "-loglevel", "error", *SOURCES["gifv"][:-1], str(source)], check=True)
    content = bytearray(source.read_bytes())
    # How many units of time a second has stands behind 16 bytes of that box (ISO 14496-12, section 8.4.2).
    units = slice(content.index(b"mdhd") + 16, content.index(b"mdhd") + 20)
    content[units] = (1000 * int.from_bytes(content[units])).to_bytes(4)
    source.write_bytes(content)

    with pytest.raises(Invalid, match="too many frames per second"):
        recordings.probe(source)


def test_what_does_not_fit_on_the_disk_is_no_fault_of_the_file(
    upload, attachment, context, settings, database, monkeypatch
):
    convert = recordings.convert
    monkeypatch.setattr(
        recordings,
        "convert",
        lambda source, held, kind, _target, **options: convert(source, held, kind, Path("/dev/full"), **options),
    )
    monkeypatch.setattr(media_processing, "MAX_ATTEMPTS", 1)
    id = upload("audio")
    for number in range(2):
        processing.process(context, id)
        with database.writing() as db:
            assert media_processing.waiting(db) == [], number
            media_processing.recover(db, now=clock.now() + media_processing.CLAIM_MS + 1)
            assert media_processing.waiting(db) == [id], number
    monkeypatch.undo()

    assert attachment(id).state == "processing"
    assert (settings.scratch / "upload").exists()


def test_a_file_that_becomes_too_large_is_refused(tmp_path, monkeypatch):
    source = tmp_path / "a.ogg"
    subprocess.run(["ffmpeg", "-loglevel", "error", *SOURCES["audio"][:-1], str(source)], check=True)
    monkeypatch.setattr(recordings, "MAX_OUTPUT_BYTES", 1000)
    with pytest.raises(Invalid, match="too long"):
        recordings.convert(source, HELD, "audio", tmp_path / "a.mp3")


def test_ffmpeg_that_was_asked_to_end_is_begun_anew(big_video, tmp_path):
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    others = set(children.read_text().split())

    def end():
        for child in set(children.read_text().split()) - others:
            os.kill(int(child), signal.SIGTERM)
        return True

    with pytest.raises(recordings.Killed):
        recordings.convert(big_video, HELD, "video", tmp_path / "converted.mp4", goes_on=end)


def test_uploads_of_one_account_wait_for_each_other_and_let_others_go_first(database, ann, bob):
    with database.writing() as db:
        anns = [add(db, ann, NOW) for _ in range(3)]
        bobs = add(db, bob, NOW + 1)
        first = media_processing.waiting(db, limit=9)
        claimed = media_processing.claim(db, anns[0], now=NOW)
        beside = media_processing.waiting(db, limit=9)
        media_processing.hand_back(db, claimed, now=NOW, again=True)
        afterwards = media_processing.waiting(db, limit=9)

    assert first == [anns[0], bobs, *anns[1:]]
    assert beside == [bobs]
    assert afterwards[0] == bobs


def test_two_workers_never_prepare_two_uploads_of_one_account(database, ann):
    with database.writing() as db:
        first, second = add(db, ann, NOW), add(db, ann, NOW)
        assert media_processing.claim(db, first, now=NOW)
    with pytest.raises(Conflict), database.writing() as db:
        media_processing.claim(db, second, now=NOW)


def test_whoever_has_lost_an_upload_to_another_changes_nothing_of_it(database, ann):
    with database.writing() as db:
        id = add(db, ann, NOW)
        lost = media_processing.claim(db, id, now=NOW)
        media_processing.recover(db, now=NOW + media_processing.CLAIM_MS + 1)
        now = media_processing.claim(db, id, now=NOW + media_processing.CLAIM_MS + 1)
        assert media_processing.finish(db, now, media_processing.PreparedRecording("f", None, None, {}), now=NOW)

        assert not media_processing.give_up(db, lost)
        assert not media_processing.finish(
            db, lost, media_processing.PreparedRecording("other", None, None, {}), now=NOW
        )
        media_processing.hand_back(db, lost, now=NOW, again=True)
        row = db.execute(select(tables.media.c.state, tables.media.c.file).where(tables.media.c.id == id)).one()
    assert (row.state, row.file) == ("ready", "f")


def test_a_shortage_that_passes_has_an_upload_begun_anew(upload, attachment, context, monkeypatch, settings):
    def full(*_arguments, **_options):
        raise Unavailable("Too many pictures are being processed at the moment.")

    id = upload("video")
    monkeypatch.setattr(recordings, "convert", full)
    processing.process(context, id)

    assert attachment(id).state == "processing"
    assert (settings.scratch / "upload").exists()


def test_an_upload_whose_worker_died_is_begun_anew_and_given_up_in_the_end(
    upload, attachment, context, database, settings
):
    id = upload("video")
    for number in range(media_processing.MAX_ATTEMPTS):
        now = NOW + number * clock.HOUR
        with database.writing() as db:
            assert media_processing.claim(db, id, now=now)
            media_processing.recover(db, now=now + media_processing.CLAIM_MS)
            assert media_processing.waiting(db) == []
            media_processing.recover(db, now=now + media_processing.CLAIM_MS + 1)
            assert media_processing.waiting(db) == [id]
    processing.process(context, id)

    assert attachment(id).state == "failed"
    assert not (settings.scratch / "upload").exists()


def add(db, person, now):
    return media.add_recording(db, now=now, account_id=person.id, kind="video", upload="x", bytes=1)
