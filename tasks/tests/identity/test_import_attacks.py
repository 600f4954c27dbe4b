"""What imported archives do to harm the site: bombs, circles, names that lead elsewhere, and texts that take long."""

import gzip
import io
import json
import tarfile
import time
import tracemalloc

import pytest

from support.foreign_archives import (
    ACTOR,
    note,
    outbox,
    repository,
    skeet,
    tarred,
    tweet,
    tweets,
    zipped,
)
from support.pictures import picture
from twite_common import clock, ids, post_details
from twite_common.services.identity import imports
from twite_common.services.posts import imported_posts
from twite_tasks.identity.imports import archive_files, html_texts, working
from twite_tasks.identity.imports.json_elements import elements

BROKEN = "The archive is broken. Please download it again from where it comes."


@pytest.mark.needs("ffmpeg")
@pytest.mark.once
@pytest.mark.parametrize(
    "more",
    [
        {"urls": [{"url": "https://t.co/a", "expanded_url": "https://t.co/a " * 20}] * 5},
        {"user_mentions": [{"screen_name": f"bob{number}"} for number in range(2000)]},
    ],
)
def test_no_post_of_x_grows_without_bounds_or_takes_long(imported, own, more):
    item = tweet(1261600000000000000, "https://t.co/a @ann " * 10_000, entities=more)
    tracemalloc.start()
    began = time.process_time()
    imported(zipped({"data/tweets.js": tweets(0, item)}))
    taken, (_now, highest) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(own()[0].text) == imported_posts.MAX_CHARACTERS
    assert (taken < 5, highest < 50_000_000) == (True, True)


def test_a_repository_of_bluesky_has_each_block_once_and_no_endless_names(imported, own):
    once = repository({"app.bsky.feed.post/3k1": skeet("Hi"), f"app.bsky.feed.post/{'a' * 2000}": skeet("Ho")})
    blocks = once[1 + once[0] :]
    done = imported(once + blocks)

    assert (done.total, [post.text for post in own()]) == (1, ["Hi"])


def test_posts_of_one_moment_never_wait_for_a_free_id(imported, own, monkeypatch):
    monkeypatch.setattr(ids, "backdated", ids.first_at)
    items = [note(day, f"<p>{day}</p>", published="2020-05-01T10:00:00Z") for day in (1, 2, 3)]
    imported(zipped({"outbox.json": outbox(*items)}))

    assert [post.text for post in own()] == ["1", "2", "3"]
    assert ids.created_at(own()[2].id) - ids.created_at(own()[0].id) < clock.SECOND


def test_what_no_post_can_be_called_is_kept_nowhere(imported, own, outcomes):
    names = [f"{ACTOR}/statuses/{'1' * 1000}", f"{ACTOR}/statuses/\x00", f"{ACTOR}/statuses/3"]
    items = [note(day, f"<p>{day}</p>", id=name) for day, name in enumerate(names, 1)]
    done = imported(zipped({"outbox.json": outbox(*items)}))

    assert [post.text for post in own()] == ["3"]
    assert [outcome for _subject, outcome in outcomes(done.id)] == ["invalid", "invalid"]


def test_bombs_are_found_before_they_burst(context, uploaded, row, do, ann, monkeypatch):
    monkeypatch.setattr(archive_files, "MAX_UNPACKED_BYTES", 20_000)
    monkeypatch.setattr(archive_files, "MAX_AT_ONCE", 4_000)
    monkeypatch.setattr(archive_files, "MAX_DOCUMENT_BYTES", 20_000)
    many = zipped({f"file{number}": b"" for number in range(200)})
    large = zipped({"outbox.json": b" " * 20_001})
    unpacked = tarred({"outbox.json": outbox(), "zeros": b"0" * 30_000})
    errors = []
    for content in (many, large, unpacked):
        id = uploaded("posts", content)
        working.work(context, id)
        errors.append(row(id).error)
        do(imports.remove, now=clock.now(), account_id=ann.id, import_id=id)

    assert errors == ["There is more in the archive than can be imported."] * 3


def tar_head(name, size, kind=tarfile.REGTYPE):
    """Return the head of a file in a tar file that says how large it is, less than nothing too."""
    head = bytearray(tarfile.TarInfo(name).tobuf(tarfile.GNU_FORMAT))
    head[124:136] = (size % 2**96).to_bytes(12, "big") if size < 0 else b"%011o\0" % size
    head[148:157] = b" " * 8 + kind
    head[148:155] = b"%06o\0" % sum(head[:512])
    return bytes(head)


@pytest.mark.once
@pytest.mark.parametrize(
    "content",
    [
        tar_head("a", 0) + tar_head("b", -512),
        tar_head("a", 0, tarfile.DIRTYPE) * 300,
        tar_head("a", 200_192, tarfile.XHDTYPE) + b"1" * 200_192 + tar_head("b", 0),
    ],
)
def test_heads_in_an_archive_neither_lead_in_circles_nor_take_long(context, uploaded, row, monkeypatch, content):
    monkeypatch.setattr(archive_files, "MAX_FILES", 200)
    id = uploaded("posts", gzip.compress(content + bytes(10_240)))
    began = time.process_time()
    working.work(context, id)

    assert row(id).error in {"There is more in the archive than can be imported.", BROKEN}
    assert time.process_time() - began < 5


def test_names_in_an_archive_lead_nowhere_else(imported, own, settings, ann):
    (settings.data / "secret.png").write_bytes(picture())
    outside = str(settings.data / "secret.png")
    documents = [{"type": "Document", "url": url} for url in (outside, f"../../{outside}", "file:///etc/passwd")]
    imported(zipped({"outbox.json": outbox(note(1, "<p>Hi</p>", attachment=documents))}))

    assert post_details.decode(own()[0].details).media == ()


@pytest.mark.once
def test_memory_stays_flat(context, uploaded, row):
    """Ten times as many posts, of 8 MB, take little more memory."""

    def peak(number):
        body = "wren " * 1000
        content = zipped({"outbox.json": outbox(*(note(1 + day % 28, f"{day} {body}") for day in range(number)))})
        id = uploaded("posts", content)
        del content
        tracemalloc.start()
        working.work(context, id)
        _now, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        with context.database.writing() as db:
            imports.remove(db, now=clock.now(), account_id=row(id).account_id, import_id=id)
        return highest

    few, many = peak(150), peak(1500)

    assert many < few + 4_000_000


@pytest.mark.once
def test_elements_are_found_wherever_parts_of_the_file_end(monkeypatch):
    items = [{"a": 'x"[{\\', "b": [{"c": 1}]}, {"orderedItems": [{"d": "\\"}]}, {}]
    document = json.dumps({"first": [{"no": 1}], "orderedItems": items, "last": [{"no": 2}]}).encode()
    monkeypatch.setattr("twite_tasks.identity.imports.json_elements.PART_BYTES", 3)
    found = [
        document[start : start + size]
        for start, size in elements(io.BytesIO(document), len(document), key="orderedItems")
    ]

    assert [json.loads(part) for part in found] == items


@pytest.mark.once
@pytest.mark.parametrize("part", ["<div ", '<a "', "<!--", "<p>", "<a href='", "&lt"])
def test_no_html_takes_long(part):
    began = time.process_time()
    html_texts.text_of(part * 40_000, domain="twite.example")

    assert time.process_time() - began < 2
