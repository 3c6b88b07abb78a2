"""Colour words as linear light."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Shade = Literal["tone", "deep", "light"]


@cache
def _rows() -> dict[str, dict[str, list[float]]]:
    return tomllib.loads(Path(__file__).with_name("colours.toml").read_text(encoding="utf-8"))


def words() -> tuple[str, ...]:
    """Every colour word there is a row for."""
    return tuple(_rows())


def colour(word: str, shade: Shade = "tone") -> F32:
    """(3,) linear albedo of a word; grey for words that name a pattern, not a colour."""
    row = _rows().get(word, _rows()["grey"])
    return np.array(row[shade], np.float32)
