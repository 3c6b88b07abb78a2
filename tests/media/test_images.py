import asyncio
import base64
import importlib.util
import io
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from kineograph.core.errors import ImageError, InvalidRequest, NotFound
from kineograph.core.files import FileInfo
from kineograph.core.request import ARK, ImageInput, Role
from kineograph.media.fetch import Fetcher
from kineograph.media.images import RULES, fetch_images, parse_data_uri, sniff


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


servers = _load("servers")


def picture(format: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (*size[::-1], 3), np.uint8)).save(out, format)
    return out.getvalue()


def uri(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


@pytest.mark.parametrize(
    ("format", "kind"),
    [("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "gif"), ("BMP", "bmp"), ("TIFF", "tiff")],
)
def test_types_are_told_by_content(format: str, kind: str) -> None:
    assert sniff(picture(format)) == f"image/{kind}"
    assert sniff(picture(format)[:16]) == f"image/{kind}"


@pytest.mark.parametrize(
    "data", [b"", b"\x89PN", b"RIFF\0\0\0\0WAVE", b"<svg/>", b"\0\0\0\x18ftypisom", b"\0\0\0\x18ftypavif"]
)
def test_what_is_no_image_has_no_type(data: bytes) -> None:
    assert sniff(data) is None


def test_data_uris_give_bytes_and_the_type_of_their_content() -> None:
    assert parse_data_uri(uri(picture("JPEG"), "image/png")) == ("image/jpeg", picture("JPEG"))
    assert parse_data_uri(uri(picture()).replace("data:image/png", "DATA:IMAGE/PNG"))[1] == picture()
    assert parse_data_uri(uri(picture()).replace(";base64", ";charset=utf-8;base64"))[1] == picture()


def test_data_uris_may_be_wrapped_over_lines() -> None:
    text = uri(picture())
    assert parse_data_uri(text[:60] + "\n" + text[60:])[1] == picture()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "data:",
        "data:image/png",
        "data:image/png,abc",
        "data:image/png;base64,",
        "data:image/png;base64,!!!!",
        "data:image/png;base64,AAA",
        "data:image/png;base64,AAAA",
        "data:image/png;base64," + "ü" * 8,
        "data:text/html;base64," + base64.b64encode(picture()).decode(),
        "data:;base64," + base64.b64encode(picture()).decode(),
        uri(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        uri(picture())[:-3] + "-_-",
        "data:image/png;base64," + "A" * 41_000_000,
    ],
    ids=lambda text: text[:40] or "empty",
)
def test_other_data_uris_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_data_uri(text)
    assert caught.value.reason == "invalid_image"
    assert len(caught.value.message) < 200


class Files:
    """A file store in a dictionary."""

    def __init__(self, **files: bytes) -> None:
        self.files = files

    async def put(self, name: str, source: Path | bytes) -> None:
        raise NotImplementedError

    async def head(self, name: str) -> FileInfo | None:
        raise NotImplementedError

    def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        raise NotImplementedError

    async def fetch(self, name: str, into: Path) -> None:
        if name not in self.files:
            raise NotFound(name)
        await asyncio.to_thread(into.write_bytes, self.files[name])

    async def delete(self, name: str) -> None:
        raise NotImplementedError

    def list(self, prefix: str) -> AsyncIterator[FileInfo]:
        raise NotImplementedError


def bring(folder: Path, *images: ImageInput, total: float = 10.0, **files: bytes) -> dict[Role, Path]:
    fetcher = Fetcher(("127.0.0.0/8",), total=total)
    return asyncio.run(fetch_images(images, Files(**files), fetcher, folder))


def refused(folder: Path, *images: ImageInput, total: float = 10.0, **files: bytes) -> ImageError:
    with pytest.raises(ImageError) as caught:
        bring(folder, *images, total=total, **files)
    return caught.value


def test_images_come_from_the_web_and_from_the_store(tmp_path: Path) -> None:
    with servers.serving(cat=servers.body(picture("JPEG"), "application/octet-stream")) as base:
        first = ImageInput(Role.FIRST_FRAME, f"{base}/cat?x=1")
        found = bring(tmp_path, first, ImageInput(Role.LAST_FRAME, "file:upload"), upload=picture("WEBP"))
    assert {role: path.name for role, path in found.items()} == {
        Role.FIRST_FRAME: "first_frame.jpg",
        Role.LAST_FRAME: "last_frame.webp",
    }
    assert found[Role.FIRST_FRAME].read_bytes() == picture("JPEG")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!doctype html><title>Sign in</title>", "a web page"),
        (picture("JPEG")[:500], "broken or cut short"),
        (b"<svg/>", "SVG"),
        (b"", "empty"),
        (picture(size=(8, 40)), "at least 16"),
    ],
)
def test_what_is_served_instead_of_an_image_is_refused_by_role(tmp_path: Path, data: bytes, words: str) -> None:
    with servers.serving(cat=servers.body(data, "image/png")) as base:
        error = refused(tmp_path, ImageInput(Role.FIRST_FRAME, f"{base}/cat"))
    assert error.message.startswith("first_frame: ")
    assert words in error.message


def test_an_expired_upload_is_said_to_be(tmp_path: Path) -> None:
    assert "upload it again" in refused(tmp_path, ImageInput(Role.REFERENCE, "file:gone")).message


def test_all_images_share_one_time_limit(tmp_path: Path) -> None:
    with servers.serving(slow=lambda handler: handler.stopping.wait(5)) as base:
        images = [ImageInput(role, f"{base}/slow") for role in (Role.FIRST_FRAME, Role.LAST_FRAME)]
        error = refused(tmp_path, *images, total=0.3)
    assert error.reason == "image_unreachable"


def test_telling_types_needs_no_decoder() -> None:
    script = "import sys, kineograph.media.images; print(sorted({'PIL', 'cv2', 'numpy', 'httpx2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("kind", "width", "height", "reason"),
    [
        ("image/png", 301, 301, None),
        ("image/tiff", 5999, 2400, None),
        ("image/jpeg", 401, 1000, None),
        ("image/heic", 400, 400, "image_format"),
        (None, 400, 400, "image_format"),
        ("image/png", 300, 400, "image_size"),
        ("image/png", 400, 6000, "image_size"),
        ("image/png", 400, 1000, "image_ratio"),
        ("image/png", 1000, 400, "image_ratio"),
    ],
)
def test_arks_rules(kind: str | None, width: int, height: int, reason: str | None) -> None:
    if reason is None:
        RULES[ARK].check(kind, width, height)
        RULES[ARK].check(kind, height, width)  # whether it is turned upright before or after makes no difference
        return
    with pytest.raises(ImageError) as refused:
        RULES[ARK].check(kind, width, height)
    assert refused.value.reason == reason


def test_a_picture_is_measured_by_its_header() -> None:
    from kineograph.media.decode import measure

    assert measure(picture(size=(40, 30))) == (40, 30)
    assert measure(picture("PNG", (400, 300))[:60]) == (400, 300), "nothing is decoded"
    with pytest.raises(ImageError) as small:
        measure(picture(size=(40, 15)))
    assert small.value.reason == "image_too_small"
    with pytest.raises(ImageError) as broken:
        measure(b"\x89PNG\r\n\x1a\n" + bytes(64))
    assert broken.value.reason == "image_invalid"
