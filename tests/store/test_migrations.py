"""Migrations on a database that holds something."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text

from kineograph.store.upgrade import MIGRATIONS

TASK = text(
    "INSERT INTO tasks (id, account_id, key_id, model, engine, request, queue, waits_in, lane, tickets, ready_at, status,"
    " attempt, progress, phase, sequence, cancel_requested, created_at, updated_at, finished_at)"
    " VALUES (:id, 'acct_1', 'key_1', 'fast', 'animatic', '{}', 'animatic', 'animatic', :lane, 1, 0, :status,"
    " 0, 0, 'queued', 1, 0, 77.0, 77.0, :finished_at)"
)


def to(connection: Connection, revision: str) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, revision)


def test_0002_counts_the_lanes_anew_and_keeps_every_task(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        to(connection, "0001")
        for name, lane, status, finished_at in (
            ("a", 0, "queued", None),
            ("b", 0, "running", None),
            ("c", 1, "queued", None),
            ("d", 1, "succeeded", 99.0),
        ):
            connection.execute(TASK, {"id": name, "lane": lane, "status": status, "finished_at": finished_at})
        to(connection, "0002")
        found = connection.execute(text("SELECT key_id, queue, model, lane, load FROM lanes ORDER BY lane")).all()
        assert [tuple(row) for row in found] == [
            ("key_1", "animatic", "fast", 0, 2),
            ("key_1", "animatic", "fast", 1, 1),
        ]
        rows = connection.execute(text("SELECT id, turn, due_at, parked FROM tasks ORDER BY id")).all()
        assert [tuple(row) for row in rows] == [(name, 4, 77.0, None) for name in "abcd"]
        wanted = connection.execute(text("SELECT queue, wanted FROM autoscale_demand")).all()
        assert [tuple(row) for row in wanted] == [("animatic", 3)]
    engine.dispose()


def test_0003_leaves_old_tasks_without_a_cost_and_dates_their_usage(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        to(connection, "0002")
        connection.execute(text("INSERT INTO accounts (id, created_at) VALUES ('acct_1', 1)"))
        connection.execute(TASK, {"id": "a", "lane": 0, "status": "running", "finished_at": None})
        connection.execute(
            text(
                "INSERT INTO usage (task_id, account_id, key_id, model, engine, seconds, tokens, at)"
                " VALUES ('b', 'acct_1', 'key_1', 'fast', 'animatic', 5, 6, :at)"
            ),
            {"at": 20_000 * 86_400 + 86_399.9},
        )
        to(connection, "0003")
        assert connection.execute(text("SELECT cost, held FROM tasks")).all() == [(None, None)]
        assert connection.execute(text("SELECT day, cost FROM usage")).all() == [(20_000, 0)]
        account = connection.execute(text("SELECT metered, balance, limits, entries, version FROM accounts")).all()
        assert account == [(0, 0, "{}", 0, 1)]
    engine.dispose()
