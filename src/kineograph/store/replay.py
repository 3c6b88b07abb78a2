"""Watch what a library executes for one row, then execute the same for others."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError


@dataclass(frozen=True, slots=True)
class _Step:
    """A statement, and by position what differs from row to row: the name of a value, or None for a random UUID."""

    sql: str
    values: tuple[Any, ...]
    places: tuple[tuple[int, str | None], ...]


class Replay:
    """The statements of a library's call, with its values exchanged for ours.

    Building the same two statements anew for every ticket was 60 % of a submit's CPU (benchmarks/store.py). What is replayed
    is what the installed version of the library executes, not a copy of it that could grow old.

    Args:
        connection: Where `call` is watched; what it did is undone.
        call: Does it once, for the names themselves as values.
        names: The values that differ from row to row.

    Raises:
        ValueError: a name was not seen, or parameters are not by position.
    """

    def __init__(self, connection: Connection, call: Callable[[Connection], object], names: tuple[str, ...]) -> None:
        self._steps: list[_Step] = []

        def watch(*seen: Any) -> None:
            self._learn(seen[2], seen[3], names)

        connection.exec_driver_sql("SAVEPOINT learn")
        event.listen(connection, "before_cursor_execute", watch)
        try:
            call(connection)
        finally:
            event.remove(connection, "before_cursor_execute", watch)
            connection.exec_driver_sql("ROLLBACK TO learn")
            connection.exec_driver_sql("RELEASE learn")
        seen = {name for step in self._steps for _, name in step.places}
        if not set(names) <= seen:
            raise ValueError(f"the library does not write {sorted(set(names) - seen)}")

    def run(self, connection: Connection, values: Mapping[str, str]) -> None:
        """Execute it with these values in the connection's transaction. Raises DBAPIError."""
        driver, dialect = connection.connection.driver_connection, connection.dialect
        assert driver is not None
        for step in self._steps:
            row = list(step.values)
            for place, name in step.places:
                row[place] = str(uuid.uuid4()) if name is None else values[name]
            try:
                driver.execute(step.sql, row).fetchall()
            except dialect.loaded_dbapi.Error as error:
                raise DBAPIError.instance(
                    step.sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
                ) from error

    def _learn(self, sql: str, values: Any, names: tuple[str, ...]) -> None:
        if not isinstance(values, tuple):
            raise ValueError("the driver's parameters are not by position")
        places = tuple(
            (place, value if value in names else None)
            for place, value in enumerate(values)
            if value in names or _is_uuid(value)
        )
        self._steps.append(_Step(sql, values, places))


def _is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value
    except ValueError:
        return False
