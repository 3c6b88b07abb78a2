"""Furniture: pieces of rounded parts in front of a wall, painted on plates that follow the light."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.settings.plates import DUSK, LAMP, LAMP_CHANNELS, Canvas

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Paints = Mapping[str, F64]

WARM = np.array([1.40, 0.92, 0.48])
LUMA = np.array([0.3, 0.5, 0.2])
SWITCHED = 0.28  # dusk at which lamps come on
GRAZED = 0.16  # share of the key light that falls on what stands against the wall


@cache
def rooms() -> dict[str, dict[str, Any]]:
    """Rows of rooms.toml by look."""
    return tomllib.loads(files(__package__).joinpath("rooms.toml").read_text(encoding="utf-8"))


@cache
def pieces() -> dict[str, dict[str, Any]]:
    """Rows of furniture.toml by name."""
    return tomllib.loads(files(__package__).joinpath("furniture.toml").read_text(encoding="utf-8"))


def stand(plate: F32, canvas: Canvas, name: str, x: float, z: float, paints: Paints, rng: np.random.Generator) -> None:
    """Paint a piece with its middle at world x, z metres from the eye."""
    for part in pieces()[name]["parts"]:
        albedo = paints[part["paint"]] * float(part.get("bright", 1.0))
        x0, y0, x1, y1 = part["box"]
        if part["shape"] in ("books", "bottles"):
            _books(plate, canvas, (x + x0, y0, x + x1, y1), z, rng, wide=2.2 if part["shape"] == "bottles" else 1.0)
            continue
        lamp = float(part.get("lamp", 0.0))
        box, turn = (x + x0, y0, x + x1, y1), float(part.get("turn", 0.0))
        slab(plate, canvas, box, z, albedo, round_=float(part.get("round", -1.0)), turn=turn, lamp=lamp)


def slab(
    plate: F32, canvas: Canvas, box: tuple[float, float, float, float], z: float, albedo: F64, *,
    round_: float = -1.0, turn: float = 0.0, lamp: float = 0.0,
) -> None:  # fmt: skip
    """A rounded box, or for round_ < 0 an ellipse, upright at z metres; lighter above, darker at its edges.

    Args:
        box: x0, y0, x1, y1, metres: world x, height above the floor.
        lamp: Brightness of its own light in the evening.
    """
    rest = canvas.camera
    corners = np.array([[box[0], box[3], z + rest.z], [box[2], box[1], z + rest.z]], np.float32)
    (left, top, metre), (right, low, _) = (tuple(float(v) for v in row) for row in canvas.project(corners))
    reach = (math.hypot(right - left, low - top) - (low - top)) / 2 + 3 if turn else 3.0
    c0, c1 = max(int(left - 3), 0), min(int(right + 4), plate.shape[1])
    r0, r1 = max(int(top - reach), 0), min(int(low + reach + 1), plate.shape[0])
    if c1 <= c0 or r1 <= r0:
        return
    px = np.arange(c0, c1)[None] + 0.5 - (left + right) / 2
    py = np.arange(r0, r1)[:, None] + 0.5 - (top + low) / 2
    u, v = px * math.cos(turn) + py * math.sin(turn), py * math.cos(turn) - px * math.sin(turn)
    a, b = (right - left) / 2, (low - top) / 2
    if round_ < 0:
        d = (np.sqrt((u / a) ** 2 + (v / b) ** 2) - 1) * min(a, b)
    else:
        r = min(max(round_ * metre, 0.5), a, b)
        qx, qy = np.abs(u) - a + r, np.abs(v) - b + r
        d = np.hypot(np.maximum(qx, 0), np.maximum(qy, 0)) + np.minimum(np.maximum(qx, qy), 0) - r
    cover = np.clip(0.5 - d, 0, 1)[..., None].astype(np.float32)
    edge = 1 - 0.42 * np.exp(np.minimum(d, 0) / max(0.045 * metre, 1.0))
    tone = edge * (1.05 - 0.30 * np.clip((v / b + 1) / 2, 0, 1))
    value = np.zeros((*d.shape, LAMP_CHANNELS), np.float32)
    value[..., 0:3] = (albedo * GRAZED) * tone[..., None]
    value[..., 3:6] = albedo * tone[..., None]
    if lamp:
        value[..., LAMP] = WARM * (lamp * (0.75 + 0.35 * edge))[..., None]
    value[..., DUSK] = value[..., LAMP] @ LUMA * SWITCHED
    value[..., 11] = 1
    part = plate[r0:r1, c0:c1]
    part *= 1 - cover
    part += cover * value


def _books(
    plate: F32, canvas: Canvas, box: tuple[float, float, float, float], z: float, rng: np.random.Generator,
    *, wide: float = 1.0,
) -> None:  # fmt: skip
    """A row of spines of every height and colour; bottles where they are `wide`."""
    x = box[0]
    while x < box[2] - 0.02:
        thick = float(rng.uniform(0.022, 0.052)) * wide
        high = box[1] + (box[3] - box[1]) * float(rng.uniform(0.68, 1.0))
        hue = rng.uniform(0.04, 0.42, 3)
        slab(
            plate,
            canvas,
            (x, box[1], min(x + thick, box[2]), high),
            z,
            np.asarray(hue),
            round_=0.004 if wide == 1 else 0.03,
        )
        x += thick + 0.003 * wide**2
