"""Imported posts: from archives of Mastodon, Twite, X and Bluesky, in the forms in which these write them."""

import subprocess

import cbor2
import pytest
from sqlalchemy import select, update

from support.foreign_archives import (
    ACTOR,
    PUBLIC,
    note,
    outbox,
    repository,
    skeet,
    tarred,
    tweet,
    tweets,
    varint,
    zipped,
)
from support.moment import NOW
from support.pictures import picture
from twite_common import clock, ids, post_details, tables
from twite_common.content_rules import Conditions
from twite_common.drafts import Draft, PollDraft
from twite_common.media import storage
from twite_common.queries import viewers
from twite_common.queries.accounts import accounts
from twite_common.queries.paging import Page
from twite_common.queries.timelines import timelines
from twite_common.services.accounts import follows
from twite_common.services.identity import archives, imports
from twite_common.services.moderation import content_rules
from twite_common.services.moderation.content_rules import RuleDraft
from twite_common.services.operations import counts
from twite_common.services.posts import imported_posts, post_edits
from twite_common.services.posts import posts as publishing
from twite_tasks.identity.archives import making
from twite_tasks.identity.imports import html_texts, turns, working
from twite_tasks.identity.imports import posts as importing

BROKEN = "The archive is broken. Please download it again from where it comes."
BEFORE = clock.as_datetime(NOW - 2000 * clock.DAY)


MASTODON = {
    "actor.json": {"id": ACTOR, "preferredUsername": "ann"},
    "media_attachments/files/1/original/wren.png": picture(),
    "outbox.json": outbox(
        note(
            1,
            '<p>Hello <span class="h-card"><a href="https://old.example/@bob" class="u-url mention">@<span>bob</span>'
            '</a></span> &amp; all, <a href="https://birds.example/wren" rel="nofollow"><span class="invisible">https://'
            '</span><span>birds.example/wren</span></a><br />next <a href="https://old.example/tags/wrens" '
            'class="mention hashtag" rel="tag">#<span>wrens</span></a></p><p>End<script>alert(1)</script></p>',
            attachment=[
                {
                    "type": "Document",
                    "mediaType": "image/png",
                    "url": "/media_attachments/files/1/original/wren.png",
                    "name": "A wren",
                    "focalPoint": [0.5, -0.5],
                },
                {"type": "Document", "mediaType": "image/png", "url": "/gone.png", "name": None},
            ],
        ),
        note(2, "<p>More</p>", inReplyTo=f"{ACTOR}/statuses/1", summary="birds", to=[f"{ACTOR}/followers"], cc=[]),
        note(3, "<p>Quiet</p>", to=[f"{ACTOR}/followers"], cc=[PUBLIC]),
        note(4, "<p>To you</p>", to=["https://old.example/users/bob"], cc=[]),
        note(5, "<p>Yes!</p>", inReplyTo="https://old.example/users/bob/statuses/9"),
        {"id": f"{ACTOR}/statuses/6/activity", "type": "Announce", "object": "https://x.example/1"},
        note(7, "<p>Tea?</p>", type="Question", oneOf=[{"name": "yes", "replies": {"totalItems": 3}}]),
        note(8, "<p>Answers what stays</p>", inReplyTo=f"{ACTOR}/statuses/5"),
        note(9, "", published="1901-01-01T00:00:00Z"),
        note(10, ["not", "a", "text"]),
    ),
}


@pytest.fixture
def make_rule(do, make_account):
    """Switch a rule for content on."""

    def make_rule(action, **conditions):
        admin = make_account("staff1", role="admin")
        viewer = do(lambda db: viewers.by_account(db, admin.id))
        draft = RuleDraft(name="Tea", action=action, conditions=Conditions(**conditions))
        rule_id = do(content_rules.add, now=NOW, viewer=viewer, draft=draft)
        do(content_rules.try_out, now=NOW, viewer=viewer, rule_id=rule_id)
        started = {"rule_id": rule_id, "started_at": NOW, "account_id": admin.id}
        do(content_rules.go_on, now=NOW, **started)
        do(content_rules.switch, now=NOW, viewer=viewer, rule_id=rule_id, active=True)

    return make_rule


@pytest.mark.parametrize("packed", [zipped, tarred])
def test_an_archive_of_mastodon_comes_with_its_dates_threads_and_media(
    imported, own, outcomes, rows, settings, packed, ann, bob
):
    done = imported(packed(MASTODON))
    first, second, third, poll = own()
    [attachment] = post_details.decode(first.details).media

    assert (done.state, done.source, done.brought, done.total) == ("done", "mastodon", 4, 10)
    assert first.text == "Hello @bob@old.example & all, https://birds.example/wren\nnext #wrens\n\nEnd"
    assert [clock.as_datetime(ids.created_at(post.id)).isoformat()[:13] for post in (first, third)] == [
        "2020-05-01T10",
        "2020-05-03T10",
    ]
    assert [post.visibility for post in (first, second, third)] == ["public", "followers", "unlisted"]
    assert (second.in_reply_to_id, second.conversation_id, second.spoiler_text) == (first.id, first.id, "birds")
    assert poll.text == "Tea?\n\n• yes: 3"
    assert (attachment.kind, attachment.description, attachment.focus) == ("image", "A wren", (0.5, -0.5))
    assert storage.media(settings).exists(attachment.file)
    assert sorted(outcome for _subject, outcome in outcomes(done.id)) == sorted(
        ("media", "direct", "reply", "boost", "reply", "date", "invalid")
    )


def test_nobody_is_told_and_nothing_comes_into_timelines(imported, do, rows, database, settings, own, ann, bob):
    do(follows.follow_account, now=NOW, follower_id=bob.id, followee_id=ann.id)
    before = [rows(select(table)) for table in (tables.notification, tables.mail, tables.stream_event)]
    recent = clock.as_datetime(clock.now() - clock.HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")
    imported(
        zipped({"outbox.json": outbox(note(1, "<p>Old @bob #wrens</p>"), note(2, "<p>New</p>", published=recent))})
    )
    with database.reading() as db:
        home = timelines.home(db, Page(limit=20), viewer_id=bob.id, now=clock.now())
        public = timelines.public(db, Page(limit=20), viewer_id=bob.id, now=clock.now())
        account = accounts.get(db, ann.id)
    old, new = own()

    assert [rows(select(table)) for table in (tables.notification, tables.mail, tables.stream_event)] == before
    assert rows(select(tables.mention)) == rows(select(tables.home_timeline)) == home == []
    # In its place, far down; what is recent is in no public list.
    assert [entry.post_id for entry in public] == [old.id]
    assert (old.visibility, new.visibility) == ("public", "unlisted")
    assert account.posts_count == 2
    assert account.last_post_at == ids.created_at(new.id)


@pytest.mark.parametrize(
    ("action", "visibilities"), [("refuse", ["public"]), ("hold", ["public"]), ("limit", ["unlisted", "public"])]
)
def test_rules_for_content_count_for_what_is_brought(imported, do, own, outcomes, make_rule, action, visibilities):
    make_rule(action, words=("tea",))
    picture_of = {"type": "Document", "url": "/wren.png", "name": "Tea"}
    items = [note(1, "<p>Buy tea</p>", attachment=[]), note(2, "<p>Milk</p>", attachment=[])]
    if action != "limit":
        items.append(note(3, "<p>Look</p>", attachment=[picture_of]))
    done = imported(zipped({"outbox.json": outbox(*items), "wren.png": picture()}))

    assert [post.visibility for post in own()] == visibilities
    assert [outcome for _subject, outcome in outcomes(done.id)] == ["refused"] * (len(items) - len(visibilities))


def test_counts_stay_right_and_the_mark_stays_when_a_post_is_edited(imported, do, own, database, settings, ann):
    imported(zipped(MASTODON))
    first = own()[0]
    draft = Draft(text="Edited")
    do(post_edits.edit, settings=settings, now=clock.now(), author_id=ann.id, post_id=first.id, draft=draft)
    with database.reading() as db:
        wrong = counts.check(db)

    assert post_details.decode(own()[0].details).imported_from == "mastodon"
    assert (own()[0].replies_count, wrong) == (0, [])


def test_an_archive_comes_once_and_goes_as_a_whole(imported, brought, do, own, rows, kept_files, settings, ann):
    kept = do(publishing.publish, settings=settings, now=NOW, author_id=ann.id, draft=Draft(text="Mine"))
    first = imported(zipped(MASTODON))
    ids_before = [post.id for post in own()]
    again = imported(tarred(MASTODON))
    ids_after = [post.id for post in own()]
    undone = brought(first.id, undo=True)
    left = [post.id for post in own()]
    files = kept_files()
    pictures = list((settings.data / "media").rglob("*.*"))

    assert (again.brought, ids_after) == (0, ids_before)
    assert (undone.state, undone.brought, left) == ("undone", 0, [kept])
    assert rows(select(tables.imported_post)) == rows(select(tables.media)) == []
    assert (files, pictures) == ([], [])


def test_an_archive_of_this_site_goes_elsewhere_and_is_here_already(
    context, do, imported, own, settings, rows, make_account, ann, bob
):
    site = settings.base_url
    words = "Tea & <cake> #cake\n\n\nhttps://x.example/?a=1&copy=2"
    first = do(publishing.publish, settings=settings, now=NOW, author_id=ann.id, draft=Draft(text=words))
    reply = Draft(text="@bob More", in_reply_to_id=first)
    do(publishing.publish, settings=settings, now=NOW + 1000, author_id=ann.id, draft=reply)
    poll = Draft(text="Which?", poll=PollDraft(options=("a", "b"), expires_in_seconds=600))
    do(publishing.publish, settings=settings, now=NOW + 2000, author_id=ann.id, draft=poll)
    id = do(archives.ask, now=clock.now(), account_id=ann.id)
    making.make(context, id)
    [name] = rows(select(tables.archive.c.file))
    content = storage.archives(settings).read(name[0])
    here = imported(content)
    do(lambda db: db.execute(update(tables.post).values(account_id=bob.id)))
    elsewhere = imported(content)
    texts = [post.text for post in own()]

    assert (here.source, here.brought, elsewhere.brought) == ("twite", 0, 3)
    assert texts == [words, "@bob More", "Which?\n\n• a: 0\n• b: 0"]
    assert site


def test_an_archive_of_x_comes_sorted_and_with_what_links_lead_to(imported, own, outcomes, ann):
    first = 1261600000000000000
    link = {"url": "https://t.co/abc", "expanded_url": "https://birds.example/?a=1&copy=2", "indices": ["0", "1"]}
    media = {
        "url": "https://t.co/pic",
        "media_url_https": "https://pbs.twimg.com/media/EYabc.png",
        "type": "photo",
    }
    done = imported(
        zipped(
            {
                "twitter-2020/data/tweets.js": tweets(
                    0,
                    tweet(first + 5, "Second &lt;3", in_reply_to_status_id_str=str(first), in_reply_to_user_id_str="1"),
                    tweet(first + 6, "RT @bob: not mine"),
                    tweet(
                        first,
                        "Hi @bob &amp; co https://t.co/abc https://t.co/pic",
                        entities={"urls": [link], "user_mentions": [{"screen_name": "bob"}]},
                        extended_entities={"media": [media]},
                    ),
                ),
                "twitter-2020/data/tweets-part1.js": tweets(
                    1,
                    tweet(first + 7, "@eve no", in_reply_to_status_id_str="77", in_reply_to_user_id_str="7"),
                    tweet(20, "just setting up", created_at="Tue Mar 21 20:50:14 +0000 2006", lang="und"),
                ),
                f"twitter-2020/data/tweets_media/{first}-EYabc.png": picture(),
            }
        )
    )
    oldest, parent, answer = own()

    assert (done.source, done.brought) == ("x", 3)
    assert parent.text == "Hi @bob@x.com & co https://birds.example/?a=1&copy=2"
    assert (answer.text, answer.in_reply_to_id, answer.language) == ("Second <3", parent.id, "de")
    assert clock.as_datetime(ids.created_at(oldest.id)).isoformat()[:10] == "2006-03-21"
    assert len(post_details.decode(parent.details).media) == 1
    assert sorted(outcome for _subject, outcome in outcomes(done.id)) == ["boost", "reply"]


def test_a_video_of_x_is_written_anew_like_any_other(imported, own, rows, settings, tmp_path, ann):
    source = tmp_path / "wren.mp4"
    command = "-f lavfi -i testsrc=size=64x48:rate=5 -t 1 -pix_fmt yuv420p -metadata title=secret"
    subprocess.run(["ffmpeg", "-loglevel", "error", *command.split(), str(source)], check=True)
    variants = [
        {"bitrate": "832000", "content_type": "video/mp4", "url": "https://video.example/small.mp4?tag=1"},
        {"bitrate": "2176000", "content_type": "video/mp4", "url": "https://video.example/large.mp4?tag=1"},
        {"content_type": "application/x-mpegURL", "url": "https://video.example/list.m3u8"},
    ]
    media = {
        "url": "https://t.co/v",
        "media_url_https": "https://pbs.example/a.jpg",
        "video_info": {"variants": variants},
    }
    files = {
        "data/tweets.js": tweets(0, tweet(1261600000000000000, "Look", extended_entities={"media": [media]})),
        "data/tweets_media/1261600000000000000-large.mp4": source.read_bytes(),
    }
    imported(zipped(files))
    [attachment] = post_details.decode(own()[0].details).media
    [waiting] = rows(select(tables.media.c.state))

    assert (attachment.kind, attachment.state, waiting[0]) == ("video", "ready", "ready")
    assert b"secret" not in storage.media(settings).read(attachment.file)
    assert storage.media(settings).exists(attachment.preview)


def test_a_repository_of_bluesky_comes_with_whole_links(imported, own, outcomes, ann):
    posts, ours = "app.bsky.feed.post", "at://did:plc:ann/app.bsky.feed.post"
    facet = {
        "index": {"byteStart": 6, "byteEnd": 23},
        "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://birds.example/a/long/address"}],
    }
    images = {"$type": "app.bsky.embed.images", "images": [{"alt": "A wren", "image": {"mimeType": "image/jpeg"}}]}
    quote = {"$type": "app.bsky.embed.record", "record": {"uri": "at://did:plc:bob/app.bsky.feed.post/3kx"}}
    words = "Zoë: birds.example/... @bob.bsky.social"
    content = repository(
        {
            f"{posts}/3k1": skeet(words, facets=[facet], langs=["de"], embed=images),
            f"{posts}/3k2": skeet("More", reply={"parent": {"uri": f"{ours}/3k1"}}, embed=quote),
            f"{posts}/3k3": skeet("Yes", reply={"parent": {"uri": "at://did:plc:bob/app.bsky.feed.post/3ky"}}),
            f"{posts}/3k4": skeet(7),
            "app.bsky.feed.like/3k5": {"$type": "app.bsky.feed.like", "createdAt": "2024-02-01T10:00:00.000Z"},
        }
    )
    done = imported(content)
    first, second = own()
    again = imported(content)

    assert (done.source, done.brought, done.total, again.brought) == ("bluesky", 2, 4, 0)
    assert first.text == "Zoë: https://birds.example/a/long/address @bob.bsky.social\n\n[A wren]"
    assert second.text == "More\n\nRE: https://bsky.app/profile/did:plc:bob/post/3kx"
    assert (second.in_reply_to_id, first.language) == (first.id, "de")
    assert sorted(outcome for _subject, outcome in outcomes(done.id)) == ["invalid", "reply"]


def test_long_texts_stay_whole_up_to_a_bound(imported, own, outcomes, ann):
    done = imported(
        zipped({"outbox.json": outbox(note(1, f"<p>{'a ' * 3000}b</p>"), note(2, f"<p>{'c' * 10_001}</p>\x00"))})
    )
    long, cut = own()

    assert len(long.text) == 6001
    assert (len(cut.text), cut.text[-2:]) == (imported_posts.MAX_CHARACTERS, "c…")
    assert [outcome for _subject, outcome in outcomes(done.id)] == ["cut"]


def test_a_killed_worker_is_followed_by_another_at_its_place(context, do, read, row, own, monkeypatch, ann):
    class Killed(BaseException):
        pass

    def kill(*_arguments):
        raise Killed

    id = read("posts", zipped({"outbox.json": outbox(*(note(day, f"<p>{day}</p>") for day in range(1, 29)))}))
    do(imports.confirm, now=clock.now(), account_id=ann.id, import_id=id, mode="merge")
    monkeypatch.setattr(importing, "AT_ONCE", 10)
    with monkeypatch.context() as patched:
        patched.setattr(turns.Turn, "check", kill)
        with pytest.raises(Killed):
            working.work(context, id)
    first = len(own())
    do(imports.recover, now=clock.now() + 2 * imports.CLAIM_MS)
    working.work(context, id)

    assert (first, row(id).done, row(id).brought) == (10, 28, 28)
    assert [post.text for post in own()] == [str(day) for day in range(1, 29)]


def test_reading_ends_however_long_it_takes(context, uploaded, row, outcomes, monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    monkeypatch.setattr(working, "Turn", lambda goes_on: turns.Turn(goes_on, seconds=-1))
    answer = note(4, "<p>4</p>", inReplyTo=f"{ACTOR}/statuses/1")
    foreign = note(5, "<p>5</p>", inReplyTo=f"{ACTOR}/statuses/99")
    items = [*(note(day, f"<p>{day}</p>") for day in range(1, 4)), answer, foreign]
    posts = uploaded("posts", zipped({"outbox.json": outbox(*items)}))
    working.work(context, posts)

    assert (row(posts).state, row(posts).total) == ("ready", 5)
    assert outcomes(posts) == [(f"{ACTOR}/statuses/5", "reply")]


def test_a_day_has_so_many_posts(context, do, read, row, own, monkeypatch, ann):
    monkeypatch.setattr(imported_posts, "A_DAY", 5)
    monkeypatch.setattr(importing, "AT_ONCE", 5)
    id = read("posts", zipped({"outbox.json": outbox(*(note(day, f"<p>{day}</p>") for day in range(1, 10)))}))
    do(imports.confirm, now=clock.now(), account_id=ann.id, import_id=id, mode="merge")
    working.work(context, id)

    assert (len(own()), row(id).state, row(id).done) == (5, "importing", 5)
    assert row(id).turn_at > clock.now()


@pytest.mark.parametrize(
    "content",
    [
        b"no archive",
        zipped({"other.txt": b""}),
        zipped(MASTODON)[:-30],
        tarred(MASTODON)[:-50],
        zipped({"outbox.json": outbox()}),
        zipped({"outbox.json": b'{"orderedItems":' + b"[" * 100_000}),
        repository({})[:-20],
        varint(7) + cbor2.dumps({"roots": [], "version": 1}),
        varint(100) + cbor2.dumps(cbor2.CBORTag(35, "(a+)+b")) + b" " * 100,
        varint(5000) + b"\x81" * 5000,
        zipped({"outbox.json": b'{"orderedItems":[{"a":"' + b"a" * 2_000_000 + b'"}]}'}),
    ],
)
def test_what_is_no_archive_is_refused_in_words(context, uploaded, row, content):
    id = uploaded("posts", content)
    working.work(context, id)

    assert row(id).state == "failed"
    assert row(id).error.endswith(("archive.", "comes.", "Bluesky.", "long.", "have."))


@pytest.mark.once
@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a<br>b</p><p>c &lt;b&gt;</p>", "a\nb\n\nc <b>"),
        ('<a href="javascript:alert(1)">here</a>', "here"),
        ('<a href="https://x.example/">here</a>', "here (https://x.example/)"),
        ("<ul><li>a</li><li>b</li></ul>", "• a\n• b"),
        ("<p>a\n b</p>  <p>&lt;a&gt;</p><!-- c --><script>d</script>", "a b\n\n<a>"),
        ("a < b", "a < b"),
    ],
)
def test_html_becomes_text(html, text):
    assert html_texts.text_of(html, domain="twite.example") == text
