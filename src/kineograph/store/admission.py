"""Who is let in: queues that accept nothing more, requests that no worker could ever serve."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from kineograph.core.errors import Unavailable
from kineograph.core.fleet import LOCAL, Fleet, QueueState, WorkerRow, could_serve
from kineograph.core.request import VideoRequest

FRESH = 1.0  # seconds that the fleet's word is taken as it was
RETRY = 30  # seconds


class Admission:
    """Judges requests before anything of them is stored.

    Args:
        require_worker: Refuse what no live worker could make.
        clock: Seconds.
    """

    def __init__(self, fleet: Fleet, require_worker: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._fleet = fleet
        self._require_worker = require_worker
        self._clock = clock
        self._until = -FRESH
        self._states: Mapping[str, QueueState] = {}
        self._workers: Sequence[WorkerRow] = ()

    async def __call__(self, queue: str, request: VideoRequest) -> None:
        """Raises Unavailable: `queue_draining`, `no_worker`."""
        if queue.startswith(LOCAL):
            return
        await self._refresh()
        if self._states.get(queue) is QueueState.DRAINING:
            raise Unavailable(
                f"the queue of {request.model} is being drained and takes no more tasks; try again later",
                retry_after=RETRY,
                param="model",
                reason="queue_draining",
            )
        if self._require_worker and not could_serve(self._workers, queue, request):
            images = ", ".join(sorted(str(image.role) for image in request.images))
            raise Unavailable(
                f"no live worker can make {request.model} at {request.resolution}"
                f"{f' with {images}' if images else ''}; try again later, or another model",
                retry_after=RETRY,
                param="model",
                reason="no_worker",
            )

    async def _refresh(self) -> None:
        if self._clock() < self._until:
            return
        self._states = await self._fleet.states()
        if self._require_worker:
            self._workers = await self._fleet.workers()
        self._until = self._clock() + FRESH


async def anybody(_queue: str, _request: VideoRequest) -> None:
    """Let everybody in."""
