"""SELECTs that the driver runs: what comes of them is what SQLAlchemy gives."""

import pytest
from sqlalchemy import bindparam, event, func, literal, select, union_all
from sqlalchemy.exc import DBAPIError, StatementError

from twite_common.sql.dialects import among
from twite_common.tables import account

COLUMNS = (account.c.id, account.c.username, account.c.locked, account.c.display_name.label("shown"))
NAMED = select(*COLUMNS).where(account.c.username == bindparam("username"))
EVERYBODY = select(*COLUMNS).order_by(account.c.username)
AMONG = select(account.c.username).where(among(account.c.id, "ids")).order_by(account.c.username)
COMBINED = union_all(select(*COLUMNS), select(*COLUMNS)).order_by("username").limit(3)
DEFAULT = select(account.c.username).where(account.c.username != bindparam("other", "bob"))
COUNT = select(func.count().label("number"), literal("x").label("text")).select_from(account)
FAILING = select(func.no_such_function(1))


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        (NAMED, {"username": "ann"}),
        (NAMED, {"username": "nobody"}),
        (EVERYBODY, None),
        (COMBINED, {}),
        (DEFAULT, None),
        (DEFAULT, {"other": "ann"}),
        (COUNT, None),
    ],
)
def test_a_statement_gives_the_same_each_time(db, ann, bob, statement, parameters):
    results = [db.execute(statement, parameters) for _ in range(4)]
    rows = [[(dict(row._mapping), [type(value) for value in row]) for row in result] for result in results]

    assert rows == [rows[0]] * 4


def test_a_result_is_used_as_any_other(db, ann, bob):
    for _ in range(3):
        assert db.execute(NAMED, {"username": "ann"}).one().locked is False
        assert db.execute(NAMED, {"username": "cho"}).one_or_none() is None
        assert db.execute(EVERYBODY).mappings().first()[account.c.username] == "ann"
        assert db.scalars(AMONG, {"ids": [ann.id, bob.id]}).all() == ["ann", "bob"]
        assert db.scalar(COUNT) == 2


def test_a_missing_parameter_is_a_failure_each_time(db, ann):
    for _ in range(3):
        with pytest.raises(StatementError, match="username"):
            db.execute(NAMED, {})


def test_a_failure_is_one_of_sqlalchemys_each_time(database):
    for _ in range(3):
        with database.reading() as db, pytest.raises(DBAPIError, match="no_such_function"):
            db.execute(FAILING)
        with database.reading() as db:
            assert db.scalar(COUNT) == 0


def test_who_listens_hears_of_every_statement(database):
    heard = []
    with database.reading() as db:
        for _ in range(3):
            db.execute(COUNT)
        event.listen(db, "before_cursor_execute", lambda *given: heard.append(given[2]))
        db.execute(COUNT)

    assert len(heard) == 1
