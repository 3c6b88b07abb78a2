"""Watch what a library executes for one row, then execute the same for others."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, event

from kineograph.store.prepared import refused


@dataclass(frozen=True, slots=True)
class _Step:
    """A statement, and where its values differ from row to row: the name of one, or None for a random UUID."""

    sql: str
    values: tuple[Any, ...] | dict[str, Any]
    places: tuple[tuple[Any, str | None], ...]

    def row(self, values: Mapping[str, str]) -> list[Any] | dict[str, Any]:
        """The parameters for another row."""
        row: Any = dict(self.values) if isinstance(self.values, dict) else list(self.values)
        for place, name in self.places:
            row[place] = str(uuid.uuid4()) if name is None else values[name]
        return cast("list[Any] | dict[str, Any]", row)


class Replay:
    """The statements of a library's call, with its values exchanged for ours.

    Building the same two statements anew for every ticket was 60 % of a submit's CPU (benchmarks/store.py). What is replayed
    is what the installed version of the library executes, not a copy of it that could grow old.

    Args:
        connection: Where `call` is watched; what it did is undone.
        call: Does it once, for the names themselves as values.
        names: The values that differ from row to row.

    Raises:
        ValueError: a name was not seen.
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
            try:
                cursor = driver.execute(step.sql, step.row(values))
                if cursor.description:
                    cursor.fetchall()
            except dialect.loaded_dbapi.Error as error:
                raise refused(connection, step.sql, error) from error

    def _learn(self, sql: str, values: Any, names: tuple[str, ...]) -> None:
        pairs = values.items() if isinstance(values, dict) else enumerate(values)
        places = tuple(
            (place, value if value in names else None)
            for place, value in pairs
            if isinstance(value, str) and (value in names or _is_uuid(value))
        )
        self._steps.append(_Step(sql, dict(values) if isinstance(values, dict) else tuple(values), places))


def _is_uuid(value: str) -> bool:
    try:
        return str(uuid.UUID(value)) == value
    except ValueError:
        return False
