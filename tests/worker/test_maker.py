"""One ticket, start to finish, on the in-memory stores and the test-card engine: a real film, no process, no database."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from kineograph.core.errors import EngineError, ImageError, Interrupted, Unavailable
from kineograph.core.models import Catalogue, Model
from kineograph.core.ports import Signal
from kineograph.core.request import ADAPTIVE, ImageInput, Role, VideoRequest
from kineograph.core.task import Status, Task
from kineograph.engines.bars import Bars
from kineograph.media.fetch import Fetcher
from kineograph.testing import MemoryFileStore, MemoryTaskStore
from kineograph.worker.maker import Reporter, Worker, failure_of


class Bench:
    """A worker with everything around it."""

    def __init__(self, folder: Path, **options: str) -> None:
        self.store, self.files = MemoryTaskStore(), MemoryFileStore()
        self.claims: list[Task] = []
        self.worker = Worker(
            "w1",
            store=self.store,
            files=self.files,
            catalogue=Catalogue((Model("card", "bars", options=options),)),
            engine=lambda _name: Bars(),
            fetcher=Fetcher(),
            scratch=folder / "work",
            claimed=self.claims.append,
        )

    async def submit(self, task_id: str = "task_1", **wishes: Any) -> None:
        request = VideoRequest(
            **({"model": "card", "prompt": "a test", "seed": 1, "duration": 2, "resolution": "480p"} | wishes)
        )
        await self.store.insert(Task(task_id, "acct", "key", request, engine="bars", queue="bars"))

    async def made(self, task_id: str = "task_1") -> Task:
        await self.worker.run_one(task_id)
        task = await self.store.get(task_id)
        assert task is not None
        return task


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "PNG")
    return file.getvalue()


async def test_a_ticket_becomes_a_film_with_poster_usage_and_facts(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.submit(return_last_frame=True)
    task = await bench.made()
    assert task.status is Status.SUCCEEDED
    assert task.video is not None
    assert (task.video.width, task.video.height, task.video.frames, task.video.fps) == (864, 480, 48, 24.0)
    assert task.usage is not None
    assert task.usage.tokens == 864 * 480 * 48 // 1024
    assert task.video.facts["scene"] == {"setting": "test card"}
    assert sorted(bench.files.files) == [
        f"tasks/task_1/1/{name}" for name in ("last_frame.png", "poster.jpg", "video.mp4")
    ]
    assert [claim.attempt for claim in bench.claims] == [1]


async def test_an_attempt_after_a_failed_one_can_succeed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, fail="once")
    await bench.submit()
    assert (await bench.made()).status is Status.QUEUED
    bench.store.ready_at.clear()
    task = await bench.made()
    assert (task.status, task.attempt) == (Status.SUCCEEDED, 2)


async def test_nothing_is_left_in_the_scratch_folder(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.submit()
    await bench.made()
    assert not [path for path in (tmp_path / "work").iterdir() if path.is_dir()]


async def test_a_finished_task_is_not_made_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.submit()
    first = await bench.made()
    assert await bench.made() == first
    assert len(bench.claims) == 1


async def test_a_failed_attempt_is_tried_again_and_the_cause_is_told_in_the_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path, fail="always")
    await bench.submit()
    statuses = []
    for _ in range(3):
        bench.store.ready_at.clear()  # no waiting for the delay
        statuses.append((await bench.made()).status)
    assert statuses == [Status.QUEUED, Status.QUEUED, Status.FAILED]
    task = await bench.store.get("task_1")
    assert task is not None
    assert task.failure is not None
    assert (task.failure.reason, task.usage) == ("told_to_fail", None)


async def test_a_final_failure_is_not_tried_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, fail="final")
    await bench.submit()
    assert (await bench.made()).status is Status.FAILED


async def test_a_cancelled_task_stops_at_its_next_report(tmp_path: Path) -> None:
    bench = Bench(tmp_path, seconds="30")
    await bench.submit()
    making = asyncio.create_task(bench.made())
    while not bench.claims:
        await asyncio.sleep(0.01)
    await bench.store.cancel("task_1")
    assert (await asyncio.wait_for(making, 10)).status is Status.CANCELLED
    assert not bench.files.files


async def test_a_worker_that_lost_its_claim_changes_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, seconds="2")
    await bench.submit()
    making = asyncio.create_task(bench.made())
    while not bench.claims:
        await asyncio.sleep(0.01)
    bench.store.tasks["task_1"] = stolen = replace(bench.store.tasks["task_1"], worker="w2", attempt=2)
    await making
    assert bench.store.tasks["task_1"] == stolen


async def test_adaptive_takes_the_ratio_nearest_to_the_picture(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.files.put("inputs/task_1/first_frame", png(300, 420))
    images = (ImageInput(Role.FIRST_FRAME, "file:inputs/task_1/first_frame"),)
    await bench.submit(aspect_ratio=ADAPTIVE, images=images)
    task = await bench.made()
    assert task.video is not None
    assert (task.video.width, task.video.height) == (544, 736)


async def test_an_image_that_is_none_fails_the_task_for_the_caller(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.files.put("inputs/task_1/first_frame", b"\xff\xd8\xff not really a JPEG")
    await bench.submit(images=(ImageInput(Role.FIRST_FRAME, "file:inputs/task_1/first_frame"),))
    task = await bench.made()
    assert task.status is Status.FAILED
    assert task.failure is not None
    assert task.failure.status == 400
    assert "first_frame" in task.failure.message


async def test_reports_are_written_seldom_and_progress_never_reaches_the_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.submit()
    claim = await bench.store.start("task_1", "w1")
    assert claim is not None
    report = Reporter(bench.store, claim)
    before = len(bench.store.log)
    for step in range(100):
        await report(step / 100, "rendering")
    assert len(bench.store.log) - before == 1
    await report(1.0, "encoding")  # a new phase is worth a write
    task = await bench.store.get("task_1")
    assert task is not None
    assert 0.9 < task.progress < 1
    assert await bench.store.report(claim, 0.1, "x") is Signal.GO_ON


@pytest.mark.parametrize(
    ("error", "reason", "retryable"),
    [
        (EngineError("no", reason="broken"), "broken", True),
        (EngineError("no", retryable=False), "engine_failed", False),
        (ImageError("no"), "image_unreachable", False),
        (Unavailable("no"), "unavailable", True),
        (MemoryError(), "out_of_memory", True),
        (OSError(28, "No space left on device"), "disk_full", True),
        (ZeroDivisionError("secret path /root"), "internal_error", True),
    ],
)
def test_every_error_has_a_word_and_a_verdict(error: Exception, reason: str, retryable: bool) -> None:
    failure = failure_of(error)
    assert (failure.reason, failure.retryable) == (reason, retryable)
    assert "/root" not in failure.message


async def test_a_long_film_reports_seldom_but_a_withdrawn_one_hears_of_it_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, now = Bench(tmp_path), 1000.0
    await bench.submit()
    claim = await bench.store.start("task_1", "w1")
    assert claim is not None
    withdrawn: set[str] = set()
    monkeypatch.setattr("kineograph.worker.maker.time", SimpleNamespace(monotonic=lambda: now))
    report, written = Reporter(bench.store, claim, withdrawn), []

    async def reported(at: float) -> None:
        nonlocal now
        now = 1000.0 + at
        before = len(bench.store.log)
        await report(at / 1000, "rendering")
        written.extend([at] * (len(bench.store.log) - before))

    for at in (0.0, 0.5, 0.8, 300.0, 301.0, 302.0, 302.6):
        await reported(at)
    assert written == [0.0, 0.8, 300.0, 302.6]
    await bench.store.cancel("task_1")
    await reported(302.7)
    withdrawn.add("task_1")
    with pytest.raises(Interrupted):
        await reported(302.8)


async def test_a_simulated_failure_is_the_real_ones_twin_and_no_engine_is_asked(tmp_path: Path) -> None:
    bench = Bench(tmp_path, crash="always")
    await bench.submit(simulated="slow=1, fail=content_policy")
    task = await bench.made()
    assert task.status is Status.FAILED
    assert task.failure is not None
    assert (task.failure.reason, task.failure.status, task.attempt) == ("content_policy", 400, 1)
    assert task.finished_at is not None
    assert task.started_at is not None
    assert task.finished_at - task.started_at >= 1


async def test_a_simulated_film_is_a_test_card_that_used_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, crash="always")
    await bench.submit(simulated="expire=5")
    task = await bench.made()
    assert task.status is Status.SUCCEEDED
    assert task.usage is not None
    assert (task.usage.seconds, task.usage.tokens) == (0, 0)
