"""Attachments of a site whose files are in an object storage."""

import msgspec
import pytest

from support.pictures import picture
from support.site_under_test import free_port
from twite_common.media import recordings, storage
from twite_common.media.recordings import Recording
from twite_common.tables import media


@pytest.fixture
def plain_settings(settings):
    return settings


@pytest.fixture
def settings(plain_settings, bucket):
    return msgspec.structs.replace(plain_settings, media_storage=bucket.address)


@pytest.fixture
def rows(database):
    def rows():
        with database.reading() as db:
            return db.execute(media.select()).all()

    return rows


@pytest.fixture
def recorded(monkeypatch):
    """Have ffmpeg take anything for a video."""
    monkeypatch.setattr(recordings, "available", lambda: True)
    monkeypatch.setattr(recordings, "probe", lambda path: Recording("video", len(path.read_bytes()), 1))


def test_a_picture_is_in_the_bucket_and_found_at_its_address(as_ann, bucket, files):
    made = as_ann.post("/api/v2/media", files={"file": ("a.png", picture())}).json()
    found = {as_ann.get(made[name]).content for name in ("url", "preview_url")}

    assert {bucket.read(name) for name in bucket.files()} == found
    assert all(name.startswith("media/") for name in bucket.files())
    assert files() == []


@pytest.mark.usefixtures("recorded")
def test_what_a_task_is_to_prepare_is_in_the_bucket_and_not_served(as_ann, bucket, files, rows):
    answer = as_ann.post("/api/v2/media", files={"file": ("a.mp4", b"a video")})
    [row] = rows()

    assert answer.status_code == 202
    assert bucket.files() == {f"uploads/{row.upload}"}
    assert bucket.read(f"uploads/{row.upload}") == b"a video"
    assert as_ann.get(f"/uploads/{row.upload}").status_code == 404
    assert files() == []


@pytest.fixture
def away(settings, bucket, monkeypatch):
    """Have the bucket be away from now on."""
    address = bucket.address_with(host=f"127.0.0.1:{free_port()}")

    def away():
        for kind in ("media", "uploads"):
            places = getattr(storage, kind)(msgspec.structs.replace(settings, media_storage=address))
            monkeypatch.setattr(storage, kind, lambda _settings, places=places: places)

    return away


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("content", [picture(), b"a video"], ids=["a picture", "a video"])
def test_while_the_bucket_is_away_uploads_are_refused_and_leave_nothing(as_ann, away, bucket, files, rows, content):
    away()
    answer = as_ann.post("/api/v2/media", files={"file": ("a", content)})

    assert answer.status_code == 503
    assert "can't reach its storage for files at the moment" in answer.json()["error"]
    assert "retry-after" in answer.headers
    assert (rows(), files(), bucket.files()) == ([], [], set())


def test_while_the_bucket_is_away_files_are_answered_for_later(as_ann, away):
    made = as_ann.post("/api/v2/media", files={"file": ("a.png", picture())}).json()
    away()
    answer = as_ann.get(made["url"])

    assert (answer.status_code, "immutable" in answer.headers.get("cache-control", "")) == (503, False)


def test_while_the_bucket_is_away_a_profile_keeps_its_picture(as_ann, away):
    address, sent = "/api/v1/accounts/update_credentials", {"avatar": ("a.png", picture())}
    before = as_ann.patch(address, files=sent).json()["avatar"]
    away()
    refused = as_ann.patch(address, files={"avatar": ("b.png", picture((200, 200)))})

    assert refused.status_code == 503
    assert as_ann.get("/api/v1/accounts/verify_credentials").json()["avatar"] == before
