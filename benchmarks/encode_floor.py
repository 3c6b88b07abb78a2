"""Our clip's CPU (build + render + encode, kernels warm) ÷ CPU of encoding the very same frames alone.

    python benchmarks/encode_floor.py [--seconds 5] [--ratio 16:9] [--tier fast|quality]

CPU seconds of the whole process; ratios of one run on one machine. Targets of DESIGN §7 for the first release: fast ≤ 3.0,
quality ≤ 8.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in a worker (app/parts.py); before numpy is imported

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from kineograph.core.request import FPS, VideoRequest, size_of
from kineograph.engines.animatic import Animatic
from kineograph.engines.base import Order

PROMPTS = {
    "beach": "Sunset at the beach, golden sunlight on the sea, waves gently hitting the sand",
    "kitten": "A cute kitten playing in the sunlight, fluffy fur, bright eyes",
    "product": "Product slowly rotating, pure white background, soft lighting",
}
TARGET = {"fast": 3.0, "quality": 8.0}


async def _silent(_progress: float, _phase: str, _resume_token: str | None = None) -> None:
    """Nobody watches."""


def cpu() -> float:
    return sum(os.times()[:2])


def clip(prompt: str, tier: str, seconds: int, ratio: str, folder: Path) -> tuple[Path, float]:
    """The film and the CPU seconds it took."""
    folder.mkdir()
    width, height = size_of("1080p", ratio)
    request = VideoRequest("bench", prompt, seed=1, duration=seconds, aspect_ratio=ratio)
    order = Order(request, width, height, folder, _silent, options={"tier": tier})
    start = cpu()
    made = asyncio.run(Animatic().make(order))
    return made.video, cpu() - start


def floor(prompt: str, tier: str, seconds: int, ratio: str, folder: Path) -> float:
    """CPU seconds of encoding the clip's own frames, held in memory, and nothing else."""
    from kineograph.engines.animatic.compile import compile_prompt
    from kineograph.engines.animatic.direct import direct
    from kineograph.engines.animatic.stage import build_stage
    from kineograph.media.encode import encode
    from kineograph.media.frame import Frame

    width, height = size_of("1080p", ratio)
    spec = compile_prompt(prompt)
    shot = direct(spec, width=width, height=height, frames=seconds * FPS, seed=1, tier=tier)  # type: ignore[arg-type]  # a literal
    stage = build_stage(shot)
    frames: list[Frame] = [stage.frame(index) for index in range(shot.frames)]

    def again() -> Iterator[Frame]:
        yield from frames

    start = cpu()
    encode(again(), fps=Fraction(FPS), path=folder / "floor.mp4")
    return cpu() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--ratio", default="16:9")
    parser.add_argument("--tier", choices=sorted(TARGET), action="append")
    parser.add_argument("--only", choices=sorted(PROMPTS))
    options = parser.parse_args()
    print(f"{'film':10s} {'tier':8s} {'clip CPU s':>10s} {'encode CPU s':>12s} {'ratio':>6s} {'target':>6s}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for tier in options.tier or ("fast", "quality"):
            for film, prompt in PROMPTS.items():
                if options.only and film != options.only:
                    continue
                clip(prompt, tier, 1, options.ratio, folder / f"warm-{film}-{tier}")
                _, ours = clip(prompt, tier, options.seconds, options.ratio, folder / f"{film}-{tier}")
                alone = floor(prompt, tier, options.seconds, options.ratio, folder)
                print(
                    f"{film:10s} {tier:8s} {ours:10.1f} {alone:12.1f} {ours / alone:6.2f} {TARGET[tier]:6.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
