"""Shadows on the ground: sharp where the feet touch it, soft where the head's falls, darkest underneath."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import helper, lean
from kineograph.engines.animatic.raster.mesh import Posed
from kineograph.engines.animatic.raster.soup import EVERYWHERE, bounds
from kineograph.engines.animatic.raster.span import inverse, narrowed
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

# Texels of the patch of ground per axis; and under a light so broad that no shadow of it has an edge, from this softness on.
TEXELS, FEW_TEXELS = 224, 128
_BROAD = 0.5
# A lower sun would throw shadows out of every picture: this slope (rise ÷ run, about 11°) is the longest one drawn.
_LOWEST = 0.19
_NONE = np.float32(1e9)
# Parts of a patch begin and end at multiples of so many texels: what is blurred at quarter size has the same grid everywhere.
_STEP = 4
# How far the shade under a subject is blurred, ÷ its height.
_BROADEST = 0.07
# Penumbras that are made, shares of the patch; others are mixed from their neighbours.
_SIGMAS = (0.8 / TEXELS, 2.0 / TEXELS, 5.0 / TEXELS, 12.0 / TEXELS)


@dataclass(frozen=True, slots=True)
class Patch:
    """A square of ground around a subject, seen from above.

    Attributes:
        x, z: Its corner, metres; texel (0, 0) begins there.
        texel: Metres per texel.
        cast: (n, n) share of the key light that is kept off, 0…1.
        covered: (n, n) share of the sky that is kept off, 0…1.
        box: Least x and z, greatest x and z of what is not empty, metres.
    """

    x: float
    z: float
    texel: float
    cast: F32
    covered: F32
    box: tuple[float, float, float, float]


class Kept:
    """The patch of one subject, made anew only where it or the light has changed: what stands still needs it once. Two
    threads may ask at once: what is kept is swapped whole, at worst the same patch is made twice."""

    def __init__(self) -> None:
        self._last: tuple[list[F32], F32, Patch | None] | None = None

    def patch(self, posed: Sequence[Posed], light: Light) -> Patch | None:
        """What `patch_of` gives."""
        places = [one.vertices for one in posed]
        rig = np.array([*light.direction, float(light.key.max()), light.softness], np.float32)
        last = self._last
        same = last is not None and len(last[0]) == len(places) and np.array_equal(last[1], rig)
        if last is not None and same and all(np.array_equal(*pair) for pair in zip(last[0], places, strict=True)):
            return last[2]
        patch = patch_of(posed, light)
        self._last = (places, rig, patch)
        return patch


def shade_ground(picture: F32, patch: Patch | None, camera: Camera, light: Light) -> None:
    """Darken the ground in `picture` (height, width, 3) in place.

    Shade takes the sky's colour, because only the key light is missing there.

    Args:
        patch: Of one subject (each deserves its own: several share the resolution of one).
    """
    if patch is None or camera.y <= 0.01:
        return
    size = (picture.shape[1], picture.shape[0])
    box = _box(patch.box, camera, size)
    if box is None:
        return
    x, y, w, h = box
    key, sky = light.key * np.float32(max(float(light.direction[1]), 0.0)), light.sky
    total = np.maximum(key + sky, 1e-6)
    shares = np.stack([key / total, sky / total]).astype(np.float32)
    scale = camera.focal * size[1]
    lens = np.array(
        [
            size[0] * 0.5 - camera.pan * size[1] - x, camera.horizon * size[1] - y, 1 / scale, scale * camera.y,
            camera.x - patch.x, camera.z - patch.z, 1 / patch.texel,
        ],
        np.float32,
    )  # fmt: skip
    # Every second pixel is enough: a texel of the patch is larger than that.
    left = np.empty((max(h // 2, 1), max(w // 2, 1), 3), np.float32)
    _look_down(patch.cast, patch.covered, shares, lens, f4(w / left.shape[1]), f4(h / left.shape[0]), left)
    part = picture[y : y + h, x : x + w]
    cv2.multiply(part, cv2.resize(left, (w, h), interpolation=cv2.INTER_LINEAR), dst=part)


def in_view(posed: Sequence[Posed], light: Light, camera: Camera, size: tuple[int, int]) -> bool:
    """False where nothing that the meshes shade can be seen, so that no patch need be made: birds high over a lake."""
    edges = [bounds(np.ascontiguousarray(p.vertices, np.float32), EVERYWHERE) for p in posed if len(p.vertices)]
    if not edges or camera.y <= 0.01:
        return False
    low, high = np.min([low for low, _ in edges], axis=0), np.max([high for _, high in edges], axis=0)
    top = max(float(high[1]), 0.0)
    thrown = slope_of(light) * np.float32(top)
    near, far = low[[0, 2]] - np.maximum(thrown, 0), high[[0, 2]] - np.minimum(thrown, 0)
    room = 0.5 * top * (light.softness + 0.2) + 0.25 * float((far - near).max())  # more than any blur reaches
    x0, z0, x1, z1 = (float(edge) for edge in (*(near - room), *(far + room)))
    return _box((x0, z0, x1, z1), camera, size) is not None


def _box(
    box: tuple[float, float, float, float], camera: Camera, size: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """Where the camera sees a part of the ground (least x and z, greatest): x, y, width, height; None when it does not."""
    corners = [(x, 0.0, z) for x in box[::2] for z in box[1::2]]
    near = camera.z + 0.05
    screen = camera.project(np.array([(x, y, max(z, near)) for x, y, z in corners], np.float32), *size)
    low, high = np.floor(screen[:, :2].min(axis=0)), np.ceil(screen[:, :2].max(axis=0))
    x0, y0 = int(max(low[0], 0)), int(max(low[1], np.floor(camera.horizon * size[1]) + 1, 0))
    x0, y0 = x0 - x0 % 2, y0 - y0 % 2  # every second pixel is looked at: always the same ones, or edges would flicker
    x1, y1 = int(min(high[0] + high[0] % 2, size[0])), int(min(high[1] + high[1] % 2, size[1]))
    return (x0, y0, x1 - x0, y1 - y0) if x1 > x0 and y1 > y0 else None


@lean
def _look_down(cast: F32, covered: F32, shares: F32, lens: F32, wide: float, tall: float, left: F32) -> None:
    """What is left of the ground's light at every place of a box, (h, w, 3).

    Args:
        shares: (2, 3) of the key and of the sky in the ground's light.
        lens: Axis and horizon in the box; 1/focal; focal · height of the eye; eye - corner of the patch, x and z; texels
            a metre. In pixels of the picture; a place is `wide` · `tall` of them.
    """
    n = cast.shape[0]
    half, one = f4(0.5), f4(1)
    for y in range(left.shape[0]):
        depth = lens[3] / max((f4(y) + half) * tall - lens[1], f4(0.25))
        v = (depth + lens[5]) * lens[6] - half
        j = int(v)
        down = v - f4(j)
        for x in range(left.shape[1]):
            u = (((f4(x) + half) * wide - lens[0]) * depth * lens[2] + lens[4]) * lens[6] - half
            i = int(u)
            if u < 0 or v < 0 or i >= n - 1 or j >= n - 1:  # the patch fades out before its edge
                left[y, x, 0] = left[y, x, 1] = left[y, x, 2] = one
                continue
            across = u - f4(i)
            w00, w01, w10, w11 = (
                (one - across) * (one - down),
                across * (one - down),
                (one - across) * down,
                across * down,
            )
            c = w00 * cast[j, i] + w01 * cast[j, i + 1] + w10 * cast[j + 1, i] + w11 * cast[j + 1, i + 1]
            k = w00 * covered[j, i] + w01 * covered[j, i + 1] + w10 * covered[j + 1, i] + w11 * covered[j + 1, i + 1]
            for q in range(3):
                left[y, x, q] = one - shares[0, q] * c - shares[1, q] * k


def slope_of(light: Light) -> F32:
    """(2,) how far the light throws a shadow towards -x and -z, for each metre of height."""
    if float(light.key.max()) < 0.01 or light.direction[1] <= 0:
        return np.zeros(2, np.float32)
    return np.asarray(light.direction[[0, 2]], np.float32) / np.float32(max(float(light.direction[1]), _LOWEST))


def patch_of(posed: Sequence[Posed], light: Light) -> Patch | None:
    """Drop the meshes along the light, and straight down, onto y = 0; None when there is nothing above ground."""
    vertices = [np.ascontiguousarray(p.vertices, np.float32) for p in posed]
    top = max((float(v[:, 1].max()) for v in vertices if len(v)), default=0.0)
    if top <= 0:
        return None
    triangles = [np.ascontiguousarray(p.mesh.triangles, np.int32) for p in posed]
    fallen = _Fallen.along(vertices, triangles, slope_of(light))
    under = _Fallen.along(vertices, triangles, np.zeros(2, np.float32))
    texels = FEW_TEXELS if light.softness >= _BROAD else TEXELS
    x, z, texel = _frame(fallen, under, 0.5 * top * (light.softness + 0.2), texels)
    cast, covered = np.zeros((2, texels, texels), np.float32)
    softness, widest = light.softness / texel, _SIGMAS[-1] * texels
    spread = min(max(0.7 * softness * top, 0.5 * widest), widest)
    shaded = [
        fallen.part(x, z, texel, texels, spread),
        under.part(x, z, texel, texels, max(_BROADEST * top / texel, 1.5)),
    ]
    cast[shaded[0]] = _penumbra(fallen.lowest(x, z, texel, shaded[0]), softness, texels)
    covered[shaded[1]] = _contact(under.lowest(x, z, texel, shaded[1]), top, texel)
    low = [min(part[axis].start for part in shaded) for axis in (1, 0)]
    high = [max(part[axis].stop for part in shaded) for axis in (1, 0)]
    box = (x + low[0] * texel, z + low[1] * texel, x + high[0] * texel, z + high[1] * texel)
    return Patch(x, z, texel, cast, covered, box)


@dataclass(frozen=True, slots=True)
class _Fallen:
    """Meshes dropped onto the ground.

    Attributes:
        points: (N, 3) of each: x and z on the ground, and the height it fell from.
        low, high: (2,) least and greatest x and z.
    """

    points: list[F32]
    triangles: list[I32]
    low: F32
    high: F32

    @classmethod
    def along(cls, vertices: Sequence[F32], triangles: list[I32], slope: F32) -> _Fallen:
        """So far towards -x and -z for each metre of height."""
        points = [np.empty_like(v) for v in vertices]
        edges = np.array([[1e30, 1e30], [-1e30, -1e30]], np.float32)
        for one, at in zip(vertices, points, strict=True):
            _drop(one, slope, at, edges)
        return cls(points, triangles, edges[0], edges[1])

    def part(self, x: float, z: float, texel: float, texels: int, spread: float) -> tuple[slice, slice]:
        """Rows and columns of a patch that it shades: where it lies, and three times the spread (texels of sigma) around."""
        room = 3 * spread + 3
        low = [
            max(int((edge - at) / texel - room) // _STEP * _STEP, 0) for edge, at in zip(self.low, (x, z), strict=True)
        ]
        high = [
            min(-(-int((edge - at) / texel + room) // _STEP) * _STEP, texels)
            for edge, at in zip(self.high, (x, z), strict=True)
        ]
        return slice(low[1], high[1]), slice(low[0], high[0])

    def lowest(self, x: float, z: float, texel: float, part: tuple[slice, slice]) -> F32:
        """The least height over every texel of a part of a patch."""
        rows, columns = part
        height = np.full((rows.stop - rows.start, columns.stop - columns.start), _NONE, np.float32)
        left, near, per = f4(x + columns.start * texel), f4(z + rows.start * texel), f4(1 / texel)
        for points, triangles in zip(self.points, self.triangles, strict=True):
            at = np.empty_like(points)
            _placed(points, left, near, per, at)
            longest = _longest(at, triangles)
            if (
                longest < 2.5
            ):  # up to one and a half texels its corners say all that a triangle would, up to two and a half
                _lowest_points(at, triangles[: 0 if longest < 1.5 else None], height)  # its corners and its middle
            else:
                _lowest(at, triangles, height)
        return height


def _longest(points: F32, triangles: I32) -> float:
    """Texels that nearly no triangle is longer than, along either axis."""
    some = triangles[:: max(len(triangles) // 512, 1)]
    edges = np.abs(points[some[:, 0], :2] - points[some[:, 1], :2]).reshape(-1)
    most = int(0.97 * (len(edges) - 1))
    return float(np.partition(edges, most)[most]) if len(edges) else 0.0


@lean
def _placed(points: F32, left: float, near: float, per: float, out: F32) -> None:
    """Metres to texels; heights stay."""
    for k in range(np.uint64(points.shape[0])):
        out[k, 0], out[k, 1], out[k, 2] = (points[k, 0] - left) * per, (points[k, 1] - near) * per, points[k, 2]


@lean
def _drop(vertices: F32, slope: F32, out: F32, edges: F32) -> None:
    """x, z on the ground and the height it fell from; `edges` grow to the least and the greatest x and z."""
    left, near, right, far = edges[0, 0], edges[0, 1], edges[1, 0], edges[1, 1]
    for k in range(np.uint64(vertices.shape[0])):  # unsigned: numba guards signed indices
        height = max(vertices[k, 1], f4(0))
        x, z = vertices[k, 0] - slope[0] * height, vertices[k, 2] - slope[1] * height
        left, near, right, far = min(left, x), min(near, z), max(right, x), max(far, z)
        out[k, 0], out[k, 1], out[k, 2] = x, z, height
    edges[0, 0], edges[0, 1], edges[1, 0], edges[1, 1] = left, near, right, far


def _frame(fallen: _Fallen, under: _Fallen, margin: float, texels: int) -> tuple[float, float, float]:
    """Corner x, z and texel size of the patch, in coarse steps, so that the texels do not crawl as the subject moves."""
    low, high = np.minimum(fallen.low, under.low) - margin, np.maximum(fallen.high, under.high) + margin
    reach = float((high - low).max()) * 1.02
    texel = float(1.12 ** np.ceil(np.log(reach) / np.log(1.12))) / (texels - 2)
    corner = np.floor(((low + high) / 2) / texel - texels / 2) * texel
    return float(corner[0]), float(corner[1]), texel


def _penumbra(lowest: F32, softness: float, texels: int) -> F32:
    """Share of the key kept off, blurred by the height of what keeps it off.

    Args:
        softness: Texels of penumbra per metre of height.
        texels: Of the whole patch per axis.
    """
    mask = (lowest < _NONE).astype(np.float32)
    height = np.where(mask > 0, lowest, 0).astype(np.float32)
    sigmas = [sigma * texels for sigma in _SIGMAS]
    # How high the caster is must be known beyond the shadow's edge too: a mean over what is near.
    known = _soft(np.dstack([height, mask]), 0.5 * sigmas[-1])
    width = known[..., 0] / np.maximum(known[..., 1], np.float32(1e-4)) * np.float32(softness * 0.5)
    level = np.zeros_like(mask)  # np.interp, in single precision: a tenth of its time
    for low, high in pairwise(sigmas):
        level += np.clip((width - np.float32(low)) / np.float32(high - low), 0, 1)
    out, widest = np.zeros_like(mask), float(level.max())
    for number, sigma in enumerate(sigmas):
        if number < widest + 1:
            out += _soft(mask, sigma) * np.maximum(1 - np.abs(level - np.float32(number)), 0)
    return out


def _soft(image: F32, sigma: float) -> F32:
    """Blurred; a wide blur is made at half or quarter size, where it costs an eighth or less and looks the same."""
    part = 4 if sigma > 8 else 2 if sigma > 3.5 else 1
    if part == 1:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)
    small = cv2.resize(image, None, fx=1 / part, fy=1 / part, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / part)
    return np.asarray(cv2.resize(small, image.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _contact(lowest: F32, top: float, texel: float) -> F32:
    """Share of the sky kept off: nearly all where something touches the ground, fading with its height."""
    near = np.where(lowest < _NONE, 1 / (1 + (lowest / np.float32(0.06 * top)) ** 2), 0).astype(np.float32)
    wide = np.where(lowest < _NONE, 1 / (1 + (lowest / np.float32(0.30 * top)) ** 2), 0).astype(np.float32)
    tight = _soft(near, max(0.010 * top / texel, 0.8))
    broad = _soft(wide, max(_BROADEST * top / texel, 1.5))
    return np.asarray(1 - (1 - 0.62 * tight) * (1 - 0.55 * broad), np.float32)


@lean
def _lowest(points: F32, triangles: I32, height: F32) -> None:
    """The least height above every texel."""
    tall, wide = height.shape
    half = f4(0.5)
    for k in range(triangles.shape[0]):
        i, j, m = triangles[k, 0], triangles[k, 1], triangles[k, 2]
        x0, y0, x1, y1 = points[i, 0], points[i, 1], points[j, 0], points[j, 1]
        x2, y2 = points[m, 0], points[m, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(area) < f4(1e-7):
            continue
        scale = f4(1) / area
        vx, vy, wx, wy = (y2 - y0) * scale, (x0 - x2) * scale, (y0 - y1) * scale, (x1 - x0) * scale
        ux = -vx - wx
        fu, fv, fw = inverse(ux), inverse(vx), inverse(wx)
        rise, fall = points[j, 2] - points[i, 2], points[m, 2] - points[i, 2]
        left, right = max(0, int(min(x0, x1, x2) + half)), min(wide - 1, int(max(x0, x1, x2) - half))
        px = f4(left) + half - x0
        for y in range(max(0, int(min(y0, y1, y2) + half)), min(tall - 1, int(max(y0, y1, y2) - half)) + 1):
            py = f4(y) + half - y0
            v, w = vx * px + vy * py, wx * px + wy * py
            low, high = narrowed(f4(0), f4(right - left), v, vx, fv)
            low, high = narrowed(low, high, w, wx, fw)
            low, high = narrowed(low, high, f4(1) - v - w, ux, fu)
            if low > high:
                continue
            h0, hx = points[i, 2] + rise * v + fall * w, rise * vx + fall * wx
            for s in range(math.ceil(low), int(high) + 1):
                height[y, left + s] = min(height[y, left + s], h0 + hx * f4(s))


@helper
def _covers(x: float, y: float, h: float, height: F32) -> None:
    """A point covers the four texels around it."""
    column, row = int(x - f4(0.5)), int(y - f4(0.5))
    if column < 0 or row < 0 or column >= height.shape[1] - 1 or row >= height.shape[0] - 1:
        return
    at, to = np.uint64(row), np.uint64(column)
    for j in range(np.uint64(2)):
        for i in range(np.uint64(2)):
            height[at + j, to + i] = min(height[at + j, to + i], h)


@lean
def _lowest_points(points: F32, triangles: I32, height: F32) -> None:
    """The least height above every texel, from points and the middles of triangles alone. Half a texel of spread is less
    than the blur that follows, and a sixth of the work of filling triangles."""
    third = f4(1 / 3)
    for k in range(np.uint64(points.shape[0])):
        _covers(points[k, 0], points[k, 1], points[k, 2], height)
    for k in range(np.uint64(triangles.shape[0])):
        a, b, c = np.uint64(triangles[k, 0]), np.uint64(triangles[k, 1]), np.uint64(triangles[k, 2])
        x, y = points[a, 0] + points[b, 0] + points[c, 0], points[a, 1] + points[b, 1] + points[c, 1]
        _covers(x * third, y * third, (points[a, 2] + points[b, 2] + points[c, 2]) * third, height)
