"""What a finished film really is, measured from the file and not from what was asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error

from kineograph.core.errors import EngineError


@dataclass(frozen=True, slots=True)
class Probed:
    """The facts of one film.

    Attributes:
        width, height: Pixels.
        fps: Frames per second, exact.
        frames: Counted packet by packet, not what the header says.
        duration: Seconds.
        codec, pix_fmt: FFmpeg's names: `h264`, `yuv420p`.
        primaries, transfer, matrix: ITU-T H.273 code points; 1 is bt709, 2 unspecified.
        limited: True where luma is 16–235.
        faststart: The index (`moov`) comes before the samples (`mdat`).
        bytes: Size of the file.
        sha256: Of the file, hex.
    """

    width: int
    height: int
    fps: Fraction
    frames: int
    duration: float
    codec: str
    pix_fmt: str
    primaries: int
    transfer: int
    matrix: int
    limited: bool
    faststart: bool
    bytes: int
    sha256: str


def probe(path: Path) -> Probed:
    """Measure a film. Reads the whole file once, decodes nothing.

    Raises:
        EngineError: not a film, or one without pictures.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise EngineError("the finished file has no pictures")
            stream = container.streams.video[0]
            frames = sum(1 for packet in container.demux(stream) if packet.size)
            context = stream.codec_context
            rate = stream.average_rate
            if not rate or not frames:
                raise EngineError("the finished file has no pictures")
            return Probed(
                width=context.width,
                height=context.height,
                fps=rate,
                frames=frames,
                duration=float(frames / rate),
                codec=context.name,
                pix_fmt=context.pix_fmt or "",
                primaries=context.color_primaries,
                transfer=context.color_trc,
                matrix=context.colorspace,
                limited=context.color_range == 1,
                faststart=_faststart(path),
                bytes=path.stat().st_size,
                sha256=sha256_of(path),
            )
    except av.error.FFmpegError as error:
        raise EngineError(f"the finished file cannot be read: {error.strerror}") from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _faststart(path: Path) -> bool:
    """Whether `moov` comes before `mdat`."""
    for kind in _boxes(path):
        if kind in (b"moov", b"mdat"):
            return kind == b"moov"
    return False


def _boxes(path: Path) -> Iterator[bytes]:
    """Types of the outermost boxes, in order. ISO/IEC 14496-12 §4.2: 32-bit size, type, then a 64-bit size if that is 1."""
    end = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at + 8 <= end:
            file.seek(at)
            head = file.read(16)
            yield head[4:8]
            size = int.from_bytes(head[:4])
            if size == 1:
                size = int.from_bytes(head[8:16])
            if size < 8:  # 0: to the end of the file; else not a box
                return
            at += size
