"""Render the seed's example and four use cases, at 16:9 and 9:16, into contact sheets: docs/gallery/*.jpg.

    python docs/gallery.py [FOLDER] [--seed 7]

Each sheet is one film as moments in reading order. Cases 3 and 4 come with pictures in the seed; here they are made from
their words alone, so that anyone can run this without files.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from kineograph.engines.animatic.sheet import moments, shot_for, shrunk, tiled
from kineograph.media.poster import RGB, jpeg

FILMS = {
    "kitten": "A cute kitten playing in the sunlight, fluffy fur, bright eyes",
    "beach": "Sunset at the beach, golden sunlight on the sea, waves gently hitting the sand",
    "blossom": "A girl spinning under cherry blossom trees, petals falling with the wind",
    "product": "Product slowly rotating, pure white background, soft lighting",
    "city": "Scene transitions from day to night, city lights gradually turning on",
}
# Film size, width of one moment on the sheet, moments, columns.
SHAPES = {"16x9": ((1248, 704), 640, 6, 3), "9x16": ((704, 1248), 320, 6, 6)}
MOST_BYTES = 250_000


def main() -> None:
    """Render what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent / "gallery")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=sorted(FILMS))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, prompt in FILMS.items():
        if options.only and name != options.only:
            continue
        for shape, (size, width, count, columns) in SHAPES.items():
            pictures = [shrunk(picture, width) for picture in moments(shot_for(prompt, size, options.seed), count)]
            write(options.folder / f"{name}_{shape}.jpg", pictures, columns)
    if not options.only:
        write(options.folder / "hero.jpg", list(hero(options.seed)), 2)


def hero(seed: int) -> Iterator[RGB]:
    """Four moments of four films: what the README opens with."""
    size = SHAPES["16x9"][0]
    for name, which in (("kitten", 1), ("blossom", 0), ("beach", 2), ("city", 5)):
        yield shrunk(list(moments(shot_for(FILMS[name], size, seed), 6))[which], 960)


def write(path: Path, pictures: list[RGB], columns: int) -> None:
    """One sheet, as large as MOST_BYTES allows."""
    side = 1920
    while len(data := jpeg(tiled(pictures, columns), side=side)) > MOST_BYTES:
        side = round(side * 0.93)
    path.write_bytes(data)
    sys.stdout.write(f"{path.name} {len(data) // 1000} kB\n")


if __name__ == "__main__":
    main()
