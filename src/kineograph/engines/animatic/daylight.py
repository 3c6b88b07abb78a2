"""Sun, clouds, wind and palette of a shot: drawn by name from what the words leave open."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kineograph.engines.animatic.light.tables import grades, weather_of
from kineograph.engines.animatic.shot import named_rng
from kineograph.engines.animatic.spec import SceneSpec

# Degrees of the sun above the horizon, from…to.
ELEVATION = {
    "dawn": (3.5, 9.0),
    "day": (30.0, 52.0),
    "golden": (3.0, 7.5),
    "dusk": (-4.0, -1.5),
    "night": (-16.0, -13.0),
}
# Degrees that it goes up or down in a time lapse in which nobody names another hour.
LAPSED = {"dawn": 16.0, "day": -17.0, "golden": -6.0, "dusk": -5.0, "night": 0.0}
IN_FRAME = 13.0  # degrees; a lower sun may stand in the picture, a higher one would wash it out
# Stops by which the camera opens up where little light is left; a lit skyline at night is bright enough as it is.
OPENED = {"dusk": 0.35, "night": 0.50, "storm": 0.0, "rain": 0.10}
WIND = {"clear": (1.0, 3.0), "wind": (3.5, 5.0), "storm": (4.0, 6.0), "fog": (0.4, 1.0)}


@dataclass(frozen=True, slots=True)
class Daylight:
    """Fields of Shot of the same names."""

    sun_elevation: float
    sun_elevation_to: float
    sun_azimuth: float
    cover: float
    wind: float
    grade: str
    exposure: float


def daylight(spec: SceneSpec, seed: int, aspect: float, focal: float) -> Daylight:
    """The light of the shot; `aspect` and `focal` say where the frame ends, so that a low sun can stand in it."""
    rng = named_rng(seed, "sun")
    low, high = ELEVATION[spec.time]
    elevation = float(rng.uniform(low, high))
    if spec.time_to is not None and spec.time == "day":
        elevation = min(elevation, 26.0)  # a shorter way down: the evening is the beauty of it
    end = float(rng.uniform(*ELEVATION[spec.time_to])) if spec.time_to is not None else elevation
    if spec.tempo == "lapse" and spec.time_to is None:
        elevation = min(elevation, 28.0)
        end = elevation + LAPSED[spec.time]
    cover = weather_of(spec.weather).cover
    names = grades(spec.time)
    return Daylight(
        sun_elevation=elevation,
        sun_elevation_to=end,
        sun_azimuth=_azimuth(spec, seed, elevation, aspect, focal),
        cover=float(named_rng(seed, "cover").uniform(*cover)) * (0.3 if "moon" in spec.effects else 1.0),
        wind=float(named_rng(seed, "wind").uniform(*WIND.get(spec.weather, (1.0, 3.0)))),
        grade=str(named_rng(seed, "grade").choice(names)),
        exposure=float(named_rng(seed, "exposure").uniform(-0.08, 0.12)) + _opened(spec),
    )


def _opened(spec: SceneSpec) -> float:
    """Stops above the meter's reading."""
    if (
        spec.setting in ("studio", "skyline", "street", "harbour", "room", "space", "abstract", "cave", "theatre")
        or spec.time_to is not None
    ):
        return 0.0
    return OPENED.get(spec.time, 0.0) + OPENED.get(spec.weather, 0.0)


def _azimuth(spec: SceneSpec, seed: int, elevation: float, aspect: float, focal: float) -> float:
    """Degrees. A low sun over an empty place stands in the frame, off the middle; with a cast it comes from the side, low
    ones more from behind (a rim of light), high ones more from the front (lit faces)."""
    rng = named_rng(seed, "azimuth")
    side = float(rng.choice((-1.0, 1.0)))
    if spec.setting == "studio":
        return side * float(rng.uniform(35.0, 60.0))
    half = math.degrees(math.atan(aspect / 2 / focal))
    if not spec.subjects and elevation < IN_FRAME:
        return side * half * float(rng.uniform(0.10, 0.62))
    if elevation < IN_FRAME:
        return side * float(rng.uniform(55.0, 105.0))
    return side * (float(rng.uniform(85.0, 135.0)) if spec.subjects else float(rng.uniform(60.0, 115.0)))
