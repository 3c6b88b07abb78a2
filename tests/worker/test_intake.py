"""Images of waiting tasks, over the in-memory stores."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from kineograph.core.errors import Unavailable
from kineograph.core.request import ARK, NATIVE, ImageInput, Role, VideoRequest
from kineograph.core.task import Status, Task
from kineograph.media.fetch import Fetcher
from kineograph.testing import MemoryFileStore, MemoryTaskStore
from kineograph.worker.intake import Intake


@pytest.fixture
def server() -> Iterator[str]:
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.new("RGB", (64, 48), "orange").save(file, "JPEG")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/cat.jpg"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(file.getvalue() if found else b"gone")

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    http.server_close()


async def run(url: str, folder: Path, *allow: str, dialect: str = NATIVE) -> tuple[Task, MemoryFileStore]:
    store, files = MemoryTaskStore(), MemoryFileStore()
    request = VideoRequest("m", "a cat", 1, images=(ImageInput(Role.FIRST_FRAME, url),), dialect=dialect)
    await store.insert(Task("task_1", "acct", "key", request, engine="bars", queue="bars"))
    await Intake(store, files, Fetcher(allow), folder).run_one("task_1")
    task = await store.get("task_1")
    assert task is not None
    return task, files


async def test_a_fetched_image_is_kept_and_the_task_goes_on_waiting(server: str, tmp_path: Path) -> None:
    task, files = await run(f"{server}/cat.jpg", tmp_path, "127.0.0.0/8")
    assert task.status is Status.QUEUED
    assert [image.source for image in task.request.images] == ["file:inputs/task_1/first_frame"]
    assert list(files.files) == ["inputs/task_1/first_frame"]


async def test_an_image_that_is_not_there_fails_the_task_with_a_sentence(server: str, tmp_path: Path) -> None:
    task, files = await run(f"{server}/dog.jpg", tmp_path, "127.0.0.0/8")
    assert task.status is Status.FAILED
    assert task.failure is not None
    assert task.failure.status == 400
    assert "first_frame" in task.failure.message
    assert "404" in task.failure.message
    assert not files.files


async def test_an_image_that_breaks_its_dialects_rules_fails_the_task(server: str, tmp_path: Path) -> None:
    task, files = await run(f"{server}/cat.jpg", tmp_path, "127.0.0.0/8", dialect=ARK)
    assert task.failure is not None
    assert (task.failure.reason, task.failure.status) == ("image_size", 400)
    assert "64×48" in task.failure.message
    assert not files.files


async def test_an_address_inside_our_network_is_never_asked(server: str, tmp_path: Path) -> None:
    task, _ = await run(f"{server}/cat.jpg", tmp_path)
    assert task.status is Status.FAILED
    assert task.failure is not None
    assert task.failure.reason == "image_blocked"


async def test_a_storage_that_is_away_costs_the_task_nothing(server: str, tmp_path: Path) -> None:
    class Away(MemoryFileStore):
        async def put(self, name: str, source: Path | bytes) -> None:
            raise Unavailable("the storage is not available")

    store = MemoryTaskStore()
    images = (ImageInput(Role.FIRST_FRAME, f"{server}/cat.jpg"),)
    await store.insert(Task("task_1", "acct", "key", VideoRequest("m", "a cat", 1, images=images), "bars", "bars"))
    for files in (Away(), MemoryFileStore()):
        intake = Intake(store, files, Fetcher(("127.0.0.0/8",)), tmp_path)
        if isinstance(files, Away):
            with pytest.raises(Unavailable):  # the ticket is not used up: the queue comes again
                await intake.run_one("task_1")
            assert store.tasks["task_1"].status is Status.QUEUED
        else:
            await intake.run_one("task_1")
    assert [image.source for image in store.tasks["task_1"].request.images] == ["file:inputs/task_1/first_frame"]
