import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from kineograph.core.errors import EncodeError, Interrupted, OperatorError
from kineograph.media.encode import encode
from kineograph.media.frame import Frame
from kineograph.media.probe import probe

FPS = Fraction(24)


def made(count: int, width: int = 160, height: int = 96, noise: float = 6.0) -> Iterator[Frame]:
    """Frames with grain and a moving edge: not trivially compressible."""
    rng = np.random.default_rng(1)
    rows, columns = np.mgrid[:height, :width]
    for index in range(count):
        y = 60 + 80 * np.sin((columns + 5 * index) / 11) * np.cos(rows / 17) + rng.normal(0, noise, (height, width))
        u = np.full((height // 2, width // 2), 100 + index % 60, np.uint8)
        v = np.full((height // 2, width // 2), 150 - index % 60, np.uint8)
        yield Frame(np.clip(y, 16, 235).astype(np.uint8), u, v)


def luma(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray()[: frame.height] for frame in container.decode(video=0)]


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    error = np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def run(script: str, *arguments: str) -> str:
    """What a script prints that runs in a process of its own, beside this module."""
    paths = [str(Path(__file__).parent), *(path for path in sys.path if path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()


def test_a_film_has_exactly_the_frames_it_was_given(tmp_path: Path) -> None:
    film = probe(encode(made(31), fps=FPS, path=tmp_path / "a.mp4"))
    assert (film.frames, film.width, film.height, film.fps) == (31, 160, 96, 24)
    assert film.duration == pytest.approx(31 / 24)
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.frames == 31
        assert stream.duration * stream.time_base == Fraction(31, 24)
        stamps = [frame.pts * stream.time_base for frame in container.decode(stream)]
    assert stamps == [Fraction(index, 24) for index in range(31)]


def test_a_film_is_tagged_bt709_limited_and_plays_while_it_downloads(tmp_path: Path) -> None:
    film = probe(encode(made(3), fps=FPS, path=tmp_path / "a.mp4"))
    assert (film.codec, film.pix_fmt) == ("h264", "yuv420p")
    assert (film.primaries, film.transfer, film.matrix, film.limited) == (1, 1, 1, True)
    assert film.faststart


def test_fractional_rates_are_kept_exactly(tmp_path: Path) -> None:
    assert probe(encode(made(5), fps=Fraction(24000, 1001), path=tmp_path / "a.mp4")).fps == Fraction(24000, 1001)


def test_the_same_frames_make_the_same_bytes(tmp_path: Path) -> None:
    given = list(made(24))
    films = set()
    for index in range(40):  # x264's AVX-512 code, which we avoid, differs about once in 25
        films.add(encode(given, fps=FPS, path=tmp_path / f"{index}.mp4", sharp=frozenset({0})).read_bytes())
    assert len(films) == 1


def test_sharp_frames_are_near_lossless_and_the_others_are_not(tmp_path: Path) -> None:
    given = list(made(24))
    shown = luma(encode(given, fps=FPS, path=tmp_path / "a.mp4", sharp=frozenset({0, 23})))
    assert psnr(shown[0], given[0].y) > 48
    assert psnr(shown[23], given[23].y) > 48
    assert psnr(shown[11], given[11].y) < 44


def test_frames_may_be_views_of_larger_arrays(tmp_path: Path) -> None:
    given = [Frame(frame.y[:, 16:144], frame.u[:, 8:72], frame.v[:, 8:72]) for frame in made(4)]
    shown = luma(encode(given, fps=FPS, path=tmp_path / "a.mp4", sharp=frozenset(range(4))))
    assert min(psnr(a, b.y) for a, b in zip(shown, given, strict=True)) > 44


def test_no_frames_is_an_error_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(EncodeError, match="no frames"):
        encode([], fps=FPS, path=tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("width", "height"), [(159, 96), (160, 95)])
def test_an_odd_size_is_refused_with_the_size_in_the_message(tmp_path: Path, width: int, height: int) -> None:
    frame = Frame(*(np.zeros(shape, np.uint8) for shape in [(height, width), (48, 80), (48, 80)]))
    with pytest.raises(EncodeError, match=f"{width}×{height}"):
        encode([frame], fps=FPS, path=tmp_path / "a.mp4")


def test_a_frame_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncodeError, match="frame 1 is 96×160"):
        encode([*made(1), *made(1, 96, 160)], fps=FPS, path=tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


def test_an_error_while_making_frames_comes_through_and_leaves_no_file(tmp_path: Path) -> None:
    def withdrawn() -> Iterator[Frame]:
        yield from made(8)
        raise Interrupted("cancelled")

    with pytest.raises(Interrupted):
        encode(withdrawn(), fps=FPS, path=tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").symlink_to("/dev/full")
    with pytest.raises(OperatorError, match="disk is full") as caught:
        encode(made(120), fps=FPS, path=tmp_path / "a.mp4")
    assert caught.value.reason == "disk_full"
    assert caught.value.__cause__ is not None


def test_a_disk_that_fills_up_half_way_is_said_in_one_sentence(tmp_path: Path) -> None:
    script = """
import resource, sys
from pathlib import Path
from test_encode import FPS, encode, made
from kineograph.core.errors import OperatorError
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))  # EFBIG, from the same call that a full disk fails
try:
    encode(made(240), fps=FPS, path=Path(sys.argv[1]))
except OperatorError as error:
    print(error.reason, Path(sys.argv[1]).exists())
"""
    assert run(script, str(tmp_path / "a.mp4")) == "disk_full False"


def test_a_missing_folder_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be written"):
        encode(made(2), fps=FPS, path=tmp_path / "nowhere" / "a.mp4")


def test_an_unknown_preset_is_the_encoders_refusal(tmp_path: Path) -> None:
    with pytest.raises(EncodeError, match="refused frame 0"):
        encode(made(2), fps=FPS, path=tmp_path / "a.mp4", preset="warp9")


def test_frames_are_made_while_others_are_encoded_but_only_a_few_ahead(tmp_path: Path) -> None:
    alive: set[int] = set()
    most = 0

    class Counted(np.ndarray):
        def __del__(self) -> None:
            alive.discard(id(self))

    def watched() -> Iterator[Frame]:
        nonlocal most
        for frame in made(60, 64, 64):
            y = frame.y.view(Counted)
            alive.add(id(y))
            most = max(most, len(alive))
            yield Frame(y, frame.u, frame.v)
            del y, frame

    before = threading.active_count()
    encode(watched(), fps=FPS, path=tmp_path / "a.mp4")
    gc.collect()
    assert most <= 8
    assert threading.active_count() == before


def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    script = """
import resource, sys
from pathlib import Path
from test_encode import FPS, encode, made
peak = []
for count in (60, 480):
    encode(made(count, 320, 192), fps=FPS, path=Path(sys.argv[1]), preset="ultrafast")
    peak.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(peak[1] - peak[0])
"""
    assert int(run(script, str(tmp_path / "a.mp4"))) < 12_000  # KiB; 420 frames of 92 KB each would be 38,000
