"""What a call wants done, as values: a flow yields them, a driver (sync or async) does them. No I/O here."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, TypeAlias, TypeVar

from kineograph.client.errors import NoAnswer, NotUnderstood, refusal, retry_after

LONGEST = 60.0  # seconds a Retry-After is waited out; who is told to come back tomorrow wants to know it now
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})  # CONTRACT §1.4; of 409 only "still being created"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request.

    Attributes:
        path: On the server, sent with the key; or a whole URL, sent without it, and followed where it leads.
        query: None values are left out.
        timeout: Seconds without a byte; None = the client's.
        stream: Leave the body of a good answer to `Read`.
    """

    method: str
    path: str
    query: Mapping[str, str | int | None] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None  # a body of the wire
    file: tuple[str, bytes, str] | None = None  # name, bytes and type of a multipart field `file`
    timeout: float | None = None
    stream: bool = False

    @property
    def whole(self) -> bool:
        """Whether `path` is a URL of its own."""
        return self.path.startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes = b""

    def json(self) -> Any:
        """The body. Raises ValueError."""
        return json.loads(self.content)

    @property
    def date(self) -> str:
        """When it was sent, by the server's clock."""
        return self.headers.get("date") or formatdate(usegmt=True)


@dataclass(frozen=True, slots=True)
class Read:
    """The next bytes of the streamed answer; None at its end."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Do nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Work:
    """Call something that touches the disk; its value is the reply."""

    call: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Emit:
    """Hand a value to who iterates."""

    value: Any


T = TypeVar("T")
Effect: TypeAlias = Request | Read | Pause | Work | Emit
Flow: TypeAlias = Generator[Effect, Any, T]  # replies are what each effect says


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is made again, and how long each may take.

    Attributes:
        retries: After the first.
        timeout: Seconds without a byte.
    """

    retries: int = 5
    timeout: float = 75.0

    def pause(self, attempt: int) -> float:
        """Seconds before the try after this one (0 = the first), jittered, so that many clients do not come back at once."""
        return float(min(0.5 * 2**attempt, 8.0) * random.uniform(0.5, 1.0))  # noqa: S311 - no secret


def send(request: Request) -> Flow[Answer]:
    """Once. Raises NoAnswer."""
    answer = yield request
    assert isinstance(answer, Answer)
    return answer


def exchange(request: Request, patience: Patience) -> Flow[Answer]:
    """Until it is answered for good: every call here may be made twice (submits carry an Idempotency-Key).

    Raises:
        Refused: of the kind the status says.
        NoAnswer: each time.
        NotUnderstood: the server is elsewhere.
    """
    attempt = 0
    while True:
        try:
            answer = yield from send(request)
        except NoAnswer:
            if attempt >= patience.retries:
                raise
            pause = patience.pause(attempt)
        else:
            if answer.status < 300 or answer.status == 304:
                return answer
            if answer.status < 400:
                where = answer.headers.get("location", "elsewhere")
                raise NotUnderstood(f"the server sends calls on to {where}; give the client that address")
            told = _worth_a_retry(answer, patience.pause(attempt))
            if told is None or attempt >= patience.retries:
                raise refusal(answer)
            pause = told
        yield Pause(pause)
        attempt += 1


def _worth_a_retry(answer: Answer, pause: float) -> float | None:
    """Seconds to wait before asking again, None where that does not help."""
    passing = answer.status in _PASSING or refusal(answer).reason == "idempotency_in_progress"
    told = retry_after(answer)
    if not passing or (told or 0.0) > LONGEST:
        return None
    return pause if told is None else told


def document(answer: Answer) -> dict[str, Any]:
    """The JSON object of a good answer. Raises NotUnderstood."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NotUnderstood(
            f"the answer (HTTP {answer.status}, {len(answer.content)} bytes) is not a JSON object; "
            "is this the address of a video generation server?"
        )
    return found
