"""Two-interface glass: light bends where it enters and where it leaves, and what is behind shows through."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import helper, kernel
from kineograph.engines.animatic.raster.materials import GLASS, LEVEL, SOLID, THIN, table
from kineograph.engines.animatic.raster.samples import points_of, samples_of, settle
from kineograph.engines.animatic.raster.shade import EYE, KEY, SHARPEST, TOWARDS, rig_of
from kineograph.engines.animatic.raster.soup import EVERYWHERE, Soup, bounds
from kineograph.engines.animatic.raster.surround import environment_for, fetch
from kineograph.engines.animatic.raster.visible import Visible, draw_farthest, draw_nearest
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
Bools = NDArray[np.bool_]

_INDEX = 1.5  # refractive index of glass and, near enough, of what is in it
_F0 = 0.045
# Absorption per unit of (1 - colour) over one radius of the subject.
_DEPTH_OF_COLOUR = 3.2


def lay_glass(rgba: F32, soup: Soup, opaque: Visible, eye: F32, light: Light, focal: float) -> F32:
    """Lay the subject's glass over its opaque parts: solid glass first, thin walls over it.

    Args:
        rgba: (h, w, 4) the opaque parts, resolved; changed in place.
        opaque: Their visibility buffer: glass behind them is not seen.
        focal: In pixels.

    Returns:
        Nearness (1/depth) of the nearest sample, glass included, shaped as the buffer's.
    """
    kinds = table()[soup.material, GLASS]
    nearness, under = opaque.nearness, opaque.ids >= 0
    for kind in (SOLID, THIN):
        chosen = (kinds == kind).astype(np.uint8)
        if not chosen.any():
            continue
        front = replace(opaque, ids=np.full_like(opaque.ids, -1), nearness=opaque.nearness.copy())
        draw_nearest(soup, chosen, eye, front)
        back = replace(opaque, ids=np.full_like(opaque.ids, -1), nearness=np.zeros_like(opaque.nearness))
        draw_farthest(soup, chosen, opaque.nearness, back)
        _lay(rgba, soup, front, back, under, rig_of(light, eye), environment_for(light), focal, kind)
        under = under | (front.ids >= 0)
        nearness = np.maximum(nearness, front.nearness)
    return nearness


def _lay(
    rgba: F32,
    soup: Soup,
    front: Visible,
    back: Visible,
    under: Bools,
    rig: F32,
    environment: F32,
    focal: float,
    kind: int,
) -> None:
    points = points_of(soup, front)
    if not len(points.triangle):
        return
    entering = samples_of(soup, points, focal)
    row = ((points.y - np.float32(front.y)) * np.float32(front.per)).astype(np.int32)
    column = ((points.x - np.float32(front.x)) * np.float32(front.per)).astype(np.int32)
    behind = back.ids[row, column]
    leaving = samples_of(soup, replace(points, triangle=np.where(behind < 0, points.triangle, behind)), focal)
    low, high = bounds(soup.vertices, EVERYWHERE)
    layer = np.empty((len(points.pixel), 4), np.float32)
    _through(
        entering.position, entering.normal, entering.colour, entering.material, table(),
        leaving.position, leaving.normal, points.pixel,
        rgba.copy(), environment, rig, f4(2 / float(np.linalg.norm(high - low))), kind, layer,
    )  # fmt: skip
    rgba *= _uncovered(under, front.ids >= 0, front.per)[..., None]
    settle(layer, points.pixel, points.share, rgba.reshape(-1, 4))


def _uncovered(under: Bools, glass: Bools, per: int) -> F32:
    """(h, w) share of what each pixel already shows that no glass lies over, sample by sample: a label's edge on a bottle
    keeps its whole half of the pixel."""
    held, hidden = _per_pixel(under, per), _per_pixel(under & glass, per)
    return np.asarray(1 - hidden / np.maximum(held, np.float32(1)), np.float32)


def _per_pixel(samples: Bools, per: int) -> F32:
    """(h, w) how many of each pixel's samples are set."""
    count = np.zeros((samples.shape[0] // per, samples.shape[1] // per), np.float32)
    for j in range(per):
        for i in range(per):
            count += samples[j::per, i::per]
    return count


@helper
def _facing(vectors: F32, k: int, towards: F32, out: F32) -> float:
    """Row k turned to the side of `towards`; the cosine between them."""
    cosine = vectors[k, 0] * towards[0] + vectors[k, 1] * towards[1] + vectors[k, 2] * towards[2]
    sign = f4(1) if cosine >= 0 else f4(-1)
    for c in range(3):
        out[c] = vectors[k, c] * sign
    return f4(abs(cosine))


@helper
def _bent(view: F32, normal: F32, cosine: float, back: F32, out: F32) -> None:
    """Direction in which the eye's ray leaves after both interfaces; inside again where it is reflected totally.

    Args:
        view: Towards the eye. normal: Of the front, towards the eye. back: Of the back, away from the eye.
    """
    eta = f4(1 / _INDEX)
    t = eta * cosine - math.sqrt(max(f4(1) - eta * eta * (f4(1) - cosine * cosine), f4(0)))
    for c in range(3):
        out[c] = -view[c] * eta + normal[c] * t
    meet = out[0] * back[0] + out[1] * back[1] + out[2] * back[2]
    rest = f4(1) - f4(_INDEX * _INDEX) * (f4(1) - meet * meet)
    if rest > 0:
        t = math.sqrt(rest) - f4(_INDEX) * meet
        for c in range(3):
            out[c] = out[c] * f4(_INDEX) + back[c] * t
    else:
        for c in range(3):
            out[c] -= f4(2) * meet * back[c]


@helper
def _look(environment: F32, level: int, view: F32, normal: F32, cosine: float, out: F32) -> None:
    """Radiance along the view mirrored in a normal; cosine 0 looks straight back along the view's opposite."""
    twice = f4(2) * cosine
    fetch(
        environment, level, twice * normal[0] - view[0], twice * normal[1] - view[1], twice * normal[2] - view[2], out
    )  # fmt: skip


@helper
def _shifted(pixel: int, normal: F32, shift: float, height: int, width: int) -> int:
    """The pixel behind, displaced against the normal's slope on the screen."""
    x = int(f4(pixel % width) - normal[0] * shift)
    y = int(f4(pixel // width) + normal[1] * shift)
    return min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)


@helper
def _measure(position: F32, exits: F32, k: int, rig: F32, view: F32) -> float:
    """Unit vector to the eye into `view`; the way through the glass, metres."""
    square, through = f4(0), f4(0)
    for c in range(3):
        view[c] = rig[EYE + c] - position[k, c]
        square += view[c] * view[c]
        through += (exits[k, c] - position[k, c]) * (exits[k, c] - position[k, c])
    scale = f4(1) / math.sqrt(square)
    for c in range(3):
        view[c] *= scale
    return f4(math.sqrt(through))


@kernel
def _through(
    position: F32, normals: F32, colour: F32, materials: NDArray[np.uint8], rows: F32, exits: F32, backs: F32, pixel: I32,
    behind: F32, environment: F32,
    rig: F32, per_radius: float, kind: int, out: F32,
) -> None:  # fmt: skip
    height, width = behind.shape[0], behind.shape[1]
    spare = np.empty((8, 3), np.float32)
    view, normal, back, ray = spare[0], spare[1], spare[2], spare[3]
    first, second, far, glow = spare[4], spare[5], spare[6], spare[7]
    one = f4(1)
    for k in range(position.shape[0]):
        thick = _measure(position, exits, k, rig, view) * per_radius
        front = max(_facing(normals, k, view, normal), f4(0.02))
        rear = _facing(backs, k, view, back)
        _look(environment, 0, view, normal, front, first)
        _look(environment, 1, view, back, rear, second)
        edge = one - front
        edge3 = edge * edge * edge
        mirror = f4(_F0) + (one - f4(_F0)) * edge3 * edge * edge
        towards = (
            f4(2) * front * (normal[0] * rig[TOWARDS] + normal[1] * rig[TOWARDS + 1] + normal[2] * rig[TOWARDS + 2])
        )
        towards -= view[0] * rig[TOWARDS] + view[1] * rig[TOWARDS + 1] + view[2] * rig[TOWARDS + 2]
        sharp = rig[SHARPEST]
        glint = min(f4(0.5) * sharp * math.exp(sharp * (towards - one)), f4(24)) * mirror
        if kind == SOLID:
            for c in range(3):
                back[c] = -back[c]
            _bent(view, normal, front, back, ray)
            for c in range(3):
                ray[c] = -ray[c]
            _look(environment, 0, ray, normal, f4(0), far)
            straight = f4(0.36) * rows[materials[k], LEVEL]
            _look(environment, 2, view, normal, f4(0), glow)
            for c in range(3):
                # More contrast: a gem shows dark and bright facets. What comes straight through a drink stays soft.
                far[c] = far[c] * far[c] * f4(1.25) / (far[c] + f4(0.3))
                far[c] += (glow[c] - far[c]) * straight
            at = _shifted(pixel[k], normal, -thick * f4(0.05) * f4(height), height, width)
            seen, path, inner = f4(0.22), thick * f4(1.7), f4(0.05) + f4(0.25) * edge * edge
        else:
            _look(environment, 1, view, normal, f4(0), far)
            grazing = one - rear
            rim = max(edge3, f4(0.8) * grazing * grazing * grazing)
            at = _shifted(pixel[k], normal, rim * f4(0.016) * f4(height), height, width)
            seen, path, inner = (
                one - f4(0.80) * min(rim * f4(1.6), one),
                f4(0.13) / max(front, f4(0.22)),
                f4(0.03) + f4(0.15) * edge * edge,
            )
        y, x = at // width, at % width
        _combine(colour, k, kind, behind, y, x, first, second, far, (mirror, inner, seen, path, glint), rig, out)


@helper
def _combine(
    colour: F32, k: int, kind: int, behind: F32, y: int, x: int, first: F32, second: F32, far: F32,
    terms: tuple[float, float, float, float, float], rig: F32, out: F32,
) -> None:  # fmt: skip
    """Reflected, reflected inside, and what comes through.

    The picture behind the subject is not here, so thin glass lets it through by alpha, in grey; the tint that alpha
    cannot carry is put back with the surrounding's light from that side.
    """
    one = f4(1)
    mirror, inner, seen, path, glint = terms
    cover = behind[y, x, 3]
    least = one
    for c in range(3):
        least = min(least, math.exp(-(one - colour[k, c]) * path * f4(_DEPTH_OF_COLOUR)))
    clear = least * seen * (one - mirror)
    for c in range(3):
        tint = math.exp(-(one - colour[k, c]) * path * f4(_DEPTH_OF_COLOUR))
        value = first[c] * mirror + rig[KEY + c] * glint + second[c] * tint * inner
        if kind == SOLID:
            light = far[c]
            light += (behind[y, x, c] + (one - cover) * far[c] - light) * seen
            out[k, c] = value + light * tint * (one - mirror)
        else:
            passed = tint * seen * (one - mirror)
            out[k, c] = value + passed * behind[y, x, c] + (one - cover) * (passed - clear) * far[c]
    out[k, 3] = one if kind == SOLID else one - (one - cover) * clear
