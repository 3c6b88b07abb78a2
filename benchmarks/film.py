"""What a whole film of the built-in engine takes: wall seconds, CPU seconds and peak memory of the process that makes it.

    python benchmarks/film.py [--tier fast] [--tier quality] [--group several] [--only kitten] [--ratio 21:9] [--seconds 12]

Every film has a process of its own, as in a worker: imports, two threads that render, the queue, the encoder. `wall` begins when
the engine is asked for the film (imports done, kernels cached on disk; run it twice after a change of the code) and ends when the
file stands. `at rest` is the process before that; `built` when the stage stands.
Targets of DESIGN §7: 5 s at 1080p, fast, on two idle cores ≤ 6 s; memory ≤ 1.2 GB, also 21:9 for 12 s.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in a worker (app/parts.py); before numpy is imported

import argparse
import asyncio
import multiprocessing
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from studio import GROUPS, TARGET

from kineograph.core.request import VideoRequest, size_of
from kineograph.engines.base import Order

SEVERAL = {  # a stage for each scene, or one whose light turns: what asks for most memory
    "two scenes": "a kitten playing in a meadow, then a red car on a rainy street at night",
    "seasons": "a tree through the four seasons",
    "day to night": "a city skyline from day to night",
}
WALL, MEMORY = 6.0, 1200  # seconds for 5 s in the fast tier; MB


@dataclass
class Told:
    """Of one film: seconds, and MB (of 1000 kB)."""

    size: str
    wall: float
    cpu: float
    rest: int
    built: int
    peak: int


def megabytes(field: str) -> int:
    """A line of this process's status."""
    return int(Path("/proc/self/status").read_text().split(f"{field}:")[1].split()[0]) * 1024 // 1_000_000


def film(prompt: str, tier: str, seconds: int, ratio: str, resolution: str) -> Told:
    """Make it, in a fresh process."""
    from kineograph.engines.animatic import Animatic, filming  # noqa: F401  # imported before the clock runs

    width, height = size_of(resolution, ratio)
    told = Told(f"{width}x{height}", 0.0, 0.0, megabytes("VmRSS"), 0, 0)

    async def report(_progress: float, phase: str, _resume_token: str | None = None) -> None:
        if phase == "rendering" and not told.built:
            told.built = megabytes("VmRSS")

    request = VideoRequest("bench", prompt, seed=1, duration=seconds, aspect_ratio=ratio)
    with tempfile.TemporaryDirectory() as folder:
        order = Order(request, width, height, Path(folder), report, options={"tier": tier})
        start, spent = time.monotonic(), sum(os.times()[:2])
        asyncio.run(Animatic().make(order))
        told.wall, told.cpu = time.monotonic() - start, sum(os.times()[:2]) - spent
    told.peak = megabytes("VmHWM")
    return told


def bold(figure: float, limit: float, text: str) -> str:
    return f"**{text}**" if figure > limit else text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--ratio", default="16:9")
    parser.add_argument("--resolution", default="1080p")
    parser.add_argument("--tier", choices=sorted(TARGET), action="append")
    parser.add_argument("--group", choices=[*GROUPS, "several"], action="append", help="films, if none is named")
    parser.add_argument("--only", action="append", help="names in the first column")
    options = parser.parse_args()
    groups = GROUPS | {"several": SEVERAL}
    context = multiprocessing.get_context("spawn")
    print("| film | tier | size | s | wall s | CPU s | at rest MB | built MB | peak MB |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    wanted = options.group or (groups if options.only else ["films"])
    chosen = [one for group in wanted for one in groups[group].items()]
    for name, prompt in chosen:
        for tier in options.tier or TARGET:
            if options.only and name not in options.only:
                continue
            with context.Pool(1) as pool:
                told = pool.apply(film, (prompt, tier, options.seconds, options.ratio, options.resolution))
            wall = bold(told.wall, WALL * options.seconds / 5 if tier == "fast" else 1e9, f"{told.wall:.1f}")
            peak = bold(told.peak, MEMORY, str(told.peak))
            print(
                f"| {name} | {tier} | {told.size} | {options.seconds} | {wall} | {told.cpu:.1f} "
                f"| {told.rest} | {told.built} | {peak} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
