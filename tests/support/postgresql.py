"""The PostgreSQL server that tests use, and the databases they make in it.

The server's address is in the variable `TWITE_TEST_POSTGRESQL`, or the default below. Its database is only the place
from which others are made.
"""

import getpass
import os
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

VARIABLE = "TWITE_TEST_POSTGRESQL"
DEFAULT = "postgresql+psycopg://root@127.0.0.1:5432/test"

DISCONNECT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND NOT pid = ANY(%s::int[])
"""
AT_WORK = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s::int[]) AND state <> 'idle'"
WAIT_SECONDS = 10.0
RESTART = "SELECT setval(format('%I', sequencename)::regclass, start_value, false) FROM pg_sequences"
MAY_CREATE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"


class Refused(Exception):
    """The server doesn't let this user in."""


def given() -> bool:
    """Say whether the environment names a server."""
    return VARIABLE in os.environ


def address() -> str:
    """Return the server's address, in SQLAlchemy's spelling."""
    return os.environ.get(VARIABLE, DEFAULT)


@contextmanager
def created(server: str, name: str, template: str) -> Iterator[str]:
    """Make a database as a copy of another, give its address, and drop it afterwards, whoever still uses it."""
    database = sql.Identifier(name)
    make = sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE {}").format(database, sql.Identifier(template))
    with psycopg.connect(_libpq(server), autocommit=True) as connection:
        connection.execute(make)
        # It need not outlive a power cut.
        connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(database))
        try:
            yield with_database(server, name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))


@contextmanager
def emptying(database: str, tables: Sequence[str], revision: str) -> Iterator[Callable[..., str]]:
    """Give what takes all rows out of a database and returns its address.

    `tables` begin with those that refer to others; `revision` is that of the newest migration, which stays recorded.
    Whoever is connected is cut off, except for the server's processes whose numbers it is told: the last test's
    threads may be at work in them for a moment.
    """
    rows = sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in tables)
    with psycopg.connect(_libpq(database), autocommit=True) as connection:

        def empty(keep: Collection[int] = ()) -> str:
            connection.execute(DISCONNECT, [list(keep)])
            deadline = time.monotonic() + WAIT_SECONDS
            while connection.execute(AT_WORK, [list(keep)]).fetchone() != (0,) and time.monotonic() < deadline:
                time.sleep(0.01)
            connection.execute(rows)
            connection.execute(RESTART)
            connection.execute("UPDATE alembic_version SET version_num = %s", [revision])
            return database

        yield empty


def with_database(server: str, name: str) -> str:
    """Return the address of another database in the same server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def open_to_this_user() -> None:
    """See that this user can make databases in the server, and put its address into the environment.

    A server that was just installed knows nobody but the user postgres, so root adds itself. Raises Refused.
    """
    server = address()
    reason = refusal(server)
    if reason is not None and not given():
        user = getpass.getuser()
        server = f"postgresql+psycopg://{user}@/postgres?host=/var/run/postgresql"
        if refusal(server) is not None and os.geteuid() == 0:
            _add_role(user)
        reason = refusal(server)
    if reason is not None:
        raise Refused(reason)
    os.environ[VARIABLE] = server


def refusal(server: str) -> str | None:
    """Return in one line why this user can't make databases in a server, or None when that is possible."""
    try:
        with psycopg.connect(_libpq(server), connect_timeout=5) as connection:
            allowed = connection.execute(MAY_CREATE).fetchone() == (True,)
    except psycopg.OperationalError as error:
        return str(error).splitlines()[0]
    return None if allowed else "this user may not make databases"


def clusters() -> list[tuple[str, str]]:
    """Return Debian's installed servers, each as version and name."""
    listed = subprocess.run(("pg_lsclusters", "--no-header"), capture_output=True, text=True, check=False)
    return [(version, name) for version, name, *_ in map(str.split, listed.stdout.splitlines())]


def _libpq(server: str) -> str:
    return make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)


def _add_role(user: str) -> None:
    command = ("runuser", "-u", "postgres", "--", "createuser", "--createdb", user)
    subprocess.run(command, cwd="/", capture_output=True, check=False)
