"""Importing, for tests of it: uploading a file, having it read, and saying yes."""

import io

import pytest
from sqlalchemy import select

from twite_common import clock, tables
from twite_common.media import storage
from twite_common.queries.identity import imports as queries
from twite_common.queries.posts import posts as post_queries
from twite_common.services.identity import imports
from twite_tasks import event_handlers
from twite_tasks.identity.imports import working


@pytest.fixture
def own(database, ann):
    """Return Ann's posts as she sees them, the earliest first."""

    def own():
        with database.reading() as db:
            found = db.scalars(select(tables.post.c.id).where(tables.post.c.account_id == ann.id)).all()
            shown = post_queries.load(db, found, viewer_id=ann.id, now=clock.now())
        return [shown[id] for id in sorted(shown)]

    return own


@pytest.fixture
def imported(read, brought):
    """Have an archive imported, and return what became of it."""
    return lambda content: brought(read("posts", content))


@pytest.fixture
def do(database):
    def do(action, **arguments):
        with database.writing() as db:
            return action(db, **arguments)

    return do


@pytest.fixture
def row(database, ann):
    def row(id):
        with database.reading() as db:
            return queries.get(db, id, account_id=ann.id)

    return row


@pytest.fixture
def uploaded(do, settings, ann):
    """Upload a file of Ann's, and return the import's id."""

    def uploaded(kind, content):
        content = content.encode() if isinstance(content, str) else content
        imports.check_size(kind, len(content))
        id, file = do(imports.begin, now=clock.now(), account_id=ann.id, kind=kind)
        storage.archives(settings).home.write(file, io.BytesIO(content))
        do(imports.uploaded, now=clock.now(), account_id=ann.id, import_id=id, size=len(content))
        return id

    return uploaded


@pytest.fixture
def read(uploaded, context, row):
    """Upload a file and have it read."""

    def read(kind, content):
        id = uploaded(kind, content)
        working.work(context, id)
        assert row(id).state == "ready", row(id)
        return id

    return read


@pytest.fixture
def brought(do, context, ann, row):
    """Bring what an import has, or take it back."""

    def brought(id, mode="merge", *, undo=False):
        how = {} if undo else {"mode": mode}
        do(imports.undo if undo else imports.confirm, now=clock.now(), account_id=ann.id, import_id=id, **how)
        working.work(context, id)
        return row(id)

    return brought


@pytest.fixture
def outcomes(rows):
    def outcomes(id):
        entry = tables.import_entry
        statement = select(entry.c.subject, entry.c.outcome).where(entry.c.import_id == id).order_by(entry.c.position)
        return [tuple(row) for row in rows(statement)]

    return outcomes


@pytest.fixture
def kept_files(context, settings):
    """Have files removed that are of no use, and return the names of the others."""

    def kept_files():
        while event_handlers.handle_next(context, now=clock.now()):
            pass
        return [file.name for file in (settings.data / "archives").iterdir()]

    return kept_files
