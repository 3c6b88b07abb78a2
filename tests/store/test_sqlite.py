"""A SQLite file: made, upgraded, copied, refused with a sentence."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from kineograph.core.errors import OperatorError
from kineograph.store import sqlite as store_sqlite
from kineograph.store import upgrade
from kineograph.store.copy import copy
from kineograph.store.database import Database
from kineograph.store.sqlite import Sqlite


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def sqlite(database: Database) -> Sqlite:
    assert isinstance(database.backend, Sqlite)
    return database.backend


def close(database: Database) -> None:
    asyncio.run(database.close())


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
        other = sqlite3.connect(sqlite(database).path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_an_older_database_is_copied_and_then_upgraded(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(url)
    with database.begin() as tx:
        tx.connection.exec_driver_sql("INSERT INTO secrets VALUES ('a', x'00')")
        tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    close(database)
    monkeypatch.setattr(upgrade, "migrate", lambda connection: connection.exec_driver_sql("DELETE FROM secrets"))
    close(Database.open(url))
    (kept_file,) = sqlite(database).path.parent.glob("*.before-*")
    with sqlite3.connect(kept_file) as kept:
        assert kept.execute("SELECT name FROM secrets").fetchall() == [("a",)]
    kept.close()


def test_what_is_no_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "kineograph.db"
    path.write_bytes(b"this is a film, not a database " * 100)
    with pytest.raises(OperatorError, match="damaged or is not a database"):
        Database.open(f"sqlite:///{path}")


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


def test_a_file_on_a_network_drive_is_refused_and_can_still_be_copied_from(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close(Database.open(url))
    mounts = tmp_path / "mounts"
    point = str(tmp_path.resolve()).replace(" ", "\\040")
    mounts.write_text(f"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:44 / {point} rw shared:2 - nfs4 nas:/films rw\n")
    monkeypatch.setattr(store_sqlite, "MOUNTS", mounts)
    with pytest.raises(OperatorError, match=r"network drive \(nfs4\).* KINEO_DATABASE_URL"):
        Database.open(url)
    copy(url, f"sqlite:///{tmp_path / 'copy.db'}", lambda _table, _rows: None)


def test_the_drive_is_the_innermost_that_is_mounted_last() -> None:
    mounts = "1 0 8:1 / / rw - ext4 a rw\n2 1 0:1 / /data rw - cifs b rw\n3 1 0:2 / /data/fast rw - xfs c rw"
    found = [store_sqlite.filesystem_of(Path(each), mounts) for each in ("/x", "/database", "/data/y", "/data/fast/z")]
    assert found == ["ext4", "ext4", "cifs", "xfs"]
    assert store_sqlite.filesystem_of(Path("/data"), mounts + "\n4 1 0:3 / /data rw - btrfs d rw") == "btrfs"
