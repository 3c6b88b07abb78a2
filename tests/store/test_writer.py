"""The writer: commits are shared, failures are not."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kineograph.core.errors import Conflict, Unavailable
from kineograph.store.database import Database
from kineograph.store.prepared import Prepared
from kineograph.store.writer import Crew, Transaction, Writer, unavailable

pytestmark = pytest.mark.anyio

PUT = text("INSERT INTO secrets (name, value) VALUES (:name, :value)")
NAMES = Prepared(text("SELECT name FROM secrets ORDER BY name"))


def put(tx: Transaction, name: str) -> str:
    tx.connection.execute(PUT, {"name": name, "value": b""})
    return name


def names(database: Database) -> list[str]:
    return [row.name for row in database.look_here(NAMES)]


async def test_what_is_written_is_there_when_write_returns(database: Database) -> None:
    assert await database.write(lambda tx: put(tx, "a")) == "a"
    assert names(database) == ["a"]


ON_SQLITE = pytest.mark.parametrize("kind", ["sqlite"])


@ON_SQLITE
async def test_jobs_that_wait_share_a_commit(database: Database) -> None:
    moments = await asyncio.gather(*[database.write(lambda tx, i=i: (put(tx, f"{i:02}"), tx.now)) for i in range(40)])
    assert len(names(database)) == 40
    assert len({now for _, now in moments}) <= 10


async def test_a_failing_job_is_undone_and_the_others_are_not(database: Database) -> None:
    def half(tx: Transaction) -> None:
        put(tx, "half")
        raise Conflict("no")

    def broken(tx: Transaction) -> None:
        put(tx, "broken")
        tx.connection.execute(text("SELECT * FROM nowhere"))

    def twice(tx: Transaction) -> None:
        put(tx, "b")

    outcomes = await asyncio.gather(
        database.write(lambda tx: put(tx, "a")),
        database.write(half),
        database.write(broken),
        database.write(lambda tx: put(tx, "b")),
        database.write(twice),
        database.write(lambda tx: put(tx, "c")),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [str, Conflict, Unavailable, str, Unavailable, str]
    assert isinstance(outcomes[4], Unavailable)
    assert isinstance(outcomes[4].__cause__, IntegrityError)
    assert names(database) == ["a", "b", "c"]


async def test_a_job_whose_caller_left_before_it_began_is_not_done(database: Database) -> None:
    hold, began = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        began.set()
        hold.wait(5)

    first = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(began.wait, 5)
    left = asyncio.create_task(database.write(lambda tx: put(tx, "left")))
    stayed = asyncio.create_task(database.write(lambda tx: put(tx, "stayed")))
    await asyncio.sleep(0.05)
    left.cancel()
    await asyncio.sleep(0)
    hold.set()
    await asyncio.gather(first, stayed)
    assert names(database) == ["stayed"]


async def test_what_comes_after_a_commit_is_called_only_after_a_commit(database: Database) -> None:
    called: list[str] = []

    def refuse(tx: Transaction) -> None:
        tx.after.append(lambda: called.append("refused"))
        raise Conflict("no")

    await asyncio.gather(
        database.write(lambda tx: tx.after.append(lambda: called.append("done"))),
        database.write(refuse),
        return_exceptions=True,
    )
    await database.write(lambda tx: None)
    assert called == ["done"]


@ON_SQLITE
async def test_a_full_disk_is_told_and_the_writer_goes_on_when_there_is_room(database: Database) -> None:
    def limit(pages: int) -> None:
        with database.engine.connect() as connection:
            assert connection.connection.driver_connection is not None
            connection.connection.driver_connection.execute(f"PRAGMA max_page_count={pages}")
            connection.rollback()

    def big(tx: Transaction, name: str) -> None:
        tx.connection.execute(text("INSERT INTO secrets (name, value) VALUES (:n, zeroblob(300000))"), {"n": name})

    limit(1)  # as many as there are now
    outcomes = await asyncio.gather(
        *[database.write(lambda tx, i=i: big(tx, str(i))) for i in range(3)], return_exceptions=True
    )
    for outcome in outcomes:
        assert isinstance(outcome, Unavailable)
        assert outcome.reason == "storage_full"
        assert outcome.retry_after > 1
    assert names(database) == []
    limit(1_000_000)
    await database.write(lambda tx: big(tx, "now"))
    assert names(database) == ["now"]


async def test_a_closed_writer_has_written_everything_and_takes_nothing_more(database: Database) -> None:
    waiting = [asyncio.create_task(database.write(lambda tx, i=i: put(tx, str(i)))) for i in range(5)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*waiting)
    assert names(database) == ["0", "1", "2", "3", "4"]
    with pytest.raises(Unavailable):
        await database.write(lambda tx: put(tx, "late"))


async def test_nothing_ends_a_thread_that_writes(database: Database) -> None:
    def break_down() -> None:
        raise RuntimeError("a library's bug")

    async def tidied_badly() -> None:
        await database.write(lambda tx: tx.after.append(break_down))

    for _ in range(5):  # more than there are threads
        await tidied_badly()
    assert await asyncio.wait_for(database.write(lambda tx: put(tx, "a")), 20) == "a"


async def test_a_transaction_that_cannot_begin_for_no_known_reason_is_told_to_who_waits() -> None:
    @contextlib.contextmanager
    def begin() -> Iterator[Transaction]:
        raise RuntimeError("a driver's bug")
        yield

    for writer in (Writer(begin), Crew(begin, 2, unavailable, lambda _error, _begun: False)):
        for _ in range(4):
            with pytest.raises(RuntimeError, match="a driver's bug"):
                await asyncio.wait_for(writer.write(lambda _tx: None), 20)
        writer.close()
