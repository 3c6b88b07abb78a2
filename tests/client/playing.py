"""Plays a flow against prepared answers: no network, no clock, no sleep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kineograph.client.wire import Answer, Emit, Flow, Pause, Read, Request, Work


def answer(status: int = 200, body: Any = None, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


def refused(status: int, reason: str | None = None, **headers: str) -> Answer:
    error = {"code": status, "message": f"no, {reason}", "type": "x", "param": "prompt", "reason": reason}
    return answer(status, {"error": error}, **headers)


@dataclass
class Play:
    """What a flow asked for, how long it paused, and what it emitted.

    Attributes:
        now: Seconds; pauses let time go by, and so does every answer, by `each`.
    """

    script: Sequence[Answer | BaseException | bytes | None]
    each: float = 0.0
    now: float = 1000.0
    requests: list[Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    emitted: list[Any] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def run(self, flow: Flow[Any]) -> Any:
        coming = iter(self.script)
        try:
            effect = next(flow)
            while True:
                match effect:
                    case Request() | Read():
                        if isinstance(effect, Request):
                            self.requests.append(effect)
                            self.now += self.each
                        reply: Any = next(coming)
                        effect = flow.throw(reply) if isinstance(reply, BaseException) else flow.send(reply)
                    case Pause():
                        self.pauses.append(effect.seconds)
                        self.now += effect.seconds
                        effect = flow.send(None)
                    case Work():
                        effect = flow.send(effect.call())
                    case Emit():
                        self.emitted.append(effect.value)
                        effect = flow.send(None)
        except StopIteration as end:
            assert next(coming, "nothing") == "nothing", "the flow asked for less than was prepared"
            return end.value
