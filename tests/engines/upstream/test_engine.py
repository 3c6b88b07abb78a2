"""The engine that lets others make the film, against real servers of each kind: created once, copied, told truly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.engines.upstream.conftest import Bench

from kineograph.core.errors import ContentRefused, Declined, EngineError
from kineograph.engines.upstream.base import Token
from kineograph.media.probe import probe

pytestmark = pytest.mark.anyio
Build = Callable[..., Awaitable[Bench]]
KINDS = ("ark", "apimart", "openai")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_film_is_created_once_waited_for_and_copied(bench: Build, kind: str) -> None:
    b = await bench(kind)
    made = await b.make(return_last_frame=True, negative_prompt="rain", watermark=True)
    film = probe(made.video)
    assert (film.width, film.height, film.frames) == (864, 480, 48)
    assert made.last_frame is not None
    assert made.last_frame.read_bytes().startswith(b"\x89PNG")
    assert made.facts["upstream"]["dialect"] == kind
    assert len(b.fake.films()) == b.fake.asked()["create"] == 1
    assert b.phases[:2] == ["submitting", "waiting"]
    assert made.facts.get("ignored", []) == {"ark": ["negative_prompt"], "openai": ["watermark"]}.get(kind, [])
    assert b.fake.films()[0]["body"]["seed"] in (7, "7")


@pytest.mark.parametrize("kind", KINDS)
async def test_another_process_goes_on_waiting_and_creates_nothing(bench: Build, kind: str) -> None:
    b = await bench(kind)
    b.fake.set(making=30)
    first = asyncio.create_task(b.make())
    while "rendering" not in b.phases:
        await asyncio.sleep(0.02)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    other = await bench_again(bench, kind, b)
    b.fake.advance(60)
    made = await other.make()
    assert made.video.exists()
    assert b.fake.asked()["create"] == len(b.fake.films()) == 1


async def bench_again(bench: Build, kind: str, before: Bench) -> Bench:
    """A second engine, as in another process, on the same fake with its tasks."""
    films = before.fake.forget
    before.fake.forget = lambda *_ids: None  # type: ignore[method-assign]  # the fixture would clear it
    quiet, before.fake.quiet = before.fake.quiet, lambda: None  # type: ignore[method-assign]
    try:
        other = await bench(kind)
    finally:
        before.fake.forget, before.fake.quiet = films, quiet  # type: ignore[method-assign]
    other.token = before.token
    return other


@pytest.mark.parametrize(("kind", "films", "orphans"), [("ark", 1, 0), ("apimart", 1, 0), ("openai", 2, 1)])
async def test_a_creation_without_an_answer_is_found_again_where_the_upstream_allows(
    bench: Build, kind: str, films: int, orphans: int
) -> None:
    """It was accepted, and the answer got lost: the window in which a task may be made twice. OpenAI's dialect offers nothing
    to close it with; the film says so."""
    b = await bench(kind)
    b.fake.say("create", status=502, text="<html>Bad Gateway</html>", type="text/html", after=True)
    with pytest.raises(EngineError) as error:
        await b.make()
    assert (error.value.retryable, error.value.reason) == (True, "upstream_unreadable")
    made = await b.make()
    assert len(b.fake.films()) == films
    assert made.facts["upstream"].get("orphans", 0) == orphans


@pytest.mark.parametrize("kind", KINDS)
async def test_a_process_that_dies_before_it_asks_leaves_no_orphan_behind(bench: Build, kind: str) -> None:
    b = await bench(kind)
    b.token = Token(id=None).text
    made = await b.make()
    assert made.video.exists()
    assert len(b.fake.films()) == 1


async def test_the_time_a_task_waited_for_an_upstream_that_took_nothing_is_not_counted(bench: Build) -> None:
    b = await bench("ark", time_limit=60)
    b.token = Token(at=time.time() - 10_000, sent=False).text
    assert (await b.make()).video.exists()


async def test_a_model_server_that_restarts_gets_the_film_once_more_and_no_more(bench: Build) -> None:
    b = await bench("openai")
    b.fake.set(making=30)
    making = asyncio.create_task(b.make())
    for _ in range(2):
        while not b.fake.films():
            await asyncio.sleep(0.02)
        b.fake.forget()
    with pytest.raises(EngineError) as error:
        await making
    assert (error.value.reason, error.value.retryable) == ("upstream_forgot", False)
    assert b.fake.asked()["create"] == 2


async def test_a_failure_that_passes_is_tried_once_more_there(bench: Build) -> None:
    b = await bench("ark")
    with pytest.raises(EngineError) as error:
        await b.make(prompt="fake:InternalServiceError")
    assert error.value.reason == "upstream_failed"
    assert "InternalServiceError" in error.value.message
    assert b.fake.asked()["create"] == 2


@pytest.mark.parametrize("word", ["InputTextSensitiveContentDetected", "OutputVideoSensitiveContentDetected"])
async def test_what_is_against_the_rules_there_is_final(bench: Build, word: str) -> None:
    b = await bench("ark")
    with pytest.raises(ContentRefused) as error:
        await b.make(prompt=f"fake:{word}")
    assert (error.value.reason, word in error.value.message) == ("content_policy", True)
    assert b.fake.asked()["create"] == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_a_busy_upstream_is_asked_again_and_creates_once(bench: Build, kind: str) -> None:
    b = await bench(kind)
    b.fake.say("create", status=429, json={"error": {"code": "ServerOverloaded", "message": "x"}}, times=2)
    assert (await b.make()).video.exists()
    assert (b.fake.asked()["create"], len(b.fake.films())) == (3, 1)


async def test_a_full_queue_there_leaves_the_task_in_ours(bench: Build) -> None:
    b = await bench("ark")
    b.fake.say("create", status=429, json={"error": {"code": "QuotaExceeded", "message": "too many queued"}})
    with pytest.raises(Declined) as error:
        await b.make()
    assert error.value.wait is not None
    assert error.value.elsewhere


@pytest.mark.parametrize(("policy", "waits"), [("wait", True), ("fail", False)])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_bad_key_is_the_operators_and_told_nowhere(bench: Build, kind: str, policy: str, waits: bool) -> None:
    b = await bench(kind, on_operator_problem=policy, key="a-secret-key")
    with pytest.raises(Declined) as error:
        await b.make()
    assert (error.value.reason, error.value.wait is not None) == ("upstream_account", waits)
    assert "a-secret-key" not in f"{error.value.message} {b.told} {b.token} {b.engine!r}"
    assert b.told[-1]
    assert (b.engine.shut(b.token) is not None) is waits
    b.fake.set(key="a-secret-key")  # mended: the next one after the pause is tried
    await asyncio.sleep(0.5)
    b.token = None
    assert (await b.make()).video.exists()
    assert b.told[-1] is None


async def test_an_upstream_that_is_not_there_is_left_alone_for_a_while(bench: Build) -> None:
    b = await bench("ark", base_url="http://127.0.0.1:9/api/v3")
    for _ in range(3):
        with pytest.raises(Declined):
            await b.make()
    assert b.engine.shut(None) is not None
    assert b.engine.shut(Token(id="cgt-1").text) is None  # what it has accepted is waited for


async def test_what_takes_too_long_ends_and_is_cancelled_there(bench: Build) -> None:
    b = await bench("ark", time_limit=0.3)
    b.fake.set(waiting=3600)
    with pytest.raises(EngineError) as error:
        await b.make()
    assert (error.value.reason, error.value.retryable) == ("time_limit", False)
    assert [film["status"] for film in b.fake.films()] == ["cancelled"]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_withdrawn_film_is_stopped_there_while_it_is_queued(bench: Build, kind: str) -> None:
    b = await bench(kind)
    b.fake.set(waiting=3600)
    making = asyncio.create_task(b.make())
    while "waiting" not in b.phases:
        await asyncio.sleep(0.02)
    making.cancel()
    await asyncio.gather(making, return_exceptions=True)
    assert b.token is not None
    await b.engine.withdraw(b.token)
    assert {film["status"] for film in b.fake.films()} <= {"cancelled"}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_film_stopped_while_it_is_created_is_known_there_and_can_be_withdrawn(bench: Build, kind: str) -> None:
    b = await bench(kind)
    b.fake.set(waiting=3600)
    making = asyncio.create_task(b.make())
    while "submitting" not in b.phases:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    making.cancel()
    await asyncio.gather(making, return_exceptions=True)
    assert making.cancelled()
    assert len(b.fake.films()) == 1
    assert b.token is not None
    assert Token.parse(b.token) is not None
    await b.engine.withdraw(b.token)
    assert {film["status"] for film in b.fake.films()} <= {"cancelled"}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_report_that_hears_nobody_wants_the_film_stops_it_there(bench: Build, kind: str) -> None:
    b = await bench(kind)
    b.fake.set(waiting=0.5, making=3600)
    making = asyncio.create_task(b.make())
    while "waiting" not in b.phases:
        await asyncio.sleep(0)
    b.unwanted = True
    with pytest.raises(EngineError) as error:
        await making
    assert error.value.reason == "cancelled"
    assert {film["status"] for film in b.fake.films()} <= ({"cancelled"} if kind != "ark" else {"cancelled", "running"})


TRUNCATED: dict[str, Any] = {"text": '{"items": [{"id": "cgt'}
HTML: dict[str, Any] = {"text": "<html>hello</html>", "type": "text/html"}
INSIDE: dict[str, Any] = {"json": {"error": {"code": "InternalServiceError", "message": "oh"}}}
STRANGE: dict[str, Any] = {"json": {"items": [], "data": {"status": "dancing"}, "status": "dancing"}}
EMPTY: dict[str, Any] = {"text": ""}
LISTED: dict[str, Any] = {"json": [1, 2]}
MANY = 40


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("operation", "answer", "reasons"),
    [
        ("look", TRUNCATED, {"upstream_unreadable"}),
        ("look", HTML, {"upstream_unreadable"}),
        ("look", HTML | {"status": 503}, {"time_limit"}),
        ("look", INSIDE, {"upstream_unreadable"}),
        ("look", STRANGE, {"upstream_unreadable", "upstream_forgot"}),
        ("look", EMPTY, {"upstream_unreadable"}),
        ("look", LISTED, {"upstream_unreadable"}),
        ("create", TRUNCATED, {"upstream_unreadable"}),
        ("create", HTML, {"upstream_unreadable"}),
        ("create", INSIDE, {"upstream_unreadable"}),
        ("create", {"json": {"id": 7, "data": [{}]}}, {"upstream_unreadable"}),
        ("create", HTML | {"status": 404}, {"upstream_refused"}),
        ("film", {"status": 404, "text": "gone"}, {"upstream_result_lost"}),
        ("film", {"text": "not a film", "type": "video/mp4"}, {"upstream_result_broken"}),
        ("film", HTML, {"upstream_result_broken"}),
        ("film", {"bytes": 10**10}, {"upstream_result_lost"}),
        ("film", {"bytes": 10**10, "announced": False}, {"upstream_result_lost"}),
    ],
)
async def test_whatever_an_upstream_says_the_film_ends_with_a_cause(
    bench: Build, kind: str, operation: str, answer: dict[str, Any], reasons: set[str]
) -> None:
    b = await bench(kind, max_film=3_000_000, time_limit=1.5 if "time_limit" in reasons else 60, poll=0.02)
    name = operation if operation != "look" else "list" if kind == "ark" else "get"
    b.fake.say(name, times=MANY, **answer)
    with pytest.raises(EngineError) as error:
        async with asyncio.timeout(20):
            await b.make()
    assert error.value.reason in reasons
    assert "there" in error.value.message
    assert "Traceback" not in error.value.message
    assert b.fake.asked()["create"] <= 2


async def test_a_link_that_died_is_asked_for_anew_and_a_clock_that_is_wrong_does_no_harm(bench: Build) -> None:
    b = await bench("ark")
    b.fake.say("film", status=403, text="<Error/>", times=2)
    b.fake.set(link=-3600)
    assert (await b.make()).video.exists()


async def test_the_watch_asks_for_many_together(bench: Build) -> None:
    b = await bench("ark", poll=0.2)
    b.fake.set(making=3600, slots=1000)
    making = [asyncio.create_task(b.make(task_id=f"task_{n}")) for n in range(40)]
    while b.phases.count("waiting") < 40:
        await asyncio.sleep(0.05)
    before = b.fake.asked()["list"]
    await asyncio.sleep(1.0)
    assert b.fake.asked()["list"] - before <= 14, "one look for all of them, five times a second"
    for each in making:
        each.cancel()
    await asyncio.gather(*making, return_exceptions=True)
