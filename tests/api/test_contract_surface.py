"""CONTRACT §1.3, sentence by sentence: uploads, balance, models, list, cancel, delete, events."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from kineograph.core.errors import Unavailable
from kineograph.core.task import Failure

FAST, QUALITY = "doubao-seedance-1-0-pro-fast", "doubao-seedance-1-0-pro-quality"
HEADS = {
    "image/jpeg": b"\xff\xd8\xff\xe0" + bytes(60),
    "image/png": b"\x89PNG\r\n\x1a\n" + bytes(60),
    "image/webp": b"RIFF\x40\0\0\0WEBPVP8 " + bytes(60),
    "image/gif": b"GIF89a" + bytes(60),
}
MISSING = "task_01K8SGYNNNVBQTXNR4MM964S7K"


def _upload(data: bytes, name: str = "cat.bin", field: str = "file") -> dict[str, Any]:
    return {"files": {field: (name, data, "application/octet-stream")}}


@pytest.mark.parametrize("kind", HEADS)
def test_an_upload_is_judged_by_content_and_answered_flat(world: Any, run: Any, kind: str) -> None:
    response = run(world.call("POST", "/v1/uploads/images", **_upload(HEADS[kind], "../../Katze 🐈\n.bin")))
    answer = response.json()
    assert response.status_code == 200
    assert list(answer) == ["url", "filename", "content_type", "bytes", "created_at"]
    assert (answer["content_type"], answer["bytes"], answer["created_at"]) == (kind, len(HEADS[kind]), int(world.now))
    assert answer["filename"].startswith("Katze 🐈")
    read = run(world.call("GET", answer["url"].removeprefix("http://films.example"), key=None))
    assert (read.content, read.headers["content-type"]) == (HEADS[kind], kind)
    assert read.headers["x-content-type-options"] == "nosniff"
    world.now += 72 * 3600  # uploads live 72 h
    assert run(world.call("GET", answer["url"].removeprefix("http://films.example"), key=None)).status_code == 403


@pytest.mark.parametrize(
    ("sentence", "request_", "status", "reason"),
    [
        ("400 missing field", _upload(HEADS["image/png"], field="image"), 400, "missing_file"),
        ("400 field that is no file", {"data": {"file": "x"}, "files": {"x": b"y"}}, 400, "missing_file"),
        ("400 unsupported format: text", _upload(b"hello"), 400, "unsupported_format"),
        ("400 unsupported format: empty", _upload(b""), 400, "unsupported_format"),
        (
            "400 unsupported format: svg",
            _upload(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            400,
            "unsupported_format",
        ),
        ("400 unsupported format: bmp", _upload(b"BM" + bytes(60)), 400, "unsupported_format"),
        ("413 too large", _upload(HEADS["image/png"] + bytes(20 * 1024 * 1024)), 413, "too_large"),
        ("413 far too large", _upload(bytes(22 * 1024 * 1024)), 413, "too_large"),
        (
            "415 not multipart",
            {"content": "{}", "headers": {"Content-Type": "application/json"}},
            415,
            "unsupported_media_type",
        ),
        (
            "400 no boundary",
            {"content": b"--x", "headers": {"Content-Type": "multipart/form-data"}},
            400,
            "malformed_multipart",
        ),
        (
            "400 broken multipart",
            {"content": b"junk" * 9, "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
            400,
            None,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_an_upload_is_refused(
    world: Any, run: Any, sentence: str, request_: dict[str, Any], status: int, reason: str | None
) -> None:
    response = run(world.call("POST", "/v1/uploads/images", **request_))
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, status)
    assert reason in (error["reason"], None)
    assert not world.files.files


@pytest.mark.parametrize("path", ["/v1/balance", "/balance", "/v1/user/balance", "/user/balance"])
def test_balance_and_its_aliases_say_unlimited(world: Any, run: Any, path: str) -> None:
    assert run(world.call("GET", path)).json() == {
        "success": True,
        "remain_balance": -1,
        "used_balance": 0,
        "remain_credits": -1,
        "used_credits": 0,
        "unlimited_quota": True,
    }


def test_models_have_openais_list_shape_each_with_capabilities_and_limits(world: Any, run: Any) -> None:
    listed = run(world.call("GET", "/v1/models")).json()
    assert listed["object"] == "list"
    fast, quality = listed["data"]
    assert (fast["id"], fast["object"], quality["id"]) == (FAST, "model", QUALITY)
    assert (fast["capabilities"]["last_frame"], quality["capabilities"]["last_frame"]) == (False, True)
    assert fast["limits"]["duration"] == {"min": 2, "max": 12}
    assert fast["limits"]["reference_resolutions"] == ["480p", "720p"]
    assert run(world.call("GET", f"/v1/models/{FAST}")).json() == fast
    assert run(world.call("GET", "/v1/models/sora")).json()["error"]["code"] == 404


def test_model_schema_is_the_json_schema_of_the_body(world: Any, run: Any) -> None:
    shapes = {}
    for model in (FAST, QUALITY):
        answer = run(world.call("GET", f"/v1/model-schema?model={model}&operation=video_generation")).json()
        assert list(answer) == ["model", "operation", "input_schema"]
        shapes[model] = answer["input_schema"]["properties"]
        assert shapes[model]["model"]["enum"] == [model]
    roles = {model: shape["image_with_roles"]["items"]["properties"]["role"]["enum"] for model, shape in shapes.items()}
    assert ("last_frame" in roles[FAST], "last_frame" in roles[QUALITY]) == (False, True)
    assert "$ref" not in json.dumps(shapes)
    for query in ("", "?model=sora", f"?model={FAST}&operation=image_generation"):
        assert run(world.call("GET", f"/v1/model-schema{query}")).status_code == 400


def test_the_list_is_newest_first_owners_only_and_filtered(world: Any, run: Any) -> None:
    async def journey() -> dict[str, Any]:
        stranger = world.new_key("key_two", "acct_two")
        await world.submit(key=stranger)
        old = await world.submitted(metadata={"order": "7", "名": "x"})
        world.now += 100
        done = await world.completed(model=QUALITY)
        queries = {
            "": [done, old],
            "limit=1": [done],
            "status=completed": [done],
            "status=pending": [old],
            "status=failed": [],
            f"model={QUALITY}": [done],
            "metadata.order=7": [old],
            "metadata.%E5%90%8D=x": [old],
            "metadata.order=8": [],
            f"created_after={int(world.now - 50)}": [done],
            f"created_before={int(world.now - 50)}": [old],
            f"after={done}": [old],
            f"after={old}": [],
        }
        for query, expected in queries.items():
            page = (await world.call("GET", f"/v1/tasks?{query}")).json()
            assert [task["id"] for task in page["data"]] == expected, query
            assert page["has_more"] is (query == "limit=1")
            assert page["next"] == (done if query == "limit=1" else None)
        return dict((await world.call("GET", "/v1/tasks")).json())

    page = run(journey())
    assert page["code"] == 200
    assert page["data"][0]["result"]["videos"]


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=101", "limit=ten", "limit=1.5", "limit=", "limit=+5", "limit=1&limit=2", "limit=٣"),
        *("after=x", "after=task_1", "after=", "status=done", "status=", "status=succeeded"),
        *("created_after=yesterday", "created_after=-1", "created_before=1e9", "created_after=99999999999999999999"),
        *("model=%00", "metadata.a=%00", "model=%ff"),
        "&".join(f"metadata.k{n}=x" for n in range(100)),
    ],
)
def test_a_wrong_query_parameter_of_the_list_is_400(world: Any, run: Any, query: str) -> None:
    response = run(world.call("GET", f"/v1/tasks?{query}"))
    assert (response.status_code, response.json()["error"]["type"]) == (400, "invalid_request_error"), response.text


@pytest.mark.parametrize("query", ["wait=-1", "wait=61", "wait=soon", "language=de", "language=", "wait=1&wait=2"])
def test_a_wrong_query_parameter_of_a_task_is_400(world: Any, run: Any, query: str) -> None:
    response = run(world.call("GET", f"/v1/tasks/{MISSING}?{query}"))
    assert (response.status_code, response.json()["error"]["param"]) == (400, query.split("=")[0])


def test_cancelling_a_queued_task_is_at_once_and_free(world: Any, run: Any) -> None:
    async def journey() -> tuple[Any, Any]:
        task_id = await world.submitted()
        return await world.call("POST", f"/v1/tasks/{task_id}/cancel"), await world.data(task_id)

    response, data = run(journey())
    assert response.status_code == 200
    assert response.json() == {"code": 200, "data": data}  # 200 with the body of GET
    assert (data["status"], data["usage"]) == ("cancelled", {"seconds": 0, "tokens": 0})


def test_cancelling_a_running_task_stops_it_at_the_next_step(world: Any, run: Any) -> None:
    async def journey() -> tuple[Any, Any]:
        task_id = await world.submitted()
        claim = await world.claim(task_id)
        response = await world.call("POST", f"/v1/tasks/{task_id}/cancel")
        return response.json()["data"], await world.store.report(claim, 0.5, "shading")

    data, signal = run(journey())
    assert (data["status"], data["phase"]) == ("processing", "cancelling")
    assert signal == "cancel"


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled"])
def test_cancelling_what_is_over_is_409_and_deleting_it_wipes_it(world: Any, run: Any, end: str) -> None:
    async def journey() -> list[Any]:
        task_id = await world.completed() if end == "completed" else await world.submitted(image_urls=[_data()])
        if end == "failed":
            await world.store.fail(await world.claim(task_id), Failure("engine_failed", "broke"))
        if end == "cancelled":
            await world.call("POST", f"/v1/tasks/{task_id}/cancel")
        paths = [("POST", "/cancel"), ("DELETE", ""), ("GET", ""), ("DELETE", "")]
        return [task_id, *[await world.call(method, f"/v1/tasks/{task_id}{rest}") for method, rest in paths]]

    task_id, cancelled, deleted, seen, again = run(journey())
    assert (cancelled.status_code, cancelled.json()["error"]["type"]) == (409, "conflict_error")
    assert (deleted.status_code, deleted.json()) == (200, {"code": 200, "data": {"id": task_id, "deleted": True}})
    assert (seen.status_code, again.status_code) == (404, 404)
    assert not world.files.files
    assert not world.store.log


def _data() -> str:
    return "data:image/gif;base64,R0lGODlhAQABAAAAACw="


@pytest.mark.parametrize("running", [False, True])
def test_deleting_what_is_not_finished_is_409(world: Any, run: Any, running: bool) -> None:
    async def journey() -> Any:
        task_id = await world.submitted()
        if running:
            await world.claim(task_id)
        return await world.call("DELETE", f"/v1/tasks/{task_id}")

    response = run(journey())
    assert (response.status_code, response.json()["error"]["reason"]) == (409, "task_not_finished")
    assert len(world.store.tasks) == 1


def _events(text: str) -> list[dict[str, Any]]:
    """The blocks of a stream: `data` parsed, `id` beside it."""
    blocks = [
        dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if "event" in block
    ]
    assert all(block["event"] == "task" for block in blocks)
    return [json.loads(block["data"]) | {"id:": int(block["id"])} for block in blocks]


def test_a_finished_task_replays_then_closes(world: Any, run: Any) -> None:
    async def journey() -> tuple[Any, dict[str, Any]]:
        task_id = await world.completed()
        return await world.call("GET", f"/v1/tasks/{task_id}/events"), await world.data(task_id)

    response, data = run(journey())
    assert response.headers["content-type"].startswith("text/event-stream")
    events = _events(response.text)
    assert [event["status"] for event in events] == ["pending", "processing", "completed"]
    assert [event["id:"] for event in events] == [event["sequence"] for event in events]  # `id:` = sequence
    last = {name: value for name, value in events[-1].items() if name not in {"id:", "sequence"}}
    assert last == data  # `data:` = `data` of GET + `sequence`
    assert "result" not in events[1]


def test_a_stream_resumes_after_last_event_id(world: Any, run: Any) -> None:
    async def journey() -> list[Any]:
        task_id = await world.completed()
        everything = _events((await world.call("GET", f"/v1/tasks/{task_id}/events")).text)
        seen = {"headers": {"Last-Event-ID": str(everything[0]["id:"])}}
        return [everything, _events((await world.call("GET", f"/v1/tasks/{task_id}/events", **seen)).text)]

    everything, rest = run(journey())
    assert rest == everything[1:]


def test_an_open_stream_shows_changes_as_they_come_and_closes_at_the_end(world: Any, run: Any) -> None:
    async def journey() -> Any:
        task_id = await world.submitted()
        stream = asyncio.ensure_future(world.call("GET", f"/v1/tasks/{task_id}/events"))
        await asyncio.sleep(0.05)
        claim = await world.claim(task_id)
        await world.store.fail(claim, Failure("engine_failed", "broke"))
        async with asyncio.timeout(5):
            return await stream

    assert [event["status"] for event in _events(run(journey()).text)] == ["pending", "processing", "failed"]


def test_a_stream_with_nothing_left_to_say_tells_an_eventsource_to_stay_away(world: Any, run: Any) -> None:
    async def journey() -> Any:
        task_id = await world.completed()
        everything = _events((await world.call("GET", f"/v1/tasks/{task_id}/events")).text)
        seen = {"headers": {"Last-Event-ID": str(everything[-1]["id:"])}}
        return await world.call("GET", f"/v1/tasks/{task_id}/events", **seen)

    response = run(journey())
    assert (response.status_code, response.content) == (204, b"")


def test_a_stream_ends_quietly_when_the_store_goes_away(world: Any, run: Any) -> None:
    async def journey() -> Any:
        task_id = await world.completed()
        look, looks = world.store.get, 0

        async def get(task_id: str) -> Any:
            nonlocal looks
            looks += 1
            if looks > 3:  # the route, the replay, the first event; then it is away
                raise Unavailable("the database is away")
            return await look(task_id)

        world.store.get = get
        return await world.call("GET", f"/v1/tasks/{task_id}/events")

    response = run(journey())
    assert response.status_code == 200
    assert [event["status"] for event in _events(response.text)] == ["pending"]


@pytest.mark.parametrize("value", ["x", "-1", "1" * 30, "1.5"])
def test_a_wrong_last_event_id_is_400(world: Any, run: Any, value: str) -> None:
    response = run(world.call("GET", "/v1/events", headers={"Last-Event-ID": value}))
    assert (response.status_code, response.json()["error"]["param"]) == (400, "Last-Event-ID")


def test_an_event_link_opens_the_stream_without_a_key_for_a_while(world: Any, run: Any) -> None:
    async def journey() -> dict[str, Any]:
        task_id, other = await world.completed(), await world.completed()
        link = (await world.call("POST", f"/v1/tasks/{task_id}/event-link")).json()["data"]
        path = link["url"].removeprefix("http://films.example")
        assert link["expires_at"] > world.now

        async def outcome(changed: str) -> Any:
            response = await world.call("GET", changed, key=None)
            return 200 if response.status_code == 200 else response.json()["error"]["reason"]

        seen = {
            "good": await outcome(path),
            "forged": await outcome(path[:-2] + "xx"),
            "other task": await outcome(path.replace(task_id, other)),
            "other route": await outcome(path.replace("/events", "")),
        }
        kept, world.now = world.now, link["expires_at"]
        seen["late"] = await outcome(path)
        world.now = kept
        await world.keys.revoke("key_one", world.now)
        return seen | {"revoked key": await outcome(path)}

    assert run(journey()) == {
        "good": 200,
        "forged": "invalid_signature",
        "other task": "invalid_signature",
        "other route": "missing_api_key",
        "late": "link_expired",
        "revoked key": "missing_scope",
    }


def test_keys_are_never_taken_from_a_query(world: Any, run: Any) -> None:
    for name in ("key", "api_key", "access_token", "token"):
        assert run(world.call("GET", f"/v1/tasks?{name}={world.text}", key=None)).status_code == 401
