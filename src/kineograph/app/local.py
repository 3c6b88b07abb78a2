"""The service without HTTP: `kineo generate` on this machine, and `kineo tasks` on the data folder."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ulid import ULID

from kineograph.api import native_request
from kineograph.api.links import Links, Signer
from kineograph.api.render import render
from kineograph.app.chores import doing_chores
from kineograph.app.keyring import LOCAL_KEY
from kineograph.app.parts import Parts, opened
from kineograph.app.working import supervisor_of
from kineograph.core.errors import Conflict, NotFound
from kineograph.core.fleet import LOCAL
from kineograph.core.keys import digest, mint
from kineograph.core.ports import TaskQuery
from kineograph.core.task import Status, Task
from kineograph.settings import Settings
from kineograph.store.storage import prove

Json = dict[str, Any]  # a task as the wire shows it
T = TypeVar("T")

STATUSES = {
    "pending": Status.QUEUED,
    "processing": Status.RUNNING,
    "completed": Status.SUCCEEDED,
    "failed": Status.FAILED,
    "cancelled": Status.CANCELLED,
}


def generate_here(
    settings: Settings, body: Mapping[str, Any], show: Callable[[float, str], None], where: Callable[[int], Path]
) -> Json:
    """Make a film in this process' own worker, on a queue of its own, as the built-in key.

    Args:
        body: A submit body of the native dialect.
        show: Told of progress 0…1 and phase.
        where: Seed -> path of the film.

    Returns:
        The finished task; with `path` if it completed. Ctrl-C cancels the task and comes out as KeyboardInterrupt.
    """
    return asyncio.run(_generate(settings, body, show, where))


async def _generate(
    settings: Settings, body: Mapping[str, Any], show: Callable[[float, str], None], where: Callable[[int], Path]
) -> Json:
    async with opened(settings) as parts, doing_chores(parts):
        await asyncio.to_thread(prove, parts.files)
        if await parts.keys.get(LOCAL_KEY.id) is None:
            await parts.keys.create(LOCAL_KEY, digest(mint()))  # nobody ever sees that text
        tasks = parts.tasks(queue := f"{LOCAL}{ULID()}")
        signer = Signer(await parts.keys.secret("links"))
        document = {name: value for name, value in body.items() if value is not None}
        desk = native_request.Desk(signer, parts.files, settings.fetch_allow, time.time())
        request = await native_request.to_request(document, desk)
        supervisor = supervisor_of(parts, queue, slots=1, log_level="warning")  # a person sees the progress bar
        running = asyncio.create_task(supervisor.run())
        try:
            task = (await tasks.submit(request, LOCAL_KEY)).task
            try:
                while not task.finished:
                    show(task.progress, "starting" if task.phase == "queued" else task.phase)
                    task = await tasks.wait(task.id, LOCAL_KEY, 1.0)
            except asyncio.CancelledError:
                with contextlib.suppress(Conflict, NotFound):
                    await tasks.cancel(task.id, LOCAL_KEY)
                raise
            answer = await _render(parts, task)
            if task.video is not None:
                path = where(task.request.seed)
                await parts.files.fetch(task.video.file, part := path.with_name(path.name + ".part"))
                answer["path"] = str(part.replace(path))
            return answer
        finally:
            supervisor.stop()
            await running


async def _render(parts: Parts, task: Task) -> Json:
    settings = parts.settings
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    links = Links(base, Signer(await parts.keys.secret("links")), int(settings.link_ttl))
    return render(task, links, time.time(), estimate=parts.catalogue.find(task.request.model).estimate)


class Desk:
    """The operator's view of everybody's tasks, straight from the data folder. Same verbs as client.Client."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._runner = asyncio.Runner()
        self._stack = contextlib.AsyncExitStack()

    def __enter__(self) -> Desk:
        self._parts = self._runner.run(self._stack.enter_async_context(opened(self._settings)))
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()

    def tasks(self, limit: int = 20, status: str | None = None) -> Iterator[Json]:
        """Everybody's tasks, newest first."""
        if status is not None and status not in STATUSES:
            raise NotFound(f"no status {status!r}; use one of {', '.join(STATUSES)}", param="--status")
        query = TaskQuery(None, limit=limit, status=STATUSES[status] if status else None)
        for task in self._run(self._parts.store.list(query)):
            yield self._run(_render(self._parts, task))

    def task(self, task_id: str) -> Json:
        """The task. Raises NotFound."""
        return self._run(_render(self._parts, self._run(self._get(task_id))))

    def follow(self, task_id: str, changed: Callable[[Json], None]) -> Json:
        """Wait for its end; `changed` sees every state on the way."""

        async def look() -> Task:
            task = await self._get(task_id)
            while not task.finished:
                changed(await _render(self._parts, task))
                await asyncio.sleep(0.5)
                task = await self._get(task_id)
            return task

        return self._run(_render(self._parts, self._run(look())))

    def cancel(self, task_id: str) -> Json:
        """Cancel it; the task as it is now. Raises NotFound, Conflict."""

        async def stop() -> Task:
            task = await self._get(task_id)
            if task.finished and task.status is not Status.CANCELLED:
                raise Conflict(f"task {task_id} is already {task.status}; only unfinished tasks can be cancelled")
            return await self._parts.store.cancel(task_id) or task

        return self._run(_render(self._parts, self._run(stop())))

    async def _get(self, task_id: str) -> Task:
        task = await self._parts.store.get(task_id)
        if task is None:
            raise NotFound(f"no task {task_id!r} in {self._settings.data}; see kineo tasks list")
        return task

    def _run(self, verb: Awaitable[T]) -> T:
        async def run() -> T:
            return await verb

        return self._runner.run(run())
