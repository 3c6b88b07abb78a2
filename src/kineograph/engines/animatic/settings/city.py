"""A city as boxes: blocks, towers with setbacks and spires, a landmark; drawn by the seed for this frame shape."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.settings import facade
from kineograph.engines.animatic.shot import Shot

F32 = NDArray[np.float32]
Triple = tuple[float, float, float]

STYLES = {
    "curtain": facade.CURTAIN,
    "punched": facade.PUNCHED,
    "ribbon": facade.RIBBON,
    "piers": facade.PIERS,
    "balconies": facade.BALCONIES,
    "blank": facade.BLANK,
    "shops": facade.SHOPS,
}
# Rows of the city, far to near: metres from the eye, height as a share of the skyline's, width of blocks.
ROWS = ((1250.0, 1800.0, 0.95), (690.0, 1020.0, 1.0), (490.0, 640.0, 0.50))
SHORE = 400.0  # metres to the waterfront
THICKEST = 0.54  # share of a wall that fog hides at most: a city film shows its city
STEEL: Triple = (0.16, 0.16, 0.17)


@cache
def cities() -> dict[str, dict[str, Any]]:
    """Rows of city.toml by name."""
    return tomllib.loads(files(__package__).joinpath("city.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Box:
    """A block of building.

    Attributes:
        x, z: Its middle, metres from the eye.
        width, deep: Metres.
        turn: Radians about the vertical.
        low, high: Metres above the ground.
        floor, pitch: Metres from floor to floor, and from window to window.
        lit: Share of windows ever lit.
        taper: 1 runs to a point at the top, 0 stands straight.
    """

    x: float
    z: float
    width: float
    deep: float
    turn: float
    low: float
    high: float
    style: str
    albedo: Triple
    glass: float
    lit: float
    warm: Triple
    seed: int
    floor: float = 4.2
    pitch: float = 4.5
    accent: Triple = (0.0, 0.0, 0.0)
    accent_kind: float = facade.NO_ACCENT
    taper: float = 0.0


@dataclass(slots=True)
class City:
    """What stands on the far shore.

    Attributes:
        rows: Boxes of each depth row, far to near.
        beacons: (x, height, z, row): red lamps that blink on the highest tips.
        profile: One of `peak`, `ridge`, `twin`, `old`: how the heights run.
        shore: Metres to the waterfront.
    """

    kind: str
    profile: str
    shore: float = SHORE
    rows: list[list[Box]] = field(default_factory=list)
    beacons: list[tuple[float, float, float, int]] = field(default_factory=list)


class _Planner:
    """Draws a city."""

    def __init__(self, shot: Shot) -> None:
        self.rng = shot.rng("city")
        self.camera: Camera = shot.rest
        self.aspect = shot.width / shot.height
        kind = str(self.rng.choice(sorted(cities())))
        profile = str(self.rng.choice(["peak", "ridge", "twin", "old"]))
        self.city = City(kind, profile)
        self.walls = cities()[kind]["walls"]
        self.weights = np.array([w["share"] for w in self.walls], float)
        self.weights /= self.weights.sum()
        self.accents = cities()[kind]["accents"]
        side = self.rng.choice([-1, 1])
        self.peaks = [float(side * self.rng.uniform(0.08, 0.45))]
        if profile == "twin":
            self.peaks.append(float(-side * self.rng.uniform(0.35, 0.70)))
        # The tallest reach this share of the sky above the horizon.
        self.reach = {"ridge": 0.40, "old": 0.46}.get(profile, 0.60) * self.rng.uniform(0.9, 1.15)

    def tallest(self, z: float) -> float:
        """Metres that reach the skyline's top at depth z."""
        return self.reach * self.camera.horizon * z / self.camera.focal

    def envelope(self, t: float, row: int) -> float:
        """0…1: how high the city rises at t (-1 left … 1 right of the frame)."""
        wide = {"peak": 0.40, "twin": 0.26, "ridge": 1.6, "old": 0.55}[self.city.profile]
        return max(math.exp(-(((t - p * (1 + 0.25 * (1 - row))) / wide) ** 2)) for p in self.peaks)

    def block(self, x: float, z: float, width: float, high: float) -> Box:
        """One box of a wall drawn for this city."""
        rng = self.rng
        row = self.walls[int(rng.choice(len(self.walls), p=self.weights))]
        shade = rng.uniform(0.75, 1.15)
        hue = rng.normal(1, 0.03, 3)
        albedo = tuple(float(min(a * shade * h, 0.8)) for a, h in zip(row["albedo"], hue, strict=True))
        return Box(
            x, z, width, width * rng.uniform(0.6, 1.1), rng.choice([0.25, 1.0, 1.0]) * rng.uniform(-0.70, 0.70), 0.0, high,
            row["style"], (albedo[0], albedo[1], albedo[2]), row["glass"], row["lit"], tuple(row["warm"]),
            int(rng.integers(1, 60_000)), floor=rng.uniform(3.7, 4.6) * (1 + 0.35 * (z > 1200)),
            pitch=rng.uniform(3.2, 5.6) * (1 + 0.5 * (z > 1200)),
        )  # fmt: skip

    def lit_up(self, box: Box, chance: float) -> Box:
        """The box, perhaps with light on its outside."""
        if self.rng.random() > chance:
            return box
        accent = self.accents[int(self.rng.integers(len(self.accents)))]
        kinds = [facade.CROWN, facade.WASH, facade.EDGES if self.city.kind in ("neon", "harbour") else facade.WASH]
        return replace(box, accent=tuple(accent), accent_kind=float(self.rng.choice(kinds)))

    def tower(self, row: int, box: Box) -> list[Box]:
        """A tall box with what it carries: setbacks, a spire or a mast."""
        out = [self.lit_up(box, 0.45)]
        top, width, tall = box.high, box.width, box.high - box.low
        manner = self.rng.choice(["flat", "steps", "steps", "spire", "plant"])
        if manner in ("steps", "spire"):
            for _ in range(int(self.rng.integers(1, 4))):
                width *= self.rng.uniform(0.58, 0.82)
                high = top + tall * self.rng.uniform(0.05, 0.14)
                tier = replace(
                    out[-1], low=top, high=high, width=width, deep=min(width, box.deep), seed=box.seed + len(out)
                )
                out.append(tier)
                top = high
        elif manner == "plant":
            high = top + self.rng.uniform(5, 11)
            out.append(replace(box, low=top, high=high, width=width * 0.6, deep=box.deep * 0.6, style="blank"))
            top = high
        if manner == "spire":
            high = top + tall * self.rng.uniform(0.10, 0.22)
            out.append(replace(out[-1], low=top, high=high, width=width * 0.92, style="blank", taper=1.0))
            top = high - 4
        if manner != "plant" and self.rng.random() < 0.7:
            high = top + tall * self.rng.uniform(0.08, 0.22)
            out.append(self.mast(box, top, high, 1.6 * box.z / 700))
            top = high
        if row == 1 or self.rng.random() < 0.4:
            self.city.beacons.append((box.x, top, box.z, row))
        return out

    def mast(self, box: Box, low: float, high: float, width: float) -> Box:
        """A thin mast."""
        return replace(
            box, low=low, high=high, width=width, deep=width, style="blank", albedo=STEEL, turn=0.0, taper=0.0,
            accent_kind=facade.NO_ACCENT,
        )  # fmt: skip

    def landmark(self, z: float) -> list[Box]:
        """What one knows this city by."""
        t = self.peaks[0] * self.rng.uniform(0.7, 1.2)
        x = (t * self.aspect / 2 + self.camera.pan) * z / self.camera.focal
        tall = self.tallest(z) * self.rng.uniform(1.05, 1.25)
        body = self.block(x, z, tall * 0.13, tall * 0.72)
        if self.rng.random() < 0.5:
            return self._needle(replace(body, turn=float(self.rng.uniform(-0.5, 0.5))), tall)
        return self._telecast(body, tall)

    def _needle(self, body: Box, tall: float) -> list[Box]:
        """A tapering tower in tiers."""
        out: list[Box] = []
        low, width = 0.0, body.width
        for share in (0.42, 0.62, 0.76, 0.84):
            out.append(replace(body, low=low, high=tall * share, width=width, deep=width, seed=body.seed + len(out)))
            low, width = tall * share, width * 0.74
        accent = tuple(self.accents[0])
        out = [replace(b, accent=accent, accent_kind=facade.WASH if i else facade.EDGES) for i, b in enumerate(out)]
        out.append(replace(out[-1], low=low, high=tall * 0.93, width=width, style="blank", taper=0.85))
        out.append(self.mast(body, tall * 0.90, tall * 1.08, 2.2 * body.z / 700))
        self.city.beacons.append((body.x, tall * 1.08, body.z, 1))
        return out

    def _telecast(self, body: Box, tall: float) -> list[Box]:
        """A television tower: a shaft, a basket of glass, a mast."""
        accent = tuple(self.accents[-1])
        shaft = replace(body, width=tall * 0.075, deep=tall * 0.075, high=tall * 0.66, style="blank", taper=0.55,
                        albedo=(0.50, 0.49, 0.47), accent=accent, accent_kind=facade.WASH, turn=0.0)  # fmt: skip
        basket = replace(body, low=tall * 0.60, high=tall * 0.635, width=tall * 0.15, deep=tall * 0.15, style="ribbon",
                         accent=accent, accent_kind=facade.CROWN, lit=0.95, turn=0.0)  # fmt: skip
        upper = replace(basket, low=tall * 0.635, high=tall * 0.665, width=tall * 0.105, deep=tall * 0.105)
        mast = replace(self.mast(body, tall * 0.66, tall * 1.04, tall * 0.022), taper=0.8)
        self.city.beacons += [(body.x, tall * 1.03, body.z, 1), (body.x, tall * 0.85, body.z, 1)]
        return [shaft, basket, upper, mast]


def plan(shot: Shot) -> City:
    """The city of this shot."""
    planner = _Planner(shot)
    rng, aspect, focal = planner.rng, planner.aspect, planner.camera.focal
    for number, (z0, z1, share) in enumerate(ROWS):
        boxes: list[Box] = []
        half = (aspect / 2 + 0.20) * z0 / focal
        x = -half
        while x < half:
            z = float(rng.uniform(z0, z1))
            width = float(rng.uniform(26, 62)) * (1.25 if number == 0 else 1.0)
            t = x / z * focal / (aspect / 2)
            rise = planner.envelope(t, number)
            high = planner.tallest(z) * share * float(0.16 + 0.20 * rng.random() + 0.68 * rise * rng.random() ** 1.15)
            box = planner.block(x + planner.camera.pan * z / focal, z, width, max(high, 14.0))
            boxes += planner.tower(number, box) if high > 60 else [box]
            x += width * float(rng.uniform(0.70, 1.25 if number < 2 else 1.6)) * (z0 / 700) ** 0.35
        if number == 1:
            boxes += planner.landmark(float(rng.uniform(700, 800)))
            if planner.city.profile == "twin":
                boxes += _twins(planner)
        planner.city.rows.append(boxes)
    return planner.city


def _twins(planner: _Planner) -> list[Box]:
    """Two towers alike."""
    z = 760.0
    x = (planner.peaks[1] * planner.aspect / 2) * z / planner.camera.focal
    tall = planner.tallest(z) * 0.85
    one = planner.lit_up(planner.block(x, z, tall * 0.14, tall), 1.0)
    return [one, replace(one, x=x + one.width * 1.55, seed=one.seed + 1)]


def faces(boxes: list[Box], haze: float, first: int) -> F32:
    """Visible faces of the boxes, far to near, (n, 27): see facade.walls.

    Args:
        haze: Extinction per metre.
        first: Number of the first box in the table of shadow throwers.
    """
    order = sorted(range(len(boxes)), key=lambda i: (-boxes[i].z, boxes[i].low))
    out = [face for i in order for face in _box_faces(boxes[i], haze, first + i)]
    return np.array(out, np.float32).reshape(-1, facade.FACE_COLUMNS)


def _box_faces(box: Box, haze: float, number: int) -> list[list[float]]:
    c, s = math.cos(box.turn), math.sin(box.turn)
    corners = [
        (box.x + u * c - w * s, box.z + u * s + w * c)
        for u, w in ((-box.width / 2, -box.deep / 2), (box.width / 2, -box.deep / 2),
                     (box.width / 2, box.deep / 2), (-box.width / 2, box.deep / 2))
    ]  # fmt: skip
    out = []
    for k, (nx, nz) in enumerate(((s, -c), (c, s), (-s, c), (-c, -s))):
        (x0, z0), (x1, z1) = corners[k], corners[(k + 1) % 4]
        if (x0 + x1) * nx + (z0 + z1) * nz >= 0 or (box.taper and k):
            continue
        hidden = THICKEST * (1 - math.exp(-box.z * haze / THICKEST))
        out.append([
            x0, z0, x1, z1, box.low, box.high, nx, nz, STYLES[box.style], box.floor, box.pitch, *box.albedo, box.glass,
            box.seed, box.taper, *box.warm, box.lit, *box.accent, box.accent_kind, hidden, number,
        ])  # fmt: skip
    return out


def shadows(boxes: list[Box]) -> F32:
    """The boxes as throwers of shadow, (m, 7)."""
    rows = [(b.x, b.z, b.width / 2, b.deep / 2, math.cos(b.turn), math.sin(b.turn), b.high) for b in boxes]
    return np.array(rows, np.float32).reshape(-1, facade.BOX_COLUMNS)
