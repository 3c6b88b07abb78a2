"""bars: a test card with a running clock hand. A real film, made at once: for tests of clients and of the service itself.

Its catalogue row's `options` make it behave badly on purpose:
    seconds   how long it pretends to work, e.g. "3" (default 0)
    fail      "always" or "once" (only the first attempt), with a retryable error; "final" with one that is not
    crash     "always" or "once": the process dies in the middle, as by kill -9
    reason    with fail = "final": which failure it looks like, one of core/simulation.py
    deaf      "true": works without ever reporting, so that only a kill can stop it
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

import numpy as np

from kineograph.core.errors import EngineError
from kineograph.core.request import FPS
from kineograph.core.simulation import failure
from kineograph.engines.base import Made, Order
from kineograph.media.encode import encode
from kineograph.media.frame import Frame, Plane
from kineograph.media.poster import jpeg, png, still

# 75 % colour bars, bt709 limited range: white, yellow, cyan, green, magenta, red, blue (SMPTE RP 219).
_BARS = ((180, 128, 128), (168, 44, 136), (145, 147, 44), (133, 63, 52), (63, 193, 204), (51, 109, 212), (28, 212, 120))


class Bars:
    """The engine; see the module."""

    name = "bars"
    runs: Literal["child", "loop"] = "child"
    concurrency = 1

    async def make(self, order: Order) -> Made:
        """Work for as long as asked, then encode. Raises EngineError where told to fail."""
        options = order.options
        deaf = options.get("deaf") == "true"
        await order.report(0.0, "rendering")
        until = time.monotonic() + float(options.get("seconds", "0"))
        start = time.monotonic()
        await order.preview(jpeg(still(next(card(order.width, order.height, 1)))))
        while (now := time.monotonic()) < until:
            if deaf:
                time.sleep(0.05)  # noqa: ASYNC251 - being deaf is the point
                continue
            await asyncio.sleep(min(0.25, until - now))
            await order.report((now - start) / (until - start) * 0.9, "rendering")
        self._misbehave(order)
        await order.report(0.9, "encoding")
        frames = card(order.width, order.height, order.request.frames)
        video = await asyncio.to_thread(
            encode, frames, fps=Fraction(FPS), path=order.folder / "video.mp4", preset="ultrafast"
        )
        last = None
        if order.request.return_last_frame:
            last = order.folder / "last_frame.png"
            *_, final = card(order.width, order.height, order.request.frames)
            png(final, last)
        return Made(video, last, facts={"scene": {"setting": "test card"}, "unmatched": []})

    @staticmethod
    def _misbehave(order: Order) -> None:
        wanted = {"always", "once"} if order.attempt == 1 else {"always"}
        if order.options.get("crash") in wanted:
            os.kill(os.getpid(), signal.SIGKILL)
        if order.options.get("fail") in wanted:
            raise EngineError("the test card was told to fail", reason="told_to_fail")
        if order.options.get("fail") == "final":
            if "reason" in order.options:
                raise failure(order.options["reason"])
            raise EngineError("the test card was told to fail for good", retryable=False, reason="told_to_fail")


def card(width: int, height: int, frames: int) -> Iterator[Frame]:
    """Bars with a bright column that crosses the picture once."""
    y, u, v = (_plane(width, height, channel) for channel in range(3))
    thick = max(width // 64, 2)
    for index in range(frames):
        at = index * (width - thick) // max(frames - 1, 1)
        bright = y.copy()
        bright[:, at : at + thick] = 235
        yield Frame(bright, u, v)


def _plane(width: int, height: int, channel: int) -> Plane:
    shrink = 1 if channel == 0 else 2
    columns = np.arange(width // shrink) * len(_BARS) // (width // shrink)
    row = np.array([bar[channel] for bar in _BARS], np.uint8)[columns]
    return np.ascontiguousarray(np.broadcast_to(row, (height // shrink, width // shrink)))
