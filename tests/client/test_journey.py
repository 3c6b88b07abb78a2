"""The client against the real service: processes, sockets, films; both clients, the tutorial, the command line."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.conftest import SOURCE, Service

from kineograph.client import (
    AsyncClient,
    Cancelled,
    Client,
    Conflict,
    Failed,
    Forbidden,
    Invalid,
    NoAnswer,
    NotFound,
    Task,
    TookTooLong,
    TooMany,
    Unauthenticated,
    Wish,
)

ROOT = Path(__file__).parents[2]
TOML = """
simulation = true
[models.doubao-seedance-1-0-pro-fast]
engine = "bars"
[models.doubao-seedance-1-0-pro-quality]
engine = "bars"
"""
SMALL: Wish = {"duration": 2, "resolution": "480p"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One for all tests here: each makes tasks of its own."""
    made = Service(tmp_path_factory.mktemp("server"), TOML)
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture
def client(server: Service) -> Iterator[Client]:
    with Client(server.url, server.key) as client:
        yield client


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(file, "PNG")
    return file.getvalue()


def test_the_tutorial_runs_as_it_is_printed(server: Service, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "tutorial" / "first_film.py")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": SOURCE, "KINEO_SERVER": server.url, "KINEO_API_KEY": server.key},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    for said in ("models: doubao-seedance-1-0-pro-fast", "costs: nothing", "made: kitten.mp4", "made: petals.mp4"):
        assert said in run.stdout
    assert "refused: duration 99" in run.stdout
    for name in ("kitten.mp4", "petals.mp4"):
        assert (tmp_path / name).read_bytes()[4:8] == b"ftyp"


def test_from_words_and_a_picture_to_a_file_with_progress(client: Client, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(png())
    seen: list[Task] = []
    film = client.generate("A cat!", tmp_path, first_frame=tmp_path / "cat.png", seed=7, progress=seen.append, **SMALL)
    assert film.path == tmp_path / "a-cat-7.mp4"
    assert film.task.video is not None
    assert hashlib.sha256(film.path.read_bytes()).hexdigest() == film.task.video.sha256
    assert film.path.stat().st_size == film.task.video.bytes
    assert (film.task.seed, film.task.frames, film.task.metadata) == (7, 48, {})
    assert seen[-1].progress == 100
    assert [task.progress for task in seen] == sorted(task.progress for task in seen)
    assert "<video" in film._repr_html_()


def test_every_call_of_the_client_meets_the_server_it_was_made_for(client: Client) -> None:
    asked = client.submit("x", metadata={"who": "journey"}, extra={"nsfw_check": False}, **SMALL)
    task = client.wait(asked)
    assert (task.id, task.status, task.ignored) == (asked.id, "completed", ("nsfw_check",))
    assert client.get(task.id).finished_at == task.finished_at
    assert [found.id for found in client.list(metadata={"who": "journey"})] == [task.id]
    assert [event.task.status for event in client.events(task)][-1] == "completed"
    assert client.balance().remaining is None
    assert client.quote("x", **SMALL).cost is None
    assert {"doubao-seedance-1-0-pro-quality"} < {model.id for model in client.models()} | {"x"}
    assert client.models()[0].durations == (2, 12)
    assert client.upload(png()).content_type == "image/png"
    with pytest.raises(Conflict):
        client.cancel(task)
    client.delete(task)
    with pytest.raises(NotFound):
        client.get(task)


def test_the_async_client_does_the_same_and_many_at_once(server: Service, tmp_path: Path) -> None:
    async def run() -> None:
        async with AsyncClient(server.url, server.key) as client:
            films = await asyncio.gather(
                *(client.generate(f"film {number}", tmp_path, seed=number, **SMALL) for number in range(3))
            )
            assert [film.path.name for film in films] == [f"film-{n}-{n}.mp4" for n in range(3)]
            task = films[0].task
            assert (await client.get(task.id)).seed == task.seed
            assert task.id in [found.id async for found in client.list(3)]
            assert [event.task.status async for event in client.events(task)][-1] == "completed"
            assert (await client.quote("x", **SMALL)).estimated_time
            assert (await client.balance()).remaining is None
            assert len(await client.models()) == 2
            upload = await client.upload(png())
            again = await client.submit("x", first_frame=upload.url, idempotency_key="mine-1", **SMALL)
            assert (await client.submit("x", first_frame=upload.url, idempotency_key="mine-1", **SMALL)).id == again.id
            assert (await client.download(await client.wait(again), tmp_path / "again.mp4")).stat().st_size > 1000
            await client.delete(again)

    asyncio.run(run())


def test_who_stops_waiting_for_a_film_stops_the_film(server: Service, client: Client) -> None:
    async def run() -> str:
        async with AsyncClient(server.url, server.key) as other:
            seen: list[Task] = []
            making = asyncio.create_task(other.generate("x", progress=seen.append, simulate="slow=60", **SMALL))
            while not seen:
                await asyncio.sleep(0.05)
            making.cancel()
            with pytest.raises(asyncio.CancelledError):
                await making
            return seen[0].id

    assert client.wait(asyncio.run(run()), timeout=30).status == "cancelled"


def test_ctrl_c_stops_the_film_too(server: Service, client: Client) -> None:
    program = (
        "from kineograph import Client\n"
        "Client().generate('x', simulate='slow=60', progress=lambda task: print(task.id, flush=True))"
    )
    environment = {**os.environ, "PYTHONPATH": SOURCE, "KINEO_SERVER": server.url, "KINEO_API_KEY": server.key}
    with subprocess.Popen(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        task_id = running.stdout.readline().strip()
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
    assert "KeyboardInterrupt" in said
    assert client.wait(task_id, timeout=30).status == "cancelled"


def test_errors_of_a_film_have_types(client: Client, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="content policy") as failed:
        client.generate("x", tmp_path, simulate="fail=content_policy", **SMALL)
    assert (failed.value.reason, failed.value.task.simulated) == ("content_policy", "fail=content_policy")
    with pytest.raises(TookTooLong) as late:
        client.generate("x", tmp_path, simulate="slow=60", timeout=1, **SMALL)
    client.cancel(late.value.task)
    over = client.wait(late.value.task, timeout=30)
    with pytest.raises(Cancelled):
        client.download(over)
    with pytest.raises(Forbidden, match="expired"):
        client.generate("x", tmp_path, simulate="expire", **SMALL)
    with pytest.raises(Invalid, match="seconds") as invalid:
        client.submit("x", duration=99)
    assert (invalid.value.param, invalid.value.status) == ("duration", 400)
    assert invalid.value.request_id
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_says_slow_down_is_asked_again_until_patience_ends(server: Service, client: Client) -> None:
    start = time.monotonic()
    assert client.submit("x", simulate="rate-limit=2", **SMALL).id
    assert time.monotonic() - start >= 2, "Retry-After: 1, twice"
    with Client(server.url, server.key, retries=0) as hasty, pytest.raises(TooMany) as caught:
        hasty.submit("x", simulate="rate-limit", **SMALL)
    assert caught.value.retry_after == 1


def test_a_wrong_key_and_a_wrong_address_are_told_apart(server: Service) -> None:
    with Client(server.url, "kineo_wrong") as client, pytest.raises(Unauthenticated):
        client.models()
    with Client("http://127.0.0.1:1", "k", retries=1) as client, pytest.raises(NoAnswer, match=r"127\.0\.0\.1:1"):
        client.models()


def test_the_command_line_makes_films_there_and_looks_after_them(server: Service, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": SOURCE, "KINEO_SERVER": server.url, "KINEO_API_KEY": server.key}

    def kineo(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kineograph", *words]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    made = kineo("generate", "A kite", "--duration", "2", "--resolution", "480p", "--seed", "3")
    assert (made.returncode, made.stdout, made.stderr) == (0, "a-kite-3.mp4\n", "")
    assert (tmp_path / "a-kite-3.mp4").read_bytes()[4:8] == b"ftyp"
    (task,) = json.loads(kineo("tasks", "list", "--limit", "1", "--json").stdout)
    assert (task["seed"], task["status"]) == (3, "completed")
    assert kineo("tasks", "list", "--limit", "1").stdout.split("\t")[:3] == [task["id"], "completed", "100 %"]
    assert kineo("tasks", "wait", task["id"]).returncode == 0
    assert "a-kite" not in kineo("tasks", "show", task["id"]).stderr
    assert kineo("tasks", "cancel", task["id"]).returncode == 3
    assert kineo("tasks", "show", "task_nope").returncode == 3
    refused = kineo("generate", "x", "--duration", "99")
    assert (refused.returncode, "duration" in refused.stderr) == (3, True)
    assert kineo("generate", "x", "--first-frame", "missing.png").returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a-kite-3.mp4"]
