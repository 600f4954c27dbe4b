"""Statements that are compiled once and then run by the driver, without SQLAlchemy's machinery around each execution.

Our statements are constants. For each execution SQLAlchemy looks one up by its structure and makes an execution context
and a cursor result, which takes longer than most of them take to run.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import (
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
from sqlalchemy.sql.elements import BindParameter

MAX_SETS = 20
"""Sets of names for which one statement is prepared: which of them are given may be anybody's choice."""
Names = tuple[str, ...]
_REQUIRED = object()


class _Parameter(NamedTuple):
    """One of a statement's parameters: its name in the SQL, and the key under which its value is given."""

    name: str
    key: str
    default: Any
    process: Callable[[Any], Any] | None


class _Prepared(NamedTuple):
    """A statement as one database's driver takes it. `made` has what makes parameters that aren't given, by keys."""

    sql: str
    parameters: list[_Parameter]
    made: dict[str, Callable[[], Any]]
    positional: bool
    metadata: SimpleResultMetaData

    def values(self, given: Mapping[str, Any]) -> list[Any] | dict[str, Any] | None:
        """Return the parameters' values for the driver; None where one is missing."""
        if not self.made.keys() <= given.keys():
            given = {**{key: make() for key, make in self.made.items()}, **given}
        values = []
        for _name, key, default, process in self.parameters:
            value = given.get(key, default)
            if value is _REQUIRED:
                return None
            values.append(value if process is None else process(value))
        if self.positional:
            return values
        return {parameter.name: value for parameter, value in zip(self.parameters, values, strict=True)}


class _Result(IteratorResult[Any]):
    """What came of a statement; `rowcount` is how many rows it changed."""

    rowcount = -1


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
    ordered = compiled.positiontup if compiled.positional else list(compiled.binds)
    parameters = [_parameter(name, compiled.binds[name], dialect) for name in ordered or ()]
    made = {bind.key: bind.callable for bind in compiled.binds.values() if bind.callable is not None}
    processors = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    metadata = SimpleResultMetaData(
        [str(column.key) for column in columns], extra=[(column,) for column in columns], _processors=processors
    )
    return _Prepared(compiled.string, parameters, made, compiled.positional, metadata)


def _parameter(name: str, bind: BindParameter[Any], dialect: Dialect) -> _Parameter:
    process = bind.type.dialect_impl(dialect).bind_processor(dialect)
    return _Parameter(name, bind.key, _REQUIRED if bind.required else bind.value, process)


class PreparingConnection(Connection):
    """A connection whose statements the driver runs, unless somebody listens to what the engine does."""

    def __init__(self, statements: PreparedStatements, engine: Engine) -> None:
        super().__init__(engine)
        self._statements = statements

    def execute(
        self, statement: Executable, parameters: Any = None, *, execution_options: Mapping[str, Any] | None = None
    ) -> Any:
        """Execute a statement and return its result; see `sqlalchemy.Connection.execute`."""
        if not execution_options and isinstance(parameters, dict | None) and not self._is_watched():
            given = parameters or {}
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

    def _result(self, prepared: _Prepared, values: list[Any] | dict[str, Any]) -> _Result:
        if self._transaction is None:
            self._autobegin()
        cursor = self.connection.cursor()
        try:
            cursor.execute(prepared.sql, values)
            rows = cursor.fetchall() if cursor.description else []
        except self.dialect.loaded_dbapi.Error as error:
            self._handle_dbapi_exception(error, prepared.sql, values, cursor, None)
        result = _Result(prepared.metadata, iter(rows))
        result.rowcount = cursor.rowcount
        return result


def use(engine: Engine) -> Engine:
    """Have the connections of an engine run statements by its driver, from the second execution on; return it."""
    make = partial(PreparingConnection, PreparedStatements(engine.dialect))
    # SQLAlchemy has no other place to say what makes an engine's connections.
    engine._connection_cls = make  # type: ignore[assignment]
    return engine
