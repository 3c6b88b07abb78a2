"""Several machines: two API nodes and three workers with folders of their own, PostgreSQL, object storage, and a bad network."""

from __future__ import annotations

import contextlib
import functools
import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
from sqlalchemy import Engine, create_engine, text
from tests.chaos.installation import LEASE, Installation, kineo
from tests.chaos.nodes import Node, free_port, until

from kineograph.core.files import FileStore
from kineograph.settings import Settings
from kineograph.store.storage import open_storage
from kineograph.testing.postgres import PostgresServer
from kineograph.testing.proxy import Cut, Delay, HalfClose, Hang, Mood, Pass, Proxy, Refuse
from kineograph.testing.s3 import S3Server

Later = Callable[[float, Callable[[], None]], None]
BUCKET = "films"
_SESSIONS = text(
    "SELECT pid, pg_blocking_pids(pid) AS held_up_by, state, wait_event, extract(epoch FROM clock_timestamp() - xact_start),"
    " left(query, 200) FROM pg_stat_activity WHERE backend_type = 'client backend' ORDER BY xact_start"
)


class Network(Installation):
    """Every node reaches database and storage through proxies of its own, so that the network fails for one and not for all."""

    name = "PostgreSQL"
    deaths = frozenset({"database backend -9", "database server -9", "database server stops at once"})
    weights: Mapping[str, int] = {
        "database backend -9": 2,
        "database server -9": 3,
        "database server stops at once": 2,
        "database backend terminated": 3,
        "database connections cut": 4,
        "database away": 3,
        "database hangs": 3,
        "database slow": 2,
        "database half-closes": 2,
        "storage cut": 2,
        "storage away": 3,
        "storage hangs": 2,
        "storage half-closes": 1,
    }

    def prepare(self) -> None:
        """Servers, proxies, bucket and tables."""
        self._ends = contextlib.ExitStack()
        self.server = PostgresServer()
        self._ends.callback(self.server.remove)
        with (self.server.data / "postgresql.conf").open("a") as conf:
            conf.write("track_commit_timestamp = on\n")  # the order of commits, for the invariants
        self.server.start()
        self._s3 = self._ends.enter_context(S3Server())
        self._s3.bucket(BUCKET)
        self._databases: dict[str, Proxy] = {}
        self._storages: dict[str, Proxy] = {}
        environment = {"KINEO_DATABASE_URL": self.server.url()}
        kineo(self.folder, environment, "db", "upgrade", "--data", str(self.folder / "operator"))

    def stop(self) -> None:
        for proxy in (*self._databases.values(), *self._storages.values()):
            proxy.mood = Pass()
        super().stop()

    def close(self) -> None:
        """The servers too."""
        self.engine.dispose()
        self._ends.close()

    @property
    def files(self) -> FileStore:
        return open_storage(f"s3://{BUCKET}", self.folder / "none", self._s3.options())

    def strikes(self, chance: random.Random, later: Later) -> dict[str, Callable[[], bool]]:
        def mood(proxies: Mapping[str, Proxy], make: Callable[[], Mood], least: float, most: float) -> bool:
            calm = [proxy for proxy in proxies.values() if isinstance(proxy.mood, Pass)]
            if not calm:
                return False
            proxy = chance.choice(calm)
            proxy.mood = make()
            later(chance.uniform(least, most) * LEASE, lambda: setattr(proxy, "mood", Pass()))
            return True

        def cut(proxies: Mapping[str, Proxy]) -> bool:
            chance.choice(list(proxies.values())).cut()
            return True

        def some_bytes() -> int:
            return chance.choice([0, 200, 2_000, 50_000])

        database, storage = functools.partial(mood, self._databases), functools.partial(mood, self._storages)
        return {
            "database backend -9": lambda: self._backend(chance, signal.SIGKILL),
            "database backend terminated": lambda: self._backend(chance, signal.SIGTERM),
            "database server -9": lambda: self._restart(self._murder, later, chance),
            "database server stops at once": lambda: self._restart(self.server.stop, later, chance),
            "database connections cut": lambda: cut(self._databases),
            "database away": lambda: database(Refuse, 0.2, 2.0),
            "database hangs": lambda: database(Hang, 0.2, 2.0),
            "database slow": lambda: database(lambda: Delay(chance.uniform(0.01, 0.1)), 0.5, 1.0),
            "database half-closes": lambda: database(lambda: HalfClose(some_bytes()), 0.1, 0.5),
            "storage cut": lambda: storage(lambda: Cut(some_bytes()), 0.2, 1.0),
            "storage away": lambda: storage(Refuse, 0.2, 2.0),
            "storage hangs": lambda: storage(Hang, 0.2, 2.0),
            "storage half-closes": lambda: storage(lambda: HalfClose(some_bytes()), 0.2, 1.0),
        }

    def picture(self) -> str:
        """See Installation; and the server's sessions."""
        with self.engine.connect() as connection:
            sessions = connection.execute(_SESSIONS).all()
        return "\n".join([super().picture(), *(str(tuple(session)) for session in sessions)])

    def mend(self) -> None:
        for proxy in (*self._databases.values(), *self._storages.values()):
            if not isinstance(proxy.mood, Pass):
                proxy.mood = Pass()
        super().mend()

    def _backend(self, chance: random.Random, number: signal.Signals) -> bool:
        """One of the server's processes that serve a connection; -9 makes the server restart all of them."""
        with contextlib.suppress(OSError, ValueError):
            children = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()
            serving = [int(pid) for pid in children if b"127.0.0.1" in Path(f"/proc/{pid}/cmdline").read_bytes()]
            if serving:
                os.kill(chance.choice(serving), number)
                return True
        return False

    def _restart(self, end: Callable[[], None], later: Later, chance: random.Random) -> bool:
        if not (self.server.data / "postmaster.pid").exists():
            return False
        end()
        later(chance.choice([0.0, 0.5, 3.0]), self._revive)
        return True

    def _murder(self) -> None:
        """-9 of the postmaster. Whoever adopts it may let it lie for a while, and a new one would take it for alive."""
        victims = [psutil.Process(self.server.pid), *psutil.Process(self.server.pid).children()]
        victims[0].kill()
        until(lambda: not any(_lives(process) for process in victims), 30, "PostgreSQL's processes do not notice")
        for lock in (self.server.data / "postmaster.pid", *self.server.folder.glob(".s.PGSQL.*.lock")):
            lock.unlink()

    def _revive(self) -> None:
        """As soon as the dead server's last process has let go of its memory."""
        for _ in range(100):
            with contextlib.suppress(RuntimeError):
                self.server.start()
                return
            time.sleep(0.1)
        raise AssertionError(f"PostgreSQL does not start again: {self.server.log[-2000:]}")

    def _make_apis(self) -> list[Node]:
        return [self._node(f"api{n}", ("serve", "--no-worker"), free_port()) for n in range(2)]

    def _make_workers(self) -> list[Node]:
        return [self._node(f"worker{n}", ("worker", "--queue", "bars", "--workers", "2")) for n in range(3)]

    def _node(self, name: str, arguments: tuple[str, ...], port: int | None = None) -> Node:
        database = self._databases[name] = self._ends.enter_context(Proxy(self.server.port))
        storage = self._storages[name] = self._ends.enter_context(Proxy(self._s3.port))
        environment = {
            **self._environment,
            "KINEO_DATABASE_URL": self.server.url().replace(f":{self.server.port}", f":{database.port}"),
            "KINEO_STORAGE_URL": f"s3://{BUCKET}",
            **self._s3.environment(storage.port),
        }
        return Node(name, self.folder / name, arguments, environment, port)

    def _settings(self) -> Settings:
        return Settings(
            data=self.folder / "operator",
            database_url=self.server.url(),
            storage_url=f"s3://{BUCKET}",
            storage_options=self._s3.options(),
            keep_files=10**6,
            keep_tasks=10**6,
        )

    def _connect(self) -> Engine:
        url = self.server.url().replace("postgresql://", "postgresql+psycopg://")
        return create_engine(url, pool_pre_ping=True)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
