"""Machines of an installation: `kineo serve` and `kineo worker` as processes that can be hurt one by one."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

import kineograph

SOURCE = str(Path(kineograph.__file__).parents[1])  # the same code in every process, installed or not
MARK = "KINEO_CHAOS_RUN"  # in the environment of everything a run starts, so that what outlives it is found


@dataclass
class Node:
    """A machine: one command, started again and again on the same data folder.

    Attributes:
        arguments: Of `kineo`.
        asleep: It, or a child of it, is stopped (SIGSTOP) at the moment.
    """

    name: str
    data: Path
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    port: int | None = None
    process: subprocess.Popen[bytes] | None = None
    asleep: bool = False
    starts: int = 0
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        (self.data / "kernels").mkdir(parents=True, exist_ok=True)
        (self.data / "kernels" / f"warm-{kineograph.__version__}").touch()  # no compiling beside the deaths
        self.log = self.data.parent / f"{self.name}.log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def up(self) -> bool:
        """Running, and nobody has stopped any of it."""
        return self.process is not None and self.process.poll() is None and not self.asleep

    @property
    def gone(self) -> bool:
        """Not running, and nobody is waiting for its end."""
        return self.process is not None and self.process.poll() is not None and not self.asleep

    def start(self) -> None:
        """Does not wait until it answers."""
        if self.process is not None and self.process.poll() is None:
            return
        self.starts += 1
        port = ("--port", str(self.port)) if self.port else ()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kineograph", *self.arguments, *port, "--data", str(self.data)],
                cwd=self.data.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": SOURCE, **self.environment},
                start_new_session=True,
            )

    def children(self) -> list[psutil.Process]:
        """Its rendering processes."""
        if self.process is None or self.process.poll() is not None:
            return []
        with contextlib.suppress(psutil.Error):
            return [child for child in psutil.Process(self.process.pid).children() if _renders(child)]
        return []

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def kill(self, *, with_children: bool = False) -> None:
        """-9; with its children as when the plug is pulled, alone as when the kernel needs its memory."""
        children = self.children() if with_children else []
        self.signal(signal.SIGKILL)
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        if self.process is not None:
            self.process.wait()

    def wait(self, seconds: float) -> None:
        """For its end; then -9."""
        assert self.process is not None
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill(with_children=True)


def _renders(process: psutil.Process) -> bool:
    try:
        return "_child" in process.cmdline()
    except psutil.Error:  # it just died
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def survivors(run: str) -> Iterator[psutil.Process]:
    """Processes of that run that are still there."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == run and process.status() != psutil.STATUS_ZOMBIE:
                yield process


def until(condition: object, seconds: float, what: str) -> None:
    """Wait until the condition, a callable, holds."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
