"""An upstream as its operator describes it, and what a dialect has to say to one."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Protocol

from kineograph.engines.base import Order
from kineograph.engines.upstream.faults import Fault

Phase = Literal["waiting", "rendering", "done", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Upstream:
    """A row of `[upstreams]`.

    Attributes:
        name: The engine's name, shown with every film.
        dialect: ark, apimart or openai.
        base_url: With the path, without a slash at its end.
        key: Sent as bearer. In no log, task or error.
        concurrency: Films of one of its models in its hands at once; None = as many as there are.
        rpm: Creations a minute.
        time_limit: Seconds from a creation to its end.
        poll: Seconds between two looks at a film; by a quarter less at random.
        max_film: Bytes.
        waits: An operator's problem lets tasks wait; else they fail.
        fetch_allow: Networks that result links may lead to besides the internet.
        quirks: How it differs from its dialect.
    """

    name: str
    dialect: str
    base_url: str
    key: str = field(default="", repr=False)
    concurrency: int | None = None
    rpm: int = 600
    time_limit: float = 7200.0
    poll: float = 3.5
    max_film: int = 1_000_000_000
    waits: bool = True
    fetch_allow: tuple[str, ...] = ()
    quirks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a creation, as the task's resume token.

    Attributes:
        id: The upstream's; None = it is about to be asked: a process that finds this looks whether it was.
        number: Which creation for this task, from 1.
        at: Unix seconds when it was accepted; before that, when it was first asked for.
        orphans: Creations before it that may have been accepted without our learning their ids.
        sent: False where the upstream is known to have refused it.
    """

    id: str | None = None
    number: int = 1
    at: float = field(default_factory=time.time)
    orphans: int = 0
    sent: bool = True

    @classmethod
    def parse(cls, text: str | None) -> Token | None:
        """None for none."""
        return cls(**json.loads(text)) if text else None

    @property
    def text(self) -> str:
        """For the row."""
        return json.dumps({**asdict(self), "at": round(self.at, 1)})

    @property
    def again(self) -> Token:
        """The next creation."""
        return Token(number=self.number + 1, orphans=self.orphans)

    def accepted(self, upstream_id: str) -> Token:
        """Now it has an id."""
        return replace(self, id=upstream_id, at=time.time(), sent=True)


@dataclass(frozen=True, slots=True)
class Job:
    """One creation.

    Attributes:
        model: The upstream's name of it.
        at: Unix seconds when it was meant to be sent first.
        time_limit: Seconds it may take.
    """

    order: Order
    model: str
    number: int
    at: float
    time_limit: float

    @property
    def key(self) -> str:
        """The same for the same creation, whoever sends it."""
        return self.order.task_id if self.number == 1 else f"{self.order.task_id}-{self.number}"

    def marker(self, low: int, high: int) -> int:
        """A number of its own between two, both included: to be found again by, where a field of the upstream has room."""
        return low + zlib.crc32(self.key.encode()) % (high - low + 1)


@dataclass(frozen=True, slots=True)
class State:
    """How an upstream's task stands.

    Attributes:
        phase: `unknown` for a word that its dialect does not have.
        word: As it says it.
        progress: 0…1.
        video, last_frame: Where the finished film is.
        fault: Why it failed.
        facts: What it says of tokens and cost.
    """

    phase: Phase
    word: str
    progress: float = 0.0
    video: str | None = None
    last_frame: str | None = None
    fault: Fault | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)  # JSON of the upstream's

    def differs(self, other: State | None) -> bool:
        """Whether there is something to tell."""
        return other is None or (self.phase, self.progress) != (other.phase, other.progress)


class Dialect(Protocol):
    """How one kind of server is spoken to. Every method raises Fault.

    Attributes:
        once: Asked twice under a job's key, it creates once.
        finds: It can be asked what was created for a job.
        forgets: A restart makes it forget its tasks: what it knew and knows no more is created once more.
        together: Tasks that one look can ask for.
        ignores: Fields of a request that it has no words for.
    """

    once: bool
    finds: bool
    forgets: bool
    together: int
    ignores: frozenset[str]

    async def create(self, job: Job) -> str:
        """Have it accepted; its id there."""
        ...

    async def find(self, job: Job) -> str | None:
        """The id of what was created for this job, if it was."""
        ...

    async def look(self, ids: Sequence[str]) -> Mapping[str, State]:
        """How these stand; those it does not know are left out."""
        ...

    async def cancel(self, upstream_id: str) -> None:
        """Stop it, where it can be stopped."""
        ...
