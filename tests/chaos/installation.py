"""The installations that runs are made on. This one: several processes that share a data folder, with SQLite."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx2
from sqlalchemy import Engine, create_engine, text
from tests.chaos.invariants import Limits, later
from tests.chaos.nodes import MARK, SOURCE, Node, free_port, until

from kineograph.app.parts import opened
from kineograph.core.files import FileStore
from kineograph.settings import Settings
from kineograph.store.disk import DiskFileStore

LEASE = 4.0
LIMITS = (1, 2, 3, 5)  # of the keys that call
SLOW = 2  # at once, by the cap of the model `slow`
TOML = f"""
lease = {LEASE}
drain = 5
[models.quick]
engine = "bars"
[models.card]
engine = "bars"
options = {{ seconds = "0.4" }}
[models.slow]
engine = "bars"
options = {{ seconds = "1.0" }}
running_cap = {SLOW}
[models.shaky]
engine = "bars"
options = {{ seconds = "0.1", crash = "once" }}
"""


class Installation:
    """A `kineo serve` and three `kineo worker` on one data folder; and what every installation has.

    Attributes:
        engine: A way to the database that nothing happens to.
        keys: Texts of the callers' keys.
        deaths, weights: Strikes of its own; which of them are deaths, and how often they happen.
    """

    name = "SQLite"
    lease = LEASE
    deaths: frozenset[str] = frozenset()
    weights: Mapping[str, int] = {}

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.run = uuid.uuid4().hex
        self._environment = {"KINEO_LOG_LEVEL": "info", MARK: self.run, **(environment or {})}
        (folder / "kineo.toml").write_text(TOML)
        self.prepare()
        self.apis = self._make_apis()
        self.workers = self._make_workers()
        self.engine = self._connect()
        self.keys: list[str] = []
        self.limits = Limits({}, {})

    @property
    def files(self) -> FileStore:
        return DiskFileStore(self.folder / "data" / "files")

    def prepare(self) -> None:
        """What has to be there before the first node."""

    def start(self) -> None:
        """Until every API node answers and the callers have their keys."""
        for node in self.apis:
            node.start()
        for node in self.apis:
            until(lambda node=node: _answers(node), 60, f"{node.name} did not start: {node.log.read_text()[-2000:]}")
        self.keys = [self._key(limit) for limit in LIMITS]
        with self.engine.begin() as connection:
            found = connection.execute(text("SELECT id, running_limit FROM keys WHERE name LIKE 'caller%'")).all()
        self.limits = Limits({row.id: row.running_limit for row in found}, {"slow": SLOW})
        for node in self.workers:
            node.start()

    def strikes(
        self, _random: random.Random, _later: Callable[[float, Callable[[], None]], None]
    ) -> dict[str, Callable[[], bool]]:
        """What can happen here besides the deaths of nodes; each returns whether it could."""
        return {}

    def picture(self) -> str:
        """Who holds whom up, for whoever reads why a run is stuck."""
        return "\n".join(
            f"{node.name}: {'up' if node.up else 'gone' if node.gone else 'asleep'}"
            for node in (*self.apis, *self.workers)
        )

    def mend(self) -> None:
        """Everything runs again."""
        for node in (*self.apis, *self.workers):
            if not node.asleep:
                node.start()

    def stop(self) -> None:
        """Workers first, as an operator would."""
        for nodes in (self.workers, self.apis):
            for node in nodes:
                node.signal(signal.SIGCONT)
                node.signal(signal.SIGTERM)
            for node in nodes:
                node.wait(20)

    def close(self) -> None:
        """Let go of what is not a node."""
        self.engine.dispose()

    def sweep(self) -> None:
        """Throw away what nobody knows, as the service does once it is old enough."""

        async def run() -> None:
            async with opened(self._settings()) as parts:
                retention = parts.retention()
                retention.clock = later
                await retention.run_once()

        asyncio.run(run())

    def _settings(self) -> Settings:
        return Settings(data=self.folder / "data", keep_files=10**6, keep_tasks=10**6)

    def _make_apis(self) -> list[Node]:
        return [Node("api", self.folder / "data", ("serve", "--no-worker"), self._environment, free_port())]

    def _make_workers(self) -> list[Node]:
        arguments = ("worker", "--queue", "bars", "--workers", "2")
        return [Node(f"worker{n}", self.folder / "data", arguments, self._environment) for n in range(3)]

    def _connect(self) -> Engine:
        return create_engine(f"sqlite:///{self.folder / 'data' / 'kineograph.sqlite3'}", connect_args={"timeout": 30})

    def _key(self, limit: int) -> str:
        node = self.apis[0]
        words = ("keys", "create", "--name", f"caller{limit}", "--limit", str(limit), "--data", str(node.data))
        return kineo(self.folder, node.environment, *words).strip()


def kineo(folder: Path, environment: Mapping[str, str], *words: str) -> str:
    """What the command prints."""
    done = subprocess.run(
        [sys.executable, "-m", "kineograph", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": SOURCE, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"kineo {' '.join(words)}: {done.stderr}"
    return done.stdout


def _answers(node: Node) -> bool:
    try:
        return httpx2.get(f"{node.url}/healthz", timeout=1, trust_env=False).status_code == 200
    except httpx2.TransportError:
        return False
