"""SceneSpec → Shot: layout for this frame shape, light, camera. All chance of a film is drawn here, by name."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from kineograph.core.request import FPS
from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.cast import Ground, individuals, place, share_of_frame
from kineograph.engines.animatic.daylight import daylight
from kineograph.engines.animatic.moves import path
from kineograph.engines.animatic.shot import Placement, Shot, named_rng
from kineograph.engines.animatic.spec import SceneSpec

Tier = Literal["fast", "quality"]

OPEN_DISTANCE = 12.0  # metres to what a film without a cast is about
CLOSE, WIDE = 1.5, 0.55  # the hero's size against a medium shot
HEAD_ROOM = 0.12  # rows kept free above the tallest

# Film pixels -> shading scale: small films can afford more, and need it. The budget is 3 × (fast) and 8 × (quality) the
# cost of encoding (benchmarks/encode_floor.py).
SCALES: dict[Tier, tuple[tuple[int, float], ...]] = {
    "fast": ((600_000, 0.75), (1_200_000, 0.6), (10_000_000, 0.5)),
    "quality": ((600_000, 1.0), (1_200_000, 1.0), (10_000_000, 0.9)),
}
# One sample per pixel saws outlines at shading size; four cost 2-4 ms a frame more, because only edges are lit four times.
SUPERSAMPLE: dict[Tier, int] = {"fast": 2, "quality": 2}


def direct(
    spec: SceneSpec,
    *,
    width: int,
    height: int,
    frames: int,
    seed: int,
    tier: Tier = "fast",
    camera_fixed: bool = False,
) -> Shot:
    """Decide how it is filmed.

    Args:
        width, height: Of the film, pixels.
        frames: Of the film, at 24 a second.
        seed: Everything left open by the words is drawn from it, each thing by its own name.
        tier: What the film may cost.
        camera_fixed: The camera stands still, whatever the words say.
    """
    aspect, seconds = width / height, frames / FPS
    rest, placements = _stage(spec, aspect, seconds, seed)
    distance = placements[0].z if placements else OPEN_DISTANCE
    distance = min([distance, *(placement.z for placement in placements)])
    light = daylight(spec, seed, aspect, rest.focal)
    return Shot(
        spec=spec,
        width=width,
        height=height,
        frames=frames,
        seed=seed,
        camera=path("static" if camera_fixed else spec.camera, rest, distance, seconds, seed),
        rest=rest,
        scale=next(scale for most, scale in SCALES[tier] if width * height <= most),
        supersample=SUPERSAMPLE[tier],
        sun_elevation=light.sun_elevation,
        sun_elevation_to=light.sun_elevation_to,
        sun_azimuth=light.sun_azimuth,
        cover=light.cover,
        wind=light.wind,
        grade=light.grade,
        exposure=light.exposure,
        placements=placements,
    )


def _stage(spec: SceneSpec, aspect: float, seconds: float, seed: int) -> tuple[Camera, tuple[Placement, ...]]:
    everybody = individuals(spec, seed)
    row = _staging().get(spec.setting) or _staging()["land"]
    rng = named_rng(seed, "horizon")
    if not everybody:
        part = row["open"]
        horizon = float(rng.uniform(*_by_shape(part, "horizon", aspect)))
        eye = float(rng.uniform(*part["eye"])) * (2.5 if spec.camera == "aerial" else 1.0)
        return Camera(y=eye, focal=float(_by_shape(part, "focal", aspect)), horizon=horizon), ()
    part = row["cast"]
    if everybody[0].subject.family == "product":
        part = row.get("table", part)
    horizon = float(rng.uniform(*_by_shape(part, "horizon", aspect)))
    size = _staging()["size"][everybody[0].subject.family]
    wanted = float(size["share"]) * {"close": CLOSE, "wide": WIDE}.get(spec.framing, 1.0)
    if everybody[0].subject.family == "product":
        flat = everybody[0].width / everybody[0].height  # a cup with its saucer fills the frame by its width
        wanted *= min(1.0, (1.1 / flat) ** 0.5) * (1.0 if spec.setting == "studio" else 0.8)
    share = share_of_frame(everybody, wanted * float(named_rng(seed, "size").uniform(0.92, 1.08)), aspect)
    feet = max(_feet(float(_by_shape(part, "feet", aspect)), share), HEAD_ROOM + share)
    ground = Ground(aspect, float(size["focal"]), horizon, feet, seconds, tuple(part["offset"]))
    placements = place(everybody, share, ground, seed)
    tallest = max(one.height for one in everybody)
    eye = (feet - horizon) * tallest / share
    return Camera(y=eye, focal=ground.focal, horizon=horizon), placements


def _feet(feet: float, share: float) -> float:
    """Small figures stand a little higher in the frame than large ones, so that they do not sink out of it."""
    return min(feet, 0.62 + share * 0.75)


def _by_shape(part: dict[str, Any], name: str, aspect: float) -> Any:
    """The value for this frame shape: `tall_…` where the frame is taller than wide."""
    return part.get(f"tall_{name}", part[name]) if aspect < 1 else part[name]


@cache
def _staging() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("staging.toml").read_text("utf-8"))


def thumbnail(shot: Shot, width: int, height: int) -> Shot:
    """The same shot at another size, shaded in full: for stills and contact sheets."""
    return replace(shot, width=width, height=height, scale=1.0)
