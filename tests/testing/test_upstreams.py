"""The fake upstreams: realistic enough to test against, and countable."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from kineograph.testing.upstreams import FakeApimart, FakeArk, FakeOpenai, FakeUpstream

ARK = {"model": "doubao-seedance-1-0-pro-250528", "resolution": "480p", "duration": 2}
TASKS = "/contents/generations/tasks"


def words(prompt: str = "a kite") -> dict[str, Any]:
    return ARK | {"content": [{"type": "text", "text": prompt}]}


@pytest.fixture
def ark() -> Iterator[FakeArk]:
    with FakeArk(waiting=0.05, making=0.1, slots=2) as fake:
        yield fake


@pytest.fixture
def call(ark: FakeArk) -> Iterator[Callable[..., httpx2.Response]]:
    with httpx2.Client(base_url=ark.base_url, headers={"Authorization": f"Bearer {ark.key}"}) as http:
        yield http.request


def until(look: Callable[[], dict[str, Any]], *ends: str) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while (found := look())["status"] not in ends:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


def test_a_film_of_the_fake_ark_is_made_by_the_clock_and_its_link_leads_to_a_real_one(
    ark: FakeArk, call: Callable[..., httpx2.Response]
) -> None:
    created = call("POST", TASKS, json=words() | {"return_last_frame": True}).json()["id"]
    task = until(lambda: call("GET", f"{TASKS}/{created}").json(), "succeeded")
    assert task["usage"]["completion_tokens"] == 864 * 480 * 48 // 1024
    film = httpx2.get(task["content"]["video_url"])
    assert film.content[4:8] == b"ftyp"
    assert httpx2.get(task["content"]["last_frame_url"]).content.startswith(b"\x89PNG")
    ark.advance(90_000)
    assert httpx2.get(task["content"]["video_url"]).status_code == 403
    assert (ark.asked()["create"], ark.asked()["film"]) == (1, 3)


def test_the_fake_ark_makes_as_many_at_once_as_it_has_places_and_lists_them(
    ark: FakeArk, call: Callable[..., httpx2.Response]
) -> None:
    ark.set(making=3600)
    ids = [call("POST", TASKS, json=words()).json()["id"] for _ in range(3)]
    ark.advance(1)
    listed = call("GET", TASKS, params=[("filter.task_ids", each) for each in ids] + [("page_size", "10")]).json()
    assert (listed["total"], sorted(item["status"] for item in listed["items"])) == (
        3,
        ["queued", "running", "running"],
    )
    queued = next(item["id"] for item in listed["items"] if item["status"] == "queued")
    running = next(item["id"] for item in listed["items"] if item["status"] == "running")
    assert call("DELETE", f"{TASKS}/{queued}").status_code == 200
    assert call("GET", f"{TASKS}/{queued}").json()["status"] == "cancelled"
    assert call("DELETE", f"{TASKS}/{running}").status_code == 400
    ark.advance(10_000)
    assert call("GET", f"{TASKS}/{running}").json()["status"] == "succeeded"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"model": "doubao-nothing"}, 404, "InvalidEndpointOrModel.NotFound"),
        ({"seed": "7"}, 400, "InvalidParameter.seed"),
        ({"prompt": "x"}, 400, "InvalidParameter.prompt"),
        ({"content": []}, 400, "MissingParameter.content"),
        ({"content": [{"type": "text", "text": "fake:InputTextRisk"}]}, 400, "InputTextRisk"),
    ],
)  # fmt: skip
def test_the_fake_ark_refuses_in_arks_words(
    call: Callable[..., httpx2.Response], change: dict[str, Any], status: int, code: str
) -> None:
    answer = call("POST", TASKS, json=words() | change)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert "Request ID: " in answer.json()["error"]["message"]


def test_a_fake_says_what_it_is_told_then_what_is_right(ark: FakeArk, call: Callable[..., httpx2.Response]) -> None:
    ark.say("create", status=429, json={"error": {"code": "ServerOverloaded"}}, times=2)
    ark.say("create", status=502, text="<html>", type="text/html", after=True)
    assert [call("POST", TASKS, json=words()).status_code for _ in range(4)] == [429, 429, 502, 200]
    assert (ark.asked()["create"], len(ark.films())) == (4, 2)
    ark.set(key="another")
    assert call("GET", TASKS).json()["error"]["code"] == "AuthenticationError"


def test_a_restarted_fake_remembers_its_tasks_or_forgets_them(
    ark: FakeArk, call: Callable[..., httpx2.Response]
) -> None:
    created = call("POST", TASKS, json=words()).json()["id"]
    ark.restart(forget=False)
    assert until(lambda: call("GET", f"{TASKS}/{created}").json(), "succeeded")
    ark.restart(forget=True)
    assert call("GET", f"{TASKS}/{created}").status_code == 404


def test_the_rpm_of_a_fake_counts_a_minute(ark: FakeArk, call: Callable[..., httpx2.Response]) -> None:
    ark.set(rpm=2)
    answers = [call("POST", TASKS, json=words()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["error"]["code"] == "ModelAccountRpmRateLimitExceeded"
    ark.advance(61)
    assert call("POST", TASKS, json=words()).status_code == 200


def test_the_fake_of_the_seeds_dialect_creates_once_for_a_key() -> None:
    body = {"model": "doubao-seedance-1-0-pro-fast", "prompt": "x", "duration": 2, "resolution": "480p"}
    with FakeApimart(waiting=0, making=0.1) as fake, _http(fake) as http:
        made = [http.post("/v1/videos/generations", json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)]
        first, second = (answer.json()["data"][0]["task_id"] for answer in made)
        assert first == second
        other = http.post("/v1/videos/generations", json=body | {"seed": 1}, headers={"Idempotency-Key": "one"})
        assert other.status_code == 409
        task = until(lambda: http.get(f"/v1/tasks/{first}").json()["data"], "completed")
        assert httpx2.get(task["result"]["videos"][0]["url"][0]).content[4:8] == b"ftyp"
        assert len(fake.films()) == 1


@pytest.mark.parametrize(("like", "early"), [("vllm-omni", 409), ("sglang", 404)])
def test_the_fake_model_servers_differ_where_the_real_ones_do(like: str, early: int) -> None:
    with FakeOpenai(waiting=0, making=30, like=like) as fake, _http(fake) as http:
        form = {"prompt": "x", "seconds": "2", "size": "160x96"}
        shown = http.post("/videos", files={name: (None, value) for name, value in form.items()}).json()
        assert shown["seconds"] == (2 if like == "sglang" else "2")
        assert ("progress" in shown) is (like != "sglang")
        assert http.get(f"/videos/{shown['id']}/content").status_code == early
        fake.advance(60)
        assert until(lambda: http.get(f"/videos/{shown['id']}").json(), "completed")
        assert http.get(f"/videos/{shown['id']}/content").content[4:8] == b"ftyp"
        assert http.delete(f"/videos/{shown['id']}").json()["deleted"] is True


def _http(fake: FakeUpstream) -> httpx2.Client:
    return httpx2.Client(base_url=fake.base_url, headers={"Authorization": f"Bearer {fake.key}"})
