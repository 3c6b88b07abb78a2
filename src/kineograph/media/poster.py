"""Stills out of films: the poster, previews, the last frame."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import av
import av.error
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray
from PIL import Image

from kineograph.core.errors import EngineError
from kineograph.media.encode import video_frame
from kineograph.media.frame import Frame

RGB = NDArray[np.uint8]  # (height, width, 3), sRGB

POSTER_SIDE = 1280  # pixels of a poster's longer side, at most
POSTER_AT = 1 / 3  # of the film: past the first frame's stillness, before the end's
QUALITY = 88  # JPEG; beyond it the file grows and the eye sees nothing


def poster(film: Path, path: Path, *, side: int = POSTER_SIDE) -> Path:
    """Write a JPEG of the frame a third into the film.

    Args:
        film: A finished MP4.
        path: The JPEG to write.
        side: Pixels of the longer side, at most.

    Raises:
        EngineError: the film cannot be read.
    """
    path.write_bytes(jpeg(still_at(film, POSTER_AT), side=side))
    return path


def still_at(film: Path, where: float) -> RGB:
    """The frame at `where` (0 the first … 1 the last) of a film.

    Decoded from the start: films are seconds long and mostly one group of pictures.
    """
    try:
        with av.open(str(film)) as container:
            stream = container.streams.video[0]
            stream.thread_count = 1
            wanted = round((max(stream.frames, 1) - 1) * where)
            for index, picture in enumerate(container.decode(stream)):
                if index == wanted:
                    return _rgb(picture)
    except (av.error.FFmpegError, IndexError) as error:
        raise EngineError("no still can be taken from the finished file") from error
    raise EngineError("no still can be taken from the finished file: it has no frames")


def sheet(film: Path, *, columns: int = 5, rows: int = 5, width: int = 320) -> bytes:
    """JPEG of a film's moments in reading order, the first and the last frame among them.

    Args:
        width: Pixels of one picture.

    Raises:
        EngineError: the film cannot be read.
    """
    pictures = list(_moments(film, columns * rows, width))
    height = pictures[0].height
    tiled = Image.new("RGB", (columns * width, rows * height))
    for number, picture in enumerate(pictures):
        tiled.paste(picture, (number % columns * width, number // columns * height))
    out = io.BytesIO()
    tiled.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _moments(film: Path, count: int, width: int) -> Iterator[Image.Image]:
    try:
        with av.open(str(film)) as container:
            stream = container.streams.video[0]
            stream.thread_count = 1
            last = max(stream.frames, 1) - 1
            wanted = [round(last * number / (count - 1)) for number in range(count)]
            for index, picture in enumerate(container.decode(stream)):
                if index in wanted:
                    image = Image.fromarray(_rgb(picture))
                    shrunk = image.resize((width, round(width * image.height / image.width)), Image.Resampling.BOX)
                    yield from [shrunk] * wanted.count(index)
    except (av.error.FFmpegError, IndexError) as error:
        raise EngineError("no still can be taken from the finished file") from error


def still(frame: Frame) -> RGB:
    """The frame as sRGB pixels, by the same conversion a player makes."""
    return _rgb(video_frame(frame))


def jpeg(pixels: RGB, *, side: int = POSTER_SIDE) -> bytes:
    """JPEG bytes, scaled down so that the longer side is at most `side` pixels."""
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def png(frame: Frame, path: Path) -> Path:
    """Write the frame as PNG, pixel for pixel what `still` gives."""
    Image.fromarray(still(frame)).save(path, "PNG", compress_level=4)
    return path


def _rgb(picture: av.VideoFrame) -> RGB:
    """bt709 limited I420 to full-range sRGB."""
    converted = picture.reformat(
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
    )
    return np.ascontiguousarray(converted.to_ndarray(), dtype=np.uint8)
