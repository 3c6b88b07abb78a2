"""Durable submits and status polls per second, against a real server process over loopback.

    PYTHONPATH=src python benchmarks/submit.py [--seconds 5] [--database sqlite|postgres] [--processes 1]
    PYTHONPATH=src python benchmarks/submit.py --url http://127.0.0.1:8000 --key kineo_…

Starts `kineo serve --no-worker` on an empty database unless told of a running server; on PostgreSQL (embedded, fsync on) as
many of them as told, connections dealt out in turn. The client is asyncio
streams writing prepared bytes, so that the server is what is measured; both share this machine's cores, so the figures
are a lower bound.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

BODY = json.dumps(
    {
        "model": "doubao-seedance-1-0-pro-fast",
        "prompt": "A cute kitten playing in the sunlight, fluffy fur, bright eyes",
        "duration": 5,
        "aspect_ratio": "16:9",
        "resolution": "1080p",
    }
).encode()


@dataclass(frozen=True)
class Server:
    """Where to send, as whom, and whose CPU to count."""

    host: str
    ports: tuple[int, ...]
    key: str
    pids: tuple[int, ...] = ()

    @property
    def port(self) -> int:
        return self.ports[0]


@dataclass
class Figures:
    """Latencies in seconds of requests that were answered with 200, over `seconds` of wall and `cpu` of server time."""

    latencies: list[float]
    seconds: float
    cpu: float

    def row(self, name: str) -> str:
        ordered = sorted(self.latencies)
        p50, p99 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99))
        rate, cost = len(ordered) / self.seconds, self.cpu / len(ordered) * 1e6
        return f"{name:<26}{rate:>7.0f}/s   p50 {p50:6.1f} ms   p99 {p99:6.1f} ms   server CPU {cost:5.0f} µs each"


def cpu_of(pids: tuple[int, ...]) -> float:
    """Seconds of CPU that the processes have used, all their threads; 0 for a server that is not ours to look into."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def _worker(host: str, port: int, request: bytes, until: float, latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    while time.perf_counter() < until:
        start = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        latencies.append(time.perf_counter() - start)
    writer.close()


async def measure(server: Server, request: bytes, connections: int, seconds: float) -> Figures:
    """The same request again and again on so many connections."""
    latencies: list[float] = []
    start, cpu = time.perf_counter(), cpu_of(server.pids)
    ports = [server.ports[number % len(server.ports)] for number in range(connections)]
    await asyncio.gather(*(_worker(server.host, port, request, start + seconds, latencies) for port in ports))
    return Figures(latencies, time.perf_counter() - start, cpu_of(server.pids) - cpu)


def requests(server: Server) -> tuple[bytes, str]:
    """The submit request as bytes, and the head every request begins with after its first line."""
    head = f"Host: {server.host}:{server.port}\r\nAuthorization: Bearer {server.key}\r\n"
    submit = (
        f"POST /v1/videos/generations HTTP/1.1\r\n{head}"
        f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    return submit.encode() + BODY, head


async def one_task(server: Server, submit: bytes) -> str:
    """The id of a fresh task."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(submit)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    answer = json.loads(await reader.readexactly(length))
    writer.close()
    return str(answer["data"][0]["task_id"])


@contextmanager
def served(database: str, processes: int) -> Iterator[Server]:
    """Servers of our own on an empty database."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as ends:
        folder, environment = Path(name), os.environ | {"KINEO_LOG_LEVEL": "warning"}
        if database == "postgres":
            from kineograph.testing.postgres import postgres

            environment["KINEO_DATABASE_URL"] = ends.enter_context(postgres(durable=True)).url()
            upgrade = [sys.executable, "-m", "kineograph", "db", "upgrade", "--data", str(folder / "0")]
            subprocess.run(upgrade, check=True, capture_output=True, env=environment)
        key = folder / "0" / "admin-key"
        nodes = [ends.enter_context(node(folder / str(number), environment)) for number in range(processes)]
        while not key.exists():
            time.sleep(0.1)
        yield Server(
            "127.0.0.1", tuple(port for port, _ in nodes), key.read_text().strip(), tuple(pid for _, pid in nodes)
        )


@contextmanager
def node(folder: Path, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Port and process id of an API node, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kineograph", "serve", "--no-worker", "--port", str(port), "--data", str(folder)]
    folder.mkdir(exist_ok=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        for _ in range(600):
            with socket.socket() as attempt:
                if process.poll() is not None:
                    raise SystemExit((folder / "log").read_text())
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


async def main(server: Server, seconds: float) -> None:
    submit, head = requests(server)
    task_id = await one_task(server, submit)
    poll = f"GET /v1/tasks/{task_id} HTTP/1.1\r\n{head}\r\n".encode()
    alive = f"GET /healthz HTTP/1.1\r\n{head}\r\n".encode()
    await measure(server, submit, 4, 0.5)  # caches and pages warm
    for name, request, connections in (
        ("submits, 1 connection", submit, 1),
        ("submits, 32 connections", submit, 32),
        ("polls, 1 connection", poll, 1),
        ("polls, 32 connections", poll, 32),
        ("floor: GET /healthz, 32", alive, 32),
    ):
        print((await measure(server, request, connections, seconds)).row(name), flush=True)


def go(work: Coroutine[None, None, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # half the client's CPU, which the server gets
        runner.run(work)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--processes", type=int, default=1, help="API processes; several only on postgres")
    parser.add_argument("--url")
    parser.add_argument("--key")
    given = parser.parse_args()
    if given.processes > 1 and given.database == "sqlite":
        parser.error("a SQLite file has one server; add --database postgres")
    if given.url:
        parts = urlsplit(given.url)
        running = Server(parts.hostname or "127.0.0.1", (parts.port or 80,), given.key)
        go(main(running, given.seconds))
    else:
        with served(given.database, given.processes) as fresh:
            go(main(fresh, given.seconds))
