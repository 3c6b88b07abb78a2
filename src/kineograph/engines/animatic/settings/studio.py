"""A seamless studio: paper in any colour, softboxes, a floor that shows a little of what stands on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.colours import colour
from kineograph.engines.animatic.light.environment import LEVELS, directions, environment_of, lookup
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.shot import Shot

F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Paper:
    """How one backdrop looks.

    Attributes:
        colour: (3,) radiance where it is brightest.
        surround: (3,) what it throws back at the subject.
        falloff: How much darker the corners are, 0…1. Pure white has none: it is one white.
        exposure: Irradiance on a card that faces us, turned a little to the key.
        gloss: Strength of the floor's mirror image, and its fade in subject heights.
    """

    colour: F32
    surround: F32
    falloff: float
    exposure: float
    gloss: tuple[float, float]


def paper_of(word: str) -> Paper:
    """The seamless paper of a colour word."""
    if word == "white":
        white = np.ones(3, np.float32)
        return Paper(white, white, 0.0, 0.84, (0.16, 0.45))
    tint = colour(word, "light")
    if word == "black":
        return Paper(colour("black", "light") * np.float32(0.55), tint * np.float32(0.6), 0.80, 0.78, (0.34, 0.6))
    light = float(tint.mean())
    return Paper(tint * np.float32(0.96), tint, 0.16 + 0.30 * (1 - light), 0.82, (0.20, 0.45))


class Studio:
    """See `Setting`. The light stands still, the paper has no end.

    Attributes:
        gloss: Strength of the floor's mirror image and its fade in subject heights, for `raster.reflect`.
    """

    def __init__(self, shot: Shot) -> None:
        self._paper = paper_of(shot.spec.backdrop)
        self._light = softboxes(self._paper, float(np.sign(shot.sun_azimuth) or -1.0))
        self._picture = _sweep(self._paper, shot.shading_size, shot.rest)
        self.gloss = self._paper.gloss

    def light(self, t: float) -> Light:  # noqa: ARG002  (studio light does not change)
        """The softboxes, at any time."""
        return self._light

    def backdrop(self, t: float, camera: Camera, out: Picture) -> None:  # noqa: ARG002  (paper has no features to move)
        """Paper."""
        np.copyto(out, self._picture)

    def overlay(self, t: float, camera: Camera, out: Picture) -> None:
        """Nothing stands in front."""


def build(shot: Shot) -> Studio:
    """The studio of this shot."""
    return Studio(shot)


def _sweep(paper: Paper, size: tuple[int, int], camera: Camera) -> F32:
    """The backdrop (height, width, 3): a pool of light behind the subject, rolling off to the corners and to the front.

    Laid out in frame heights, so that a tall frame shows the same pool as a wide one.
    """
    width, height = size
    x = (np.arange(width, dtype=np.float32)[None] + 0.5 - width / 2) / height
    y = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / height
    span = np.float32(max(width / height, 1.0) / 2)
    pool = 1 - np.float32(paper.falloff) * ((x / span) ** 2 * 0.6 + (y - 0.42) ** 2 * 1.7)
    # Where wall becomes floor the paper curves: the floor in front of it lies a little away from the light.
    curve = 1 / (1 + np.exp(-(y - np.float32(camera.horizon + 0.18)) * 18))
    lit = np.maximum(pool * (1 - np.float32(paper.falloff * 0.18) * curve), 0)
    return np.ascontiguousarray(lit[..., None] * paper.colour, dtype=np.float32)


def softboxes(paper: Paper, side: float) -> Light:
    """Softboxes as environment; the key as a broad soft light from the same side, for shadows and for fur and skin."""
    towards = np.array([0.74 * side, 0.62, -0.52], np.float32)
    towards /= np.linalg.norm(towards)
    power = _power(paper, side)
    environment = environment_of(lambda d: _surrounding(d, paper, side, power))
    return Light(
        direction=towards,
        key=np.array([0.25, 0.246, 0.24], np.float32),
        sky=lookup(environment, (0, 1, 0), LEVELS - 1),
        bounce=lookup(environment, (0, -1, 0), LEVELS - 1),
        haze=paper.colour,
        haze_density=0.0,
        environment=environment,
        softness=0.7,
    )


def _power(paper: Paper, side: float) -> float:
    """How strong the lamps must be for the paper's exposure, on a card that faces us, turned a little to the key."""
    d = directions(48, nodes=False).reshape(-1, 3)
    card = np.array([0.40 * side, 0.35, -0.80], np.float32)
    weight = np.maximum(d @ (card / np.linalg.norm(card)), 0) * np.abs(d).sum(axis=1) ** 3
    weight /= weight.sum()
    dark = float((weight @ _surrounding(d, paper, side, 0.0)).mean())
    bright = float((weight @ _surrounding(d, paper, side, 1.0)).mean())
    return max(paper.exposure - dark, 0.1) / (bright - dark)


def _surrounding(d: F32, paper: Paper, side: float, power: float) -> F32:
    """Radiance (K, 3): the sweep as bright as it is filmed, so that glass shows what is behind it; lamps by their power.

    Walls stay dim: bright ones turn everything milky. Black flags left and right give glass and chrome dark edges.
    """
    x, y, z = d[:, 0] * side, d[:, 1], -d[:, 2]  # here: x to the key's side, z towards the viewer
    out = ((0.13 + 0.16 * _soft(-0.3, 0.9, y))[:, None] * (0.4 + 0.6 * paper.surround) * power).astype(np.float32)
    back = _soft(0.05, -0.45, z)[:, None]
    out = out * (1 - back) + paper.colour * back * (1.0 - 0.3 * _soft(0.2, 0.9, y))[:, None]
    floor = _soft(0.02, -0.12, y)[:, None]
    out = out * (1 - floor) + paper.colour * floor * (0.62 - 0.30 * _soft(-0.3, -1, y))[:, None]
    at = np.stack([x, y, z], 1)
    for flag in (-1.0, 1.0):
        out *= 1 - 0.93 * _box(at, (flag, 0.1, -0.30), 0.16, 3.0, 0.07)[:, None]
    return (out + _lamps(at, paper) * np.float32(power)).astype(np.float32)


def _lamps(at: F32, paper: Paper) -> F32:
    """A key box, a strip opposite, an overhead bank, a weak card; x is the key's side, z towards the viewer."""
    warm, cool = np.array([1.0, 0.985, 0.96], np.float32), np.array([0.96, 0.98, 1.0], np.float32)
    out = (_box(at, (1, 0.42, 0.55), 0.42, 0.62, 0.03) * (4.6 + 1.4 * at[:, 1]))[:, None] * warm
    out = out + (_box(at, (-1, 0.35, 0.35), 0.13, 0.85, 0.02) * 3.6)[:, None] * cool
    out = out + (_box(at, (0.1, 1, 0.05), 0.55, 0.40, 0.08) * 2.6)[:, None] * warm
    # Beside the camera: what faces us squarely (a case back, a box) would be the dullest thing in the picture.
    out = out + (_box(at, (0.25, 0.1, 1), 0.75, 0.5, 0.25) * 0.50)[:, None] * (0.5 + 0.5 * paper.surround)
    return out.astype(np.float32)


def _soft(a: float, b: float, x: F32) -> F32:
    """Smooth step from 0 at a to 1 at b, a above or below b."""
    q = np.clip((x - a) / (b - a), 0, 1)
    return np.asarray(q * q * (3 - 2 * q), np.float32)


def _box(d: F32, centre: tuple[float, float, float], width: float, height: float, edge: float) -> F32:
    """1 inside a rectangle on the sphere around us, with a soft edge; half sizes as tangents."""
    middle = np.array(centre) / np.linalg.norm(centre)
    aside = np.cross((0.0, 1.0, 0.0) if abs(middle[1]) < 0.9 else (0.0, 0.0, 1.0), middle)
    aside /= np.linalg.norm(aside)
    along = d @ middle
    depth = np.where(along > 0.05, along, 1e9)
    u, v = np.abs(d @ aside) / depth, np.abs(d @ np.cross(middle, aside)) / depth
    seen = _soft(width + edge, width - edge, u.astype(np.float32)) * _soft(
        height + edge, height - edge, v.astype(np.float32)
    )
    return np.where(along > 0.05, seen, 0).astype(np.float32)
