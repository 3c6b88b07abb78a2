"""What the benchmarks of the whole service share: a database to run on, nodes, a client, and rows in bulk."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import psutil
from sqlalchemy import Connection, Engine, create_engine, text

import kineograph

if TYPE_CHECKING:
    from kineograph.testing.postgres import PostgresServer

SOURCE = str(Path(kineograph.__file__).parents[1])
BARS = '[models.card]\nengine = "bars"\noptions = {{ seconds = "{seconds}" }}\n'
DIGITS = 26  # of a ULID; one of zeros and decimal digits is older than any of today


class Service:
    """Nodes of one installation.

    Attributes:
        engine: A way to the database beside the service.
        server: The PostgreSQL server it runs on, if it does.
    """

    def __init__(self, folder: Path, url: str, toml: str, server: PostgresServer | None = None) -> None:
        self.folder, self.url, self.server = folder, url, server
        self.engine: Engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        self.processes: list[subprocess.Popen[bytes]] = []
        (folder / "data" / "kernels").mkdir(parents=True)
        (folder / "data" / "kernels" / f"warm-{kineograph.__version__}").touch()
        (folder / "kineo.toml").write_text(toml)
        self.run("db", "upgrade").wait()
        self.key = ""
        self.http = httpx2.Client(timeout=60, trust_env=False)

    def run(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """A `kineo` process."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "kineograph", *arguments, "--data", str(self.folder / "data")],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": SOURCE, "KINEO_DATABASE_URL": self.url, **environment},
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def serve(self, port: int = 18765) -> None:
        """An API node, until it answers."""
        self.run("serve", "--no-worker", "--port", str(port))
        self.http.base_url = httpx2.URL(f"http://127.0.0.1:{port}")
        wait(lambda: self._answers(), 60)
        self.key = self.key or self.create_key("caller", 1000)
        self.http.headers["Authorization"] = f"Bearer {self.key}"

    def _answers(self) -> bool:
        try:
            return self.http.get("/healthz").status_code == 200
        except httpx2.TransportError:
            return False

    def worker(self, slots: int = 1, **environment: str) -> subprocess.Popen[bytes]:
        """A worker machine of the test card's queue, until its children are ready."""
        before = self.count("SELECT count(*) FROM workers WHERE state = 'up'")
        process = self.run("worker", "--queue", "bars", "--workers", str(slots), **environment)
        wait(lambda: self.count("SELECT count(*) FROM workers WHERE state = 'up'") >= before + slots, 300)
        return process

    def create_key(self, name: str, limit: int) -> str:
        """A key's text."""
        command = [sys.executable, "-m", "kineograph", "keys", "create", "--name", name, "--limit", str(limit)]
        environment = {**os.environ, "PYTHONPATH": SOURCE, "KINEO_DATABASE_URL": self.url}
        done = subprocess.run(
            [*command, "--data", str(self.folder / "data")], env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def submit(self, key: str | None = None) -> str:
        """A task's id."""
        body = {"model": "card", "prompt": "a benchmark", "duration": 2, "resolution": "480p"}
        headers = {"Authorization": f"Bearer {key or self.key}"}
        answer = self.http.post("/v1/videos/generations", json=body, headers=headers)
        answer.raise_for_status()
        return str(answer.json()["data"][0]["task_id"])

    def rows(self, sql: str, **values: Any) -> Sequence[Any]:
        with self.engine.connect() as connection:
            return connection.execute(text(sql), values).all()

    def count(self, sql: str, **values: Any) -> int:
        return int(self.rows(sql, **values)[0][0])

    def tidy(self) -> None:
        """What a database does by itself after a while: counts what it has."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE" if self.engine.dialect.name == "sqlite" else "VACUUM ANALYZE"))

    def close(self) -> None:
        """End everything at once."""
        for process in self.processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()
        self.http.close()
        self.engine.dispose()


@contextlib.contextmanager
def service(kind: str, toml: str, connections: int = 100) -> Iterator[Service]:
    """An installation on `sqlite`, or on `postgres` with fsync on.

    Args:
        connections: That PostgreSQL allows.
    """
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as ends:
        folder = Path(name)
        url, server = f"sqlite:///{folder / 'data' / 'kineograph.sqlite3'}", None
        if kind == "postgres":
            from kineograph.testing.postgres import PostgresServer

            server = PostgresServer(durable=True)
            ends.callback(server.remove)
            with (server.data / "postgresql.conf").open("a") as conf:
                conf.write(f"max_connections = {connections}\n")
            url = server.start().url()
        made = Service(folder, url, toml, server)
        ends.callback(made.close)
        yield made


def arguments(description: str | None, **numbers: int) -> argparse.Namespace:
    """`--database` and numbers with their defaults."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="postgres")
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    return parser.parse_args()


def wait(condition: Callable[[], object], seconds: float, pause: float = 0.02) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("what was waited for did not happen")
        time.sleep(pause)


def summary(name: str, waits: Sequence[float]) -> str:
    ordered = sorted(waits)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return f"{name:<36} n {len(waits):>4}   median {statistics.median(waits):7.3f} s   p95 {p95:7.3f} s   max {ordered[-1]:7.3f} s"


def multiply(connection: Connection, task_id: str, count: int, start: int = 0, lanes: int = 1) -> None:
    """Copy a task `count` times, in SQL: its row, its events, and its ticket if it waits.

    Args:
        start: The first number; ids are made of numbers.
        lanes: Of its key, to spread the copies over.
    """
    lite = connection.dialect.name == "sqlite"
    series = (
        f"WITH RECURSIVE series(n) AS (SELECT {start} UNION ALL SELECT n + 1 FROM series WHERE n + 1 < {start + count})"
        if lite
        else f"WITH series AS (SELECT generate_series({start}, {start + count - 1}) AS n)"
    )
    name = "'task_' || " + (f"printf('%0{DIGITS}d', n)" if lite else f"lpad(CAST(n AS text), {DIGITS}, '0')")
    task = connection.execute(text("SELECT * FROM tasks WHERE id = :id"), {"id": task_id}).one()
    _copy(connection, series, "tasks", "id", task_id, {"id": name, "lane": f"n % {lanes}"})
    # PostgreSQL's ids of events come from transactions: only below the first one is room.
    number = {} if lite else {"id": "(SELECT min(id) FROM events) - row_number() OVER ()"}
    _copy(connection, series, "events", "task_id", task_id, {"task_id": name, **number}, drop=("id",) if lite else ())
    ticket = {"workflow_uuid": f"{name} || '\\:1'", "queue_partition_key": f"'{task.key_id}#' || (n % {lanes})"}
    schema = "" if lite else "dbos."
    _copy(connection, series, f"{schema}workflow_status", "workflow_uuid", f"{task_id}:1", ticket)
    del ticket["queue_partition_key"]
    _copy(connection, series, f"{schema}workflow_input", "workflow_uuid", f"{task_id}:1", ticket)


def _copy(
    connection: Connection,
    series: str,
    table: str,
    column: str,
    value: str,
    new: dict[str, str],
    drop: tuple[str, ...] = (),
) -> None:
    found = connection.execute(text(f"SELECT * FROM {table} LIMIT 0")).keys()
    columns = [name for name in found if name not in drop]
    chosen = ", ".join(new.get(name, f"{table}.{name}") for name in columns)
    statement = f"INSERT INTO {table} ({', '.join(columns)}) {series} SELECT {chosen} FROM {table}, series"
    connection.execute(text(f"{statement} WHERE {table}.{column} = :value"), {"value": value})
