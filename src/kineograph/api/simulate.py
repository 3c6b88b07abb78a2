"""The header that asks for trouble: read, allowed or not, and its part that acts at once."""

from __future__ import annotations

from collections import OrderedDict

from starlette.requests import Request

from kineograph.core.errors import Forbidden, TooMany
from kineograph.core.keys import Key
from kineograph.core.simulation import HEADER, Simulation

REMEMBERED = 1000  # submits whose refusals are counted; a test has few under way at once


class Simulator:
    """Reads the header on submits, for every dialect.

    Args:
        allowed: Whether the operator lets callers simulate.
    """

    def __init__(self, allowed: bool) -> None:
        self._allowed = allowed
        self._refused: OrderedDict[tuple[str, str], int] = OrderedDict()

    def asked(self, request: Request, key: Key) -> str | None:
        """What this submit is to simulate, None for nothing: for VideoRequest.simulated.

        Raises:
            Forbidden: the operator does not allow it.
            InvalidRequest: it cannot be read.
            TooMany: it asks to be refused, and this is one of those times.
        """
        given = request.headers.getlist(HEADER)
        if not given:
            return None
        if not self._allowed:
            raise Forbidden(
                f"simulation is not allowed here; leave {HEADER} out, or ask the operator to set KINEO_SIMULATION",
                param=HEADER,
                reason="simulation_off",
            )
        simulation = Simulation.of(", ".join(given))
        self._limit(simulation.rate_limit, (key.id, request.headers.get("idempotency-key", "")))
        return str(simulation)

    def _limit(self, times: int | None, submit: tuple[str, str]) -> None:
        if times is None:
            return
        refused = self._refused.pop(submit, 0)
        if times and refused >= times:
            return
        self._refused[submit] = refused + 1
        while len(self._refused) > REMEMBERED:
            self._refused.popitem(last=False)
        raise TooMany("too many requests, as simulated; slow down", retry_after=1, reason="rate_limited")
