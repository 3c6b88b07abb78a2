"""The built-in engine behind the engines' contract."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Literal

from kineograph.engines.animatic import heap
from kineograph.engines.base import Made, Order

if TYPE_CHECKING:
    from kineograph.engines.animatic.filming import Filming

REPORT_EVERY = 0.4  # seconds; awaiting the report is also where a withdrawn order stops
PREVIEW_EVERY = 2.0


class Animatic:
    """Words and pictures to films, on a CPU, without weights. One order at a time, in a process that can be killed."""

    name = "animatic"
    runs: Literal["child", "loop"] = "child"
    concurrency = 1

    async def make(self, order: Order) -> Made:
        """Make the film; `Interrupted` stops it at the next frame.

        Raises:
            EngineError: the encoder refused, or a given picture cannot be used.
            Interrupted: the order was withdrawn.
        """
        await order.report(0.0, "compiling")
        work = await asyncio.to_thread(_open, order)
        running = asyncio.ensure_future(asyncio.to_thread(work.run))
        try:
            shown = time.monotonic()
            while not running.done():
                await asyncio.wait({running}, timeout=REPORT_EVERY)
                await order.report(work.progress, work.phase)
                if time.monotonic() - shown >= PREVIEW_EVERY and (jpeg := await asyncio.to_thread(work.preview)):
                    shown = time.monotonic()
                    await order.preview(jpeg)
            return running.result()
        finally:
            work.stop()
            if not running.done():
                await asyncio.wait({running})
            if not running.cancelled():
                running.exception()  # seen: either it is on its way up, or our own stopping caused it
            heap.give_back()


def _open(order: Order) -> Filming:
    """Import what is heavy (numba, OpenCV, FFmpeg) only now: the server and the command line never need it."""
    from kineograph.engines.animatic import filming

    return filming.Filming(order)
