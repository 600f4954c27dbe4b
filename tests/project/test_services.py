import os
import socket

import psycopg
import pytest
from sqlalchemy import text

from support import postgresql, services
from support.services import Service


@pytest.fixture
def log(tmp_path):
    return tmp_path / "services.log"


def test_a_program_that_is_installed_is_present(log):
    services.make_ready(Service("shell", "The shell", "dash", "sh"), log)


def test_a_server_that_listens_is_present_without_being_installed(log):
    with socket.create_server(("127.0.0.1", 0)) as server:
        services.make_ready(
            Service("other", "Other", "no-such-package", "no-such-program", server.getsockname()[1]), log
        )


def test_a_program_that_is_nowhere_is_missing(log):
    with pytest.raises(services.Missing, match="install"):
        services.make_ready(Service("other", "Other", "no-such-package", "no-such-program"), log)


def test_a_server_that_is_not_there_says_why():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert "refused" in postgresql.refusal(f"postgresql+psycopg://root@127.0.0.1:{port}/test")


@pytest.mark.needs("postgresql")
def test_a_database_made_for_a_test_is_gone_afterwards(postgresql_url):
    with postgresql.created(postgresql_url, f"twite_test_{os.getpid()}", "template0") as url:
        assert postgresql.refusal(url) is None

    assert "does not exist" in postgresql.refusal(url)


@pytest.mark.needs("postgresql")
def test_a_database_made_for_a_test_is_dropped_while_it_is_in_use(postgresql_url):
    with postgresql.created(postgresql_url, f"twite_test_{os.getpid()}", "template0") as url:
        connection = psycopg.connect(url.replace("+psycopg", ""))

    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()


def test_each_test_has_a_database_with_tables_and_no_rows(db):
    assert db.scalar(text("SELECT count(*) FROM account")) == 0
