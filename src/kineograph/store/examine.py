"""`kineo db check`: damage, and counts that do not agree with the rows they count."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from kineograph.store.database import Database

# What is looked at -> a query that finds those for whom it is not so. Each is one statement, so it sees one moment.
_CLAIMS = {
    "lanes hold as many tasks as they say": (
        "SELECT key_id AS who FROM"
        " (SELECT key_id, load AS n FROM lanes UNION ALL SELECT key_id, -1 FROM tasks WHERE finished_at IS NULL) AS counted"
        " GROUP BY key_id HAVING sum(n) <> 0"
    ),
    "balances are the sums of their entries": (
        "SELECT accounts.id AS who FROM accounts WHERE balance <>"
        " (SELECT coalesce(sum(amount), 0) FROM entries WHERE account_id = accounts.id)"
    ),
    "finished films have their usage": (
        "SELECT id AS who FROM tasks WHERE status = 'succeeded'"
        " AND NOT EXISTS (SELECT 1 FROM usage WHERE usage.task_id = tasks.id)"
    ),
    "tasks end once": (
        "SELECT task_id AS who FROM events WHERE status IN ('succeeded', 'failed', 'cancelled')"
        " GROUP BY task_id HAVING count(DISTINCT status) > 1"
    ),
}


def examine(database: Database) -> list[tuple[str, str | None]]:
    """What was looked at, and in words what is wrong with it."""
    try:
        with database.engine.begin() as connection:
            database.backend.unhurried(connection)
            return [("the file is whole", wrong) for wrong in _damage(connection)] + [
                (what, _first(connection, query)) for what, query in _CLAIMS.items()
            ]
    except SQLAlchemyError as error:
        raise database.backend.explain(error) from error


def _damage(connection: Connection) -> Iterator[str | None]:
    """Only a file is ours to look into; a server looks after its own."""
    if connection.dialect.name == "sqlite":
        found = str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar())
        yield None if found == "ok" else found


def _first(connection: Connection, query: str) -> str | None:
    found = connection.execute(text(query)).scalars().all()
    return f"{found[0]}{f' and {len(found) - 1} more' if len(found) > 1 else ''}" if found else None
