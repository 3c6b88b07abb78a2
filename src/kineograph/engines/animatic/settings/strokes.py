"""The brush of plants: soft capsules in painter's order; blades of grass, flowers and leafy trees made of them."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, lean

F64 = NDArray[np.float64]
COLUMNS = 10  # of a stroke: x0, y0, x1, y1, r0, r1 (pixels), red, green, blue, alpha


@lean
def _draw(out: F32, rows: F32) -> None:
    height, width = out.shape[0], out.shape[1]
    for k in range(rows.shape[0]):
        x0, y0, x1, y1, r0, r1 = rows[k, 0], rows[k, 1], rows[k, 2], rows[k, 3], rows[k, 4], rows[k, 5]
        reach = max(r0, r1) + 1
        dx = x1 - x0
        dy = y1 - y0
        q = 1 / (dx * dx + dy * dy + 1e-6)
        for y in range(max(0, int(min(y0, y1) - reach)), min(height, int(max(y0, y1) + reach) + 1)):
            for x in range(max(0, int(min(x0, x1) - reach)), min(width, int(max(x0, x1) + reach) + 1)):
                px = x + 0.5 - x0
                py = y + 0.5 - y0
                u = min(max((px * dx + py * dy) * q, 0.0), 1.0)
                ex = px - dx * u
                ey = py - dy * u
                r = r0 + (r1 - r0) * u
                d = r + 0.5 - math.sqrt(ex * ex + ey * ey)
                if d > 0:
                    a = min(d, 1.0) * min(r * 1.6, 1.0) * rows[k, 9]
                    for c in range(3):
                        out[y, x, c] = out[y, x, c] * (1 - a) + rows[k, 6 + c] * a
                    out[y, x, 3] = out[y, x, 3] * (1 - a) + a


def draw(out: F32, rows: F64) -> None:
    """Draw strokes (n, COLUMNS) over `out` (h, w, 4), premultiplied, in order."""
    _draw(out, np.ascontiguousarray(rows, dtype=np.float32))


def towards(light: Light) -> F64:
    """Direction of the key for things that face the viewer: x right, y up, z to the viewer."""
    x, y, z = (float(v) for v in light.direction)
    out = np.array([x, max(y, 0.18), -z])
    return np.asarray(out / np.linalg.norm(out), dtype=np.float64)


def green_key(light: Light) -> F64:
    """The key as leaves send it on: under a red sun they keep some of their green."""
    return np.asarray(light.key * 0.75 + light.key.mean() * 0.25, dtype=np.float64)


def leaf_light(normals: F64, albedo: F64, light: Light, wrap: float = 0.3, through: float = 0.5) -> F64:
    """Wrapped light, and light through the leaf from behind. normals (n, 3) as in `towards`, albedo (n, 3)."""
    d = normals @ towards(light)
    lit = np.clip((d + wrap) / (1 + wrap), 0, 1) + through * np.clip(-d, 0, 1) ** 1.5
    sky = 0.55 + 0.45 * np.clip(normals[:, 1:2], -1, 1)
    return np.asarray(albedo * (green_key(light) * lit[:, None] + light.sky * sky), dtype=np.float64)


def blades(
    x: F64, y: F64, height: F64, albedo: F64, light: Light, rng: np.random.Generator, lean_: float = 0.25,
    bent: float = 0.0,
) -> tuple[F64, F64]:  # fmt: skip
    """Strokes of grass.

    Args:
        x, y: (n,) foot of each blade, pixels.
        height: (n,) pixels.
        albedo: (n, 3).
        bent: How far the wind lays them over to the right, in heights.

    Returns:
        Strokes (n, 3, COLUMNS), one blade a row: dark at the root, light through the tip; and tips (n, 2).
    """
    n = len(x)
    bend = rng.normal(0, lean_, n) * height + (rng.uniform(-0.1, 0.2) + bent) * height
    back = 0.55 + 0.75 * max(0.0, -float(towards(light)[2]))
    width = np.maximum(height * 0.028, 0.42)
    out = np.empty((n, 3, COLUMNS))
    for i in range(3):
        u0, u1 = i / 3, (i + 1) / 3
        colour = albedo * (light.sky * (0.55 + 0.6 * u1) + green_key(light) * (0.14 + 0.95 * back * u1 * u1))
        out[:, i, 0], out[:, i, 1] = x + bend * u0**2, y - height * u0
        out[:, i, 2], out[:, i, 3] = x + bend * u1**2, y - height * u1 * (1 - 0.10 * u1)
        out[:, i, 4], out[:, i, 5] = width * (1 - 0.7 * u0), width * (1 - 0.85 * u1)
        out[:, i, 6:9], out[:, i, 9] = colour, 1
    return out, np.stack([x + bend, y - height * 0.9], 1)


def flowers(tips: F64, size: F64, petals: F64, light: Light, rng: np.random.Generator) -> F64:
    """Five petals and a heart on each tip (n, 2); size (n,) pixels, petals (n, 3) albedo. Strokes (n, 6, COLUMNS)."""
    n = len(tips)
    turn = rng.uniform(0, 2 * math.pi, n)
    lit = petals * (light.sky * 0.9 + light.key * 0.55)
    out = np.empty((n, 6, COLUMNS))
    for a in range(5):
        angle = turn + a * 2 * math.pi / 5
        out[:, a, 0:2] = tips
        out[:, a, 2] = tips[:, 0] + np.cos(angle) * size
        out[:, a, 3] = tips[:, 1] + np.sin(angle) * size * 0.62
        out[:, a, 4], out[:, a, 5] = size * 0.35, size * 0.55
        out[:, a, 6:9], out[:, a, 9] = lit * (0.80 + 0.07 * a), 1
    heart = np.array([0.80, 0.50, 0.06]) * (light.sky * 0.8 + light.key * 0.45)
    out[:, 5, 0:2], out[:, 5, 2:4] = tips, tips
    out[:, 5, 4] = out[:, 5, 5] = size * 0.38
    out[:, 5, 6:9], out[:, 5, 9] = heart, 1
    return out


def _spikes(tips: F64, size: F64, petals: F64, light: Light, rng: np.random.Generator) -> F64:
    """Ears and lavender: four grains one above the other, paler to the top. As `flowers`: (n, 6, COLUMNS)."""
    n = len(tips)
    lit = petals * (light.sky * 0.9 + green_key(light) * 0.6)
    out = np.empty((n, 6, COLUMNS))
    for k in range(6):
        up = size * (k * 0.62 - 1.4)
        side = size * 0.22 * (1 if k % 2 else -1) * (1 - k / 9)
        out[:, k, 0], out[:, k, 1] = tips[:, 0], tips[:, 1] - up
        out[:, k, 2], out[:, k, 3] = tips[:, 0] + side, tips[:, 1] - up - size * 0.45
        out[:, k, 4], out[:, k, 5] = size * (0.34 - 0.03 * k), size * (0.20 - 0.02 * k)
        out[:, k, 6:9], out[:, k, 9] = lit * (0.72 + 0.09 * k) * rng.uniform(0.92, 1.08, (n, 1)), 1
    return out


def _cups(tips: F64, size: F64, petals: F64, light: Light, rng: np.random.Generator) -> F64:
    """Tulips: petals that close to a cup, the near ones lit. As `flowers`: (n, 6, COLUMNS)."""
    n = len(tips)
    lit = petals * (light.sky * 0.9 + green_key(light) * 0.62)
    out = np.empty((n, 6, COLUMNS))
    for k, (side, tone) in enumerate(
        ((-0.30, 0.62), (0.30, 0.66), (0.0, 0.55), (-0.26, 0.92), (0.26, 1.0), (0.0, 0.82))
    ):
        out[:, k, 0], out[:, k, 1] = tips[:, 0] + side * size * 0.5, tips[:, 1] + size * 0.55
        out[:, k, 2] = tips[:, 0] + side * size * (1.25 if k < 3 else 1.0)
        out[:, k, 3] = tips[:, 1] - size * (0.75 if k < 3 else 0.55)
        out[:, k, 4], out[:, k, 5] = size * 0.44, size * 0.20
        out[:, k, 6:9], out[:, k, 9] = lit * tone * rng.uniform(0.95, 1.05, (n, 1)), 1
    return out


def _discs(tips: F64, size: F64, petals: F64, light: Light, rng: np.random.Generator) -> F64:
    """Sunflowers: a ring of petals around a large brown heart. As `flowers`: (n, 6, COLUMNS)."""
    out = flowers(tips, size, petals, light, rng)
    out[:, 0:5, 4], out[:, 0:5, 5] = (size * 0.60)[:, None], (size * 0.42)[:, None]
    out[:, 5, 4] = out[:, 5, 5] = size * 0.52
    out[:, 5, 6:9] = np.array([0.11, 0.055, 0.02]) * (light.sky * 0.8 + light.key * 0.45)
    return out


def _bushes(tips: F64, size: F64, petals: F64, light: Light, rng: np.random.Generator) -> F64:
    """Leaves of a clipped bush: six dabs heaped up, darker below. As `flowers`: (n, 6, COLUMNS)."""
    n = len(tips)
    lit = petals * (light.sky * 0.85 + green_key(light) * 0.6)
    out = np.empty((n, 6, COLUMNS))
    for k in range(6):
        low = 1 - k / 6
        at = tips + rng.normal(0, 0.5, (n, 2)) * size[:, None]
        out[:, k, 0], out[:, k, 1] = at[:, 0], at[:, 1] + size * (1.5 * low)
        out[:, k, 2], out[:, k, 3] = at[:, 0] + size * 0.2, at[:, 1] + size * (1.5 * low - 0.25)
        out[:, k, 4], out[:, k, 5] = size * 0.42, size * 0.30
        out[:, k, 6:9], out[:, k, 9] = lit * (0.45 + 0.60 * (1 - low)) * rng.uniform(0.8, 1.2, (n, 1)), 1
    return out


HEADS = {"star": flowers, "spike": _spikes, "cup": _cups, "disc": _discs, "bush": _bushes}


def _grow(height: float, rng: np.random.Generator) -> tuple[F64, F64]:
    """Branches (n, 6) of x0, y0, x1, y1, r0, r1, and twig ends (m, 2), for a tree `height` pixels tall at (0, 0)."""
    limbs: list[tuple[float, ...]] = []
    tips: list[tuple[float, float]] = []
    todo = [(0.0, 0.0, float(rng.normal(0, 0.04)), height * 0.25, height * 0.022, 0)]
    while todo:
        x, y, angle, length, radius, order = todo.pop()
        for i in range(3):
            bent = angle + rng.normal(0, 0.10)
            nx, ny = x + math.sin(bent) * length / 3, y - math.cos(bent) * length / 3
            limbs.append((x, y, nx, ny, radius * (1 - i * 0.1), radius * (0.9 - i * 0.1)))
            x, y = nx, ny
        if order >= 2:
            tips.append((x, y))
        if order < 5 and length > height * 0.025:
            fork = 3 if order < 2 else 2
            for i in range(fork):
                away = angle + rng.uniform(-0.57, 0.57) + (i - (fork - 1) / 2) * 0.46
                todo.append((x, y, away, length * rng.uniform(0.62, 0.80), radius * 0.66, order + 1))
    return np.array(limbs), np.array(tips)


def tree(
    height: int, palette: F64, light: Light, rng: np.random.Generator, leaves: int = 4200, *, flat: bool = False
) -> F32:
    """A leafy tree as a sprite (height, 1.4·height, 4), its foot in the middle of the lower edge; `flat`: an acacia."""
    width = int(height * 1.4)
    out = np.zeros((height, width, 4), np.float32)
    limbs, tips = _grow(height, rng)
    limbs[:, [0, 2]] += width / 2
    limbs[:, [1, 3]] += height * 0.99
    tips += np.array([width / 2, height * 0.99])
    if flat:  # the crown is an umbrella: what grows higher or lower lies in one sheet
        sheet = height * 0.34
        tips[:, 1] = sheet + 0.16 * (tips[:, 1] - tips[:, 1].mean())
        tips[:, 0] = width / 2 + np.clip(1.35 * (tips[:, 0] - width / 2), -0.46 * width, 0.46 * width)
        limbs[:, [1, 3]] = np.maximum(limbs[:, [1, 3]], sheet)
    bark = np.array([0.09, 0.065, 0.05])
    side = math.copysign(1.0, float(light.direction[0]))
    for shift, share in ((0.0, 0.05), (0.35 * side, 0.28)):
        rows = np.zeros((len(limbs), COLUMNS))
        rows[:, :6] = limbs
        rows[:, [0, 2]] += shift * limbs[:, 4:6]
        rows[:, 4:6] *= 1 - 0.5 * abs(shift)
        rows[:, 6:9], rows[:, 9] = bark * (light.sky * 0.8 + light.key * share), 1 if not shift else 0.8
        draw(out, rows)
    draw(out, _leaves(height, tips, palette, light, rng, leaves))
    return out


def _leaves(height: int, tips: F64, palette: F64, light: Light, rng: np.random.Generator, count: int) -> F64:
    """Leaf strokes around the twig ends, shaded by the crown's sphere, back to front."""
    centre, spread = tips.mean(0), tips.std(0) * 2 + 1
    pick = rng.integers(0, len(tips), count)
    clump = rng.normal(0, 1, len(tips))[pick][:, None]
    at = tips[pick] + rng.normal(0, height * 0.034, (count, 2))
    off = (at - centre) / spread
    z = np.sqrt(np.clip(1 - (off**2).sum(1), 0, 1)) * rng.uniform(-1, 1, count)
    normals = np.c_[off[:, 0], -off[:, 1] + 0.2, z + 0.1 * clump[:, 0]] + rng.normal(0, 0.28, (count, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-6
    albedo = palette[rng.integers(0, len(palette), count)]
    albedo = np.maximum(albedo * (1 + 0.12 * clump + 0.12 * rng.standard_normal((count, 1))), 0.004)
    inside = 0.5 + 0.5 * np.clip((normals[:, 1:2] + z[:, None]) * 0.8 + 0.2, 0, 1)
    colour = leaf_light(normals, albedo, light) * inside
    angle, size = rng.uniform(0, 2 * math.pi, count), height * 0.0085 * rng.uniform(0.7, 1.5, count)
    rows = np.c_[
        at, at[:, 0] + np.cos(angle) * size, at[:, 1] + np.sin(angle) * size * 0.7 + size * 0.3,
        size * 0.52, size * 0.22, colour, np.ones(count),
    ]  # fmt: skip
    return np.asarray(rows[np.argsort(z)])


def halved(sprite: F32) -> list[F32]:
    """A sprite and its halves down to a few pixels, large to small: a tree far off is made from one not much larger."""
    out = [sprite]
    while min(out[-1].shape[:2]) >= 16:
        half = cv2.resize(out[-1], (out[-1].shape[1] // 2, out[-1].shape[0] // 2), interpolation=cv2.INTER_AREA)
        out.append(np.asarray(half, np.float32))
    return out


def stamp(out: F32, sprite: F32, x: float, y: float, height: float, haze: F32, far: float, *, flip: bool) -> None:
    """Put a sprite `height` pixels tall with its foot at (x, y), hazed by `far` 0…1, over `out`."""
    h = max(int(height), 3)
    w = max(int(sprite.shape[1] * h / sprite.shape[0]), 2)
    small = np.asarray(cv2.resize(sprite, (w, h), interpolation=cv2.INTER_AREA), dtype=np.float32)
    small = small[:, ::-1].copy() if flip else small
    small[..., :3] = small[..., :3] * np.float32(1 - far) + small[..., 3:] * haze * np.float32(far)
    x0, y0 = int(x - w / 2), int(y - h)
    ax, ay = max(0, -x0), max(0, -y0)
    bx, by = min(w, out.shape[1] - x0), min(h, out.shape[0] - y0)
    if bx <= ax or by <= ay:
        return
    under = out[y0 + ay : y0 + by, x0 + ax : x0 + bx]
    over = small[ay:by, ax:bx]
    under *= 1 - over[..., 3:]
    under += over
