"""What a style is, and the tools they share: paper, brush patches, lines."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.noise import F32, f4, lean
from kineograph.engines.animatic.shot import Shot

_TILE = 512
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)

# Name in the vocabulary -> module here. `cinematic` is the film stage as it is.
STYLES: Mapping[str, str] = {
    name: f"{__package__}.{name.replace('-', '_')}"
    for name in ("watercolour", "ink-wash", "anime", "paper-cut", "clay", "pixel", "noir", "vintage")
}


class Style(Protocol):
    """A treatment, built once a shot. Painting is a pure function of its arguments; it must not boil: paper and grain of
    the paint lie still, smoothing is continuous, and nothing is drawn by chance from frame to frame."""

    grain: bool  # film grain on top

    def paint(self, rgb: F32, marks: Marks, t: float, /) -> F32:
        """The picture in this style.

        Args:
            rgb: (h, w, 3) display values 0…1 at shading size. May be changed.
            t: Seconds.
        """
        ...


def build_style(shot: Shot, sample: F32, solid: F32) -> Style | None:
    """The style of a shot, or None for the film as it is.

    Args:
        sample: (h, w, 3) display values, for palettes.
        solid: (h, w) 1 where the sample shows a subject.
    """
    name = STYLES.get(shot.spec.style)
    if name is None:
        return None
    style: Style = import_module(name).build(shot, sample, solid)
    return style


def unit(shot: Shot) -> float:
    """Lengths in the styles are pixels of a frame 1088 rows high: times this they are shading pixels."""
    return shot.shading_size[1] / 1088


def texture(shot: Shot, name: str, slope: float, lowest: float) -> F32:
    """(h, w) noise of mean 0 and deviation 1 that lies still, tiled over the picture; the same at every resolution.

    Args:
        slope: Of the power spectrum: 0.4 is grit, 1.2 paper, 3 blots.
        lowest: Waves per tile below which there is nothing.
    """
    rng = shot.rng(f"style {name}")
    f = np.hypot(np.fft.fftfreq(_TILE)[:, None] * _TILE, np.fft.rfftfreq(_TILE)[None] * _TILE)
    f[0, 0] = 1
    power = f ** (-slope / 2) * (f >= lowest)
    power[0, 0] = 0
    phases = rng.standard_normal(power.shape) + 1j * rng.standard_normal(power.shape)
    tile = np.fft.irfft2(power * phases, s=(_TILE, _TILE))
    tile = ((tile - tile.mean()) / tile.std()).astype(np.float32)
    width, height = shot.shading_size
    side = max(round(_TILE * unit(shot) * 2), 16)  # a tile is 1024 rows of the full frame
    small = cv2.resize(tile, (side, side), interpolation=cv2.INTER_AREA if side < _TILE else cv2.INTER_LINEAR)
    rows, columns = -(-height // side), -(-width // side)
    return np.ascontiguousarray(np.tile(small, (rows, columns))[:height, :width], np.float32)


def luma(rgb: F32) -> F32:
    """(h, w) of (h, w, 3)."""
    return np.asarray(rgb @ LUMA, np.float32)


def blur(picture: F32, sigma: float) -> F32:
    """Gaussian; wide ones on a smaller picture, which nobody can tell."""
    if sigma < 0.3:
        return picture
    step = 1
    while sigma / step > 6:
        step *= 2
    if step == 1:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)
    h, w = picture.shape[:2]
    small = cv2.resize(picture, (max(w // step, 2), max(h // step, 2)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / step, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(soft, (w, h), interpolation=cv2.INTER_LINEAR), np.float32)


def patches(rgb: F32, radius: int, passes: int = 1) -> F32:
    """Brush patches with crisp borders: the mean of the calmest of four quadrants (Kuwahara 1976), at half size."""
    h, w = rgb.shape[:2]
    small = np.asarray(cv2.resize(rgb, (w // 2, h // 2), interpolation=cv2.INTER_AREA), np.float32)
    for _ in range(passes):
        small = _kuwahara(small, radius)
    return np.asarray(cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC), np.float32)


def painted(rgb: F32, marks: Marks, k: float, radius: int, passes: int, fine: float) -> F32:
    """Brush patches, finer on subjects: eyes keep their light.

    Args:
        fine: Share of the picture itself that stays on subjects.
    """
    out = patches(rgb, radius, passes)
    _keep(out, rgb, blur(marks.subject, max(1.5 * k, 0.5)), np.float32(fine))
    return out


@lean
def _keep(out: F32, rgb: F32, mask: F32, fine: float) -> None:
    """Mix `fine` of the picture in where the mask is 1."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            k = mask[y, x] * fine
            if k > 0:
                for c in range(3):
                    out[y, x, c] += (rgb[y, x, c] - out[y, x, c]) * k


def _kuwahara(a: F32, radius: int) -> F32:
    k = (radius + 1, radius + 1)
    grey = luma(a)
    mean, spread = cv2.blur(a, k), cv2.blur(grey * grey, k) - cv2.blur(grey, k) ** 2
    out = np.empty_like(a)
    _calmest(np.ascontiguousarray(mean, np.float32), np.asarray(spread, np.float32), (radius + 1) // 2, out)
    return out


@lean
def _calmest(mean: F32, spread: F32, off: int, out: F32) -> None:
    """The mean of the four quadrants around each pixel, the calmer the heavier. Soft weights instead of the one winner: a
    winner that changes between frames would flicker."""
    height, width = spread.shape
    for y in range(height):
        above, below = max(y - off, 0), min(y + off, height - 1)
        for x in range(width):
            left, right = max(x - off, 0), min(x + off, width - 1)
            r, g, b, total = f4(0), f4(0), f4(0), f4(0)
            for quadrant in range(4):
                j, i = below if quadrant & 2 else above, right if quadrant & 1 else left
                calm = max(spread[j, i], f4(0)) + f4(1e-4)
                share = f4(1e-12) / (calm * calm * calm)
                r += share * mean[j, i, 0]
                g += share * mean[j, i, 1]
                b += share * mean[j, i, 2]
                total += share
            scale = f4(1) / total
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = r * scale, g * scale, b * scale


def lines(rgb: F32, marks: Marks, k: float, *, amount: float = 0.055, least: float = 0.018) -> F32:
    """(h, w) soft ink 0…1: where luma steps down, and where subject, fold or depth change.

    Args:
        k: `unit` of the shot: width of the line.
        amount: Step of luma that gives a full line beyond `least`.
    """
    fine = blur(luma(rgb), max(1.0 * k, 0.5))
    drawn = np.clip((blur(fine, max(1.9 * k, 0.8)) - fine - least) / amount, 0, 1)
    step: F32 = _outlines(marks)
    width = max(round(2.4 * k), 1)
    if width > 1:
        step = np.asarray(cv2.dilate(step, np.ones((width, width), np.uint8)), np.float32)
    step = np.clip(blur(step, max(0.75 * k, 0.45)) * np.float32(1.25), 0, 1)
    return np.asarray(np.maximum(drawn * np.where(marks.subject > 0, 0.5, 0.75), step), np.float32)


def box_of(mask: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """Rows and columns of what is set, and so many around it; empty where nothing is."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    top, left = max(int(rows[0]) - margin, 0), max(int(columns[0]) - margin, 0)
    return slice(top, int(rows[-1]) + margin + 1), slice(left, int(columns[-1]) + margin + 1)


def _outlines(marks: Marks) -> F32:
    """(h, w) 0…1, one pixel wide, on the borders of sheets, in folds, and where depth jumps."""
    out = np.zeros(marks.size[::-1], np.float32)
    sheet, nearness, normal = marks.sheet, marks.nearness, marks.normal
    for axis in (0, 1):
        here = tuple(slice(1, None) if side == axis else slice(None) for side in (0, 1))
        there = tuple(slice(None, -1) if side == axis else slice(None) for side in (0, 1))
        both = (sheet[here] > 0) & (sheet[there] > 0)
        fold = np.abs(normal[here] - normal[there]).sum(2)
        jump = np.abs(nearness[here] - nearness[there]) / np.maximum(np.maximum(nearness[here], nearness[there]), 1e-6)
        border = np.where(both, 0.4, 1.0) * (sheet[here] != sheet[there])
        inner = both * np.maximum(np.clip((fold - 0.6) / 0.6, 0, 1) * 0.7, np.clip((jump - 0.02) / 0.05, 0, 1))
        target = out[marks.box][here]
        np.maximum(target, np.maximum(border, inner).astype(np.float32), out=target)
    return out
