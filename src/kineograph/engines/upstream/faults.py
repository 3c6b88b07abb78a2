"""What can go wrong with an upstream, in the words that decide what happens next."""

from __future__ import annotations

from enum import StrEnum

from kineograph.core.errors import ContentRefused, Declined, EngineError


class Kind(StrEnum):
    """What is to be done about it."""

    REQUEST = "request"  # the request itself is refused: final, the caller's to mend
    POLICY = "policy"  # its words, an image or the film are against the upstream's rules: final
    OPERATOR = "operator"  # key, account or model are not in order there: not the caller's fault
    BUSY = "busy"  # nothing was accepted; slow down
    FULL = "full"  # nothing was accepted; its queue is full
    DOWN = "down"  # nothing was accepted; it is not there
    UNCLEAR = "unclear"  # no answer that can be read: whether it was accepted is not known
    GONE = "gone"  # it does not know the task (any more)
    PASSING = "passing"  # it accepted the task and failed; the next may succeed
    FAILED = "failed"  # it accepted the task and failed for good


class Fault(EngineError):
    """An upstream's no.

    Args:
        message: For the operator's log; `shown` is for callers.
        code: The upstream's own word.
        retry_after: Seconds it asks for.
    """

    reason = "upstream_failed"

    def __init__(self, kind: Kind, message: str, *, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code
        self.retry_after = retry_after


def shown(fault: Fault, upstream: str) -> EngineError:
    """What the caller is told. No key, no account, no address of the upstream."""
    said = f" ({fault.code})" if fault.code else ""
    match fault.kind:
        case Kind.POLICY:
            return ContentRefused(
                f"the upstream {upstream!r} refuses it as against its rules{said}; change the words or the image"
            )
        case Kind.REQUEST:
            return ContentRefused(
                f"the upstream {upstream!r} refuses the request: {fault.message[:300]}{said}", reason="upstream_refused"
            )
        case Kind.OPERATOR:
            return Declined(
                f"the service's account with the upstream {upstream!r} is not in order; its operator can see why",
                reason="upstream_account",
            )
        case Kind.BUSY | Kind.FULL | Kind.DOWN:
            return Declined(f"the upstream {upstream!r} takes nothing at the moment; try again later")
        case Kind.GONE:
            return EngineError(
                f"the upstream {upstream!r} no longer knows the film it had accepted; submit it again",
                retryable=False,
                reason="upstream_forgot",
            )
        case Kind.UNCLEAR:
            return EngineError(
                f"the upstream {upstream!r} answers what cannot be understood: {fault.message[:200]}",
                reason="upstream_unreadable",
            )
        case _:
            return EngineError(
                f"the upstream {upstream!r} could not make it: {fault.message[:300]}{said}",
                retryable=False,
                reason="upstream_failed",
            )
