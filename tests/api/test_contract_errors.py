"""CONTRACT §1.4, sentence by sentence: one envelope on every path, whatever goes wrong."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest

from kineograph.core.errors import EngineError, OperatorError, Unavailable
from kineograph.core.keys import Scope

SUBMIT = "/v1/videos/generations"
MISSING = "/v1/tasks/task_01K8SGYNNNVBQTXNR4MM964S7K"
GOOD = b'{"model": "doubao-seedance-1-0-pro-fast", "prompt": "a cat"}'
JSON = {"Content-Type": "application/json"}
MB = 1024 * 1024


def _error(response: Any, status: int, kind: str) -> dict[str, Any]:
    """The envelope's object, after checking what every one of them must be."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert list(response.json()) == ["error"]
    error = dict(response.json()["error"])
    assert list(error) == ["code", "message", "type", "param", "reason"]
    assert (error["code"], error["type"]) == (status, kind)  # `code` is the integer HTTP status
    assert isinstance(error["code"], int)
    assert re.fullmatch(r"[a-z][a-z0-9_]*", error["reason"])
    assert response.headers["x-request-id"]
    return error


BODIES: list[tuple[str, bytes, int]] = [
    ("malformed JSON", b'{"model": ', 400),
    ("empty body", b"", 400),
    ("single quotes", b"{'model': 'x'}", 400),
    ("trailing comma", b'{"model": "x",}', 400),
    ("two documents", GOOD + GOOD, 400),
    ("an array", b"[" + GOOD + b"]", 400),
    ("a string", b'"model"', 400),
    ("null", b"null", 400),
    ("invalid UTF-8", b'{"model": "\xff\xfe", "prompt": "x"}', 400),
    ("UTF-16", GOOD.decode().encode("utf-16"), 400),
    ("overlong UTF-8", b'{"prompt": "\xc0\x80"}', 400),
    ("NaN", GOOD[:-1] + b', "seed": NaN}', 400),
    ("Infinity", GOOD[:-1] + b', "duration": Infinity}', 400),
    ("-Infinity in an unknown field", GOOD[:-1] + b', "x": [-Infinity]}', 400),
    ("1e999", GOOD[:-1] + b', "duration": 1e999}', 400),
    ("a field twice", GOOD[:-1] + b', "seed": 1, "seed": 2}', 400),
    ("half a surrogate pair", GOOD[:-1] + b', "negative_prompt": "\\ud800"}', 400),
    ("half a surrogate pair in a name", GOOD[:-1] + b', "\\udfff": 1}', 400),
    ("NUL escaped", GOOD[:-1] + b', "negative_prompt": "a\\u0000b"}', 400),
    ("NUL raw", GOOD[:-1] + b', "negative_prompt": "a\x00b"}', 400),
    ("deep JSON", GOOD[:-1] + b', "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
    ("deep objects", b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400),
    ("an integer of 10,000 digits", GOOD[:-1] + b', "seed": ' + b"9" * 10_000 + b"}", 400),
    ("a prompt of 1 MB", b'{"model": "doubao-seedance-1-0-pro-fast", "prompt": "' + b"x" * MB + b'"}', 400),
]


@pytest.mark.parametrize(("sentence", "body", "status"), BODIES, ids=[row[0] for row in BODIES])
def test_a_hostile_body_gets_a_sentence(world: Any, run: Any, sentence: str, body: bytes, status: int) -> None:
    error = _error(run(world.call("POST", SUBMIT, content=body, headers=JSON)), status, "invalid_request_error")
    assert len(error["message"]) < 400
    assert not world.store.tasks


def test_a_million_unknown_fields_are_ignored_and_a_hundred_are_remembered(world: Any, run: Any) -> None:
    body = GOOD[:-1] + b"," + b",".join(b'"u%d":0' % n for n in range(1_000_000)) + b"}"
    response = run(world.call("POST", SUBMIT, content=body, headers=JSON))
    assert response.status_code == 200
    assert [len(task.request.ignored) for task in world.store.tasks.values()] == [100]


def test_names_of_unknown_fields_are_cut_and_made_printable(world: Any, run: Any) -> None:
    body = {"model": "doubao-seedance-1-0-pro-fast", "prompt": "x", "a\r\nSet-Cookie: b": 1, "y" * 999: 2}
    task_id = run(world.submit(body)).json()["data"][0]["task_id"]
    assert world.store.tasks[task_id].request.ignored == ("a??Set-Cookie: b", "y" * 64)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": "application/json; charset=latin-1"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415),
        ({"Content-Type": 'Application/JSON; Charset="UTF-8"'}, 200),
        ({"Content-Type": "application/vnd.api+json"}, 200),
    ],
)
def test_only_json_in_utf8_is_taken(world: Any, run: Any, headers: dict[str, str], status: int) -> None:
    response = run(world.call("POST", SUBMIT, content=GOOD, headers=headers))
    if status == 200:
        assert response.status_code == 200
    else:
        _error(response, 415, "invalid_request_error")


@pytest.mark.parametrize("declared", [True, False], ids=["Content-Length", "counted while streaming"])
def test_a_body_over_64_mb_is_413(world: Any, run: Any, declared: bool) -> None:
    sent = 0

    async def chunks() -> Any:
        nonlocal sent
        for _ in range(80):
            sent += MB
            yield b" " * MB

    headers = JSON | ({"Content-Length": str(80 * MB)} if declared else {})
    _error(run(world.call("POST", SUBMIT, content=chunks(), headers=headers)), 413, "invalid_request_error")


def test_a_body_that_stops_coming_is_408(world: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kineograph.api.body.SILENCE", 0.05)

    async def drip() -> Any:
        yield b'{"model": '
        await asyncio.sleep(5)
        yield b'"x"}'

    _error(run(world.call("POST", SUBMIT, content=drip(), headers=JSON)), 408, "invalid_request_error")


def test_401_comes_before_anything_about_the_body(world: Any, run: Any) -> None:
    async def endless() -> Any:
        raise AssertionError("the body was read")
        yield b""

    for headers in (JSON, {"Content-Type": "text/plain"}, JSON | {"Content-Length": str(10**12)}):
        response = run(world.call("POST", SUBMIT, content=endless(), headers=headers, key=None))
        _error(response, 401, "authentication_error")
        assert response.headers["www-authenticate"] == "Bearer"


def test_401_comes_before_404_and_405_on_api_routes(world: Any, run: Any) -> None:
    for method, path in (
        ("GET", "/v1/nothing"),
        ("PUT", "/v1/tasks"),
        ("GET", SUBMIT),
        ("GET", "/v1"),
        ("GET", "/v1/tasks/"),
    ):
        _error(run(world.call(method, path, key=None)), 401, "authentication_error")


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/nothing", "/v1/tasks/", f"{SUBMIT}/", "/v1", "/v1/", "/v2/tasks", "/nothing", "/balance/", "/docs/"),
        *("//v1/tasks", "/v1//tasks", "/v1/tasks/a/b", "/V1/tasks", "/healthz/", "/docs/..%2f..%2fetc%2fpasswd"),
        *(f"{MISSING}/", f"{MISSING}/nothing", "/openapi.yaml", "/redoc", "/docs/oauth2-redirect"),
    ],
)
def test_an_unknown_path_or_a_trailing_slash_is_404(world: Any, run: Any, path: str) -> None:
    """No redirects on API routes; a trailing slash is a 404. FastAPI's own bodies never leak."""
    _error(run(world.call("GET", path)), 404, "not_found_error")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", SUBMIT, "POST"),
        ("PUT", SUBMIT, "POST"),
        ("OPTIONS", SUBMIT, "POST"),
        ("HEAD", SUBMIT, "POST"),
        ("POST", MISSING, "DELETE, GET, HEAD"),
        ("PATCH", MISSING, "DELETE, GET, HEAD"),
        ("OPTIONS", MISSING, "DELETE, GET, HEAD"),
        ("GET", f"{MISSING}/cancel", "POST"),
        ("DELETE", "/v1/tasks", "GET, HEAD"),
        ("TRACE", "/v1/tasks", "GET, HEAD"),
        ("BREW", "/healthz", "GET, HEAD"),
        ("POST", "/openapi.json", "GET, HEAD"),
        ("DELETE", "/v1/files/x.mp4", "GET, HEAD"),
        ("POST", "/balance", "GET, HEAD"),
        ("POST", "/", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_405_and_names_the_right_ones(
    world: Any, run: Any, method: str, path: str, allow: str
) -> None:
    response = run(world.call(method, path))
    assert (response.status_code, response.headers["allow"]) == (405, allow)
    if method == "HEAD":
        assert response.content == b""
    else:
        _error(response, 405, "invalid_request_error")


@pytest.mark.parametrize(
    "path", ["/v1/tasks", "/v1/models", "/balance", "/healthz", "/openapi.json", "/console/", "/", "/v1/events"]
)
def test_head_answers_where_get_does_without_a_body(world: Any, run: Any, path: str) -> None:
    response = run(world.call("HEAD", path))
    assert (response.status_code, response.content) == (200, b"")


def test_two_authorization_headers_are_none(world: Any, run: Any) -> None:
    twice = [("Authorization", f"Bearer {world.text}"), ("authorization", "Bearer other")]
    _error(run(world.call("GET", "/v1/tasks", key=None, headers=twice)), 401, "authentication_error")


def test_a_key_without_the_scope_is_403(world: Any, run: Any) -> None:
    reader = world.new_key("key_r", "acct_one", scopes=frozenset({Scope.READ}))
    writer = world.new_key("key_w", "acct_one", scopes=frozenset({Scope.GENERATE}))
    admin = world.new_key("key_a", "acct_one", scopes=frozenset({Scope.ADMIN}))
    for method, path, key in (
        ("POST", SUBMIT, reader),
        ("POST", "/v1/uploads/images", reader),
        ("POST", f"{MISSING}/cancel", reader),
        ("DELETE", MISSING, reader),
        ("GET", MISSING, writer),
        ("GET", "/v1/tasks", writer),
        ("GET", "/v1/models", writer),
        ("GET", "/balance", writer),
    ):
        _error(run(world.call(method, path, key=key)), 403, "permission_error")
    assert run(world.submit(key=admin)).status_code == 200
    assert run(world.call("GET", "/v1/tasks", key=admin)).status_code == 200


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (Unavailable("the database is away", retry_after=7), 503, "server_error"),
        (OperatorError("the disk is full"), 503, "server_error"),
        (EngineError("broken"), 500, "server_error"),
        (RuntimeError("secret: /home/me/db.sqlite"), 500, "server_error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_our_own_faults_are_5xx_without_internals(
    world: Any, run: Any, error: Exception, status: int, kind: str
) -> None:
    async def broken(*_: Any) -> None:
        raise error

    world.store.insert = broken
    response = run(world.submit())
    message = _error(response, status, kind)["message"]
    assert "secret" not in response.text
    assert (status == 503) is ("retry-after" in response.headers)
    if isinstance(error, RuntimeError):
        assert response.headers["x-request-id"] in message


def test_429_says_when_to_come_back(world: Any, run: Any) -> None:
    async def journey() -> list[Any]:
        return [await world.call("GET", "/v1/tasks", key="kineo_wrong") for _ in range(25)]

    responses = run(journey())
    assert [response.status_code for response in responses[:20]] == [401] * 20
    _error(responses[-1], 429, "rate_limit_error")
    assert int(responses[-1].headers["retry-after"]) >= 1
    assert run(world.call("GET", "/v1/tasks")).status_code == 200  # a right key from there still works
    world.address = "203.0.113.8"
    assert run(world.call("GET", "/v1/tasks", key="kineo_wrong")).status_code == 401


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "../../x", "x" * 65, "ü"])
def test_a_request_id_that_is_no_plain_word_is_replaced(world: Any, run: Any, value: str) -> None:
    response = run(world.call("GET", "/healthz", headers=[("X-Request-Id", value.encode())]))
    assert re.fullmatch(r"req_[0-9a-f]{24}", response.headers["x-request-id"])
    assert "x-evil" not in response.headers


def test_a_plain_request_id_comes_back(world: Any, run: Any) -> None:
    assert run(world.call("GET", "/nothing", headers={"X-Request-Id": "abc-1"})).headers["x-request-id"] == "abc-1"


def test_no_header_can_be_injected_through_host_file_name_or_idempotency_key(world: Any, run: Any) -> None:
    async def journey() -> None:
        upload = {"files": {"file": ('a"\r\nX-Evil: 1.png', b"\x89PNG\r\n\x1a\n" + bytes(9))}}
        response = await world.call("POST", "/v1/uploads/images", **upload, headers={"Host": "evil/?<script>"})
        assert response.json()["url"].startswith("http://films.example/v1/files/uploads/")
        read = await world.call("GET", response.json()["url"].removeprefix("http://films.example"), key=None)
        assert re.fullmatch(r'inline; filename="[0-9A-Z]{26}\.png"', read.headers["content-disposition"])
        headers = JSON | {"Idempotency-Key": "a\r\nX-Evil: 1"}
        assert (await world.call("POST", SUBMIT, content=GOOD, headers=headers)).status_code == 400

    run(journey())


def test_a_caller_who_hangs_up_while_sending_harms_nobody(world: Any, run: Any) -> None:
    async def journey() -> list[Any]:
        messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
        sent: list[Any] = []

        async def receive() -> Any:
            return messages.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        authorization = f"Bearer {world.text}".encode()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "path": SUBMIT,
            "raw_path": SUBMIT.encode(),
            "root_path": "",
            "scheme": "http",
            "query_string": b"",
            "headers": [(b"authorization", authorization), (b"content-type", b"application/json")],
            "client": ("203.0.113.9", 1),
            "server": ("films.example", 80),
        }
        await world.app(scope, receive, send)
        return sent

    assert run(journey()) == []


def test_errors_never_echo_more_than_a_glimpse_of_the_value(world: Any, run: Any) -> None:
    for fields in ({"seed": "x" * 10_000}, {"metadata": {"a": ["y" * 10_000]}}, {"model": "m" * 10_000}):
        error = run(world.submit({"model": "m", "prompt": "p", **fields})).json()["error"]
        assert len(json.dumps(error)) < 900


def test_two_requests_at_once_keep_their_request_ids_apart(world: Any, run: Any) -> None:
    async def journey() -> list[str]:
        answers = await asyncio.gather(
            *(world.call("GET", "/healthz", headers={"X-Request-Id": f"r{n}"}) for n in range(20))
        )
        return [answer.headers["x-request-id"] for answer in answers]

    assert run(journey()) == [f"r{n}" for n in range(20)]
