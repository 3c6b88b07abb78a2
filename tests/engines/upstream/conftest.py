"""An upstream engine against a fake, without a service around it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kineograph.app.engines import Engines
from kineograph.core.errors import Interrupted
from kineograph.core.models import Catalogue, Model
from kineograph.core.request import VideoRequest, size_of
from kineograph.engines.base import Made, Order
from kineograph.engines.upstream import engine as engine_module
from kineograph.engines.upstream import gate
from kineograph.engines.upstream.engine import UpstreamEngine
from kineograph.settings import Settings
from kineograph.testing.upstreams import FakeApimart, FakeArk, FakeOpenai, FakeUpstream

FAKES: dict[str, type[FakeUpstream]] = {"ark": FakeArk, "apimart": FakeApimart, "openai": FakeOpenai}


@dataclass
class Bench:
    """One engine and what it reports."""

    fake: FakeUpstream
    engine: UpstreamEngine
    folder: Path
    told: list[str | None] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    token: str | None = None
    count: int = 0
    unwanted: bool = False

    async def report(self, progress: float, phase: str, resume_token: str | None = None) -> None:
        self.phases.append(phase)
        self.token = resume_token or self.token
        if self.unwanted:
            raise Interrupted("the caller cancelled it", retryable=False, reason="cancelled")

    async def make(self, *, task_id: str = "task_1", **wishes: Any) -> Made:
        """One attempt at the task; the token of the attempt before is known."""
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir()
        asked = {"model": "film", "prompt": "a kite", "seed": 7, "duration": 2, "resolution": "480p", **wishes}
        request = VideoRequest(**asked)
        width, height = size_of(request.resolution, request.aspect_ratio)
        order = Order(
            request,
            width,
            height,
            folder,
            self.report,
            options={"model": "doubao-seedance-1-0-pro-fast"},
            resume_token=self.token,
            task_id=task_id,
        )
        return await self.engine.make(order)


@pytest.fixture(scope="session")
def fakes() -> Iterator[Callable[[str], FakeUpstream]]:
    """One of each kind for all tests of this process: starting one costs a second."""
    running: dict[str, FakeUpstream] = {}
    with ExitStack() as ends:

        def get(kind: str) -> FakeUpstream:
            if kind not in running:
                running[kind] = ends.enter_context(FAKES[kind](waiting=0.02, making=0.1))
            return running[kind]

        yield get


@pytest.fixture
async def bench(
    fakes: Callable[[str], FakeUpstream], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Awaitable[Bench]]]:
    """A new engine for a fake of that kind, which knows no task yet."""
    monkeypatch.setattr(engine_module, "BUSY", 0.02)
    monkeypatch.setattr(gate, "PAUSE", 0.3)
    made: list[Bench] = []

    async def build(kind: str, **row: Any) -> Bench:
        fake = fakes(kind)
        fake.set(waiting=0.02, making=0.1, slots=10, rpm=600, link=86_400, key="fake-key")
        fake.forget()
        fake.quiet()
        row = {"dialect": kind, "base_url": fake.base_url, "key": fake.key, "poll": 0.05, **row}
        settings = Settings(data=tmp_path, upstreams={"there": row})
        told: list[str | None] = []
        engines = Engines(settings, Catalogue((Model("film", "there"),)), tell=lambda _name, fault: told.append(fault))
        engine = engines("there")
        assert isinstance(engine, UpstreamEngine)
        folder = tmp_path / f"bench{len(made)}"
        folder.mkdir()
        made.append(Bench(fake, engine, folder, told))
        return made[-1]

    yield build
    for each in made:
        await each.engine.close()
