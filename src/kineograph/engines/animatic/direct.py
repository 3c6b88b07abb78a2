"""SceneSpec → Shot: layout for this frame shape, light, camera. All chance of a film is drawn here, by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from kineograph.core.request import FPS
from kineograph.engines.animatic.blocking import block
from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.cast import individuals
from kineograph.engines.animatic.daylight import daylight
from kineograph.engines.animatic.moves import path
from kineograph.engines.animatic.shot import Placement, Shot, named_rng, pace
from kineograph.engines.animatic.spec import SceneSpec
from kineograph.engines.animatic.staging import by_shape, staging

Tier = Literal["fast", "quality"]

OPEN_DISTANCE = 12.0  # metres to what a film without a cast is about

# Film pixels -> shading scale: small films can afford more, and need it. The budget is 2 × (fast) and 5 × (quality) the
# cost of encoding (benchmarks/studio.py).
SCALES: dict[Tier, tuple[tuple[int, float], ...]] = {
    "fast": ((600_000, 0.75), (1_200_000, 0.6), (10_000_000, 0.5)),
    "quality": ((600_000, 1.0), (1_200_000, 1.0), (10_000_000, 0.9)),
}
# Brush and paper hide what finer shading would show; the styles cost 50-150 ns a shading pixel.
SHARP, BRUSH = ("cinematic", "noir", "vintage", "anime"), 0.8
NEAR_GROUND = 1.35  # distance to the hero ÷ to the ground at the frame's lower edge, at most, of camera moves
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
    aspect, seconds = width / height, frames / FPS * pace(spec)
    rest, placements = _stage(spec, aspect, seconds, seed)
    distance = placements[0].z if placements else OPEN_DISTANCE
    distance = min([distance, *(placement.z for placement in placements)])
    if placements and placements[0].y > 0 and placements[0].carrier is None:
        # Who flies may be far away: the ground under the camera is not, and is painted only so far.
        distance = min(distance, NEAR_GROUND * rest.y * rest.focal / max(1 - rest.horizon, 0.1))
    light = daylight(spec, seed, aspect, rest.focal)
    return Shot(
        spec=spec,
        width=width,
        height=height,
        frames=frames,
        seed=seed,
        camera=path("static" if camera_fixed else spec.camera, rest, distance, seconds, seed),
        rest=rest,
        scale=_scale(spec.style, tier, width * height),
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


def _scale(style: str, tier: Tier, pixels: int) -> float:
    """Shading size ÷ film size."""
    scale = next(scale for most, scale in SCALES[tier] if pixels <= most)
    return scale if style in SHARP else scale * BRUSH


def _stage(spec: SceneSpec, aspect: float, seconds: float, seed: int) -> tuple[Camera, tuple[Placement, ...]]:
    everybody = individuals(spec, seed)
    if everybody:
        return block(spec, everybody, aspect, seconds, seed)
    part = (staging().get(spec.setting) or staging()["land"])["open"]
    horizon = float(named_rng(seed, "horizon").uniform(*by_shape(part, "horizon", aspect)))
    eye = float(named_rng(seed, "eye").uniform(*part["eye"])) * (2.5 if spec.camera == "aerial" else 1.0)
    return Camera(y=eye, focal=float(by_shape(part, "focal", aspect)), horizon=horizon), ()


def thumbnail(shot: Shot, width: int, height: int) -> Shot:
    """The same shot at another size, shaded in full: for stills and contact sheets."""
    return replace(shot, width=width, height=height, scale=1.0)
