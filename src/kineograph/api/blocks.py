"""Changes as blocks of an event stream: each rendered once, however many listen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic_core import to_json

from kineograph.api.links import Links
from kineograph.api.query import Query
from kineograph.api.render import STATUSES, as_it_stood, brief, estimate_of, render
from kineograph.core.errors import NotFound
from kineograph.core.keys import Key
from kineograph.core.ports import Event
from kineograph.core.task import Task
from kineograph.tasks import Gap, Tasks

RECENT = 256  # blocks kept; whoever listens asks for the same one within milliseconds
FRESH = 2.0  # seconds after which a block is made anew: its links live from when they were made


@dataclass(frozen=True, slots=True)
class Shown:
    """A change as its listeners see it."""

    block: bytes
    status: str
    model: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes a listener wants; None = any.

    Attributes:
        metadata: Every pair must match exactly.
    """

    status: str | None = None
    model: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, query: Query) -> Wanted:
        """As the query says. Raises InvalidRequest for a status that is none."""
        return cls(query.choice("status", STATUSES), query.text("model"), query.starting("metadata."))

    def takes(self, shown: Shown) -> bool:
        """Whether the listener wants to see it."""
        return (
            self.status in (None, shown.status)
            and self.model in (None, shown.model)
            and all(shown.metadata.get(name) == value for name, value in self.metadata.items())
        )


class Blocks:
    """Makes blocks.

    Args:
        clock: Unix seconds.
    """

    def __init__(self, tasks: Tasks, clock: Callable[[], float]) -> None:
        self._tasks, self._clock = tasks, clock
        self._recent: dict[tuple[int, str, str], tuple[float, asyncio.Task[Shown | None]]] = {}

    async def of(self, change: Event, key: Key, links: Links, language: str) -> Shown | None:
        """The change, as the task stood then; None if the task was deleted since.

        Args:
            key: Of the listener, whose account's change it is.
        """
        place, now = (change.id, links.base, language), time.monotonic()
        made_at, making = self._recent.get(place, (0.0, None))
        if making is None or now - made_at > FRESH or _failed(making):
            self._recent.pop(place, None)
            making = asyncio.create_task(self._make(change, key, links, language))
            self._recent[place] = (now, making)
            if len(self._recent) > RECENT:
                del self._recent[next(iter(self._recent))]
        return await asyncio.shield(making)  # who leaves meanwhile takes nothing away from the others

    async def _make(self, change: Event, key: Key, links: Links, language: str) -> Shown | None:
        task = await self._still_there(change.task_id, key)
        if task is None:
            return None
        then, estimate = as_it_stood(task, change), estimate_of(self._tasks.catalogue, task)
        data = render(then, links, self._clock(), language, estimate)
        document = to_json(brief(data) | {"sequence": change.id}, inf_nan_mode="null")
        block = b"id: %d\nevent: task\ndata: %b\n\n" % (change.id, document)
        return Shown(block, data["status"], data["model"], dict(task.request.metadata))

    async def _still_there(self, task_id: str, key: Key) -> Task | None:
        try:
            return await self._tasks.get(task_id, key)
        except NotFound:  # deleted since
            return None


def gap_block(gap: Gap) -> bytes:
    """What was passed over, as a block of its own: an EventSource that knows nothing of it goes on."""
    return b"id: %d\nevent: gap\ndata: %b\n\n" % (gap.id, to_json({"message": gap.message, "sequence": gap.id}))


def _failed(making: asyncio.Task[Shown | None]) -> bool:
    return making.done() and (making.cancelled() or making.exception() is not None)
