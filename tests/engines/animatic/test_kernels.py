"""Kernels and what they call."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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


def test_a_film_has_the_same_bytes_whether_its_kernels_were_just_compiled_or_come_from_the_cache(
    tmp_path: Path,
) -> None:
    code = (
        "import hashlib; from kineograph.engines.animatic.sheet import shots_for; from kineograph.engines.animatic import stage;"
        "film = stage.build_stage(shots_for('a girl on the beach at sunset', (128, 128), 1, seconds=2)[0]);"
        "print(hashlib.sha256(b''.join(p.tobytes() for i in (0, 9, 30) for p in film.frame(i))).hexdigest())"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    run = [
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True) for _ in range(2)
    ]
    assert run[0].stdout == run[1].stdout
    assert len(run[0].stdout.strip()) == 64
