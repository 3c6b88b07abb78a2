"""Images of waiting tasks: fetched into the file store before a render slot is taken, and kept for retries."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from kineograph.core.errors import ImageError
from kineograph.core.files import FileStore
from kineograph.core.ports import TaskStore
from kineograph.core.request import ImageInput, Role
from kineograph.core.task import Failure, Status, Task
from kineograph.media.fetch import Fetcher
from kineograph.media.images import RULES, fetch_images
from kineograph.telemetry import bound, event


class Intake:
    """Fetches the images of a queued task and moves its ticket on, or refuses the task with a sentence for the caller."""

    def __init__(self, store: TaskStore, files: FileStore, fetcher: Fetcher, scratch: Path) -> None:
        self._store = store
        self._files = files
        self._fetcher = fetcher
        self._scratch = scratch

    async def run_one(self, task_id: str) -> None:
        """Fetch what is still a URL. An image that cannot be had or read fails the task for good."""
        task = await self._store.get(task_id)
        if task is None or task.status is not Status.QUEUED:
            return
        self._scratch.mkdir(parents=True, exist_ok=True)
        with bound(task_id=task_id), tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            try:
                rules = RULES.get(task.request.dialect)
                found = await fetch_images(task.request.images, self._files, self._fetcher, Path(folder), rules)
            except ImageError as error:
                await self._store.refuse(task_id, Failure(error.reason, error.message, status=400))
                event("task.failed", reason=error.reason)
                return
            await self._store.prepared(task_id, await self._keep(task, found))
            event("task.images_fetched", images=len(found))

    async def _keep(self, task: Task, found: Mapping[Role, Path]) -> list[ImageInput]:
        kept = []
        for image in task.request.images:
            if image.source.startswith("file:"):
                kept.append(image)
                continue
            await self._files.put(name := f"inputs/{task.id}/{image.role}", found[image.role])
            kept.append(ImageInput(image.role, f"file:{name}"))
        return kept
