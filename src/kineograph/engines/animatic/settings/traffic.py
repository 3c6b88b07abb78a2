"""What moves about a harbour: sailing boats on the water, headlights along the quay, an aircraft at night."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import Real, f4, lean
from kineograph.engines.animatic.settings import stamps
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.settings.plates import Canvas, follow
from kineograph.engines.animatic.shot import Shot

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

# A small sloop from the side, metres: x towards the bow, y up from the waterline.
HULL = np.array([(-4.3, 0.95), (-3.7, -0.1), (3.2, -0.1), (4.8, 1.10)])
DECK = np.array([(-2.0, 0.95), (-1.8, 1.5), (1.1, 1.45), (1.5, 1.0)])
MAST = np.array([(0.30, 0.9), (0.42, 0.9), (0.38, 11.6), (0.32, 11.6)])
MAIN = np.array([(-3.4, 1.7), (0.22, 1.65), (0.28, 11.2), (-0.9, 7.2)])
JIB = np.array([(0.75, 1.5), (4.4, 1.25), (0.50, 9.6), (1.1, 5.0)])
SAILS = ((0.86, 0.84, 0.80), (0.86, 0.84, 0.80), (0.70, 0.20, 0.13), (0.82, 0.72, 0.52))
LAMP = np.array([1.6, 1.15, 0.6])


@dataclass(frozen=True, slots=True)
class Boat:
    """A boat under sail.

    Attributes:
        x, z: Where it is at t = 0, metres from the rest camera's place.
        speed: Metres a second, + to the right.
        sail: Linear albedo.
        phase: Radians of its rocking.
    """

    x: float
    z: float
    speed: float
    sail: tuple[float, float, float]
    phase: float


class Traffic:
    """All of it, drawn by the seed."""

    def __init__(self, shot: Shot, canvas: Canvas, road: float, depth: float, shore: float = 400.0) -> None:
        """
        Send everything on its way.

        Args:
            road: Row of the quay's road on the plates.
            depth: Metres at which the quay moves under the camera.
            shore: Metres to the quay; where it is near, boats lie before it, and there are more of them.
        """
        self._canvas, self._road, self._depth = canvas, road, depth
        self._near = 105.0 * shore / 400
        self._moored = shore < 200
        rng = shot.rng("traffic")
        aspect = shot.width / shot.height
        calm = shot.spec.weather not in ("storm", "snow")
        most = 4 if shot.sun_elevation > -5 else 2  # few sail at night
        count = int(rng.integers(0, most)) if calm and not shot.placements else 0
        lanes = rng.permutation(3)[:count]
        if self._moored and calm:
            most = int(rng.integers(3, 6)) - 2 * bool(shot.placements)
            lanes = rng.permutation(7)[: max(round(most * min(aspect / 1.4, 1.0)), 1)]
        self.boats = sorted((self._boat(rng, aspect, int(lane)) for lane in lanes), key=lambda boat: -boat.z)
        n = round(22 * aspect)
        self._cars = np.stack([rng.random(n), rng.choice([-1, 1], n) * rng.uniform(0.016, 0.028, n), rng.random(n)], 1)

    def _boat(self, rng: np.random.Generator, aspect: float, lane: int) -> Boat:
        """A boat somewhere in its third of the picture."""
        z = float(self._near * 2.2 ** rng.random()) * (1.25 if self._moored else 1.0)
        place = (lane - 3) * 0.29 if self._moored else (lane - 1) * 0.62
        x = (
            (float(rng.uniform(-0.22, 0.22)) * (0.4 if self._moored else 1.0) + place)
            * aspect
            / 2
            / self._canvas.camera.focal
            * z
        )
        sail = SAILS[int(rng.integers(len(SAILS)))]
        speed = float(rng.choice([-1, 1]) * rng.uniform(0.9, 1.8)) * (0.03 if self._moored else 1.0)
        return Boat(x, z, speed, sail, float(rng.uniform(0, 6.28)))

    def ashore(self, t: float, camera: Camera, dusk: float, out: Picture) -> None:
        """Headlights and tail lights along the quay, once it is dark enough; before the water mirrors them."""
        share = min(max((dusk - 0.25) * 3, 0.0), 1.0)
        if share <= 0:
            return
        canvas = self._canvas
        wide = canvas.shape[1] + 40
        x = (self._cars[:, 0] * wide + self._cars[:, 1] * t * canvas.height * 2.0) % wide - 20
        at = np.stack([x, np.full(len(x), self._road)], 1).astype(np.float32)
        rows = np.zeros((len(x), stamps.STAMP_COLUMNS), np.float32)
        rows[:, 0:2] = follow(at, self._depth, canvas, camera)
        rows[:, 2] = rows[:, 3] = max(out.shape[0] * 0.0026, 0.9)
        rows[:, 4], rows[:, 9], rows[:, 10], rows[:, 12] = 1, share, 1, 1
        front = self._cars[:, 1] < 0
        rows[:, 6:9] = np.where(front[:, None], np.array([1.5, 1.35, 1.05]), np.array([1.3, 0.10, 0.05]))
        stamps.stamps(out, rows)

    def afloat(self, t: float, camera: Camera, light: Light, dusk: float, out: Picture) -> None:
        """Boats, after the water is painted; each breaks its own mirror image into it."""
        for boat in self.boats:
            self._sail(boat, t, camera, light, dusk, out)

    def _sail(self, boat: Boat, t: float, camera: Camera, light: Light, dusk: float, out: Picture) -> None:
        height, width = out.shape[:2]
        z = boat.z - 2 * (camera.z - self._canvas.camera.z)
        scale = camera.focal * height / z
        x = boat.x + boat.speed * t - camera.x + self._canvas.camera.x
        foot = np.array([width / 2 - camera.pan * height + x * scale, camera.horizon * height + camera.y * scale])
        roll = 0.035 * math.sin(t * 1.3 + boat.phase) + 0.05
        heave = 0.10 * math.sin(t * 1.7 + boat.phase * 2)
        fade = math.exp(-z * light.haze_density * 0.6)
        bright = light.key * 0.55 + light.sky * (0.75 - 0.3 * min(dusk, 1.0))
        paints = (
            (MAST, np.array([0.30, 0.28, 0.26])),
            (JIB, np.asarray(boat.sail) * 0.92),
            (MAIN, np.asarray(boat.sail)),
            (DECK, np.array([0.40, 0.26, 0.15])),
            (HULL, np.array([0.55, 0.55, 0.56])),
        )
        for flip in (True, False):
            for shape, albedo in paints:
                points = _placed(shape, math.copysign(1, boat.speed), roll, heave, scale, foot, flip)
                colour = albedo * bright * fade + light.haze * (1 - fade)
                _polygon(out, points, colour, 0.42 if flip else 1.0, t if flip else None)
        if dusk > 0.3:
            _glow(out, foot - [0, (11.9 + heave) * scale], scale, min((dusk - 0.3) * 3, 1))


def _placed(
    shape: NDArray[np.float64],
    way: float,
    roll: float,
    heave: float,
    scale: float,
    foot: NDArray[np.float64],
    flip: bool,
) -> NDArray[np.float64]:
    """Points of a boat's part in the picture, (n, 2)."""
    c, s = math.cos(roll), math.sin(roll)
    x, y = shape[:, 0] * way, shape[:, 1]
    x, y = x * c + y * s, y * c - x * s + heave
    down = -0.72 if flip else 1.0  # a mirror image on rough water is foreshortened
    return np.stack([foot[0] + x * scale, foot[1] - y * scale * down], 1)


@lean
def _torn(mask: U8, push: NDArray[np.int32], out: U8) -> None:
    """Every row of the mask moved aside by its own number of pixels."""
    last = mask.shape[1] - 1
    for y in range(mask.shape[0]):
        for x in range(mask.shape[1]):
            out[y, x] = mask[y, min(max(x + push[y], 0), last)]


@lean
def _tint(out: F32, mask: U8, left: int, top: int, colour: F32, alpha: Real) -> None:
    """Lay a colour over the picture as the mask says, whose corner is at left, top; what is outside is not drawn."""
    for y in range(max(-top, 0), min(mask.shape[0], out.shape[0] - top)):
        for x in range(max(-left, 0), min(mask.shape[1], out.shape[1] - left)):
            if mask[y, x]:
                k = f4(mask[y, x]) * alpha
                for c in range(3):
                    out[y + top, x + left, c] += (colour[c] - out[y + top, x + left, c]) * k


def _polygon(
    out: Picture, points: NDArray[np.float64], colour: NDArray[np.float64], alpha: float, ripple: float | None
) -> None:
    """Fill a polygon over the picture, edges smoothed; `ripple`, a time, tears it sideways row by row."""
    x0, y0 = (int(v) for v in np.floor(points.min(0)) - 4)
    x1, y1 = (int(v) for v in np.ceil(points.max(0)) + 5)
    if x0 >= out.shape[1] or y0 >= out.shape[0] or x1 <= 0 or y1 <= 0:
        return
    mask = np.zeros((max(y1 - y0, 1), max(x1 - x0, 1)), np.uint8)
    cv2.fillPoly(mask, [np.round((points - [x0, y0]) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    if ripple is not None:
        rows = np.arange(len(mask)) + y0
        push = np.sin(rows * 1.9 + ripple * 5) + 0.6 * np.sin(rows * 0.7 - ripple * 3.1)
        torn = np.empty_like(mask)
        _torn(mask, np.round(push * 1.1).astype(np.int32), torn)
        mask = np.asarray(cv2.blur(torn, (5, 3)), np.uint8)
    _tint(out, mask, x0, y0, colour.astype(np.float32), np.float32(alpha / 255))


def _glow(out: Picture, at: NDArray[np.float64], scale: float, share: float) -> None:
    row = np.zeros((1, stamps.STAMP_COLUMNS), np.float32)
    row[0, :2] = at
    row[0, 2] = row[0, 3] = max(0.35 * scale, 1.2)
    row[0, 4], row[0, 6:9], row[0, 9], row[0, 10], row[0, 12] = 1, LAMP, share, 1, 1
    stamps.stamps(out, row)
