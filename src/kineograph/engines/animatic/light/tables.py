"""The tables behind the sky: weather rows and palettes."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

Triple = tuple[float, float, float]
_ONE: Triple = (1.0, 1.0, 1.0)
_ZERO: Triple = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Weather:
    """A row of weather.toml, whose head says what each number means."""

    overcast: float
    cover: tuple[float, float]
    fog: float
    key: float
    sheet: float
    tint: Triple
    sight: float
    gust: float


@dataclass(frozen=True, slots=True)
class Grade:
    """A row of grades.toml, whose head says what each number means."""

    zenith: Triple = _ONE
    horizon: Triple = _ONE
    glow: Triple = _ONE
    key: Triple = _ONE
    ambient: Triple = _ONE
    saturation: float = 1.0
    contrast: float = 1.0
    shadows: Triple = _ZERO
    lights: Triple = _ZERO


def _rows(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


def _frozen(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


@cache
def _weathers() -> dict[str, Weather]:
    return {name: Weather(**_frozen(row)) for name, row in _rows("weather.toml").items()}


@cache
def _grades() -> dict[str, dict[str, Grade]]:
    return {
        time: {name: Grade(**_frozen(row)) for name, row in rows.items()} for time, rows in _rows("grades.toml").items()
    }


def weather_of(name: str) -> Weather:
    """The row of a weather word; an unknown word is a clear day."""
    rows = _weathers()
    return rows.get(name, rows["clear"])


def weathers() -> tuple[str, ...]:
    """All weather words."""
    return tuple(_weathers())


def grades(time: str) -> tuple[str, ...]:
    """Names of the palettes of a time of day, for the seed to pick from."""
    return tuple(_grades().get(time, {"natural": Grade()}))


def grade_of(time: str, name: str) -> Grade:
    """A palette; a name the time does not have is its `natural`."""
    rows = _grades().get(time, {})
    return rows.get(name) or rows.get("natural") or Grade()
