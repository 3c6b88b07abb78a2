"""Freed memory: kept between frames, given back after a film."""

from __future__ import annotations

import subprocess
import sys

import pytest

# What a frame of a small film does: arrays of a few megabytes, all freed at its end. Prints faults a frame, and how much
# memory (MiB) the process has let go of by giving back.
FRAMES = """
import resource, numpy as np
from kineograph.engines.animatic import heap
def frame(): return sum(float(array.sum()) for array in [np.ones(1 << 19) for _ in range(12)])
def faults(): return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def held(): return int(open("/proc/self/statm").read().split()[1]) * 4 // 1024
{begin}
frame(); frame()
before = faults()
for _ in range(10): frame()
print((faults() - before) // 10)
before = held()
heap.give_back()
print(before - held())
"""


def measured(begin: str) -> tuple[int, int]:
    done = subprocess.run(
        [sys.executable, "-c", FRAMES.format(begin=begin)], check=True, capture_output=True, text=True
    )
    faults, released = done.stdout.split()
    return int(faults), int(released)


@pytest.mark.skipif(sys.platform != "linux", reason="mallopt is glibc's")
def test_a_frame_finds_the_memory_of_the_one_before_and_the_end_of_a_film_frees_it() -> None:
    as_ever, _ = measured("")
    faults, released = measured("heap.keep()")
    assert as_ever > 2000  # else there is nothing to mend
    assert faults < 0.1 * as_ever
    assert released > 20
