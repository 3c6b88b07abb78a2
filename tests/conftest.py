"""For every test: coroutines run on asyncio, as the service does; and a service in processes of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
from tests.servers import Place, place

import kineograph
from kineograph.testing.s3 import S3Server

SOURCE = str(Path(kineograph.__file__).parents[1])  # the same code in every process, installed or not
CARD = '[models.card]\nengine = "bars"\n'
KIND = os.environ.get(
    "KINEO_TEST_KIND", ""
)  # sqlite or postgresql: everything runs on it; unset: each test says on what
both = pytest.mark.parametrize("kind", [KIND] if KIND else ["sqlite", "postgresql"])


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Place]:
    """One server for all tests of this process; started by the first that asks."""
    with place() as found:
        yield found


@pytest.fixture
def kind() -> str:
    """Of the database that a service runs on; `both` runs a test on each."""
    return KIND or "sqlite"


@pytest.fixture
def postgresql_url(postgres: Place) -> Iterator[str]:
    with postgres.fresh() as url:
        yield url


@dataclass
class Service:
    """`kineo serve` in a process group of its own, on a data folder of the test.

    Attributes:
        toml: Its kineo.toml.
        arguments: More flags of `kineo serve`.
        environment: More of it, for every process: where the storage is.
    """

    folder: Path
    toml: str = CARD
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    extra: list[subprocess.Popen[bytes]] = field(default_factory=list)
    url: str = ""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def variables(self) -> dict[str, str]:
        """The environment of its processes."""
        return {**os.environ, "PYTHONPATH": SOURCE, **self.environment}

    def start(self) -> Service:
        """Until it answers."""
        (self.data / "kernels").mkdir(parents=True, exist_ok=True)
        (self.data / "kernels" / f"warm-{kineograph.__version__}").touch()  # no compiling beside the tests
        (self.folder / "kineo.toml").write_text(self.toml)
        at = (self.folder / "log").stat().st_size if (self.folder / "log").exists() else 0
        self.process = self.run("serve", "--port", "0", *self.arguments)
        deadline = time.monotonic() + 60
        while not (found := re.search(r" at (http://\S+)", self.log[at:])):
            assert self.process.poll() is None, self.log[at:]
            assert time.monotonic() < deadline, "the service did not start"
            time.sleep(0.05)
        self.url = found[1]
        return self

    def run(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A `kineo` process on the same data folder."""
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "kineograph", *arguments, "--data", str(self.data)],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.variables,
                start_new_session=True,
            )

    def worker(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A `kineo worker` beside it."""
        self.extra.append(process := self.run("worker", *arguments))
        return process

    @property
    def key(self) -> str:
        return (self.data / "admin-key").read_text().strip()

    def call(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        return httpx2.request(method, self.url + path, headers=headers, timeout=75, **options)

    def submit(self, **body: Any) -> str:
        answer = self.call(
            "POST",
            "/v1/videos/generations",
            json={"model": "card", "prompt": "a test", "duration": 2, "resolution": "480p"} | body,
        )
        assert answer.status_code == 200, answer.text
        task_id: str = answer.json()["data"][0]["task_id"]
        return task_id

    def task(self, task_id: str, wait: int = 0) -> dict[str, Any]:
        answer = self.call("GET", f"/v1/tasks/{task_id}", params={"wait": wait} if wait else {})
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    def until(self, task_id: str, wanted: Callable[[dict[str, Any]], bool], seconds: float = 60) -> dict[str, Any]:
        """The task once it is as wanted."""
        deadline = time.monotonic() + seconds
        while not wanted(task := self.task(task_id, wait=5)):
            assert time.monotonic() < deadline, (task, self.log[-3000:])
        return task

    def finished(self, task_id: str, seconds: float = 90) -> dict[str, Any]:
        return self.until(task_id, lambda task: task["status"] in {"completed", "failed", "cancelled"}, seconds)

    def children(self) -> list[psutil.Process]:
        """The rendering processes of everything that runs on this data folder."""
        found = []
        for process in [self.process, *self.extra]:
            if process is not None and process.poll() is None:
                found += [child for child in psutil.Process(process.pid).children() if _renders(child)]
        return found

    def kill(self) -> None:
        """The whole server at once, children too, as when the plug is pulled."""
        assert self.process is not None
        victims = [
            self.process.pid,
            *(child.pid for child in psutil.Process(self.process.pid).children(recursive=True)),
        ]
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        for process in [*self.extra, self.process]:
            if process is not None and process.poll() is None:
                for _ in range(2):  # the second time: at once
                    process.send_signal(signal.SIGTERM)
                    time.sleep(0.2)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    for child in psutil.Process(process.pid).children(recursive=True):
                        child.kill()
                    process.kill()
                    process.wait()


def _renders(process: psutil.Process) -> bool:
    try:
        return "_child" in process.cmdline()
    except psutil.Error:  # it just died
        return False


@pytest.fixture
def service(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> Iterator[Service]:
    """Not started yet, on an empty database of the test's kind."""
    made = Service(tmp_path)
    if kind == "postgresql":
        made.environment = {"KINEO_DATABASE_URL": request.getfixturevalue("postgresql_url")}
    yield made
    made.stop()
