"""`kineo serve`: the API, and the supervisors beside it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import subprocess
import sys
from collections.abc import Iterator

import uvicorn

from kineograph import __version__
from kineograph.api import create_app
from kineograph.api.metrics import Metrics
from kineograph.api.protocol import Protocol
from kineograph.api.service import Service
from kineograph.app.accounting import first_prices
from kineograph.app.chores import doing_chores
from kineograph.app.delivering import delivering
from kineograph.app.health import Health
from kineograph.app.keyring import first_admin_key
from kineograph.app.logs import log_to_stderr
from kineograph.app.parts import Parts, opened, prepare
from kineograph.app.working import supervisor_of
from kineograph.core.errors import OperatorError
from kineograph.settings import Settings
from kineograph.store.folder import lock_folder
from kineograph.store.storage import prove
from kineograph.worker.supervisor import stop_on_signals

WRITERS = 3  # transactions at once on PostgreSQL; with the connections of readers 6 for each API process


def serve(settings: Settings) -> None:
    """Run the service until SIGTERM or Ctrl-C."""
    log_to_stderr(settings.log_level, settings.log_format)
    prepare(settings)
    with lock_folder(settings.data), _listening(settings) as listening:
        asyncio.run(_serve(settings, listening))


async def _serve(settings: Settings, listening: socket.socket) -> None:
    async with opened(settings, writers=WRITERS) as parts:
        await asyncio.to_thread(prove, parts.files)
        address = _address(settings, listening)
        health = Health(parts)
        server = Server(
            uvicorn.Config(
                create_app(await _service(parts, health)),
                log_config=None,
                access_log=False,
                http=Protocol,
                ws="none",  # an upgrade is answered as the plain request it also is
                proxy_headers=False,  # uvicorn would believe any forwarded header from loopback; api/edge.py decides
                server_header=False,
                timeout_graceful_shutdown=3,
            )
        )
        await first_admin_key(parts)
        await first_prices(parts)
        await parts.fleet.know(
            parts.queues, {model.name: model.running_cap for model in parts.catalogue.models if model.running_cap}
        )
        crew, loop = Crew(parts), asyncio.get_running_loop()
        working = asyncio.create_task(crew.run())

        def leave() -> None:
            server.should_exit = True

        def stop() -> None:
            if health.leaving:
                leave()
            else:
                sys.stderr.write("stopping: a film in the making may take a moment; once more to stop now\n")
                health.leaving = True
                loop.call_later(settings.linger, lambda: working.add_done_callback(lambda _drained: leave()))
            crew.stop()

        _calm_collector()
        stop_on_signals(stop)
        sys.stderr.write(
            f"Kineograph {__version__} at {address}  (console: {address}/console/  API page: {address}/docs)\n"
            f"data: {settings.data}\n"
        )
        try:
            async with doing_chores(parts), delivering(parts):
                await server.serve(sockets=[listening])
        finally:
            crew.stop()
            await working


async def _service(parts: Parts, health: Health) -> Service:
    """What the routes need."""
    settings = parts.settings
    metrics = Metrics(parts.fleet, parts.room.free)
    metrics.listen()
    return Service(
        tasks=parts.tasks(),
        keys=parts.keys,
        files=parts.files,
        fleet=parts.fleet,
        ledger=parts.ledger,
        deliveries=parts.deliveries,
        link_secret=await parts.keys.secret("links"),
        version=__version__,
        public_url=settings.public_url,
        link_ttl=int(settings.link_ttl),
        trusted_proxies=settings.trusted_proxies,
        cors_origins=settings.cors_origins,
        fetch_allow=settings.fetch_allow,
        simulation=settings.simulation,
        storage_redirect=settings.storage_redirect,
        health=health,
        warnings=health.warnings,
        metrics=metrics,
    )


def _calm_collector() -> None:
    """Keep Python's cycle collector from walking everything the process has loaded, again and again.

    Full collections were the slowest submits: p99 at 32 connections fell from 78 to 23 ms (benchmarks/submit.py).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 1_000)


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: ours drain the workers first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


class Crew:
    """The supervisors beside the API: one per engine of the catalogue, so none if this process is to have no workers."""

    def __init__(self, parts: Parts) -> None:
        settings = parts.settings
        queues = parts.queues if settings.workers else []
        self._supervisors = [supervisor_of(parts, queue, slots=settings.workers, stays=True) for queue in queues]
        self._stopped = asyncio.Event()
        self._warming = _warm_in_background(settings) if "animatic" in queues else None

    def stop(self) -> None:
        """Let all of them drain; the second time, at once."""
        self._stopped.set()
        for supervisor in self._supervisors:
            supervisor.stop()

    async def run(self) -> None:
        """Until all have drained."""
        if not self._supervisors:
            await self._stopped.wait()
        await asyncio.gather(*(supervisor.run() for supervisor in self._supervisors))
        if self._warming is not None:
            self._warming.terminate()
            await asyncio.to_thread(self._warming.wait)


def _warm_in_background(settings: Settings) -> subprocess.Popen[bytes] | None:
    """Compile the engine's kernels once per version, at the lowest priority, so that the first film starts at once."""
    if (settings.data / "kernels" / f"warm-{__version__}").exists():
        return None
    command = [sys.executable, "-m", "kineograph", "warmup", "--data", str(settings.data)]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module, no word of a caller
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@contextlib.contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        with socket.create_server((settings.host, settings.port), family=family, backlog=2048) as listening:
            # Inherited by every connection. asyncio sets it only on sockets that name their protocol, which this one does
            # not: an answer of two packets then waits 40 ms for the caller's delayed ACK.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield listening
    except OSError as error:
        if error.errno is None or isinstance(error, ConnectionError):
            raise
        raise OperatorError(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); choose another with --host and --port"
        ) from error


def _address(settings: Settings, listening: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listening.getsockname()[1]}"
