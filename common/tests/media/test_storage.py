"""Stored files are the same in a folder and in a bucket, and can be found wherever they are."""

import asyncio
import io
import os

import msgspec
import pytest

from support.site_under_test import free_port
from twite_common import clock
from twite_common.errors import Invalid, Unavailable
from twite_common.media import storage
from twite_common.media.pictures import Picture
from twite_common.media.storage import Unreachable, moving
from twite_common.media.storage.bucket import PART_BYTES
from twite_common.media.storage.names import NAME

PLACES = ("folder", "bucket")


@pytest.fixture(params=PLACES)
def kept_in(request):
    return request.param


@pytest.fixture
def stored_at(settings, kept_in, bucket):
    return msgspec.structs.replace(settings, media_storage=bucket.address) if kept_in == "bucket" else settings


@pytest.fixture
def media(stored_at):
    return storage.media(stored_at)


def picture(content=b"a picture"):
    return Picture(content, "image/webp", "webp", width=1, height=1)


def test_a_stored_file_is_named_by_its_content(media):
    name = media.store(picture())
    again = media.store(picture())

    assert name == again
    assert NAME.fullmatch(name)
    assert media.read(name) == b"a picture"
    assert [stored.name for stored in media.listed(name[:2])] == [name]


def test_a_stored_file_is_not_for_everybody(settings):
    name = storage.media(settings).store(picture())
    storage.uploads(settings).home.write("0" * 32, io.BytesIO(b"a video"))
    media, uploads = settings.data / "media", settings.data / "uploads"

    assert [path.stat().st_mode & 0o777 for path in (media, media / name)] == [0o750, 0o640]
    assert [path.stat().st_mode & 0o777 for path in (uploads, uploads / ("0" * 32))] == [0o700, 0o600]


def test_a_bucket_says_what_a_file_is_and_that_it_stays_so(settings, bucket):
    name = storage.media(msgspec.structs.replace(settings, media_storage=bucket.address)).store(picture())
    head = bucket.head(f"media/{name}")

    assert (head["ContentType"], "immutable" in head["CacheControl"]) == ("image/webp", True)


def test_a_file_in_a_folder_of_a_bucket_stays_in_it(settings, bucket):
    address = bucket.address.replace("?", "/sites/twite?")
    media = storage.media(msgspec.structs.replace(settings, media_storage=address))
    name = media.store(picture())

    assert bucket.files() == {f"sites/twite/media/{name}"}
    assert [stored.name for stored in media.listed(name[:2])] == [name]
    assert media.read(name) == b"a picture"


def test_a_large_file_is_written_and_read_in_parts(media):
    content = os.urandom(2 * PART_BYTES + 1)
    name = media.store_file(io.BytesIO(content), "mp4")

    assert media.find(name).size == len(content)
    assert media.read(name) == content
    with media.local(name) as path:
        assert path.read_bytes() == content
    assert asyncio.run(media.part(name, PART_BYTES - 1, PART_BYTES + 1)) == content[PART_BYTES - 1 : PART_BYTES + 1]


def test_what_is_read_leaves_nothing_behind(media, stored_at, kept_in):
    name = media.store(picture())
    media.read(name)
    with media.local(name):
        pass

    assert kept_in == "folder" or list(stored_at.scratch.iterdir()) == []


def test_only_media_files_are_put_aside_and_removed(media):
    name = media.store(picture())
    put = [media.put_aside(name) for _ in range(2)]
    away = media.exists(name)
    media.put_back(name)
    back = media.read(name)
    media.put_aside(name)
    media.remove_aside(name)

    assert (put, away, back) == ([True, False], False, b"a picture")
    assert list(media.listed(name[:2])) == []
    with pytest.raises(Invalid):
        media.put_aside("../secret.key")


def test_what_is_not_there_is_not_found(media):
    name = f"ab/{'0' * 64}.webp"
    media.remove(name)

    assert (media.find(name), media.missing([name]), media.is_empty()) == (None, [name], True)
    with pytest.raises(FileNotFoundError):
        media.open(name)
    with pytest.raises(FileNotFoundError), media.local(name):
        pass
    with pytest.raises(FileNotFoundError):
        asyncio.run(media.part(name, 0, 1))


def test_files_are_listed_by_name_after_a_name(media):
    names = [f"ab/{number:064}.webp" for number in range(5)]
    for name in reversed(names):
        media.home.write(name, io.BytesIO(name.encode()))
    found = list(media.listed("ab", names[1]))

    assert [(stored.name, stored.size) for stored in found] == [(name, len(name)) for name in names[2:]]
    assert all(abs(stored.changed_at - clock.now()) < clock.HOUR for stored in found)


def test_uploads_are_kept_apart(stored_at):
    storage.uploads(stored_at).home.write("0" * 32, io.BytesIO(b"a video"))

    assert [stored.name for stored in storage.uploads(stored_at).listed("")] == ["0" * 32]
    assert storage.media(stored_at).is_empty()


@pytest.fixture
def unreachable(bucket):
    """Addresses of buckets that can't be used, each with a word of why."""
    return {
        "answer": bucket.address_with(host=f"127.0.0.1:{free_port()}"),
        "secret": bucket.address_with(secret="another secret"),
        "know": bucket.address_with(key="another"),
        "no such bucket": bucket.address_with(bucket="another"),
    }


@pytest.mark.parametrize("why", ["answer", "secret", "know", "no such bucket"])
def test_what_a_bucket_refuses_is_said_without_its_secrets(settings, bucket, unreachable, why, caplog):
    media = storage.media(msgspec.structs.replace(settings, media_storage=unreachable[why]))
    with pytest.raises(Unreachable) as raised:
        media.store(picture())
    error = raised.value

    assert why in error.reason
    assert isinstance(error, Unavailable)
    said = f"{error} {error.reason} {error.__cause__} {caplog.text} {media.home}"
    assert not [secret for secret in (bucket.server.key, bucket.server.secret, "another secret") if secret in said]
    assert error.__suppress_context__


@pytest.fixture
def before(settings):
    """A site's settings before it had a bucket."""
    return settings


@pytest.fixture
def behind(settings, bucket):
    """Its settings when it has one."""
    return msgspec.structs.replace(settings, media_storage=bucket.address)


def test_files_are_found_wherever_they_are_and_new_ones_go_to_the_bucket(before, behind, bucket):
    old = storage.media(before).store(picture(b"old"))
    media = storage.media(behind)
    new = media.store(picture(b"new"))

    assert bucket.files() == {f"media/{new}"}
    assert [media.read(name) for name in (old, new)] == [b"old", b"new"]
    assert media.missing([old, new]) == []
    # An earlier process reads both, too, once it knows the bucket.
    known = msgspec.structs.replace(before, media_fallback=bucket.address)
    assert [storage.media(known).read(name) for name in (old, new)] == [b"old", b"new"]


def test_a_file_in_both_places_is_listed_once_and_removed_from_both(before, behind, bucket):
    name = storage.media(before).store(picture())
    media = storage.media(behind)
    media.store(picture())
    listed = [stored.name for stored in media.listed(name[:2])]
    put = media.put_aside(name)
    media.remove_aside(name)

    assert (listed, put, bucket.files(), media.exists(name)) == ([name], True, set(), False)
    assert not (before.data / "media" / name).exists()


def test_moving_to_a_bucket_and_back_keeps_every_file(before, behind, bucket):
    contents = [f"picture {number}".encode() for number in range(20)]
    names = [storage.media(before).store(picture(content)) for content in contents]
    storage.uploads(before).home.write("0" * 32, io.BytesIO(b"a video"))
    waiting = moving.waiting(behind)
    moved = sum(moving.move(behind))
    there = bucket.files()
    again = (moving.waiting(behind), list(moving.move(behind)))

    assert waiting == (21, sum(map(len, contents)) + 7) == (21, moved)
    assert there == {f"media/{name}" for name in names} | {f"uploads/{'0' * 32}"}
    assert again == ((0, 0), [])
    assert storage.media(before).is_empty()
    assert [storage.media(behind).read(name) for name in names] == contents

    back = msgspec.structs.replace(before, media_fallback=bucket.address)
    assert sum(moving.move(back)) == moved
    assert bucket.files() == set()
    assert [storage.media(before).read(name) for name in names] == contents
    assert storage.uploads(before).read("0" * 32) == b"a video"


def test_moving_goes_on_after_it_was_interrupted(before, behind, monkeypatch):
    names = [storage.media(before).store(picture(bytes([number]))) for number in range(12)]
    steps = moving.move(behind)
    next(steps)
    steps.close()
    found_meanwhile = storage.media(behind).missing(names)
    # What was written, but not removed yet, isn't written again.
    storage.media(behind).home.write(names[-1], io.BytesIO(bytes([11])))
    list(moving.move(behind))

    assert found_meanwhile == []
    assert storage.media(before).is_empty()
    assert [storage.media(behind).read(name) for name in names] == [bytes([number]) for number in range(12)]


def test_what_is_no_file_of_ours_is_not_moved(before, behind, bucket):
    folder = before.data / "media" / "ab"
    folder.mkdir(parents=True)
    for name in ("notes.txt", "tmp0123456789abcdef", f"{'0' * 64}.webp.removed"):
        (folder / name).touch()

    assert (list(moving.move(behind)), bucket.files(), len(list(folder.iterdir()))) == ([], set(), 3)


def test_where_the_bucket_is_away_moving_stops_and_nothing_is_lost(before, bucket):
    name = storage.media(before).store(picture())
    address = bucket.address_with(host=f"127.0.0.1:{free_port()}")
    with pytest.raises(Unreachable):
        list(moving.move(msgspec.structs.replace(before, media_storage=address)))

    assert storage.media(before).read(name) == b"a picture"
