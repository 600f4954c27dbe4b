"""Importing on the website: a file, what is in it, a yes, and undoing it."""

import pytest
from sqlalchemy import select

from twite_common import clock
from twite_common.queries.identity import imports as queries
from twite_common.queries.identity.imports import Entry
from twite_common.services.identity import import_tables, imports
from twite_common.services.identity.import_tables import Line
from twite_common.tables import follow

PAGE = "/settings/import"
TABLE = b"Account address,Show boosts\nbob@twite.example,true\n=eve@elsewhere.example,true\n"


@pytest.fixture
def read(database, settings, ann):
    """Say what is in an import, as a task does, and return its id."""

    def read(names, removed=()):
        with database.writing() as db:
            [found] = queries.of_account(db, ann.id)
            claimed = imports.claim(db, found.id, now=clock.now())
            lines = [Line(name) for name in names]
            entries = import_tables.resolve(db, settings, "follows", lines, account_id=ann.id, now=clock.now(), first=0)
            entries += [Entry(len(entries) + at, name, "", 1, "remove") for at, name in enumerate(removed)]
            imports.add_entries(db, claimed, entries)
            imports.be_ready(db, claimed, now=clock.now(), total=len(entries))
        return found.id

    return read


def test_a_file_is_read_shown_and_brought(as_ann, database, settings, ann, bob, read):
    as_ann.open(PAGE)
    as_ann.submit(PAGE, {"kind": "follows"}, {"file": ("follows.csv", TABLE, "text/csv")})
    being_read = as_ann.text
    id = read(["bob", "=eve@elsewhere.example"], ["cho"])
    as_ann.open(f"{PAGE}/{id}")
    shown = as_ann.text
    refused = as_ann.client.get(f"{PAGE}/{id}/refused.csv")
    as_ann.submit(f"{PAGE}/{id}/confirm", {})
    with database.reading() as db:
        confirmed = queries.get(db, id, account_id=ann.id)
    as_ann.submit(f"{PAGE}/{id}/stop", {})
    stopped = as_ann.text
    as_ann.submit(f"{PAGE}/{id}/undo", {})

    assert "Being read" in being_read
    assert "1 will come." in shown
    assert "1 that isn't in the file would go: cho" in shown
    assert "It can't be understood." in shown
    assert "'=eve@elsewhere.example" in refused.text
    assert refused.headers["cache-control"] == "private, no-store"
    assert (confirmed.state, confirmed.mode) == ("importing", "merge")
    assert "can be undone" in stopped
    assert "Being undone" in as_ann.text


def test_only_its_owner_sees_it(as_ann, as_bob, database, ann, read):
    as_ann.open(PAGE)
    as_ann.submit(PAGE, {"kind": "follows"}, {"file": ("follows.csv", TABLE, "text/csv")})
    id = read(["bob"])
    as_bob.open("/settings")
    token = {"form_token": as_bob.value("form_token")}
    answers = [as_bob.client.get(f"{PAGE}/{id}{rest}") for rest in ("", "/refused.csv")]
    answers += [
        as_bob.client.post(f"{PAGE}/{id}/{action}", data=token) for action in ("confirm", "stop", "undo", "remove")
    ]

    assert {answer.status_code for answer in answers} == {404}


@pytest.mark.parametrize("file", [None, ("follows.csv", b"", "text/csv")])
def test_without_a_file_nothing_is_kept(as_ann, database, ann, file):
    as_ann.open(PAGE)
    answer = as_ann.submit(PAGE, {"kind": "mutes"}, {"file": file} if file else {})

    assert answer.status_code == 422
    assert as_ann.value("kind") == "mutes"
    with database.reading() as db:
        assert queries.of_account(db, ann.id) == []
        assert db.scalars(select(follow.c.id)).all() == []
