"""Attachments, from the upload to the post and away again."""

import io

import pytest
from PIL import Image

from twite_common.media import pictures, recordings
from twite_common.services.posts import media


def picture(width=320, height=200, kind="PNG", **options):
    content = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(content, kind, **options)
    return content.getvalue()


def moving(kind, width=32, height=20):
    content = io.BytesIO()
    frames = [Image.new("L", (width, height), shade) for shade in (0, 255)]
    frames[0].save(content, kind, save_all=True, append_images=frames[1:], duration=100)
    return content.getvalue()


@pytest.fixture
def upload(as_ann):
    def upload(client=as_ann, content=None, **fields):
        answer = client.post("/api/v2/media", files={"file": ("a.png", content or picture())}, data=fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return upload


def test_a_picture_is_ready_at_once_and_says_what_it_was_described_with(upload, as_ann, client):
    made = upload(description="A pond", focus="0.5,-0.25")

    assert (made["type"], made["description"], made["meta"]["original"]["size"]) == ("image", "A pond", "320x200")
    assert made["blurhash"]
    assert as_ann.get(f"/api/v1/media/{made['id']}").json() == made
    shown = client.get(made["url"])
    assert (shown.headers["content-type"], Image.open(io.BytesIO(shown.content)).size) == ("image/webp", (320, 200))


DOORS = {
    "attachment": ("POST", "/api/v2/media", "file"),
    "avatar": ("PATCH", "/api/v1/accounts/update_credentials", "avatar"),
    "header": ("PATCH", "/api/v1/profile", "header"),
}


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
@pytest.mark.parametrize("door", DOORS)
def test_what_phones_make_is_taken_wherever_pictures_are(as_ann, client, kind, door):
    method, path, name = DOORS[door]
    # Applications call such files by names and types of all kinds.
    answer = as_ann.request(method, path, files={name: ("IMG_1.HEIC", picture(kind=kind), "application/octet-stream")})
    made = answer.json()

    assert answer.status_code == 200
    shown = client.get(made["url"] if door == "attachment" else made[name])
    assert (shown.headers["content-type"], Image.open(io.BytesIO(shown.content)).format) == ("image/webp", "WEBP")


def test_a_picture_that_is_too_large_is_refused_with_what_to_do(as_ann):
    answer = as_ann.post("/api/v2/media", files={"file": ("a.png", picture(16_384, 1))})

    assert answer.status_code == 422
    assert answer.json()["error"].endswith("Please make it smaller.")


def test_a_picture_of_16_mb_is_taken_and_one_beyond_is_refused(as_ann):
    padded = picture() + bytes(pictures.MAX_BYTES - len(picture()))
    answers = [as_ann.post("/api/v2/media", files={"file": ("a.png", one)}) for one in (padded, padded + b"\0")]

    assert [one.status_code for one in answers] == [200, 422]
    assert "16 MB" in answers[1].json()["error"]


def test_the_middle_of_a_picture_is_told_and_can_be_moved(upload, as_ann, stranger):
    made = upload(focus="0.5,-0.25")
    moved = as_ann.put(f"/api/v1/media/{made['id']}", json={"focus": "0,1"}).json()
    post = as_ann.post("/api/v1/statuses", json={"media_ids": [made["id"]]}).json()
    changes = {"media_ids": [made["id"]], "media_attributes": [{"id": made["id"], "focus": "-1,0.1"}]}
    as_ann.put(f"/api/v1/statuses/{post['id']}", json=changes)
    shown = stranger.get(f"/api/v1/statuses/{post['id']}").json()

    assert made["meta"]["focus"] == {"x": 0.5, "y": -0.25}
    assert moved["meta"]["focus"] == post["media_attachments"][0]["meta"]["focus"] == {"x": 0.0, "y": 1.0}
    assert shown["media_attachments"][0]["meta"] == made["meta"] | {"focus": {"x": -1.0, "y": 0.1}}


def test_a_post_shows_its_pictures_in_the_order_asked_for(upload, as_ann, stranger):
    first, second = upload(), upload(content=picture(10, 10))
    body = {"media_ids": [second["id"], first["id"]]}
    made = as_ann.post("/api/v1/statuses", json=body).json()

    assert [one["id"] for one in made["media_attachments"]] == body["media_ids"]
    assert made["content"] == ""
    shown = stranger.get(f"/api/v1/statuses/{made['id']}").json()
    assert shown["media_attachments"] == made["media_attachments"]
    assert as_ann.get(f"/api/v1/media/{first['id']}").status_code == 404


def test_what_an_upload_says_can_be_changed_until_it_is_on_a_post(upload, as_ann):
    made = upload()
    changed = as_ann.put(f"/api/v1/media/{made['id']}", json={"description": "A pond"}).json()
    post = as_ann.post("/api/v1/statuses", json={"media_ids": [made["id"]]}).json()

    assert changed["description"] == "A pond"
    assert as_ann.put(f"/api/v1/media/{made['id']}", json={"description": "x"}).status_code == 404
    attributes = [{"id": made["id"], "description": "A lake"}]
    edit = {"status": "", "media_ids": [made["id"]], "media_attributes": attributes}
    edited = as_ann.put(f"/api/v1/statuses/{post['id']}", json=edit).json()
    assert (edited["media_attachments"][0]["description"], edited["edited_at"] is not None) == ("A lake", True)
    history = as_ann.get(f"/api/v1/statuses/{post['id']}/history").json()
    assert [one["media_attachments"][0]["description"] for one in history] == ["A pond", "A lake"]


def test_a_deleted_posts_pictures_can_be_put_on_another_one(upload, as_ann):
    made = upload()
    post = as_ann.post("/api/v1/statuses", json={"status": "x", "media_ids": [made["id"]]}).json()
    deleted = as_ann.delete(f"/api/v1/statuses/{post['id']}").json()
    again = as_ann.post("/api/v1/statuses", json={"media_ids": [deleted["media_attachments"][0]["id"]]})

    assert again.json()["media_attachments"][0]["url"] == made["url"]


@pytest.mark.parametrize(
    ("sent", "gone"),
    [
        ({"params": {"delete_media": "true"}}, True),
        ({"data": {"delete_media": "1"}}, True),
        ({"params": {"delete_media": "false"}}, False),
        ({}, False),
    ],
    ids=["query", "form", "not", "unsaid"],
)
def test_a_deleted_posts_pictures_go_with_it_where_that_is_asked_for(upload, as_ann, sent, gone):
    made = upload()
    post = as_ann.post("/api/v1/statuses", json={"status": "x", "media_ids": [made["id"]]}).json()
    deleted = as_ann.request("DELETE", f"/api/v1/statuses/{post['id']}", **sent)

    assert deleted.json()["media_attachments"] == [made]
    assert as_ann.get(f"/api/v1/media/{made['id']}").status_code == (404 if gone else 200)


def test_nobody_deletes_the_pictures_of_others(upload, as_ann, as_bob, stranger):
    made = upload()
    post = as_ann.post("/api/v1/statuses", json={"status": "x", "media_ids": [made["id"]]}).json()
    refused = as_bob.delete(f"/api/v1/statuses/{post['id']}", params={"delete_media": "true"})

    assert refused.status_code == 404
    assert stranger.get(f"/api/v1/statuses/{post['id']}").json()["media_attachments"] == [made]


def test_uploads_are_their_owners_alone(upload, as_bob):
    made = upload()

    assert as_bob.get(f"/api/v1/media/{made['id']}").status_code == 404
    assert as_bob.put(f"/api/v1/media/{made['id']}", json={"description": "x"}).status_code == 404
    assert as_bob.delete(f"/api/v1/media/{made['id']}").status_code == 404
    assert as_bob.post("/api/v1/statuses", json={"media_ids": [made["id"]]}).status_code == 422


def test_no_more_than_four_files_go_on_a_post(upload, as_ann):
    five = [upload(content=picture(n + 1, 1))["id"] for n in range(5)]

    assert as_ann.post("/api/v1/statuses", json={"media_ids": five}).status_code == 422


@pytest.mark.parametrize(
    "content", [b"", b"no picture", picture()[:60], b"#EXTM3U\n/etc/passwd\n"], ids=["empty", "text", "cut", "playlist"]
)
def test_what_is_no_picture_video_or_sound_is_refused(as_ann, content):
    answer = as_ann.post("/api/v2/media", files={"file": ("a.png", content)})

    assert (answer.status_code, "error" in answer.json()) == (422, True)


@pytest.mark.needs("ffmpeg")
def test_of_what_moves_and_ffmpeg_does_not_read_the_first_moment_is_kept(as_ann, settings, monkeypatch):
    def fail(_path):
        raise recordings.Unreadable("any")

    monkeypatch.setattr(recordings, "probe", fail)
    answer = as_ann.post("/api/v2/media", files={"file": ("a.avif", moving("AVIF"))})

    assert (answer.status_code, answer.json()["type"]) == (200, "image")
    assert list(settings.scratch.iterdir()) == []


@pytest.mark.needs("ffmpeg")
def test_a_file_that_can_not_be_used_is_refused_with_what_can_be(as_ann):
    answer = as_ann.post("/api/v2/media", files={"file": ("a.tiff", picture(kind="TIFF"))})

    assert (answer.status_code, "Please choose a JPEG" in answer.json()["error"]) == (422, True)


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize(
    ("kind", "answered"),
    [("GIF", (202, "gifv")), ("AVIF", (202, "gifv")), ("PNG", (200, "image")), ("WEBP", (200, "image"))],
)
def test_of_pictures_that_move_those_that_ffmpeg_reads_become_videos(as_ann, kind, answered):
    answer = as_ann.post("/api/v2/media", files={"file": ("a.gif", moving(kind))})

    assert (answer.status_code, answer.json()["type"]) == answered
    asked = as_ann.get(f"/api/v1/media/{answer.json()['id']}")
    assert asked.status_code == (206 if answer.status_code == 202 else 200)


@pytest.mark.needs("ffmpeg")
def test_a_moving_picture_that_would_fill_the_memory_is_refused(as_ann):
    assert as_ann.post("/api/v2/media", files={"file": ("a.gif", moving("GIF", 5000, 5000))}).status_code == 422


def test_where_a_picture_was_taken_is_not_kept(upload, client):
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    made = upload(content=picture(kind="JPEG", exif=exif))

    assert b"secret place" not in client.get(made["url"]).content


def test_what_nobody_posts_is_gone_after_a_day_with_its_files(upload, as_ann, database, settings):
    kept, left = upload(content=picture(5, 5)), upload(content=picture(6, 6))
    as_ann.post("/api/v1/statuses", json={"media_ids": [kept["id"]]})
    with database.writing() as db:
        media.drop_left(db, now=(int(left["id"]) >> 16) + media.RETENTION_MS + 1)

    assert as_ann.get(f"/api/v1/media/{left['id']}").status_code == 404
    with database.reading() as db:
        from twite_common import outbox

        named = [name for event in outbox.pending(db) for name in event.details().get("names", [])]
    assert any(left["url"].endswith(name) for name in named)
    assert not any(kept["url"].endswith(name) for name in named)


def test_an_upload_that_is_on_no_post_can_be_removed(upload, as_ann):
    made = upload()

    assert as_ann.delete(f"/api/v1/media/{made['id']}").status_code == 200
    assert as_ann.get(f"/api/v1/media/{made['id']}").status_code == 404


def test_a_picture_that_cannot_be_stored_is_refused_for_now(as_ann, settings):
    settings.data.mkdir(exist_ok=True)
    (settings.data / "media").touch()
    answer = as_ann.post("/api/v2/media", files={"file": ("a.png", picture())})

    assert (answer.status_code, "Nothing was changed" in answer.json()["error"]) == (503, True)
