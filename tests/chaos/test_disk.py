"""A disk that is full, by the processes' own limit on the size of files: no root needed, and it can be lifted again."""

from __future__ import annotations

import resource
from typing import Any

import psutil
import pytest
from tests.chaos.nodes import until

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]


def _limit(process: psutil.Process, size: int) -> None:
    """From now on no file of this process grows beyond `size` bytes."""
    _, hard = process.rlimit(resource.RLIMIT_FSIZE)
    process.rlimit(resource.RLIMIT_FSIZE, (size, hard))


def test_a_worker_whose_disk_is_full_spends_no_attempt_and_goes_on_once_there_is_room(service: Any) -> None:
    service.arguments = ("--no-worker",)
    service.start()
    worker = service.worker("--queue", "bars")
    assert service.finished(service.submit())["status"] == "completed"
    machine = [psutil.Process(worker.pid), *service.children()]
    for process in machine:
        _limit(process, 4096)
    waiting = service.submit()
    until(lambda: "store.unavailable" in service.log, 30, "nobody noticed")
    assert service.task(waiting)["status"] in {"pending", "processing"}
    for process in machine:
        _limit(process, resource.RLIM_INFINITY)
    task = service.finished(waiting, 90)
    assert (task["status"], task["attempt"]) == ("completed", 1)


def test_a_server_whose_database_cannot_grow_says_503_and_forgets_nothing_it_accepted(service: Any) -> None:
    service.arguments = ("--no-worker",)
    service.start()
    accepted = [service.submit() for _ in range(5)]
    server = psutil.Process(service.process.pid)
    _limit(server, 4096)
    body = {"model": "card", "prompt": "a test", "duration": 2, "resolution": "480p"}
    refused = service.call("POST", "/v1/videos/generations", json=body)
    assert refused.status_code == 503, refused.text
    assert refused.headers["Retry-After"]
    assert service.task(accepted[0])["status"] == "pending", "reading goes on"
    _limit(server, resource.RLIM_INFINITY)
    accepted.append(service.submit())
    service.worker("--queue", "bars")
    for task_id in accepted:
        assert service.finished(task_id)["status"] == "completed"
