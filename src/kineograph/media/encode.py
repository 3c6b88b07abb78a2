"""Frames in, a film out: H.264 in MP4, in process, byte for byte the same every time."""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import TracebackType

import av
import av.error
import numpy as np
from av.codec.context import ThreadType
from av.container import OutputContainer
from av.video.stream import VideoStream

from kineograph.core.errors import EncodeError, OperatorError
from kineograph.media.frame import Frame

# Frames that may wait for the encoder: enough to ride out a keyframe, 3 MB each at 1920×1088.
AHEAD = 4
# x264's own threads. Its output depends on their number, so it is a constant and not the machine's count of cores.
THREADS = 2
# Quantiser of the frames named `sharp`: ≥ 44 dB against the I420 planes, so that 4:2:0 is what limits them.
SHARP_QP = 10

BT709 = 1  # ITU-T H.273: primaries 1, transfer 1, matrix 1
LIMITED = 1  # AVCOL_RANGE_MPEG

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def encode(
    frames: Iterable[Frame],
    *,
    fps: Fraction,
    path: Path,
    crf: int = 20,
    preset: str = "veryfast",
    sharp: frozenset[int] = frozenset(),
) -> Path:
    """Write H.264 in MP4, playable while it downloads.

    Frames are taken from `frames` in this thread and encoded in another, a few behind, so that making them and encoding
    them overlap and memory does not grow with length. An error raised by `frames` comes through; nothing is left behind.

    Args:
        frames: I420, bt709 limited range, all of one even size. Not changed, not kept after they are encoded.
        fps: Frames per second, exact: Fraction(24000, 1001), not 23.976.
        path: Overwritten. A real file: the index (`moov`) is moved to its front at the end.
        crf: x264's constant rate factor, 0…51.
        preset: x264's name for how hard it tries.
        sharp: Numbers of frames to keep near lossless (≥ 40 dB against what was given).

    Raises:
        EncodeError: no frames, an odd or changing size, or the encoder refused.
        OperatorError: the disk is full, the folder cannot be written, or this build has no x264.

    The `moov` atom goes first: ISO/IEC 14496-12, "faststart".
    """
    waiting: deque[Future[None]] = deque()
    options = {"crf": str(crf), "preset": preset, "x264-params": _parameters(sharp)}
    with _Film(path, fps, options) as film, ThreadPoolExecutor(1) as writer:
        for frame in frames:
            waiting.append(writer.submit(film.add, frame))
            if len(waiting) > AHEAD:
                waiting.popleft().result()
        while waiting:
            waiting.popleft().result()
        writer.submit(film.finish).result()
    return path


def _parameters(sharp: frozenset[int]) -> str:
    """x264's own options: what keeps its output the same every time, and a zone per sharp frame."""
    parameters = [f"threads={THREADS}"]
    if _has_avx512():
        # x264's AVX-512 code for macroblock trees is not deterministic: 15 different films in 60 runs (core 165).
        # Without it one film in 200 runs, and no slower.
        parameters.append("asm=avx2")
    if sharp:
        parameters.append("zones=" + "/".join(f"{index},{index},q={SHARP_QP}" for index in sorted(sharp)))
    return ":".join(parameters)


@cache
def _has_avx512() -> bool:
    """Whether this processor has AVX-512, as far as the system says."""
    try:
        return "avx512" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return False


class _Film:
    """One MP4 being written. Opened by its first frame, which says the size."""

    def __init__(self, path: Path, fps: Fraction, options: dict[str, str]) -> None:
        self._path = path
        self._fps = fps
        self._options = options
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._count = 0
        self._broken = False

    def __enter__(self) -> _Film:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or self._container is None:
            return
        with suppress(av.error.FFmpegError):  # the error that brought us here says more
            self._container.close()
        self._path.unlink(missing_ok=True)

    def add(self, frame: Frame) -> None:
        """Encode one frame; nothing once one was refused, for FFmpeg may crash when called again after an error."""
        if self._broken:
            return
        height, width = frame.y.shape
        if self._stream is None:
            _check(frame)
            self._stream = self._open(width, height)
        if (width, height) != (self._stream.width, self._stream.height):
            size = f"{self._stream.width}×{self._stream.height}"
            raise EncodeError(f"frame {self._count} is {width}×{height}, the film is {size}", retryable=False)
        picture = video_frame(frame)
        picture.pts, picture.duration, picture.time_base = self._count, 1, 1 / self._fps
        self._count += 1
        self._mux(picture)

    def finish(self) -> None:
        """Flush the encoder and write the index."""
        if self._container is None:
            raise EncodeError("no frames to encode", retryable=False)
        self._mux(None)
        try:
            self._container.close()
        except av.error.FFmpegError as error:
            raise self._wrapped(error) from error

    def _open(self, width: int, height: int) -> VideoStream:
        """The container and its one stream, tagged bt709 limited."""
        # Index to the front; no muxer version and no date, so that equal frames make equal bytes.
        options = {"movflags": "+faststart", "fflags": "+bitexact"}
        try:
            self._container = av.open(str(self._path), "w", format="mp4", options=options)
            stream = self._container.add_stream("libx264", rate=self._fps, options=self._options)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            context = stream.codec_context
            stream.time_base = context.time_base = 1 / self._fps
            context.thread_type = ThreadType.FRAME  # slices cost bits
            context.color_primaries = context.color_trc = context.colorspace = BT709
            context.color_range = LIMITED
            self._container.start_encoding()
        except av.error.FFmpegError as error:
            raise self._wrapped(error) from error
        return stream

    def _mux(self, picture: av.VideoFrame | None) -> None:
        """Encode a picture (None: what is still inside) and write the packets that fall out."""
        assert self._container is not None
        assert self._stream is not None
        try:
            self._container.mux(self._stream.encode(picture))
        except av.error.FFmpegError as error:
            raise self._wrapped(error) from error

    def _wrapped(self, error: av.error.FFmpegError) -> EncodeError | OperatorError:
        """What went wrong, in our words."""
        self._broken = True
        if isinstance(error, av.error.EncoderNotFoundError):
            return OperatorError(
                "this build of PyAV has no libx264: reinstall it with pip install --force-reinstall av"
            )
        if error.errno in _FULL:
            return OperatorError("the disk is full: make room, or set a smaller KINEO_MAX_DISK", reason="disk_full")
        if isinstance(error, OSError) and self._stream is None:
            return OperatorError(
                f"the film cannot be written to its folder: {error.strerror}", reason="folder_unwritable"
            )
        return EncodeError(f"the encoder refused frame {max(self._count - 1, 0)}: {error.strerror}")


def _check(frame: Frame) -> None:
    """Even size and matching planes, or EncodeError."""
    height, width = frame.y.shape
    if height % 2 or width % 2 or not height or not width:
        raise EncodeError(f"a film of {width}×{height} cannot be encoded: both sides must be even", retryable=False)
    if not frame.u.shape == frame.v.shape == (height // 2, width // 2):
        raise EncodeError(f"the chroma planes of {width}×{height} must be half its size", retryable=False)


def video_frame(frame: Frame) -> av.VideoFrame:
    """The frame in FFmpeg's memory; rows there may be longer than the picture is wide."""
    height, width = frame.y.shape
    picture = av.VideoFrame(width, height, "yuv420p")
    for target, source in zip(picture.planes, frame, strict=True):
        rows = np.frombuffer(memoryview(target), np.uint8).reshape(-1, target.line_size)
        rows[: source.shape[0], : source.shape[1]] = source
    picture.color_range = LIMITED
    picture.colorspace = BT709
    return picture
