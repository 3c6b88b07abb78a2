"""Facades: one perspective-correct wall kernel, floors and windows, sun and cast shadow, and lamps behind the glass."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import Real, f4, helper, kernel, lean, sample

F32 = NDArray[np.float32]

# Columns of a face.
X0, Z0, X1, Z1, LOW, HIGH, NX, NZ, STYLE, FLOOR, PITCH = range(11)
ALBEDO, GLASS, SEED, TAPER, WARM, SHARE, ACCENT, ACCENT_KIND, HAZE, BOX = 11, 14, 15, 16, 17, 20, 21, 24, 25, 26
FACE_COLUMNS = 27
# Columns of a box, for shadows: middle x, z; half width, half depth; cos, sin of its turn; top.
BOX_COLUMNS = 7

CURTAIN, PUNCHED, RIBBON, PIERS, BALCONIES, BLANK, SHOPS = 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0
NO_ACCENT, CROWN, EDGES, WASH, SIGN = 0.0, 1.0, 2.0, 3.0, 4.0


@helper
def _hash(a: Real, b: Real, c: Real) -> Real:
    """Three small integers -> 0…1."""
    n = (int(a) * 374761393 + int(b) * 668265263 + int(c) * 2147483647) & 0x7FFFFFFF
    n = ((n ^ (n >> 13)) * 1274126177) & 0x7FFFFFFF
    n = ((n ^ (n >> 15)) * 2246822519) & 0x7FFFFFFF
    return f4((n ^ (n >> 16)) & 0xFFFF) * f4(1 / 65536)


@helper
def _sunlit(x: Real, y: Real, z: Real, boxes: F32, own: Real, light: F32) -> Real:
    """1 where the sun reaches a point, 0 in the shadow of another box."""
    for k in range(boxes.shape[0]):
        if k == int(own):
            continue
        c, s = boxes[k, 4], boxes[k, 5]
        px, pz = x - boxes[k, 0], z - boxes[k, 1]
        u, w = px * c + pz * s, pz * c - px * s
        du, dw = light[0] * c + light[2] * s, light[2] * c - light[0] * s
        if abs(du) < f4(1e-5):
            du = f4(1e-5)
        if abs(dw) < f4(1e-5):
            dw = f4(1e-5)
        a, b = (-boxes[k, 2] - u) / du, (boxes[k, 2] - u) / du
        p, q = (-boxes[k, 3] - w) / dw, (boxes[k, 3] - w) / dw
        enter = max(max(min(a, b), min(p, q)), f4(0))
        leave = min(max(a, b), max(p, q))
        if leave > enter and y + light[1] * enter < boxes[k, 6]:
            return f4(0)
    return f4(1)


@helper
def _window(style: Real, across: Real, up: Real) -> bool:
    """Is this place of a cell (0…1 across, 0…1 up) glass?"""
    if style == CURTAIN:
        return bool(across > f4(0.07) and up > f4(0.11))
    if style == PUNCHED:
        pane = abs(across - f4(0.5)) > f4(0.022) and abs(up - f4(0.60)) > f4(0.018)  # between its glazing bars
        return bool(pane and across > f4(0.22) and across < f4(0.78) and up > f4(0.24) and up < f4(0.80))
    if style == RIBBON:
        return bool(up > f4(0.32) and up < f4(0.86) and across > f4(0.03))
    if style == PIERS:
        return bool(across > f4(0.36) and across < f4(0.92) and up > f4(0.16))
    if style == SHOPS:
        return bool(across > f4(0.06) and across < f4(0.94) and up > f4(0.09) and up < f4(0.74))
    if style == BALCONIES:
        return bool(across > f4(0.14) and across < f4(0.70) and up > f4(0.10) and up < f4(0.82))
    return False


@helper
def _relief(style: Real, across: Real, up: Real) -> Real:
    """Shade that ledges, piers and balconies throw on the wall beside them."""
    if style == PIERS:
        return f4(1.12) if across < f4(0.36) else f4(0.72)
    if style == BALCONIES:
        return f4(1.15) if up > f4(0.88) else (f4(0.70) if up > f4(0.74) else f4(1))
    if style == RIBBON:
        return f4(0.80) if up > f4(0.86) else f4(1.04)
    if style == SHOPS:
        return f4(1.25) if up > f4(0.78) else f4(0.55)
    if style == PUNCHED:
        return f4(0.84) if up > f4(0.80) and up < f4(0.88) else f4(1)
    return f4(0.86)


@helper
def _lamp(acc: F32, r: Real, g: Real, b: Real, dusk: Real) -> None:
    acc[7] += r
    acc[8] += g
    acc[9] += b
    acc[10] += (f4(0.3) * r + f4(0.5) * g + f4(0.2) * b) * dusk


@helper
def _glass(acc: F32, face: F32, i: int, j: int, across: Real, up: Real, v: Real, key: Real, glint: Real) -> None:
    """A pane: the sky above and the city below mirrored in it, and perhaps a lamp behind it."""
    n = face[SEED]
    pane = f4(0.78) + f4(0.44) * _hash(i, j, n + f4(7))
    high = min(v * f4(1 / 170), f4(1))
    mirror = face[GLASS] * pane
    for q in range(3):
        tint = f4(0.55) + face[ALBEDO + q] * f4(0.9)
        acc[q] += f4(0.05) * key + mirror * glint * tint
        acc[3 + q] += mirror * (f4(0.18) + f4(0.72) * high) * tint + f4(0.02)
    acc[6] += mirror * f4(0.62) * (f4(1) - f4(0.55) * high)
    floor = _hash(f4(1), j, n + f4(3))
    share = face[SHARE] * (f4(0.45) + f4(1.1) * floor * floor)
    when = _hash(i, j, n) / max(share, f4(0.02))
    if when < f4(1):
        warm = _hash(i, j, n + f4(13))
        shade = f4(0.45) if up > f4(1) - f4(0.5) * _hash(i, j, n + f4(31)) else f4(1)  # a blind
        # Goods on shelves, brighter below the lamps.
        shelf = _hash(int(across * f4(9)) + i * 11, int(up * f4(7)), n + f4(41))
        goods = shelf * (f4(0.4) + f4(0.6) * up) if up < f4(0.52) else f4(0.9)
        e = (f4(0.10) + f4(0.62) * _hash(i, j, n + f4(21)) ** f4(2)) * shade
        if face[STYLE] == SHOPS:
            e = f4(0.40) * (f4(0.30) + f4(0.70) * goods) * shade
            hue = _hash(int(across * f4(9)) + i * 5, j, n + f4(51))
            for q in range(3):  # what daylight shows of the goods
                acc[3 + q] += f4(0.10) * goods * (f4(0.5) + f4(0.5) * math.sin(hue * f4(6.28) + q * f4(2.1)))
        cool = f4(1) if warm < f4(0.80) else f4(0)
        _lamp(
            acc,
            e * (face[WARM] * cool + f4(0.72) * (f4(1) - cool)),
            e * (face[WARM + 1] * cool + f4(0.88) * (f4(1) - cool)),
            e * (face[WARM + 2] * cool + f4(1.0) * (f4(1) - cool)),
            f4(0.10) + f4(0.88) * when,
        )


@helper
def _accent(acc: F32, face: F32, u: Real, v: Real, length: Real) -> None:
    """Light on the outside: a crown, lines up the edges, a wash from the top."""
    kind = face[ACCENT_KIND]
    e = f4(0)
    if kind == CROWN and face[HIGH] - v < f4(5):
        e = f4(1.1)
    elif kind == EDGES and min(u, f4(1) - u) * length < f4(1.3):
        e = f4(0.9)
    elif kind == SIGN and v / face[FLOOR] > f4(0.80) and v / face[FLOOR] < f4(0.96):
        e = f4(0.55)
    elif kind == WASH:
        reach = (face[HIGH] - face[LOW]) * f4(0.4) + f4(4)
        q = max(f4(1) - (face[HIGH] - v) / reach, f4(0))
        e = f4(0.28) * q * q
    # Every house has its own hour.
    hour = _hash(f4(3), f4(5), face[SEED])
    if e > f4(0):
        _lamp(acc, e * face[ACCENT], e * face[ACCENT + 1], e * face[ACCENT + 2], f4(0.26) + f4(0.26) * hour)
    street = f4(0.26) * math.exp(-v * f4(1 / 13))
    if street > f4(0.01):
        _lamp(
            acc,
            street * face[ALBEDO] * f4(1.3),
            street * face[ALBEDO + 1] * f4(0.85),
            street * face[ALBEDO + 2] * f4(0.45),
            f4(0.18) + f4(0.30) * hour,
        )


@helper
def _point(acc: F32, face: F32, u: Real, v: Real, length: Real, key: Real, glint: Real, tile: F32) -> None:
    """Add what one sample of a face sends out to acc (12)."""
    along = u * length
    i, j = int(along / face[PITCH]), int(v / face[FLOOR])
    across, up = along / face[PITCH] - f4(i), v / face[FLOOR] - f4(j)
    style = face[STYLE]
    stain = (
        f4(1)
        + f4(0.10) * sample(tile, along * f4(0.9) + face[SEED], v * f4(0.35))
        + f4(0.04) * sample(tile, along * f4(6), v * f4(6) + face[SEED])
    )
    open_sky = f4(0.42) + f4(0.26) * min(v * f4(1 / 45), f4(1))
    attic = style != SHOPS and face[HIGH] - v <= f4(2.5)
    glass = _window(style, across, up) and not attic and (f4(i) + f4(1)) * face[PITCH] < length
    if face[TAPER] > f4(0) and u > f4(0.5):
        key *= f4(0.45)  # the far slope of a spire
    wall = f4(0.16) if glass else _relief(style, across, up) * stain
    if attic:
        wall *= f4(1.14)  # parapets catch the light
        acc[6] += face[GLASS] * f4(0.10)
    for q in range(3):
        acc[q] += face[ALBEDO + q] * key * wall
        acc[3 + q] += face[ALBEDO + q] * open_sky * wall
    if glass:
        _glass(acc, face, i, j, across, up, v, key, glint)
    _accent(acc, face, u, v, length)
    acc[11] += f4(1)


@helper
def _blend(p: F32, acc: F32, haze: Real) -> None:
    """Four samples under what a pixel of the plate already shows, through the air."""
    room = f4(1) - p[11]
    a = acc[11] * f4(0.25) * room
    clear = (f4(1) - haze) * f4(0.25) * room
    lamps = math.sqrt(f4(1) - haze) * f4(0.25) * room  # lamps are seen farther than walls
    for q in range(7):
        p[q] += acc[q] * clear
    for q in range(7, 11):
        p[q] += acc[q] * lamps
    p[6] += haze * a
    p[11] += a


@helper
def _glint(face: F32, x: Real, z: Real, light: F32) -> Real:
    """How much of the low sun a pane throws at the viewer: the mirror's direction against the sun's, level."""
    far = f4(1) / math.sqrt(x * x + z * z)
    dx, dz = x * far, z * far
    d = dx * face[NX] + dz * face[NZ]
    level = f4(1) / (math.sqrt(light[0] * light[0] + light[2] * light[2]) + f4(1e-3))
    c = ((dx - 2 * d * face[NX]) * light[0] + (dz - 2 * d * face[NZ]) * light[2]) * level
    if c < f4(0.9) or light[1] > f4(0.45):
        return f4(0)
    return f4(1.6) * (c - f4(0.9)) * (c - f4(0.9)) * f4(100) * (f4(1) - light[1] * f4(2.2))


@helper
def _hit(face: F32, view: F32, px: Real, py: Real) -> tuple[Real, Real, Real]:
    """Where the ray of a sample meets a face: share along it, height, depth; share -1 beside it."""
    s = (px - view[1]) / view[0]
    across = (face[X1] - face[X0]) - s * (face[Z1] - face[Z0])
    if abs(across) < f4(1e-6):
        return f4(-1), f4(0), f4(1)
    u = (s * face[Z0] - face[X0]) / across
    if u < f4(0) or u >= f4(1):
        return f4(-1), f4(0), f4(1)
    z = face[Z0] + (face[Z1] - face[Z0]) * u
    v = view[3] - (py - view[2]) * z / view[0]
    if v < face[LOW] or v >= face[HIGH]:
        return f4(-1), f4(0), f4(1)
    if face[TAPER] > f4(0):
        side = (v - face[LOW]) / (face[HIGH] - face[LOW]) * face[TAPER] * f4(0.5)
        if u < side or u > f4(1) - side:
            return f4(-1), f4(0), f4(1)
    return u, v, z


@helper
def _bounds(face: F32, view: F32, h: int, w: int) -> tuple[int, int, int, int]:
    """Columns and rows of the plate that a face may cover."""
    a, b = view[1] + face[X0] / face[Z0] * view[0], view[1] + face[X1] / face[Z1] * view[0]
    near, far = min(face[Z0], face[Z1]), max(face[Z0], face[Z1])
    top = view[2] - max((face[HIGH] - view[3]) / near, (face[HIGH] - view[3]) / far) * view[0]
    low = view[2] - min((face[LOW] - view[3]) / near, (face[LOW] - view[3]) / far) * view[0]
    return max(int(min(a, b)) - 1, 0), min(int(max(a, b)) + 2, w), max(int(top) - 1, 0), min(int(low) + 2, h)


@lean
def _walls(out: F32, faces: F32, boxes: F32, light: F32, view: F32, tile: F32, acc: F32) -> None:
    """Near to far: what is hidden is not worked out. acc: scratch, (12,)."""
    for n in range(faces.shape[0]):
        face = faces[faces.shape[0] - 1 - n]
        x0, x1, y0, y1 = _bounds(face, view, out.shape[0], out.shape[1])
        length = math.sqrt((face[X1] - face[X0]) ** 2 + (face[Z1] - face[Z0]) ** 2)
        facing = max(face[NX] * light[0] + face[NZ] * light[2], f4(0))
        glint = _glint(face, (face[X0] + face[X1]) * f4(0.5), (face[Z0] + face[Z1]) * f4(0.5), light)
        for y in range(y0, y1):
            for x in range(x0, x1):
                if out[y, x, 11] > f4(0.998):
                    continue
                for q in range(12):
                    acc[q] = f4(0)
                sun = f4(-1)
                for s in range(4):
                    px, py = f4(x) + f4(0.25) + f4(0.5) * (s & 1), f4(y) + f4(0.25) + f4(0.5) * (s >> 1)
                    u, v, z = _hit(face, view, px, py)
                    if u < f4(0):
                        continue
                    if sun < f4(0):
                        sun = f4(0)
                        if facing > f4(0.02):
                            wx = (px - view[1]) / view[0] * z + face[NX] * f4(0.5)
                            sun = _sunlit(wx, v, z + face[NZ] * f4(0.5), boxes, face[BOX], light)
                    _point(acc, face, u, v, length, facing * sun, glint * sun, tile)
                if acc[11] > f4(0):
                    _blend(out[y, x], acc, face[HAZE])


def walls(out: F32, faces: F32, boxes: F32, light: F32, view: F32, tile: F32) -> None:
    """
    Draw faces over a plate with lamps, four samples a pixel.

    Args:
        out: (h, w, 12).
        faces: (n, 27), columns as named above, far to near; x and z in metres from the eye, heights above the ground.
        boxes: (m, 7), what throws shadows.
        light: (3,) unit, towards the key.
        view: (4,) focal in pixels, column of the axis, row of the horizon, height of the eye.
        tile: (n, n) noise for stains.
    """
    behind = out.copy() if out[..., 11].any() else None
    out[:] = 0
    _walls(out, faces, boxes, light, view, tile, np.empty(12, np.float32))
    if behind is not None:
        out += behind * (1 - out[..., 11:])


@kernel
def ground_sun(x: F32, z: F32, boxes: F32, light: F32, out: F32) -> None:
    """Share of the sun on flat ground (h, w), four samples' worth of softness from neighbouring columns.

    Args:
        x: (h, w) and z: (h,) metres from the eye.
        boxes, light: As for `walls`.
    """
    for j in range(x.shape[0]):
        for i in range(0, x.shape[1], 2):
            lit = _sunlit(f4(x[j, i]), f4(0.02), f4(z[j]), boxes, f4(-1), light)
            out[j, i] = lit
            if i + 1 < x.shape[1]:
                out[j, i + 1] = lit
