"""The simplest load balancer: one TCP connection after the other to the next node that says it is ready. No retries."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import httpx2

INTERVAL = 0.5  # seconds between two health checks


class Balancer:
    """A context manager; listens on `port` in a thread of its own.

    Args:
        nodes: Ports on 127.0.0.1.

    Attributes:
        ready: Ports of the nodes that get something to do.
        history: Which node came and went, and why.
    """

    port: int

    def __init__(self, nodes: Sequence[int]) -> None:
        self._nodes, self._turn = list(nodes), 0
        self.ready: set[int] = set()
        self.history: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="balancer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        starting = asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        asyncio.run_coroutine_threadsafe(self._check(), self._loop)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._leave(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _leave(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        questions: asyncio.StreamWriter | None = None
        try:
            answers, questions = await self._connect()
            await asyncio.gather(_pump(reader, questions), _pump(answers, writer))
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            for end in (writer, questions):
                if end is not None:
                    end.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in self._nodes:
            self._turn += 1
            port = self._nodes[self._turn % len(self._nodes)]
            if port in self.ready:
                with contextlib.suppress(ConnectionRefusedError):
                    return await asyncio.open_connection("127.0.0.1", port)
        raise ConnectionRefusedError("no node is ready")

    async def _check(self) -> None:
        """Ask every node, again and again, as balancers do. One slow answer says nothing."""
        async with httpx2.AsyncClient(timeout=10, trust_env=False) as http:
            while True:
                await asyncio.gather(*(self._ask(http, port) for port in self._nodes))
                await asyncio.sleep(INTERVAL)

    async def _ask(self, http: httpx2.AsyncClient, port: int) -> None:
        try:
            answer = await http.get(f"http://127.0.0.1:{port}/readyz")
        except httpx2.TransportError as error:
            self._judge(port, repr(error))
        else:
            self._judge(port, "" if answer.status_code == 200 else answer.text)

    def _judge(self, port: int, fault: str) -> None:
        if (port in self.ready) == bool(fault):
            self.history.append(f"{time.monotonic():.1f} {port}: {fault or 'ready'}")
        self.ready.discard(port) if fault else self.ready.add(port)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    with contextlib.suppress(OSError):
        sink.write_eof()
