"""The official SDKs of Volcengine and BytePlus, unchanged, by base URL and key alone."""

from __future__ import annotations

import asyncio
import importlib
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from kineograph.media.probe import probe

pytestmark = [pytest.mark.sdk, pytest.mark.filterwarnings("ignore")]

# The package, and what it calls the models.
VENDORS = {"volcenginesdkarkruntime": "doubao-seedance-1-0-pro", "byteplussdkarkruntime": "seedance-1-0-pro"}
each_vendor = pytest.mark.parametrize("vendor", VENDORS)


def models(vendor: str) -> tuple[str, str]:
    return f"{VENDORS[vendor]}-250528", f"{VENDORS[vendor]}-fast-251015"


def words(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": text}]


@each_vendor
def test_create_get_list_and_delete(cards: Any, tmp_path: Path, data_uri: str, vendor: str) -> None:
    sdk: Any = importlib.import_module(vendor)
    quality, fast = models(vendor)
    client = sdk.Ark(base_url=f"{cards.url}/api/v3", api_key=cards.key)
    tasks = client.content_generation.tasks
    image = {"type": "image_url", "image_url": {"url": data_uri}, "role": "first_frame"}
    one = tasks.create(
        model=quality, content=[*words("a cat --rs 480p --dur 3"), image], return_last_frame=True, seed=11
    )
    two = tasks.create(
        model=fast, content=words("a dog"), resolution="480p", ratio="9:16", frames=53, service_tier="flex"
    )
    deadline = time.monotonic() + 90
    while (film := tasks.get(task_id=one.id)).status in {"queued", "running"}:
        assert time.monotonic() < deadline
        time.sleep(0.3)
    assert (film.status, film.model, film.seed, film.resolution, film.ratio) == (
        "succeeded",
        quality,
        11,
        "480p",
        "4:3",
    )
    assert (film.duration, film.framespersecond, film.service_tier) == (3, 24, "default")
    assert film.usage.completion_tokens == film.usage.total_tokens == 736 * 544 * 72 // 1024
    (tmp_path / "film.mp4").write_bytes(httpx2.get(film.content.video_url).content)
    made = probe(tmp_path / "film.mp4")
    assert (made.width, made.height, made.frames) == (736, 544, 72)
    assert httpx2.get(film.content.last_frame_url).headers["content-type"] == "image/png"
    while (other := tasks.get(task_id=two.id)).status in {"queued", "running"}:
        assert time.monotonic() < deadline
        time.sleep(0.3)
    assert (other.status, other.frames, other.ratio, other.service_tier) == ("succeeded", 53, "9:16", "flex")
    chosen = tasks.list(page_num=1, page_size=10, status="succeeded", task_ids=[one.id, two.id])
    assert (chosen.total, [item.id for item in chosen.items]) == (2, [two.id, one.id])
    assert tasks.list(model=fast).total == 1
    assert tasks.list(task_ids=[one.id, "cgt-nonesuch"]).total == 1
    tasks.delete(task_id=two.id)
    assert tasks.list().total == 1


@each_vendor
def test_errors_are_the_sdks_own(cards: Any, vendor: str) -> None:
    sdk: Any = importlib.import_module(vendor)
    errors: Any = importlib.import_module(f"{vendor}._exceptions")
    quality, _ = models(vendor)
    tasks = sdk.Ark(base_url=f"{cards.url}/api/v3", api_key=cards.key).content_generation.tasks
    with pytest.raises(errors.ArkBadRequestError) as wrong:
        tasks.create(model=quality, content=words("a cat"), resolution="4k")
    assert (wrong.value.code, wrong.value.param) == ("InvalidParameter", "resolution")
    with pytest.raises(errors.ArkNotFoundError) as unknown:
        tasks.get(task_id="cgt-20251114031129-nonesuch")
    assert unknown.value.code == "NotFound.Task"
    with pytest.raises(errors.ArkAuthenticationError):
        sdk.Ark(base_url=f"{cards.url}/api/v3", api_key="nobody").content_generation.tasks.list()


@each_vendor
async def test_the_async_client_too(cards: Any, vendor: str) -> None:
    sdk: Any = importlib.import_module(vendor)
    quality, _ = models(vendor)
    client = sdk.AsyncArk(base_url=f"{cards.url}/api/v3", api_key=cards.key)
    tasks = client.content_generation.tasks
    one = await tasks.create(model=quality, content=words("a cat"), resolution="480p", duration=2)
    two = await tasks.create(model=quality, content=words("a dog"), resolution="480p", duration=2)
    three = await tasks.create(model=quality, content=words("a bird"), resolution="480p", duration=12)
    await tasks.delete(task_id=three.id)
    assert (await tasks.get(task_id=three.id)).status == "cancelled"
    async with asyncio.timeout(90):
        for name in (one.id, two.id):
            while (await tasks.get(task_id=name)).status != "succeeded":
                await asyncio.sleep(0.3)
    page = await tasks.list(page_size=1, page_num=2, task_ids=[one.id, two.id, three.id])
    assert (page.total, [item.id for item in page.items]) == (3, [two.id])
