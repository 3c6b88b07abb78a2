"""Every sentence of the contract's §3 that the wire can show, as JSON and as a form."""

from __future__ import annotations

from typing import Any

import pytest

from kineograph.core.request import SIZES

FAST, QUALITY = "doubao-seedance-1-0-pro-fast", "doubao-seedance-1-0-pro-quality"
CAT, END = "https://example.com/cat.png", "https://example.com/end.png"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
ROLES = [{"url": CAT, "role": "first_frame"}, {"url": END, "role": "last_frame"}]

# sentence, JSON fields beside the prompt, attributes the stored request must have
ACCEPTED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("only a prompt: 5 s, 720p 16:9", {}, {"duration": 5, "resolution": "720p", "aspect_ratio": "16:9", "model": FAST}),
    ("it is OpenAI's", {}, {"dialect": "openai", "frames": 120, "images": []}),
    ("model", {"model": QUALITY}, {"model": QUALITY, "called": None}),
    ("a model's other name", {"model": "seedance-1-0-pro-250528"}, {"model": QUALITY}),
    *((f"seconds string: {n}", {"seconds": str(n)}, {"duration": n}) for n in range(2, 13)),
    ("seconds int", {"seconds": 7}, {"duration": 7}),
    *(
        (f"size {w}x{h}", {"size": f"{w}x{h}"}, {"resolution": name, "aspect_ratio": ratio})
        for (name, ratio), (w, h) in SIZES.items()
    ),
    ("size 1280x720", {"size": "1280x720"}, {"resolution": "720p", "aspect_ratio": "16:9"}),
    ("size 720x1280", {"size": "720x1280"}, {"resolution": "720p", "aspect_ratio": "9:16"}),
    ("size 1792x1024", {"size": "1792x1024"}, {"resolution": "1080p", "aspect_ratio": "16:9"}),
    ("size 1024x1792", {"size": "1024x1792"}, {"resolution": "1080p", "aspect_ratio": "9:16"}),
    ("input_reference URL", {"input_reference": CAT}, {"images": [("first_frame", CAT)]}),
    ("input_reference object", {"input_reference": {"image_url": CAT}}, {"images": [("first_frame", CAT)]}),
    ("image_reference", {"image_reference": {"image_url": CAT}}, {"images": [("first_frame", CAT)]}),
    (
        "image_with_roles",
        {"model": QUALITY, "image_with_roles": ROLES},
        {"images": [("first_frame", CAT), ("last_frame", END)]},
    ),
    ("seed", {"seed": 42}, {"seed": 42}),
    ("fps 24", {"fps": 24}, {}),
    ("num_frames", {"num_frames": 121}, {"frames": 121, "duration": 5}),
    ("num_frames of whole seconds", {"num_frames": 96, "seconds": "9"}, {"frames": 96, "duration": 4}),
    ("negative_prompt", {"negative_prompt": "rain"}, {"negative_prompt": "rain"}),
    ("watermark", {"watermark": True}, {"watermark": True}),
    ("camera_fixed", {"camera_fixed": False}, {"camera_fixed": False}),
    ("return_last_frame", {"return_last_frame": True}, {"return_last_frame": True}),
    ("callback_url", {"callback_url": "https://example.com/hook"}, {"callback_url": "https://example.com/hook"}),
    ("webhook", {"webhook": "https://example.com"}, {"webhook": "https://example.com"}),
    ("priority", {"priority": 0}, {"priority": 0}),
    ("metadata", {"metadata": {"shot": "4"}}, {"metadata": {"shot": "4"}}),
    ("null means absent", {"seconds": None, "size": None}, {"duration": 5}),
    ("unknown fields are kept by name", {"guidance_scale": 5}, {"ignored": ("guidance_scale",)}),
]

# sentence, JSON fields, the field at fault, the code
REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("prompt required", {"prompt": None}, "prompt", "missing_required_parameter"),
    ("prompt not blank", {"prompt": " "}, "prompt", "invalid_prompt"),
    ("prompt too long", {"prompt": "a" * 32_769}, "prompt", "invalid_prompt"),
    *(
        (f"seconds: not {v!r}", {"seconds": v}, "seconds", "invalid_seconds")
        for v in ("five", "4.5", 4.5, True, "", [5])
    ),
    *((f"seconds: not {v!r}", {"seconds": v}, "seconds", "invalid_duration") for v in ("1", "13", 1, 999)),
    *(
        (f"size: not {v!r}", {"size": v}, "size", "invalid_size")
        for v in ("1x1", "1280X720", "720p", "", 1280, "1920x1080")
    ),
    *((f"seed: not {v!r}", {"seed": v}, "seed", "invalid_seed") for v in (-2, 2**32, 1.5, True)),
    *((f"fps: not {v!r}", {"fps": v}, "fps", "invalid_fps") for v in (16, 25, 24.0)),
    *(
        (f"num_frames: not {v!r}", {"num_frames": v}, "num_frames", "invalid_num_frames")
        for v in (1, 28, 24, 81.5, 293, 312)
    ),
    ("watermark bool", {"watermark": 1}, "watermark", "invalid_watermark"),
    ("model string", {"model": 7}, "model", "invalid_model"),
    ("a file id", {"input_reference": {"file_id": "file-1"}}, "input_reference", "invalid_input_reference"),
    ("no URL", {"input_reference": "cat.png"}, "input_reference", "invalid_url"),
    ("a private address", {"input_reference": "http://10.0.0.1/cat.png"}, "input_reference", "url_blocked"),
    ("no image", {"input_reference": "data:image/png;base64,aGVsbG8="}, "input_reference", "invalid_image"),
    (
        "one kind of reference",
        {"input_reference": CAT, "image_with_roles": ROLES},
        "input_reference",
        "several_references",
    ),
    (
        "an unknown role",
        {"image_with_roles": [{"url": CAT, "role": "middle"}]},
        "image_with_roles",
        "invalid_image_with_roles",
    ),
    ("one of a role", {"image_with_roles": [ROLES[0], ROLES[0]]}, "image_with_roles", "duplicate_role"),
    ("last frame not fast", {"image_with_roles": ROLES}, "image_with_roles", "last_frame_unsupported"),
    (
        "1080p with a reference",
        {"image_with_roles": [{"url": CAT, "role": "reference"}], "size": "1920x1088"},
        "size",
        "reference_at_1080p",
    ),
    ("callback URL", {"callback_url": "example.com"}, "callback_url", "invalid_url"),
    ("metadata texts", {"metadata": {"a": 1}}, "metadata", "invalid_metadata"),
]


def body(fields: dict[str, Any]) -> dict[str, Any]:
    return {"prompt": "a cat", **fields}


def parts(fields: dict[str, Any]) -> list[tuple[str, tuple[str | None, bytes]]]:
    """The same as a form, as the SDKs write nested values."""
    found: list[tuple[str, tuple[str | None, bytes]]] = []

    def put(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                put(f"{name}[{key}]", inner)
        elif isinstance(value, list):
            for inner in value:
                put(f"{name}[]", inner)
        elif value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            found.append((name, (None, text.encode())))

    for name, value in body(fields).items():
        put(name, value)
    return found


def _kept(world: Any, kept: dict[str, Any]) -> dict[str, Any]:
    (task,) = world.store.tasks.values()
    images = [(str(each.role), each.source) for each in task.request.images]
    return {name: images if name == "images" else getattr(task.request, name) for name in kept}


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
@pytest.mark.parametrize(("sentence", "fields", "kept"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_openai_allows(
    world: Any, run: Any, form: bool, sentence: str, fields: dict[str, Any], kept: dict[str, Any]
) -> None:
    sent = {"files": parts(fields)} if form else {"json": body(fields)}
    response = run(world.call("POST", "/v1/videos", **sent))
    assert response.status_code == 200, response.text
    assert response.json()["object"] == "video"
    assert response.json()["status"] == "queued"
    assert response.headers["openai-poll-after-ms"] == "2000"
    assert _kept(world, kept) == kept


@pytest.mark.parametrize(("sentence", "fields", "param", "code"), REFUSED, ids=[row[0] for row in REFUSED])
def test_openai_forbids(world: Any, run: Any, sentence: str, fields: dict[str, Any], param: str, code: str) -> None:
    response = run(world.call("POST", "/v1/videos", json=body(fields)))
    error = response.json()["error"]
    assert list(error) == ["message", "type", "param", "code"]
    assert (response.status_code, error["type"]) == (400, "invalid_request_error"), error["message"]
    assert (error["param"], error["code"]) == (param, code), error["message"]
    assert not world.store.tasks
    assert not world.files.files


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ([("seed", "soon")], "seed"),
        ([("seed", "1.5")], "seed"),
        ([("watermark", "maybe")], "watermark"),
        ([("num_frames", "")], "num_frames"),
        ([("metadata", "a=b")], "metadata"),
        ([("image_reference", "{cat")], "image_reference"),
        ([("seed[deep]", "1")], "seed"),
        ([("seed", "1"), ("seed", "2")], "seed"),
        ([("metadata[a]", "1"), ("metadata", "2")], "metadata"),
        ([("image_with_roles[]", "x")], "image_with_roles"),
    ],
)
def test_a_form_is_as_strict(world: Any, run: Any, fields: list[tuple[str, str]], param: str) -> None:
    files = [("prompt", (None, b"a cat")), *((name, (None, value.encode())) for name, value in fields)]
    answer = run(world.call("POST", "/v1/videos", files=files))
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param), answer.text
    assert not world.store.tasks


def test_a_file_is_the_first_frame_and_is_kept(world: Any, run: Any) -> None:
    files = [("prompt", (None, b"a cat")), ("input_reference", ("cat.png", PNG, "image/png"))]
    assert run(world.call("POST", "/v1/videos", files=files)).status_code == 200
    (task,) = world.store.tasks.values()
    (image,) = task.request.images
    assert (image.role, image.source) == ("first_frame", f"file:inputs/{task.id}/first_frame")
    assert world.files.files[f"inputs/{task.id}/first_frame"][0] == PNG


def test_a_file_that_is_no_image_is_refused(world: Any, run: Any) -> None:
    files = [("prompt", (None, b"a cat")), ("input_reference", ("cat.png", b"<html>", "image/png"))]
    answer = run(world.call("POST", "/v1/videos", files=files))
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "input_reference"), answer.text


def test_every_error_of_these_paths_is_openais(world: Any, run: Any) -> None:
    one = "/v1/videos/video_01k8sgynnnvbqtxnr4mm964s7k"
    for method, path, key, status, code in (
        ("GET", "/v1/videos", None, 401, "invalid_api_key"),
        ("GET", one, None, 401, "invalid_api_key"),
        ("GET", one, world.text, 404, "video_not_found"),
        ("DELETE", one, world.text, 404, "video_not_found"),
        ("GET", f"{one}/content", world.text, 404, "video_not_found"),
        ("POST", f"{one}/remix", world.text, 404, "video_not_found"),
        ("GET", "/v1/videos/task_01K8SGYNNNVBQTXNR4MM964S7K", world.text, 404, "video_not_found"),
        ("GET", "/v1/videos/", world.text, 404, "unknown_route"),
        ("PUT", "/v1/videos", world.text, 405, "method_not_allowed"),
    ):
        answer = run(world.call(method, path, key=key, json={"prompt": "x"} if method == "POST" else None))
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), (method, path)
        assert set(answer.json()["error"]) == {"code", "message", "param", "type"}


@pytest.mark.parametrize("path", ["/v1/videos/generations", "/v1/videos/generations/", "/v1/videos/generations/quote"])
def test_the_native_paths_beside_stay_native(world: Any, run: Any, path: str) -> None:
    error = run(world.call("GET", path)).json()["error"]
    assert isinstance(error["code"], int)
    assert "reason" in error
