"""A fleet as an operator runs it: API and workers apart, drained, paused and capped while it works."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil
from tests.conftest import Service, both

LEASE = 'lease = 3\n[models.card]\nengine = "bars"\n'


def kineo(service: Service, *arguments: str) -> Any:
    """What a command says with --json."""
    done = subprocess.run(
        [sys.executable, "-m", "kineograph", *arguments, "--data", str(service.data), "--json"],
        cwd=service.folder,
        env=service.variables,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def until(what: Callable[[], Any], seconds: float = 40) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return found


def workers(service: Service) -> list[dict[str, Any]]:
    answer = service.call("GET", "/v1/admin/workers")
    assert answer.status_code == 200, answer.text
    return [row for row in answer.json()["data"] if row["state"] != "dead"]


@both
def test_workers_join_drain_and_leave_while_films_are_made(service: Service) -> None:
    service.toml, service.arguments = LEASE, ("--no-worker",)
    service.start()
    first = service.worker("--queue", "bars")
    elsewhere = subprocess.Popen(  # a machine of its own: database and storage are all that it shares
        [sys.executable, "-m", "kineograph", "worker", "--queue", "bars", "--data", str(service.folder / "elsewhere")],
        cwd=service.folder,
        env={
            "KINEO_DATABASE_URL": f"sqlite:///{service.data / 'kineograph.sqlite3'}",
            "KINEO_STORAGE_URL": (service.data / "files").as_uri(),
            **service.variables,
        },
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    service.extra.append(elsewhere)
    rows = until(lambda: len(found := workers(service)) == 2 and found)
    assert {row["models"]["card"]["resolutions"][0] for row in rows} == {"480p"}
    mine = next(row for row in rows if row["pid"] == first.pid)
    kineo(service, "workers", "drain", mine["id"])
    assert first.wait(30) == 0, "it finished what it had and left"
    assert service.finished(service.submit())["status"] == "completed", "the other one makes what comes"
    assert [row["pid"] for row in workers(service)] == [elsewhere.pid]
    assert list((service.data / "files" / "tasks").iterdir()), "its film is where everybody's are"


def test_a_paused_queue_waits_and_goes_on(service: Service) -> None:
    service.toml, service.arguments = LEASE, ("--workers", "1")
    service.start()
    service.finished(service.submit())
    (queue,) = [row for row in kineo(service, "queues", "pause", "bars") if row["name"] == "bars"]
    assert queue["state"] == "paused"
    task_id = service.submit()
    time.sleep(2.5)  # nothing must happen for longer than several looks
    assert service.task(task_id)["status"] == "pending"
    service.call("POST", "/v1/admin/queues/bars/resume")
    assert service.finished(task_id)["attempt"] == 1


def test_a_drained_server_answers_and_is_resumed(service: Service) -> None:
    service.toml, service.arguments = LEASE, ("--workers", "1")
    service.start()
    until(lambda: any(row["queue"] == "bars" for row in workers(service)))
    service.call("POST", "/v1/admin/workers/all/drain")
    until(lambda: {row["state"] for row in workers(service)} == {"drained"})
    task_id = service.submit()
    assert service.task(task_id)["status"] == "pending"
    service.call("POST", "/v1/admin/workers/all/resume")
    assert service.finished(task_id)["status"] == "completed"


def test_a_worker_leaves_when_it_has_done_enough(service: Service) -> None:
    service.toml, service.arguments = LEASE, ("--no-worker",)
    service.start()
    tasks = [service.submit() for _ in range(2)]
    worker = service.worker("--queue", "bars", "--max-tasks", "2")
    assert worker.wait(60) == 0
    assert [service.task(task_id)["status"] for task_id in tasks] == ["completed"] * 2
    idle = service.worker("--exit-when-idle", "1")
    assert idle.wait(60) == 0, "of all queues"


@both
def test_an_api_without_workers_gives_back_what_a_killed_one_held(service: Service) -> None:
    service.toml, service.arguments = (
        LEASE + '[models.slow]\nengine = "bars"\noptions = {seconds = "60"}\n',
        ("--no-worker",),
    )
    service.start()
    worker = service.worker("--queue", "bars")
    task_id = service.submit(model="slow")
    service.until(task_id, lambda task: task["status"] == "processing")
    victims = [*service.children(), psutil.Process(worker.pid)]
    for victim in victims:
        victim.kill()
    worker.wait()
    (row,) = until(
        lambda: [row for row in service.call("GET", "/v1/admin/workers").json()["data"] if row["state"] == "dead"]
    )
    assert row["running"] == [] or row["pid"] == worker.pid
    until(lambda: kineo(service, "queues")[0]["running"] == 0)
    found = kineo(service, "tasks", "show", task_id)
    assert (found["status"], found["phase"], found["attempt"]) == ("processing", "retrying", 1)
    assert service.call("POST", f"/v1/tasks/{task_id}/cancel").json()["data"]["status"] == "cancelled"
