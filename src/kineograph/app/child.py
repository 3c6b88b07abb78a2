"""The child process: what a supervisor starts, kills and starts again."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

from kineograph.app.chores import scratch
from kineograph.app.engines import Engines
from kineograph.app.logs import log_to_stderr
from kineograph.app.parts import opened
from kineograph.core.errors import OperatorError
from kineograph.media.fetch import Fetcher
from kineograph.settings import Settings
from kineograph.telemetry import event
from kineograph.worker.child import Hands, Line, claimed, serve
from kineograph.worker.intake import Intake
from kineograph.worker.loop import HOLD, LoopHands
from kineograph.worker.maker import Worker


def run_child() -> None:
    """One queue, until the supervisor says drain or is gone."""
    os.nice(5)  # the API and the supervisor answer first
    line = Line()
    hello = line.hello()
    settings = Settings(**hello["settings"])
    log_to_stderr(settings.log_level, settings.log_format)
    try:
        asyncio.run(_run(settings, line, hello["name"], hello["queue"], hello.get("loop", False)))
    except OperatorError as error:
        event("child.refused", error=error.message)
        raise SystemExit(1) from None


async def _run(settings: Settings, line: Line, name: str, queue: str, loop: bool) -> None:
    with scratch(settings.data / "work" / name) as folder:
        await _serve(settings, line, name, queue, loop, folder)


async def _serve(settings: Settings, line: Line, name: str, queue: str, loop: bool, folder: Path) -> None:
    async with opened(settings) as parts, contextlib.AsyncExitStack() as ends:
        engines = Engines(settings, parts.catalogue, line.fault)
        ends.push_async_callback(engines.close)
        fetcher = Fetcher(settings.fetch_allow)
        worker = Worker(
            name,
            store=parts.store,
            files=parts.files,
            catalogue=parts.catalogue,
            engine=engines,
            fetcher=fetcher,
            scratch=folder,
            time_limit=max([settings.time_limit, *(row.time_limit for row in settings.upstreams.values() if loop)]),
            claimed=claimed(line),
        )
        intake = Intake(parts.store, parts.files, fetcher, folder)
        if loop:
            hands: Hands | LoopHands = LoopHands(
                line, parts.store, worker, intake, catalogue=parts.catalogue, engine=engines, concurrency=HOLD
            )
        else:
            hands = Hands(line, parts.store, worker, intake)
        await serve(line, parts.queue, queue, name, hands)
