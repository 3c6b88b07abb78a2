"""A TCP proxy that misbehaves on command: put it between a test and its database or storage."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

PIECE = 64 * 1024  # bytes passed on at a time
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 seconds: close sends RST instead of FIN


@dataclass(frozen=True, slots=True)
class Pass:
    """Everything goes through."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Every piece waits so many seconds, in both directions."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Cut:
    """A connection is reset, on both sides, after so many bytes (both directions together, counted from this mood on)."""

    after: int


@dataclass(frozen=True, slots=True)
class HalfClose:
    """After so many bytes the caller sees the end of the stream; what it still sends is swallowed, and the target hears
    nothing of it."""

    after: int


@dataclass(frozen=True, slots=True)
class Refuse:
    """Nobody listens, and the connections there are are reset: as when the target was killed."""


@dataclass(frozen=True, slots=True)
class Hang:
    """Connections are taken and kept, no byte moves: a firewall that drops, a stopped process. What waited goes on with the
    next mood."""


Mood = Pass | Delay | Cut | HalfClose | Refuse | Hang


@dataclass(slots=True, eq=False)
class _Link:
    """One caller's connection. `passed` counts the bytes since the mood `under` began."""

    caller: asyncio.StreamWriter
    target: asyncio.StreamWriter | None = None
    passed: int = 0
    under: Mood | None = None
    deaf: bool = False  # half-closed: swallow what comes

    def reset(self) -> None:
        """RST to both sides."""
        for writer in (self.caller, self.target):
            if writer is not None:
                found = writer.get_extra_info("socket")
                with contextlib.suppress(OSError):
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                writer.transport.abort()


class Proxy:
    """Listens on a port of its own (`port`) and passes on to the target; runs in a thread of its own, so that tests, their
    loops and other processes can use it alike. A context manager.

        with Proxy(postgres_port) as proxy:
            url = f"postgresql://127.0.0.1:{proxy.port}/test"
            proxy.mood = Hang()
            ...
            proxy.mood = Pass()

    Setting `mood` takes effect, for connections old and new, before the assignment returns.

    Args:
        port, host: The target.

    Attributes:
        port: Where to connect; stays the same through every mood.
        accepted: Connections taken so far.
    """

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._target = (host, port)
        self._mood: Mood = Pass()
        self._links: set[_Link] = set()
        self._pumping: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        # Bound and never listening: keeps the port ours while we refuse. Linux lets others bind beside it with REUSEADDR.
        self._place = _bound(0)
        self.port: int = self._place.getsockname()[1]
        self.accepted = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._place.close()

    @property
    def mood(self) -> Mood:
        """What it does to connections now."""
        return self._mood

    @mood.setter
    def mood(self, mood: Mood) -> None:
        self._do(self._apply(mood))

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._links)

    def cut(self) -> None:
        """Reset every connection there is, once; new ones are as the mood says."""
        self._do(self._cut())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, sock=_bound(self.port), backlog=1024)

    async def _apply(self, mood: Mood) -> None:
        self._mood = mood
        self._changed.set()
        self._changed = asyncio.Event()
        if isinstance(mood, Refuse):
            self._deafen()
            await self._cut()
        elif self._server is None:
            await self._listen()

    def _deafen(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _cut(self) -> None:
        for link in list(self._links):
            link.reset()

    async def _close(self) -> None:
        self._deafen()
        for task in list(self._pumping):
            task.cancel()
        await self._cut()
        await asyncio.gather(*self._pumping, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pumping.add(task)
        self.accepted += 1
        self._links.add(link := _Link(writer))
        try:
            await self._unless_hanging()
            answers, link.target = await asyncio.open_connection(*self._target)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(link, reader, link.target, from_caller=True))
                group.create_task(self._pump(link, answers, writer, from_caller=False))
        except* (OSError, asyncio.CancelledError):  # the target is away, or we are closing
            link.reset()
        finally:
            self._links.discard(link)
            self._pumping.discard(task)
            for end in (link.caller, link.target):
                if end is not None:
                    end.close()

    async def _pump(
        self, link: _Link, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, from_caller: bool
    ) -> None:
        with contextlib.suppress(ConnectionError):  # one side went away: the other hears it below
            while data := await source.read(PIECE):
                await self._unless_hanging()
                if isinstance(self._mood, Delay):
                    await asyncio.sleep(self._mood.seconds)
                allowed = self._allowed(link, len(data))
                if link.deaf:
                    continue
                sink.write(data[:allowed])
                await sink.drain()
                if allowed < len(data) or self._spent(link):
                    self._end(link)
        if source.exception() is not None:
            link.reset()
        elif sink.can_write_eof() and not (from_caller and link.deaf):
            await self._unless_hanging()
            with contextlib.suppress(OSError):
                sink.write_eof()

    async def _unless_hanging(self) -> None:
        while isinstance(self._mood, Hang):
            await self._changed.wait()

    def _allowed(self, link: _Link, wanted: int) -> int:
        """How many of these bytes may pass."""
        if link.under is not self._mood:
            link.under, link.passed = self._mood, 0
        if isinstance(self._mood, Cut | HalfClose):
            wanted = max(0, min(wanted, self._mood.after - link.passed))
        link.passed += wanted
        return wanted

    def _spent(self, link: _Link) -> bool:
        return isinstance(self._mood, Cut | HalfClose) and link.passed >= self._mood.after

    def _end(self, link: _Link) -> None:
        if isinstance(self._mood, HalfClose):
            link.deaf = True
            with contextlib.suppress(OSError):
                link.caller.write_eof()
        else:
            link.reset()


def _bound(port: int) -> socket.socket:
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind(("127.0.0.1", port))
    return found
