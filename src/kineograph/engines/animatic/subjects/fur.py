"""Hairs: tapered strokes that copy the lit colour under their root, so coat, shadow and light are never worked out twice."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import float32
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import Real, helper, lean
from kineograph.engines.animatic.raster.mesh import Drawn
from kineograph.engines.animatic.subjects.sculpt import Skinned

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

PER_PIXEL = 0.8  # hairs per covered pixel; more only costs
FULL_LENGTH = 8.0  # pixels a hair must measure to be drawn at its full length: shorter ones would look tufted
THINNEST = 0.55  # pixels: a hair is never drawn thinner, it only fades


@dataclass(frozen=True, slots=True)
class Style:
    """How hairs grow.

    Attributes:
        up, lay: How much they follow the normal, and the flow.
        mess: How far they stray, 0…1.
        width: ÷ length.
        shine: Strength of the strand highlight (Kajiya and Kay 1989); fur has none.
        opacity: Of a hair seen from above; at the outline it is more.
    """

    up: float = 0.55
    lay: float = 1.0
    mess: float = 0.3
    width: float = 0.055
    shine: float = 0.0
    opacity: float = 0.30
    droop: float = 0.18
    grazing: float = -0.1  # hairs that face the eye less than this are left out
    sunk: float = 0.02  # row units a root may lie under what is seen there


@dataclass(frozen=True, slots=True)
class Fur:
    """Hairs at fixed places of a mesh, in random order: any first n of them are a fair sample.

    Attributes:
        corners: (H, 3) vertices of each root's triangle; share: (H, 3) barycentric.
        direction: (H, 3) unit, rest pose; length: (H,) row units; shade: (H,) gain of the copied colour.
    """

    style: Style
    corners: I32
    share: F32
    direction: F32
    length: F32
    shade: F32


def grow(
    body: Skinned, triangles: NDArray[np.bool_], count: int, length: F32, style: Style, rng: np.random.Generator
) -> Fur:
    """Plant hairs evenly by area.

    Args:
        triangles: (M,) where hairs may grow.
        length: (N,) of a hair rooted at each vertex, row units; 0 for none.
    """
    mesh, chosen = body.mesh, np.flatnonzero(triangles)
    a, b, c = (mesh.vertices[mesh.triangles[chosen, i]] for i in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    drawn = np.searchsorted(np.cumsum(area) / area.sum(), rng.random(count)).clip(0, len(chosen) - 1)
    corners = mesh.triangles[chosen[drawn]]
    share = rng.dirichlet((1, 1, 1), count).astype(np.float32)
    n = np.einsum("hk,hkc->hc", share, mesh.normals[corners])
    flow = np.einsum("hk,hkc->hc", share, body.flow[corners])
    flow -= n * (flow * n).sum(1, keepdims=True)
    stray = rng.normal(0, style.mess, (count, 3))
    direction = n * style.up + flow * style.lay + stray
    direction /= np.linalg.norm(direction, axis=1, keepdims=True) + 1e-9
    long = (share * length[corners]).sum(1) * rng.uniform(0.6, 1.35, count)
    return Fur(
        style,
        np.ascontiguousarray(corners, np.int32),
        share,
        np.ascontiguousarray(direction, np.float32),
        np.ascontiguousarray(long, np.float32),
        rng.uniform(0.80, 1.20, count).astype(np.float32),
    )


def comb(
    drawn: Drawn,
    fur: Fur,
    body: Skinned,
    matrices: F32,
    posed: tuple[F32, F32],
    view: tuple[Camera, tuple[int, int], Light],
    scale: float,
) -> None:
    """Draw the hairs over a lit subject, in place.

    Args:
        matrices: (B, 3, 4) of the pose; posed: its vertices and normals.
        view: Camera, (width, height) of the picture, light.
        scale: Metres per row unit.
    """
    camera, size, light = view
    covered = int(np.count_nonzero(drawn.rgba[..., 3] > 0.5))
    wanted = min(PER_PIXEL * covered, len(fur.length))
    per_metre = camera.focal * size[1] / max(float(posed[0][:, 2].mean()) - camera.z, 0.1)
    typical = float(fur.length.mean()) * scale * per_metre
    fade = min(max((typical - 1.2) / 3.0, 0.0), 1.0)  # hairs of a pixel or two are only noise
    if fade <= 0 or covered == 0:
        return
    shrink = min(max(typical / FULL_LENGTH, 0.55), 1.0)
    style = fur.style
    lens = np.array(
        [
            camera.x, camera.y, camera.z, camera.focal * size[1],
            size[0] * 0.5 - camera.pan * size[1] - drawn.x, camera.horizon * size[1] - drawn.y,
            *light.direction, style.width, style.opacity * fade, style.shine, style.droop, scale, wanted,
            style.grazing, style.sunk, shrink,
        ],
        np.float32,
    )  # fmt: skip
    comb_kernel(
        drawn.rgba.copy(), drawn.rgba, drawn.depth, posed[0], posed[1], matrices, body.bones, body.weights,
        (fur.corners, fur.share, fur.direction, fur.length, fur.shade), lens, np.empty((6, 4), np.float32),
    )  # fmt: skip


@lean
def stroke(out: F32, x: Real, y: Real, dx: Real, dy: Real, length: Real, radius: Real, colour: F32, how: F32) -> None:
    """A tapered, drooping line from root to tip, alpha-over, a pixel at a time along its longer axis.

    How much of it covers a pixel is that of soft discs set 0.8 pixels apart along the line, summed.

    Args:
        how: Opacity of a disc, droop, taper 0…1, brightening to the tip.
    """
    one, half = float32(1), float32(0.5)
    droop = length * how[1]
    across, down = dx * length, dy * length + droop
    tall = abs(down) > abs(across)
    first, beside, end = (y, x, down) if tall else (x, y, across)
    lean, bend = (across, float32(0)) if tall else (dy * length, droop)
    late = droop / down if tall else float32(0)  # the droop makes its second half longer
    straight = abs(end) / math.sqrt(across * across + down * down)
    discs = float32(int(length / float32(0.8)) + 2) / length
    low, high = min(first, first + end), max(first, first + end)
    wide, long = (out.shape[1], out.shape[0]) if tall else (out.shape[0], out.shape[1])
    for i in range(max(int(low), 0), min(int(high) + 1, long)):
        s = (min(max(float32(i) + half, low), high) - first) / end
        q = s + late * s * (one - s)
        middle = beside + (lean + bend * q) * q
        r = radius * (one - q * how[2])
        reach = r + half
        passed = (r + r if r > half else reach * reach) * discs * how[0]
        passed *= min(float32(i) + one, high) - max(float32(i), low)  # of the first and the last pixel a part is passed
        gain = float32(0.94) + how[3] * q
        room, fall = reach / straight + half, straight / reach
        for j in range(max(int(middle - room), 0), min(int(middle + room) + 1, wide)):
            near = one - abs(float32(j) + half - middle) * fall
            if near > 0:
                a = passed * near * math.sqrt(near * (float32(2) - near))
                a = min(a * (one - half * (a - how[0])), float32(0.95))
                py, px = (np.uint64(i), np.uint64(j)) if tall else (np.uint64(j), np.uint64(i))
                out[py, px, 0] += (colour[0] * gain - out[py, px, 0]) * a
                out[py, px, 1] += (colour[1] * gain - out[py, px, 1]) * a
                out[py, px, 2] += (colour[2] * gain - out[py, px, 2]) * a
                out[py, px, 3] += (one - out[py, px, 3]) * a


@helper
def _root(points: F32, corners: I32, share: F32, i: int, out: F32) -> None:
    """Barycentric mean of the corners of root i."""
    a, b, c = np.uint64(corners[i, 0]), np.uint64(corners[i, 1]), np.uint64(corners[i, 2])
    for k in range(3):
        out[k] = points[a, k] * share[i, 0] + points[b, k] * share[i, 1] + points[c, k] * share[i, 2]


@helper
def _turn(matrices: F32, bones: I32, weights: F32, v: int, direction: F32, i: int, out: F32) -> None:
    """Rotate (and scale) rest direction i with vertex v."""
    for r in range(3):
        out[r] = 0
        for k in range(4):
            w, b = weights[v, k], np.uint64(bones[v, k])
            if w > float32(0.02):
                out[r] += w * (
                    matrices[b, r, 0] * direction[i, 0]
                    + matrices[b, r, 1] * direction[i, 1]
                    + matrices[b, r, 2] * direction[i, 2]
                )


@helper
def _shine(lens: F32, eye: F32, way: F32, unit: Real) -> Real:
    """Highlight of a strand: sine of its angle to the half vector, to a high power."""
    hx, hy, hz = lens[6] + eye[0], lens[7] + eye[1], lens[8] + eye[2]
    h = float32(1) / math.sqrt(hx * hx + hy * hy + hz * hz + float32(1e-9))
    t = (hx * way[0] + hy * way[1] + hz * way[2]) * h / unit
    return max(float32(1) - t * t, float32(0)) ** 24


@helper
def _facing(lens: F32, p: F32, n: F32, eye: F32) -> Real:
    """Unit vector to the eye, into `eye`; the cosine of the surface's normal with it."""
    eye[0], eye[1], eye[2] = lens[0] - p[0], lens[1] - p[1], lens[2] - p[2]
    near = float32(1) / math.sqrt(eye[0] ** 2 + eye[1] ** 2 + eye[2] ** 2)
    for c in range(3):
        eye[c] *= near
    return n[0] * eye[0] + n[1] * eye[1] + n[2] * eye[2]


@helper
def _opacity(lens: F32, facing: Real, wide: Real, i: Real) -> Real:
    """More at the outline, less for hairs thinner than a pixel, and nothing for the last of those the size allows."""
    edge = float32(1) - min(max(facing, float32(0)), float32(1))
    newest = min(max((lens[14] - i) / (float32(0.12) * lens[14]), float32(0)), float32(1))
    thin = min(wide / float32(THINNEST) + float32(0.25), float32(1))
    return min(lens[10] * (float32(1) + float32(1.8) * edge * edge), float32(0.85)) * thin * newest


@lean
def comb_kernel(
    base: F32,
    out: F32,
    depth: F32,
    points: F32,
    normals: F32,
    matrices: F32,
    bones: I32,
    weights: F32,
    fur: tuple[I32, F32, F32, F32, F32],
    lens: F32,
    scratch: F32,
) -> None:
    """Every visible hair. `lens`: eye 0:3, focal px, centre x, y, light 6:9, width, opacity, shine, droop, scale, count,
    grazing, sunk, length ÷ full."""
    corners, share, direction, length, shade = fur
    p, n, way, eye, colour, how = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4], scratch[5]
    how[1], how[2], how[3] = lens[12], float32(0.8), float32(0.22)
    count = min(int(lens[14]) + 1, length.shape[0])
    for i in range(np.uint64(count)):  # unsigned: numba guards signed indices
        _root(points, corners, share, i, p)
        z = p[2] - lens[2]
        if z < float32(0.05) or length[i] <= 0:
            continue
        x, y = lens[4] + (p[0] - lens[0]) * lens[3] / z, lens[5] - (p[1] - lens[1]) * lens[3] / z
        if x < 1 or y < 1 or x >= out.shape[1] - 1 or y >= out.shape[0] - 1:
            continue
        px, py = np.uint64(int(x)), np.uint64(int(y))
        if base[py, px, 3] < float32(0.6) or z > depth[py, px] + lens[16] * lens[13]:
            continue
        _root(normals, corners, share, i, n)
        facing = _facing(lens, p, n, eye)
        if facing < lens[15]:
            continue
        _turn(matrices, bones, weights, np.uint64(corners[i, 0]), direction, i, way)
        reach = length[i] * lens[17]
        tip = z + way[2] * reach
        tx = lens[4] + (p[0] + way[0] * reach - lens[0]) * lens[3] / tip
        ty = lens[5] - (p[1] + way[1] * reach - lens[1]) * lens[3] / tip
        long = math.sqrt((tx - x) ** 2 + (ty - y) ** 2)
        if long < float32(0.6):
            continue
        gain = shade[i] / base[py, px, 3]
        if lens[11] > 0:
            gain *= float32(1) + lens[11] * _shine(lens, eye, way, lens[13])
        for c in range(3):
            colour[c] = base[py, px, c] * gain
        wide = lens[9] * length[i] * lens[13] * lens[3] / z
        how[0] = _opacity(lens, facing, wide, float32(int(i)))
        stroke(out, x, y, (tx - x) / long, (ty - y) / long, long, max(wide, float32(THINNEST)), colour, how)
