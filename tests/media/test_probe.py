import hashlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from kineograph.core.errors import EngineError
from kineograph.media.encode import encode
from kineograph.media.frame import Frame
from kineograph.media.probe import probe


def grey(count: int) -> list[Frame]:
    return [
        Frame(*(np.full(shape, 90 + i, np.uint8) for shape in [(64, 96), (32, 48), (32, 48)])) for i in range(count)
    ]


def test_a_film_is_measured_from_its_bytes(tmp_path: Path) -> None:
    path = encode(grey(7), fps=Fraction(24), path=tmp_path / "a.mp4")
    film = probe(path)
    assert film.bytes == len(path.read_bytes())
    assert film.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (film.frames, film.width, film.height) == (7, 96, 64)


def test_an_index_at_the_end_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "slow.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame(96, 64, "yuv420p")))
        container.mux(stream.encode(None))
    film = probe(path)
    assert not film.faststart
    assert (film.frames, film.fps, film.primaries) == (3, 30, 2)


def test_a_truncated_film_has_fewer_frames_than_its_header_says(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frames = [frame._replace(y=rng.integers(16, 235, frame.y.shape, np.uint8)) for frame in grey(40)]
    path = encode(frames, fps=Fraction(24), path=tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert probe(path).frames < 40


@pytest.mark.parametrize("content", [b"", b"<html>not a film</html>", b"\0" * 4096])
def test_what_is_not_a_film_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(EngineError, match="cannot be read"):
        probe(tmp_path / "a.mp4")
