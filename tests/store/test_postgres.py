"""What is PostgreSQL's own: overtaken transactions, deadlocks, and why it cannot be opened."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import make_url
from tests.contracts.making import new_task
from tests.servers import Place

from kineograph.core.errors import OperatorError
from kineograph.store import postgres
from kineograph.store.database import Database
from kineograph.store.events import Feed
from kineograph.store.queue import DbosQueue
from kineograph.store.tasks import SqlTaskStore
from kineograph.store.writer import Transaction

PASSWORD = "geheim"


@pytest.fixture
def kind() -> str:
    return "postgresql"


@pytest.mark.anyio
async def test_a_follower_misses_no_event_of_a_transaction_that_was_overtaken(
    database: Database, queue: DbosQueue
) -> None:
    store = SqlTaskStore(database, queue)
    slow, quick = new_task(), new_task(account_id="acct_2", key_id="key_2")
    async with Feed(store).listen() as changes:
        with database.begin() as tx:
            store.records.add(tx, slow)  # its event has the lower id and is not committed yet
            other = Database.open(database.url)
            await SqlTaskStore(other, queue).insert(quick)
            await other.close()
            assert await store.get(quick.id) is not None, "the quick one is stored"
            assert await store.events(0) == [], "and not told of: a follower would go past the slow one"
            assert await store.last_event() == 0, "nor may anybody begin behind it"
        async with asyncio.timeout(10):
            heard = [await anext(changes) for _ in range(2)]
    assert [event.task_id for event in heard] == [slow.id, quick.id]
    assert await store.last_event() == heard[-1].id


@pytest.mark.anyio
async def test_what_a_deadlock_undid_is_done_again(url: str) -> None:
    database = Database.open(url, writers=2)
    with database.begin() as tx:
        tx.connection.exec_driver_sql("INSERT INTO leases VALUES ('a', '', 0), ('b', '', 0)")
    both, tries = threading.Barrier(2), Counter[str]()

    def work(first: str, second: str) -> Callable[[Transaction], None]:
        def add(tx: Transaction) -> None:
            tries[first] += 1
            for name in (first, second):
                tx.connection.exec_driver_sql("UPDATE leases SET until = until + 1 WHERE name = %s", (name,))
                if name == first and tries[first] == 1:
                    both.wait(20)  # each holds what the other one wants

        return add

    await asyncio.gather(database.write(work("a", "b")), database.write(work("b", "a")))
    with database.begin() as tx:
        assert tx.connection.exec_driver_sql("SELECT until FROM leases").scalars().all() == [2, 2]
    assert sorted(tries.values()) == [1, 2], "the server ended one of them"
    await database.close()


@pytest.mark.anyio
async def test_a_lock_of_somebody_who_sent_half_a_request_is_taken_from_them(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its client is gone and the way there does not say so: no timeout of the server's ends that transaction."""
    monkeypatch.setattr(postgres, "IDLE", 1)
    monkeypatch.setattr(postgres, "LOCK", 3)
    database = Database.open(url)
    with database.begin() as tx:
        tx.connection.exec_driver_sql("INSERT INTO leases VALUES ('a', '', 0)")
    limits = "-c idle_in_transaction_session_timeout=1s -c statement_timeout=1s"
    whole = psycopg.connect(url, application_name="kineograph")
    half = psycopg.connect(url, application_name="kineograph", options=limits)
    with contextlib.suppress(psycopg.OperationalError), whole, half, half.pipeline():
        half.execute("SELECT 1 FROM leases WHERE name = 'a' FOR UPDATE")
        half.pgconn.send_flush_request()
        half.pgconn.flush()  # and never the message that ends the request

        def add(tx: Transaction) -> None:
            tx.connection.exec_driver_sql("UPDATE leases SET until = until + 1 WHERE name = 'a'")

        async with asyncio.timeout(30):
            await database.write(add)
        assert whole.execute("SELECT 1").fetchone() == (1,), "nobody else is ended"
        half.execute("SELECT 1").fetchone()
        raise AssertionError("it goes on")
    await database.close()


@pytest.fixture
def guest(url: str, postgres: Place) -> Iterator[str]:
    """The database's URL for somebody with a password and no rights."""
    postgres.run("DROP ROLE IF EXISTS guest")
    postgres.run(f"CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'")
    yield make_url(url).set(username="guest", password=PASSWORD).render_as_string(hide_password=False)
    postgres.run("DROP ROLE guest")


def refusal(url: str) -> str:
    with pytest.raises(OperatorError) as refused:
        Database.open(url)
    assert "Traceback" not in str(refused.value)
    assert PASSWORD not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"host": "nowhere.invalid"}, r"no host 'nowhere\.invalid'; correct KINEO_DATABASE_URL"),
        ({"host": "127.0.0.1", "port": 1}, r"nobody listens at 127\.0\.0\.1:1; start PostgreSQL, or correct"),
        ({"username": "stranger"}, "knows no user 'stranger'; make it with createuser"),
        ({"database": "elsewhere"}, r"has no database 'elsewhere'; make it: createdb --owner \w+ elsewhere"),
    ],
)
def test_an_address_where_there_is_nothing_is_refused_with_a_way_out(
    url: str, change: dict[str, str], sentence: str
) -> None:
    wrong = make_url(url).set(**change)  # type: ignore[arg-type]  # each has its own type
    words = refusal(wrong.render_as_string(hide_password=False))
    assert re.search(sentence, words), words


def test_a_wrong_password_is_refused_and_not_repeated(guest: str) -> None:
    words = refusal(guest.replace(PASSWORD, f"{PASSWORD}!"))
    assert "does not accept user 'guest' with this password; correct KINEO_DATABASE_URL" in words


def test_who_has_no_rights_is_told_who_has_to_be_the_owner(guest: str) -> None:
    words = refusal(guest)
    assert "user 'guest' has not the rights" in words
    assert f"ALTER DATABASE {make_url(guest).database} OWNER TO guest" in words


def test_a_database_without_tables_or_with_older_ones_names_the_upgrade(url: str, postgres: Place) -> None:
    with postgres.fresh(tables=False) as empty:
        assert "has no tables yet; make them with kineo db upgrade" in refusal(empty)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    assert "has schema 0001, this version needs" in refusal(url)


def test_another_programs_database_is_left_alone(url: str, postgres: Place) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'a1b2c3d4e5f6'")
    assert "is another program's (its schema is called a1b2c3d4e5f6)" in refusal(url)
    with postgres.fresh(tables=False) as theirs:
        with psycopg.connect(theirs) as connection:
            connection.execute("CREATE TABLE tasks (what text)")
        assert "has a table 'tasks' that is not ours; give Kineograph a database of its own" in refusal(theirs)
