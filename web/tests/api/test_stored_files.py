"""Files that applications send: checked first, stored last, and nothing stays of what is refused."""

import io

import msgspec
import pytest
from PIL import Image

from support.pictures import PICTURE, TEXT
from support.pictures import picture as png
from twite_common import outbox
from twite_common.media.pictures import process
from twite_common.services.posts import media

pytestmark = pytest.mark.faults


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, limit_uploads=5)


PROFILES = [("PATCH", "/api/v1/accounts/update_credentials"), ("PATCH", "/api/v1/profile")]
UPLOADS = [("POST", "/api/v1/media"), ("POST", "/api/v2/media")]


@pytest.mark.parametrize(("method", "path"), [*PROFILES, *UPLOADS, ("PUT", "/api/v1/media/1")])
def test_nobodys_pictures_are_looked_at(stranger, files, looked_at, method, path):
    sent = dict.fromkeys(("avatar", "header", "file", "thumbnail"), PICTURE)
    answer = stranger.request(method, path, files=sent)

    assert answer.status_code == 401
    assert (files(), looked_at) == ([], [])


@pytest.mark.parametrize(("method", "path"), PROFILES)
def test_nothing_stays_of_a_profile_that_is_refused(as_ann, files, looked_at, method, path):
    too_long = as_ann.request(method, path, files={"avatar": PICTURE}, data={"note": "x" * 501})
    before = len(looked_at)
    no_picture = as_ann.request(method, path, files={"avatar": PICTURE, "header": TEXT})

    assert (too_long.status_code, before) == (422, 0)
    assert (no_picture.status_code, files()) == (422, [])


def test_nothing_stays_of_a_profile_whose_preferences_are_refused(as_ann, files):
    answer = as_ann.patch(PROFILES[0][1], files={"avatar": PICTURE}, data={"source[privacy]": "nobody"})

    assert (answer.status_code, files()) == (422, [])


def test_a_picture_has_no_other_thumbnail(as_ann, files, looked_at):
    answer = as_ann.post("/api/v2/media", files={"file": PICTURE, "thumbnail": PICTURE})

    assert answer.status_code == 200
    assert (len(files()), len(looked_at)) == (1, 1)


def test_pictures_wait_in_turns_by_account(as_ann, ann, monkeypatch):
    senders, turn = [], process.SHARED.turn
    monkeypatch.setattr(process.SHARED, "turn", lambda sender: (senders.append(sender), turn(sender))[1])
    made = as_ann.post("/api/v2/media", files={"file": PICTURE}).json()
    as_ann.put(f"/api/v1/media/{made['id']}", files={"thumbnail": PICTURE})
    as_ann.patch("/api/v1/profile", files={"avatar": PICTURE, "header": PICTURE})

    assert len(senders) >= 4
    assert set(senders) == {ann.id}


def test_a_thumbnail_beside_what_is_no_video_does_not_stay(as_ann, files):
    answer = as_ann.post("/api/v2/media", files={"file": TEXT, "thumbnail": PICTURE})

    assert (answer.status_code, files()) == (422, [])


def test_a_thumbnail_that_is_replaced_goes(as_ann, database):
    made = as_ann.post("/api/v2/media", files={"file": PICTURE}).json()
    for size in ((20, 20), (30, 30)):
        sent = {"thumbnail": ("a.png", png(size), "image/png")}
        assert as_ann.put(f"/api/v1/media/{made['id']}", files=sent).status_code == 200
    with database.reading() as db:
        forgotten = [event.details()["names"] for event in outbox.pending(db) if event.kind == media.UNUSED]

    assert len(forgotten) == 1


@pytest.fixture
def posted(as_ann):
    """A post with a picture, as applications see it, that is so large that a small one stands for it."""
    made = as_ann.post("/api/v2/media", files={"file": ("a.png", png((900, 600)), "image/png")}).json()
    return as_ann.post("/api/v1/statuses", json={"status": "A pond", "media_ids": [made["id"]]}).json()


def thumbnail_for(post, content, **fields):
    """Return a change of a post that brings a small picture for its attachment, as forms with files write it."""
    said = {"status": "A pond", "media_attributes[][id]": post["media_attachments"][0]["id"], **fields}
    return {"data": said, "files": {"media_attributes[][thumbnail]": content}}


def test_a_thumbnail_sent_with_an_edit_replaces_the_one_before_and_its_address(as_ann, posted, stranger, database):
    before = posted["media_attachments"][0]
    sent = thumbnail_for(posted, ("t.png", png((30, 20)), "image/png"), **{"media_ids[]": before["id"]})
    answer = as_ann.put(f"/api/v1/statuses/{posted['id']}", **sent)
    after = answer.json()["media_attachments"][0]

    assert answer.status_code == 200, answer.text
    assert (after["id"], after["url"]) == (before["id"], before["url"])
    assert after["preview_url"] != before["preview_url"]
    assert after["meta"]["small"]["size"] == "30x20"
    assert after["meta"]["original"] == before["meta"]["original"]
    assert stranger.get(f"/api/v1/statuses/{posted['id']}").json()["media_attachments"] == [after]
    with Image.open(io.BytesIO(stranger.get(after["preview_url"]).content)) as shown:
        assert shown.size == (30, 20)
    with database.reading() as db:
        forgotten = [event.details()["names"] for event in outbox.pending(db) if event.kind == media.UNUSED]
    assert [before["preview_url"].rpartition("/media/")[2]] in forgotten


@pytest.mark.parametrize(
    ("fields", "content"),
    [({}, TEXT), ({"status": "x" * 501}, PICTURE), ({"media_attributes[][description]": "x" * 1501}, PICTURE)],
    ids=["no picture", "long text", "long description"],
)
def test_nothing_stays_of_an_edit_that_is_refused(as_ann, posted, files, fields, content):
    before = files()
    sent = thumbnail_for(posted, content, **{"media_ids[]": posted["media_attachments"][0]["id"], **fields})
    answer = as_ann.put(f"/api/v1/statuses/{posted['id']}", **sent)

    assert (answer.status_code, files()) == (422, before)


def test_a_thumbnail_for_what_is_on_no_post_of_ones_own_is_not_looked_at(as_ann, as_bob, posted, files, looked_at):
    other = as_ann.post("/api/v2/media", files={"file": PICTURE}).json()
    before = len(looked_at)
    strangers = as_bob.put(f"/api/v1/statuses/{posted['id']}", **thumbnail_for(posted, PICTURE))
    elsewhere = {"media_attributes[][id]": other["id"], "media_ids[]": posted["media_attachments"][0]["id"]}
    own = as_ann.put(f"/api/v1/statuses/{posted['id']}", **thumbnail_for(posted, PICTURE, **elsewhere))

    assert (strangers.status_code, own.status_code, len(looked_at)) == (404, 200, before)
    assert as_ann.get(f"/api/v1/media/{other['id']}").json()["preview_url"] == other["preview_url"]


def test_pictures_of_a_profile_and_thumbnails_count_for_the_limit_on_uploads(as_ann, looked_at):
    statuses = [as_ann.post("/api/v2/media", files={"file": PICTURE}).status_code]
    for method, path in PROFILES:
        statuses.append(as_ann.request(method, path, files={"avatar": PICTURE, "header": PICTURE}).status_code)
    statuses.append(as_ann.patch(PROFILES[0][1], files={"avatar": PICTURE}).status_code)
    statuses.append(as_ann.patch(PROFILES[0][1], data={"note": "without pictures"}).status_code)

    assert statuses == [200, 200, 200, 429, 200]
    assert len(looked_at) == 5
