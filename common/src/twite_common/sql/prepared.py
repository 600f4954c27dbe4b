"""Statements that are compiled once and then run by the driver, without SQLAlchemy's machinery around each execution.

Our statements are constants. For each execution SQLAlchemy looks one up by its structure and makes an execution context
and a cursor result, which takes longer than most of them take to run.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, WeakSet

from psycopg import RawCursor
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Delete,
    Dialect,
    Engine,
    Executable,
    Float,
    Insert,
    Numeric,
    Select,
    Update,
)
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.sql.compiler import SQLCompiler

MAX_SETS = 20
"""Sets of names for which one statement is prepared: which of them are given may be anybody's choice."""
Names = tuple[str, ...]
Make = Callable[[], Any]
Process = Callable[[Any], Any]


class _Prepared(NamedTuple):
    """A statement as one database's driver takes it: `sql`, and for PostgreSQL the names of its numbered parameters.

    `required` has the names of parameters that must be given, `constants` the driver's values of all others. A given
    value is changed for the driver by what `processes` has for its name. `made` has what makes parameters that aren't
    given, `row_getter` what makes rows as SQLAlchemy's results have them; `has_rows` says whether there may be any.
    """

    sql: str
    numbered: Sequence[str] | None
    has_rows: bool
    required: frozenset[str]
    constants: dict[str, Any]
    processes: Sequence[tuple[str, Process]]
    made: dict[str, Make]
    metadata: SimpleResultMetaData
    row_getter: Any

    def values(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the parameters' values for the driver; None where one is missing. Other names are ignored."""
        if not self.required <= given.keys():
            return None
        if self.made:
            given = {**{name: make() for name, make in self.made.items() if name not in given}, **given}
        values = {**self.constants, **given}
        for name, process in self.processes:
            if name in given:
                values[name] = process(given[name])
        return values


class _Result(IteratorResult[Any]):
    """What came of a statement; `rowcount` is how many rows it changed."""

    def __init__(self, prepared: _Prepared, rows: Sequence[Any], rowcount: int) -> None:
        super().__init__(prepared.metadata, iter(rows))
        # SQLAlchemy would make it for each result, which takes longer than making a row.
        self._row_getter = prepared.row_getter  # type: ignore[misc] # declared as a property, which it keeps here
        self.rowcount = rowcount


class PreparedStatements:
    """The statements that the connections of an engine have executed, as long as these exist.

    What an INSERT or UPDATE writes depends on what it is given, so each is prepared for each set of names.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._once: WeakSet[Executable] = WeakSet()
        self._prepared: WeakKeyDictionary[Executable, dict[Names, _Prepared | None]] = WeakKeyDictionary()

    def get(self, statement: Executable, given: Mapping[str, Any]) -> _Prepared | None:
        """Return a statement as the driver takes it; None where it is left to SQLAlchemy.

        That is its first execution, too: what is built for a single one isn't worth preparing.
        """
        names = tuple(given) if isinstance(statement, Insert | Update) else ()
        try:
            return self._prepared[statement][names]
        except KeyError:
            if statement not in self._once:
                self._once.add(statement)
                return None
            by_names = self._prepared.setdefault(statement, {})
            if len(by_names) >= MAX_SETS:
                return None
            by_names[names] = prepared = _prepare(statement, names, self._dialect)
            return prepared


def _prepare(statement: Executable, names: Names, dialect: Dialect) -> _Prepared | None:
    """Return a statement as the driver takes it; None where SQLAlchemy changes it or its rows at each execution."""
    if statement.get_execution_options():
        return None
    if isinstance(statement, Select | CompoundSelect):
        columns = list(statement.selected_columns)
    elif isinstance(statement, Insert | Update | Delete):
        columns = list(statement.exported_columns)
    else:
        return None
    # How PostgreSQL's numbers are converted depends on what it says of each result.
    if any(isinstance(column.type, Float | Numeric) for column in columns):
        return None
    dialect = _of_driver(dialect)
    compiled = dialect.statement_compiler(dialect, statement, column_keys=sorted(names) or None)
    if not isinstance(compiled, SQLCompiler) or compiled.escaped_bind_names:
        return None
    if compiled.post_compile_params or compiled.literal_execute_params:
        return None
    # What SQLAlchemy would make for a row or have the database tell of it.
    if compiled.isinsert and (compiled.insert_prefetch or compiled.implicit_returning):
        return None
    if compiled.isupdate and compiled.update_prefetch:
        return None
    # Names that are too long for the database.
    if any(bind.key != name and not bind.unique for name, bind in compiled.binds.items()):
        return None
    return _taken_apart(compiled, columns, dialect)


def _of_driver(dialect: Dialect) -> Dialect:
    """Return a dialect that writes parameters as the driver takes them without reading the statement.

    psycopg would read it for names, and does so anew each time where it is long.
    """
    if dialect.driver != "psycopg":
        return dialect
    numbering = copy(dialect)
    numbering.paramstyle, numbering.positional = "numeric_dollar", True
    numbering.identifier_preparer = numbering.preparer(numbering)
    return numbering


def _taken_apart(compiled: SQLCompiler, columns: list[ColumnElement[Any]], dialect: Dialect) -> _Prepared:
    processes, constants = [], {}
    for name, bind in compiled.binds.items():
        process = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if process is not None:
            processes.append((name, process))
        if not bind.required:
            constants[name] = bind.value if process is None else process(bind.value)
    required = frozenset(compiled.binds.keys() - constants.keys())
    made = {name: bind.callable for name, bind in compiled.binds.items() if bind.callable is not None}
    metadata = SimpleResultMetaData(
        [str(column.key) for column in columns],
        extra=[(column,) for column in columns],
        _processors=[column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns],
    )
    row_getter = IteratorResult[Any](metadata, iter(()))._row_getter
    numbered = compiled.positiontup if compiled.positional else None
    has_rows = bool(columns)
    return _Prepared(compiled.string, numbered, has_rows, required, constants, processes, made, metadata, row_getter)


class PreparingConnection(Connection):
    """A connection whose statements the driver runs, unless somebody listens to what the engine does."""

    def __init__(self, statements: PreparedStatements, engine: Engine) -> None:
        super().__init__(engine)
        self._statements = statements

    def execute(
        self, statement: Executable, parameters: Any = None, *, execution_options: Mapping[str, Any] | None = None
    ) -> Any:
        """Execute a statement and return its result; see `sqlalchemy.Connection.execute`."""
        # A list of one row is written as the row by itself.
        given = parameters[0] if isinstance(parameters, list) and len(parameters) == 1 else parameters or {}
        if not execution_options and isinstance(given, dict) and not self._is_watched():
            prepared = self._statements.get(statement, given)
            values = prepared.values(given) if prepared is not None else None
            if prepared is not None and values is not None:
                return self._result(prepared, values)
        return super().execute(statement, parameters, execution_options=execution_options)

    def scalar(
        self, statement: Executable, parameters: Any = None, *, execution_options: Mapping[str, Any] | None = None
    ) -> Any:
        """Execute a statement and return the first column of its first row; see `sqlalchemy.Connection.scalar`."""
        return self.execute(statement, parameters, execution_options=execution_options).scalar()

    def _is_watched(self) -> bool:
        return self._has_events or self.engine._has_events

    def _result(self, prepared: _Prepared, values: dict[str, Any]) -> _Result:
        if self._transaction is None:
            self._autobegin()
        numbered = prepared.numbered
        driver: Any = self.connection.driver_connection
        cursor: Any = self.connection.cursor() if numbered is None else RawCursor(driver)
        try:
            cursor.execute(prepared.sql, values if numbered is None else [values[name] for name in numbered])
            rows = cursor.fetchall() if prepared.has_rows else []
        except self.dialect.loaded_dbapi.Error as error:
            self._handle_dbapi_exception(error, prepared.sql, values, cursor, None)
        return _Result(prepared, rows, cursor.rowcount)


def use(engine: Engine) -> Engine:
    """Have the connections of an engine run statements by its driver, from the second execution on; return it."""
    make = partial(PreparingConnection, PreparedStatements(engine.dialect))
    # SQLAlchemy has no other place to say what makes an engine's connections.
    engine._connection_cls = make  # type: ignore[assignment]
    return engine
