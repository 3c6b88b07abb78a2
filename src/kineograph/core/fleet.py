"""The fleet, from the operator's side: workers and what each can make, queues and their state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from kineograph.core.models import Model
from kineograph.core.request import VideoRequest

ALIVE = frozenset({"up", "draining"})  # states of workers that hold what they claimed
LOCAL = "local-"  # prefix of the queues of `kineo generate`, which are nobody else's business


class QueueState(StrEnum):
    """What the operator wants of a queue."""

    OPEN = "open"
    PAUSED = "paused"  # nothing starts; what runs goes on, submits are accepted
    DRAINING = "draining"  # what was accepted is made, nothing more is accepted


class Wanted(StrEnum):
    """What the operator wants of a worker."""

    UP = "up"
    DRAINED = "drained"  # no new film; at the end of the one in hand the process goes


@dataclass(frozen=True, slots=True)
class Ability:
    """What a worker can make of one model.

    Attributes:
        resolutions: Names of sizes.
        roles: Image roles it takes.
    """

    resolutions: tuple[str, ...]
    roles: tuple[str, ...]

    def serves(self, request: VideoRequest) -> bool:
        """Whether this worker could make it."""
        return request.resolution in self.resolutions and all(image.role in self.roles for image in request.images)


@dataclass(frozen=True, slots=True)
class About:
    """What a worker says of itself once, when it starts.

    Attributes:
        host: Name of its machine.
        pid: Of its supervisor, on that machine.
        protocol: Which tickets it understands, see store/queue.py.
        slots: Films its supervisor makes at once.
        abilities: Model -> what it can make of it.
    """

    host: str = ""
    pid: int = 0
    version: str = ""
    protocol: str = ""
    slots: int = 1
    abilities: Mapping[str, Ability] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker as the database sees it: one life of a child process.

    Attributes:
        id: Never used twice.
        queue: The queue it serves.
        state: `up`, `draining`, `drained` (waits to be wanted again), `stopped` or `dead`.
        seen_at, started_at: Unix seconds by the database's clock.
        running: Ids of the tasks it says it is making.
        fault: What is wrong with the upstream it waits for.
    """

    id: str
    queue: str
    state: str
    seen_at: float
    running: tuple[str, ...] = ()
    about: About = About()
    started_at: float = 0.0
    wanted: Wanted = Wanted.UP
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue as it is now.

    Attributes:
        running_cap: Films of this queue that may run at once; None = as many as there are workers.
        waiting: Accepted and not started, delayed ones included.
        runnable: Of these, how many could start now, were there workers: within key limits and caps.
        workers: Live ones that serve it.
        oldest_wait: Seconds that the first of them waits.
    """

    name: str
    state: QueueState = QueueState.OPEN
    running_cap: int | None = None
    waiting: int = 0
    runnable: int = 0
    running: int = 0
    workers: int = 0
    oldest_wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Doing:
    """How far a worker is with a task; progress 0…1."""

    model: str
    progress: float
    phase: str


@dataclass(frozen=True, slots=True)
class Census:
    """How many unfinished tasks of a model wait and run in a queue."""

    queue: str
    model: str
    waiting: int
    running: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A finished task, for the metrics.

    Attributes:
        reason: Why it failed; empty if it did not.
        waited: Seconds from when it could have started until it was, or until its end.
        ran: Seconds from its first start to its end; None if it never started.
    """

    queue: str
    model: str
    status: str
    reason: str
    waited: float
    ran: float | None


@dataclass(frozen=True, slots=True)
class Limits:
    """How many unfinished tasks are accepted; beyond, a submit is refused with 429.

    Attributes:
        per_account: The default is a bound for the disk, not a quota.
        per_key, total: None = no bound.
    """

    per_account: int = 200_000
    per_key: int | None = None
    total: int | None = None


class Fleet(Protocol):
    """What the operator sees and says. All verbs raise Unavailable while the database is away."""

    async def workers(self) -> Sequence[WorkerRow]:
        """All that are not long gone."""
        ...

    async def doing(self, task_ids: Sequence[str]) -> Mapping[str, Doing]:
        """How far these tasks are."""
        ...

    async def want(self, worker_ids: Sequence[str], wanted: Wanted) -> None:
        """Tell workers to drain, or to go on. They hear it with their next heartbeat."""
        ...

    async def states(self) -> Mapping[str, QueueState]:
        """What the operator said of queues; one that is not named is open."""
        ...

    async def census(self) -> Sequence[Census]:
        """Unfinished tasks by queue and model; costs the same behind any backlog."""
        ...

    async def ended(self, after: float, before: float) -> Sequence[Ended]:
        """Tasks that ended after the one moment and not after the other, in Unix seconds by the database's clock."""
        ...

    async def now(self) -> float:
        """Unix seconds by the database's clock."""
        ...

    async def queues(self) -> Sequence[QueueRow]:
        """All that the catalogue knows and all that hold tasks, by name."""
        ...

    async def set_state(self, queue: str, state: QueueState) -> None:
        """Pause, drain or open a queue. Holds within a second for every start, and over restarts."""
        ...

    async def relane(self, key_id: str) -> None:
        """The key's limit was changed: what waits is put in as many lanes as it now may use, what it held back goes on."""
        ...

    async def lead(self, name: str, holder: str, seconds: float) -> bool:
        """Take or keep the lease of that name: of all who ask, one gets it until it stops asking for `seconds`."""
        ...

    async def tend(self) -> None:
        """What keeps queues in order, once in a while by one node: places that were missed at gates, how often workers look,
        queues that were paused while a worker started, tickets of the version before."""
        ...

    async def set_cap(self, queue: str, cap: int | None) -> None:
        """How many films of this queue may run at once. Holds at once for new starts."""
        ...


def abilities(models: Sequence[Model], engine: str) -> Mapping[str, Ability]:
    """What a worker of this engine can make, by the catalogue."""
    return {
        model.name: Ability(model.resolutions, tuple(sorted(str(role) for role in model.roles)))
        for model in models
        if engine in model.engines
    }


def could_serve(workers: Sequence[WorkerRow], queue: str, request: VideoRequest) -> bool:
    """Whether any live worker could ever make this."""
    able = (row.about.abilities.get(request.model) for row in workers if row.queue == queue and row.state == "up")
    return any(ability is not None and ability.serves(request) for ability in able)
