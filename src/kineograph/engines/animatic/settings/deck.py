"""A stone deck by the water for those who stand before the city: paving, a railing, lamps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import spectral
from kineograph.engines.animatic.settings.lawn import texture
from kineograph.engines.animatic.settings.plates import DUSK, LAMP, LAMP_CHANNELS, Canvas, Plate, standing

F32 = NDArray[np.float32]

GLOW = np.array([1.30, 0.86, 0.46], np.float32)  # of the lamps, linear RGB
FROM = np.array([0.55, 0.62, -0.56], np.float32)  # where lamplight comes from on the deck
LUMA = np.array([0.3, 0.5, 0.2])
SWITCHED = 0.34  # dusk at which the lamps come on
RAIL = 1.02  # metres
STEEL = np.array([0.060, 0.064, 0.070])


def paint(canvas: Canvas, edge: float, size: float, towards: F32, rng: np.random.Generator) -> list[Plate]:
    """
    The deck, and the railing and lamps that stand on its edge.

    Args:
        edge: Metres from the eye to where the deck ends.
        size: 1 for people; a kitten's railing is a kitten's.
        towards: (3,) unit, towards the key light.
    """
    size = min(max(size, 0.3), 1.15)
    floor = canvas.blank(LAMP_CHANNELS)
    x, depth, cover = canvas.ground()
    aspect, camera = canvas.width / canvas.height, canvas.camera
    sides = (-1, 1) if aspect > 1.2 else (int(rng.choice([-1, 1])),)
    lamps = [camera.x + float(s * rng.uniform(0.66, 0.86) * aspect / 2 * edge / camera.focal) for s in sides]
    _paving(floor, canvas, x / size, depth / size, edge / size, [a / size for a in lamps], float(towards[1]), rng)
    rail = canvas.blank(LAMP_CHANNELS)
    _railing(rail, canvas, edge, lamps, size)
    depths = np.where(cover > 0, np.minimum(depth, edge), edge).astype(np.float32)
    return [Plate(floor, depths), Plate(rail, standing(canvas, edge))]


def _paving(
    plate: F32, canvas: Canvas, x: F32, depth: F32, edge: float, lamps: list[float], up: float, rng: np.random.Generator
) -> None:
    """Slabs of granite with joints, pools of lamplight on them."""
    scale = canvas.camera.focal * canvas.height / depth
    noise = spectral(256, 1.6, rng, lo=4)
    grain = 0.6 * texture(noise, x, depth, scale, 60.0) + texture(noise, x, depth, scale, 9.0)
    z = np.broadcast_to(depth[:, None], x.shape)
    course = np.floor(z / 0.62)
    along = x / 0.95 + 0.5 * (course % 2)
    slab = np.sin(np.floor(along) * 12.9898 + course * 78.233) * 43758.5453
    tone = 1 + 0.10 * (slab - np.floor(slab) - 0.5) + 0.07 * grain
    wide = 1.2 / np.maximum(scale, 1)[:, None] + 0.010
    joint_z = np.clip(1 - np.abs((z / 0.62) % 1 - 0.5 - 0.5 * np.sign((z / 0.62) % 1 - 0.5)) * 0.62 / (wide * 3), 0, 1)
    joint_x = np.clip(1 - np.abs(along % 1 - 0.5 - 0.5 * np.sign(along % 1 - 0.5)) * 0.95 / wide, 0, 1)
    fade = np.clip(scale / 40, 0, 1)[:, None]
    tone = tone * (1 - 0.42 * np.maximum(joint_x, joint_z) * fade)
    albedo = np.array([0.30, 0.285, 0.265]) * np.clip(tone, 0.3, 1.6)[..., None]
    on = np.clip((edge - depth) * scale / 2 + 0.5, 0, 1)[:, None, None]
    plate[..., 0:3] = albedo * max(up, 0.12)
    plate[..., 3:6] = albedo * 0.85
    pool = sum(1 / (1 + ((x - a) ** 2 + (z - edge + 0.3) ** 2) / 3.2) ** 1.5 for a in lamps)
    plate[..., LAMP] = albedo * (0.05 + 0.75 * np.asarray(pool))[..., None] * GLOW
    plate[..., DUSK] = plate[..., LAMP] @ LUMA * SWITCHED
    plate[..., 11] = 1
    plate *= on


def _railing(plate: F32, canvas: Canvas, edge: float, lamps: list[float], size: float) -> None:
    """Posts, a broad hand rail, thin bars, a kerb; two lamps."""
    _, scale = _spot(canvas, canvas.camera.x, 0, edge)
    half = (canvas.width / 2 + canvas.mx) / scale
    middle = canvas.camera.x + canvas.camera.pan * edge / canvas.camera.focal
    left, right = middle - half, middle + half
    _bar(plate, canvas, (left, right), (-0.02 * size, 0.10 * size), edge, np.array([0.22, 0.21, 0.20]))
    for height in (0.28 * size, 0.52 * size, 0.76 * size):
        _bar(plate, canvas, (left, right), (height - 0.008 * size, height + 0.008 * size), edge, STEEL)
    for x in np.arange(np.floor(left / 1.6 / size) * 1.6 * size, right, 1.6 * size):
        _bar(plate, canvas, (x - 0.020 * size, x + 0.020 * size), (0.0, RAIL * size), edge, STEEL)
    _bar(plate, canvas, (left, right), ((RAIL - 0.045) * size, RAIL * size), edge, np.array([0.15, 0.105, 0.07]))
    # As tall as the frame lets them show their light.
    top = canvas.camera.y + (canvas.camera.horizon - 0.11) * edge / canvas.camera.focal
    top = min(max(top, 1.5 * size), 3.6 * size)
    for x in lamps:
        _bar(plate, canvas, (x - 0.024 * size, x + 0.024 * size), (0.0, top), edge, STEEL)
        _globe(plate, canvas, x, top + 0.07 * size, edge, 0.095 * size)


def _spot(canvas: Canvas, x: float, y: float, edge: float) -> tuple[F32, float]:
    at = canvas.project(np.array([[x, y, canvas.camera.z + edge]], np.float32))[0]
    return at, float(at[2])


def _bar(
    plate: F32,
    canvas: Canvas,
    across: tuple[float, float],
    up: tuple[float, float],
    edge: float,
    albedo: NDArray[np.float64],
) -> None:
    """A rectangle of the plane at `edge`: metres across, metres up."""
    low, _ = _spot(canvas, across[0], up[0], edge)
    high, _ = _spot(canvas, across[1], up[1], edge)
    columns = np.arange(plate.shape[1]) + 0.5
    rows = np.arange(plate.shape[0]) + 0.5
    middle, wide = (low[0] + high[0]) / 2, max((high[0] - low[0]) / 2, 0.4)
    centre, tall = (low[1] + high[1]) / 2, max((low[1] - high[1]) / 2, 0.4)
    a = (
        np.clip(wide + 0.5 - np.abs(columns - middle), 0, 1)[None]
        * np.clip(tall + 0.5 - np.abs(rows - centre), 0, 1)[:, None]
    )
    y0, y1 = max(int(centre - tall) - 2, 0), max(int(centre + tall) + 3, 0)
    x0, x1 = max(int(middle - wide) - 2, 0), max(int(middle + wide) + 3, 0)
    part, cover = plate[y0:y1, x0:x1], a[y0:y1, x0:x1, None].astype(np.float32)
    paint = np.zeros(LAMP_CHANNELS, np.float32)
    paint[0:3], paint[3:6], paint[11] = albedo * 0.45, albedo * 0.8, 1
    paint[LAMP] = albedo * 0.30 * GLOW
    paint[DUSK] = paint[LAMP] @ LUMA * SWITCHED
    part *= 1 - cover
    part += cover * paint


def _globe(plate: F32, canvas: Canvas, x: float, y: float, edge: float, radius: float) -> None:
    """A ball of milk glass, and the halo of the damp air around it."""
    at, scale = _spot(canvas, x, y, edge)
    columns, rows = np.arange(plate.shape[1]) + 0.5, np.arange(plate.shape[0]) + 0.5
    d = np.hypot(columns[None] - at[0], rows[:, None] - at[1]) / (radius * scale)
    cover = np.clip((1 - d) * radius * scale + 0.5, 0, 1)[..., None].astype(np.float32)
    paint = np.zeros(LAMP_CHANNELS, np.float32)
    paint[0:3], paint[3:6], paint[11] = 0.35, 0.55, 1
    paint[LAMP] = GLOW * 2.6
    paint[DUSK] = paint[LAMP] @ LUMA * SWITCHED
    plate *= 1 - cover
    plate += cover * paint
    halo = (np.exp(-np.clip(d - 1, 0, 40) * 0.9) * 0.20 * (d < 7)).astype(np.float32)[..., None] * (1 - cover)
    plate[..., LAMP] += halo * GLOW
    plate[..., DUSK] += halo[..., 0] * float(GLOW @ LUMA) * SWITCHED
    plate[..., 11] = np.maximum(plate[..., 11], 0.003 * (d < 7))
