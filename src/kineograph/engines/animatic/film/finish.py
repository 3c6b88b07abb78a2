"""The film stage every path ends in: bloom, tone, upscale, grain, I420."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np

from kineograph.engines.animatic.film.tone import CURVE, cinematic, paper, tabulate
from kineograph.engines.animatic.light.tables import grade_of
from kineograph.engines.animatic.noise import F32, Real, f4, kernel
from kineograph.engines.animatic.shot import Shot, named_rng
from kineograph.media.frame import Frame, Plane

Tone = Literal["cinematic", "product"]
_TILE = 256  # grain is read from a random corner of a tile this much larger than the frame
_GRAIN = 1.25  # deviation in 8-bit levels: seen, and x264 still throws most of it away


def bloom(picture: F32) -> F32:
    """Light spilt by bright spots, (h/4, w/4, 3): a tight and a wide halo. Sizes follow the frame's height."""
    h, w = picture.shape[:2]
    small = np.minimum(cv2.resize(picture, (w // 4, h // 4), interpolation=cv2.INTER_AREA), 6.0)
    tight = cv2.GaussianBlur(small, (0, 0), h / 4 * 0.010)
    tiny = cv2.resize(small, (max(w // 16, 2), max(h // 16, 2)), interpolation=cv2.INTER_AREA)
    wide = cv2.resize(cv2.GaussianBlur(tiny, (0, 0), h / 16 * 0.06), (w // 4, h // 4), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.addWeighted(tight, 0.5, wide, 0.5, 0), dtype=np.float32)


@kernel
def _graded(r: Real, g: Real, b: Real, curve: F32, look: F32) -> tuple[Real, Real, Real]:
    """Scene-referred linear -> display 0…1.

    The brightest channel goes through the curve and the others keep their ratio to it, so an orange coat stays orange;
    the brighter it is, the more of each channel's own curve is mixed in, so that light still burns out to white.
    """
    peak = max(max(r, g), max(b, f4(1e-6)))
    n = curve.shape[0] - 1
    top = f4(n) / f4(CURVE)
    tp = curve[min(int(math.sqrt(peak) * top + f4(0.5)), n)]
    burn = min(peak * look[7], f4(1)) * look[8]
    k = tp / peak * (f4(1) - burn)
    r = r * k + burn * curve[min(int(math.sqrt(max(r, f4(0))) * top + f4(0.5)), n)]
    g = g * k + burn * curve[min(int(math.sqrt(max(g, f4(0))) * top + f4(0.5)), n)]
    b = b * k + burn * curve[min(int(math.sqrt(max(b, f4(0))) * top + f4(0.5)), n)]
    return r, g, b


@kernel
def _display(r: Real, g: Real, b: Real, gamma: F32, look: F32) -> tuple[Real, Real, Real]:
    """sRGB, then saturation and split tone."""
    n = f4(gamma.shape[0] - 1)
    r = gamma[int(min(max(r, f4(0)), f4(1)) * n)]
    g = gamma[int(min(max(g, f4(0)), f4(1)) * n)]
    b = gamma[int(min(max(b, f4(0)), f4(1)) * n)]
    luma = f4(0.2126) * r + f4(0.7152) * g + f4(0.0722) * b
    s = look[0]
    dark = (f4(1) - luma) * (f4(1) - luma) * min(luma * f4(12), f4(1))
    light = luma * luma * (f4(1) - luma) * f4(3)
    r = luma + (r - luma) * s + look[1] * dark + look[4] * light
    g = luma + (g - luma) * s + look[2] * dark + look[5] * light
    b = luma + (b - luma) * s + look[3] * dark + look[6] * light
    return r, g, b


@kernel
def _halo(halo: F32, j: int, i: int, c: int, u: Real, v: Real) -> Real:
    top = halo[j, i, c] * (1 - u) + halo[j, i + 1, c] * u
    low = halo[j + 1, i, c] * (1 - u) + halo[j + 1, i + 1, c] * u
    return top * (1 - v) + low * v


@kernel
def _planes(
    picture: F32, halo: F32, curve: F32, gamma: F32, look: F32, dither: F32, ys: Plane, us: Plane, vs: Plane
) -> None:
    """2×2 blocks: halo, vignette, tone, bt709 limited range with dither."""
    height, width = picture.shape[0], picture.shape[1]
    hh, hw = halo.shape[0], halo.shape[1]
    spill = look[9]
    edge = look[10]
    m = dither.shape[0] - 1
    for by in range(height // 2):
        fy = min(f4(by * 2) * hh / height, f4(hh - 1.01))
        j = int(fy)
        v = f4(fy - j)
        for bx in range(width // 2):
            fx = min(f4(bx * 2) * hw / width, f4(hw - 1.01))
            i = int(fx)
            u = f4(fx - i)
            b0 = _halo(halo, j, i, 0, u, v)
            b1 = _halo(halo, j, i, 1, u, v)
            b2 = _halo(halo, j, i, 2, u, v)
            su = f4(0)
            sv = f4(0)
            for k in range(4):
                y = by * 2 + (k >> 1)
                x = bx * 2 + (k & 1)
                dx = f4(x) / width - f4(0.5)
                dy = f4(y) / height - f4(0.5)
                e = f4(1) - edge * (dx * dx + dy * dy)
                r = (picture[y, x, 0] * (f4(1) - spill) + spill * b0) * e
                g = (picture[y, x, 1] * (f4(1) - spill) + spill * b1) * e
                b = (picture[y, x, 2] * (f4(1) - spill) + spill * b2) * e
                r, g, b = _graded(r, g, b, curve, look)
                r, g, b = _display(r, g, b, gamma, look)
                luma = f4(16.02) + f4(219) * (f4(0.2126) * r + f4(0.7152) * g + f4(0.0722) * b) + dither[y & m, x & m]
                ys[y, x] = np.uint8(min(max(luma, f4(16)), f4(235)))
                su += f4(-0.1146) * r - f4(0.3854) * g + f4(0.5) * b
                sv += f4(0.5) * r - f4(0.4542) * g - f4(0.0458) * b
            d = dither[by & m, bx & m]
            us[by, bx] = np.uint8(min(max(f4(128.02) + f4(56) * su + d * f4(0.96), f4(16)), f4(240)))
            vs[by, bx] = np.uint8(min(max(f4(128.02) + f4(56) * sv + d * f4(0.96), f4(16)), f4(240)))


@lru_cache(maxsize=4)
def _dither() -> F32:
    """Blue-ish noise 0…1, (64, 64): white noise with its low frequencies taken out, then ranked."""
    noise = named_rng(0, "dither").standard_normal((64, 64))
    fy, fx = np.fft.fftfreq(64)[:, None], np.fft.rfftfreq(64)[None, :]
    high = np.fft.irfft2(np.fft.rfft2(noise) * np.hypot(fy, fx), s=(64, 64))
    rank = np.argsort(np.argsort(high.ravel())).reshape(64, 64)
    return ((rank + 0.5) / rank.size).astype(np.float32)


@lru_cache(maxsize=4)
def _grain(width: int, height: int, seed: int) -> tuple[Plane, Plane]:
    """What to add and what to take away, (height + 256, width + 256): soft-edged grain of the film's own size."""
    shape = (height + _TILE, width + _TILE)
    grain = named_rng(seed, "grain").standard_normal(shape, dtype=np.float32)
    grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), max(0.45, 0.55 * height / 1088)), dtype=np.float32)
    whole = np.rint(grain * (_GRAIN / float(grain.std()))).astype(np.int16)
    return np.clip(whole, 0, 9).astype(np.uint8), np.clip(-whole, 0, 9).astype(np.uint8)


def _enlarge(plane: Plane, size: tuple[int, int], *, crisp: bool) -> Plane:
    if (plane.shape[1], plane.shape[0]) == size:
        return plane
    if not crisp:
        return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    large = cv2.resize(plane, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.addWeighted(large, 1.5, cv2.GaussianBlur(large, (3, 3), 0), -0.5, 0), dtype=np.uint8)


def finish(picture: F32, shot: Shot, frame_index: int, tone: Tone = "cinematic") -> Frame:
    """A shaded picture as the encoder takes it. Pure and thread-safe.

    Args:
        picture: (h, w, 3) linear scene-referred RGB at shading size, both even.
        frame_index: Picks the corner of the grain.
        tone: `product` keeps colours up to 0.8 as they are and white paper exactly white.
    """
    h, w = picture.shape[:2]
    look = paper() if tone == "product" else cinematic(grade_of(shot.spec.time, shot.grade), shot.exposure)
    curve, gamma = tabulate(look)
    ys = np.empty((h, w), np.uint8)
    us, vs = np.empty((h // 2, w // 2), np.uint8), np.empty((h // 2, w // 2), np.uint8)
    _planes(np.ascontiguousarray(picture), bloom(picture), curve, gamma, look.numbers(), _dither(), ys, us, vs)
    size = (shot.width, shot.height)
    half = (shot.width // 2, shot.height // 2)
    large = _enlarge(ys, size, crisp=True)
    if look.grain:
        more, less = _grain(*size, shot.seed)
        oy, ox = (frame_index * 97) % _TILE, (frame_index * 57) % _TILE
        part = np.s_[oy : oy + size[1], ox : ox + size[0]]
        large = np.asarray(cv2.subtract(cv2.add(large, more[part]), less[part]), dtype=np.uint8)
    return Frame(
        np.clip(large, 16, 235, out=None if large is ys else large),
        np.clip(_enlarge(us, half, crisp=False), 16, 240),
        np.clip(_enlarge(vs, half, crisp=False), 16, 240),
    )
