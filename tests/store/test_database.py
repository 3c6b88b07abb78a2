"""The database: opened, upgraded, refused with a sentence."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from kineograph.core.errors import OperatorError, Unavailable
from kineograph.store import schema, upgrade
from kineograph.store.database import Database
from kineograph.store.folder import lock_folder
from kineograph.store.prepared import Prepared

NAMES = Prepared(text("SELECT name FROM secrets"))


def close(database: Database) -> None:
    asyncio.run(database.close())


def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    with database.engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _ours})
        assert compare_metadata(context, schema.metadata) == []


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """DBOS keeps its tables beside ours."""
    return kind != "table" or name in schema.metadata.tables


def test_the_newest_migration_is_the_one_the_code_asks_for() -> None:
    assert ScriptDirectory(str(upgrade.MIGRATIONS)).get_current_head() == schema.HEAD


@pytest.mark.anyio
async def test_readers_cannot_write_and_wait_for_nobody(database: Database) -> None:
    def in_a_thread(statement: Prepared) -> Awaitable[object]:
        return asyncio.to_thread(database.look_here, statement)

    with database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO secrets VALUES ('a', '')")
        assert await database.look(NAMES) == []
        for refused in (database.look, in_a_thread):
            with pytest.raises(Unavailable):
                await refused(Prepared(text("DELETE FROM secrets RETURNING name")))
    assert len(await database.look(NAMES)) == 1


def test_the_clock_of_the_database_is_the_time_of_day(database: Database) -> None:
    with database.begin() as tx:
        ours = float(subprocess.run(["date", "+%s.%N"], capture_output=True, check=True).stdout)
        assert tx.now == pytest.approx(ours, abs=1)
        assert database.now() == pytest.approx(ours, abs=1)


def test_a_database_of_a_newer_version_is_left_alone(url: str) -> None:
    database = Database(url)
    with database.begin() as tx:
        tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        tx.connection.exec_driver_sql("UPDATE schema_window SET oldest = '9998'")
    close(database)
    with pytest.raises(OperatorError, match=r"newer kineograph \(schema 9999.* any that knows schema 9998"):
        Database.open(url)


def test_a_folder_has_one_server_at_a_time(tmp_path: Path) -> None:
    hold = (
        "import sys, pathlib\nfrom kineograph.store.folder import lock_folder\n"
        "with lock_folder(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(OperatorError, match=f"process {other.pid}"), lock_folder(tmp_path):
            pass
        other.kill()
        other.wait()
    with lock_folder(tmp_path):
        pass


def test_a_lock_in_a_folder_that_cannot_be_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OperatorError, match="cannot write in the data folder"), lock_folder(tmp_path / "file"):
        pass


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://root@localhost/x", "names a mysql database"),
        ("here/kineograph.db", "is not the address of a database"),
        ("postgresql://u:geheim@host:port/x", "is not the address of a database"),
        ("postgresql://u:geheim@host", "names no database"),
        ("postgresql://u:ge@heim@host/x", "write an @ in the password as %40"),
        ("postgresql://u:geheim@host/x?colour=red", "colour"),
        ("sqlite://", "names no file"),
    ],
)
def test_a_url_that_is_none_is_refused_with_a_sentence_without_its_password(url: str, words: str) -> None:
    with pytest.raises(OperatorError, match=words) as refused:
        Database.open(url)
    assert "heim" not in str(refused.value)
