"""Submit, status, list, cancel and delete: the task routes' behaviour beyond the contract's single sentences."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.conftest import NOW, World


def test_a_film_travels_from_words_to_bytes(world: Any, run: Any) -> None:
    async def journey() -> None:
        task_id = await world.submitted()
        assert (await world.data(task_id))["status"] == "pending"
        task_id = await world.completed()
        result = (await world.data(task_id))["result"]
        film = await world.call("GET", result["videos"][0]["url"][0].removeprefix("http://films.example"), key=None)
        assert film.headers["content-type"] == "video/mp4"
        assert len(film.content) == 10_240

    run(journey())


def test_pages_of_tasks_meet_without_gap_or_overlap(world: Any, run: Any) -> None:
    async def journey() -> None:
        made = [await world.submitted(prompt=f"film {number}") for number in range(5)]
        seen: list[str] = []
        cursor, more = "", True
        while more:
            page = (await world.call("GET", f"/v1/tasks?limit=2{cursor}")).json()
            seen += [task["id"] for task in page["data"]]
            more, cursor = page["has_more"], f"&after={page['next']}"
        assert sorted(seen) == sorted(made)
        assert seen == sorted(seen, reverse=True)

    run(journey())


def test_an_unchanged_task_is_a_304_and_a_changed_one_is_not(world: Any, run: Any) -> None:
    async def journey() -> None:
        task_id = await world.submitted()
        first = await world.call("GET", f"/v1/tasks/{task_id}")
        same = {"headers": {"If-None-Match": first.headers["etag"]}}
        again = await world.call("GET", f"/v1/tasks/{task_id}", **same)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        await world.claim(task_id)
        assert (await world.call("GET", f"/v1/tasks/{task_id}", **same)).status_code == 200

    run(journey())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("priority", 10),
        ("priority", -1),
        ("priority", "5"),
        ("priority", True),
        ("start_at", 1.5),
        ("start_at", "soon"),
        ("start_at", int(NOW) + 8 * 86400),
    ],
)
def test_a_wrong_priority_or_start_is_refused(world: World, run: Any, field: str, value: Any) -> None:
    body = {"model": "doubao-seedance-1-0-pro-fast", "prompt": "a cat", field: value}
    answer = run(world.submit(body))
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["param"], error["reason"]) == (field, f"invalid_{field}")


def test_priority_and_start_are_kept_and_shown(world: World, run: Any) -> None:
    later = run(world.data(run(world.submitted(priority=0, start_at=int(NOW) + 3600))))
    assert (later["priority"], later["start_at"]) == (0, int(NOW) + 3600)
    assert "queue_position" not in later
    now = run(world.data(run(world.submitted(start_at=1))))
    assert not {"priority", "start_at"} & set(now), "a moment in the past is now"


def test_a_search_narrows_the_list_to_prompts_with_all_words(world: Any, run: Any) -> None:
    async def journey() -> None:
        owl = await world.submitted(prompt="An Owl in the snow")
        snow = await world.submitted(prompt="snow, nothing else")
        pages = {"owl snow": [owl], "SNOW": [snow, owl], "%20": [snow, owl], "fox": []}
        for words, expected in pages.items():
            page = (await world.call("GET", f"/v1/tasks?search={words}")).json()
            assert sorted(task["id"] for task in page["data"]) == sorted(expected), words
        refused = await world.call("GET", f"/v1/tasks?search={'x' * 201}")
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, "search")

    run(journey())


def test_only_a_film_in_the_making_has_a_preview(world: Any, run: Any) -> None:
    async def journey() -> None:
        task_id = await world.submitted()
        assert "preview_url" not in await world.data(task_id)
        claim = await world.claim(task_id)
        await world.store.report(claim, 0.4, "rendering")
        assert f"/v1/files/tasks/{task_id}/1/preview.jpg?" in (await world.data(task_id))["preview_url"]
        await world.finish(claim)
        assert "preview_url" not in await world.data(task_id)

    run(journey())
