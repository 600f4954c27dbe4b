"""What each release wrote can be restored into either database, brought up to date and used."""

import os
import runpy
from pathlib import Path

import msgspec
import pytest

from support import postgresql
from twite_common import clock, migrations, post_details
from twite_common.backups import restoring
from twite_common.database import Database
from twite_common.drafts import Draft
from twite_common.passwords import Passwords
from twite_common.queries import viewers
from twite_common.queries.accounts import accounts
from twite_common.queries.notifications import notifications, push
from twite_common.queries.paging import Page
from twite_common.queries.posts import drafts, media, posts
from twite_common.queries.timelines import search, search_terms, tag_timelines, timelines
from twite_common.queries.timelines.search import Bounds
from twite_common.services.identity import sessions
from twite_common.services.operations import counts
from twite_common.services.posts import posts as publishing
from twite_common.settings import Settings

NOW = 1_790_000_000_000
FOLDER = Path(__file__).parent
THIS = "this version"
HERE = {"address": "192.0.2.1", "browser": "Firefox/140.0"}
BOOST = ""
BY_ANN = [
    "Words in #हिन्दी and a link: https://example.org/",
    "Tea?",
    "For Bob alone: @bob",
    "Hello @bob, here are #birds",
]

pytestmark = pytest.mark.usefixtures("integration")


@pytest.fixture(scope="module", params=[*sorted(file.stem for file in FOLDER.glob("*.backup")), THIS])
def release(request):
    return request.param


@pytest.fixture(scope="module")
def backup(release, tmp_path_factory):
    """The file that a release kept, or that this version would keep."""
    if release != THIS:
        return FOLDER / f"{release}.backup"
    file = tmp_path_factory.mktemp("kept") / "this.backup"
    runpy.run_path(str(FOLDER / "write.py"))["write"](file)
    return file


@pytest.fixture(scope="module")
def site(request, database_kind, backup, tmp_path_factory):
    """The settings of a site that a release wrote, restored and brought up to date."""
    place = Settings(
        data=tmp_path_factory.mktemp("site"),
        base_url="https://twite.example",
        password_time_cost=1,
        password_memory_kib=8,
    )
    if database_kind == "sqlite":
        restoring.restore(place, backup)
        yield place
    else:
        name = f"twite_test_release_{os.urandom(6).hex()}"
        with postgresql.created(request.getfixturevalue("postgresql_url"), name, "template0") as url:
            restoring.restore(msgspec.structs.replace(place, database=url), backup)
            yield msgspec.structs.replace(place, database=url)


@pytest.fixture
def database(site):
    opened = Database(site.database_url)
    yield opened
    opened.close()


@pytest.fixture
def db(database):
    with database.reading() as db:
        yield db


@pytest.fixture
def ids(db):
    return {name: accounts.by_username(db, name).id for name in ("ann", "bob", "cho")}


def texts(db, entries, viewer_id):
    shown = posts.load(db, [entry.post_id for entry in entries], viewer_id=viewer_id, now=NOW)
    return [shown[entry.post_id].text for entry in entries]


def test_the_first_tables_and_those_before_the_first_release_are_among_them():
    assert {file.stem for file in FOLDER.glob("*.backup")} >= {"0001", "0011"}


def test_the_database_is_up_to_date_and_every_count_right(site, db):
    migrations.require_current(site.database_url)

    assert counts.check(db) == []


def test_whoever_had_an_account_logs_in(site, database):
    made = sessions.log_in(
        database, Passwords(site), site, now=clock.now(), name="ann", password="ann likes finches", **HERE
    )
    with database.reading() as db:
        assert viewers.by_session(db, made.secret, now=clock.now()).viewer.username == "ann"


def test_a_token_works(db, ids):
    token = viewers.by_token(db, "ann's token", now=NOW)

    assert (token.viewer.account_id, token.scopes) == (ids["ann"], frozenset({"read", "push"}))


def test_a_profile_is_as_it_was(release, site, db, ids):
    ann = accounts.get(db, ids["ann"])

    assert (ann.display_name, ann.bio, ann.role) == ("Ann Öst", "Likes #birds", "admin")
    assert (ann.followers_count, ann.posts_count) == (1, 4)
    assert (site.data / "media" / ann.avatar).is_file()
    # Until 0009 whoever let members find their posts let search engines show them, too.
    assert (ann.indexable, ann.noindex) == (True, release != "0001")


def test_timelines_show_what_they_showed(db, ids):
    home = timelines.home(db, Page(), viewer_id=ids["bob"], now=NOW)
    hindi = tag_timelines.tagged(db, "हिन्दी", Page(), viewer_id=None, now=NOW)

    assert set(texts(db, home, ids["bob"])) == {*BY_ANN, "@ann Thank you", BOOST}
    assert texts(db, hindi, None) == BY_ANN[:1]


def test_a_post_has_everything_that_belongs_to_it(site, db, ids):
    by_ann = timelines.of_account(db, ids["ann"], Page(), viewer_id=ids["bob"])
    shown = posts.load(db, [entry.post_id for entry in by_ann], viewer_id=ids["bob"], now=NOW)
    by_text = {post.text: post for post in shown.values()}
    hello, question = by_text[BY_ANN[3]], by_text[BY_ANN[1]]

    assert (hello.favourited, hello.bookmarked, hello.favourites_count, hello.boosts_count) == (True, True, 1, 1)
    assert [(site.data / "media" / picture.file).is_file() for picture in post_details.decode(hello.details).media] == [
        True
    ]
    assert msgspec.json.decode(question.poll_options) == [["Yes", 1], ["No", 0]]
    assert (question.poll_choices, question.poll_voters_count) == ("[0]", 1)


def test_who_may_answer_a_post_and_when_it_ends_is_as_it_was(release, db, ids):
    by_cho = timelines.of_account(db, ids["cho"], Page(), viewer_id=ids["ann"])
    by_ann = timelines.of_account(db, ids["ann"], Page(), viewer_id=ids["cho"])
    shown = posts.load(db, [entry.post_id for entry in [*by_cho, *by_ann]], viewer_id=ids["cho"], now=NOW)
    chosen = {post.text: (post.reply_policy, post.expires_at) for post in shown.values()}

    # Until 0012 nobody chose.
    ending = {"Until next year": ("following", NOW + 366 * clock.DAY)} if release == THIS else {}
    assert chosen == dict.fromkeys(["What Ann wrote", *BY_ANN[:2], BY_ANN[3]], ("everybody", None)) | ending
    assert all(post.can_be_answered_by(ids["cho"]) for post in shown.values())


def test_drafts_are_kept_with_their_attachments(release, db, ids):
    kept = drafts.of_account(db, ids["bob"], Page())

    assert [part.text for draft in kept for part in draft.decoded()] == (
        ["Once upon a time", ""] if release == THIS else []
    )
    assert [len(media.of_drafts(db, [draft.id])[draft.id]) for draft in kept] == [1] * len(kept)


def test_posts_are_found_by_their_words(db, ids):
    found = search.posts(db, search_terms.parse("birds"), Bounds(Page()), viewer_id=ids["bob"])

    assert texts(db, found, ids["bob"]) == BY_ANN[3:]


def test_notifications_are_listed_and_pushed(database, ids):
    with database.writing() as db:
        listed = notifications.page(db, Page(), viewer_id=ids["ann"], now=NOW)
        waiting = push.due(db, now=NOW)

    assert {one.kind for one in listed} >= {"favourite", "mention", "follow", "boost"}
    assert waiting


def test_the_site_works_on(site, database, ids):
    with database.writing() as db:
        id = publishing.publish(
            db, site, now=clock.now(), author_id=ids["ann"], draft=Draft(text="Still here", visibility="public")
        )
        home = timelines.home(db, Page(limit=1), viewer_id=ids["bob"], now=clock.now())

    assert [entry.post_id for entry in home] == [id]
