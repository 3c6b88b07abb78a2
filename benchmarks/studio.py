"""What the built-in engine's films cost: every setting, two kinds of every family, every style; one table in Markdown.

    python benchmarks/studio.py [--tier fast] [--tier quality] [--group settings] [--only lake] [--ratio 21:9] [--runs 2]

For each film: CPU of the clip ÷ CPU of encoding its very frames, memory, CPU to the first frame. CPU seconds, not wall, so
that the figures mean something while others use the machine too (caches and cores shared still add 10-20 % to both sides).

Method: every film has a process of its own, kernels cached on disk. It builds its stage and makes frame 0 (`first`: imports
apart, loading kernels included), builds the stage again (`build`), then makes `--runs` runs of 30 consecutive frames, evenly
spread over the film, and encodes the first run there and back: what the frames after the first thirty cost, so that opening
the encoder and its key frame do not count (they made it a third dearer). Consecutive, because what an encoder costs depends
on how little changes; 30, because the clouds are drawn anew every 30 frames, so that a run holds exactly its share of that
(one frame before it is made and not counted). A clip of N frames then costs build + N × (frame + encode), and its floor
N × encode. `place`, `cast` and `film` say where a frame's time goes between new skies: setting with weather, subjects with
shadows and reflections, tone with style and enlarging. `--whole` times the whole film as the
engine itself makes it, to check the method.
Targets of DESIGN §7: fast ≤ 2.0, quality ≤ 5, memory ≤ 1.2 GB, first frame ≤ 1.5 s.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in a worker (app/parts.py); before numpy is imported

import argparse
import asyncio
import gc
import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kineograph.core.request import FPS, VideoRequest, size_of
from kineograph.engines.base import Order

if TYPE_CHECKING:
    from kineograph.engines.animatic.stage import Stage
    from kineograph.media.frame import Frame

TARGET = {"fast": 2.0, "quality": 5.0}
RUN = 30  # frames: sky.EVERY
PARTS_OF = 3  # frames of which the parts are timed
GROUPS: dict[str, dict[str, str]] = {
    "films": {
        "sunset": "Sunset at the beach, golden sunlight on the sea, waves gently hitting the sand",
        "kitten": "A cute kitten playing in the sunlight, fluffy fur, bright eyes",
        "turning": "Product slowly rotating, pure white background, soft lighting",
        "rainy car": "A red car on a rainy street at night",
        "snowy elephant": "An elephant at night in the snow",
        "lake birds": "Three birds over a lake at dawn",
        "children": "Two children running through a meadow with a dog",
    },
    "settings": {
        "abstract": "an abstract flow of colours",
        "beach": "the beach",
        "cave": "a cave",
        "desert": "the desert",
        "fields": "a tulip field",
        "forest": "a forest",
        "harbour": "a harbour",
        "lake": "a mountain lake",
        "land": "hills",
        "meadow": "a meadow",
        "orchard": "cherry blossom orchard",
        "open sea": "the open sea",
        "pond": "a lily pond",
        "road": "a country road",
        "room": "a living room",
        "skyline": "a city skyline",
        "snowfield": "a snowfield",
        "space": "outer space",
        "street": "a street in the city",
        "studio": "a white studio, nothing in it",
        "theatre": "a theatre stage",
        "tokyo": "a neon street in tokyo in the rain",
        "underwater": "underwater",
        "village": "a village in the snow",
        "waterfall": "a waterfall",
    },
    "families": {
        "plane": "a plane flying",
        "balloon": "a hot air balloon",
        "girl": "a girl dancing",
        "man": "a man walking",
        "robin": "a robin sitting",
        "eagle": "an eagle flying",
        "sailboat": "a sailboat",
        "ship": "a ship",
        "castle": "a castle",
        "lighthouse": "a lighthouse",
        "koi": "a koi swimming",
        "whale": "a whale",
        "cake": "a cake",
        "coffee": "a cup of coffee",
        "butterfly": "a butterfly",
        "bee": "a bee",
        "ball": "a ball",
        "guitar": "a guitar",
        "oak": "an oak tree",
        "rose": "a rose",
        "bottle": "a bottle rotating",
        "watch": "a watch rotating",
        "elephant": "an elephant walking",
        "dog": "a dog running",
        "car": "a car driving",
        "bicycle": "a bicycle",
    },
    "styles": {
        name: f"a cat walking in a meadow, {name} style"
        for name in ("watercolour", "ink wash", "anime", "paper cut", "clay", "pixel", "noir", "vintage")
    },
}


@dataclass
class Cost:
    """Of one film: seconds for `first`, `build` and `clip` (0 unless whole), CPU milliseconds a frame for the rest."""

    first: float
    build: float
    place: float
    cast: float
    film: float
    frame: float
    encode: float
    memory: int  # MiB
    clip: float = 0.0
    floor: float = 0.0

    def ratio(self, frames: int) -> float:
        """Clip ÷ floor, for a film of so many frames."""
        return (self.build + frames * (self.frame + self.encode) / 1000) / (frames * self.encode / 1000)


class Clocked:
    """A setting or an actor that adds up the CPU its work takes in this thread."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.spent = 0.0

    def __getattr__(self, name: str) -> Any:
        """Everything else is the inner one's."""
        return getattr(self._inner, name)

    def backdrop(self, *args: Any) -> None:
        start = time.thread_time()
        self._inner.backdrop(*args)
        self.spent += time.thread_time() - start

    def overlay(self, *args: Any) -> None:
        start = time.thread_time()
        self._inner.overlay(*args)
        self.spent += time.thread_time() - start


async def _silent(_progress: float, _phase: str, _resume_token: str | None = None) -> None:
    """Nobody watches."""


def cpu() -> float:
    return sum(os.times()[:2])


def encoded(frames: Sequence[Frame], folder: Path) -> float:
    """CPU seconds of encoding frames held in memory, and nothing else."""
    from kineograph.media.encode import encode

    def again() -> Iterator[Frame]:
        yield from frames

    start = cpu()
    encode(again(), fps=Fraction(FPS), path=folder / "floor.mp4")
    return cpu() - start


def parts(stage: Stage, place: Clocked, numbers: Sequence[int]) -> tuple[float, float, float]:
    """Mean CPU seconds a frame of place, cast and film."""
    place.spent, start = 0.0, time.thread_time()
    for number in numbers:
        stage.picture(number / FPS)
    pictured, start = time.thread_time() - start, time.thread_time()
    on_set = place.spent
    for number in numbers:
        stage.frame(number)
    whole, n = time.thread_time() - start, len(numbers)
    return on_set / n, (pictured - on_set) / n, (whole - pictured) / n


def cost(prompt: str, tier: str, seconds: int, ratio: str, runs: int) -> Cost:
    """Measure one film, in a fresh process."""
    import cv2

    from kineograph.engines.animatic import heap
    from kineograph.engines.animatic.compile import compile_prompt
    from kineograph.engines.animatic.direct import direct
    from kineograph.engines.animatic.stage import Stage, build_actor, build_setting

    cv2.setNumThreads(1)
    heap.keep()

    def built() -> tuple[Stage, Clocked]:
        width, height = size_of("1080p", ratio)
        spec = compile_prompt(prompt)
        shot = direct(spec, width=width, height=height, frames=seconds * FPS, seed=1, tier=tier)  # type: ignore[arg-type]  # a literal
        place = Clocked(build_setting(shot))
        return Stage(shot, place, [build_actor(one, shot) for one in shot.placements]), place  # type: ignore[arg-type]  # stands in

    start = time.thread_time()
    stage, _ = built()
    stage.frame(0)
    first = time.thread_time() - start
    del stage  # one at a time, as in the engine, or the memory would be that of two
    gc.collect()
    start = time.thread_time()
    stage, place = built()
    build = time.thread_time() - start
    frames, spent = [], 0.0
    for first_number in (round((seconds * FPS - RUN) * (k + 0.5) / runs) for k in range(runs)):
        stage.frame(first_number - 1)
        start = time.thread_time()
        frames += [stage.frame(first_number + k) for k in range(RUN)]
        spent += time.thread_time() - start
    frame = spent / len(frames)
    with tempfile.TemporaryDirectory() as folder:
        run = frames[:RUN]
        there_and_back = [*run, *run[::-1], *run]
        encode = (encoded(there_and_back, Path(folder)) - encoded(run, Path(folder))) / (2 * RUN)
    shares = parts(stage, place, range(first_number + RUN - PARTS_OF, first_number + RUN))
    status = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
    on_set, on_cast, on_film = (1000 * share for share in shares)
    return Cost(first, build, on_set, on_cast, on_film, 1000 * frame, 1000 * encode, int(status) // 1024)


def whole(prompt: str, tier: str, seconds: int, ratio: str, runs: int) -> Cost:
    """The same, and the engine's own film of this prompt, kernels warm, against encoding its frames."""
    from kineograph.engines.animatic import Animatic
    from kineograph.engines.animatic.compile import compile_prompt
    from kineograph.engines.animatic.direct import direct
    from kineograph.engines.animatic.stage import build_stage

    told = cost(prompt, tier, seconds, ratio, runs)
    width, height = size_of("1080p", ratio)
    request = VideoRequest("bench", prompt, seed=1, duration=seconds, aspect_ratio=ratio)
    with tempfile.TemporaryDirectory() as name:
        order = Order(request, width, height, Path(name), _silent, options={"tier": tier})
        start = cpu()
        asyncio.run(Animatic().make(order))
        told.clip = cpu() - start
        shot = direct(compile_prompt(prompt), width=width, height=height, frames=seconds * FPS, seed=1, tier=tier)  # type: ignore[arg-type]
        stage = build_stage(shot)
        told.floor = encoded([stage.frame(number) for number in range(shot.frames)], Path(name))
    return told


def row(name: str, tier: str, told: Cost, frames: int) -> str:
    """One line of the table; what misses its target is bold."""
    ratio = told.ratio(frames)
    over = f"**{ratio:.2f}**" if round(ratio, 2) > TARGET[tier] else f"{ratio:.2f}"
    film = (
        f"{told.film:.0f}" if told.film > 0 else "twos"
    )  # a style that paints every second frame: not to be told apart
    line = (
        f"| {name} | {tier} | {over} | {told.place:.0f} | {told.cast:.0f} | {film} | {told.encode:.0f} "
        f"| {told.build:.1f} | {told.first:.1f} | {told.memory} |"
    )
    return line + (f" whole: {told.clip:.1f} ÷ {told.floor:.1f} = {told.clip / told.floor:.2f}" if told.clip else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--ratio", default="16:9")
    parser.add_argument("--runs", type=int, default=1, help="of 30 frames that are made and encoded")
    parser.add_argument("--tier", choices=sorted(TARGET), action="append")
    parser.add_argument("--group", choices=sorted(GROUPS), action="append")
    parser.add_argument("--only", action="append", help="names in the first column")
    parser.add_argument("--whole", action="store_true", help="time the engine's whole film too")
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    print("| film | tier | clip ÷ encoding | place ms | cast ms | film ms | encode ms | build s | first s | MiB |")
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for group in options.group or GROUPS:
        for name, prompt in GROUPS[group].items():
            if options.only and name not in options.only:
                continue
            for tier in options.tier or TARGET:
                with context.Pool(1) as pool:
                    work = whole if options.whole else cost
                    told = pool.apply(work, (prompt, tier, options.seconds, options.ratio, options.runs))
                print(row(name, tier, told, options.seconds * FPS), flush=True)


if __name__ == "__main__":
    main()
