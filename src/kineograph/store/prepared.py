"""Statements of the busy paths: compiled once, then handed straight to the driver."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from sqlalchemy import ClauseElement, Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

Record: TypeAlias = (
    Any  # a named tuple of the statement's columns: they are known to the database, not to the type checker
)


class Prepared:
    """A statement. Through SQLAlchemy one costs 45–60 µs of CPU, this way 8 (benchmarks/store.py), and a submit has many.

    The text is SQLAlchemy's for the connection's dialect; values reach the driver as they are, so columns must be of types
    that need no conversion: text, numbers, bytes.

    Args:
        statement: With named parameters.
        columns: For INSERT and UPDATE: the columns that are written.
        postgresql: What to say to PostgreSQL instead.
    """

    def __init__(
        self,
        statement: ClauseElement,
        columns: Iterable[str] | None = None,
        postgresql: ClauseElement | None = None,
    ) -> None:
        self._statements = {"sqlite": statement, "postgresql": statement if postgresql is None else postgresql}
        self._columns = None if columns is None else list(columns)
        self._sql: dict[str, tuple[str, dict[str, Any]]] = {}
        self._record: Callable[[Iterable[Any]], Record] | None = None

    def run(self, connection: Connection, parameters: Mapping[str, Any]) -> Any:
        """Execute; the driver's cursor. Raises DBAPIError."""
        dialect = connection.dialect
        sql, constants = self.said(dialect)
        try:
            return connection.connection.driver_connection.execute(sql, {**constants, **parameters})  # type: ignore[union-attr]  # an open one has it
        except dialect.loaded_dbapi.Error as error:
            raise refused(connection, sql, error) from error

    def all(self, connection: Connection, parameters: Mapping[str, Any]) -> Sequence[Record]:
        """All rows."""
        cursor = self.run(connection, parameters)
        try:
            return self.records(cursor.description, cursor)
        except connection.dialect.loaded_dbapi.Error as error:
            raise refused(connection, "", error) from error

    def records(self, description: Sequence[Sequence[Any]], rows: Iterable[Any]) -> Sequence[Record]:
        """The driver's rows as records."""
        if self._record is None:
            self._record = _record_of([column[0] for column in description])
        record = self._record
        return [record(row) for row in rows]

    def one(self, connection: Connection, parameters: Mapping[str, Any]) -> Record | None:
        """The first row, if there is one."""
        found = self.all(connection, parameters)
        return found[0] if found else None

    def said(self, dialect: Dialect) -> tuple[str, dict[str, Any]]:
        """The statement's text for the dialect's driver, and the values that it says itself."""
        return self._sql.get(dialect.name) or self._compile(dialect)

    def _compile(self, dialect: Dialect) -> tuple[str, dict[str, Any]]:
        style = "named" if dialect.name == "sqlite" else "pyformat"
        statement = self._statements[dialect.name]
        compiled = statement.compile(dialect=type(dialect)(paramstyle=style), column_keys=self._columns)  # type: ignore[call-arg]  # every dialect takes it
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._sql[dialect.name] = str(compiled), constants
        return self._sql[dialect.name]


def _record_of(names: Sequence[str]) -> Callable[[Iterable[Any]], Record]:
    kind: Callable[..., Any] = namedtuple
    make: Callable[[Iterable[Any]], Record] = kind("Record", names)._make
    return make


def refused(connection: Connection, sql: str, error: Exception) -> DBAPIError:
    """The driver's error as SQLAlchemy would raise it, without the parameters: they are the caller's words. A connection that
    is gone is given up, and with it those that wait in its pool."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]  # the driver's own, as it is given there
    wrapped = DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        dialect=dialect,
        connection_invalidated=gone,
    )
    if gone:
        connection.invalidate(error)
        connection.engine.dispose()
    return cast(DBAPIError, wrapped)
