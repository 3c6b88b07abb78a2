"""Render docs/gallery: the use cases and forty prompts as contact sheets, and the page that shows them.

    python docs/gallery.py                  everything in docs/gallery
    python docs/gallery.py FOLDER --all     a sheet of each of the 120 prompts, as PNG
    python docs/gallery.py --only taxi-neon beach

Prompts and their seeds are in tests/gallery/prompts.toml; one sheet is one film, moments in reading order. The use cases 3
and 4 come with pictures in the seed; here they are made from their words alone, so that anyone can run this without files.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

import cv2

from kineograph.engines.animatic.sheet import moments, shots_for, shrunk, tiled
from kineograph.media.poster import RGB, jpeg

HERE = Path(__file__).parent / "gallery"
TABLE = tomllib.loads((Path(__file__).parents[1] / "tests" / "gallery" / "prompts.toml").read_text("utf-8"))
PROMPTS: dict[str, str] = TABLE["prompts"]
SEEDS = {name: place for place, name in enumerate(PROMPTS, 1)}

FILMS = {
    "kitten": "A cute kitten playing in the sunlight, fluffy fur, bright eyes",
    "beach": "Sunset at the beach, golden sunlight on the sea, waves gently hitting the sand",
    "blossom": "A girl spinning under cherry blossom trees, petals falling with the wind",
    "product": "Product slowly rotating, pure white background, soft lighting",
    "city": "Scene transitions from day to night, city lights gradually turning on",
}
SEED = 7  # of these
# Film size, width of one moment on the sheet, moments, columns.
SHAPES = {"16x9": ((1248, 704), 640, 6, 3), "9x16": ((704, 1248), 320, 6, 6)}
MOST_BYTES = 250_000

# The films of the prompts: what `kineo generate` makes with the flags that the page shows.
SIZE, SECONDS = (864, 480), 4
MOMENTS, COLUMNS = 4, 2
MOST_BYTES_EACH = 92_000  # forty of them and the use cases: 6 MB

PAGE = """# Gallery

{count} films of the built-in engine, made from their words alone on a CPU. Each sheet shows four moments of one film, the first
and the last among them; the line under it makes that film. `kineo explain` in place of `kineo generate` tells what was
understood, and another `--seed` films it differently.

This page and its pictures are made by `python docs/gallery.py`; `python docs/gallery.py FOLDER --all` renders all
{all} prompts of [tests/gallery/prompts.toml](../../tests/gallery/prompts.toml).
"""


def main() -> None:
    """Render what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=HERE)
    parser.add_argument("--all", action="store_true", help="all prompts as PNG, instead of docs/gallery")
    parser.add_argument("--only", nargs="+", choices=[*FILMS, *PROMPTS], metavar="NAME", help="some films")
    parser.add_argument("--page", action="store_true", help="write the page alone, of the sheets that are there")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if not options.page:
        render(options.folder, options.only or [], everything=options.all)
    if not options.all and not options.only:
        (options.folder / "README.md").write_text(page(), "utf-8")


def render(folder: Path, only: list[str], *, everything: bool) -> None:
    """Sheets into the folder."""
    if everything:
        for name in only or PROMPTS:
            cv2.imwrite(str(folder / f"{name}.png"), tiled(prompt_film(name), COLUMNS)[..., ::-1])
        return
    for name in only or [*FILMS, *TABLE["shown"]]:
        if name in PROMPTS:
            write(folder / f"{name}.jpg", prompt_film(name), COLUMNS, MOST_BYTES_EACH)
        else:
            use_case(folder, name)
    if not only:
        write(folder / "hero.jpg", hero(), 2)


def prompt_film(name: str) -> list[RGB]:
    """Moments of the film of one of the prompts."""
    shots = shots_for(PROMPTS[name], SIZE, SEEDS[name], seconds=SECONDS, tier="fast")
    return [shrunk(picture, SIZE[0] // 2) for picture in moments(shots, MOMENTS)]


def use_case(folder: Path, name: str) -> None:
    """Both shapes of one of the seed's use cases."""
    for shape, (size, width, count, columns) in SHAPES.items():
        pictures = [shrunk(picture, width) for picture in moments(shots_for(FILMS[name], size, SEED), count)]
        write(folder / f"{name}_{shape}.jpg", pictures, columns)


def hero() -> list[RGB]:
    """Four moments of four films: what the README opens with."""
    size = SHAPES["16x9"][0]
    chosen = (("kitten", 1), ("blossom", 0), ("beach", 2), ("city", 5))
    return [shrunk(moments(shots_for(FILMS[name], size, SEED), 6)[which], 960) for name, which in chosen]


def write(path: Path, pictures: list[RGB], columns: int, most: int = MOST_BYTES) -> None:
    """One sheet, as large as `most` bytes allow."""
    side = 1920
    while len(data := jpeg(tiled(pictures, columns), side=side)) > most:
        side = round(min(side, tiled(pictures, columns).shape[1]) * 0.93)
    path.write_bytes(data)
    sys.stdout.write(f"{path.name} {len(data) // 1000} kB\n")


def page() -> str:
    """Prompt, sheet and command of each film that is shown."""
    lines = [PAGE.format(count=len(TABLE["shown"]), all=len(PROMPTS))]
    for name in TABLE["shown"]:
        prompt = PROMPTS[name]
        command = f'kineo generate "{prompt}" --seed {SEEDS[name]} --resolution 480p --duration {SECONDS}'
        lines.append(f"## {prompt}\n\n![{prompt}]({name}.jpg)\n\n```\n{command}\n```\n")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
