"""Text on PostgreSQL is compared byte by byte, as on SQLite, whatever language the database was made in."""

from __future__ import annotations

import sqlalchemy as sa


def bytewise(connection: sa.Connection) -> None:
    """Give every text column of ours the collation "C". Called by a step after it made columns and before it makes views, which
    hold on to the columns they show."""
    if connection.dialect.name != "postgresql":
        return
    found = sa.inspect(connection)
    for table in found.get_table_names():
        columns = [
            column["name"]
            for column in found.get_columns(table)
            if isinstance(column["type"], sa.Text) and column["type"].collation != "C"
        ]
        if columns:
            changes = ", ".join(f'ALTER "{name}" TYPE TEXT COLLATE "C"' for name in columns)
            connection.execute(sa.text(f'ALTER TABLE "{table}" {changes}'))
