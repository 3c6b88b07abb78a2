"""The service without HTTP: `kineo generate` on this machine, and `kineo tasks` on the data folder."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from ulid import ULID

from kineograph import client
from kineograph.api.desk import Desk as ReadingDesk
from kineograph.api.links import Links, Signer
from kineograph.api.native_request import to_request
from kineograph.api.render import STATUSES, estimate_of, render
from kineograph.app.chores import doing_chores
from kineograph.app.keyring import LOCAL_KEY
from kineograph.app.parts import Parts, opened
from kineograph.app.working import supervisor_of
from kineograph.client.results import Film
from kineograph.client.verbs import Progress, check_folder, made, place
from kineograph.client.wish import Wish, local_body
from kineograph.core.errors import Conflict, InvalidRequest, NotFound
from kineograph.core.fleet import LOCAL
from kineograph.core.keys import digest, mint
from kineograph.core.ports import TaskQuery
from kineograph.core.task import Status, Task
from kineograph.settings import Settings
from kineograph.store.storage import prove

Json = dict[str, Any]  # a body of the wire
T = TypeVar("T")


def generate_here(settings: Settings, prompt: str, wish: Wish, show: Progress, output: Path | None) -> Film:
    """Make a film in this process' own worker, on a queue of its own, as the built-in key. What a Client's `generate` does.

    Raises:
        Failed, Cancelled: it was not made. Ctrl-C cancels the task and comes out as KeyboardInterrupt.
    """
    check_folder(output)
    document = local_body(prompt, wish)
    return asyncio.run(_generate(settings, document, show, output))


async def _generate(settings: Settings, document: Json, show: Progress, output: Path | None) -> Film:
    async with opened(settings) as parts, doing_chores(parts):
        await asyncio.to_thread(prove, parts.files)
        if await parts.keys.get(LOCAL_KEY.id) is None:
            await parts.keys.create(LOCAL_KEY, digest(mint()))  # nobody ever sees that text
        tasks = parts.tasks(queue := f"{LOCAL}{ULID()}")
        signer = Signer(await parts.keys.secret("links"))
        desk = ReadingDesk(signer, parts.files, settings.fetch_allow, time.time())
        request = await to_request(document, desk)
        engine = tasks.model(request.model).engine_for(request)
        # A person sees the progress bar.
        supervisor = supervisor_of(parts, queue, slots=1, log_level="warning", engine=engine)
        running = asyncio.create_task(supervisor.run())
        try:
            task = (await tasks.submit(request, LOCAL_KEY)).task
            try:
                while not task.finished:
                    show(await _shown(parts, task))
                    task = await tasks.wait(task.id, LOCAL_KEY, 1.0)
            except asyncio.CancelledError:
                with contextlib.suppress(Conflict, NotFound):
                    await tasks.cancel(task.id, LOCAL_KEY)
                raise
            answer = made(await _shown(parts, task))
            assert task.video is not None
            path = place(output, task.request.prompt, task.request.seed)
            await parts.files.fetch(task.video.file, part := path.with_name(path.name + ".part"))
            return Film(part.replace(path), answer)
        finally:
            supervisor.stop()
            await running


async def _shown(parts: Parts, task: Task) -> client.Task:
    """As a server would show it; to the operator also what an upstream did for it, and took."""
    settings = parts.settings
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    links = Links(base, Signer(await parts.keys.secret("links")), int(settings.link_ttl))
    shown = render(task, links, time.time(), estimate=estimate_of(parts.catalogue, task))
    upstream = task.video.facts.get("upstream") if task.video is not None else None
    return client.Task.of(shown | ({"upstream": upstream} if upstream else {}))


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

    def list(self, limit: int, *, status: str | None = None) -> Iterator[client.Task]:
        """Everybody's tasks, newest first."""
        if status is not None and status not in STATUSES:
            raise InvalidRequest(f"no status {status!r}; use one of {', '.join(STATUSES)}", param="status")
        query = TaskQuery(None, limit=limit, status=STATUSES[status] if status else None)
        for task in self._run(self._parts.store.list(query)):
            yield self._run(_shown(self._parts, task))

    def get(self, task_id: str) -> client.Task:
        """The task. Raises NotFound."""
        return self._run(_shown(self._parts, self._run(self._get(task_id))))

    def wait(self, task_id: str, *, progress: Progress) -> client.Task:
        """Wait for its end; `progress` sees every state on the way."""

        async def look() -> Task:
            task = await self._get(task_id)
            while not task.finished:
                progress(await _shown(self._parts, task))
                await asyncio.sleep(0.5)
                task = await self._get(task_id)
            return task

        return self._run(_shown(self._parts, self._run(look())))

    def cancel(self, task_id: str) -> client.Task:
        """Cancel it; the task as it is now. Raises NotFound, Conflict."""

        async def stop() -> Task:
            task = await self._get(task_id)
            if task.finished and task.status is not Status.CANCELLED:
                raise Conflict(f"task {task_id} is already {task.status}; only unfinished tasks can be cancelled")
            return await self._parts.store.cancel(task_id) or task

        return self._run(_shown(self._parts, self._run(stop())))

    async def _get(self, task_id: str) -> Task:
        task = await self._parts.store.get(task_id)
        if task is None:
            raise NotFound(f"no task {task_id!r} in {self._settings.data}; see kineo tasks list")
        return task

    def _run(self, verb: Awaitable[T]) -> T:
        async def run() -> T:
            return await verb

        return self._runner.run(run())
