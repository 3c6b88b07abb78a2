"""The material table."""

from __future__ import annotations

import numpy as np
import pytest

from kineograph.engines.animatic.raster.materials import COLUMNS, LEVEL, material, names, table


def test_rows_are_found_by_name_and_unknown_names_are_refused() -> None:
    assert names()[material("fur")] == "fur"
    with pytest.raises(KeyError):
        material("unobtainium")


def test_every_value_is_within_what_the_kernel_understands() -> None:
    matrix = table()
    assert matrix.shape == (len(names()), len(COLUMNS))
    assert matrix.dtype == np.float32
    assert (matrix >= 0).all()
    assert (matrix[:, LEVEL] <= 4).all()
    unit = [COLUMNS.index(c) for c in ("metal", "f0", "coat", "wrap", "warm", "fuzz", "rim", "grain", "bump")]
    assert (matrix[:, unit] <= 1).all()


@pytest.mark.parametrize(
    "name", ["fur", "skin", "hair", "cloth", "eye", "leather", "plastic", "chrome", "glass", "liquid"]
)
def test_the_materials_subjects_are_made_of_are_there(name: str) -> None:
    assert 0 <= material(name) < 256
