"""Warming up covers every place, every family and the weather's kernels."""

from __future__ import annotations

from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.registry import FAMILIES, SETTINGS
from kineograph.engines.animatic.warm import ROUNDS


def test_the_rounds_visit_every_setting_and_every_family() -> None:
    specs = [compile_prompt(prompt) for _, prompt in ROUNDS if prompt]
    assert {spec.setting for spec in specs} == set(SETTINGS)
    assert {FAMILIES[subject.family] for spec in specs for subject in spec.subjects} == set(FAMILIES.values())
    assert {"rain", "snow", "petals", "leaves", "fireflies", "sparkles"} <= {e for s in specs for e in s.effects}
