"""The one material table: names for those who build, a matrix for the kernel that lights."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

# Columns of the matrix, in order; kernels use the constants below.
COLUMNS = (
    "metal", "level", "f0", "coat", "wrap", "warm", "fuzz", "rim",
    "grain", "bump", "scale", "stretch", "glass", "sheet", "emit",
)  # fmt: skip
METAL, LEVEL, F0, COAT, WRAP, WARM, FUZZ, RIM = range(8)
GRAIN, BUMP, SCALE, STRETCH, GLASS, SHEET, EMIT = range(8, 15)
THIN, SOLID = 1, 2  # values of `glass`


@cache
def _rows() -> dict[str, dict[str, float]]:
    text = Path(__file__).with_name("materials.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)
    default = rows.pop("default")
    if unknown := {key for row in rows.values() for key in row} - set(COLUMNS):
        raise ValueError(f"materials.toml has unknown columns {sorted(unknown)}")
    return {name: default | row for name, row in rows.items()}


def material(name: str) -> int:
    """Row number of a material, for `Mesh.material`.

    Raises:
        KeyError: no such row in materials.toml.
    """
    return _numbers()[name]


@cache
def _numbers() -> dict[str, int]:
    return {name: number for number, name in enumerate(_rows())}


@cache
def names() -> tuple[str, ...]:
    """Material names by row number."""
    return tuple(_rows())


@cache
def table() -> F32:
    """(materials, len(COLUMNS)), for kernels. Shared: never write to it."""
    matrix = np.array([[float(row[column]) for column in COLUMNS] for row in _rows().values()], np.float32)
    matrix.setflags(write=True)  # a read-only array would be a second kernel signature
    return matrix
