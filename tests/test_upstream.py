"""The service with others behind it: a film through each, kills while they work, fallback, whose fault it is, a chain of two."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Service

from kineograph.testing.upstreams import FakeArk

KEY = "a-very-secret-upstream-key"


def row(fake: FakeArk, name: str = "volc", **more: str) -> str:
    lines = {"dialect": '"ark"', "base_url": f'"{fake.base_url}"', "key_env": '"ARK_KEY"', "poll": "0.3"}
    names = ", ".join(f'{model} = "doubao-seedance-1-0-pro-250528"' for model in ("film", "patient"))
    lines |= {"models": f"{{ {names} }}"} | more
    return f"[upstreams.{name}]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


PRICES = '[upstreams.volc.prices]\ncurrency = "CNY"\nrows = [{ model = "*", per = "million_tokens", amount = 15 }]\n'
FILM = '[models.film]\nengine = "volc"\n'
BOTH = '[models.film]\nengines = ["volc", "bars"]\n'


@pytest.fixture
def ark() -> Iterator[FakeArk]:
    with FakeArk(waiting=0.2, making=1) as fake:
        fake.set(key=KEY)
        yield fake


@pytest.fixture
def behind(service: Service, ark: FakeArk) -> Callable[..., Service]:
    """The service started with these lines more in its kineo.toml."""

    def start(lines: str, **more: str) -> Service:
        service.toml = 'lease = "2s"\n' + row(ark, **more) + lines
        service.environment["ARK_KEY"] = KEY
        return service.start()

    return start


def everywhere(service: Service) -> bytes:
    """All that was written: the log, the database, the answers."""
    files = [*list(service.data.glob("kineograph.sqlite3*")), service.folder / "log"]
    return b"".join(path.read_bytes() for path in files) + json.dumps(service.call("GET", "/v1/tasks").json()).encode()


def upstream_of(service: Service, task_id: str) -> dict[str, Any]:
    """What the operator is shown of the upstream's part."""
    command = [sys.executable, "-m", "kineograph", "tasks", "show", task_id, "--json", "--data", str(service.data)]
    done = subprocess.run(
        command, cwd=service.folder, env=service.variables, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)["upstream"]
    return found


def test_a_film_passes_through_with_its_cost_and_without_the_key(behind: Any, ark: FakeArk) -> None:
    service = behind(FILM + PRICES)
    task = service.finished(service.submit(model="film", return_last_frame=True))
    assert (task["status"], task["engine"]) == ("completed", "volc"), task
    assert upstream_of(service, task["id"])["cost"] == {"amount": 0.2916, "currency": "CNY"}
    assert KEY.encode() not in everywhere(service)
    wanted = {"url": "https://example.org/a.png", "role": "reference"}
    body = {"model": "film", "prompt": "x", "resolution": "480p", "image_with_roles": [wanted]}
    refused = service.call("POST", "/v1/videos/generations", json=body)
    assert refused.status_code == 400
    assert "'volc'" in refused.json()["error"]["message"]
    assert ark.asked()["create"] == 1


def test_kills_while_the_upstream_works_make_nothing_twice(behind: Any, ark: FakeArk) -> None:
    ark.set(making=3600, slots=100)
    service = behind(FILM)
    tasks = [service.submit(model="film") for _ in range(6)]
    wait(lambda: len(ark.films()) >= 2)
    for child in service.children():
        child.kill()
    wait(lambda: len(ark.films()) == 4)  # a key's limit
    service.kill()
    ark.advance(7200)
    ark.set(making=0.3)
    service.start()
    done = [service.finished(task_id) for task_id in tasks]
    assert {(task["status"], task["attempt"]) for task in done} == {("completed", 1)}
    assert len(ark.films()) == 6
    assert service.call("GET", "/v1/usage").json()["data"][0]["tasks"] == 6


def test_nobody_but_the_operator_pays_for_a_bad_key_and_another_engine_goes_on(behind: Any, ark: FakeArk) -> None:
    ark.set(key="another")
    service = behind(BOTH + '[models.patient]\nengine = "volc"\n')
    patient = service.submit(model="patient")
    task = service.finished(service.submit(model="film"))
    assert (task["status"], task["engine"]) == ("completed", "bars"), task
    assert service.task(patient)["status"] in {"pending", "processing"}
    assert ark.films() == []
    wait(lambda: "warnings" in service.call("GET", "/readyz").json())
    assert service.call("GET", "/readyz").json()["warnings"] == ["the upstream 'volc' takes nothing"]
    (worker,) = [row for row in service.call("GET", "/v1/admin/workers").json()["data"] if "fault" in row]
    assert (worker["queue"], "AuthenticationError" in worker["fault"], KEY in worker["fault"]) == ("volc", True, False)
    assert service.call("POST", f"/v1/tasks/{patient}/cancel").json()["data"]["status"] == "cancelled"


def test_a_cancelled_film_is_cancelled_there(behind: Any, ark: FakeArk) -> None:
    ark.set(waiting=3600)
    service = behind(FILM)
    task_id = service.submit(model="film")
    wait(lambda: ark.films())
    service.call("POST", f"/v1/tasks/{task_id}/cancel")
    assert service.finished(task_id)["status"] == "cancelled"
    wait(lambda: [film["status"] for film in ark.films()] == ["cancelled"])


def test_a_film_cancelled_while_nobody_holds_it_is_cancelled_there_too(behind: Any, ark: FakeArk) -> None:
    ark.set(waiting=3600)
    service = behind(FILM)
    task_id = service.submit(model="film")
    wait(lambda: ark.films() and service.task(task_id)["status"] == "processing")
    service.call("POST", "/v1/admin/queues/volc/pause").raise_for_status()
    for child in service.children():
        child.kill()
    wait(lambda: service.task(task_id)["phase"] == "queued")
    service.call("POST", f"/v1/tasks/{task_id}/cancel").raise_for_status()
    assert service.task(task_id)["status"] == "cancelled"
    assert [film["status"] for film in ark.films()] == ["queued"]
    service.call("POST", "/v1/admin/queues/volc/resume").raise_for_status()
    wait(lambda: [film["status"] for film in ark.films()] == ["cancelled"])
    assert service.task(task_id)["status"] == "cancelled"


def test_a_film_passes_through_a_chain_of_two(behind: Any, ark: FakeArk, tmp_path: Path) -> None:
    inner = behind(FILM)
    outer = Service(tmp_path / "outer")
    outer.folder.mkdir()
    outer.toml = f"""
[upstreams.inner]
dialect = "apimart"
base_url = "{inner.url}"
key_env = "INNER_KEY"
poll = 0.3
models = {{ film = "film" }}
"""
    outer.environment = {"INNER_KEY": inner.key}
    try:
        task = outer.start().finished(outer.submit(model="film", seed=11))
        assert (task["status"], task["engine"], task["seed"]) == ("completed", "inner", 11), task
        within = inner.call("GET", "/v1/tasks").json()["data"]
        assert [(each["engine"], each["seed"]) for each in within] == [("volc", 11)]
        assert len(ark.films()) == 1
    finally:
        outer.stop()


def wait(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.05)


def test_a_route_is_tried_with_one_real_film(service: Service, ark: FakeArk) -> None:
    (service.folder / "kineo.toml").write_text(row(ark) + PRICES)
    service.environment["ARK_KEY"] = KEY
    command = [sys.executable, "-m", "kineograph", "models", "test", "film", "--engine", "volc", "--json"]
    done = subprocess.run(
        [*command, "--data", str(service.data)],
        cwd=service.folder,
        env=service.variables,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["engine"], found["cost there"]) == ("volc", "0.2916 CNY")
    assert found["size"].startswith("864x480, 48 frames")
    assert len(ark.films()) == 1
