"""Kernels and what they call."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.kernels import helper, lean
from kineograph.engines.animatic.noise import F32, Real


@helper
def _channel(row: F32, c: int) -> Real:
    return row[c] * np.float32(2)


@lean
def _twice(row: F32, out: F32) -> None:
    out[0] = _channel(row, 0)
    for c in range(1, 3):
        out[c] = _channel(row, c)


def test_a_literal_number_makes_no_signature_of_its_own() -> None:
    row, out = np.array([1, 2, 3], np.float32), np.zeros(3, np.float32)
    _twice(row, out)
    assert out.tolist() == [2, 4, 6]
    assert len(_channel.overloads) == 1


def test_a_helper_answers_python_too() -> None:
    assert _channel(np.array([1, 2, 3], np.float32), 2) == 6
