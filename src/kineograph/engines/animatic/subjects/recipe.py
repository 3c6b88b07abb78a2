"""What chance and the prompt decided about a product before it is made."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.colours import Shade, colour
from kineograph.engines.animatic.shot import Placement, named_rng

F32 = NDArray[np.float32]
SHADES: dict[str, Shade] = {"": "tone", "deep": "deep", "light": "light"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One individual of a row.

    Attributes:
        colours: Linear albedo by role (glass, paper, strap…).
        shape: Proportions by name, where the row offers several.
        label: Kind of label.
        unit: Metres per unit of the recipe.
        rng: For what else varies; its own stream.
    """

    colours: Mapping[str, F32]
    shape: Mapping[str, float]
    label: str
    unit: float
    rng: np.random.Generator


@cache
def rows() -> dict[str, dict[str, Any]]:
    """products.toml."""
    return tomllib.loads(Path(__file__).with_name("products.toml").read_text(encoding="utf-8"))


def choose(placement: Placement) -> Choice:
    """Palette, shape and label by the placement's seed; the palette by the colour word if there is one."""
    subject = placement.subject
    row = rows()[subject.kind]
    rng = named_rng(placement.seed, "product")
    palettes, shapes, labels = row["palettes"], row.get("shapes", [{}]), row.get("labels", ["plain"])
    palette = palettes[int(rng.integers(len(palettes)))]
    shape = shapes[int(rng.integers(len(shapes)))]
    kind = labels[int(rng.integers(len(labels)))]
    if subject.colour is not None:
        palette = row.get("named", {}).get(subject.colour, row["worded"])
    colours = {role: _albedo(value, subject.colour or "grey") for role, value in palette.items()}
    return Choice(colours, shape, kind, placement.height / row["tall"], named_rng(placement.seed, "craft"))


def _albedo(value: str | list[float], word: str) -> F32:
    if not isinstance(value, str):
        return np.array(value, np.float32)
    name, _, shade = value.partition(".")
    return colour(word if name == "*" else name, SHADES[shade])
