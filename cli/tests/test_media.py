"""Files without rows, and rows without files: planted, found, put right."""

import os
import time

import pytest
from sqlalchemy import insert

from twite_common import clock
from twite_common.media import storage
from twite_common.media.pictures import Picture
from twite_common.queries.accounts import accounts, credentials
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.settings import Settings
from twite_common.tables import card, emoji, media


@pytest.fixture
def stray(data):
    """A file that no row names, two hours old; and one that was stored just now."""
    stray, young = (storage.media(Settings(data=data)).store(picture(content)) for content in (b"stray", b"young"))
    os.utime(data / "media" / stray, times=(time.time() - 7200,) * 2)
    return stray, young


@pytest.fixture
def lost(data, database, ann):
    """Rows of every kind that name files that aren't there, and two that name one that is."""
    there = storage.media(Settings(data=data)).store(picture(b"there"))
    # As old as what is stray.
    os.utime(data / "media" / there, times=(time.time() - 7200,) * 2)
    gone = [f"{number:02x}/{number:064x}.webp" for number in range(6)]
    with database.writing() as db:
        id = credentials.by_login(db, "ann").account_id
        changes = ProfileChanges(avatar=gone[0], header=there)
        profiles.change_profile(db, now=clock.now(), account_id=id, changes=changes)
        rows = [
            {"id": 1, "file": gone[1], "preview": there, "kind": "image", "upload": None, "state": "ready"},
            {"id": 2, "file": there, "preview": gone[2], "kind": "image", "upload": None, "state": "ready"},
            {"id": 3, "file": None, "preview": None, "kind": "video", "upload": "0" * 32, "state": "processing"},
        ]
        db.execute(insert(media), [{**row, "account_id": id} for row in rows])
        db.execute(insert(card), {"id": 4, "url": "https://a.example/", "picture": gone[3], "due_at": 0})
        db.execute(insert(emoji), {"id": 5, "shortcode": "wren", "picture": there, "still_picture": gone[4]})
    return id


def picture(content):
    return Picture(content, "image/webp", "webp", width=1, height=1)


def test_where_all_is_well_nothing_is_found(twite, ann):
    assert twite("media check").output == "No unused or missing files.\n"
    assert twite("media repair").output == "Files removed: 0. Rows repaired: 0.\n"


@pytest.mark.faults
def test_files_without_rows_and_rows_without_files_are_named_and_put_right(twite, data, database, stray, lost):
    checked = twite("media check")
    repaired = twite("media repair")
    again = twite("media check")

    assert (checked.exit_code, f"media/{stray[0]} is unused" in checked.output) == (1, True)
    for row in (f"account {lost}", "media 1", "media 2", "upload 3", "card 4", "emoji 5"):
        assert f"\n{row} names " in checked.output
    assert "1 unused, 6 rows with missing files." in checked.output
    assert repaired.output == "Files removed: 1. Rows repaired: 6.\n"
    assert (again.exit_code, again.output.startswith("No unused or missing files")) == (0, True)
    assert [(data / "media" / name).exists() for name in stray] == [False, True]
    with database.reading() as db:
        kept = accounts.get(db, lost)
        rows = db.execute(media.select().order_by(media.c.id)).all()
    assert (kept.avatar, kept.header is not None) == (None, True)
    assert [row.state for row in rows] == ["failed", "ready", "failed"]
    assert [row.file is not None for row in rows] == [False, True, False]
    assert rows[1].preview == rows[1].file


def test_a_media_folder_that_is_not_there_is_no_reason_to_forget_its_files(twite, data, lost):
    (data / "media").rename(data / "elsewhere")
    refused = twite("media repair")

    assert (refused.exit_code, "Is it mounted?" in refused.output) == (1, True)


def test_files_are_moved_to_a_bucket_and_back(twite, data, environment, stray, bucket):
    environment.setenv("TWITE_MEDIA_STORAGE", bucket.address)
    moved = twite("media move")
    there = bucket.files()
    again = twite("media move")
    environment.delenv("TWITE_MEDIA_STORAGE")
    environment.setenv("TWITE_MEDIA_FALLBACK", bucket.address)
    back = twite("media move")

    assert "Moving 2 files, 0.0 MB, to the bucket" in moved.output
    assert "Files moved: 2, 0.0 MB. All are in the bucket" in moved.output
    assert there == {f"media/{name}" for name in stray}
    assert "Files moved: 0, " in again.output
    assert f"Files moved: 2, 0.0 MB. All are in the folder {data / 'media'}." in back.output
    assert bucket.files() == set()
    assert all((data / "media" / name).is_file() for name in stray)
    assert bucket.server.secret not in moved.output + again.output + back.output


def test_moving_says_why_a_bucket_cannot_be_used(twite, data, environment, stray, bucket):
    environment.setenv("TWITE_MEDIA_STORAGE", bucket.address_with(secret="another"))
    refused = twite("media move")

    assert refused.exit_code == 1
    assert "it refuses the key, or the key may not do that there. Moved so far: 0 files." in refused.output
    assert all((data / "media" / name).is_file() for name in stray)


def test_files_without_rows_and_rows_without_files_are_put_right_in_a_bucket(twite, environment, bucket, lost):
    environment.setenv("TWITE_MEDIA_STORAGE", bucket.address)
    twite("media move")
    checked = twite("media check")
    repaired = twite("media repair")

    # What is in the bucket is younger than an hour, so that it isn't unused yet.
    assert (checked.exit_code, "0 unused, 6 rows with missing files." in checked.output) == (1, True)
    assert repaired.output == "Files removed: 0. Rows repaired: 6.\n"


def test_a_bucket_that_is_not_there_is_no_reason_to_forget_its_files(twite, environment, bucket, lost):
    environment.setenv("TWITE_MEDIA_STORAGE", bucket.address_with(bucket="none-such"))
    refused = twite("media repair")

    assert (refused.exit_code, "can't reach its storage" in refused.output) == (1, True)
