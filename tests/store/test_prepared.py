"""Prepared statements do what SQLAlchemy's own way does."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from kineograph.store.database import Database
from kineograph.store.prepared import Prepared
from kineograph.store.schema import leases

PUT = Prepared(insert(leases))
MOVE = Prepared(update(leases).where(leases.c.name == bindparam("row")), ["until"])
GET = Prepared(
    select(leases.c.holder, leases.c.until).where(leases.c.name == bindparam("row"), leases.c.holder == "me")
)


def test_rows_are_written_changed_and_read(database: Database) -> None:
    with database.engine.begin() as connection:
        PUT.run(connection, {"name": "a", "holder": "me", "until": 1.0})
        PUT.run(connection, {"name": "b", "holder": "you", "until": 1.0})
        MOVE.run(connection, {"row": "a", "until": 2.5})
        assert GET.all(connection, {"row": "a"}) == [("me", 2.5)]
        row = GET.one(connection, {"row": "a"})
        assert row is not None
        assert (row.holder, row.until) == ("me", 2.5)
        assert GET.one(connection, {"row": "b"}) is None, "what the statement says itself counts too"
        connection.rollback()
    with database.engine.begin() as connection:
        assert GET.all(connection, {"row": "a"}) == [], "it is part of the connection's transaction"


def test_errors_are_sqlalchemys_and_do_not_tell_the_values(database: Database) -> None:
    row = {"name": "a", "holder": "a secret prompt", "until": 1.0}
    with database.engine.begin() as connection:
        PUT.run(connection, row)
        with pytest.raises(IntegrityError) as refused:
            PUT.run(connection, row)
        assert "a secret prompt" not in str(refused.value)
        connection.rollback()
    with (
        database.engine.begin() as connection,
        pytest.raises((OperationalError, ProgrammingError), match=r"no such table|does not exist"),
    ):
        Prepared(text("SELECT * FROM nowhere")).all(connection, {})


def test_the_text_for_postgresql_has_its_parameters() -> None:
    sql, constants = GET._compile(postgresql.dialect())  # type: ignore[no-untyped-call]  # SQLAlchemy's
    assert "%(row)s" in sql
    assert list(constants.values()) == ["me"]
