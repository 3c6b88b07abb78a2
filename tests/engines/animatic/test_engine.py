"""The engine behind its contract: real films, true progress, byte-identical repeats, a stop that stops."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kineograph.core.errors import Interrupted
from kineograph.core.request import VideoRequest, size_of
from kineograph.engines.animatic import Animatic
from kineograph.engines.base import Made, Order

KITTEN = "A cute kitten playing in the sunlight, fluffy fur, bright eyes"
BEACH = "Sunset at the beach, golden sunlight on the sea, waves gently hitting the sand"


class Reports:
    """Remembers what was reported; withdraws the order once rendering has come this far."""

    def __init__(self, stop_at: float = 2.0) -> None:
        self.seen: list[tuple[float, str]] = []
        self.stop_at = stop_at
        self.stopped_at = 0.0

    async def __call__(self, progress: float, phase: str, resume_token: str | None = None) -> None:
        self.seen.append((progress, phase))
        if progress >= self.stop_at:
            self.stopped_at = self.stopped_at or time.monotonic()
            raise Interrupted("cancelled by the test", retryable=False)


def order_for(folder: Path, prompt: str, reports: Reports | None = None, **fields: object) -> Order:
    request = replace(
        VideoRequest("test", prompt, seed=11, duration=2, resolution="480p"),
        **fields,  # type: ignore[arg-type]  # fields of the request
    )
    folder.mkdir(parents=True, exist_ok=True)
    width, height = size_of("480p", request.aspect_ratio)
    return Order(request, width, height, folder, reports or Reports(), options={"tier": "fast"})


def make(order: Order) -> Made:
    return asyncio.run(Animatic().make(order))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Order, Made, Reports]:
    reports = Reports()
    order = order_for(tmp_path_factory.mktemp("film"), KITTEN, reports, watermark=True, return_last_frame=True)
    return order, make(order), reports


def test_a_prompt_becomes_a_film_of_the_asked_size_and_length(film: tuple[Order, Made, Reports]) -> None:
    from kineograph.media.probe import probe

    probed = probe(film[1].video)
    assert (probed.width, probed.height, probed.fps, probed.frames) == (864, 480, Fraction(24), 48)
    assert probed.codec == "h264"
    assert probed.pix_fmt == "yuv420p"
    assert probed.faststart


def test_progress_is_true_and_never_falls(film: tuple[Order, Made, Reports]) -> None:
    progress = [value for value, _ in film[2].seen]
    assert progress == sorted(progress)
    assert progress[-1] > 0.9
    phases = list(dict.fromkeys(phase for _, phase in film[2].seen))
    assert phases == [phase for phase in ("compiling", "building", "rendering", "encoding") if phase in phases]
    assert {"compiling", "rendering"} <= set(phases)  # a place may be built between two looks


def test_the_last_frame_is_kept_without_the_watermark(film: tuple[Order, Made, Reports]) -> None:
    from kineograph.media.poster import still_at

    last = film[1].last_frame
    assert last is not None
    unmarked = np.asarray(Image.open(last).convert("RGB")).astype(int)
    marked = still_at(film[1].video, 1.0).astype(int)
    assert unmarked.shape == marked.shape == (480, 864, 3)
    differs = np.abs(unmarked - marked).mean(axis=2)
    assert differs[:380, :560].mean() < 4  # the encoder's own error
    assert differs[432:, 640:].max() > 40


def test_the_facts_tell_what_was_understood(film: tuple[Order, Made, Reports]) -> None:
    scene = film[1].facts["scene"]
    assert scene["setting"] == "meadow"
    assert scene["subjects"][0]["kind"] == "cat"
    assert film[1].facts["unmatched"] == []


def test_importing_the_engine_imports_nothing_heavy() -> None:
    code = "import sys; from kineograph.engines.animatic import Animatic; Animatic(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numba", "cv2", "av", "PIL", "numpy"} & set(loaded)


def test_the_same_order_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    first = make(order_for(tmp_path / "a", BEACH))
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2]); import test_engine as t;"
        "t.make(t.order_for(Path(sys.argv[1]), t.BEACH))"
    )
    here = str(Path(__file__).parent)
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "b"), here], check=True)
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (first.video, tmp_path / "b" / "video.mp4")}
    assert len(digests) == 1


def test_a_withdrawn_order_stops_at_the_next_frame(tmp_path: Path) -> None:
    reports = Reports(stop_at=0.12)
    with pytest.raises(Interrupted):
        make(order_for(tmp_path, KITTEN, reports, duration=12))
    assert time.monotonic() - reports.stopped_at < 1.5
    assert not (tmp_path / "video.mp4").exists()


def photograph(path: Path, size: tuple[int, int], dusk: float = 1.0) -> Path:
    """Something like a landscape: soft gradients and a few shapes."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32) / np.float32(size[1])
    sky = np.stack([90 + 90 * y, 140 + 60 * y, 230 - 40 * y], axis=2) * dusk
    hills = (y > 0.6 + 0.05 * np.sin(6 * x))[..., None]
    Image.fromarray(np.where(hills, (60, 110, 50), sky).astype(np.uint8)).save(path)
    return path


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other.astype(float)) ** 2)))


def test_a_film_from_a_first_frame_begins_with_it(tmp_path: Path) -> None:
    from kineograph.core.request import Role
    from kineograph.media.poster import still_at

    given = photograph(tmp_path / "day.png", (864, 480))
    order = order_for(tmp_path / "film", "clouds drifting, gentle wind")
    made = make(replace(order, images={Role.FIRST_FRAME: given}))
    assert psnr(still_at(made.video, 0.0), np.asarray(Image.open(given))) > 38
    assert psnr(still_at(made.video, 1.0), np.asarray(Image.open(given))) < 38


def test_a_film_from_two_frames_goes_from_one_to_the_other(tmp_path: Path) -> None:
    from kineograph.core.request import Role
    from kineograph.media.poster import still_at

    first = photograph(tmp_path / "day.png", (864, 480))
    last = photograph(tmp_path / "night.png", (864, 480), dusk=0.3)
    order = order_for(tmp_path / "film", "from day to night")
    made = make(replace(order, images={Role.FIRST_FRAME: first, Role.LAST_FRAME: last}))
    assert psnr(still_at(made.video, 0.0), np.asarray(Image.open(first))) > 38
    assert psnr(still_at(made.video, 1.0), np.asarray(Image.open(last))) > 38


def test_the_subject_of_a_reference_stands_in_the_scene(tmp_path: Path) -> None:
    from kineograph.core.request import Role
    from kineograph.media.poster import still_at

    ball = np.full((300, 300, 3), 255, np.uint8)
    y, x = np.mgrid[0:300, 0:300]
    ball[(x - 150) ** 2 + (y - 150) ** 2 < 110**2] = (200, 20, 160)
    Image.fromarray(ball).save(tmp_path / "ball.png")
    order = order_for(tmp_path / "film", "on the beach at noon")
    made = make(replace(order, images={Role.REFERENCE: tmp_path / "ball.png"}))
    still = still_at(made.video, 0.3).astype(int)
    magenta = (still[..., 0] > still[..., 1] + 60) & (still[..., 2] > still[..., 1] + 40)
    assert 0.02 < magenta.mean() < 0.4


def test_previews_arrive_while_it_renders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kineograph.engines.animatic.engine.PREVIEW_EVERY", 0.1)
    monkeypatch.setattr("kineograph.engines.animatic.engine.REPORT_EVERY", 0.05)
    seen: list[bytes] = []

    async def keep(jpeg: bytes) -> None:
        seen.append(jpeg)

    make(replace(order_for(tmp_path, KITTEN), preview=keep))
    assert seen
    assert all(jpeg.startswith(b"\xff\xd8") for jpeg in seen)
