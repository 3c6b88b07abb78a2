"""OpenAI's routes beyond the contract's single sentences."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image
from tests.api.conftest import World

from kineograph.api.ids import ark_id, task_of_video, video_id
from kineograph.core.task import Status, Task
from kineograph.engines.bars import card
from kineograph.media.encode import encode

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


async def created(world: World, **fields: Any) -> str:
    answer = await world.call("POST", "/v1/videos", json={"prompt": "a cat", **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def task_of(world: World, video: str) -> Task:
    task_id = task_of_video(video)
    assert task_id is not None
    return world.store.tasks[task_id]


async def completed(world: World, **fields: Any) -> str:
    video = await created(world, **fields)
    await world.finish(await world.claim(task_of(world, video).id))
    return video


def test_a_spritesheet_is_made_once_and_shows_the_film(world: World, run: Any, tmp_path: Path) -> None:
    film = encode(card(640, 640, 48), fps=Fraction(24), path=tmp_path / "film.mp4", preset="ultrafast")

    async def journey() -> None:
        video = await completed(world)
        made = task_of(world, video).video
        assert made is not None
        await world.files.put(made.file, film.read_bytes())
        path = f"/v1/videos/{video}/content?variant=spritesheet"
        sheet, again = await asyncio.gather(world.call("GET", path), world.call("GET", path))
        assert (sheet.status_code, sheet.headers["content-type"]) == (200, "image/jpeg")
        assert Image.open(io.BytesIO(sheet.content)).size == (5 * 320, 5 * 320)
        assert sheet.headers["etag"] == again.headers["etag"]
        assert sum(name.endswith("spritesheet.jpg") for name in world.files.files) == 1

    run(journey())


def test_content_follows_the_films_life(world: World, run: Any) -> None:
    async def journey() -> None:
        video = await created(world)
        path = f"/v1/videos/{video}/content"
        early = await world.call("GET", path)
        assert (early.status_code, early.json()["error"]["code"]) == (409, "video_not_ready")
        await world.finish(await world.claim(task_of(world, video).id))
        part = await world.call("GET", path, headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
        wrong = await world.call("GET", f"{path}?variant=gif")
        assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "variant")
        await world.store.files_expired(task_of(world, video).id)
        gone = await world.call("GET", path)
        assert (gone.status_code, gone.json()["error"]["code"]) == (404, "file_gone")
        assert (await world.call("GET", f"/v1/videos/{video}")).json()["expires_at"] == int(world.now)

    run(journey())


def test_deleting_what_waits_cancels_and_wipes_it(world: World, run: Any) -> None:
    async def journey() -> None:
        video = await created(world)
        assert (await world.call("DELETE", f"/v1/videos/{video}")).json()["deleted"] is True
        assert not world.store.tasks

    run(journey())


def test_deleting_what_runs_waits_until_it_has_stopped(world: World, run: Any) -> None:
    async def journey() -> None:
        video = await created(world)
        claim = await world.claim(task_of(world, video).id)
        deleting = asyncio.create_task(world.call("DELETE", f"/v1/videos/{video}"))
        while not task_of(world, video).cancel_requested:
            await asyncio.sleep(0)
        await world.store.release(claim)
        assert (await deleting).status_code == 200
        assert not world.store.tasks

    run(journey())


def test_a_film_that_does_not_stop_is_deleted_later(world: World, run: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("kineograph.api.openai.STOPPING", 0.05)

    async def journey() -> None:
        video = await created(world)
        await world.claim(task_of(world, video).id)
        answer = await world.call("DELETE", f"/v1/videos/{video}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "video_stopping")
        assert task_of(world, video).cancel_requested

    run(journey())


def test_a_remix_repeats_all_but_the_words(world: World, run: Any) -> None:
    async def journey() -> None:
        files = [
            ("prompt", (None, b"a cat")),
            ("seed", (None, b"9")),
            ("size", (None, b"480x864")),
            ("num_frames", (None, b"53")),
            ("callback_url", (None, b"https://example.com/hook")),
            ("input_reference", ("cat.png", PNG, "image/png")),
        ]
        first = str((await world.call("POST", "/v1/videos", files=files)).json()["id"])
        early = await world.call("POST", f"/v1/videos/{first}/remix", json={"prompt": "a dog"})
        assert (early.status_code, early.json()["error"]["code"]) == (409, "video_not_ready")
        await world.finish(await world.claim(task_of(world, first).id))
        answer = await world.call("POST", f"/v1/videos/{first}/remix", json={"prompt": "a dog"})
        remix, before = task_of(world, answer.json()["id"]), task_of(world, first)
        assert answer.json()["remixed_from_video_id"] == first
        (image,) = remix.request.images
        assert image.source == f"file:inputs/{remix.id}/first_frame"
        assert world.files.files[image.source[5:]][0] == PNG
        assert remix.request == replace(
            before.request,
            prompt="a dog",
            images=remix.request.images,
            callback_url=None,
            base_url=None,
            remix_of=before.id,
        )
        await world.call("DELETE", f"/v1/videos/{first}")
        kept = await world.call("GET", f"/v1/videos/{answer.json()['id']}")
        assert kept.json()["remixed_from_video_id"] == first

    run(journey())


def test_a_remix_of_a_video_whose_image_is_gone_says_so(world: World, run: Any) -> None:
    async def journey() -> None:
        files = [("prompt", (None, b"a cat")), ("input_reference", ("cat.png", PNG, "image/png"))]
        video = str((await world.call("POST", "/v1/videos", files=files)).json()["id"])
        await world.finish(await world.claim(task_of(world, video).id))
        await world.files.delete(f"inputs/{task_of(world, video).id}/first_frame")
        answer = await world.call("POST", f"/v1/videos/{video}/remix", json={"prompt": "a dog"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "image_expired")

    run(journey())


def test_pages_meet_in_both_directions(world: World, run: Any) -> None:
    async def journey() -> None:
        made = []
        for _ in range(5):
            made.append(await created(world))
            world.now += 1
        for order, wanted in (("asc", made), ("desc", made[::-1])):
            seen: list[str] = []
            after, more = "", True
            while more:
                page = (await world.call("GET", f"/v1/videos?limit=2&order={order}{after}")).json()
                seen += [video["id"] for video in page["data"]]
                assert (page["first_id"], page["last_id"]) == (page["data"][0]["id"], page["data"][-1]["id"])
                more, after = page["has_more"], f"&after={page['last_id']}"
            assert seen == wanted

    run(journey())


def test_the_same_idempotency_key_gives_the_same_video_here_too(world: World, run: Any) -> None:
    async def journey() -> None:
        once = {"headers": {"Idempotency-Key": "k"}}
        files = [("prompt", (None, b"a cat")), ("input_reference", ("cat.png", PNG, "image/png"))]
        first = await world.call("POST", "/v1/videos", files=files, **once)
        again = await world.call("POST", "/v1/videos", files=files, **once)
        assert again.json()["id"] == first.json()["id"]
        other = [files[0], ("input_reference", ("cat.png", PNG + b"x", "image/png"))]
        refused = await world.call("POST", "/v1/videos", files=other, **once)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "idempotency_key_reused")
        assert len(world.store.tasks) == 1

    run(journey())


def test_a_file_larger_than_an_image_may_be_is_refused(world: World, run: Any) -> None:
    files = [("prompt", (None, b"a cat")), ("input_reference", ("cat.png", PNG + bytes(30_000_000), "image/png"))]
    answer = run(world.call("POST", "/v1/videos", files=files))
    assert (answer.status_code, answer.json()["error"]["param"]) == (413, "input_reference")


def test_a_broken_form_is_refused_in_this_dialects_words(world: World, run: Any) -> None:
    headers = {"Content-Type": "multipart/form-data"}
    answer = run(world.call("POST", "/v1/videos", content=b"--x", headers=headers))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_multipart")


def test_all_three_faces_agree_on_one_task(world: World, run: Any) -> None:
    """State, time, size and seed, at every step of its life."""

    async def look(task_id: str) -> list[tuple[Any, ...]]:
        native = await world.data(task_id)
        ark = (await world.call("GET", f"/api/v3/contents/generations/tasks/{ark_id(task_id)}")).json()
        video = (await world.call("GET", f"/v1/videos/{video_id(task_id)}")).json()
        done = native["status"] == "completed"
        seen = [
            (native["created"], native["status"]),
            (ark["created_at"], ark["status"]),
            (video["created_at"], video["status"]),
        ]
        if done:
            size = f"{native['width']}x{native['height']}"
            ratio = (native["resolution"], ark["ratio"])
            assert (size, native["seed"], native["completed"]) == (video["size"], video["seed"], video["completed_at"])
            assert (ark["seed"], ark["updated_at"]) == (native["seed"], native["completed"])
            assert ratio == (ark["resolution"], "16:9")
            assert str(ark["duration"]) == video["seconds"]
        return seen

    async def journey() -> None:
        for submitting in (created(world, size="1920x1088"), world.submitted(resolution="1080p")):
            name, at = await submitting, int(world.now)
            task_id = task_of_video(name) or name
            assert await look(task_id) == [(at, "pending"), (at, "queued"), (at, "queued")]
            claim = await world.claim(task_id)
            assert await look(task_id) == [(at, "processing"), (at, "running"), (at, "in_progress")]
            await world.finish(claim)
            assert await look(task_id) == [(at, "completed"), (at, "succeeded"), (at, "completed")]
        task_id = await world.submitted()
        await world.store.cancel(task_id)
        assert [state for _, state in await look(task_id)] == ["cancelled", "cancelled", "failed"]
        assert world.store.tasks[task_id].status is Status.CANCELLED

    run(journey())
