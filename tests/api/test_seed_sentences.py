"""Every sentence of the seed that the wire can show, quoted, and checked. Rows: sentence, what is sent, what must come."""

from __future__ import annotations

import re
from typing import Any

import pytest

FAST, QUALITY = "doubao-seedance-1-0-pro-fast", "doubao-seedance-1-0-pro-quality"
CAT, START, END = "https://example.com/cat.png", "https://example.com/start.png", "https://example.com/end.png"
RATIOS = ["16:9", "9:16", "1:1", "4:3", "3:4", "21:9"]
FIRST, LAST = {"url": START, "role": "first_frame"}, {"url": END, "role": "last_frame"}
REFERENCE = {"url": CAT, "role": "reference"}

# sentence, fields sent beside model and prompt (None = the field is left out), attributes the stored request must have
ACCEPTED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("doubao-seedance-1-0-pro-fast - Fast version, quick generation", {"model": FAST}, {"model": FAST}),
    ("doubao-seedance-1-0-pro-quality - High-quality version", {"model": QUALITY}, {"model": QUALITY}),
    ("prompt: Video content description", {"prompt": "樱花树下 🌸 旋转"}, {"prompt": "樱花树下 🌸 旋转"}),
    ("Default: 5 (duration)", {}, {"duration": 5}),
    *((f"Supported range: 2 ~ 12 seconds: {n}", {"duration": n}, {"duration": n}) for n in range(2, 13)),
    ("Default: 16:9 (aspect_ratio)", {}, {"aspect_ratio": "16:9"}),
    *((f"aspect_ratio Options: {ratio}", {"aspect_ratio": ratio}, {"aspect_ratio": ratio}) for ratio in RATIOS),
    ("Default: 1080p (resolution)", {}, {"resolution": "1080p"}),
    *(
        (f"{name} {ratio}: All supported", {"resolution": name, "aspect_ratio": ratio}, {"resolution": name})
        for name in ("480p", "720p", "1080p")
        for ratio in RATIOS
    ),
    *(
        (f"Value range: Integer between -1 and 2^32-1: {seed}", {"seed": seed}, {"seed": seed})
        for seed in (0, 1, 2**31, 2**32 - 1)
    ),
    ("Used to specify the starting frame of the video", {"image_urls": [CAT]}, {"images": [("first_frame", CAT)]}),
    (
        'image_with_roles Example: [{"url": …, "role": "first_frame"}, {"url": …, "role": "last_frame"}]',
        {"model": QUALITY, "image_with_roles": [FIRST, LAST]},
        {"images": [("first_frame", START), ("last_frame", END)]},
    ),
    (
        "role: reference in image_with_roles, below 1080p",
        {"image_with_roles": [REFERENCE], "resolution": "720p"},
        {"images": [("reference", CAT)]},
    ),
    ("last_frame is only supported by …-quality version", {"model": QUALITY, "image_with_roles": [FIRST, LAST]}, {}),
    (
        "Case 1: Quick Preview Landscape Video",
        {"prompt": "Sunset at the beach, golden sunlight on the sea, waves gently hitting the sand"},
        {"duration": 5, "aspect_ratio": "16:9", "resolution": "1080p"},
    ),
    (
        "Case 2: High-Quality Portrait Short Video",
        {
            "model": QUALITY,
            "prompt": "A girl spinning under cherry blossom trees, petals falling with the wind",
            "duration": 5,
            "aspect_ratio": "9:16",
            "resolution": "1080p",
        },
        {"model": QUALITY, "aspect_ratio": "9:16"},
    ),
    (
        "Case 3: Product Dynamic Display Video",
        {
            "prompt": "Product slowly rotating, pure white background, soft lighting",
            "image_urls": ["https://example.com/product.png"],
            "duration": 5,
            "aspect_ratio": "1:1",
        },
        {"aspect_ratio": "1:1", "images": [("first_frame", "https://example.com/product.png")]},
    ),
    (
        "Case 4: Dynamic Transition Effect (First/Last Frame)",
        {
            "model": QUALITY,
            "prompt": "Scene transitions from day to night, city lights gradually turning on",
            "image_with_roles": [
                {"url": "https://example.com/day.png", "role": "first_frame"},
                {"url": "https://example.com/night.png", "role": "last_frame"},
            ],
            "duration": 5,
        },
        {"images": [("first_frame", "https://example.com/day.png"), ("last_frame", "https://example.com/night.png")]},
    ),
]

# sentence, fields, the field at fault, the machine word
REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("model required", {"model": None}, "model", "missing_model"),
    ("Supported models", {"model": "sora-2"}, "model", "unknown_model"),
    ("model string", {"model": 7}, "model", "invalid_model"),
    ("prompt required", {"prompt": None}, "prompt", "missing_prompt"),
    ("prompt string", {"prompt": ["a cat"]}, "prompt", "invalid_prompt"),
    *(
        (f"Supported range: 2 ~ 12 seconds: not {value!r}", {"duration": value}, "duration", "invalid_duration")
        for value in (1, 0, -5, 13, 10**30, "5", 5.0, 5.5, True, [5])
    ),
    *(
        (f"aspect_ratio Options: not {value!r}", {"aspect_ratio": value}, "aspect_ratio", "invalid_aspect_ratio")
        for value in ("2:1", "16:9 ", "16/9", "", 1.78, ["16:9"])
    ),
    *(
        (f"resolution Options: not {value!r}", {"resolution": value}, "resolution", "invalid_resolution")
        for value in ("4k", "1080P", "1080", 1080, "")
    ),
    *(
        (f"Integer between -1 and 2^32-1: not {value!r}", {"seed": value}, "seed", "invalid_seed")
        for value in (-2, 2**32, 10**400, "1", 1.0, False, True)
    ),
    (
        "1080p resolution is not supported with reference images",
        {"image_with_roles": [REFERENCE], "resolution": "1080p"},
        "resolution",
        "reference_at_1080p",
    ),
    (
        "1080p is the default, so a reference without resolution is refused too",
        {"image_with_roles": [REFERENCE]},
        "resolution",
        "reference_at_1080p",
    ),
    ("Only one first frame image is supported", {"image_urls": [CAT, START]}, "image_urls", "invalid_image_urls"),
    (
        "image_urls and image_with_roles cannot be used together",
        {"image_urls": [CAT], "image_with_roles": [FIRST]},
        "image_urls",
        "image_urls_with_roles",
    ),
    *(
        (
            f"Only one image per role is supported: {role}",
            {"model": QUALITY, "image_with_roles": [{"url": START, "role": role}, {"url": END, "role": role}]},
            "image_with_roles",
            "duplicate_role",
        )
        for role in ("first_frame", "last_frame", "reference")
    ),
    (
        "fast version does not support first and last frame together",
        {"image_with_roles": [FIRST, LAST]},
        "image_with_roles",
        "last_frame_unsupported",
    ),
    (
        "last_frame is only supported by doubao-seedance-1-0-pro-quality version",
        {"image_with_roles": [LAST]},
        "image_with_roles",
        "last_frame_unsupported",
    ),
]


def _body(fields: dict[str, Any]) -> dict[str, Any]:
    merged = {"model": FAST, "prompt": "a cat", **fields}
    return {name: value for name, value in merged.items() if value is not None}


@pytest.mark.parametrize(("sentence", "fields", "kept"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_the_seed_allows(world: Any, run: Any, sentence: str, fields: dict[str, Any], kept: dict[str, Any]) -> None:
    response = run(world.submit(_body(fields)))
    assert response.status_code == 200, response.text
    answer = response.json()
    assert answer["code"] == 200
    assert list(answer["data"][0]) == ["status", "task_id"]
    request = world.store.tasks[answer["data"][0]["task_id"]].request
    images = [(str(image.role), image.source) for image in request.images]
    stored = {name: images if name == "images" else getattr(request, name) for name in kept}
    assert stored == kept


@pytest.mark.parametrize(("sentence", "fields", "param", "reason"), REFUSED, ids=[row[0] for row in REFUSED])
def test_the_seed_forbids(world: Any, run: Any, sentence: str, fields: dict[str, Any], param: str, reason: str) -> None:
    response = run(world.submit(_body(fields)))
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["type"]) == (400, 400, "invalid_request_error")
    assert (error["param"], error["reason"]) == (param, reason), error["message"]
    assert not world.store.tasks
    assert not world.files.files


def test_all_api_endpoints_require_bearer_token_authentication(world: Any, run: Any) -> None:
    """Add it to the request header: Authorization: Bearer YOUR_API_KEY."""
    routes = [
        ("POST", "/v1/videos/generations"),
        ("GET", "/v1/tasks"),
        ("GET", "/v1/tasks/task_01K8SGYNNNVBQTXNR4MM964S7K"),
        ("DELETE", "/v1/tasks/task_01K8SGYNNNVBQTXNR4MM964S7K"),
        ("POST", "/v1/tasks/task_01K8SGYNNNVBQTXNR4MM964S7K/cancel"),
        ("GET", "/v1/tasks/task_01K8SGYNNNVBQTXNR4MM964S7K/events"),
        ("POST", "/v1/tasks/task_01K8SGYNNNVBQTXNR4MM964S7K/event-link"),
        ("GET", "/v1/events"),
        ("POST", "/v1/uploads/images"),
        *(("GET", path) for path in ("/v1/balance", "/balance", "/v1/user/balance", "/user/balance")),
        *(("GET", path) for path in ("/v1/models", f"/v1/models/{FAST}", "/v1/model-schema")),
    ]
    for method, path in routes:
        response = run(world.call(method, path, key=None))
        assert response.status_code == 401, (method, path)
        assert response.headers["www-authenticate"] == "Bearer"


def test_the_printed_curl_gets_the_printed_answer(world: Any, run: Any) -> None:
    """{"code": 200, "data": [{"status": "submitted", "task_id": "task_01K8SGYNNNVBQTXNR4MM964S7K"}]}"""
    body = {
        "model": FAST,
        "prompt": "A cute kitten playing in the sunlight, fluffy fur, bright eyes",
        "duration": 5,
        "aspect_ratio": "16:9",
        "resolution": "1080p",
    }
    response = run(world.submit(body))
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    task_id = response.json()["data"][0]["task_id"]
    assert re.fullmatch(r"task_[0-9A-HJKMNP-TV-Z]{26}", task_id)
    assert response.json() == {"code": 200, "data": [{"status": "submitted", "task_id": task_id}]}


def test_not_specifying_seed_or_setting_it_to_minus_one_uses_a_random_number(world: Any, run: Any) -> None:
    """With the same request, if the model receives different seed values, different results will be generated."""

    async def seeds() -> list[int]:
        ids = [await world.submitted(**fields) for fields in ({}, {}, {"seed": -1}, {"seed": -1}, {"seed": None})]
        return [(await world.data(task_id))["seed"] for task_id in ids]

    drawn = run(seeds())
    assert len(set(drawn)) == 5
    assert all(0 <= seed < 2**32 for seed in drawn)


def test_the_endpoint_returns_a_task_id_to_query_progress_and_results(world: Any, run: Any) -> None:
    """Video generation is an async task that returns a task_id upon submission. Use the Get Task Status endpoint to
    query generation progress and results."""

    async def journey() -> tuple[dict[str, Any], dict[str, Any]]:
        task_id = await world.submitted()
        before = await world.data(task_id)
        claim = await world.claim(task_id)
        await world.store.report(claim, 0.4, "shading")
        return before, await world.data(task_id)

    before, during = run(journey())
    assert (before["status"], before["progress"]) == ("pending", 0)
    assert (during["status"], during["progress"], during["phase"]) == ("processing", 40, "shading")
