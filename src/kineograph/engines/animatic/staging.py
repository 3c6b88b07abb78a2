"""How each setting is filmed, and the room that each doing takes: staging.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from kineograph.engines.animatic.cast import Individual
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec
from kineograph.engines.animatic.vocabulary.lexicon import lexicon


def part_of(spec: SceneSpec, hero: Individual) -> dict[str, Any]:
    """The staging row of this place for this hero."""
    row: dict[str, Any] = staging().get(spec.setting) or staging()["land"]
    part: dict[str, Any] = row["cast"]
    if lexicon().kinds[hero.subject.kind].stance == "table":
        part = row.get("table", part)
    return part


def by_shape(part: dict[str, Any], name: str, aspect: float) -> Any:
    """The value for this frame shape: `tall_…` where the frame is taller than wide."""
    return part.get(f"tall_{name}", part[name]) if aspect < 1 else part[name]


@cache
def staging() -> dict[str, Any]:
    """staging.toml."""
    return tomllib.loads(files(__package__).joinpath("staging.toml").read_text("utf-8"))


def reach_of(subject: SubjectSpec) -> tuple[float, float]:
    """Highest and lowest point of who does this, ÷ its own standing height."""
    low_and_high = staging()["reach"].get(subject.family, {}).get(subject.action, (1.0, 0.0))
    return float(low_and_high[0]), float(low_and_high[1])
