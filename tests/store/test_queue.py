"""Tickets that are replayed are the tickets that DBOS makes."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import Connection

from kineograph.core.ports import Ticket
from kineograph.store.database import Database
from kineograph.store.queue import DbosQueue
from kineograph.store.replay import Replay


def place(connection: Connection) -> str:
    """Where DBOS keeps its tables."""
    return "" if connection.dialect.name == "sqlite" else "dbos."


def rows(connection: Connection, ticket: Ticket) -> list[dict[str, Any]]:
    """What is stored for the ticket, without what no two tickets share."""
    found = []
    for table in ("workflow_status", "workflow_input"):
        statement = f"SELECT * FROM {place(connection)}{table} WHERE workflow_uuid = '{ticket.id}'"
        found += [dict(row) for row in connection.exec_driver_sql(statement).mappings()]
    for row in found:
        for name in ("workflow_uuid", "created_at", "updated_at"):
            row.pop(name, None)
    return found


def test_a_replayed_ticket_is_the_one_that_dbos_makes(database: Database, queue: DbosQueue) -> None:
    ours, again, theirs = (Ticket(f"task_{name}", 1, "animatic", "key_1#0") for name in "abc")
    with database.engine.begin() as connection:
        for ticket in (ours, again):
            queue.submit(connection, ticket)
        queue._enqueue(connection, theirs)
        found = [rows(connection, ticket) for ticket in (ours, again, theirs)]
        creators = [row[0].pop("creator_xid") for row in found]
        assert len(set(creators)) == 3
        assert len(found[0]) == 2
        assert found[0] == found[1] == found[2]
        total = connection.exec_driver_sql(f"SELECT count(*) FROM {place(connection)}workflow_status").scalar()
        assert total == 3, "what was tried while learning is undone"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_value_that_the_library_does_not_write_is_told(database: Database) -> None:
    with database.engine.begin() as connection, pytest.raises(ValueError, match="elsewhere"):
        Replay(connection, lambda watched: watched.exec_driver_sql("SELECT ?", ("here",)), ("here", "elsewhere"))


def test_the_queue_tells_what_went_wrong_without_a_traceback_of_its_own(
    database: Database, queue: DbosQueue, capfd: pytest.CaptureFixture[str]
) -> None:
    import logging

    from kineograph import telemetry

    told: list[tuple[str, Any]] = []
    stop = telemetry.subscribe(lambda name, fields: told.append((name, fields["message"])))
    place = f"{database.url}/{id(queue)}"  # of its own: the same place is heard once in a while only
    for level, message in [
        (logging.WARNING, "the connection was lost"),
        (logging.WARNING, "the connection was lost"),
        (logging.ERROR, "workflow task_x:1 was cancelled"),
        (logging.INFO, "hello"),
    ]:
        record = {"msg": message, "levelno": level, "levelname": "X", "pathname": place, "lineno": len(message)}
        logging.getLogger("dbos").handle(logging.makeLogRecord({"name": "dbos"} | record))
    stop()
    assert told == [("queue.warning", "the connection was lost")]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("workers", "seconds"), [(1, 0.25), (25, 0.25), (100, 1.0), (500, 2.0)])
def test_many_workers_look_less_often_each(database: Database, queue: DbosQueue, workers: int, seconds: float) -> None:
    queue._register("animatic", 1, 0.25)
    queue.pace("animatic", False, workers)
    with database.engine.begin() as connection:
        queues = f"{place(connection)}queues"
        found = connection.exec_driver_sql(f"SELECT polling_interval_sec, worker_concurrency FROM {queues}").one()
    assert tuple(found) == (seconds, 1)


def test_a_new_version_takes_over_the_tickets_it_understands(database: Database, queue: DbosQueue) -> None:
    newer = DbosQueue(database, protocol="2", understood=frozenset({"1"}))
    stranger = DbosQueue(database, protocol="9")
    try:
        with database.engine.begin() as connection:
            queue.submit(connection, Ticket("task_a", 1, "animatic", "key_1#0"))
            stranger.submit(connection, Ticket("task_b", 1, "animatic", "key_1#0"))
        taken: list[str] = []
        running = newer.run({"animatic": 1}, "worker_1", taken.append)
        try:
            time.sleep(0.8)
            assert taken == [], "the gate: a worker sees only tickets of its own protocol"
            assert newer.adopt() == 1
            deadline = time.monotonic() + 10
            while not taken and time.monotonic() < deadline:
                time.sleep(0.05)
            assert taken == ["task_a"]
        finally:
            running.stop(0)
    finally:
        newer.close()
        stranger.close()
