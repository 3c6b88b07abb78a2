"""Two hundred films at an upstream while the processes that wait for them are killed: each created once, copied, counted once."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from tests.conftest import Service

from kineograph.testing.upstreams import FakeArk

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]
FILMS = int(os.environ.get("KINEO_CHAOS_FILMS", "200"))
KILLS = 12
SEED = int(os.environ.get("KINEO_CHAOS_SEED", "0")) or random.SystemRandom().randrange(10**6)


@pytest.fixture
def ark() -> Iterator[FakeArk]:
    with FakeArk(waiting=0.5, making=20, slots=40, rpm=10_000) as fake:
        yield fake


def test_kills_at_any_moment_make_nothing_twice_and_lose_nothing(service: Service, ark: FakeArk) -> None:
    chance = random.Random(SEED)
    service.toml = f"""
lease = "2s"
[upstreams.volc]
dialect = "ark"
base_url = "{ark.base_url}"
key = "{ark.key}"
poll = 0.5
rpm = 10000
models = {{ film = "doubao-seedance-1-0-pro-250528" }}
"""
    service.start()
    key_id = service.call("GET", "/v1/admin/keys").json()["data"][0]["id"]
    service.call("PATCH", f"/v1/admin/keys/{key_id}", json={"limit": FILMS}).raise_for_status()
    tasks = [service.submit(model="film", prompt=f"film {n}") for n in range(FILMS)]
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.5, 6))
        if chance.random() < 0.6:
            for child in service.children():
                child.kill()
        else:
            service.kill()
            service.start()
    done = [service.finished(task_id, 300) for task_id in tasks]
    ends = Counter((task["status"], task.get("error", {}).get("reason")) for task in done)
    assert ends == {("completed", None): FILMS}, SEED
    prompts = Counter(film["body"]["prompt"] for film in ark.films())
    assert prompts == {f"film {n}": 1 for n in range(FILMS)}, SEED
    assert service.call("GET", "/v1/usage").json()["data"][0]["tasks"] == FILMS
