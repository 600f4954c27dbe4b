"""What a site from before knows of its tokens once it is brought up to date, and the version before beside it."""

import os

import pytest
from sqlalchemy import create_engine, text

from support import postgresql
from twite_common import clock, migrations
from twite_common.database import Database
from twite_common.services.operations import cleaning
from twite_common.sql import engines

pytestmark = pytest.mark.faults

APPLICATION = """INSERT INTO application (id, client_id, secret_hash, name, redirect_uris, scopes)
    VALUES (:id, :id, :hash, 'App', 'x:', 'read')"""
GRANT = """INSERT INTO oauth_grant
    (id, code_hash, application_id, account_id, redirect_uri, scopes, code_challenge, expires_at)
    VALUES (:id, :hash, 1, 1, 'x:', 'read', :challenge, 1)"""
TOKEN = """INSERT INTO token (id, secret_hash, refresh_hash, application_id, account_id, grant_id, scopes)
    VALUES (:id, :hash, :refresh, 1, :account, :grant, 'read')"""


@pytest.fixture
def old_url(database_kind, postgresql_url, tmp_path):
    """The address of a database as the first version made it."""
    if database_kind == "sqlite":
        url = f"sqlite:///{tmp_path}/old.sqlite"
        migrations.upgrade(url, "0001")
        yield url
    else:
        name = f"twite_test_old_{os.getpid()}"
        with postgresql.created(postgresql_url, name, "template0") as url:
            migrations.upgrade(url, "0001")
            yield url


def insert_token(db, id, *, refresh=None, account=1, grant=None):
    parameters = {"id": id, "hash": b"%d" % id, "refresh": refresh, "account": account, "grant": grant}
    db.execute(text(TOKEN), parameters)


def test_nothing_is_lost_and_what_is_known_is_kept(old_url):
    engine = create_engine(engines.normal(old_url))
    with engine.begin() as db:
        db.execute(text("INSERT INTO account (id, username, username_key) VALUES (1, 'ann', 'ann')"))
        db.execute(text(APPLICATION), {"id": 1, "hash": b"x"})
        for id, challenge in ((1, None), (2, "challenge")):
            db.execute(text(GRANT), {"id": id, "hash": b"%d" % id, "challenge": challenge})
        insert_token(db, 1, refresh=b"a", grant=1)
        insert_token(db, 2, refresh=b"b", grant=2)
        insert_token(db, 3, account=None)
    before = clock.now()
    migrations.upgrade(old_url)
    with engine.begin() as db:
        known = db.execute(text("SELECT client_authenticated, used_at FROM token ORDER BY id")).all()
        # The version of the code before goes on writing for a moment.
        insert_token(db, 4, account=None)
        db.execute(text(APPLICATION), {"id": 2, "hash": b"y"})
    engine.dispose()
    database = Database(old_url)
    with database.writing() as db:
        cleaning.remove_unused(db, now=clock.now())
        left = list(db.scalars(text("SELECT id FROM token ORDER BY id")))
    database.close()

    assert [bool(authenticated) for authenticated, _ in known] == [True, False, False]
    assert [used_at is not None and used_at >= before for _, used_at in known] == [False, False, True]
    assert left == [1, 2, 3]
