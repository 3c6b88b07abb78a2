"""Callbacks on their way: what is told to whom, when it is tried again, when an address is given up."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit, urlunsplit

from kineograph.core.request import ARK, VideoRequest
from kineograph.core.task import TERMINAL, Status, Task

LIFE = 86_400.0  # seconds that a delivery is tried, and an endpoint may fail before it is disabled
# Seconds after the first try, the second… the last one again and again; each ±JITTER, so that a thousand callbacks that
# failed together do not come together again.
DELAYS = (5.0, 30.0, 120.0, 600.0, 3600.0)
JITTER = 0.15
CLAIM = 15.0  # seconds after which a try that nobody settled is taken for lost; a try takes 11 at most
PER_HOST = 8  # tries at once of one process at one host: a slow receiver holds up itself and nobody else
BOTH_SIGN = 86_400.0  # seconds after a rotation that the old secret signs as well
KEPT = 1000  # characters kept of an answer
GONE = 410

Found = TypeVar("Found")


class Via(StrEnum):
    """By which field of the request the address came."""

    WEBHOOK = "webhook"  # the seed family's: the end, at <webhook>/callback
    CALLBACK_URL = "callback_url"  # every change, or the end


class State(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"  # for its first or next try, or for the answer to one
    DELIVERED = "delivered"  # somebody answered 2xx
    FAILED = "failed"  # nobody did within LIFE, or 410
    HELD = "held"  # its endpoint is disabled; goes out when that is enabled


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try.

    Attributes:
        at: Unix seconds.
        seconds: How long it took.
        status: HTTP, None if none came.
        body: The first KEPT characters.
        error: Why there is no answer, in words for the owner.
    """

    at: float
    seconds: float
    status: int | None = None
    body: str = ""
    error: str | None = None

    @property
    def good(self) -> bool:
        """Whether it was taken. A redirect is not followed and was not."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def words(self) -> str:
        """What happened, shortly."""
        return self.error or f"it answered {self.status}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One change of one task on its way to one address.

    Attributes:
        id: `delivery_` + ULID: the header `webhook-id`, the same at every try.
        event: Id of the change: the `sequence` of the body.
        sequence: The task's own.
        status: Of the task after the change.
        happened_at: Of the change; like all times here Unix seconds by the store's clock.
        attempts: Tries begun; the fencing token of a claim.
        since: When its LIFE began: when it was written, or sent again.
        next_at: When it is tried next, None if it is not.
        answer: To the last try.
    """

    id: str
    task_id: str
    account_id: str
    via: Via
    url: str
    event: int
    sequence: int
    status: Status
    happened_at: float
    created_at: float
    since: float
    next_at: float | None
    state: State = State.WAITING
    attempts: int = 0
    answer: Answer | None = None

    @property
    def host(self) -> str:
        """Who answers there."""
        return urlsplit(self.url).netloc.lower()

    @property
    def endpoint(self) -> str:
        """The address without its query: what fails as one, and is disabled as one."""
        return endpoint_of(self.url)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address of an account where nothing gets through just now.

    Attributes:
        disabled_at: Since when nothing is sent there any more; None = it is still tried.
        reason: Why, in words for the owner.
    """

    account_id: str
    url: str
    failing_since: float
    reason: str
    disabled_at: float | None = None


@dataclass(frozen=True, slots=True)
class Secret:
    """What an account's callbacks are signed with.

    Attributes:
        text: `whsec_…`.
        previous: The one before; signs as well for BOTH_SIGN.
        rotated_at: Unix seconds; when `text` was made.
    """

    text: str
    previous: str | None
    rotated_at: float

    def signing(self, now: float) -> Sequence[str]:
        """Those that sign now, the newest first."""
        if self.previous is None or now >= self.rotated_at + BOTH_SIGN:
            return (self.text,)
        return (self.text, self.previous)


@dataclass(frozen=True, slots=True)
class DeliveryQuery:
    """Which deliveries to list, newest first.

    Attributes:
        account_id: Whose; None = everybody's, for the operator's own command line.
        after: Only those older than this id (the cursor).
    """

    account_id: str | None
    limit: int = 50
    after: str | None = None
    state: State | None = None


def listeners(request: VideoRequest, status: Status) -> list[tuple[Via, str]]:
    """Who is told that a task has this status now."""
    over, found = status in TERMINAL, list[tuple[Via, str]]()
    if request.callback_url is not None and (over or request.callback_events == "all"):
        found.append((Via.CALLBACK_URL, request.callback_url))
    if request.webhook is not None and over:
        found.append((Via.WEBHOOK, callback_of(request.webhook)))
    return found


def told_at_first(request: VideoRequest) -> bool:
    """Whether somebody wants to be told that a task is queued: Ark's clients do, others have the answer to their submit."""
    return request.dialect == ARK and request.callback_url is not None


def announced(task: Task, event: int, now: float, new_id: Callable[[], str]) -> Iterator[Delivery]:
    """A change of the task, with the id of its event, as deliveries to everybody who asked to be told."""
    for via, url in listeners(task.request, task.status):
        yield Delivery(
            id=new_id(),
            task_id=task.id,
            account_id=task.account_id,
            via=via,
            url=url,
            event=event,
            sequence=task.sequence,
            status=task.status,
            happened_at=task.updated_at,
            created_at=now,
            since=now,
            next_at=now,
        )


def told(before: Any, task: Task) -> bool:
    """Whether the change is one to tell: the task is worked on, or it is over. A retry that goes back to the queue is not.

    Args:
        before: The task, or its row, before the change.
    """
    begun = task.status is Status.RUNNING and before.started_at is None
    return begun or (task.finished and before.finished_at is None)


def callback_of(webhook: str) -> str:
    """`https://x.test/base?a=1` -> `https://x.test/base/callback?a=1`."""
    parts = urlsplit(webhook)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/callback", fragment=""))


def endpoint_of(url: str) -> str:
    """The address without query and fragment."""
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))


def settled(claim: Delivery, answer: Answer, now: float, dice: random.Random) -> Delivery:
    """The delivery after a try: done, given up, or to be tried again."""
    if answer.good:
        return replace(claim, state=State.DELIVERED, next_at=None, answer=answer)
    pause = DELAYS[min(claim.attempts, len(DELAYS)) - 1] * dice.uniform(1 - JITTER, 1 + JITTER)
    if answer.status == GONE or now + pause > claim.since + LIFE:
        return replace(claim, state=State.FAILED, next_at=None, answer=answer)
    return replace(claim, next_at=now + pause, answer=answer)


def judged(endpoint: Endpoint | None, delivery: Delivery, now: float) -> Endpoint | None:
    """The endpoint after a try; None if all is well there.

    It is disabled where somebody answered 410, and where a delivery was given up while nothing else got through either.
    """
    answer = delivery.answer
    if answer is None or answer.good:
        return None
    failing = endpoint or Endpoint(delivery.account_id, delivery.endpoint, now, "")
    failing = replace(failing, reason=answer.words)
    # The last try comes up to one pause before the end of a delivery's life.
    for_a_day = now - failing.failing_since >= LIFE - DELAYS[-1] * (1 + JITTER)
    if answer.status == GONE or (delivery.state is State.FAILED and for_a_day):
        return replace(failing, disabled_at=failing.disabled_at or now)
    return failing


def again(delivery: Delivery, now: float) -> Delivery:
    """To be sent once more, with a new life."""
    return replace(delivery, state=State.WAITING, since=now, next_at=now)


def fair(due: Iterable[tuple[Found, str]], busy: Mapping[str, int], room: int) -> list[Found]:
    """Of what is due those that may be tried now: `room` at most, and PER_HOST of each host with those that are `busy`.

    Args:
        due: Each with its host, the longest waiting first.
    """
    counts, chosen = dict(busy), list[Found]()
    for each, host in due:
        if len(chosen) < room and counts.get(host, 0) < PER_HOST:
            counts[host] = counts.get(host, 0) + 1
            chosen.append(each)
    return chosen


class Deliveries(Protocol):
    """The outbox. TaskStore writes into it, in the transaction that changes the task; a port, with a contract suite.

    A claim is the `Delivery` that `claim` returned: its number of attempts fences `settle`.
    """

    async def secret(self, account_id: str) -> Secret:
        """What the account's callbacks are signed with; made when it is first asked for."""
        ...

    async def rotate(self, account_id: str, by: str) -> Secret:
        """A new secret; the old one signs as well for BOTH_SIGN. `by`: id of the key, for the log of changes."""
        ...

    async def claim(self, busy: Mapping[str, int], room: int) -> Sequence[Delivery]:
        """Take deliveries that are due; nobody else gets them for CLAIM seconds. Those of disabled endpoints are held.

        Args:
            busy: Host -> tries of this process that are under way there.
            room: How many more it may have.
        """
        ...

    async def settle(self, claim: Delivery, answer: Answer) -> Delivery | None:
        """Write down what came of a try. None if the claim was lost."""
        ...

    async def put_back(self, claims: Collection[Delivery]) -> None:
        """Tries that were broken off on our side: due again at once."""
        ...

    async def get(self, delivery_id: str) -> Delivery | None:
        """The delivery of that id."""
        ...

    async def of_task(self, task_id: str) -> Sequence[Delivery]:
        """A task's, oldest first."""
        ...

    async def list(self, query: DeliveryQuery) -> Sequence[Delivery]:
        """At most `query.limit`, newest first."""
        ...

    async def redeliver(self, delivery_id: str) -> Delivery | None:
        """Send it again, now, under the same id, and enable its endpoint. None if there is none."""
        ...

    async def endpoints(self, account_id: str | None) -> Sequence[Endpoint]:
        """Where nothing gets through just now; None = everybody's."""
        ...

    async def enable(self, account_id: str, url: str) -> bool:
        """Send there again, first what was held. False if it was not disabled."""
        ...
