"""Files: for pages of other sites, in parts, and not again for whoever has them."""

import io

import msgspec
import pytest
from PIL import Image

from twite_common.media import storage
from twite_common.services.accounts import accounts

CONTENT = bytes(range(256)) * 1024
LENGTH = len(CONTENT)


@pytest.fixture(params=["folder", "bucket"])
def settings(request, settings):
    if request.param == "folder":
        return settings
    return msgspec.structs.replace(settings, media_storage=request.getfixturevalue("bucket").address)


@pytest.fixture
def video(settings):
    """The address of a video; nobody looks into it."""
    return f"/media/{storage.media(settings).store_file(io.BytesIO(CONTENT), 'mp4')}"


@pytest.fixture
def as_admin(logged_in, ann, database):
    with database.writing() as db:
        accounts.set_role(db, account_id=ann.id, role="admin")
    return logged_in(ann)


@pytest.fixture
def emoji(as_admin):
    content = io.BytesIO()
    Image.new("RGB", (40, 40), "teal").save(content, "PNG")
    as_admin.open("/admin/emojis")
    as_admin.submit("/admin/emojis", {"shortcode": "blob"}, {"picture": ("blob.png", content.getvalue(), "image/png")})
    return as_admin.client.get("/api/v1/custom_emojis").json()[0]["url"]


def test_pages_of_other_sites_may_draw_pictures(client, video, emoji):
    for address in (video, emoji, "/static/avatar.png", "/static/header.png"):
        for method in ("GET", "HEAD"):
            answer = client.request(method, address, headers={"Origin": "https://app.example"})

            assert answer.status_code == 200
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
            assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/media/ab/nothing", "/static/nothing", "/about", "/@nobody"])
def test_pages_are_for_the_site_alone(client, path):
    assert not {"access-control-allow-origin", "cross-origin-resource-policy"} & client.get(path).headers.keys()


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=0-", 0, LENGTH - 1),
        ("bytes=1000-70000", 1000, 70_000),
        ("bytes=-5", LENGTH - 5, LENGTH - 1),
        (f"bytes={LENGTH - 1}-", LENGTH - 1, LENGTH - 1),
        (f"bytes=10-{10 * LENGTH}", 10, LENGTH - 1),
        (f"bytes=-{10 * LENGTH}", 0, LENGTH - 1),
        ("Bytes=7-7", 7, 7),
    ],
)
def test_a_part_is_sent_alone(client, video, asked, first, last):
    answer, head = (client.request(method, video, headers={"Range": asked}) for method in ("GET", "HEAD"))

    for one in (answer, head):
        assert one.status_code == 206
        assert one.headers["content-range"] == f"bytes {first}-{last}/{LENGTH}"
        assert one.headers["content-length"] == str(last - first + 1)
        assert one.headers["accept-ranges"] == "bytes"
        assert one.headers["content-type"] == "video/mp4"
        assert one.headers["access-control-allow-origin"] == "*"
        assert "Content-Range" in one.headers["access-control-expose-headers"]
    assert (answer.content, head.content) == (CONTENT[first : last + 1], b"")


@pytest.mark.parametrize("asked", [f"bytes={LENGTH}-", f"bytes={LENGTH + 5}-{LENGTH + 9}"])
def test_what_lies_behind_the_end_is_refused(client, video, asked):
    for method in ("GET", "HEAD"):
        answer = client.request(method, video, headers={"Range": asked})

        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{LENGTH}")
        assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-6",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=",
        "bytes",
        "",
        "items=0-9",
        "bytes=--5",
        "bytes=" + "9" * 5000 + "-",
        "bytes=" + "0-1," * 2000 + "0-1",
    ],
)
def test_several_parts_and_what_nobody_understands_get_the_whole(client, video, asked):
    answer = client.get(video, headers={"Range": asked})

    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["accept-ranges"] == "bytes"


def test_a_part_of_something_else_is_sent_whole(client, video):
    now = client.get(video).headers
    part = {"Range": "bytes=0-9"}

    for same in (now["etag"], now["last-modified"]):
        assert client.get(video, headers=part | {"If-Range": same}).status_code == 206
    for other in ('"other"', f"W/{now['etag']}", "Wed, 01 Jan 2020 00:00:00 GMT", "never"):
        answer = client.get(video, headers=part | {"If-Range": other})
        assert (answer.status_code, len(answer.content)) == (200, LENGTH)


def test_head_says_what_get_sends(client, video):
    whole, head = client.get(video), client.head(video)

    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(whole.headers)
    assert head.headers["content-length"] == str(LENGTH)


def test_who_has_a_file_is_not_sent_it_again(client, video):
    now = client.get(video).headers
    for asked in (
        {"If-None-Match": now["etag"]},
        {"If-None-Match": f'"other", W/{now["etag"]}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": now["last-modified"]},
        {"If-None-Match": now["etag"], "Range": "bytes=0-9"},
        {"If-None-Match": now["etag"], "If-Modified-Since": "Wed, 01 Jan 2020 00:00:00 GMT"},
    ):
        for method in ("GET", "HEAD"):
            answer = client.request(method, video, headers=asked)

            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == now["etag"]
            assert answer.headers["cache-control"] == now["cache-control"]
            assert answer.headers["access-control-allow-origin"] == "*"
            assert not {"content-type", "content-length"} & answer.headers.keys()
    for asked in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": now["last-modified"]},
        {"If-Modified-Since": "Wed, 01 Jan 2020 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
    ):
        assert client.get(video, headers=asked).status_code == 200
    assert "immutable" in now["cache-control"]


def test_nothing_that_is_no_file_is_answered(client, video, settings):
    (settings.data / "media" / "ab").mkdir(parents=True, exist_ok=True)
    folder = settings.data / "media" / "ab" / f"ab{'0' * 62}.mp4"
    folder.mkdir()

    assert client.get(f"/media/ab/{folder.name}", headers={"Range": "bytes=0-9"}).status_code == 404
