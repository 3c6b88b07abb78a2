"""Every sentence of the contract's §2 that the wire can show. Rows: sentence, what is sent, what must come."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

TASKS = "/api/v3/contents/generations/tasks"
QUALITY, FAST = "doubao-seedance-1-0-pro-250528", "doubao-seedance-1-0-pro-fast-251015"
CAT, END = "https://example.com/cat.png", "https://example.com/end.png"
RATIOS = ["16:9", "9:16", "1:1", "4:3", "3:4", "21:9"]


def image(url: str = CAT, role: str | None = None) -> dict[str, Any]:
    part: dict[str, Any] = {"type": "image_url", "image_url": {"url": url}}
    return part if role is None else part | {"role": role}


def text(words: str = "a cat") -> dict[str, Any]:
    return {"type": "text", "text": words}


def picture(width: int, height: int, kind: str = "PNG") -> str:
    out = io.BytesIO()
    Image.new("RGB", (width, height)).save(out, kind)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(out.getvalue()).decode()}"


def body(fields: dict[str, Any]) -> dict[str, Any]:
    merged = {"model": QUALITY, "content": [text()], **fields}
    return {name: value for name, value in merged.items() if value is not None}


def said(command: str) -> dict[str, Any]:
    return {"content": [text(f"a cat {command}")]}


FIRST, LAST, REFERENCE = image(CAT, "first_frame"), image(END, "last_frame"), image(CAT, "reference_image")

# sentence, fields sent beside model and content, attributes the stored request must have
ACCEPTED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("quality", {"model": QUALITY}, {"model": "doubao-seedance-1-0-pro-quality", "called": QUALITY}),
    ("fast", {"model": FAST}, {"model": "doubao-seedance-1-0-pro-fast", "called": FAST}),
    ("BytePlus names lack doubao-", {"model": QUALITY[7:]}, {"model": "doubao-seedance-1-0-pro-quality"}),
    ("BytePlus fast", {"model": FAST[7:]}, {"model": "doubao-seedance-1-0-pro-fast"}),
    ("the catalogue's own names", {"model": "doubao-seedance-1-0-pro-fast"}, {"called": None}),
    ("it is Ark's", {}, {"dialect": "ark"}),
    ("resolution 1080p", {}, {"resolution": "1080p"}),
    *((f"resolution {name}", {"resolution": name}, {"resolution": name}) for name in ("480p", "720p", "1080p")),
    ("t2v 16:9", {}, {"aspect_ratio": "16:9"}),
    ("i2v adaptive", {"content": [text(), image()]}, {"aspect_ratio": "adaptive", "images": [("first_frame", CAT)]}),
    ("reference 16:9", {"content": [text(), REFERENCE]}, {"aspect_ratio": "16:9", "images": [("reference", CAT)]}),
    ("reference, not above 720p", {"content": [text(), REFERENCE]}, {"resolution": "720p"}),
    *((f"six ratios: {ratio}", {"ratio": ratio}, {"aspect_ratio": ratio}) for ratio in RATIOS),
    ("adaptive", {"content": [text(), image()], "ratio": "adaptive"}, {"aspect_ratio": "adaptive"}),
    ("duration 5", {}, {"duration": 5, "frames": 120}),
    *((f"2–12 s: {n}", {"duration": n}, {"duration": n, "frames": 24 * n}) for n in range(2, 13)),
    ("frames 29", {"frames": 29}, {"frames": 29, "duration": 2}),
    ("frames 289", {"frames": 289}, {"frames": 289, "duration": 12}),
    ("frames win over duration", {"frames": 125, "duration": 10}, {"frames": 125, "duration": 6}),
    ("framespersecond 24", {"framespersecond": 24}, {}),
    *((f"seed {seed}", {"seed": seed}, {"seed": seed}) for seed in (0, 11, 2**32 - 1)),
    ("camera_fixed", {"camera_fixed": True}, {"camera_fixed": True}),
    ("watermark", {"watermark": True}, {"watermark": True}),
    ("all false", {}, {"camera_fixed": False, "watermark": False, "return_last_frame": False}),
    ("return_last_frame", {"return_last_frame": True}, {"return_last_frame": True}),
    (
        "callback_url exact",
        {"callback_url": "https://example.com/a?b=c"},
        {"callback_url": "https://example.com/a?b=c"},
    ),
    ("service_tier default", {}, {"flex": False, "priority": 5}),
    ("service_tier flex", {"service_tier": "flex"}, {"flex": True, "priority": 0}),
    ("execution_expires_after 172800", {}, {"expires_after": 172_800}),
    *((f"{n} s", {"execution_expires_after": n}, {"expires_after": n}) for n in (3600, 259_200)),
    ("role none is the first frame", {"content": [image(), text()]}, {"images": [("first_frame", CAT)]}),
    ("first and last", {"content": [text(), FIRST, LAST]}, {"images": [("first_frame", CAT), ("last_frame", END)]}),
    ("an image needs no words", {"content": [image()]}, {"prompt": "", "images": [("first_frame", CAT)]}),
    ("null means absent", {"seed": 3, "ratio": None, "frames": None}, {"seed": 3}),
    ("unknown fields are kept by name", {"generate_audio": False}, {"ignored": ("generate_audio",)}),
    ("--rs", said("--rs 480p"), {"prompt": "a cat", "resolution": "480p"}),
    ("--resolution", said("--resolution 720p"), {"resolution": "720p"}),
    ("--rt", said("--rt 9:16"), {"aspect_ratio": "9:16"}),
    ("--ratio", said("--ratio 1:1"), {"aspect_ratio": "1:1"}),
    ("--dur", said("--dur 7"), {"duration": 7}),
    ("--duration", said("--duration 3"), {"duration": 3}),
    ("--frames", said("--frames 33 --dur 10"), {"frames": 33}),
    ("--fps", said("--fps 24"), {"prompt": "a cat"}),
    ("--framespersecond", said("--framespersecond 30"), {"prompt": "a cat"}),
    ("--seed", said("--seed 9"), {"seed": 9}),
    ("--cf", said("--cf true"), {"camera_fixed": True}),
    ("--camerafixed", said("--camerafixed true"), {"camera_fixed": True}),
    ("--wm", said("--wm true"), {"watermark": True}),
    ("--watermark", said("--watermark true"), {"watermark": True}),
    ("several", said("--rs 480p --dur 3\n--rt 4:3"), {"prompt": "a cat", "resolution": "480p", "duration": 3}),
    ("lenient: resolution", said("--rs 4k"), {"prompt": "a cat", "resolution": "1080p"}),
    ("lenient: ratio", said("--rt 2:1"), {"aspect_ratio": "16:9"}),
    ("lenient: adaptive without an image", said("--rt adaptive"), {"aspect_ratio": "16:9"}),
    ("lenient: duration", said("--dur 99"), {"duration": 5}),
    ("lenient: frames", said("--frames 30"), {"frames": 120}),
    ("lenient: camera", said("--cf maybe"), {"camera_fixed": False}),
    ("only at the end", said("--dur 9 is not said"), {"prompt": "a cat --dur 9 is not said", "duration": 5}),
    ("others are words", said("--style noir"), {"prompt": "a cat --style noir"}),
    ("the field goes first", {**said("--dur 9 --rs 480p"), "duration": 4}, {"duration": 4, "resolution": "480p"}),
    ("a data URI", {"content": [image(picture(301, 301)), text()]}, {}),
    ("BMP", {"content": [image(picture(320, 400, "BMP")), text()]}, {}),
]

INVALID, MISSING = (400, "InvalidParameter"), (400, "MissingParameter")
FORMAT = (400, "InvalidImageURL.InvalidFormat")

# sentence, fields, status and code, the field at fault
REFUSED: list[tuple[str, dict[str, Any], tuple[int, str], str]] = [
    ("model required", {"model": None}, MISSING, "model"),
    ("no such model", {"model": "doubao-nonesuch"}, (404, "InvalidEndpointOrModel.NotFound"), "model"),
    ("an endpoint nobody made", {"model": "ep-2025-x"}, (404, "InvalidEndpointOrModel.NotFound"), "model"),
    ("model string", {"model": 7}, INVALID, "model"),
    ("content required", {"content": None}, MISSING, "content"),
    ("content not empty", {"content": []}, INVALID, "content"),
    ("content list", {"content": "a cat"}, INVALID, "content"),
    ("unknown part", {"content": [{"type": "video_url", "video_url": {"url": CAT}}]}, INVALID, "content"),
    ("text without text", {"content": [{"type": "text"}]}, MISSING, "content"),
    ("blank", {"content": [text("  ")]}, MISSING, "content"),
    ("commands alone", {"content": [text("--dur 5")]}, MISSING, "content"),
    ("too long", {"content": [text("a" * 32_769)]}, INVALID, "content"),
    ("two texts", {"content": [text(), text()]}, INVALID, "content"),
    ("image without URL", {"content": [{"type": "image_url"}]}, MISSING, "content"),
    ("empty URL", {"content": [image("")]}, (400, "InvalidImageURL.EmptyURL"), "content"),
    ("no URL", {"content": [image("cat.png")]}, FORMAT, "content"),
    ("another scheme", {"content": [image("ftp://example.com/cat.png")]}, FORMAT, "content"),
    ("broken base64", {"content": [image("data:image/png;base64,%%%")]}, FORMAT, "content"),
    ("no image", {"content": [image("data:image/png;base64,aGVsbG8=")]}, FORMAT, "content"),
    ("an unknown role", {"content": [text(), image(role="middle")]}, INVALID, "content"),
    ("roles required", {"content": [text(), image(), image(END)]}, MISSING, "content"),
    ("one of a role", {"content": [FIRST, FIRST]}, INVALID, "content"),
    ("scenarios exclude each other", {"content": [text(), FIRST, REFERENCE]}, INVALID, "content"),
    ("last needs first", {"content": [text(), LAST]}, INVALID, "content"),
    ("last frame not fast", {"model": FAST, "content": [text(), FIRST, LAST]}, INVALID, "content"),
    ("sides above 300", {"content": [image(picture(300, 400))]}, INVALID, "content"),
    ("sides below 6000", {"content": [image(picture(6000, 3000))]}, INVALID, "content"),
    ("w/h above 0.4", {"content": [image(picture(400, 1000))]}, INVALID, "content"),
    ("w/h below 2.5", {"content": [image(picture(1000, 400))]}, INVALID, "content"),
    *((f"resolution: not {v!r}", {"resolution": v}, INVALID, "resolution") for v in ("4k", "1080P", 1080, "")),
    ("1080p with a reference", {"content": [text(), REFERENCE], "resolution": "1080p"}, INVALID, "resolution"),
    *((f"ratio: not {v!r}", {"ratio": v}, INVALID, "ratio") for v in ("2:1", "16/9", 1.78, "")),
    ("adaptive only with an image", {"ratio": "adaptive"}, INVALID, "ratio"),
    *((f"duration: not {v!r}", {"duration": v}, INVALID, "duration") for v in (1, 13, -1, 0, "5", 5.0, True, 10**30)),
    *((f"frames: not {v!r}", {"frames": v}, INVALID, "frames") for v in (25, 28, 30, 120, 293, "29", 29.0)),
    *((f"fps: not {v!r}", {"framespersecond": v}, INVALID, "framespersecond") for v in (23, 25, "24", 24.0)),
    *((f"seed: not {v!r}", {"seed": v}, INVALID, "seed") for v in (-2, 2**32, "1", 1.0, False)),
    *((f"camera_fixed: not {v!r}", {"camera_fixed": v}, INVALID, "camera_fixed") for v in ("true", 1, 0)),
    *((f"watermark: not {v!r}", {"watermark": v}, INVALID, "watermark") for v in ("false", 0)),
    ("return_last_frame bool", {"return_last_frame": "yes"}, INVALID, "return_last_frame"),
    ("tier", {"service_tier": "cheap"}, INVALID, "service_tier"),
    *(
        (f"expires: not {v!r}", {"execution_expires_after": v}, INVALID, "execution_expires_after")
        for v in (3599, 259_201, "3600", 3600.0)
    ),
    ("callback URL", {"callback_url": "example.com"}, INVALID, "callback_url"),
    ("a private address", {"callback_url": "http://10.0.0.1/x"}, INVALID, "callback_url"),
]


@pytest.mark.parametrize(("sentence", "fields", "kept"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_ark_allows(world: Any, run: Any, sentence: str, fields: dict[str, Any], kept: dict[str, Any]) -> None:
    response = run(world.call("POST", TASKS, json=body(fields)))
    assert response.status_code == 200, response.text
    assert list(response.json()) == ["id"]
    (task,) = world.store.tasks.values()
    images = [(str(each.role), each.source) for each in task.request.images]
    assert {name: images if name == "images" else getattr(task.request, name) for name in kept} == kept


@pytest.mark.parametrize(("sentence", "fields", "refusal", "param"), REFUSED, ids=[row[0] for row in REFUSED])
def test_ark_forbids(
    world: Any, run: Any, sentence: str, fields: dict[str, Any], refusal: tuple[int, str], param: str
) -> None:
    response = run(world.call("POST", TASKS, json=body(fields), headers={"X-Request-Id": "r1"}))
    error = response.json()["error"]
    assert list(error) == ["code", "message", "param", "type"]
    assert (response.status_code, error["code"], error["param"]) == (*refusal, param), error["message"]
    assert error["type"] == {400: "BadRequest", 404: "NotFound"}[response.status_code]
    assert error["message"].endswith(". Request ID: r1")
    assert not world.store.tasks
    assert not world.files.files


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"model": NaN}', b'{"model": "a", "model": "b"}', b"\xff"])
def test_what_is_no_json_is_refused_in_arks_words(world: Any, run: Any, content: bytes) -> None:
    answer = run(world.call("POST", TASKS, content=content, headers={"Content-Type": "application/json"}))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidParameter")


def test_every_error_of_these_paths_is_arks(world: Any, run: Any) -> None:
    one = f"{TASKS}/cgt-20251114031129-0000000000000000zz"
    for method, path, key, status, code in (
        ("GET", TASKS, None, 401, "AuthenticationError"),
        ("GET", f"{TASKS}/nonsense", None, 401, "AuthenticationError"),
        ("GET", one, world.text, 404, "NotFound.Task"),
        ("DELETE", one, world.text, 404, "NotFound.Task"),
        ("GET", f"{TASKS}/task_01K8SGYNNNVBQTXNR4MM964S7K", world.text, 404, "NotFound.Task"),
        ("GET", f"{TASKS}/cgt-99999999999999-000000000000000000", world.text, 404, "NotFound.Task"),
        ("GET", "/api/v3/chat/completions", world.text, 404, "NotFound.Route"),
        ("GET", "/api/v3", world.text, 404, "NotFound.Route"),
        ("PUT", TASKS, world.text, 405, "OperationDenied.UnsupportedOperation"),
    ):
        answer = run(world.call(method, path, key=key))
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (status, code), (method, path)
        assert set(error) == {"code", "message", "param", "type"}
        assert f". Request ID: {answer.headers['x-request-id']}" in error["message"]
    assert run(world.call("GET", TASKS, key=None)).headers["www-authenticate"] == "Bearer"
    typed = run(world.call("POST", TASKS, content=b"a=b", headers={"Content-Type": "text/plain"}))
    assert (typed.status_code, typed.json()["error"]["type"]) == (415, "UnsupportedMediaType")
