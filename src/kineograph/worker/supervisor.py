"""Keeps child processes alive, says so to the database, and kills what must stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ulid import ULID

from kineograph.core.fleet import About, Wanted
from kineograph.core.ports import Standing, TaskStore
from kineograph.core.task import Failure, Task
from kineograph.telemetry import event

T = TypeVar("T")

BEATS = 3  # heartbeats in a lease: one may be late, none of our own calls blocks the supervisor longer than 2 s
LOOK = 0.4  # seconds between looks at the claimed tasks for a requested cancel or a spent time limit
LOOKS = 2000  # claims looked at in a second, at most
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
class Claim:
    """A task that a child is making.

    Attributes:
        since, cancel_seen_at: Monotonic seconds.
        told: The child knows that it is not wanted any more.
    """

    task: Task
    since: float = field(default_factory=time.monotonic)
    cancel_seen_at: float | None = None
    told: bool = False


@dataclass(slots=True)
class Child:
    """One life of a child process, as its supervisor knows it.

    Attributes:
        name: Executor id; never used twice.
        tickets: Tasks in hand, claimed or not.
        claims: The tasks being made: one, or in a loop thousands.
    """

    name: str
    process: asyncio.subprocess.Process
    tickets: set[str] = field(default_factory=set)
    claims: dict[str, Claim] = field(default_factory=dict)
    verdict: Failure | None = None  # why we killed it, where that is the task's end
    fault: str | None = None  # of the upstream it waits for
    drained: asyncio.Event = field(default_factory=asyncio.Event)  # the operator wants it gone

    def hear(self, note: Mapping[str, Any]) -> None:
        """Take one line of the child's."""
        match note["is"]:
            case "fault":
                self.fault = note["fault"]
            case "begin":
                self.tickets.add(note["task"])
            case "end":
                self.tickets.discard(note["task"])
                self.claims.pop(note["task"], None)

    def kill(self) -> None:
        """No more CPU, now."""
        # Not by process.kill(): that looks for the process's end first, and asyncio, who waits for it too, finds it taken.
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)


@dataclass(slots=True)
class Budget:
    """When a worker's process leaves by itself; shared by the supervisors of all its queues.

    Attributes:
        idle_exit: After this many seconds without work for any of them; None = never.
        max_tasks: After this many films; None = never.
        busy_at: Monotonic seconds.
    """

    idle_exit: float | None = None
    max_tasks: int | None = None
    done: int = 0
    busy_at: float = field(default_factory=time.monotonic)

    def spent(self, now: float) -> bool:
        """Whether it is time to go."""
        idle = self.idle_exit is not None and now - self.busy_at > self.idle_exit
        return idle or (self.max_tasks is not None and self.done >= self.max_tasks)


class Supervisor:
    """Runs `slots` children on one queue until told to stop.

    Args:
        queue: The queue the children serve.
        hello: First line for every child: its settings as JSON; gets `name` and `queue` added.
        time_limit: Seconds one attempt may take.
        drain: Seconds a running film may still take after `stop`.
        about: What every child says of itself in the registry.
        budget: Stop when it is spent.
        stays: A slot that the operator drained waits to be wanted again; else it ends, and `run` with the last of them.
        lease: Seconds of silence after which others take this worker for dead.
        loop: Its children wait for upstreams, many films side by side: they mind the time by themselves, and none is killed for
            one of its films.
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
        about: About | None = None,
        budget: Budget | None = None,
        stays: bool = False,
        lease: float = 15.0,
        loop: bool = False,
    ) -> None:
        self._store = store
        self._queue = queue
        self._hello = {**hello, "loop": loop}
        self._loop = loop
        self._look_at = 0.0
        self._slots = slots
        self._time_limit = time_limit
        self._drain = drain
        self._about = about
        self._budget = budget or Budget()
        self._stays = stays
        self._lease = lease
        self._children: dict[str, Child] = {}
        self._stopping = asyncio.Event()
        self._hurried = asyncio.Event()
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
        """Until `stop`, the budget or the operator ends it."""
        async with asyncio.TaskGroup() as group:
            slots = [group.create_task(self._slot()) for _ in range(self._slots)]
            beat = group.create_task(self._every(self._lease / BEATS, self._beat))
            watch = group.create_task(self._every(LOOK, self._watch))
            await asyncio.wait(slots)
            beat.cancel()
            watch.cancel()

    async def _every(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            await survive(work)
            await asyncio.sleep(seconds)

    async def _slot(self) -> None:
        pause, wanted = 0.0, True
        while wanted and not self._stopping.is_set():
            began = time.monotonic()
            wanted = await survive(self._life) is not False
            pause = 0.0 if time.monotonic() - began > STEADY else min(max(2 * pause, 0.5), RESTART_MAX)
            if pause and not self._stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)

    async def _life(self) -> bool:
        """One child, from its birth to the settling of what died with it. Whether another is wanted."""
        child = await self._spawn()
        try:
            code = await self._live(child)
        finally:
            child.kill()
            del self._children[child.name]
        await survive(lambda: self._bury(child, code))
        return not child.drained.is_set() or await self._rest(child.name)

    async def _rest(self, name: str) -> bool:
        """After the operator drained it: whether it is wanted again."""
        while not self._stopping.is_set():
            if await survive(lambda: self._ask(name)) is Wanted.UP:
                return True
            if not self._stays:
                return False
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._lease / BEATS)
        return False

    async def _ask(self, name: str) -> Wanted:
        if self._stays:
            await self._store.heartbeat(name, self._queue, "drained", ())
        return (await self._store.wanted([name])).get(name, Wanted.UP)

    async def _spawn(self) -> Child:
        name = f"w_{ULID()}"
        await self._store.heartbeat(name, self._queue, "up", (), self._about)
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
        stopping = [asyncio.create_task(word.wait()) for word in (self._stopping, child.drained)]
        await asyncio.wait({listening, *stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            self._say(child, {"is": "drain"})
            hurried = asyncio.create_task(self._hurried.wait())
            await asyncio.wait(
                {listening, hurried}, timeout=self._drain if child.tickets else 5.0, return_when=asyncio.FIRST_COMPLETED
            )
            hurried.cancel()
            child.kill()
        for word in stopping:
            word.cancel()
        await listening
        return await child.process.wait()

    async def _listen(self, child: Child) -> None:
        assert child.process.stdout is not None
        async for line in child.process.stdout:
            try:
                note = json.loads(line)
            except ValueError:  # cut short by its death
                continue
            made = note["is"] == "end" and note["task"] in child.claims
            child.hear(note)
            if note["is"] == "ready":
                self.ready.set()
            elif note["is"] == "claim":
                task = await self._store.get(note["task"])
                if task is not None:
                    child.claims[task.id] = Claim(task)
                child.verdict = None
            elif made:
                self._budget.done += 1
                self._leave_when_spent()

    async def _bury(self, child: Child, code: int) -> None:
        """Settle what died with the child, then let its tickets be taken by others."""
        event("child.ended", worker=child.name, code=code, tasks=sorted(child.claims))
        await asyncio.gather(*(self._settle(child, claim.task) for claim in child.claims.values()))
        await self._store.heartbeat(child.name, self._queue, "stopped" if self._going(child) else "dead", ())
        await self._store.reap(self._lease)

    async def _settle(self, child: Child, task: Task) -> None:
        if child.verdict is not None:
            await self._store.fail(task, child.verdict)
        elif self._going(child):
            await self._store.release(task)
        else:
            await self._store.fail(task, DIED, 1.0)

    def _going(self, child: Child) -> bool:
        """Whether its end is meant."""
        return self._stopping.is_set() or child.drained.is_set()

    async def _beat(self) -> None:
        wanted = await self._store.wanted(list(self._children))
        for child in list(self._children.values()):
            if wanted.get(child.name) is Wanted.DRAINED:
                child.drained.set()
            state = "draining" if self._going(child) else "up"
            await self._store.heartbeat(child.name, self._queue, state, sorted(child.tickets), fault=child.fault)

    async def _watch(self) -> None:
        now = time.monotonic()
        children = list(self._children.values())
        if any(child.tickets for child in children) or not self.ready.is_set():  # starting is not idling
            self._budget.busy_at = now
        claims = [(child, claim) for child in children for claim in child.claims.values()]
        if claims and now >= self._look_at:
            self._look_at = now + len(claims) / LOOKS
            standings = await self._store.standings([claim.task.id for _, claim in claims])
            for child, claim in claims:
                self._judge(child, claim, standings.get(claim.task.id), now)
        self._leave_when_spent()

    def _leave_when_spent(self) -> None:
        if not self._stopping.is_set() and self._budget.spent(time.monotonic()):
            self.stop()

    def _judge(self, child: Child, claim: Claim, task: Standing | None, now: float) -> None:
        if child.claims.get(claim.task.id) is not claim:  # it has gone on to another meanwhile
            return
        if now - claim.since > self._time_limit and not self._loop:
            child.verdict = TIME_LIMIT
            child.kill()
        elif task is None or (task.worker, task.attempt) != (claim.task.worker, claim.task.attempt):
            # Lost: its own report tells it so; one that never reports is stopped here.
            claim.cancel_seen_at = claim.cancel_seen_at or now + (0 if self._loop else self._lease)
        elif task.cancel_requested:
            claim.cancel_seen_at = claim.cancel_seen_at or now
        if claim.cancel_seen_at is None:
            return
        if not claim.told and claim.cancel_seen_at <= now:
            claim.told = True
            self._say(child, {"is": "withdrawn", "task": claim.task.id})
        if now - claim.cancel_seen_at > CANCEL_GRACE and not self._loop:
            event("child.killed", worker=child.name, task_id=claim.task.id)
            child.kill()


async def survive(work: Callable[[], Awaitable[T]]) -> T | None:
    """Do it; a database away or a disk full for a moment must not end the supervision. What was not settled, the reaper
    settles later."""
    try:
        return await work()
    except Exception as error:  # noqa: BLE001 - the supervisor is who must outlive everything
        event("supervisor.trouble", error=f"{type(error).__name__}: {error}")
        return None


def stop_on_signals(stop: Callable[[], None]) -> None:
    """SIGTERM and SIGINT call `stop` on the running loop."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
