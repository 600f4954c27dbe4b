"""Statements that the driver runs: what comes of them is what SQLAlchemy gives."""

import pytest
from sqlalchemy import (
    Float,
    Integer,
    Numeric,
    bindparam,
    cast,
    delete,
    event,
    func,
    insert,
    literal,
    literal_column,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import DBAPIError, StatementError

from twite_common.errors import Conflict
from twite_common.sql import prepared
from twite_common.sql.dialects import among, upsert
from twite_common.tables import account, job

COLUMNS = (account.c.id, account.c.username, account.c.locked, account.c.display_name.label("shown"))
NAMED = select(*COLUMNS).where(account.c.username == bindparam("username"))
EVERYBODY = select(*COLUMNS).order_by(account.c.username)
AMONG = select(account.c.username).where(among(account.c.id, "ids")).order_by(account.c.username)
COMBINED = union_all(select(*COLUMNS), select(*COLUMNS)).order_by("username").limit(3)
DEFAULT = select(account.c.username).where(account.c.username != bindparam("other", "bob"))
COUNT = select(func.count().label("number"), literal("x").label("text")).select_from(account)
JOINED = select(func.aggregate_strings(account.c.username, ",").label("names")).where(account.c.username == "ann")
AVERAGE = select(func.avg(account.c.posts_count, type_=Float).label("average"), cast(1.5, Numeric(5, 2)).label("exact"))
PER_CENT = select((account.c.posts_count % 7).label("rest"), literal_column("'50 %'").label("share"))
LISTED = select(account.c.username).where(account.c.username.in_(bindparam("names", expanding=True)))
ADD = insert(job)
ADD_AND_TELL = upsert(job).on_conflict_do_nothing().returning(job.c.name, job.c.succeeded_at)
CHANGE = update(job).where(job.c.name == bindparam("changed"))
CHANGE_ALL = update(job).values(succeeded_at=job.c.succeeded_at + 1).returning(job.c.succeeded_at)
REMOVE = delete(job).where(job.c.name == bindparam("removed"))
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
        (JOINED, None),
        (AVERAGE, None),
        (PER_CENT, None),
        (LISTED, {"names": ["ann", "cho"]}),
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


def test_rows_are_written_as_sqlalchemy_writes_them(db):
    for number in range(4):
        db.execute(ADD, {"name": f"{number} added", "succeeded_at": number})
        db.execute(ADD, {"name": f"{number} bare"})
        assert db.execute(CHANGE, {"changed": f"{number} added", "error": "late"}).rowcount == 1
        assert db.execute(CHANGE, {"changed": f"{number} bare", "succeeded_at": 7}).rowcount == 1
        assert db.execute(CHANGE, {"changed": "nothing", "succeeded_at": 7}).rowcount == 0
    written = db.execute(select(job.c.name, job.c.succeeded_at, job.c.error).order_by(job.c.name)).all()

    assert written == [row for n in range(4) for row in ((f"{n} added", n, "late"), (f"{n} bare", 7, ""))]
    assert [db.execute(REMOVE, {"removed": f"{number} bare"}).rowcount for number in (0, 1, 2, 3, 3)] == [1, 1, 1, 1, 0]


def test_a_statement_is_prepared_for_so_many_sets_of_names_and_runs_for_all(database, monkeypatch):
    monkeypatch.setattr(prepared, "MAX_SETS", 1)
    change = update(job).where(job.c.name == bindparam("changed"))
    with database.writing() as db:
        db.execute(ADD, {"name": "job"})
        for number in range(3):
            db.execute(change, {"changed": "job", "succeeded_at": number})
            db.execute(change, {"changed": "job", "error": str(number)})
            assert db.execute(select(job.c.succeeded_at, job.c.error)).one() == (number, str(number))
        assert len(db._statements._prepared[change]) == 1


def test_a_list_of_one_row_is_written_as_the_row(db):
    add = insert(job)
    for number in range(3):
        db.execute(add, [{"name": f"job {number}"}])
    db.execute(add, [{"name": "job 3"}, {"name": "job 4"}])

    assert db.scalars(select(job.c.name).order_by(job.c.name)).all() == [f"job {number}" for number in range(5)]
    assert list(db._statements._prepared[add]) == [("name",)]


def test_what_was_written_is_told(db):
    for number in range(4):
        row = {"name": f"job {number}", "succeeded_at": number}
        assert db.execute(ADD_AND_TELL, row).one() == (f"job {number}", number)
        assert db.execute(ADD_AND_TELL, row).one_or_none() is None
        assert db.scalar(CHANGE_ALL) == number + 1
        db.execute(update(job).values(succeeded_at=0))
        assert db.scalars(CHANGE_ALL).all() == [1] * (number + 1)
        db.execute(update(job).values(succeeded_at=number + 1))


def test_what_is_there_already_is_a_conflict_each_time(database):
    with database.writing() as db:
        db.execute(ADD, {"name": "job"})
    for _ in range(3):
        with pytest.raises(Conflict), database.writing() as db:
            db.execute(ADD, {"name": "other"})
            db.execute(ADD, {"name": "job"})
    with database.reading() as db:
        assert db.scalars(select(job.c.name)).all() == ["job"]


def test_what_is_made_for_each_execution_is_made_anew(db):
    numbers = iter(range(10))
    number = select(literal("x"), bindparam("number", callable_=lambda: next(numbers), type_=Integer))

    assert [db.execute(number).one()[1] for _ in range(4)] == [0, 1, 2, 3]
    assert db.execute(number, {"number": 8}).one()[1] == 8
