"""The receivers of docs/howto/webhooks.md, as they stand there, against what is really sent."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.webhooks.receivers import LOCAL

import kineograph
from kineograph.core.signing import mint, signature
from kineograph.media.send import Sender

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "webhooks.md"


@contextmanager
def running(command: list[str], secret: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "PORT": str(port), "WEBHOOK_SECRET": secret}
    environment["PYTHONPATH"] = str(Path(kineograph.__file__).parents[1])
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/", process
    finally:
        process.kill()
        process.communicate()


async def judge(command: list[str]) -> None:
    secret, sender = mint(), Sender(LOCAL)
    with running(command, secret) as (url, process):

        async def send(status: str, sequence: int, by: str = secret, at: int | None = None) -> int | None:
            body = f'{{"data": {{"id": "task_1", "status": "{status}", "sequence": {sequence}}}}}'.encode()
            now = int(time.time()) if at is None else at
            headers = {
                "webhook-id": f"delivery_{sequence}",
                "webhook-timestamp": str(now),
                "webhook-signature": signature([mint(), by], f"delivery_{sequence}", now, body),
            }
            return (await sender.post(url, headers, body)).status

        assert await send("processing", 5) == 204
        assert await send("completed", 9) == 204
        assert await send("processing", 5) == 204  # late
        assert await send("forged", 10, by=mint()) == 400
        assert await send("old", 11, at=1_000_000_000) == 400
        process.terminate()
        told, _ = process.communicate(timeout=10)
    assert told.split() == ["task_1", "processing", "task_1", "completed"]


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


async def test_the_receiver_in_python_believes_what_is_signed_and_new(tmp_path: Path) -> None:
    (tmp_path / "receiver.py").write_text(block("python"))
    await judge([sys.executable, str(tmp_path / "receiver.py")])


@pytest.mark.sdk  # needs Node
async def test_the_receiver_in_node_believes_what_is_signed_and_new(tmp_path: Path) -> None:
    (tmp_path / "receiver.mjs").write_text(block("js"))
    await judge(["node", str(tmp_path / "receiver.mjs")])
