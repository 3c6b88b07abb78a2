"""What each call asks for, and what it makes of the answers: no network."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.client.playing import Play, answer, refused

from kineograph import client
from kineograph.client.verbs import Verbs
from kineograph.client.wire import Patience

LOST = client.NoAnswer("the connection broke")
SUBMITTED = answer(200, {"code": 200, "data": [{"status": "submitted", "task_id": "task_1"}]})


def verbs(play: Play, **patience: Any) -> Verbs:
    return Verbs(Patience(**patience), play.clock)


def task(status: str = "processing", progress: int = 0, **headers: str) -> Any:
    return answer(200, {"code": 200, "data": {"id": "task_1", "status": status, "progress": progress}}, **headers)


def test_a_submit_that_got_lost_is_sent_again_under_the_same_idempotency_key() -> None:
    play = Play([LOST, refused(503), SUBMITTED])
    found = play.run(verbs(play).submit("a cat", {"duration": 5}, None, None))
    assert (found.id, found.status) == ("task_1", "pending")
    keys = {request.headers["Idempotency-Key"] for request in play.requests}
    assert (len(play.requests), len(keys)) == (3, 1)
    assert play.requests[0].json == {"model": "doubao-seedance-1-0-pro-fast", "prompt": "a cat", "duration": 5}


def test_two_submits_have_keys_of_their_own_unless_the_caller_brings_one() -> None:
    play = Play([SUBMITTED, SUBMITTED, SUBMITTED])
    for own in (None, None, "order-17"):
        found = Play([SUBMITTED])
        found.run(verbs(found).submit("a cat", {}, own, None))
        play.requests += found.requests
    first, second, third = (request.headers["Idempotency-Key"] for request in play.requests)
    assert first != second
    assert third == "order-17"


def test_the_versioned_answer_to_a_submit_is_read_too() -> None:
    play = Play([answer(200, {"data": {"object": "generation.task", "id": "task_1", "status": "pending"}})])
    assert play.run(verbs(play).submit("a cat", {}, None, "slow=3")).id == "task_1"
    assert play.requests[0].headers["X-Kineograph-Simulate"] == "slow=3"


@pytest.mark.parametrize("data", [None, [], {}, ["x"], "task_1"])
def test_a_submit_without_a_task_is_not_understood(data: Any) -> None:
    play = Play([answer(200, {"data": data})])
    with pytest.raises(client.NotUnderstood):
        play.run(verbs(play).submit("a cat", {}, None, None))


def test_a_wait_looks_first_then_holds_and_tells_every_state_once() -> None:
    play = Play(
        [
            task("pending", etag='"1"', retry_after="2"),
            answer(304, b"", etag='"1"'),
            task("processing", 50, etag='"2"'),
            task("completed", 100, etag='"3"'),
        ],
        each=5.0,
    )
    seen: list[int] = []
    found = play.run(verbs(play).wait("task_1", lambda now: seen.append(now.progress), None))
    assert (found.status, seen, play.pauses) == ("completed", [0, 50, 100], [])
    assert [request.query["wait"] for request in play.requests] == [None, 30, 30, 30]
    assert [request.headers.get("If-None-Match") for request in play.requests] == [None, '"1"', '"1"', '"2"']


def test_a_server_that_knows_no_long_poll_is_not_stormed() -> None:
    play = Play([task(), task(), task(), task(), task("completed")])
    assert play.run(verbs(play).wait("task_1", None, None)).finished
    assert play.pauses == [2.0, 2.0, 2.0], "one look that told nothing new, one pause"


def test_its_retry_after_is_kept_within_what_somebody_who_waits_can_bear() -> None:
    play = Play([task(), task(retry_after="600"), task(retry_after="0"), task("completed")])
    play.run(verbs(play).wait("task_1", None, None))
    assert play.pauses == [10.0, 2.0]


def test_a_wait_that_takes_too_long_says_so_and_leaves_the_task_alone() -> None:
    play = Play([task("reticulating", 10)] * 4, each=3.0)
    with pytest.raises(client.TookTooLong, match="10 s") as caught:
        play.run(verbs(play).wait("task_1", None, 10.0))
    assert caught.value.task.progress == 10
    assert [request.query["wait"] for request in play.requests] == [None, 7, 4, 1]


def test_a_long_poll_never_outlasts_the_patience_for_one_request() -> None:
    play = Play([task(), task("failed")])
    play.run(verbs(play, timeout=8.0).wait("task_1", None, None))
    assert play.requests[1].query["wait"] == 4


def test_what_is_cancelled_already_is_what_was_wanted_and_what_is_made_is_not() -> None:
    play = Play([refused(409, "task_finished"), task("cancelled")])
    assert play.run(verbs(play).cancel("task_1")).status == "cancelled"
    play = Play([refused(409, "task_finished"), task("completed")])
    with pytest.raises(client.Conflict):
        play.run(verbs(play).cancel("task_1"))


def test_a_list_goes_from_page_to_page_until_it_has_enough() -> None:
    def page(*names: str, after: str | None) -> Any:
        rows = [{"id": name, "status": "completed"} for name in names]
        return answer(200, {"data": rows, "has_more": after is not None, "next": after})

    play = Play([page("a", "b", after="b"), page("c", after=None)])
    play.run(verbs(play).list(None, {"status": "completed"}))
    assert [found.id for found in play.emitted] == ["a", "b", "c"]
    assert [request.query["after"] for request in play.requests] == [None, "b"]
    play = Play([page(*(f"t{number}" for number in range(100)), after="t99"), page("x", "y", after="y")])
    play.run(verbs(play).list(102, {}))
    assert [request.query["limit"] for request in play.requests] == [100, 2]
    assert len(play.emitted) == 102


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        ("failed", client.Failed, "no cat"),
        ("cancelled", client.Cancelled, "was cancelled"),
        ("completed", client.NotMade, "expired"),
        ("processing", client.NotMade, "wait for it"),
    ],
)
def test_a_task_without_a_film_cannot_be_downloaded_and_says_why(status: str, kind: type, says: str) -> None:
    data = {"id": "task_1", "status": status, "error": {"message": "no cat", "reason": "image_unreachable"}}
    play = Play([answer(200, {"data": data})])
    with pytest.raises(kind, match=says) as caught:
        play.run(verbs(play).download("task_1", None))
    assert caught.value.task.id == "task_1"
    assert status != "failed" or caught.value.reason == "image_unreachable"


def test_who_interrupts_is_not_held_up_by_a_server_that_does_not_answer() -> None:
    play = Play([SUBMITTED, asyncio.CancelledError(), LOST])
    with pytest.raises(asyncio.CancelledError):
        play.run(verbs(play).generate("a cat", None, {}, None, None, None, None))
    assert [request.path for request in play.requests][1:] == ["/v1/tasks/task_1", "/v1/tasks/task_1/cancel"]
    assert play.requests[2].timeout == 5.0


@pytest.mark.parametrize("link", [".evil.example/x.mp4", "HTTP:/x", "file:///etc/passwd"])
def test_a_link_that_is_no_url_is_never_joined_to_the_servers_address(link: str, tmp_path: Path) -> None:
    done = client.Task.of({"id": "task_1", "status": "completed", "result": {"videos": [{"url": [link]}]}})
    play = Play([])
    with pytest.raises(client.NotUnderstood):
        play.run(verbs(play).download(done, tmp_path))


@pytest.mark.parametrize("name", ["", "../keys", "a/b", "task_1?x=1", "task 1"])
def test_what_is_no_task_id_is_never_sent(name: str) -> None:
    play = Play([])
    with pytest.raises(client.NotSent):
        play.run(verbs(play).get(name))


def test_a_film_for_a_folder_that_is_not_there_is_never_asked_for() -> None:
    play = Play([])
    with pytest.raises(client.NotSent, match="nowhere"):
        play.run(verbs(play).generate("a cat", "nowhere/cat.mp4", {}, None, None, None, None))
