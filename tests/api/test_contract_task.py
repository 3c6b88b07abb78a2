"""CONTRACT §1.2, sentence by sentence: the task."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from kineograph.api.links import Links, Signer
from kineograph.api.render import render
from kineograph.core.request import VideoRequest
from kineograph.core.task import Failure, Status, Task

UNFINISHED = {"result", "completed", "actual_time", "error", "cost", "credits_cost", "files_expired_at"}


def test_the_printed_shape_of_a_completed_task(world: Any, run: Any) -> None:
    async def journey() -> tuple[str, dict[str, Any]]:
        task_id = await world.completed()
        return task_id, await world.data(task_id)

    task_id, data = run(journey())
    assert {name: data[name] for name in ("id", "status", "progress", "created", "completed", "actual_time")} == {
        "id": task_id,
        "status": "completed",
        "progress": 100,
        "created": 1763088289,
        "completed": 1763088308,
        "actual_time": 19,
    }
    (video,) = data["result"]["videos"]
    assert isinstance(video["url"], list)  # `result.videos[0].url` is an array of strings
    assert [type(url) for url in video["url"]] == [str]
    parts = urlsplit(video["url"][0])
    assert parts.scheme == "http"  # absolute http(s) URLs
    assert parts.netloc == "films.example"
    assert parts.path.endswith(".mp4")  # path ends in `.mp4`
    assert video["expires_at"] == int(world.now) + 86_400  # result links live 24 h by default
    assert urlsplit(data["result"]["thumbnail_url"]).path.endswith(".jpg")
    assert "cost" not in data  # only where a price is configured
    assert "last_frame_url" not in data["result"]


@pytest.mark.parametrize("what", ["video", "thumbnail", "last_frame"])
def test_results_are_downloadable_without_an_authorization_header(world: Any, run: Any, what: str) -> None:
    async def journey() -> Any:
        result = (await world.data(await world.completed(return_last_frame=True)))["result"]
        url = result["videos"][0]["url"][0] if what == "video" else result[f"{what}_url"]
        return await world.call("GET", url.removeprefix("http://films.example"), key=None)

    response = run(journey())
    types = {"video": "video/mp4", "thumbnail": "image/jpeg", "last_frame": "image/png"}
    assert (response.status_code, response.headers["content-type"]) == (200, types[what])


def test_links_are_reissued_on_every_get_while_the_file_is_kept(world: Any, run: Any) -> None:
    async def journey() -> tuple[Any, Any, int]:
        task_id = await world.completed()
        first = (await world.data(task_id))["result"]["videos"][0]
        world.now += 90_000
        second = (await world.data(task_id))["result"]["videos"][0]
        old = await world.call("GET", first["url"][0].removeprefix("http://films.example"), key=None)
        return first, second, old.status_code

    first, second, old = run(journey())
    assert second["expires_at"] == first["expires_at"] + 90_000
    assert old == 403


def test_times_are_integer_unix_seconds_and_keys_that_do_not_apply_are_absent(world: Any, run: Any) -> None:
    data = run(_states(world))
    for status, task in data.items():
        assert None not in task.values(), status  # absent, not null
        assert isinstance(task["estimated_time"], int)  # `estimated_time` (int) always
        assert isinstance(task["created"], int)
    for status in ("pending", "processing", "failed", "cancelled"):
        assert not UNFINISHED - {"error"} & set(data[status]), status
    assert {status for status, task in data.items() if "error" in task} == {"failed"}  # `error` only when failed
    assert {status: task["status"] for status, task in data.items()} == {status: status for status in data}
    assert [task["progress"] == 100 for task in data.values()] == [status == "completed" for status in data]


async def _states(world: Any) -> dict[str, dict[str, Any]]:
    """A task in each of the five statuses, as GET shows it."""
    ids = {"pending": await world.submitted(), "completed": await world.completed()}
    for status in ("processing", "failed", "cancelled"):
        ids[status] = await world.submitted()
        claim = await world.claim(ids[status])
        await world.store.report(claim, 0.999, "encoding")
        if status == "failed":
            await world.store.fail(claim, Failure("time_limit", "took too long; ask for less", status=503))
        if status == "cancelled":
            await world.store.cancel(ids[status])
            await world.store.fail(claim, Failure("interrupted", "stopped"))
    return {status: await world.data(task_id) for status, task_id in ids.items()}


def test_an_error_is_as_in_every_answer_with_an_integer_code(world: Any, run: Any) -> None:
    error = run(_states(world))["failed"]["error"]
    assert error == {
        "code": 503,
        "message": "took too long; ask for less",
        "type": "server_error",
        "param": None,
        "reason": "time_limit",
    }


def test_a_cancelled_task_says_that_it_cost_nothing(world: Any, run: Any) -> None:
    assert run(_states(world))["cancelled"]["usage"] == {"seconds": 0, "tokens": 0}


def test_language_is_for_messages_only(world: Any, run: Any) -> None:
    async def journey() -> dict[str, Any]:
        task_id = await world.submitted()
        await world.store.fail(
            await world.claim(task_id), Failure("image_unreachable", "cannot be fetched", status=400)
        )
        return {each: await world.data(task_id, params={"language": each}) for each in ("en", "zh", "ja", "ko")}

    data = run(journey())
    messages = {language: task["error"].pop("message") for language, task in data.items()}
    assert len(set(messages.values())) == 4
    assert messages["en"] == "cannot be fetched"
    assert data["zh"] == data["en"] == data["ja"] == data["ko"]


def test_on_a_retry_it_stays_processing_and_progress_does_not_fall(world: Any, run: Any) -> None:
    async def journey() -> tuple[Any, Any]:
        task_id = await world.submitted()
        claim = await world.claim(task_id)
        await world.store.report(claim, 0.6, "shading")
        await world.store.fail(claim, Failure("worker_died", "again", retryable=True))
        waiting = await world.data(task_id)
        claim = await world.claim(task_id)
        await world.store.report(claim, 0.1, "shading")
        return waiting, await world.data(task_id)

    waiting, again = run(journey())
    assert (waiting["status"], waiting["progress"], waiting["attempt"]) == ("processing", 60, 1)
    assert "queue_position" not in waiting
    assert (again["status"], again["progress"], again["attempt"]) == ("processing", 60, 2)


def test_every_unfinished_get_carries_retry_after_and_every_get_an_etag(world: Any, run: Any) -> None:
    async def journey() -> None:
        pending = await world.call("GET", f"/v1/tasks/{await world.submitted()}")
        completed = await world.call("GET", f"/v1/tasks/{await world.completed()}")
        assert int(pending.headers["retry-after"]) >= 1
        assert "retry-after" not in completed.headers
        assert pending.headers["etag"] != completed.headers["etag"]

    run(journey())


def test_another_accounts_task_or_none_is_404(world: Any, run: Any) -> None:
    async def journey() -> list[Any]:
        task_id, stranger = await world.completed(), world.new_key("key_two", "acct_two")
        missing = "task_01K8SGYNNNVBQTXNR4MM964S7K"
        return [
            await world.call(method, f"/v1/tasks/{each}{rest}", key=key)
            for each, key in ((task_id, stranger), (missing, world.text), ("nonsense", world.text))
            for method, rest in (
                ("GET", ""),
                ("DELETE", ""),
                ("POST", "/cancel"),
                ("GET", "/events"),
                ("POST", "/event-link"),
            )
        ]

    for response in run(journey()):
        error = response.json()["error"]
        assert (response.status_code, error["code"], error["type"]) == (404, 404, "not_found_error")
    assert len(world.store.tasks) == 1


def test_a_second_key_of_the_same_account_sees_the_task(world: Any, run: Any) -> None:
    async def journey() -> dict[str, Any]:
        sibling = world.new_key("key_two", "acct_one")
        return dict(await world.data(await world.submitted(), key=sibling))

    assert run(journey())["status"] == "pending"


def test_extensions_tell_what_was_asked_understood_and_used(world: Any, run: Any) -> None:
    facts = {"scene": {"setting": "beach"}, "unmatched": ["frobnicate"], "ignored": ["negative_prompt", "tools"]}

    async def journey() -> dict[str, Any]:
        fields = {"seed": 7, "tools": [], "metadata": {"order": "7"}, "negative_prompt": "x"}
        return dict(await world.data(await world.completed(facts, **fields)))

    data = run(journey())
    expected = {
        "seed": 7,
        "model": "doubao-seedance-1-0-pro-fast",
        "width": 1920,
        "height": 1088,
        "fps": 24,
        "frames": 120,
        "duration": 5,
        "engine": "animatic",
        "attempt": 1,
        "usage": {"seconds": 5, "tokens": 244_800},
        "ignored": ["tools", "negative_prompt"],
        "unmatched": ["frobnicate"],
        "scene": {"setting": "beach"},
        "metadata": {"order": "7"},
    }
    assert {name: data[name] for name in expected} == expected


def test_queue_position_and_phase_show_only_while_they_mean_something(world: Any, run: Any) -> None:
    async def journey() -> list[dict[str, Any]]:
        await world.submitted()
        return [await world.data(await world.submitted()), await world.data(await world.completed())]

    pending, completed = run(journey())
    assert (pending["queue_position"], pending["phase"]) == (1, "queued")
    assert not {"queue_position", "phase"} & set(completed)


def test_after_files_expire_the_status_stays_completed(world: Any, run: Any) -> None:
    async def journey() -> dict[str, Any]:
        task_id = await world.completed()
        world.now += 700_000
        await world.store.files_expired(task_id)
        return dict(await world.data(task_id))

    data = run(journey())
    assert (data["status"], data["result"]) == ("completed", {"videos": []})
    assert data["files_expired_at"] == int(world.now)


@pytest.mark.parametrize(
    ("model", "estimate"), [("doubao-seedance-1-0-pro-fast", 20), ("doubao-seedance-1-0-pro-quality", 60)]
)
def test_the_estimate_follows_model_length_and_size(world: Any, run: Any, model: str, estimate: int) -> None:
    async def journey() -> list[int]:
        asked: list[dict[str, Any]] = [{}, {"duration": 10}, {"resolution": "480p"}]
        return [(await world.data(await world.submitted(model=model, **fields)))["estimated_time"] for fields in asked]

    usual, longer, smaller = run(journey())
    assert (usual, longer) == (estimate, 2 * estimate)
    assert 1 <= smaller < usual


def test_rendering_is_pure_and_knows_tasks_whose_size_is_not_settled_yet() -> None:
    task = Task("task_x", "acct", "key", VideoRequest("m", "p", 1, aspect_ratio="adaptive"), "animatic", "animatic")
    links = Links("https://x", Signer(b"k" * 32), 60)
    assert render(task, links, 0.0) == render(task, links, 0.0)
    assert not {"width", "height"} & set(render(task, links, 0.0))
    assert render(replace(task, cancel_requested=True, status=Status.RUNNING), links, 0.0)["phase"] == "cancelling"


def test_a_long_poll_answers_at_once_on_change(world: Any, run: Any) -> None:
    async def journey() -> tuple[dict[str, Any], float]:
        task_id = await world.submitted()
        start = asyncio.get_running_loop().time()
        poll = asyncio.ensure_future(world.data(task_id, params={"wait": 30}))
        await asyncio.sleep(0.05)
        await world.claim(task_id)
        return await poll, asyncio.get_running_loop().time() - start

    data, seconds = run(journey())
    assert data["status"] == "processing"
    assert seconds < 5


def test_a_long_poll_that_knows_an_older_state_does_not_wait(world: Any, run: Any) -> None:
    async def journey() -> int:
        task_id = await world.submitted()
        known = (await world.call("GET", f"/v1/tasks/{task_id}")).headers["etag"]
        await world.claim(task_id)
        async with asyncio.timeout(5):
            return int(
                (await world.call("GET", f"/v1/tasks/{task_id}?wait=60", headers={"If-None-Match": known})).status_code
            )

    assert run(journey()) == 200


def test_a_long_poll_that_sees_no_change_ends_as_a_304_or_as_the_same_status(world: Any, run: Any) -> None:
    async def journey() -> tuple[int, str]:
        task_id = await world.submitted()
        known = (await world.call("GET", f"/v1/tasks/{task_id}")).headers["etag"]
        silent = await world.call("GET", f"/v1/tasks/{task_id}?wait=1", headers={"If-None-Match": known})
        return silent.status_code, (await world.data(task_id, params={"wait": 1}))["status"]

    assert run(journey()) == (304, "pending")
