"""Words of deleted and edited posts leave the database's files, SQLite's, within a day."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from support.moment import NOW
from twite_common import clock
from twite_common.drafts import Draft
from twite_common.queries.paging import Page
from twite_common.queries.timelines import search, search_terms
from twite_common.services.posts import post_deletion, post_edits
from twite_common.sql import engines
from twite_tasks import periodic_jobs

pytestmark = pytest.mark.faults

DELETED, EDITED, KEPT = "quagmirish", "xanthorhiza", "wagtail"
MAX_STEPS = 20


@pytest.fixture
def in_files(database, database_url):
    """Say whether a word stands anywhere in SQLite's files; PostgreSQL's aren't ours to look into."""

    def in_files(word):
        file = Path(make_url(database_url).database or "")
        return any(word.encode() in part.read_bytes() for part in file.parent.glob(f"{file.name}*"))

    return in_files


@pytest.fixture
def indexed_words(database_url):
    """Return what stands in SQLite's full-text index, as it stands there."""

    def indexed_words():
        if not engines.is_sqlite(database_url):
            return b""
        with closing(sqlite3.connect(make_url(database_url).database)) as connection:
            return b"".join(block for (block,) in connection.execute("SELECT block FROM post_search_data"))

    return indexed_words


@pytest.fixture
def finds(database, ann):
    """Say whether Ann finds a post with a word."""

    def finds(word):
        bounds = search.Bounds(Page())
        with database.reading() as db:
            return bool(search.posts(db, search_terms.parse(word), bounds, viewer_id=ann.id))

    return finds


def test_words_of_what_is_gone_leave_the_files(
    database, database_url, context, settings, make_post, ann, in_files, indexed_words, finds, long_faults
):
    embedded = engines.is_sqlite(database_url)
    for number in range(3000 if long_faults else 30):
        make_post(ann, f"{KEPT} number {number}")
    deleted = make_post(ann, f"the {DELETED} ground")
    edited = make_post(ann, f"a {EDITED} seed")
    for number in range(10):
        make_post(ann, f"{KEPT} and {number}")
    periodic_jobs.run(context, "forget_words", now=NOW - clock.DAY)
    assert finds(DELETED)
    assert finds(EDITED)
    assert in_files(DELETED) is embedded
    assert (EDITED.encode() in indexed_words()) is embedded
    with database.writing() as db:
        post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=deleted)
        post_edits.edit(db, settings, now=NOW, author_id=ann.id, post_id=edited, draft=Draft(text="a seed"))

    for step in range(MAX_STEPS):
        periodic_jobs.run(context, "forget_words", now=NOW + step * clock.MINUTE)
    assert not in_files(DELETED)
    assert [finds(word) for word in (DELETED, EDITED, KEPT)] == [False, False, True]
    # Among the post's versions it stands as long as these do.
    assert in_files(EDITED) is embedded
    assert EDITED.encode() not in indexed_words()
