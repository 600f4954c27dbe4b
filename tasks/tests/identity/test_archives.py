"""Archives, read by what we didn't write: zipfile, `unzip` and csv, and the forms that Mastodon's import knows."""

import csv
import io
import json
import subprocess
import tracemalloc
import zipfile

import msgspec
import pytest
from sqlalchemy import insert, select, update

from support.moment import NOW
from twite_common import clock, ids, tables
from twite_common.drafts import Draft, PollDraft
from twite_common.errors import Conflict, NotFound, TooMany
from twite_common.media import storage
from twite_common.media.pictures import Picture, PreparedAttachment
from twite_common.queries.identity import archives as queries
from twite_common.services.accounts import account_deletion, blocks, domain_blocks, follows
from twite_common.services.identity import archives
from twite_common.services.posts import bookmarks, boosts, favourites, media, polls, post_edits
from twite_common.services.timelines import filters, lists
from twite_common.services.timelines.filters import FilterChanges, KeywordDraft
from twite_common.services.timelines.lists import ListChanges
from twite_tasks import event_handlers, work
from twite_tasks.identity.archives import making
from twite_tasks.identity.archives.contents import Contents

SECRET = "the treasure lies under the oak"


@pytest.fixture
def do(database):
    """Do something in a transaction of its own."""

    def do(action, **arguments):
        with database.writing() as db:
            return action(db, **arguments)

    return do


@pytest.fixture
def asked(do, ann):
    """Have an archive of Ann's made, and return its id."""
    return lambda now=None: do(archives.ask, now=now or clock.now(), account_id=ann.id)


@pytest.fixture
def row(database, ann):
    def row(id):
        with database.reading() as db:
            return queries.get(db, id, account_id=ann.id)

    return row


@pytest.fixture
def made(asked, context, row, settings):
    """Make Ann's archive and open it."""

    def made():
        id = asked()
        making.make(context, id)
        with storage.archives(settings).open(row(id).file) as file:
            return zipfile.ZipFile(io.BytesIO(file.read()))

    return made


@pytest.fixture
def attached(do, settings, ann):
    """Store a picture as the web part does, and return its id."""

    def attached(content=b"a wren"):
        picture = Picture(data=content, media_type="image/webp", extension="webp", width=4, height=3)
        prepared = PreparedAttachment(picture=picture, preview=picture, blurhash="x")
        file = storage.media(settings).store(picture)
        return do(media.add_picture, prepared=prepared, now=NOW, account_id=ann.id, file=file, preview=file)

    return attached


def activities(archive):
    return json.loads(archive.read("outbox.json"))["orderedItems"]


def table(archive, name):
    return list(csv.reader(io.StringIO(archive.read(name).decode())))


def test_the_outbox_has_posts_as_activities(made, make_post, ann, bob, do, settings, attached):
    answered = make_post(bob, "Who is there?")
    post_id = make_post(
        ann, "@bob It is me #wrens", in_reply_to_id=answered, media_ids=(attached(),), language="en", spoiler_text="me"
    )
    make_post(ann, "Tea?", poll=PollDraft(options=("yes", "no"), expires_in_seconds=600), visibility="followers")
    do(boosts.boost_post, settings=settings, now=NOW, account_id=ann.id, post_id=answered)
    archive = made()
    first, second, third = activities(archive)
    note, site = first["object"], "https://twite.example"
    [document] = note["attachment"]

    assert (first["type"], note["type"], second["object"]["type"], third["type"]) == (
        *("Create", "Note", "Question", "Announce"),
    )
    assert (note["id"], note["inReplyTo"]) == (f"{site}/@ann/{post_id}", f"{site}/@bob/{answered}")
    assert note["to"] == ["https://www.w3.org/ns/activitystreams#Public"]
    assert note["cc"] == [f"{site}/@ann/followers", f"{site}/@bob"]
    assert (note["summary"], note["contentMap"].keys()) == ("me", {"en"})
    assert [tag["name"] for tag in note["tag"]] == ["@bob@twite.example", "#wrens"]
    assert (archive.read(document["url"]), document["mediaType"]) == (b"a wren", "image/webp")
    assert [option["name"] for option in second["object"]["oneOf"]] == ["yes", "no"]
    assert second["to"] == [f"{site}/@ann/followers"]
    assert third["object"] == f"{site}/@bob/{answered}"


def test_an_actor_says_where_the_rest_is(made, ann, do, settings):
    avatar = storage.media(settings).store(
        Picture(data=b"face", media_type="image/webp", extension="webp", width=4, height=4)
    )
    do(lambda db: db.execute(update(tables.account).values(avatar=avatar, bio="I watch birds")))
    archive = made()
    actor = json.loads(archive.read("actor.json"))

    assert (actor["preferredUsername"], actor["summary"]) == ("ann", "<p>I watch birds</p>")
    assert archive.read(actor["icon"]["url"]) == b"face"
    assert all(name in archive.namelist() for name in (actor["outbox"], actor["likes"], actor["bookmarks"]))


def test_tables_have_the_forms_that_mastodon_imports(made, make_post, make_account, ann, bob, do):
    cho, dot = make_account("cho"), make_account("dot")
    post_id = make_post(bob)
    do(follows.follow_account, now=NOW, follower_id=ann.id, followee_id=bob.id)
    do(follows.follow_account, now=NOW, follower_id=bob.id, followee_id=ann.id)
    do(blocks.block_account, now=NOW, account_id=ann.id, blocked_id=cho.id)
    do(blocks.mute_account, now=NOW, account_id=ann.id, muted_id=dot.id)
    do(domain_blocks.block_domain, now=NOW, account_id=ann.id, domain="bad.example")
    do(bookmarks.bookmark_post, now=NOW, account_id=ann.id, post_id=post_id)
    do(favourites.favourite_post, now=NOW, account_id=ann.id, post_id=post_id)
    list_id = do(lists.add, now=NOW, account_id=ann.id, changes=ListChanges(title="Friends, old"))
    do(lists.add_members, now=NOW, account_id=ann.id, list_id=list_id, member_ids=[bob.id])
    archive = made()
    url = f"https://twite.example/@bob/{post_id}"

    assert table(archive, "following_accounts.csv") == [
        ["Account address", "Show boosts", "Notify on new posts", "Languages"],
        ["bob@twite.example", "true", "false", ""],
    ]
    assert table(archive, "blocked_accounts.csv") == [["cho@twite.example"]]
    assert table(archive, "muted_accounts.csv") == [
        ["Account address", "Hide notifications"],
        ["dot@twite.example", "true"],
    ]
    assert table(archive, "blocked_domains.csv") == [["bad.example"]]
    assert table(archive, "bookmarks.csv") == [[url]]
    assert table(archive, "lists.csv") == [["Friends, old", "bob@twite.example"]]
    assert table(archive, "followers.csv")[1:] == [["bob@twite.example"]]
    assert json.loads(archive.read("likes.json"))["orderedItems"] == [url]
    assert json.loads(archive.read("bookmarks.json"))["totalItems"] == 1


def test_what_was_changed_chosen_and_talked_about_is_in_it(made, make_post, ann, bob, do, settings):
    post_id = make_post(ann, "Frist", now=NOW)
    do(post_edits.edit, settings=settings, now=NOW + 1000, author_id=ann.id, post_id=post_id, draft=Draft(text="First"))
    make_post(ann, "@bob hello", visibility="mentioned")
    asked = make_post(bob, "=1+1?", poll=PollDraft(options=("=1+1", "two"), expires_in_seconds=86_400))
    do(polls.vote, now=NOW, account_id=ann.id, post_id=asked, choices=[0])
    words = FilterChanges(title="spoilers", contexts=("home",), keywords=[KeywordDraft(keyword="butler")])
    do(filters.add, now=NOW, account_id=ann.id, changes=words)
    archive = made()
    [edit] = json.loads(archive.read("edits.json"))
    [conversation] = json.loads(archive.read("conversations.json"))
    [filtered] = json.loads(archive.read("filters.json"))

    assert [version["source"] for version in edit["versions"]] == ["Frist"]
    assert conversation["with"] == ["bob@twite.example"]
    assert filtered["keywords"] == [{"keyword": "butler", "whole_word": True}]
    assert table(archive, "votes.csv")[1][1] == "'=1+1"
    assert json.loads(archive.read("settings.json"))["time_zone"] == "UTC"
    assert table(archive, "security.csv")[1][1] == "archive_asked"


def test_others_private_posts_are_in_no_archive(made, make_post, ann, bob, do, settings):
    """Neither what they say nor where they are, also of those that Ann once could see."""
    do(follows.follow_account, now=NOW, follower_id=ann.id, followee_id=bob.id)
    hidden = [make_post(bob, SECRET, visibility="followers"), make_post(bob, f"@ann {SECRET}", visibility="mentioned")]
    for post_id in hidden:
        do(bookmarks.bookmark_post, now=NOW, account_id=ann.id, post_id=post_id)
        do(favourites.favourite_post, now=NOW, account_id=ann.id, post_id=post_id)
        make_post(ann, "Really?", in_reply_to_id=post_id, visibility="followers")
    seen = made()
    do(blocks.block_account, now=NOW, account_id=bob.id, blocked_id=ann.id)
    do(lambda db: db.execute(tables.archive.delete()))
    unseen = made()

    assert all(SECRET.encode() not in archive.read(name) for archive in (seen, unseen) for name in archive.namelist())
    assert str(hidden[1]).encode() in seen.read("bookmarks.json")
    assert not [name for name in unseen.namelist() for post_id in hidden if str(post_id).encode() in unseen.read(name)]


def test_other_programs_can_unpack_it(made, make_post, ann, attached, settings, tmp_path):
    make_post(ann, "Hello", media_ids=(attached(),))
    made()
    [file] = (settings.data / "archives").iterdir()
    listed = subprocess.run(["unzip", "-t", file], capture_output=True, text=True, check=False)

    assert (listed.returncode, "No errors detected" in listed.stdout) == (0, True)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_memory_is_flat_whatever_there_is(asked, context, row, settings, database, ann, attached, make_post, do):
    """Ten times as many posts, and 48 MB of media, take no more of it; what grows is the table of contents."""

    def peak():
        tracemalloc.start()
        id = asked()
        making.make(context, id)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert row(id).state == "ready"
        do(lambda db: db.execute(tables.archive.delete()))
        return highest

    def write(number, since):
        rows = [
            {"id": ids.first_at(since + n), "account_id": ann.id, "text": "wren " * 40, "visibility": "public"}
            | {"conversation_id": ids.first_at(since + n)}
            for n in range(number)
        ]
        do(lambda db: db.execute(insert(tables.post), rows))

    write(200, NOW)
    few = peak()
    write(2000, NOW + 1_000_000)
    for number in range(6):
        make_post(ann, "big", media_ids=(attached(bytes([number]) * 8_000_000),))
    many = peak()

    assert many - few < 2_000_000, (few, many)


def test_progress_is_told_and_the_owner_is_written_to(asked, context, row, make_post, ann, rows, database):
    for _ in range(3):
        make_post(ann)
    id = asked()
    waiting = row(id)
    with database.writing() as db:
        claimed = archives.claim(db, id, now=NOW)
        archives.renew(db, claimed, now=NOW, done=3, total=6)
    half = row(id)
    with database.writing() as db:
        archives.hand_back(db, claimed, now=NOW)
    assert work.make_next_archive(context, lambda: True)
    ready = row(id)

    assert (waiting.percent, half.percent, ready.percent) == (0, 50, 100)
    assert (ready.state, ready.bytes > 0, work.make_next_archive(context, lambda: True)) == ("ready", True, False)
    [mail] = rows(select(tables.mail.c.kind, tables.mail.c.address))
    assert tuple(mail) == ("archive_ready", "ann@mail.example")


def test_one_is_made_at_a_time_and_one_a_day(asked, context, row):
    id = asked(NOW)
    with pytest.raises(Conflict):
        asked(NOW + 1)
    making.make(context, id)
    with pytest.raises(TooMany):
        asked(NOW + clock.DAY - 1)

    assert row(asked(NOW + clock.DAY)).state == "waiting"


def test_what_is_interrupted_is_made_later_and_leaves_nothing(asked, context, row, settings, make_post, ann):
    make_post(ann)
    id = asked()
    making.make(context, id, goes_on=lambda: False)
    interrupted, files = row(id), list((settings.data / "archives").iterdir())
    making.make(context, id)

    assert (interrupted.state, files, row(id).state) == ("waiting", [], "ready")


def test_what_fails_again_and_again_is_given_up(asked, context, row, database, monkeypatch):
    monkeypatch.setattr(Contents, "written", lambda _self: 1 / 0)
    id = asked()
    for number in range(archives.MAX_ATTEMPTS):
        with pytest.raises(ZeroDivisionError):
            making.make(context, id)
        with database.writing() as db:
            archives.recover(db, now=clock.now() + (number + 1) * clock.HOUR)
    making.make(context, id)

    assert row(id).state == "failed"
    assert row(asked()).state == "waiting"


def test_after_a_week_it_goes_with_its_file(asked, context, row, settings, database, do):
    id = asked()
    making.make(context, id)
    expires_at = row(id).expires_at
    do(archives.remove_over, now=expires_at - 1)
    kept = row(id)
    do(archives.remove_over, now=expires_at)
    while event_handlers.handle_next(context, now=clock.now()):
        pass

    assert (kept is None, row(id)) == (False, None)
    assert list((settings.data / "archives").iterdir()) == []


def test_with_the_account_its_archive_goes(asked, context, settings, ann, do):
    making.make(context, asked())
    do(account_deletion.delete_account, now=clock.now(), account_id=ann.id)
    while event_handlers.handle_next(context, now=clock.now()):
        pass

    assert list((settings.data / "archives").iterdir()) == []


def test_the_file_of_an_account_that_left_meanwhile_goes(asked, context, settings, ann, do, monkeypatch):
    id = asked()
    written = Contents.written

    def leave_then_write(self):
        do(account_deletion.delete_account, now=clock.now(), account_id=ann.id)
        return written(self)

    monkeypatch.setattr(Contents, "written", leave_then_write)
    making.make(context, id)
    while event_handlers.handle_next(context, now=clock.now()):
        pass

    assert list((settings.data / "archives").iterdir()) == []


def test_only_the_owner_removes_one(asked, bob, ann, do, row):
    id = asked()
    with pytest.raises(NotFound):
        do(archives.remove, now=NOW, account_id=bob.id, archive_id=id)
    do(archives.remove, now=NOW, account_id=ann.id, archive_id=id)

    assert row(id) is None


def test_every_month_one_is_made_if_wished(do, ann, database, rows):
    do(archives.choose_monthly, now=NOW, account_id=ann.id, monthly=True)
    count = select(tables.archive.c.id)
    do(archives.ask_monthly, now=NOW)
    do(archives.ask_monthly, now=NOW + clock.DAY)
    first = len(rows(count))
    do(lambda db: db.execute(update(tables.archive).values(state="ready")))
    do(archives.ask_monthly, now=NOW + archives.EVERY_MS)
    second = len(rows(count))
    do(archives.choose_monthly, now=NOW, account_id=ann.id, monthly=False)
    do(archives.ask_monthly, now=NOW + 3 * archives.EVERY_MS)

    assert (first, second, len(rows(count))) == (1, 2, 2)


def test_a_bucket_gets_it_in_parts(asked, context, row, settings, bucket, make_post, ann, attached, do, database):
    in_bucket = msgspec.structs.replace(settings, media_storage=bucket.address)
    do(lambda db: db.execute(update(tables.preferences).values(locale="de")))
    for number in range(3):
        make_post(ann, "Grüße", media_ids=(attached(bytes([number]) * 8_000_000),))
    id = asked()
    making.make(msgspec.structs.replace(context, settings=in_bucket), id)
    archive = zipfile.ZipFile(io.BytesIO(bucket.read(f"archives/{row(id).file}")))

    assert archive.testzip() is None
    assert b"Alle Jahre" in archive.read("html/index.html")
    assert sum(info.file_size for info in archive.infolist()) > 24_000_000


def test_a_bucket_keeps_nothing_of_what_was_interrupted(
    asked, context, row, settings, bucket, make_post, ann, attached
):
    in_bucket = msgspec.structs.replace(
        context, settings=msgspec.structs.replace(settings, media_storage=bucket.address)
    )
    for number in range(4):
        make_post(ann, "big", media_ids=(attached(bytes([number]) * 8_000_000),))
    id, asked_often = asked(), iter(range(70))
    making.make(in_bucket, id, goes_on=lambda: next(asked_often, None) is not None)
    uploads = bucket.server.client.list_multipart_uploads(Bucket=bucket.name).get("Uploads", [])

    assert (row(id).state, bucket.files(), uploads) == ("waiting", set(), [])
