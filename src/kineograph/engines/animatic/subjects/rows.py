"""Species and people as rows of TOML tables: reading them, and the words their colours go by."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from kineograph.engines.animatic.colours import colour, words
from kineograph.engines.animatic.spec import Colour as Rgb

DYED = 0.74  # the brightest a dyed thing gets: brighter, and sunlight leaves no folds or hairs to be seen


@cache
def table(name: str) -> Mapping[str, Any]:
    """A TOML file beside this module, read once."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def dye(word: str | None) -> Rgb | None:
    """Linear albedo of a colour word, or None for what is no colour ("spotted")."""
    if word is None or word.lower() not in words():
        return None
    r, g, b = (min(float(c), DYED) for c in colour(word.lower()))
    return (r, g, b)


def tint(rgb: Rgb, gain: float) -> Rgb:
    """The colour times gain, kept an albedo (≤ 0.9)."""
    r, g, b = (min(c * gain, 0.9) for c in rgb)
    return (r, g, b)


def blend(a: Rgb, b: Rgb, u: float) -> Rgb:
    """a at u = 0, b at u = 1."""
    r, g, bl = (x + (y - x) * u for x, y in zip(a, b, strict=True))
    return (r, g, bl)
