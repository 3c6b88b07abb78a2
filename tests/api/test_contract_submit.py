"""CONTRACT §1.1, sentence by sentence: submit."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from kineograph.core.models import DEFAULT_MODELS, Catalogue

FAST, QUALITY = "doubao-seedance-1-0-pro-fast", "doubao-seedance-1-0-pro-quality"
CAT = "https://example.com/cat.png"
FIRST = {"url": CAT, "role": "first_frame"}
DATA = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()

ACCEPTED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("at most 32,768 characters", {"prompt": "猫" * 32_768}, {}),
    ("`size` is an alias when it holds one of the six ratios", {"size": "9:16"}, {"aspect_ratio": "9:16"}),
    ("both present and equal", {"size": "9:16", "aspect_ratio": "9:16"}, {"aspect_ratio": "9:16", "ignored": ()}),
    ("any other `size` is an unknown field", {"size": "1024x576"}, {"aspect_ratio": "16:9", "ignored": ("size",)}),
    ("`adaptive` accepted", {"aspect_ratio": "adaptive", "image_urls": [CAT]}, {"aspect_ratio": "adaptive"}),
    (
        "`reference_image` is accepted as the same role",
        {"resolution": "480p", "image_with_roles": [{"url": CAT, "role": "reference_image"}]},
        {"images": [("reference", CAT)]},
    ),
    ("`null` means absent", dict.fromkeys(("duration", "seed", "image_urls", "metadata", "watermark", "size")), {}),
    ("every bool defaults to false", {}, {"watermark": False, "camera_fixed": False, "return_last_frame": False}),
    ("`watermark` bool", {"watermark": True}, {"watermark": True}),
    ("`camerafixed`", {"camerafixed": True}, {"camera_fixed": True, "ignored": ()}),
    ("`camera_fixed` bool", {"camera_fixed": True}, {"camera_fixed": True}),
    ("`return_last_frame` bool", {"return_last_frame": True}, {"return_last_frame": True}),
    (
        "`callback_url` string (exact URL)",
        {"callback_url": "https://hooks.example.com/x?y=1"},
        {"callback_url": "https://hooks.example.com/x?y=1"},
    ),
    ("`webhook` string (base)", {"webhook": "https://hooks.example.com"}, {"webhook": "https://hooks.example.com"}),
    (
        "`metadata` object of strings",
        {"metadata": {"order": "7", "谁": "我"}},
        {"metadata": {"order": "7", "谁": "我"}},
    ),
    ("≤16 keys", {"metadata": {str(n): "x" for n in range(16)}}, {}),
    ("`negative_prompt` string (never refused)", {"negative_prompt": "rain"}, {"negative_prompt": "rain"}),
    (
        "Unknown fields are ignored, not rejected; their names are kept",
        {"private": True, "nsfw_check": False, "tools": [], "video_urls": ["x"]},
        {"ignored": ("private", "nsfw_check", "tools", "video_urls")},
    ),
    (
        "Images: `http(s)` URL",
        {"image_urls": ["http://example.com/a"]},
        {"images": [("first_frame", "http://example.com/a")]},
    ),
    ("an empty image_with_roles holds no image", {"image_with_roles": []}, {"images": []}),
]

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("not blank", {"prompt": " \n\t "}, "prompt"),
    ("not blank: empty", {"prompt": ""}, "prompt"),
    ("at most 32,768 characters", {"prompt": "x" * 32_769}, "prompt"),
    ("a prompt of 1 MB", {"prompt": "x" * 1_000_000}, "prompt"),
    (
        "`size` and aspect_ratio both present and different → 400",
        {"size": "1:1", "aspect_ratio": "16:9"},
        "aspect_ratio",
    ),
    ("`adaptive` follows the first image", {"aspect_ratio": "adaptive"}, "aspect_ratio"),
    ("camerafixed and camera_fixed different", {"camerafixed": True, "camera_fixed": False}, "camera_fixed"),
    ("image_urls: exactly one entry", {"image_urls": []}, "image_urls"),
    ("image_urls: array of URL", {"image_urls": CAT}, "image_urls"),
    ("image_urls: of strings", {"image_urls": [None]}, "image_urls"),
    (
        "`last_frame` without `first_frame` → 400",
        {"model": QUALITY, "image_with_roles": [{"url": CAT, "role": "last_frame"}]},
        "image_with_roles",
    ),
    (
        "`first_frame` + `reference` together → 400",
        {"resolution": "480p", "image_with_roles": [FIRST, {"url": CAT, "role": "reference"}]},
        "image_with_roles",
    ),
    ("`metadata`: ≤16 keys", {"metadata": {str(n): "x" for n in range(17)}}, "metadata"),
    ("`metadata` object of strings: a number", {"metadata": {"a": 1}}, "metadata"),
    ("`metadata` object of strings: a list", {"metadata": []}, "metadata"),
    ("`watermark` bool", {"watermark": "true"}, "watermark"),
    ("`camera_fixed` bool", {"camera_fixed": 1}, "camera_fixed"),
    ("`negative_prompt` string", {"negative_prompt": 3}, "negative_prompt"),
    ("missing role", {"image_with_roles": [{"url": CAT}]}, "image_with_roles"),
    ("null role", {"image_with_roles": [{"url": CAT, "role": None}]}, "image_with_roles"),
    ("unknown role", {"image_with_roles": [{"url": CAT, "role": "middle"}]}, "image_with_roles"),
    ("missing url", {"image_with_roles": [{"role": "first_frame"}]}, "image_with_roles"),
    ("image_with_roles: array of {url, role}", {"image_with_roles": [CAT]}, "image_with_roles"),
    *(
        (f"refused at submit: {url[:40]}", {"image_urls": [url]}, "image_urls")
        for url in (
            "cat.png",
            "/cat.png",
            "//example.com/cat.png",
            "ftp://example.com/cat.png",
            "file:///etc/passwd",
            "file:uploads/x.png",
            "javascript:alert(1)",
            "",
            "http://",
            "http://[::1",
            "https://example.com/" + "x" * 9000,
            "http://exa mple.com/a.png",
            "http://2130706433/cat.png",
            "http://127.0.0.1/cat.png",
            "http://169.254.169.254/latest/meta-data",
            "http://[::1]/cat.png",
            "data:image/png;base64,",
            "data:image/png;base64,!!!!",
            "data:image/png;base64,aGVsbG8gd29ybGQ=",
            "data:text/plain;base64,aGVsbG8=",
            "data:image/png,rawbytes",
            "data:image/svg+xml;base64," + base64.b64encode(b"<svg/>").decode(),
        )
    ),
    (
        "bad base64 in image_with_roles",
        {"image_with_roles": [{**FIRST, "url": "data:image/png;base64,?"}]},
        "image_with_roles",
    ),
    *(
        (f"{field} is checked: {url}", {field: url}, field)
        for field in ("callback_url", "webhook")
        for url in ("hook", "ftp://example.com", "http://127.0.0.1/hook", "http://169.254.169.254/", "")
    ),
]


@pytest.mark.parametrize(("sentence", "fields", "kept"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_submit_takes(world: Any, run: Any, sentence: str, fields: dict[str, Any], kept: dict[str, Any]) -> None:
    request = world.store.tasks[run(world.submitted(**fields))].request
    images = [(str(image.role), image.source) for image in request.images]
    assert {name: images if name == "images" else getattr(request, name) for name in kept} == kept


@pytest.mark.parametrize(
    ("sentence", "fields", "param"), REFUSED, ids=[f"{row[0]} {n}" for n, row in enumerate(REFUSED)]
)
def test_submit_refuses(world: Any, run: Any, sentence: str, fields: dict[str, Any], param: str) -> None:
    response = run(world.submit({"model": FAST, "prompt": "a cat", **fields}))
    assert response.status_code == 400, response.text
    error = response.json()["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert len(error["message"]) < 700
    assert not world.store.tasks
    assert not world.files.files  # nothing is stored before everything is checked


def test_a_data_uri_is_decoded_into_the_file_store_before_the_task(world: Any, run: Any) -> None:
    task_id = run(world.submitted(image_urls=[DATA]))
    (image,) = world.store.tasks[task_id].request.images
    assert image.source == f"file:inputs/{task_id}/first_frame"
    assert world.files.files[f"inputs/{task_id}/first_frame"][0].startswith(b"\x89PNG")


def test_an_own_upload_is_recognised_by_its_signature_and_read_from_the_store(world: Any, run: Any) -> None:
    async def journey() -> tuple[str, str]:
        upload = await world.call(
            "POST", "/v1/uploads/images", files={"file": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(9))}
        )
        elsewhere = upload.json()["url"].replace("films.example", "127.0.0.1:9")  # another name for the same service
        return upload.json()["url"], await world.submitted(image_urls=[elsewhere])

    url, task_id = run(journey())
    (image,) = world.store.tasks[task_id].request.images
    assert image.source == "file:" + url.split("/v1/files/")[1].split("?")[0]


@pytest.mark.parametrize("fate", ["late", "gone", "forged"])
def test_an_upload_that_is_over_gone_or_forged_is_refused(world: Any, run: Any, fate: str) -> None:
    async def journey() -> Any:
        upload = await world.call(
            "POST", "/v1/uploads/images", files={"file": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(9))}
        )
        url = upload.json()["url"].replace("films.example", "127.0.0.1:9")
        if fate == "late":
            world.now += 72 * 3600
        elif fate == "gone":
            world.files.files.clear()
        else:
            url = url[:-1] + ("A" if url[-1] != "A" else "B")
        return await world.submit({"model": FAST, "prompt": "a cat", "image_urls": [url]})

    response = run(journey())
    assert (response.status_code, response.json()["error"]["param"]) == (400, "image_urls")


def test_the_last_frame_of_a_film_starts_the_next_one(world: Any, run: Any) -> None:
    async def journey() -> str:
        first = await world.data(await world.completed(return_last_frame=True))
        return str(await world.submitted(image_urls=[first["result"]["last_frame_url"]]))

    task_id = run(journey())
    assert f"inputs/{task_id}/first_frame" in world.files.files


def test_the_versioned_form_has_an_object_and_echoes_its_version(world: Any, run: Any) -> None:
    asked = {"Content-Type": "application/json", "X-APIMart-Response-Version": "2026-07-27"}
    versioned, classic = run(world.submit(headers=asked)), run(world.submit())
    task_id = versioned.json()["data"]["id"]
    assert versioned.status_code == 200
    assert versioned.json() == {"code": 200, "data": {"object": "generation.task", "id": task_id, "status": "pending"}}
    assert versioned.headers["x-apimart-response-version"] == "2026-07-27"
    assert "x-apimart-response-version" not in classic.headers
    assert classic.headers["location"].endswith(classic.json()["data"][0]["task_id"])


def _keyed(value: str) -> dict[str, Any]:
    return {"headers": {"Content-Type": "application/json", "Idempotency-Key": value}}


def test_same_key_and_same_body_is_the_original_task(world: Any, run: Any) -> None:
    async def journey() -> list[Any]:
        first = await world.submit({"model": FAST, "prompt": "a cat", "seed": -1}, **_keyed("order-7"))
        again = await world.submit({"seed": -1, "prompt": "a cat", "model": FAST}, **_keyed("order-7"))
        other = await world.submit({"model": FAST, "prompt": "a dog", "seed": -1}, **_keyed("order-7"))
        defaults = await world.submit(
            {"model": FAST, "prompt": "a cat", "seed": -1, "duration": 5}, **_keyed("order-7")
        )
        return [first, again, other, defaults]

    first, again, other, defaults = run(journey())
    assert first.json() == again.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len(world.store.tasks) == 1
    for refused in (other, defaults):  # compared before defaults
        error = refused.json()["error"]
        assert (refused.status_code, error["reason"]) == (409, "idempotency_key_reused")
        assert error["type"] == "conflict_error"


def test_idempotency_keys_belong_to_an_api_key(world: Any, run: Any) -> None:
    async def journey() -> None:
        other = world.new_key("key_two", "acct_two")
        await world.submit({"model": FAST, "prompt": "a cat"}, **_keyed("k"))
        response = await world.submit({"model": FAST, "prompt": "a dog"}, key=other, **_keyed("k"))
        assert response.status_code == 200

    run(journey())


def test_a_request_whose_twin_is_still_being_created_is_told_to_come_back(world: Any, run: Any) -> None:
    async def journey() -> Any:
        slow = world.store.insert

        async def insert(*words: Any) -> Any:
            await asyncio.sleep(0.05)
            return await slow(*words)

        world.store.insert = insert
        return await asyncio.gather(*(world.submit(None, **_keyed("k")) for _ in range(2)))

    first, second = run(journey())
    assert first.status_code == 200
    assert (second.status_code, second.json()["error"]["reason"]) == (409, "idempotency_in_progress")
    assert int(second.headers["retry-after"]) >= 1


@pytest.mark.parametrize("value", ["", "a b", "x" * 192, "ключ".encode().decode("latin-1")])
def test_an_idempotency_key_is_1_to_191_visible_ascii_characters(world: Any, run: Any, value: str) -> None:
    response = run(
        world.submit(None, headers=[("Content-Type", "application/json"), ("Idempotency-Key", value.encode("latin-1"))])
    )
    assert (response.status_code, response.json()["error"]["reason"]) == (400, "invalid_idempotency_key")


def test_a_replay_outlives_the_upload_it_was_made_with(world: Any, run: Any) -> None:
    async def journey() -> Any:
        upload = await world.call(
            "POST", "/v1/uploads/images", files={"file": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(9))}
        )
        body = {"model": FAST, "prompt": "a cat", "image_urls": [upload.json()["url"]]}
        first = await world.submit(body, **_keyed("k"))
        world.files.files.clear()
        return first, await world.submit(json.loads(json.dumps(body)), **_keyed("k"))

    first, again = run(journey())
    assert again.status_code == 200
    assert first.json() == again.json()


def test_a_replay_outlives_its_model(world: Any, run: Any) -> None:
    async def journey() -> Any:
        first = await world.submit(None, **_keyed("k"))
        world.tasks.catalogue = Catalogue(DEFAULT_MODELS[1:])
        return first, await world.submit(None, **_keyed("k")), await world.submit(None, **_keyed("other"))

    first, again, fresh = run(journey())
    assert (again.status_code, again.json()) == (200, first.json())
    assert fresh.status_code == 400
