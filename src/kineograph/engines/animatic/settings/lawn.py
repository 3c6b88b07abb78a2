"""The ground of an orchard: grass with sun flecks from the crowns above it, fallen petals, sometimes a path."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numba import float32 as f4
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import Real, kernel, sample, spectral
from kineograph.engines.animatic.settings.blossom import Stand
from kineograph.engines.animatic.settings.painting import DAB_COLUMNS, dabs
from kineograph.engines.animatic.settings.plates import CHANNELS, Canvas
from kineograph.engines.animatic.settings.stamps import DISC, LEAF, PETAL

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

# The map of light and of fallen petals on the ground: metres per cell, and how far it reaches.
GRID = 0.10
HALF, FAR = 16.0, 40.0


@dataclass(frozen=True, slots=True)
class Flecks:
    """What the crowns do to the ground, on a grid of GRID metres: (rows z, columns x).

    Attributes:
        sun: Share of the key light that comes through, 0…1.
        open: Share of the sky that is seen.
        fallen: Density of fallen petals, about 0…1.
    """

    sun: F32
    open: F32
    fallen: F32

    def at(self, tile: F32, x: F32, z: F32) -> F32:
        """The tile's value at world x and z (same shapes); 1 metre past the edge it stays as at the edge."""
        u = np.clip((x + HALF) / GRID - 0.5, 0, tile.shape[1] - 1).astype(np.float32)
        v = np.clip(z / GRID - 0.5, 0, tile.shape[0] - 1).astype(np.float32)
        return np.asarray(cv2.remap(tile, u, v, cv2.INTER_LINEAR), dtype=np.float32)


def flecks(stands: list[Stand], towards: F64) -> Flecks:
    """Let the light fall through the crowns."""
    shape = (round(FAR / GRID), round(2 * HALF / GRID))
    shade, above = np.zeros(shape), np.zeros(shape)
    slope = np.array([towards[0], towards[2]]) / max(towards[1], 0.30)
    for stand in stands:
        flowers = stand.lit.tree.flowers
        every = max(1, len(flowers) // 15_000)
        at = stand.world(flowers[::every])
        for grid, x, z in (
            (shade, at[:, 0] - slope[0] * at[:, 1], at[:, 2] - slope[1] * at[:, 1]),
            (above, at[:, 0], at[:, 2]),
        ):
            grid += np.histogram2d(z, x, bins=shape, range=[[0, FAR], [-HALF, HALF]])[0] * every
    soft = cv2.GaussianBlur(shade.astype(np.float32), (0, 0), 1.1)
    wide = cv2.GaussianBlur(above.astype(np.float32), (0, 0), 4.0)
    fallen = cv2.GaussianBlur(above.astype(np.float32), (0, 0), 7.0)
    return Flecks(np.exp(-soft * 0.11), np.exp(-wide * 0.02), np.clip(fallen / 24.0, 0, 1.3))


@kernel
def _texture(tile: F32, x: F32, z: F32, per_metre: Real, detail: F32, out: F32) -> None:
    """Noise on the ground: out[y, x], faded on rows whose pixels are coarser than the noise (detail: (h,) 0…1)."""
    for y in range(out.shape[0]):
        k = detail[y]
        if k <= f4(0.01):
            continue
        for c in range(out.shape[1]):
            out[y, c] = k * sample(tile, x[y, c] * per_metre, z[y] * per_metre)


def texture(tile: F32, x: F32, depth: F32, scale: F32, per_metre: float) -> F32:
    """Ground noise (h, w), `per_metre` cells of the tile to the metre; `scale`: pixels per metre of each row."""
    out = np.zeros(x.shape, np.float32)
    detail = np.clip(scale / per_metre * 1.2 - 0.15, 0, 1).astype(np.float32)
    _texture(tile, x, depth, np.float32(per_metre), detail, out)
    return out


def paint_lawn(
    plate: F32, canvas: Canvas, stands: list[Stand], towards: F64, palette: dict[str, F64], path: float | None,
    thick: float, rng: np.random.Generator,
) -> None:  # fmt: skip
    """
    Cover everything below the horizon of the plate.

    Args:
        palette: `grass` (2, 3) dark and light albedo, `petals` (3, 3).
        path: World x where a gravel path meets the viewer, or None.
        thick: Extinction of the air per metre.
    """
    light = flecks(stands, towards)
    x, depth, cover = canvas.ground()
    scale = canvas.camera.focal * canvas.height / depth
    tile, soft = spectral(512, 1.4, rng, lo=4), spectral(256, 2.8, rng, lo=3)
    fine = texture(tile, x, depth, scale, 55.0) + 0.8 * texture(tile, x, depth, scale, 17.0)
    mid = texture(soft, x, depth, scale, 12.0)
    wide = texture(soft, x, depth, scale, 3.1)
    z = np.broadcast_to(depth[:, None], x.shape) + canvas.camera.z
    dark, bright = palette["grass"]
    tone = np.clip(0.42 + 0.16 * fine + 0.14 * mid + 0.16 * wide, 0, 1)[..., None]
    albedo = dark + (bright - dark) * tone
    if path is not None:
        middle = path * np.exp(-z / 25) + 0.5 * np.sin(z * 0.13)
        edge = np.clip((0.85 - np.abs(x - middle) + 0.12 * mid) / 0.25, 0, 1)[..., None]
        gravel = np.array([0.36, 0.31, 0.25]) * (1 + 0.16 * fine[..., None] + 0.05 * wide[..., None])
        albedo = albedo + (gravel - albedo) * edge * 0.92
    fallen = light.at(light.fallen, x, z)
    carpet = np.clip(fallen * 0.62 + 0.30 * mid + 0.22 * wide - 0.52 + 0.40 * fine, 0, 0.70)[..., None]
    sun, sky = light.at(light.sun, x, z), light.at(light.open, x, z)
    albedo = albedo + (palette["petals"][0] * (0.80 + 0.1 * tone) - albedo) * carpet
    up = max(float(towards[1]), 0.22)
    relief = np.clip(1 + 0.16 * fine, 0.4, 1.7)[..., None]
    mask = cover[:, None, None]
    ground = np.zeros_like(plate)
    ground[..., 0:3] = albedo * (up * sun)[..., None] * relief
    ground[..., 3:6] = albedo * (0.35 + 0.65 * sky)[..., None] * (0.6 + 0.4 * relief)
    ground[..., 7] = 1
    hidden = 1 - np.exp(-depth * thick)[:, None, None]
    ground[..., :6] *= 1 - hidden
    ground[..., 6:7] = hidden
    plate *= 1 - mask
    plate += ground * mask
    _blades(plate, canvas, light, palette, up, path, rng)
    _petals(plate, canvas, light, palette, up, rng)


def _scatter(canvas: Canvas, count: int, near: float, far: float, rng: np.random.Generator) -> tuple[F64, F64]:
    """World x and z of things spread evenly over the picture's ground, far to near."""
    camera = canvas.camera
    top, low = camera.focal * camera.y / far, camera.focal * camera.y / near
    below = np.sort(top + (low - top) * rng.random(count))
    depth = camera.focal * camera.y / below
    half = (canvas.width / 2 + canvas.mx) / (camera.focal * canvas.height) * depth
    x = camera.x + camera.pan / camera.focal * depth + rng.uniform(-1, 1, count) * half
    return x, depth + camera.z


def _values(albedo: F64, sun: F64 | F32, sky: F64 | F32) -> F32:
    out = np.zeros((len(albedo), CHANNELS), np.float32)
    out[:, 0:3], out[:, 3:6], out[:, 7] = albedo * sun[:, None], albedo * sky[:, None], 1
    return out


def _nearest(canvas: Canvas) -> float:
    """Depth of the ground at the lower edge of the plate, metres."""
    low = (canvas.height + canvas.my) / canvas.height - canvas.camera.horizon
    return canvas.camera.focal * canvas.camera.y / max(low, 0.05)


def _blades(
    plate: F32, canvas: Canvas, light: Flecks, palette: dict[str, F64], up: float, path: float | None,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Tufts of grass, denser to the eye where it is near."""
    n = 30_000
    x, z = _scatter(canvas, n, _nearest(canvas), 16.0, rng)
    clump = 0.6 + 0.4 * np.sin(x * 3.1 + 2 * np.sin(z * 2.3)) * np.sin(z * 2.7 + 1.3 * np.sin(x * 1.9))
    keep = rng.random(n) < np.clip(clump, 0.15, 1)
    if path is not None:
        middle = path * np.exp(-z / 25) + 0.5 * np.sin(z * 0.13)
        keep &= np.abs(x - middle) > 0.8 + rng.normal(0, 0.08, n)
    x, z = x[keep], z[keep]
    n = len(x)
    tall = rng.uniform(0.035, 0.085, n)
    foot = canvas.project(np.stack([x, np.zeros(n), z], 1).astype(np.float32))
    rows = np.zeros((n, DAB_COLUMNS), np.float32)
    half = tall * foot[:, 2] / 2
    lean = rng.normal(0, 0.38, n)
    rows[:, 0], rows[:, 1] = foot[:, 0] + np.sin(lean) * half, foot[:, 1] - np.cos(lean) * half * 0.9
    rows[:, 2], rows[:, 3] = np.maximum(half, 0.8), np.maximum(0.0042 * foot[:, 2], 0.55)
    rows[:, 4], rows[:, 5] = np.sin(lean), -np.cos(lean)
    rows[:, 6], rows[:, 7] = 0.6, LEAF
    rows[:, 8] = np.clip(half / 1.2, 0.25, 0.9)
    tone = rng.beta(1.6, 2.2, n)[:, None]
    dark, bright = palette["grass"]
    albedo = (dark + (bright * 1.25 - dark) * tone) * rng.uniform(0.85, 1.2, (n, 1))
    xf, zf = x.astype(np.float32), z.astype(np.float32)
    sun = light.at(light.sun, xf, zf).ravel() * (up + 0.30) * (0.75 + 0.5 * tone[:, 0])
    dabs(plate, rows, _values(albedo, sun, (0.3 + 0.6 * light.at(light.open, xf, zf).ravel())))


def _petals(
    plate: F32, canvas: Canvas, light: Flecks, palette: dict[str, F64], up: float, rng: np.random.Generator
) -> None:
    """Fallen petals one by one, where they are near enough to be seen."""
    # From a low eye each is large: fewer fill the picture as well.
    n = round(6_500 * float(np.clip(canvas.camera.y / 0.9, 0.3, 1)))
    x, z = _scatter(canvas, n, _nearest(canvas), 13.0, rng)
    xf, zf = x.astype(np.float32), z.astype(np.float32)
    keep = rng.random(n) < 0.06 + 0.70 * light.at(light.fallen, xf, zf).ravel()
    x, z, xf, zf = x[keep], z[keep], xf[keep], zf[keep]
    n = len(x)
    at = canvas.project(np.stack([x, np.full(n, 0.015), z], 1).astype(np.float32))
    rows = np.zeros((n, DAB_COLUMNS), np.float32)
    rows[:, 0:2] = at[:, :2]
    rows[:, 2] = np.maximum(0.0125 * rng.uniform(0.7, 1.3, n) * at[:, 2], 0.7)
    flat = np.clip(canvas.camera.y / (z - canvas.camera.z), 0.42, 0.8)
    rows[:, 3] = np.maximum(rows[:, 2] * flat, 0.55)
    turn = rng.normal(0, 0.5, n) + np.where(rng.random(n) < 0.5, 0, np.pi)
    rows[:, 4], rows[:, 5] = np.cos(turn), np.sin(turn)
    rows[:, 6], rows[:, 7] = np.clip(0.9 / rows[:, 2], 0.15, 1), np.where(rows[:, 2] > 2, PETAL, DISC)
    rows[:, 8] = np.clip(rows[:, 2] / 1.2, 0.3, 0.9)
    albedo = palette["petals"][rng.integers(0, 2, n)] * rng.uniform(0.85, 1.0, (n, 1))
    sun = light.at(light.sun, xf, zf).ravel() * (up + 0.12)
    dabs(plate, rows, _values(albedo, sun, 0.4 + 0.55 * light.at(light.open, xf, zf).ravel()))


def _trim_foot(plate: F32, canvas: Canvas, stand: Stand, radius: float) -> None:
    """Cut a trunk off where it meets the ground: along the front of an ellipse on the grass."""
    here, front = canvas.project(np.array([[stand.x, 0, stand.z], [stand.x, 0, stand.z - radius * 1.3]], np.float32))
    half, deep = max(radius * 1.5 * here[2], 1.0), front[1] - here[1]
    left, right = max(int(here[0] - 3 * half), 0), min(int(here[0] + 3 * half) + 1, plate.shape[1])
    if right <= left:
        return
    across = (np.arange(left, right) + 0.5 - here[0]) / half
    edge = here[1] + deep * np.sqrt(np.clip(1 - across**2, 0, 1))
    rows = np.arange(plate.shape[0])[:, None] + 0.5
    plate[:, left:right] *= np.clip(edge[None] - rows + 0.5, 0, 1)[..., None].astype(np.float32)


def paint_skirt(plate: F32, canvas: Canvas, stand: Stand, palette: dict[str, F64], rng: np.random.Generator) -> None:
    """Grass and petals that hide where a trunk goes into the ground."""
    radius = float(stand.lit.tree.limbs[0, 3]) * stand.size / 1.34
    _trim_foot(plate, canvas, stand, radius)
    n = 600
    turn, reach = rng.uniform(0, 6.2832, n), radius * (1.15 + 1.1 * rng.beta(1.2, 2.5, n))
    z = stand.z + np.sin(turn) * reach
    order = np.argsort(-z)
    x, z = (stand.x + np.cos(turn) * reach)[order], z[order]
    front = z < stand.z + radius * 0.5
    x, z = x[front], z[front]
    n = len(x)
    foot = canvas.project(np.stack([x, np.zeros(n), z], 1).astype(np.float32))
    petal = rng.random(n) < 0.22
    half = np.where(petal, 0.012, rng.uniform(0.03, 0.075, n)) * foot[:, 2] * 0.5
    lean = np.where(petal, 1.4, rng.normal(0, 0.4, n))
    rows = np.zeros((n, DAB_COLUMNS), np.float32)
    rows[:, 0], rows[:, 1] = foot[:, 0] + np.sin(lean) * half, foot[:, 1] - np.cos(lean) * half * 0.9
    rows[:, 2] = np.maximum(half * np.where(petal, 1.6, 1), 0.8)
    rows[:, 3] = np.maximum(np.where(petal, 0.008, 0.0045) * foot[:, 2], 0.55)
    rows[:, 4], rows[:, 5] = np.sin(lean), -np.cos(lean)
    rows[:, 6], rows[:, 7], rows[:, 8] = 0.6, np.where(petal, DISC, LEAF), 0.95
    dark, bright = palette["grass"]
    albedo = dark + (bright - dark) * rng.random((n, 1))
    albedo[petal] = palette["petals"][0]
    dabs(plate, rows, _values(albedo, np.full(n, 0.16), np.full(n, 0.5)))
