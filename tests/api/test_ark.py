"""Ark's routes beyond the contract's single sentences."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.api.conftest import NOW, World
from tests.api.test_ark_sentences import QUALITY, TASKS, body, image, picture, text
from tests.api.test_webhooks import said

from kineograph.api.ids import ark_id, task_of_video
from kineograph.core.ledger import AccountChange
from kineograph.core.pricing import Per, Price
from kineograph.core.request import FPS
from kineograph.core.task import Failure


async def created(world: World, **fields: Any) -> str:
    answer = await world.call("POST", TASKS, json=body(fields))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def task_of(world: World, name: str) -> str:
    return next(task_id for task_id in world.store.tasks if ark_id(task_id) == name)


async def shown(world: World, name: str, **rest: Any) -> dict[str, Any]:
    answer = await world.call("GET", f"{TASKS}/{name}", **rest)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_film_that_did_not_come_in_time_is_expired(world: World, run: Any) -> None:
    async def journey() -> None:
        name = await created(world, execution_expires_after=3600)
        other = await created(world)
        world.now += 3600
        await world.store.expire()
        task = await shown(world, name)
        assert (task["status"], task["error"]["code"]) == ("expired", "TaskExpired")
        native = await world.data(task_of(world, name))
        assert (native["status"], native["error"]["reason"]) == ("failed", "expired")
        page = (await world.call("GET", f"{TASKS}?filter.status=expired")).json()
        assert [item["id"] for item in page["items"]] == [name]
        assert (await world.call("GET", f"{TASKS}?filter.status=failed")).json()["total"] == 0
        assert (await world.call("DELETE", f"{TASKS}/{name}")).json() == {}
        assert (await shown(world, other))["status"] == "queued"

    run(journey())


def test_a_retry_that_waits_is_running_and_is_not_cancelled_by_a_delete(world: World, run: Any) -> None:
    async def journey() -> None:
        name = await created(world)
        claim = await world.claim(task_of(world, name))
        await world.store.fail(claim, Failure("engine_failed", "once more", retryable=True))
        assert (await shown(world, name))["status"] == "running"
        assert (await world.call("DELETE", f"{TASKS}/{name}")).status_code == 403

    run(journey())


def test_pages_meet_without_gap_or_overlap(world: World, run: Any) -> None:
    async def journey() -> None:
        names = []
        for _ in range(7):
            names.append(await created(world))
            world.now += 1
        pages = [(await world.call("GET", f"{TASKS}?page_num={n}&page_size=3")).json() for n in (1, 2, 3, 4)]
        assert [page["total"] for page in pages] == [7] * 4
        assert [item["id"] for page in pages for item in page["items"]] == names[::-1]
        ids = "&".join(f"filter.task_ids={name}" for name in (names[0], names[5], "cgt-nonsense"))
        chosen = (await world.call("GET", f"{TASKS}?{ids}")).json()
        assert ([item["id"] for item in chosen["items"]], chosen["total"]) == ([names[5], names[0]], 2)
        none = (await world.call("GET", f"{TASKS}?filter.task_ids=cgt-nonsense")).json()
        assert none == {"total": 0, "items": []}

    run(journey())


@pytest.mark.parametrize(
    "query",
    [
        "page_num=0",
        "page_size=501",
        "page_size=x",
        "filter.status=done",
        "filter.service_tier=x",
        "page_num=1&page_num=2",
    ],
)
def test_a_wrong_filter_is_refused_in_arks_words(world: World, run: Any, query: str) -> None:
    answer = run(world.call("GET", f"{TASKS}?{query}"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidParameter")
    assert answer.json()["error"]["param"] == query.partition("=")[0]


def test_somebody_elses_task_is_not_there(world: World, run: Any) -> None:
    async def journey() -> None:
        name = await created(world)
        other = world.new_key("key_two", "acct_two")
        for method in ("GET", "DELETE"):
            answer = await world.call(method, f"{TASKS}/{name}", key=other)
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NotFound.Task")
        assert (await world.call("GET", TASKS, key=other)).json()["total"] == 0

    run(journey())


def test_the_same_idempotency_key_gives_the_same_task_here_too(world: World, run: Any) -> None:
    async def journey() -> None:
        once = {"headers": {"Idempotency-Key": "k"}}
        first = await world.call("POST", TASKS, json=body({}), **once)
        again = await world.call("POST", TASKS, json=body({}), **once)
        assert first.json() == again.json()
        assert again.headers["idempotency-replayed"] == "true"
        other = await world.call("POST", TASKS, json=body({"seed": 1}), **once)
        assert (other.status_code, other.json()["error"]["code"]) == (409, "InvalidParameter")
        assert len(world.store.tasks) == 1

    run(journey())


def test_frames_are_paid_exactly_and_flex_is_half(world: World, run: Any) -> None:
    async def journey() -> None:
        rows = [Price("*", "*", Per.SECOND, 240_000)]
        await world.ledger.set_prices("USD", rows, None, "test")
        for fields, amount in (({"frames": 121}, 1_210_000), ({"service_tier": "flex"}, 600_000)):
            task = world.store.tasks[task_of(world, await created(world, **fields))]
            assert task.cost is not None
            assert task.cost.amount == amount
            assert task.request.frames / FPS == (121 / 24 if "frames" in fields else 5)

    run(journey())


def test_an_empty_account_is_overdue_in_arks_words(world: World, run: Any) -> None:
    async def journey() -> None:
        await world.ledger.change_account("acct_one", AccountChange(metered=True), None, "test")
        await world.ledger.set_prices("USD", [Price("*", "*", Per.SECOND, 1_000_000)], None, "test")
        answer = await world.call("POST", TASKS, json=body({}))
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "AccountOverdueError")

    run(journey())


def test_a_task_of_another_face_is_shown_under_the_models_first_name(world: World, run: Any) -> None:
    async def journey() -> None:
        task_id = await world.completed(model="doubao-seedance-1-0-pro-quality", seed=7)
        task = await shown(world, ark_id(task_id))
        assert (task["model"], task["status"], task["seed"]) == (QUALITY, "succeeded", 7)
        assert task["usage"] == {"completion_tokens": 244_800, "total_tokens": 244_800}
        assert "execution_expires_after" not in task

    run(journey())


def test_after_its_files_are_gone_the_address_is_empty(world: World, run: Any) -> None:
    async def journey() -> None:
        task_id = await world.completed()
        await world.store.files_expired(task_id)
        assert (await shown(world, ark_id(task_id)))["content"] == {"video_url": ""}

    run(journey())


def test_the_last_frame_of_one_film_begins_the_next(world: World, run: Any) -> None:
    async def journey() -> None:
        task_id = await world.completed(return_last_frame=True)
        last = (await shown(world, ark_id(task_id)))["content"]["last_frame_url"]
        answer = await world.call("POST", TASKS, json=body({"content": [text(), image(last)]}))
        # The picture in this test is none: that it was read and judged at once is what is to be seen.
        assert answer.json()["error"]["code"] == "InvalidImageURL.InvalidFormat"
        small = await world.call("POST", TASKS, json=body({"content": [text(), image(picture(301, 310))]}))
        assert small.status_code == 200
        assert json.dumps(small.json()).startswith('{"id": "cgt-')

    run(journey())


def test_time_is_the_clocks(world: World, run: Any) -> None:
    async def journey() -> None:
        task = await shown(world, await created(world))
        assert (task["created_at"], task["updated_at"]) == (int(NOW), int(NOW))

    run(journey())


def test_a_callback_is_told_in_the_words_of_who_asked(world: World, run: Any) -> None:
    async def journey() -> None:
        name = await created(world, callback_url="https://hooks.example.com/x")
        waiting = await shown(world, name)
        claim = await world.claim(task_of(world, name))
        started = await shown(world, name)
        await world.finish(claim)
        over = await shown(world, name)
        queued, first, last = await said(world, claim.id)
        assert (queued, queued["status"], first) == (waiting, "queued", started)
        assert last.pop("content")["video_url"].startswith("http://films.example/v1/files/")
        assert over.pop("content")
        assert last == over
        video = (
            await world.call("POST", "/v1/videos", json={"prompt": "a", "callback_url": "https://hooks.example.com/"})
        ).json()
        task_id = str(task_of_video(video["id"]))
        await world.claim(task_id)
        assert await said(world, task_id) == [video | {"status": "in_progress"}]

    run(journey())
