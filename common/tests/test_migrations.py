"""Migrations while others use the database: two at once, readers in their way, and code of another version."""

import hashlib
import os
import socket
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import create_engine, inspect, text

from support import postgresql
from support.moment import NOW
from twite_common import migrations
from twite_common.backups import backup, bulk
from twite_common.database import Database
from twite_common.drafts import Draft
from twite_common.errors import Unavailable
from twite_common.services.identity import registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.services.posts import posts
from twite_common.sql import engines
from twite_common.tables import metadata

VERSIONS = Path(migrations.__file__).parent / "versions"
LANDED = Path(__file__).parent / "landed_migrations.sha256"
"""What the migrations are, for good: there are databases that they have made."""

LATER = """
import sys
from pathlib import Path
from twite_common import migrations

_, url, folder = sys.argv
this_version = migrations.configuration

def configuration(url):
    config = this_version(url)
    config.set_main_option("version_locations", f"{Path(migrations.__file__).parent / 'versions'} {folder}")
    config.set_main_option("path_separator", "space")
    return config

migrations.configuration = configuration
migrations.upgrade(url)
assert migrations.state(url) == "current"
"""
"""A later version of Twite, which has more migrations, brings a database up to date."""

MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = {head!r}
branch_labels = None
depends_on = None
compatible_with = {compatible_with!r}


def upgrade() -> None:
    op.add_column("account", sa.Column("later", sa.Text(), nullable=False, server_default="added"))
    op.create_table(
        "later",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("day", sa.Date()),
        sa.Column("flag", sa.Boolean()),
        sa.Column("content", sa.LargeBinary()),
    )
    {last}
"""

IN_PIECES = """with op.get_context().autocommit_block():
        while op.get_bind().exec_driver_sql(
            "UPDATE account SET later = 'now' WHERE id IN (SELECT id FROM account WHERE later != 'now' LIMIT 1000)"
        ).rowcount:
            pass
        op.drop_index("ix_account_later", "account", if_exists=True, postgresql_concurrently=True)
        op.create_index("ix_account_later", "account", ["later"], postgresql_concurrently=True)"""


@pytest.fixture
def url(postgresql_url, tmp_path, is_sqlite, integration):
    """The address of a database without tables, which a test may change."""
    if is_sqlite:
        yield f"sqlite:///{tmp_path / 'own.sqlite'}"
    else:
        name = f"twite_test_migrations_{os.urandom(6).hex()}"
        with postgresql.created(postgresql_url, name, "template0") as made:
            yield made


@pytest.fixture
def is_sqlite(database_kind):
    return database_kind == "sqlite"


@pytest.fixture
def later(url, tmp_path):
    """Start a later version of Twite that brings the database up to date."""

    def start(*, compatible_with=None, last="pass"):
        folder = tmp_path / "later"
        folder.mkdir(exist_ok=True)
        migration = MIGRATION.format(head=migrations.head(), compatible_with=compatible_with, last=last)
        (folder / "9001_later.py").write_text(migration)
        return subprocess.Popen([sys.executable, "-c", LATER, url, str(folder)], stderr=subprocess.PIPE, text=True)

    return start


def revision(url):
    database = Database(url)
    with database.reading() as db:
        found = migrations.revision(db)
    database.close()
    return found


def finished(process):
    _, printed = process.communicate(timeout=60)
    return process.returncode, printed


@pytest.mark.faults
@pytest.mark.parametrize("before", ["empty", "older"])
def test_two_migrations_at_once_wait_for_each_other(url, later, before):
    if before == "older":
        migrations.upgrade(url)
    both = [later(), later()]

    assert [finished(process) for process in both] == [(0, "")] * 2
    assert revision(url) == "9001"


@pytest.mark.faults
def test_a_migration_has_nobody_wait_behind_a_reader(url, later):
    migrations.upgrade(url)
    engine = create_engine(url)
    waits = []
    with engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM account")).all()
        migration = later()
        end = time.monotonic() + 5
        while time.monotonic() < end:
            asked = time.monotonic()
            with engine.connect() as other:
                other.execute(text("SELECT count(*) FROM account")).all()
            waits.append(time.monotonic() - asked)
            time.sleep(0.02)
    engine.dispose()

    assert finished(migration) == (0, "")
    # It is a second by which others are held up, and then there is a pause.
    assert max(waits) < 3.5


def test_what_waits_for_too_long_says_so(url, monkeypatch):
    monkeypatch.setattr(migrations.locks, "TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(migrations.locks, "PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(migrations.locks, "TURN_SECONDS", 0.5)
    with migrations.locks.alone(url):
        failures = []

        def migrate():
            try:
                migrations.upgrade(url)
            except Unavailable as error:
                failures.append(str(error))

        thread = threading.Thread(target=migrate)
        thread.start()
        thread.join()

    assert "Another process has been migrating" in failures[0]
    migrations.upgrade(url)
    migrations.require_current(url)


@pytest.mark.faults
def test_a_migration_that_fails_leaves_the_tables_as_they_were(url, later):
    migrations.upgrade(url)
    code, _ = finished(later(last="raise ValueError"))
    engine = create_engine(url)
    tables, columns = inspect(engine).get_table_names(), inspect(engine).get_columns("account")
    engine.dispose()

    assert code == 1
    assert migrations.state(url) == "current"
    assert "later" not in {*tables, *(column["name"] for column in columns)}


@pytest.mark.faults
def test_a_migration_may_change_rows_in_pieces_and_make_an_index_beside_those_who_write(url, later):
    """What the template for migrations recommends for large tables."""
    migrations.upgrade(url)

    assert finished(later(last=IN_PIECES)) == (0, "")
    assert revision(url) == "9001"
    assert any("ix_account_later" in statement for statement in indexes(url))


def test_code_works_with_the_tables_of_a_later_version(url, later, settings, tmp_path):
    migrations.upgrade(url)
    assert finished(later()) == (0, "")
    site = msgspec.structs.replace(settings, database=url, data=tmp_path / "site")
    database = Database(url)
    with database.writing() as db:
        sign_up = SignUp(username="ann", email="ann@mail.example", password_hash="x")
        ann = registrations.create(db, now=NOW, sign_up=sign_up, confirmed=True, smtp_utf8=False)
        posts.publish(db, site, now=NOW, author_id=ann, draft=Draft(text="Hello"))
    database.close()

    assert migrations.state(url) == "newer"
    migrations.require_current(url)
    backup.write(site, tmp_path / "site.backup")
    with tarfile.open(tmp_path / "site.backup") as archive:
        [row] = archive.extractfile("tables/account.jsonl").read().splitlines()
        assert msgspec.json.decode(row)[-1] == "added"
        listed = msgspec.json.decode(archive.extractfile(backup.MANIFEST).read())
    assert listed["revision"] == "9001"
    assert listed["tables"]["later"]["columns"] == {"id": "plain", "day": "date", "flag": "plain", "content": "bytes"}
    migrations.upgrade(url)
    assert revision(url) == "9001"


def test_a_later_migration_may_say_that_code_does_not_work_with_its_tables(url, later, settings, tmp_path):
    migrations.upgrade(url)
    assert finished(later(compatible_with="9001")) == (0, "")

    for refused in (migrations.require_current, migrations.upgrade):
        with pytest.raises(migrations.TooNew, match="newer version"):
            refused(url)
    with pytest.raises(migrations.TooNew):
        backup.write(msgspec.structs.replace(settings, database=url), tmp_path / "site.backup")


def test_migrations_that_have_landed_never_change():
    present = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in VERSIONS.glob("*.py")}
    landed = {name: digest for digest, name in (line.split() for line in LANDED.read_text().splitlines())}
    missing = landed.keys() - present.keys()
    changed = {name for name in landed.keys() & present.keys() if present[name] != landed[name]}
    unlisted = present.keys() - landed.keys()

    assert not missing | changed, (
        f"{', '.join(sorted(missing | changed))} landed and must not change: databases that it has made would stay as "
        "they are. Take the change back, and write a new one: python -m twite_common.migrations new 'What changes'."
    )
    assert not unlisted, (
        f"{', '.join(sorted(unlisted))} isn't in {LANDED.name}. Add its line (`sha256sum`) when it lands; from then "
        "on it must not change."
    )


def test_the_migrations_make_the_indexes_that_the_code_names(database_url, tmp_path, postgresql_url):
    """Those of expressions, too, which `make check` can't compare."""
    if database_url.startswith("sqlite"):
        named = indexes(f"sqlite:///{tmp_path / 'named.sqlite'}", make=True)
    else:
        name = f"twite_test_indexes_{os.urandom(6).hex()}"
        with postgresql.created(postgresql_url, name, "template0") as url:
            named = indexes(url, make=True)

    assert indexes(database_url) == named


def indexes(url, *, make=False):
    engine = create_engine(engines.normal(url))
    with engine.begin() as db:
        if make:
            metadata.create_all(db)
        found = db.exec_driver_sql(bulk.INDEXES[engine.dialect.name]).all()
    engine.dispose()
    return {" ".join(statement.replace('"', "").split()) for name, statement in found if name != "post_search"}


@pytest.mark.faults
def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(engines, "LOOK_CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"postgresql://user:hush@127.0.0.1:{listening.getsockname()[1]}/twite"
        with pytest.raises(Unavailable) as refused:
            migrations.require_current(url)

    assert "hush" not in str(refused.value)
