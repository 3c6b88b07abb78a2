"""The official `openai` package, unchanged, by base URL and key alone."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kineograph.media.probe import probe

pytestmark = [pytest.mark.sdk, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def client(cards: Any) -> Any:
    from openai import OpenAI

    with OpenAI(base_url=f"{cards.url}/v1", api_key=cards.key) as made:
        yield made


def test_a_film_from_words_is_polled_downloaded_and_deleted(client: Any, tmp_path: Path) -> None:
    import openai

    video = client.videos.create_and_poll(
        prompt="a cat", seconds="2", size="1280x720", model="doubao-seedance-1-0-pro-fast"
    )
    assert (video.status, video.progress, video.seconds, video.size) == ("completed", 100, "2", "1248x704")
    client.videos.download_content(video.id).write_to_file(tmp_path / "film.mp4")
    film = probe(tmp_path / "film.mp4")
    assert (film.width, film.height, film.frames) == (1248, 704, 48)
    thumbnail = client.videos.download_content(video.id, variant="thumbnail").read()
    assert Image.open(io.BytesIO(thumbnail)).size == (1248, 704)
    sheet = client.videos.download_content(video.id, variant="spritesheet").read()
    assert Image.open(io.BytesIO(sheet)).size[0] == 1600
    gone = client.videos.delete(video.id)
    assert (gone.id, gone.deleted, gone.object) == (video.id, True, "video.deleted")
    with pytest.raises(openai.NotFoundError) as missing:
        client.videos.retrieve(video.id)
    assert missing.value.code == "video_not_found"


def test_a_first_frame_as_a_file_and_as_an_address(client: Any, picture: bytes, data_uri: str, cards: Any) -> None:
    film = client.videos.create(
        prompt="a cat", seconds="2", size="864x480", input_reference=("cat.png", picture, "image/png")
    )
    other = client.videos.create(
        prompt="a dog", seconds="2", size="864x480", extra_body={"input_reference": {"image_url": data_uri}, "seed": 7}
    )
    for video in (film, other):
        assert client.videos.poll(video.id).status == "completed"
    assert client.videos.retrieve(other.id).to_dict()["seed"] == 7
    native = cards.call("GET", "/v1/tasks").json()["data"]
    assert [task["prompt"] for task in native] == ["a dog", "a cat"]


def test_extras_arrive_as_they_are_meant(client: Any, cards: Any) -> None:
    extra = {
        "num_frames": 53,
        "watermark": True,
        "metadata": {"shot": "4"},
        "image_with_roles": [{"url": "https://example.com/a.png", "role": "first_frame"}],
    }
    video = client.videos.create(prompt="a cat", extra_body=extra)
    assert video.seconds == "2.208"
    (task,) = cards.call("GET", "/v1/tasks").json()["data"]
    assert (task["frames"], task["metadata"]) == (53, {"shot": "4"})
    client.videos.delete(video.id)


def test_a_remix_and_the_pages_of_a_list(client: Any) -> None:
    first = client.videos.create_and_poll(prompt="a cat", seconds="2", size="864x480")
    remix = client.videos.remix(first.id, prompt="a dog")
    assert (remix.remixed_from_video_id, remix.prompt, remix.seconds) == (first.id, "a dog", "2")
    assert client.videos.poll(remix.id).status == "completed"
    assert [video.id for video in client.videos.list(limit=1)] == [remix.id, first.id], "the SDK turns the pages"
    assert [video.id for video in client.videos.list(limit=1, order="asc")] == [first.id, remix.id]


def test_errors_are_the_sdks_own(client: Any, cards: Any) -> None:
    import openai

    with pytest.raises(openai.BadRequestError) as wrong:
        client.videos.create(prompt="a cat", size="1x1")
    assert (wrong.value.param, wrong.value.code) == ("size", "invalid_size")
    with pytest.raises(openai.NotFoundError) as unknown:
        client.videos.create(prompt="a cat", model="sora-2")
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.AuthenticationError) as nobody:
        openai.OpenAI(base_url=f"{cards.url}/v1", api_key="sk-nobody").videos.list()
    assert json.loads(nobody.value.response.text)["error"]["code"] == "invalid_api_key"


async def test_the_async_client_too(cards: Any) -> None:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(base_url=f"{cards.url}/v1", api_key=cards.key) as client:
        video = await client.videos.create_and_poll(prompt="a cat", seconds="2", size="864x480")
        assert video.status == "completed"
        content = await client.videos.download_content(video.id)
        assert (await content.aread())[4:8] == b"ftyp"
