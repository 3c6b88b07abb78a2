"""Keeps child processes alive, says so to the database, and kills what must stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ulid import ULID

from kineograph.core.ports import TaskStore
from kineograph.core.task import Failure, Task
from kineograph.telemetry import event

BEATS = 3  # heartbeats in a lease: one may be late, none of our own calls blocks the supervisor longer than 2 s
LOOK = 0.4  # seconds between looks at the claimed tasks for a requested cancel or a spent time limit
CANCEL_GRACE = 0.8  # seconds a child has to stop by itself; with LOOK it makes a cancel bite within 2 s
STEADY = 5.0  # seconds; a child that lived longer is started again at once
RESTART_MAX = 30.0  # seconds; longest pause before a child that dies at once is started again

TIME_LIMIT = Failure(
    "time_limit", "the film took longer than the time limit; try a shorter film or a lower resolution", status=500
)
DIED = Failure(
    "worker_died", "the process making the film died each time it was tried; try a lower resolution", retryable=True
)


@dataclass(slots=True)
class Child:
    """One life of a child process, as its supervisor knows it.

    Attributes:
        name: Executor id; never used twice.
        tickets: Tasks in hand, claimed or not.
        claim: The task being made.
        claimed_at, cancel_seen_at: Monotonic seconds.
    """

    name: str
    process: asyncio.subprocess.Process
    tickets: set[str] = field(default_factory=set)
    claim: Task | None = None
    claimed_at: float = 0.0
    cancel_seen_at: float | None = None
    verdict: Failure | None = None  # why we killed it, where that is the task's end

    def hear(self, note: Mapping[str, Any]) -> None:
        """Take one line of the child's."""
        match note["is"]:
            case "begin":
                self.tickets.add(note["task"])
            case "end":
                self.tickets.discard(note["task"])
                if self.claim is not None and self.claim.id == note["task"]:
                    self.claim, self.cancel_seen_at = None, None

    def kill(self) -> None:
        """No more CPU, now."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()


class Supervisor:
    """Runs `slots` children on one queue until told to stop.

    Args:
        queue: The queue the children serve.
        hello: First line for every child: its settings as JSON; gets `name` and `queue` added.
        time_limit: Seconds one attempt may take.
        drain: Seconds a running film may still take after `stop`.
        idle_exit: Stop after this many seconds without work; None = never.
        max_tasks: Stop after this many films; None = never.
        lease: Seconds of silence after which others take this worker for dead.
        chores: Awaited with every heartbeat: the reaper and friends.
    """

    def __init__(
        self,
        store: TaskStore,
        *,
        queue: str,
        hello: Mapping[str, Any],
        slots: int = 1,
        time_limit: float = 1800.0,
        drain: float = 20.0,
        idle_exit: float | None = None,
        max_tasks: int | None = None,
        lease: float = 15.0,
        chores: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self._store = store
        self._queue = queue
        self._hello = dict(hello)
        self._slots = slots
        self._time_limit = time_limit
        self._drain = drain
        self._idle_exit = idle_exit
        self._max_tasks = max_tasks
        self._lease = lease
        self._chores = chores
        self._children: dict[str, Child] = {}
        self._stopping = asyncio.Event()
        self._hurried = asyncio.Event()
        self._done = 0
        self._busy_at = time.monotonic()
        self.ready = asyncio.Event()

    @property
    def draining(self) -> bool:
        """True once `stop` was called."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Begin to drain: nothing new is taken; `run` returns when the children are gone. Called again: films in the
        making are handed back at once."""
        if self._stopping.is_set():
            self._hurried.set()
        self._stopping.set()

    async def run(self) -> None:
        """Until `stop`, the idle time or the task budget ends it."""
        async with asyncio.TaskGroup() as group:
            slots = [group.create_task(self._slot()) for _ in range(self._slots)]
            beat = group.create_task(self._every(self._lease / BEATS, self._beat))
            watch = group.create_task(self._every(LOOK, self._watch))
            chores = group.create_task(self._every(self._lease / BEATS, self._chores)) if self._chores else None
            await asyncio.wait(slots)
            for task in (beat, watch, chores):
                if task is not None:
                    task.cancel()

    async def _every(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            await self._survive(work)
            await asyncio.sleep(seconds)

    async def _survive(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do it; a database away or a disk full for a moment must not end the supervision. What was not settled, the reaper
        settles later."""
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - the supervisor is who must outlive everything
            event("supervisor.trouble", error=f"{type(error).__name__}: {error}")

    async def _slot(self) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            began = time.monotonic()
            await self._survive(self._life)
            pause = 0.0 if time.monotonic() - began > STEADY else min(max(2 * pause, 0.5), RESTART_MAX)
            if pause and not self._stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)

    async def _life(self) -> None:
        """One child, from its birth to the settling of what died with it."""
        child = await self._spawn()
        try:
            code = await self._live(child)
        finally:
            child.kill()
            del self._children[child.name]
        await self._bury(child, code)

    async def _spawn(self) -> Child:
        name = f"w_{ULID()}"
        await self._store.heartbeat(name, self._queue, "up", ())
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "kineograph",
            "_child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the supervisor; it tells the children itself
            limit=2**20,
        )
        child = self._children[name] = Child(name, process)
        self._say(child, {**self._hello, "name": name, "queue": self._queue})
        event("child.started", worker=name, pid=process.pid)
        return child

    @staticmethod
    def _say(child: Child, note: Mapping[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            assert child.process.stdin is not None
            child.process.stdin.write(json.dumps(note).encode() + b"\n")

    async def _live(self, child: Child) -> int:
        """Until the process is gone; its exit code."""
        listening = asyncio.create_task(self._listen(child))
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({listening, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            self._say(child, {"is": "drain"})
            hurried = asyncio.create_task(self._hurried.wait())
            await asyncio.wait(
                {listening, hurried}, timeout=self._drain if child.tickets else 5.0, return_when=asyncio.FIRST_COMPLETED
            )
            hurried.cancel()
            child.kill()
        stopping.cancel()
        await listening
        return await child.process.wait()

    async def _listen(self, child: Child) -> None:
        assert child.process.stdout is not None
        async for line in child.process.stdout:
            try:
                note = json.loads(line)
            except ValueError:  # cut short by its death
                continue
            child.hear(note)
            if note["is"] == "ready":
                self.ready.set()
                self._busy_at = time.monotonic()  # before that it was not idle, it was starting
            elif note["is"] == "claim":
                child.claim = await self._store.get(note["task"])
                child.claimed_at, child.verdict = time.monotonic(), None
            elif note["is"] == "end":
                self._done += 1
                if self._max_tasks is not None and self._done >= self._max_tasks:
                    self.stop()

    async def _bury(self, child: Child, code: int) -> None:
        """Settle what died with the child, then let its tickets be taken by others."""
        event("child.ended", worker=child.name, code=code, task_id=child.claim.id if child.claim else None)
        if child.claim is not None:
            if child.verdict is not None:
                await self._store.fail(child.claim, child.verdict)
            elif self._stopping.is_set():
                await self._store.release(child.claim)
            else:
                await self._store.fail(child.claim, DIED, 1.0)
        await self._store.heartbeat(child.name, self._queue, "stopped" if self._stopping.is_set() else "dead", ())
        await self._store.reap(self._lease)

    async def _beat(self) -> None:
        state = "draining" if self._stopping.is_set() else "up"
        for child in list(self._children.values()):
            await self._store.heartbeat(child.name, self._queue, state, sorted(child.tickets))

    async def _watch(self) -> None:
        now = time.monotonic()
        for child in list(self._children.values()):
            if child.tickets:
                self._busy_at = now
            if child.claim is not None:
                await self._judge(child, child.claim, now)
        if self._idle_exit is not None and self.ready.is_set() and now - self._busy_at > self._idle_exit:
            self.stop()

    async def _judge(self, child: Child, claim: Task, now: float) -> None:
        task = await self._store.get(claim.id)
        if now - child.claimed_at > self._time_limit:
            child.verdict = TIME_LIMIT
            child.kill()
        elif task is None or (task.worker, task.attempt) != (claim.worker, claim.attempt):
            # Lost: its own report tells it so; one that never reports is stopped here.
            child.cancel_seen_at = child.cancel_seen_at or now + self._lease
        elif task.cancel_requested:
            child.cancel_seen_at = child.cancel_seen_at or now
        if child.cancel_seen_at is not None and now - child.cancel_seen_at > CANCEL_GRACE:
            event("child.killed", worker=child.name, task_id=claim.id)
            child.kill()


def stop_on_signals(stop: Callable[[], None]) -> None:
    """SIGTERM and SIGINT call `stop` on the running loop."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
