"""Every way the client says no.

ClientError
├── NotSent             nothing was sent: no key, no such file, no such folder
├── NoAnswer            nobody answered, or the connection broke, each time it was tried
├── NotUnderstood       the answer is none of this dialect's: a web page, cut-off JSON
├── Refused             the server said no, and why: `status`, `reason`, `param`, `request_id`
│   ├── Invalid             400, 405, 413, 415, 422: the request has to be mended
│   ├── Unauthenticated     401: no key, or not a key of theirs
│   ├── PaymentRequired     402: the balance does not cover it
│   ├── Forbidden           403: the key may not
│   ├── NotFound            404, 410: no such thing, or somebody else's
│   ├── Conflict            409: the thing is not in a state for that
│   ├── TooMany             429: slow down; `retry_after` says for how long
│   └── ServerError         408 and 5xx: their side, also after the retries
├── NotMade             the task ended without a film; `task` is that task
│   ├── Failed              it failed: `task.error` says why
│   └── Cancelled           somebody cancelled it
├── TookTooLong         it is not finished within your time-out; `task` goes on
├── Missed              events were missed; `after` says where to go on once you have looked at your tasks
└── BadDownload         what came is not the film
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from kineograph.core.errors import KineographError

if TYPE_CHECKING:
    from kineograph.client.results import Task
    from kineograph.client.wire import Answer


class ClientError(KineographError):
    """The root of everything the client raises."""

    reason = "client_error"


class NotSent(ClientError):
    """Nothing was sent: no key, no such file, no such folder."""

    reason = "not_sent"


class NoAnswer(ClientError):
    """Nobody answered, or the connection broke, each time it was tried."""

    reason = "no_answer"


class NotUnderstood(ClientError):
    """The answer is none of this dialect's."""

    reason = "not_understood"


class Refused(ClientError):
    """The server said no.

    Attributes:
        status: HTTP status.
        retry_after: Seconds after which trying again makes sense, where the server says so.
        request_id: What the server's operator finds it by.
    """

    reason = "refused"

    def __init__(
        self,
        message: str,
        *,
        status: int,
        param: str | None = None,
        reason: str | None = None,
        retry_after: float | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, param=param, reason=reason)
        self.status = status
        self.retry_after = retry_after
        self.request_id = request_id


class Invalid(Refused):
    """The request has to be mended; `param` names the field."""


class Unauthenticated(Refused):
    """No key, or not a key of theirs."""


class PaymentRequired(Refused):
    """The balance does not cover it."""


class Forbidden(Refused):
    """The key may not."""


class NotFound(Refused):
    """No such thing, or somebody else's."""


class Conflict(Refused):
    """The thing is not in a state for that."""


class TooMany(Refused):
    """Slow down."""


class ServerError(Refused):
    """Their side is in trouble."""


class NotMade(ClientError):
    """The task ended without a film.

    Attributes:
        task: As it ended.
    """

    reason = "not_made"

    def __init__(self, message: str, task: Task, *, reason: str | None = None) -> None:
        super().__init__(message, reason=reason)
        self.task = task


class Failed(NotMade):
    """It failed; `reason` is the server's machine word."""

    reason = "failed"


class Cancelled(NotMade):
    """Somebody cancelled it."""

    reason = "cancelled"


class TookTooLong(ClientError):
    """It is not finished within the time-out.

    Attributes:
        task: As it was last seen. It goes on: wait for it again, or cancel it.
    """

    reason = "took_too_long"

    def __init__(self, message: str, task: Task) -> None:
        super().__init__(message)
        self.task = task


class Missed(ClientError):
    """Events were missed: more happened than the server tells again, or it does not know where you were.

    Attributes:
        after: Look at your tasks with `list`, then go on with `events(after=error.after)`.
    """

    reason = "missed"

    def __init__(self, message: str, after: str) -> None:
        super().__init__(message)
        self.after = after


class BadDownload(ClientError):
    """What came is not the film: too short, too long, or other bytes than the server measured."""

    reason = "bad_download"


_KINDS: Mapping[int, type[Refused]] = {
    401: Unauthenticated,
    402: PaymentRequired,
    403: Forbidden,
    404: NotFound,
    408: ServerError,
    409: Conflict,
    410: NotFound,
    429: TooMany,
}


def refusal(answer: Answer) -> Refused:
    """What an answer of 400 and above means. Any body will do: other servers say less, proxies say it in HTML."""
    error: Any = {}
    with contextlib.suppress(ValueError, AttributeError):
        error = answer.json().get("error") or {}
    told = error if isinstance(error, dict) else {"message": str(error)}
    kind = _KINDS.get(answer.status, ServerError if answer.status >= 500 else Invalid)
    return kind(
        _text(told.get("message")) or f"the server answered with HTTP {answer.status}",
        status=answer.status,
        param=_text(told.get("param")),
        reason=_text(told.get("reason")),
        retry_after=retry_after(answer),
        request_id=answer.headers.get("x-request-id"),
    )


def retry_after(answer: Answer) -> float | None:
    """Seconds of the Retry-After header, which may hold a date (RFC 9110 §10.2.3)."""
    value = answer.headers.get("retry-after", "").strip()
    if value.replace(".", "", 1).isdigit() and value.isascii():
        return float(value)
    with contextlib.suppress(ValueError):
        return max(0.0, parsedate_to_datetime(value).timestamp() - parsedate_to_datetime(answer.date).timestamp())
    return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
