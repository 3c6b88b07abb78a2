"""Single deaths of interest; random ones are in test_chaos.py."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

TOML = """
lease = 3
[models.card]
engine = "bars"
options = { seconds = "0.3" }
[models.deadly]
engine = "bars"
options = { seconds = "0.3", crash = "always" }
"""


def test_a_request_that_kills_its_worker_every_time_is_put_away(service: Any) -> None:
    service.toml = TOML
    service.start()
    deadly, after = service.submit(model="deadly"), service.submit()
    task = service.finished(deadly)
    assert (task["status"], task["attempt"]) == ("failed", 3)
    assert task["error"]["reason"] == "worker_died"
    assert service.finished(after)["status"] == "completed", "the queue goes on"


def test_an_attempt_that_takes_too_long_is_ended_with_its_cause(service: Any) -> None:
    service.toml = 'time_limit = 2\n[models.card]\nengine = "bars"\noptions = { seconds = "60", deaf = "true" }\n'
    service.start()
    task = service.finished(service.submit())
    assert (task["status"], task["error"]["reason"]) == ("failed", "time_limit")


def test_a_submit_that_was_answered_survives_the_plug_being_pulled(service: Any) -> None:
    service.start()
    accepted = []
    for _ in range(20):
        accepted.append(service.submit())
    os.kill(service.process.pid, signal.SIGKILL)
    service.process.wait()
    service.start()
    for task_id in accepted:
        assert service.finished(task_id)["status"] == "completed"
