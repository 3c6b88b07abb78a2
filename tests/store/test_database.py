"""The database: opened, upgraded, refused with a sentence."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from kineograph.core.errors import OperatorError, Unavailable
from kineograph.store import schema, upgrade
from kineograph.store.database import Database, now
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


def test_a_database_is_made_as_it_has_to_be(database: Database) -> None:
    with database.engine.begin() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("synchronous", "foreign_keys")
        }
        assert found == {"synchronous": 2, "foreign_keys": 1}
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000


def test_a_write_transaction_keeps_other_writers_out_from_its_beginning(database: Database) -> None:
    with database.engine.begin():
        other = sqlite3.connect(database.path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_readers_cannot_write_and_wait_for_nobody(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO secrets VALUES ('a', x'00')")
        assert database.look(NAMES) == []
        with pytest.raises(Unavailable):
            database.look(Prepared(text("DELETE FROM secrets RETURNING name")))
    assert len(database.look(NAMES)) == 1


def test_the_clock_of_the_database_is_the_time_of_day(database: Database) -> None:
    with database.engine.begin() as connection:
        ours = float(subprocess.run(["date", "+%s.%N"], capture_output=True, check=True).stdout)
        assert now(connection) == pytest.approx(ours, abs=1)


def test_an_older_database_is_copied_and_then_upgraded(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(url)
    with database.begin() as tx:
        tx.connection.exec_driver_sql("INSERT INTO secrets VALUES ('a', x'00')")
        tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    close(database)
    monkeypatch.setattr(upgrade, "migrate", lambda connection: connection.exec_driver_sql("DELETE FROM secrets"))
    close(Database.open(url))
    (copy,) = database.path.parent.glob("*.before-*")
    with sqlite3.connect(copy) as kept:
        assert kept.execute("SELECT name FROM secrets").fetchall() == [("a",)]
    kept.close()


def test_a_database_of_a_newer_version_is_left_alone(url: str) -> None:
    database = Database(url)
    with database.begin() as tx:
        tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    close(database)
    with pytest.raises(OperatorError, match=r"newer kineograph \(schema 9999"):
        Database.open(url)


def test_what_is_no_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "kineograph.db"
    path.write_bytes(b"this is a film, not a database " * 100)
    with pytest.raises(OperatorError, match="damaged or is not a database"):
        Database.open(f"sqlite:///{path}")


def test_another_kind_of_database_is_refused_with_a_sentence() -> None:
    with pytest.raises(OperatorError, match="names a postgresql database"):
        Database.open("postgresql://localhost/kineograph")


def test_a_folder_that_cannot_be_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OperatorError, match="cannot create the data folder"):
        Database.open(f"sqlite:///{tmp_path}/file/deeper/kineograph.db")


@pytest.mark.skipif(os.geteuid() != 0 and not Path("/proc/sys").exists(), reason="needs a folder nobody can write")
def test_a_read_only_folder_is_refused_with_a_sentence() -> None:
    with pytest.raises(OperatorError, match=r"cannot (write|create)"):
        Database.open("sqlite:////proc/sys/kineograph.db")


def test_a_backup_holds_what_was_there(database: Database, tmp_path: Path) -> None:
    with database.begin() as tx:
        tx.connection.exec_driver_sql("INSERT INTO secrets VALUES ('a', x'00')")
    database.backup(tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT count(*) FROM secrets").fetchone() == (1,)
    copy.close()
    with pytest.raises(OperatorError):
        database.backup(tmp_path / "nowhere" / "copy.db")


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
