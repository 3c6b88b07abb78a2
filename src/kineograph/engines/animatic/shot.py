"""How it is filmed: Shot, the one place where chance has already spoken."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from kineograph.core.request import FPS
from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec

SLOW, LAPSE = 0.5, 3.0  # seconds on the set to one of the film


@dataclass(frozen=True, slots=True)
class Placement:
    """One individual on the set.

    Attributes:
        x, z: Where it stands, metres, world.
        y: Height of its feet above the ground.
        height: How tall it is, metres; builders scale their row to it.
        heading: Radians; 0 faces the viewer, +pi/2 faces right.
        velocity: Ground speed along the heading, metres a second.
        phase: 0…1, so that three dogs do not step together.
        seed: Names its own coat, build and timing.
        afloat: On the water or in it: needs no ground under it.
        carrier: Place in Shot.placements of who holds, bears or is under this one; None for who stands by itself.
        bond: How: `held`, `rides` or `on` (subjects/bonds.py).
        pose: Row of bonds.toml that its arms, or legs and arms, are kept in; "" for free ones.
    """

    subject: SubjectSpec
    x: float
    z: float
    height: float
    heading: float = 0.0
    y: float = 0.0
    velocity: float = 0.0
    phase: float = 0.0
    seed: int = 0
    afloat: bool = False
    carrier: int | None = None
    bond: str = ""
    pose: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """Layout, light and camera for this frame shape. After it nothing draws a number that is not named.

    Attributes:
        width, height: Of the film, pixels.
        scale: Shading size ÷ film size, 0.4…1 ("shade small, finish big").
        supersample: Samples per shaded pixel and axis for subjects (1 or 2).
        sun_elevation, sun_azimuth: Degrees; elevation +60…-18, azimuth 0 straight ahead, + to the right.
        sun_elevation_to: Elevation at the end, where the light changes during the film; else equal.
        cover: Cloud cover, 0…1.
        wind: Metres a second.
        grade: Row of the palette table, drawn by seed.
        exposure: Stops.
        camera: The path; `rest` is where still layers are built for.
        placements: Far to near is the stage's business; hero first here.
    """

    spec: SceneSpec
    width: int
    height: int
    frames: int
    seed: int
    camera: CameraPath
    rest: Camera
    scale: float = 0.67
    supersample: int = 2
    sun_elevation: float = 40.0
    sun_elevation_to: float = 40.0
    sun_azimuth: float = -50.0
    cover: float = 0.3
    wind: float = 2.0
    grade: str = "natural"
    exposure: float = 0.0
    placements: tuple[Placement, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it lasts on the set."""
        return max(self.frames, 1) / FPS * pace(self.spec)

    def moment(self, index: int) -> float:
        """Seconds on the set at that frame."""
        return index / FPS * pace(self.spec)

    @property
    def shading_size(self) -> tuple[int, int]:
        """Width and height at which the set and its subjects are shaded; both even."""
        return (round(self.width * self.scale / 2) * 2, round(self.height * self.scale / 2) * 2)

    def rng(self, name: str) -> np.random.Generator:
        """A generator of its own for everything with a name: adding a flower never moves a cloud."""
        return named_rng(self.seed, name)


def pace(spec: SceneSpec) -> float:
    """Seconds on the set to one of the film. Who acts in a time lapse keeps their pace: the sky alone runs (light/sky.py)."""
    return {"slow": SLOW, "lapse": 1.0 if spec.subjects else LAPSE}.get(spec.tempo, 1.0)


def named_rng(seed: int, name: str) -> np.random.Generator:
    """A generator that depends on the seed and on the name, on nothing else."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])
