"""The service as its operator meets it: starts, stops, logs, slow image servers, a full disk."""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

CARD = '[models.card]\nengine = "bars"\n'


@pytest.fixture
def images() -> Iterator[str]:
    """An image server: /cat.png answers, /slow.png drips a byte a second, anything else is not there."""
    file = io.BytesIO()
    Image.new("RGB", (320, 200), "orange").save(file, "PNG")
    asked: list[str] = []
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404 if self.path == "/gone.png" else 200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            if self.path == "/slow.png":
                while not stop.wait(0.5):
                    self.wfile.write(b"x")
            else:
                self.wfile.write(file.getvalue())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    stop.set()
    server.shutdown()
    server.server_close()


def with_image(url: str) -> dict[str, Any]:
    return {"image_urls": [url]}


def test_a_second_server_on_the_same_data_refuses_with_a_sentence(service: Any) -> None:
    service.start()
    second = service.run("serve", "--port", "0")
    assert second.wait(30) == 1
    assert "another kineograph" in service.log
    assert service.call("GET", "/v1/models").status_code == 200


def test_a_slow_image_server_holds_no_renderer(service: Any, images: str) -> None:
    service.toml = 'fetch_allow = ["127.0.0.0/8"]\n' + service.toml
    service.start()
    slow = service.submit(**with_image(f"{images}/slow.png"))
    time.sleep(1)
    quick = service.submit(**with_image(f"{images}/cat.png"))
    assert service.finished(quick)["status"] == "completed"
    assert service.task(slow)["status"] == "pending"
    assert service.call("POST", f"/v1/tasks/{slow}/cancel").json()["data"]["status"] == "cancelled"


def test_an_image_that_cannot_be_had_fails_the_task_with_a_sentence(service: Any, images: str) -> None:
    service.toml = 'fetch_allow = ["127.0.0.0/8"]\n' + service.toml
    service.start()
    task = service.finished(service.submit(**with_image(f"{images}/gone.png")))
    assert (task["status"], task["error"]["code"]) == ("failed", 400)
    assert "first_frame" in task["error"]["message"]
    assert "Traceback" not in json.dumps(task)


def test_an_address_inside_the_network_is_refused_at_submit_and_never_asked(service: Any) -> None:
    service.start()
    for url in (
        "http://127.0.0.1:9/x.png",
        "http://2130706433/x.png",
        "http://169.254.169.254/x.png",
        "http://[::1]/x.png",
    ):
        body = {"model": "card", "prompt": "x", **with_image(url)}
        answer = service.call("POST", "/v1/videos/generations", json=body)
        assert answer.status_code == 400, url
        assert answer.json()["error"]["param"] == "image_urls"
    assert service.call("GET", "/v1/tasks").json()["data"] == []


def test_an_uploaded_image_is_used_without_being_fetched(service: Any, tmp_path: Path) -> None:
    service.start()
    Image.new("RGB", (200, 300), "teal").save(tmp_path / "a.png")
    uploaded = service.call(
        "POST", "/v1/uploads/images", files={"file": ("a.png", (tmp_path / "a.png").read_bytes(), "image/png")}
    )
    assert uploaded.status_code == 200, uploaded.text
    task = service.finished(service.submit(aspect_ratio="adaptive", **with_image(uploaded.json()["url"])))
    assert (task["status"], task["width"], task["height"]) == ("completed", 544, 736)


def test_words_of_the_caller_are_not_in_the_log_and_ids_are(service: Any) -> None:
    service.start()
    task_id = service.submit(prompt="a very secret wish", metadata={"who": "hidden person"})
    service.finished(task_id)
    assert "secret wish" not in service.log
    assert "hidden person" not in service.log
    lines = [json.loads(line) for line in service.log.splitlines() if line.startswith("{")]
    assert {"task.submitted", "task.started", "task.succeeded"} <= {
        line["event"] for line in lines if line.get("task_id") == task_id
    }


def test_it_is_alive_and_ready_and_leaves_with_zero(service: Any) -> None:
    service.start()
    assert httpx2.get(f"{service.url}/healthz").status_code == 200
    deadline = time.monotonic() + 20
    while httpx2.get(f"{service.url}/readyz").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    service.process.terminate()
    assert service.process.wait(20) == 0
    assert "Traceback" not in service.log


def test_a_node_without_workers_of_its_own_is_ready_to_accept_for_workers_to_come(service: Any) -> None:
    service.arguments = ("--no-worker",)
    service.start()
    task_id = service.submit()
    assert httpx2.get(f"{service.url}/readyz").status_code == 200
    service.worker("--queue", "bars", "--exit-when-idle", "2")
    assert service.finished(task_id)["status"] == "completed"
    assert service.extra[0].wait(30) == 0, "it leaves when there is nothing to do"


def test_a_node_that_refuses_what_no_worker_can_make_is_not_ready_without_one(service: Any) -> None:
    service.arguments = ("--no-worker",)
    service.toml = "require_worker = true\n" + CARD
    service.start()
    answer = httpx2.get(f"{service.url}/readyz")
    assert answer.status_code == 503
    assert "no live worker" in answer.text


def test_told_to_leave_it_sends_balancers_away_first_and_goes_on_answering(service: Any) -> None:
    service.arguments = ("--no-worker",)
    service.toml = "linger = 3\n" + CARD
    service.start()
    service.process.terminate()
    deadline = time.monotonic() + 20
    while "it is stopping" not in (answer := service.call("GET", "/readyz")).text:
        assert time.monotonic() < deadline, answer.text
    assert answer.status_code == 503
    assert service.submit(), "who has not noticed yet is served"
    assert service.process.wait(20) == 0


def test_a_disk_without_room_is_said_in_one_sentence(tmp_path: Path, service: Any) -> None:
    service.start()  # makes the data folder
    service.stop()

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, 16_384))

    run = subprocess.run(
        [sys.executable, "-m", "kineograph", "backup", str(tmp_path / "copy.sqlite3"), "--data", str(service.data)],
        # A truncated .pyc would outlive the test: no bytecode is written under the limit.
        env={**service.variables, "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=no_room,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith("error: ")
    assert "Traceback" not in run.stderr


def test_files_expire_and_the_task_says_so(service: Any) -> None:
    service.toml = 'keep_files = "1s"\n' + service.toml
    service.start()
    task_id = service.submit()
    service.finished(task_id)
    service.stop()
    from kineograph.app.parts import opened
    from kineograph.settings import load

    async def sweep() -> None:
        address = service.environment.get("KINEO_DATABASE_URL")
        async with opened(load(data=service.data, keep_files=1, database_url=address)) as parts:
            await parts.retention().run_once()

    time.sleep(1.2)
    import asyncio

    asyncio.run(sweep())
    service.start()
    task = service.task(task_id)
    assert task["status"] == "completed"
    assert task["result"]["videos"] == []
    assert task["files_expired_at"] >= task["completed"]
    assert not list((service.data / "files").rglob("*.mp4"))
