"""One ticket, start to finish: claim, make, publish."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import shutil
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from functools import partial
from pathlib import Path

from kineograph.core.errors import (
    ContentRefused,
    Declined,
    EngineError,
    ImageError,
    Interrupted,
    KineographError,
    Unavailable,
)
from kineograph.core.files import FileStore
from kineograph.core.fleet import LOCAL
from kineograph.core.models import Catalogue
from kineograph.core.ports import Signal, TaskStore
from kineograph.core.request import ADAPTIVE, Role, nearest_ratio, size_of
from kineograph.core.task import Failure, Task, Video
from kineograph.engines.base import Engine, Made, Order
from kineograph.media.fetch import Fetcher
from kineograph.media.images import fetch_images
from kineograph.telemetry import bound, event, span
from kineograph.worker.patience import Patience
from kineograph.worker.preview import Preview

REPORT_EVERY = 0.7  # seconds; one small write
REPORT_SELDOM = 2.5  # seconds between two of a film that takes minutes
RETRY_DELAY = 2.0  # seconds before the second attempt; twice that before the third
PUBLISHED = 4  # films measured and stored at once, where many are made
SPARE = 10.0  # seconds before its time limit that a waiting film gives up by itself, to be tried again and not to fail
RENDERED = 0.96  # the share of progress that belongs to the engine; the rest is measuring and storing


class Worker:
    """Makes films out of tickets. One per child process.

    Args:
        name: Id of this life of the process; with the attempt it fences every write.
        engine: Name -> engine.
        fetcher: For images that are still URLs; usually the intake has fetched them.
        scratch: Folder of its own for the orders' files.
        time_limit: Seconds an attempt may take. Storage or database away at its end: the film waits for them so long.
        claimed: Told of every claim, so that the supervisor knows what dies with this process.
    """

    def __init__(
        self,
        name: str,
        *,
        store: TaskStore,
        files: FileStore,
        catalogue: Catalogue,
        engine: Callable[[str], Engine],
        fetcher: Fetcher,
        scratch: Path,
        time_limit: float = 1800.0,
        claimed: Callable[[Task], None] = lambda _task: None,
    ) -> None:
        self._name = name
        self._store = store
        self._files = files
        self._catalogue = catalogue
        self._engine = engine
        self._fetcher = fetcher
        self._scratch = scratch
        self._time_limit = time_limit
        self._claimed = claimed
        self._withdrawn: set[str] = set()
        self._publishing = asyncio.Semaphore(PUBLISHED)

    def withdraw(self, task_id: str) -> None:
        """The caller wants it stopped: its next report goes out at once, and hears of it."""
        self._withdrawn.add(task_id)

    async def run_one(self, task_id: str) -> None:
        """Make the film of this ticket, or settle why not."""
        claim = await self.claim(task_id)
        if claim is not None:
            await self.make(claim)

    async def claim(self, task_id: str) -> Task | None:
        """The task if it is ours to make now."""
        claim = await self._store.start(task_id, self._name)
        if claim is not None:
            self._claimed(claim)
        return claim

    async def make(self, claim: Task) -> None:
        """Make the film of a claimed task, or settle why not. Never raises for what an engine or a caller did wrong."""
        folder = self._scratch / f"{claim.id}-{claim.attempt}"
        patience = Patience(self._store, claim, time.monotonic() + self._time_limit - SPARE)
        with bound(task_id=claim.id, attempt=claim.attempt):
            event("task.started", engine=claim.engine, model=claim.request.model)
            preview = Preview(self._files, claim)
            try:
                folder.mkdir(parents=True)
                made = await self._make(claim, folder, patience, preview)
                await preview.close()
                async with self._turn(claim):
                    await self._finish(claim, await self._publish(claim, made, patience), patience)
            except Exception as error:  # noqa: BLE001 - the one place where anything may happen: it must become the task's end
                await self._settle(claim, error, patience)
            finally:
                await preview.close()
                self._withdrawn.discard(claim.id)
                shutil.rmtree(folder, ignore_errors=True)

    async def _make(self, claim: Task, folder: Path, patience: Patience, preview: Preview) -> Made:
        images = await patience(lambda: fetch_images(claim.request.images, self._files, self._fetcher, folder))
        width, height = _size(claim, images)
        output = folder / "film"
        output.mkdir()
        order = Order(
            request=claim.request,
            width=width,
            height=height,
            folder=output,
            report=Reporter(self._store, claim, self._withdrawn),
            images=images,
            options=self._options(claim),
            attempt=claim.attempt,
            resume_token=claim.resume_token,
            preview=preview,
            task_id=claim.id,
        )
        with span("engine.made", engine=claim.engine, width=width, height=height):
            return await self._engine(claim.engine).make(order)

    def _options(self, claim: Task) -> Mapping[str, str]:
        if claim.request.simulated:
            return claim.request.simulation.options
        return self._catalogue.find(claim.request.model).options_of(claim.engine)

    @contextlib.asynccontextmanager
    async def _turn(self, claim: Task) -> AsyncIterator[None]:
        """Only so many are published at once: those who wait for it lose no attempt to a process that dies meanwhile."""
        if self._publishing.locked():
            await Reporter(self._store, claim)(RENDERED, "waiting")
        async with self._publishing:
            yield

    async def _publish(self, claim: Task, made: Made, patience: Patience) -> Video:
        from kineograph.media import poster, probe  # an idle worker carries no codec

        await Reporter(self._store, claim)(RENDERED, "storing")
        measured = await asyncio.to_thread(probe.probe, made.video)
        base = f"tasks/{claim.id}/{claim.attempt}"  # the attempt is in the name: a zombie cannot overwrite a film
        still = made.video.with_suffix(".jpg")
        await asyncio.to_thread(poster.poster, made.video, still)
        names = {f"{base}/video.mp4": made.video, f"{base}/poster.jpg": still}
        if made.last_frame is not None:
            names[f"{base}/last_frame.png"] = made.last_frame
        for name, path in names.items():
            await patience(partial(self._files.put, name, path))
        return Video(
            file=f"{base}/video.mp4",
            poster=f"{base}/poster.jpg",
            last_frame=f"{base}/last_frame.png" if made.last_frame else None,
            width=measured.width,
            height=measured.height,
            fps=float(measured.fps),
            frames=measured.frames,
            duration=float(measured.duration),
            bytes=measured.bytes,
            sha256=measured.sha256,
            facts=made.facts,
        )

    async def _finish(self, claim: Task, video: Video, patience: Patience) -> None:
        if await patience(lambda: self._store.finish(claim, video)):
            event("task.succeeded", seconds=video.duration, bytes=video.bytes)
        else:
            event("task.lost")

    async def _settle(self, claim: Task, error: Exception, patience: Patience) -> None:
        if isinstance(error, Declined) and await patience(lambda: self._elsewhere(claim, error), settling=True):
            return
        failure = failure_of(error)
        delay = RETRY_DELAY * claim.attempt
        status = await patience(lambda: self._store.fail(claim, failure, delay), settling=True)
        if status is None:
            event("task.lost", reason=failure.reason)
        else:
            event(f"task.{status}", reason=failure.reason, error=f"{type(error).__name__}: {error}")

    async def _elsewhere(self, claim: Task, error: Declined) -> bool:
        """Nothing was accepted: another engine takes it, or it waits in the queue. False if neither is to be."""
        model = self._catalogue.find(claim.request.model)
        following = model.engine_for(claim.request, after=claim.engine) if error.elsewhere else None
        if following is not None:
            queue = claim.queue if claim.queue.startswith(LOCAL) else following
            await self._store.reroute(claim, following, queue)
            event("task.rerouted", engine=following, reason=error.reason)
        elif error.wait is not None:
            await self._store.release(claim, error.wait)
            event("task.waits", reason=error.reason, seconds=error.wait)
        return following is not None or error.wait is not None


class Reporter:
    """An order's `report`: at most one write per REPORT_EVERY, less often when it takes minutes; and the place where a
    withdrawn order stops."""

    def __init__(self, store: TaskStore, claim: Task, withdrawn: Collection[str] = ()) -> None:
        self._store = store
        self._claim = claim
        self._withdrawn = withdrawn
        self._began = time.monotonic()
        self._next = 0.0
        self._phase = ""

    async def __call__(self, progress: float, phase: str, resume_token: str | None = None) -> None:
        """See engines.base.Report."""
        now = time.monotonic()
        hurry = phase != self._phase or resume_token is not None or self._claim.id in self._withdrawn
        if now < self._next and not hurry:
            return
        self._next = now + min(max((now - self._began) / 60, REPORT_EVERY), REPORT_SELDOM)
        self._phase = phase
        try:
            signal = await self._store.report(self._claim, min(max(progress, 0.0), 1.0) * RENDERED, phase, resume_token)
        except Unavailable:
            if resume_token is not None:  # not known to be written: the upstream would be paid twice
                raise
            return  # the database is away: the film goes on, who watches hears of it later
        if signal is Signal.CANCEL:
            raise Interrupted("the caller cancelled it", retryable=False, reason="cancelled")
        if signal is Signal.LOST:
            raise Interrupted("the task is no longer this worker's", reason="lost")


def failure_of(error: Exception) -> Failure:
    """What the caller is told about an error, and whether trying again can help. No stack trace, no path."""
    if isinstance(error, ImageError | ContentRefused):
        return Failure(error.reason, error.message, retryable=False, status=400)
    if isinstance(error, Declined):
        return Failure(error.reason, error.message, status=503)
    if isinstance(error, EngineError):
        return Failure(error.reason, error.message, retryable=error.retryable)
    if isinstance(error, Unavailable):
        return Failure(error.reason, error.message, retryable=True, status=503)
    if isinstance(error, KineographError):
        return Failure(error.reason, error.message, retryable=False)
    if isinstance(error, MemoryError):
        return Failure(
            "out_of_memory",
            "the film did not fit into memory; try a lower resolution or a shorter film",
            retryable=True,
        )
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return Failure(
            "disk_full", "the service's disk is full; the operator has to make room", retryable=True, status=503
        )
    return Failure(
        "internal_error", f"the engine broke ({type(error).__name__}); it was not the request's fault", retryable=True
    )


def _size(claim: Task, images: Mapping[Role, Path]) -> tuple[int, int]:
    """Pixels of the film; `adaptive` takes the offered ratio nearest to the first image's."""
    ratio = claim.request.aspect_ratio
    if ratio == ADAPTIVE:
        from PIL import Image

        first = images.get(Role.FIRST_FRAME) or next(iter(images.values()))
        with Image.open(first) as picture:
            turned = picture.getexif().get(0x0112, 1) in {5, 6, 7, 8}
            ratio = nearest_ratio(*(picture.size[::-1] if turned else picture.size))
    return size_of(claim.request.resolution, ratio)
