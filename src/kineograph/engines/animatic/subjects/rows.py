"""Species and people as rows of TOML tables: reading them, and the words their colours go by."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from kineograph.engines.animatic.spec import Colour as Rgb

# Linear albedo of colour words that no coat of a row answers to, and of clothes.
PAINTS: Mapping[str, Rgb] = {
    "red": (0.60, 0.035, 0.030),
    "orange": (0.70, 0.215, 0.030),
    "yellow": (0.74, 0.49, 0.045),
    "gold": (0.62, 0.37, 0.070),
    "golden": (0.62, 0.37, 0.070),
    "green": (0.075, 0.30, 0.085),
    "teal": (0.030, 0.25, 0.27),
    "cyan": (0.050, 0.42, 0.50),
    "blue": (0.050, 0.150, 0.50),
    "navy": (0.022, 0.040, 0.130),
    "purple": (0.22, 0.065, 0.36),
    "violet": (0.25, 0.10, 0.45),
    "pink": (0.75, 0.235, 0.33),
    "brown": (0.19, 0.085, 0.038),
    "beige": (0.62, 0.48, 0.33),
    "cream": (0.76, 0.66, 0.50),
    "black": (0.022, 0.021, 0.024),
    "grey": (0.21, 0.21, 0.22),
    "gray": (0.21, 0.21, 0.22),
    "silver": (0.42, 0.43, 0.45),
    "white": (0.80, 0.78, 0.75),
}


@cache
def table(name: str) -> Mapping[str, Any]:
    """A TOML file beside this module, read once."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def tint(rgb: Rgb, gain: float) -> Rgb:
    """The colour times gain, kept an albedo (≤ 0.9)."""
    r, g, b = (min(c * gain, 0.9) for c in rgb)
    return (r, g, b)


def blend(a: Rgb, b: Rgb, u: float) -> Rgb:
    """a at u = 0, b at u = 1."""
    r, g, bl = (x + (y - x) * u for x, y in zip(a, b, strict=True))
    return (r, g, bl)
