"""What every test may use: the choice of database, databases made by the real migrations, and missing services."""

import gc
import os
import shutil
import uuid
from collections.abc import Callable, Collection, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from support import postgresql, services
from support.results import NEEDS, ONCE
from twite_common import ids, migrations
from twite_common.database import Connection, Database
from twite_common.sql import engines
from twite_common.tables.metadata import metadata

if TYPE_CHECKING:
    from support import s3 as s3_server


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose the database and name what the machine doesn't have."""
    group = parser.getgroup("twite")
    group.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="where tests keep data")
    group.addoption("--postgresql-url", default=postgresql.address(), help="the server that makes databases for tests")
    group.addoption("--examples", type=int, help="how many new requests to send to each of the API's operations")
    group.addoption("--long-faults", action="store_true", help="attack and break things for minutes, not seconds")
    group.addoption("--list-services", type=Path, help="write the names of what the selected tests need to a file")
    group.addoption("--fast", action="store_true", help="run unit tests only: no services, processes or application")
    group.addoption("--keeping-data", action="store_true", help="leave out tests that are the same on both databases")
    group.addoption(
        "--without", action="append", default=[], choices=services.BY_NAME, help="leave out tests that need this"
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage neither while tests are collected, nor ever among them: they stay until the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse a test that needs something unknown: it would never be left out. Keep those that the options ask for."""
    for item in items:
        for unknown in _needs(item) - services.BY_NAME.keys():
            raise pytest.UsageError(f"{item.nodeid} needs {unknown!r}, which is none of {', '.join(services.BY_NAME)}")
        if not _keeps_data(item):
            item.user_properties.append(ONCE)
    _refuse_mixed(items)
    if config.getoption("fast"):
        _keep(config, items, _is_unit_test)
    if config.getoption("keeping_data"):
        _keep(config, items, _keeps_data)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write down what the tests need that are left when others were deselected."""
    file = session.config.getoption("list_services")
    if file is not None:
        file.write_text("\n".join(sorted(set().union(*map(_services, session.items)))))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test that needs something the machine doesn't have."""
    for name in sorted(_needs(item).intersection(item.config.getoption("without"))):
        pytest.skip(NEEDS + name)


def _needs(item: pytest.Item) -> set[str]:
    return {name for marker in item.iter_markers("needs") for name in marker.args}


def _services(item: pytest.Item) -> set[str]:
    """Return the services for a test on both databases: whoever keeps data needs PostgreSQL."""
    return _needs(item) | ({"postgresql"} if _keeps_data(item) else set())


def _refuse_mixed(items: list[pytest.Item]) -> None:
    """Refuse a file some of whose tests share a database that others empty: workers run them in any order."""
    sharing, emptying = (
        {item.location[0] for item in items if name in _fixtures(item)}
        for name in ("shared_database_url", "database_url")
    )
    for file in sorted(sharing & emptying):
        raise pytest.UsageError(f"In {file} some tests share a database, and others have one of their own")


def _keep(config: pytest.Config, items: list[pytest.Item], wanted: Callable[[pytest.Item], bool]) -> None:
    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = filter(wanted, items)


def _keeps_data(item: pytest.Item) -> bool:
    """Say whether a test can differ between databases."""
    return _asks_for_database(item) and item.get_closest_marker("once") is None


def _asks_for_database(item: pytest.Item) -> bool:
    """Say whether a test asks which database the run is for, mostly through a fixture."""
    return "database_kind" in _fixtures(item)


def _is_unit_test(item: pytest.Item) -> bool:
    return not (_needs(item) or item.get_closest_marker("faults") or "integration" in _fixtures(item))


def _fixtures(item: pytest.Item) -> Collection[str]:
    return getattr(item, "fixturenames", ())


@pytest.fixture(autouse=True)
def _ids_from_the_tests_own_time() -> None:
    """Ids never go back in time; a test's clock may be behind that of the test before."""
    ids.restart()


@pytest.fixture(autouse=True)
def _databases_are_asked_for_by_name(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that asks for the database by `getfixturevalue` alone would be taken for one that is the same on both."""
    yield
    if "database_kind" in request.fixturenames and not _asks_for_database(request.node):
        pytest.fail("It asks for the database, but neither its arguments nor its fixtures' say so.")


@pytest.fixture(scope="session")
def integration() -> None:
    """Asked for by what starts a process or makes a whole application, site or database: that is no unit test."""


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory, integration: None) -> Iterator["s3_server.Server"]:  # noqa: ARG001
    """An object storage."""
    # Few tests need it, and what it is reached with takes long to import.
    from support import s3 as s3_server

    with s3_server.running(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def bucket(s3: "s3_server.Server") -> "s3_server.TestBucket":
    """A bucket of the test's own in an object storage."""
    return s3.make_bucket()


@pytest.fixture(scope="session")
def long_faults(request: pytest.FixtureRequest) -> bool:
    """Whether tests marked `faults` run in their long form: `make faults`."""
    return bool(request.config.getoption("long_faults"))


@pytest.fixture(scope="session")
def postgresql_url(request: pytest.FixtureRequest) -> str:
    """The address of the PostgreSQL server in which tests make their databases."""
    return str(request.config.getoption("postgresql_url"))


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database the run is for: sqlite or postgresql. Tests that never ask, not even through others, run once."""
    return str(request.config.getoption("database"))


@pytest.fixture(scope="session")
def renew(
    database_kind: str, postgresql_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., str]]:
    """Give what takes all rows out of this worker's database and returns its address.

    Whoever is still connected to it is cut off, except for those whose connections it is told of.
    """
    folder = tmp_path_factory.mktemp("database")
    if database_kind == "sqlite":
        migrations.upgrade(f"sqlite:///{folder / 'empty.sqlite'}")
        yield partial(_copied, folder / "empty.sqlite", folder / "twite.sqlite")
    else:
        # Runs at the same time share the server, and so does each worker of a run.
        name = f"twite_test_{os.getpid()}_{uuid.uuid4().hex}"
        with postgresql.created(postgresql_url, name, "template0") as url:
            migrations.upgrade(url)
            tables = [table.name for table in reversed(metadata.sorted_tables)]
            with postgresql.emptying(url, tables, migrations.head()) as empty:
                yield empty


def _copied(template: Path, file: Path, _keep: Collection[Any] = ()) -> str:
    """Put a copy of a database without rows where the last test's was, and return its address."""
    for old in file.parent.glob(f"{file.name}*"):
        old.unlink()
    return f"sqlite:///{shutil.copy(template, file)}"


@pytest.fixture(scope="session")
def opened(renew: Callable[..., str]) -> Iterator[Database]:
    """This worker's database, opened for all tests: what SQLAlchemy has compiled stays with it.

    It need not outlive a power cut, so SQLite doesn't wait for the disk.
    """
    database = Database(renew(), synchronous="OFF")
    yield database
    database.close()


@pytest.fixture(scope="session")
def kept(opened: Database) -> set[int]:
    """The numbers of PostgreSQL's processes that serve the connections of `opened`."""
    numbers: set[int] = set()

    def note(connection: Any, _entry: object) -> None:
        if hasattr(connection, "info"):
            numbers.add(connection.info.backend_pid)

    for engine in (opened._reading, opened._writing):
        event.listen(engine, "connect", note)
    return numbers


@pytest.fixture(scope="module")
def shared_database_url(renew: Callable[..., str], kept: set[int]) -> str:
    """The address of a database for the tests of one file: all tables, and the rows that they made."""
    return renew(kept)


@pytest.fixture
def database_url(renew: Callable[..., str], kept: set[int]) -> str:
    """The address of a database for the test alone: all tables, no rows."""
    return renew(kept)


@pytest.fixture
def database(opened: Database, database_url: str) -> Iterator[Database]:
    """The test's own database, opened."""
    yield opened
    opened.dispatch = opened.streamed = opened._announcer = None
    for engine in (opened._reading, opened._writing):
        # Who listened is gone, but SQLAlchemy remembers, and statements would go on being left to it.
        engine._has_events = False
    if engines.is_sqlite(database_url):
        opened.close()


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A writing transaction in the test's own database; kept when the test ends."""
    with database.writing() as db:
        yield db
