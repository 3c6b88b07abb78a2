"""What can be built is what the tables have rows for."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from kineograph.engines.animatic.registry import TABLES, kinds_of


@pytest.mark.parametrize("family", sorted(TABLES))
def test_the_kinds_of_a_family_are_the_rows_of_its_table(family: str) -> None:
    text = files("kineograph.engines.animatic.subjects").joinpath(TABLES[family]).read_text("utf-8")
    table = tomllib.loads(text)
    assert kinds_of(family) == frozenset(table.get("kinds", table))
    assert kinds_of(family)
