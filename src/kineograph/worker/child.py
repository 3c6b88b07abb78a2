"""The process that can be killed: takes tickets of one queue, makes films, tells its supervisor."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from kineograph.core.ports import Queue, TaskStore
from kineograph.core.task import FETCH_QUEUE, Task
from kineograph.worker.intake import Intake
from kineograph.worker.loop import TICKETS, LoopHands
from kineograph.worker.maker import Worker

DRAINED = 3600.0  # seconds; the supervisor's patience ends long before
FETCHES = 16  # images fetched side by side; a slow server costs a thread here, never a render slot


class Line:
    """The two pipes to the supervisor: JSON, one object a line."""

    def __init__(self) -> None:
        # Whatever a library prints must not reach the supervisor's ears: keep the pipe, give stdout to stderr.
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def hello(self) -> dict[str, Any]:
        """The first line: settings, name and queue."""
        first: dict[str, Any] = json.loads(sys.stdin.readline())
        return first

    def say(self, is_: str, task: str | None = None) -> None:
        """ready, begin, claim, end."""
        self._note({"is": is_, "task": task})

    def fault(self, _upstream: str, fault: str | None) -> None:
        """What is wrong with the upstream, None once nothing is."""
        self._note({"is": "fault", "fault": fault})

    def _note(self, note: Mapping[str, str | None]) -> None:
        with self._lock:
            self._out.write(json.dumps(note) + "\n")
            self._out.flush()

    def listen(self, words: Mapping[str, Callable[[str], None]]) -> None:
        """In a thread: what to do on each word of the supervisor's, given the task it is about, or "".

        Its end of the pipe closed = it is dead: end at once, so that nobody renders for nobody; the claim is fenced and will
        be reaped.
        """

        def run() -> None:
            for line in sys.stdin:
                note = json.loads(line)
                words[note["is"]](note.get("task", ""))
            os._exit(3)

        threading.Thread(target=run, daemon=True, name="supervisor-line").start()


class Hands:
    """What the process does with a ticket: fetch the task's images, or make its film; one film at a time.

    A ticket does not say which: the task does. Tickets come at least once, in any thread.
    """

    def __init__(self, line: Line, store: TaskStore, worker: Worker, intake: Intake) -> None:
        self._line = line
        self._store = store
        self._worker = worker
        self._intake = intake
        self._loop = asyncio.get_running_loop()
        self._rendering = asyncio.Lock()

    def handle(self, task_id: str) -> None:
        """In a thread of the queue's; returns when the ticket is used up."""
        self._line.say("begin", task_id)
        try:
            asyncio.run_coroutine_threadsafe(self._run(task_id), self._loop).result()
        finally:
            self._line.say("end", task_id)

    def withdraw(self, task_id: str) -> None:
        """From any thread: the caller wants this task stopped."""
        self._loop.call_soon_threadsafe(self._worker.withdraw, task_id)

    async def _run(self, task_id: str) -> None:
        task = await self._store.get(task_id)
        if task is None or task.finished:
            return
        if any(not image.source.startswith("file:") for image in task.request.images):
            await self._intake.run_one(task_id)
            return
        async with self._rendering:
            await self._worker.run_one(task_id)


async def serve(line: Line, queue: Queue[Any], queue_name: str, name: str, hands: Hands | LoopHands) -> None:
    """Take tickets of `queue_name`, and of FETCH_QUEUE, as the worker `name`, until told to drain."""
    loop = asyncio.get_running_loop()
    draining = asyncio.Event()
    tickets = TICKETS if isinstance(hands, LoopHands) else 1

    def drain(_task: str) -> None:
        loop.call_soon_threadsafe(draining.set)

    line.listen({"drain": drain, "withdrawn": hands.withdraw})
    running = await asyncio.to_thread(queue.run, {queue_name: tickets, FETCH_QUEUE: FETCHES}, name, hands.handle)
    line.say("ready")
    await draining.wait()
    if isinstance(hands, LoopHands):
        hands.leave()
    await asyncio.to_thread(running.stop, DRAINED)
    if isinstance(hands, LoopHands):
        await hands.stop()


def claimed(line: Line) -> Callable[[Task], None]:
    """What the worker calls when it has claimed a task."""
    return lambda task: line.say("claim", task.id)
