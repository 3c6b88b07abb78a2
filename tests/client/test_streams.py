"""Events, whole and in pieces, and taken up again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.client.playing import Play, answer, refused

from kineograph.client import Missed, NoAnswer, NotUnderstood
from kineograph.client.streams import Blocks, events
from kineograph.client.wire import Patience

OPEN = answer(200, b"", content_type="text/event-stream")
LOST = NoAnswer("the connection broke")


def block(number: int, status: str = "processing") -> bytes:
    data = json.dumps({"id": "task_1", "status": status, "prompt": "kätzchen 猫"})
    return f"id: {number}\nevent: task\ndata: {data}\n\n".encode()


def followed(*script: Any, ends: bool = True, after: str | None = None, retries: int = 5) -> Play:
    play = Play(script)
    play.run(events("/v1/events", after, {}, Patience(retries=retries), ends=ends))
    return play


def test_a_tasks_stream_is_over_when_the_task_is() -> None:
    play = followed(OPEN, b"retry: 2000\n\n", block(1) + b": keep-alive\n\n" + block(2, "completed"))
    assert [(event.id, event.task.status) for event in play.emitted] == [("1", "processing"), ("2", "completed")]
    assert play.pauses == []


def test_events_come_whole_however_the_network_cuts_them() -> None:
    wire = b"retry: 2000\n\n" + block(1) + b": x\r\n\r\n" + block(2).replace(b"\n", b"\r\n") + b"data: half"
    whole = list(Blocks().feed(wire))
    blocks = Blocks()
    pieces = [found for at in range(len(wire)) for found in blocks.feed(wire[at : at + 1])]
    assert pieces == whole
    assert [found["id"] for found in whole] == ["1", "2"]
    assert [found["data"] for found in Blocks().feed(b"data: a\ndata: b\n\n")] == ["a\nb"]


def test_a_broken_stream_goes_on_after_the_last_event_that_came() -> None:
    play = followed(OPEN, block(1) + block(2)[:20], LOST, OPEN, block(2), None, refused(503), OPEN, block(3, "failed"))
    assert [event.id for event in play.emitted] == ["1", "2", "3"]
    assert [request.headers.get("Last-Event-ID") for request in play.requests] == [None, "1", "2", "2"]
    assert len(play.pauses) == 3


def test_a_stream_can_be_taken_up_by_a_later_program_and_may_be_over_by_then() -> None:
    play = followed(answer(204, b""), after="41")
    assert (play.emitted, play.requests[0].headers["Last-Event-ID"]) == ([], "41")


def test_a_stream_that_breaks_again_and_again_ends_with_the_reason() -> None:
    with pytest.raises(NoAnswer):
        followed(OPEN, LOST, OPEN, LOST, OPEN, LOST, retries=2)


def test_what_was_missed_is_not_passed_over_and_says_where_to_go_on() -> None:
    gap = b'id: 90\nevent: gap\ndata: {"message": "more happened than is told again", "sequence": 90}\n\n'
    with pytest.raises(Missed, match="more happened") as caught:
        followed(OPEN, gap, after="7")
    assert caught.value.after == "90"


def test_events_of_a_later_version_are_passed_over() -> None:
    news = b"id: 1\nevent: weather\ndata: {}\n\n"
    assert [event.id for event in followed(OPEN, news + block(2, "completed")).emitted] == ["2"]


def test_a_stream_of_something_else_is_not_understood() -> None:
    with pytest.raises(NotUnderstood):
        followed(OPEN, b"data: hello\n\n")
