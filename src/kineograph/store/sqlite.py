"""SQLite: a file, one writer at a time, readers that wait for nobody."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from kineograph.core.errors import KineographError, OperatorError
from kineograph.store.backend import Say
from kineograph.store.prepared import Prepared, Record
from kineograph.store.schema import HEAD
from kineograph.store.writer import Begin, Writer, unavailable

BUSY = 30_000  # milliseconds a writer waits for another process
READ_BUSY = 1000  # a reader waits only while the file itself is being mended or moved, and an event loop waits with it

MOUNTS = Path("/proc/self/mountinfo")  # Linux; elsewhere nothing is known of drives
# File systems of other machines, on which neither locks nor the shared memory of WAL can be relied on.
NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "glusterfs",
    "lustre",
    "sshfs",
    "beegfs",
    "gpfs",
    "s3fs",
}


class Sqlite:
    """Backend on a SQLite file. See Backend.

    Attributes:
        path: The file.

    Raises:
        OperatorError: the folder cannot be created.
    """

    # SQLite has unixepoch('subsec') only from 3.42 on.
    clock = Prepared(text("SELECT (julianday('now') - 2440587.5) * 86400.0 AS now"))
    upgrades_itself = True
    snapshot = "BEGIN"

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = _path(url)
        self.place = str(self.path)
        self.writing = _writing(url)
        self.reading = _reading(url)
        self._looking: Connection | None = None
        self._lock = threading.Lock()

    def prove(self) -> None:
        """See Backend."""
        kind = filesystem_of(self.path, MOUNTS.read_text() if MOUNTS.exists() else "")
        if kind.removeprefix("fuse.") in NETWORK:
            raise OperatorError(
                f"{self.path} is on a network drive ({kind}), where two servers would destroy a SQLite database; choose a"
                " folder on a disk of this machine with --data, or PostgreSQL with KINEO_DATABASE_URL"
            )

    def writer(self, begin: Begin) -> Writer:
        """One thread: writers take turns anyway, and jobs that wait share a commit."""
        return Writer(begin)

    async def look(self, statement: Prepared, parameters: Mapping[str, Any]) -> Sequence[Record]:
        """At once and in this thread: it takes microseconds, a thread hop takes more."""
        with self._lock:
            try:
                if self._looking is None:
                    self._looking = self.reading.connect()
                return statement.all(self._looking, parameters)
            except SQLAlchemyError:
                self._let_go()
                raise

    def queue_engine(self) -> Engine:
        """The writers' own, whose transactions take the write lock when they begin: with its own, a limit of two running
        tasks was exceeded in 21 of 192 starts, with ours in none of 141 (decided by measurement, DESIGN §4)."""
        return self.writing

    def refusal(self, error: SQLAlchemyError) -> KineographError:
        """See Backend."""
        return unavailable(error)

    def explain(self, error: SQLAlchemyError) -> OperatorError:
        """See Backend."""
        return OperatorError(_explain(self.path, error))

    def unhurried(self, connection: Connection) -> None:
        """It may anyway."""

    def free(self) -> bool:
        """The system does it: a lock dies with its process."""
        return False

    def before_upgrade(self, version: str) -> None:
        """A copy beside the file."""
        self._copy(self.path.with_name(f"{self.path.name}.before-{HEAD}-from-{version}"))

    def back_up(self, target: Path, say: Say) -> None:  # noqa: ARG002 — a file is copied too fast to tell
        """See Backend. Page by page, tickets included."""
        self._copy(target)

    def _copy(self, target: Path) -> None:
        try:
            with (
                contextlib.closing(sqlite3.connect(self.path)) as source,
                contextlib.closing(sqlite3.connect(target)) as copy,
            ):
                source.backup(copy)
        except sqlite3.Error as error:
            raise OperatorError(f"cannot copy the database to {target}: {error}") from error

    async def close(self) -> None:
        """See Backend."""
        with self._lock:
            self._let_go()
        self.reading.dispose()
        self.writing.dispose()

    def _let_go(self) -> None:
        if self._looking is not None:
            self._looking.close()
            self._looking = None


def _path(url: str) -> Path:
    name = make_url(url).database
    if not name or name == ":memory:":
        raise OperatorError("KINEO_DATABASE_URL names no file; use sqlite:////path/to/kineograph.db")
    path = Path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(f"cannot create the data folder {path.parent}: {error.strerror}; choose another") from error
    return path


def _writing(url: str) -> Engine:
    """The engine of writers. Python's sqlite3 would begin a transaction late and without the lock, and two of them could
    then read the same state before either writes: the driver's own transactions are off, every one is BEGIN IMMEDIATE."""
    engine = create_engine(
        url, pool_size=4, max_overflow=2, hide_parameters=True, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={BUSY}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=FAST")  # a deleted prompt is overwritten

    @event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _reading(url: str) -> Engine:
    """The engine of readers: never waits for a writer."""
    engine = create_engine(
        url,
        pool_size=4,
        max_overflow=4,
        hide_parameters=True,  # they are the callers' words
        isolation_level="AUTOCOMMIT",
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA busy_timeout={READ_BUSY}")
        connection.execute("PRAGMA query_only=ON")

    return engine


def _explain(path: Path, error: SQLAlchemyError) -> str:
    cause = str(getattr(error, "orig", None) or error)
    if "not a database" in cause or "malformed" in cause:
        return f"{path} is damaged or is not a database; put a backup in its place or move it away"
    if "readonly" in cause or "unable to open" in cause:
        return f"cannot write {path}; give this user the folder {path.parent}, or choose another with --data"
    if "full" in cause:
        return f"the disk that holds {path} is full; free some space, or choose another folder with --data"
    return f"cannot open the database {path}: {cause}"


def filesystem_of(path: Path, mounts: str) -> str:
    """The kind of file system that a path is on, in the kernel's word.

    Args:
        mounts: As /proc/self/mountinfo tells them, see proc(5): the mount point is a line's fifth word, the kind the first
            after a dash; of two at one place the later holds.
    """
    place, best, kind = path.absolute().resolve(), -1, ""
    for line in mounts.splitlines():
        mount, _, rest = line.partition(" - ")
        point = Path(mount.split()[4].replace("\\040", " "))
        if place.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), rest.split()[0]
    return kind
