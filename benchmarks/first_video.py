"""Fresh virtual environment -> first film: how long a newcomer waits after the install has finished.

    python benchmarks/first_video.py [--prompt WORDS]

Installs this checkout into a new environment in a temporary folder, then makes one 5 s film at 1080p with an empty data
folder: no compiled kernels, nothing warm. Then the same again, warm. Prints seconds and their ratio.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
KITTEN = "A cute kitten playing in the sunlight, fluffy fur, bright eyes"


def timed(*command: str, cwd: Path) -> float:
    start = time.monotonic()
    subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompt", default=KITTEN)
    prompt = parser.parse_args().prompt
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "venv", with_pip=True)
        python = str(folder / "venv" / "bin" / "python")
        install = timed(python, "-m", "pip", "install", "--quiet", str(ROOT), cwd=folder)
        generate = (
            python,
            "-m",
            "kineograph",
            "generate",
            prompt,
            "--data",
            str(folder / "data"),
            "--seed",
            "7",
            "-o",
            "film.mp4",
        )
        first, second = (timed(*generate, cwd=folder) for _ in range(2))
    print(
        f"install {install:.1f} s, first film {first:.1f} s (target ≤ 60), again {second:.1f} s; cold/warm {first / second:.1f}"
    )
    sys.exit(0)


if __name__ == "__main__":
    main()
