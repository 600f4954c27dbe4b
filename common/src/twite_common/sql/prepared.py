"""SELECTs that are compiled once and then run by the driver, without SQLAlchemy's machinery around each execution.

Our statements are constants. For each execution SQLAlchemy looks one up by its structure and makes an execution context
and a cursor result, which takes longer than most of them take to run.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import CompoundSelect, Connection, Dialect, Engine, Executable, Select
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter

_REQUIRED = object()


class _Parameter(NamedTuple):
    """One of a statement's parameters: its name in the SQL, and the key under which its value is given."""

    name: str
    key: str
    default: Any
    process: Callable[[Any], Any] | None


class _Prepared(NamedTuple):
    """A SELECT as one database's driver takes it."""

    sql: str
    parameters: list[_Parameter]
    positional: bool
    metadata: SimpleResultMetaData

    def values(self, given: Mapping[str, Any]) -> list[Any] | dict[str, Any] | None:
        """Return the parameters' values for the driver; None where one is missing."""
        values = []
        for _name, key, default, process in self.parameters:
            value = given.get(key, default)
            if value is _REQUIRED:
                return None
            values.append(value if process is None else process(value))
        if self.positional:
            return values
        return {parameter.name: value for parameter, value in zip(self.parameters, values, strict=True)}


class PreparedStatements:
    """The SELECTs that the connections of an engine have executed, as long as these exist."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._once: WeakSet[Executable] = WeakSet()
        self._prepared: WeakKeyDictionary[Executable, _Prepared | None] = WeakKeyDictionary()

    def get(self, statement: Executable) -> _Prepared | None:
        """Return a statement as the driver takes it; None where it is left to SQLAlchemy.

        That is its first execution, too: what is built for a single one isn't worth preparing.
        """
        try:
            return self._prepared[statement]
        except KeyError:
            if statement in self._once:
                self._prepared[statement] = prepared = _prepare(statement, self._dialect)
                return prepared
            self._once.add(statement)
            return None


def _prepare(statement: Executable, dialect: Dialect) -> _Prepared | None:
    """Return a statement as the driver takes it; None where SQLAlchemy changes it or its rows at each execution."""
    if not isinstance(statement, Select | CompoundSelect) or statement.get_execution_options():
        return None
    compiled = statement.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler) or compiled.post_compile_params or compiled.escaped_bind_names:
        return None
    names = compiled.positiontup if compiled.positional else list(compiled.binds)
    parameters = [_parameter(name, compiled.binds[name], dialect) for name in names or ()]
    columns = list(statement.selected_columns)
    processors = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    metadata = SimpleResultMetaData(
        [str(column.key) for column in columns], extra=[(column,) for column in columns], _processors=processors
    )
    return _Prepared(compiled.string, parameters, compiled.positional, metadata)


def _parameter(name: str, bind: BindParameter[Any], dialect: Dialect) -> _Parameter:
    process = bind.type.dialect_impl(dialect).bind_processor(dialect)
    return _Parameter(name, bind.key, _REQUIRED if bind.required else bind.effective_value, process)


class PreparingConnection(Connection):
    """A connection whose SELECTs the driver runs, unless somebody listens to what the engine does."""

    def __init__(self, statements: PreparedStatements, engine: Engine) -> None:
        super().__init__(engine)
        self._statements = statements

    def execute(
        self, statement: Executable, parameters: Any = None, *, execution_options: Mapping[str, Any] | None = None
    ) -> Any:
        """Execute a statement and return its result; see `sqlalchemy.Connection.execute`."""
        if not execution_options and isinstance(parameters, dict | None) and not self._is_watched():
            prepared = self._statements.get(statement)
            values = prepared.values(parameters or {}) if prepared is not None else None
            if prepared is not None and values is not None:
                return IteratorResult(prepared.metadata, self._rows(prepared.sql, values))
        return super().execute(statement, parameters, execution_options=execution_options)

    def _is_watched(self) -> bool:
        return self._has_events or self.engine._has_events

    def _rows(self, sql: str, values: list[Any] | dict[str, Any]) -> Iterator[Any]:
        cursor = self.connection.cursor()
        try:
            cursor.execute(sql, values)
            return iter(cursor.fetchall())
        except self.dialect.loaded_dbapi.Error as error:
            self._handle_dbapi_exception(error, sql, values, cursor, None)


def use(engine: Engine) -> Engine:
    """Have the connections of an engine run SELECTs by its driver, from the second execution on; return the engine."""
    make = partial(PreparingConnection, PreparedStatements(engine.dialect))
    # SQLAlchemy has no other place to say what makes an engine's connections.
    engine._connection_cls = make  # type: ignore[assignment]
    return engine
