"""What importing the client costs, and what a type checker makes of a user's program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import SOURCE

import kineograph
from kineograph import client

SAMPLE = """
import asyncio
from pathlib import Path

from kineograph import AsyncClient, Client, ClientError, Film, Task
from kineograph.client import Failed, TooMany


def told(task: Task) -> None:
    print(task.progress, task.phase)


def make() -> Path:
    with Client("http://127.0.0.1:8000", "kineo_x") as client:
        try:
            film: Film = client.generate(
                "a cat", "cat.mp4", duration=5, resolution="720p", first_frame=Path("cat.png"), progress=told
            )
        except Failed as error:
            raise SystemExit(error.task.id) from error
        except TooMany as error:
            raise SystemExit(str(error.retry_after)) from error
        except ClientError as error:
            raise SystemExit(error.reason) from error
        for task in client.list(limit=3, status="completed"):
            if task.video is not None:
                print(task.video.url.upper(), task.seed)
        for event in client.events(film.task):
            print(event.id, event.task.status)
        return film.path


async def make_many() -> list[Path]:
    async with AsyncClient() as client:
        films = await asyncio.gather(*(client.generate(word, extra={"x": 1}) for word in ("a", "b")))
        async for task in client.list():
            told(task)
        return [film.path for film in films]
"""
WRONG = """
from kineograph import Client

client = Client()
client.generate("a cat", duration="5")
client.generate("a cat", colour="red")
client.list(limit="3")
client.wait(7)
client.submit("a cat").status = "done"
"""


def python(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": SOURCE, "MYPYPATH": SOURCE} | more
    return subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, check=False, timeout=280
    )


def test_the_package_alone_carries_nothing_and_the_client_no_server() -> None:
    heavy = (
        "('fastapi', 'starlette', 'pydantic', 'sqlalchemy', 'numpy', 'av', 'PIL', 'dbos', 'typer', 'kineograph.api')"
    )
    code = f"import sys, kineograph; a = 'httpx2' in sys.modules; from kineograph import Client, AsyncClient; \
print(a, [name for name in {heavy} if name in sys.modules])"
    assert python("-c", code).stdout == "False []\n"
    code = (
        f"import sys; from kineograph.webhooks import verify; print([name for name in {heavy} if name in sys.modules])"
    )
    assert python("-c", code).stdout == "[]\n", "nor do those who check webhooks"


def test_a_name_that_is_not_there_is_missing_as_anywhere() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Clinet'"):
        _ = kineograph.Clinet
    assert set(kineograph.__all__) <= {*client.__all__, "__version__"}


def test_a_users_sample_passes_the_strict_type_checker_and_their_slips_do_not(tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(SAMPLE)
    (tmp_path / "wrong.py").write_text(WRONG)
    found = python(
        "-m", "mypy", "--strict", f"--cache-dir={tmp_path}", str(tmp_path / "sample.py"), str(tmp_path / "wrong.py")
    )
    complaints = [line for line in found.stdout.splitlines() if "error:" in line]
    assert [line.split(":")[1] for line in complaints if "wrong.py" in line] == ["5", "6", "7", "8", "9"], found.stdout
    assert len(complaints) == 5, found.stdout
