"""What every test may use: the choice of database, databases made by the real migrations, and missing services."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

import postgresql
import services
from results import NEEDS
from twite_common import dialects, ids, migrations
from twite_common.database import Connection, Database
from twite_common.tables.metadata import metadata


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose the database and name what the machine doesn't have."""
    group = parser.getgroup("twite")
    group.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="where tests keep data")
    group.addoption("--postgresql-url", default=postgresql.address(), help="the server that makes databases for tests")
    group.addoption("--examples", type=int, help="how many new requests to send to each of the API's operations")
    group.addoption(
        "--without", action="append", default=[], choices=services.BY_NAME, help="leave out tests that need this"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test that needs something unknown: it would never be left out."""
    for item in items:
        for unknown in _needs(item) - services.BY_NAME.keys():
            raise pytest.UsageError(f"{item.nodeid} needs {unknown!r}, which is none of {', '.join(services.BY_NAME)}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test that needs something the machine doesn't have."""
    for name in sorted(_needs(item).intersection(item.config.getoption("without"))):
        pytest.skip(NEEDS + name)


def _needs(item: pytest.Item) -> set[str]:
    return {name for marker in item.iter_markers("needs") for name in marker.args}


@pytest.fixture(autouse=True)
def _ids_from_the_tests_own_time() -> None:
    """Ids never go back in time; a test's clock may be behind that of the test before."""
    ids.restart()


@pytest.fixture(scope="session")
def postgresql_url(request: pytest.FixtureRequest) -> str:
    """The address of the PostgreSQL server in which tests make their databases."""
    return str(request.config.getoption("postgresql_url"))


@pytest.fixture(scope="session")
def migrated_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database with all tables: on SQLite to be copied for each test, on PostgreSQL to be emptied."""
    if request.config.getoption("database") == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('database') / 'empty.sqlite'}"
        migrations.upgrade(url)
        yield url
    else:
        # Runs at the same time share the server, and so does each worker of a run.
        name = f"twite_test_{os.getpid()}_{uuid.uuid4().hex}"
        with postgresql.created(request.getfixturevalue("postgresql_url"), name, "template0") as url:
            migrations.upgrade(url)
            yield url


@pytest.fixture(scope="module")
def shared_database_url(migrated_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database for the tests of one file: all tables, and the rows that they made."""
    return fresh(migrated_database_url, tmp_path_factory.mktemp("shared"))


@pytest.fixture
def database_url(migrated_database_url: str, tmp_path: Path) -> str:
    """The address of a database for the test alone: all tables, no rows."""
    return fresh(migrated_database_url, tmp_path)


def fresh(migrated: str, folder: Path) -> str:
    """Return the address of a database without rows: on SQLite a copy in this folder, on PostgreSQL the same again."""
    if dialects.is_sqlite(migrated):
        return f"sqlite:///{shutil.copy(make_url(migrated).database or '', folder / 'twite.sqlite')}"
    tables = [table.name for table in reversed(metadata.sorted_tables)]
    postgresql.empty(migrated, tables, migrations.head())
    return migrated


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The test's own database, opened. It need not outlive a power cut, so SQLite doesn't wait for the disk."""
    database = Database(database_url, synchronous="OFF")
    yield database
    database.close()


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A writing transaction in the test's own database; kept when the test ends."""
    with database.writing() as db:
        yield db
