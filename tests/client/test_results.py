"""Answers of our own server and of others that tell less, or in other shapes."""

from __future__ import annotations

from typing import Any

import pytest

from kineograph.client import Balance, Model, NotUnderstood, Quote, Task, Upload

SEED: dict[str, Any] = {
    "id": "task_1",
    "status": "completed",
    "progress": 100,
    "created": 1763088289,
    "completed": 1763088308,
    "estimated_time": 60,
    "actual_time": 19,
    "cost": 0.15,
    "credits_cost": 1.5,
    "result": {
        "videos": [{"url": ["https://films.example/x.mp4"], "expires_at": 1763174708}],
        "thumbnail_url": "https://films.example/x.jpg",
    },
}


def test_the_seeds_own_example_is_read_whole() -> None:
    task = Task.of(SEED)
    assert (task.id, task.status, task.progress, task.cost, task.actual_time) == ("task_1", "completed", 100, 0.15, 19)
    assert task.video is not None
    assert (task.video.url, task.video.expires_at) == ("https://films.example/x.mp4", 1763174708)
    assert task.video.thumbnail_url == "https://films.example/x.jpg"
    assert (task.video.sha256, task.seed, task.finished, task.finished_at) == (None, None, True, 1763088308)
    assert task.raw["credits_cost"] == 1.5, "what has no name of its own is not lost"


@pytest.mark.parametrize(
    "data",
    [
        {"id": "t", "status": "pending"},
        {"id": "t", "status": "reticulating", "progress": None, "error": None, "result": None},
        {"id": "t", "status": "processing", "progress": "12", "metadata": [], "unmatched": {"a": 1}, "new": object()},
    ],
    ids=["little", "unknown status", "other types"],
)
def test_unknown_and_missing_fields_do_no_harm(data: dict[str, Any]) -> None:
    task = Task.of(data)
    assert (task.finished, task.progress, task.video, task.error, task.unmatched) == (False, 0, None, None, ())


@pytest.mark.parametrize(
    "result", [None, {}, {"videos": []}, {"videos": [{}]}, {"videos": "x"}, {"videos": [{"url": []}]}]
)
def test_a_completed_task_without_files_has_no_video(result: Any) -> None:
    assert Task.of({"id": "t", "status": "completed", "result": result}).video is None


def test_a_link_may_be_a_text_instead_of_a_list() -> None:
    video = Task.of({"id": "t", "status": "completed", "result": {"videos": [{"url": "http://x/a.mp4"}]}}).video
    assert video is not None
    assert video.url == "http://x/a.mp4"


@pytest.mark.parametrize(
    ("error", "message"),
    [({"code": 400, "message": "no cat"}, "no cat"), ("no cat", "no cat"), ({"code": "x"}, "it failed")],
)
def test_an_error_is_told_however_the_server_puts_it(error: Any, message: str) -> None:
    failure = Task.of({"id": "t", "status": "failed", "error": error}).error
    assert failure is not None
    assert failure.message == message


@pytest.mark.parametrize(
    "data", [None, [], "x", {}, {"id": "t"}, {"status": "pending"}, {"id": 1, "status": "pending"}]
)
def test_what_is_no_task_is_not_taken_for_one(data: Any) -> None:
    with pytest.raises(NotUnderstood):
        Task.of(data)


def test_models_balances_quotes_and_uploads_of_servers_that_tell_little() -> None:
    model = Model.of({"id": "m", "capabilities": {"first_frame": True, "last_frame": False}, "limits": {"duration": 3}})
    assert (model.can, model.durations, model.resolutions) == (frozenset({"first_frame"}), None, ())
    assert Balance.of({"remain_balance": -1, "unlimited_quota": True, "used_balance": 2}).remaining is None
    assert Balance.of({"remain_balance": 10.5}).remaining == 10.5
    assert Quote.of({"cost": 0.5}).cost == 0.5
    assert Quote.of(None).cost is None
    assert Upload.of({"url": "http://x/a.png"}).url == "http://x/a.png"
    with pytest.raises(NotUnderstood):
        Model.of({"name": "m"})
    with pytest.raises(NotUnderstood):
        Upload.of({})


def test_results_are_values() -> None:
    assert Task.of(SEED) == Task.of({**SEED, "unheard_of": 1})
    assert len({Task.of(SEED), Task.of(SEED)}) == 1
    with pytest.raises(AttributeError):
        Task.of(SEED).status = "failed"  # type: ignore[misc]  # that it cannot be is the test


def test_a_task_is_printed_in_a_line() -> None:
    assert str(Task.of(SEED)) == "task_1 completed 100 %"
    assert str(Task.of({"id": "t", "status": "processing", "progress": 4, "phase": "rendering"})) == (
        "t processing 4 % (rendering)"
    )
