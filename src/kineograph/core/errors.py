"""Every way Kineograph says no. Dialects turn an error into status and body once.

KineographError
├── InvalidRequest          the caller's words are wrong (field, value, way out)
│   ├── UnknownModel        no such model in the catalogue
│   └── Unsupported         the model cannot do what is asked
├── Unauthenticated         no key, or not a key of ours
├── PaymentRequired         the balance does not cover it
├── Forbidden               a key without the scope
├── NotFound                no such thing, or somebody else's
├── Conflict                the thing is not in a state for that
│   ├── IdempotencyReused   same Idempotency-Key, other body
│   └── IdempotencyInProgress  the first request is still being stored
├── TooLarge                more bytes than allowed
├── UnsupportedMedia        not a type we take
├── TooMany                 slow down; carries retry_after
├── Unavailable             not now; carries retry_after
├── BadSignature            a callback that we did not send, or an old one sent again
├── ImageError              an image could not be fetched or read: the caller's to mend, final
├── EngineError             making the film failed; retryable says whether trying again can help
│   ├── EncodeError         the encoder refused
│   ├── ContentRefused      the words, an image or the film itself are not allowed: the caller's to change, final
│   ├── Declined            an upstream took nothing: another engine may be asked, or the task waits
│   └── Interrupted         told to stop: cancelled, lost or timed out
└── OperatorError           the installation is at fault: one sentence with what to do
"""

from __future__ import annotations

from dataclasses import dataclass


class KineographError(Exception):
    """The root. `reason` is a stable snake_case word, `message` a sentence with a way out.

    Args:
        message: For a person; names the field, the value and the remedy.
        param: Name of the request field at fault, if one is.
        reason: Overrides the class's machine word.
    """

    reason = "error"

    def __init__(self, message: str, *, param: str | None = None, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.reason = reason or self.reason


class InvalidRequest(KineographError):
    """The caller's words are wrong."""

    reason = "invalid_request"


class UnknownModel(InvalidRequest):
    """No such model in the catalogue."""

    reason = "unknown_model"


class Unsupported(InvalidRequest):
    """The model, or the engine behind it, cannot do what is asked."""

    reason = "unsupported"


class Unauthenticated(KineographError):
    """No key, or not a key of ours."""

    reason = "invalid_api_key"


class PaymentRequired(KineographError):
    """The balance does not cover it."""

    reason = "insufficient_balance"


class Forbidden(KineographError):
    """A known key without the scope."""

    reason = "missing_scope"


class NotFound(KineographError):
    """No such thing, or somebody else's: the caller cannot tell the two apart."""

    reason = "not_found"


class Conflict(KineographError):
    """The thing exists but is not in a state for that."""

    reason = "conflict"


class IdempotencyReused(Conflict):
    """Same Idempotency-Key, other body."""

    reason = "idempotency_key_reused"


class TooLarge(KineographError):
    """More bytes than allowed."""

    reason = "too_large"


class UnsupportedMedia(KineographError):
    """Not a media type we take."""

    reason = "unsupported_media_type"


class Later(KineographError):
    """Base of refusals that a retry can mend.

    Args:
        message: For a person.
        retry_after: Seconds after which trying again makes sense.
    """

    def __init__(
        self, message: str, *, retry_after: int = 1, param: str | None = None, reason: str | None = None
    ) -> None:
        super().__init__(message, param=param, reason=reason)
        self.retry_after = retry_after


class IdempotencyInProgress(Later, Conflict):
    """The first request under this Idempotency-Key is still being stored."""

    reason = "idempotency_in_progress"


@dataclass(frozen=True, slots=True)
class Policy:
    """A limit and how it stands: what the IETF's RateLimit headers tell.

    Attributes:
        quota: The most in `window` seconds.
        reset: Seconds until it starts anew.
    """

    name: str
    quota: int
    window: int
    remaining: int
    reset: int


class TooMany(Later):
    """Slow down.

    Args:
        policy: The limit that was met, if it has a name and a window.
    """

    reason = "rate_limited"

    def __init__(
        self,
        message: str,
        *,
        retry_after: int = 1,
        param: str | None = None,
        reason: str | None = None,
        policy: Policy | None = None,
    ) -> None:
        super().__init__(message, retry_after=retry_after, param=param, reason=reason)
        self.policy = policy


class Unavailable(Later):
    """Not now: database, storage or workers are away."""

    reason = "unavailable"


class BadSignature(KineographError):
    """A callback was not signed with this secret just now: it is not from us, or somebody sends an old one again."""

    reason = "bad_signature"


class ImageError(KineographError):
    """An image could not be fetched or read. Final: the caller has to send another."""

    reason = "image_unreachable"


class EngineError(KineographError):
    """Making the film failed.

    Args:
        message: For the caller; no stack trace, no path of this machine.
        retryable: True where the same order may succeed on another attempt.
    """

    reason = "engine_failed"

    def __init__(
        self, message: str, *, retryable: bool = True, param: str | None = None, reason: str | None = None
    ) -> None:
        super().__init__(message, param=param, reason=reason)
        self.retryable = retryable


class EncodeError(EngineError):
    """No frames, an odd size, or the encoder refused."""

    reason = "encode_failed"


class ContentRefused(EngineError):
    """The words, an image or the film itself are not allowed. Final: the caller has to change the request."""

    reason = "content_policy"

    def __init__(self, message: str, *, param: str | None = None, reason: str | None = None) -> None:
        super().__init__(message, retryable=False, param=param, reason=reason)


class Declined(EngineError):
    """An upstream took nothing, for a cause that is not the caller's. Another engine may be asked.

    Args:
        message: For the caller, if the task fails of it.
        wait: Seconds after which the same engine may be asked again, where there is no other; None: then the task fails.
        elsewhere: Another engine may be asked. Not while an earlier creation may have been accepted.
    """

    reason = "upstream_unavailable"

    def __init__(
        self, message: str, *, wait: float | None = None, elsewhere: bool = True, reason: str | None = None
    ) -> None:
        super().__init__(message, retryable=False, reason=reason)
        self.wait = wait
        self.elsewhere = elsewhere


class Interrupted(EngineError):
    """The order was withdrawn while it was being made: cancelled, lost to another worker, or out of time."""

    reason = "interrupted"


class OperatorError(KineographError):
    """The installation is at fault: a full disk, a port in use, a read-only folder. One sentence with what to do."""

    reason = "operator"
