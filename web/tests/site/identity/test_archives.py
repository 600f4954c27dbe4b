"""Archives on the website: asking for one, seeing how far it is, and getting it."""

import io

import pytest
from sqlalchemy import select, update

from support.site_under_test import PASSWORD
from twite_common import clock
from twite_common.media import storage
from twite_common.queries.identity import archives as queries
from twite_common.services.identity import archives
from twite_common.tables import archive, session

PAGE = "/settings/archives"


@pytest.fixture
def ready(database, settings, ann):
    """Have an archive of Ann's ready, and return its id."""
    with database.writing() as db:
        id = archives.ask(db, now=clock.now(), account_id=ann.id)
        claimed = archives.claim(db, id, now=clock.now())
        storage.archives(settings).write_parts(claimed.file, iter([b"all of ", b"Ann's own"]))
        archives.finish(db, claimed, now=clock.now(), size=16)
    return id


def of_ann(database, ann):
    with database.reading() as db:
        return queries.of_account(db, ann.id)


def test_it_takes_the_password_and_shows_how_far_it_is(as_ann, database, ann):
    as_ann.open(PAGE)
    refused = as_ann.submit(PAGE, {"wanted": "now", "current_password": "wrong horse"})
    none = of_ann(database, ann)
    as_ann.submit(PAGE, {"wanted": "now", "current_password": PASSWORD})
    [asked] = of_ann(database, ann)
    with database.writing() as db:
        archives.renew(db, archives.claim(db, asked.id, now=clock.now()), now=clock.now(), done=1, total=4)
    as_ann.open(PAGE)

    assert (refused.status_code, none) == (422, [])
    assert "Being made: 25 %" in as_ann.text
    assert as_ann.page.find("progress")["value"] == "25"
    assert as_ann.page.find("button", value="now") is None


def test_one_who_has_just_shown_whose_account_it_is_is_not_asked_again(as_ann, database, ann):
    with database.writing() as db:
        db.execute(update(session).values(authenticated_at=clock.now()))
    as_ann.open(PAGE)
    as_ann.submit(PAGE, {"wanted": "now"})

    assert len(of_ann(database, ann)) == 1


def test_monthly_ones_take_the_password_too_and_end_without(as_ann, database, ann):
    def monthly():
        with database.reading() as db:
            return queries.is_monthly(db, ann.id)

    as_ann.open(PAGE)
    as_ann.submit(PAGE, {"wanted": "monthly"})
    refused = monthly()
    as_ann.submit(PAGE, {"wanted": "monthly", "current_password": PASSWORD})
    chosen = monthly()
    as_ann.open(PAGE)
    as_ann.submit(PAGE, {"wanted": "never"})

    assert (refused, chosen, monthly()) == (False, True, False)


def test_nobody_else_gets_it(as_ann, as_bob, stranger, api, ann, ready):
    file = f"{PAGE}/{ready}/file"
    got = as_ann.client.get(file)
    part = as_ann.client.get(file, headers={"Range": "bytes=7-"})
    stranger.open(file)

    assert (got.content, got.headers["content-type"]) == (b"all of Ann's own", "application/zip")
    assert got.headers["content-disposition"].startswith('attachment; filename="archive-ann-')
    assert got.headers["cache-control"] == "private, no-store"
    assert (part.status_code, part.content) == (206, b"Ann's own")
    assert as_bob.client.get(file).status_code == 404
    assert stranger.path == "/login"
    assert api(ann).get(file).status_code != 200


def test_it_can_be_removed_by_its_owner_alone(as_ann, as_bob, database, ann, ready):
    as_bob.open("/settings")
    refused = as_bob.client.post(f"{PAGE}/{ready}/remove", data={"form_token": as_bob.value("form_token")})
    kept = len(of_ann(database, ann))
    as_ann.open(PAGE)
    as_ann.submit(f"{PAGE}/{ready}/remove", {})

    assert (refused.status_code, kept, of_ann(database, ann)) == (404, 1, [])


def test_one_that_is_not_ready_or_whose_file_is_gone_is_not_there(as_ann, database, settings, ready):
    with database.reading() as db:
        file = db.scalar(select(archive.c.file))
    storage.archives(settings).remove(file)
    gone = as_ann.client.get(f"{PAGE}/{ready}/file")
    storage.archives(settings).home.write(file, io.BytesIO(b"half of it"))
    with database.writing() as db:
        db.execute(update(archive).values(state="making"))

    assert (gone.status_code, as_ann.client.get(f"{PAGE}/{ready}/file").status_code) == (404, 404)
