"""A blind check: can somebody who never saw the prompts tell which one a sheet was made from?

    python docs/gallery.py SHEETS --all
    python docs/blind.py make SHEETS FOLDER KEY [--count 40] [--seed 1]
    python docs/blind.py score KEY ANSWERS

FOLDER receives sheets under numbers and `candidates.md`, twelve prompts for each; KEY, a file elsewhere, receives what is
right. ANSWERS is a text file of lines such as `07 c`; what was taken for what is printed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sys
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from kineograph.engines.animatic.compile import compile_prompt

TABLE = tomllib.loads((Path(__file__).parents[1] / "tests" / "gallery" / "prompts.toml").read_text("utf-8"))
PROMPTS: dict[str, str] = TABLE["prompts"]
LETTERS = "abcdefghijkl"
WORDS, SCENES = (
    4,
    2,
)  # of the twelve share words with the right one, and what the scene is made of, in whatever language
DULL = {"with", "over", "through", "into", "under", "front"}

READ_ME = """# Which prompt was it?

Each sheet shows four moments of one film, row by row: its first frame, a third in, two thirds in, its last. For each choose the one
of the twelve prompts that it was made from. Answer with lines such as `07 c`.
"""


def main() -> int:
    """Make a check, or score the answers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True, dest="verb")
    made = verbs.add_parser("make")
    made.add_argument("sheets", type=Path)
    made.add_argument("folder", type=Path)
    made.add_argument("key", type=Path)
    made.add_argument("--count", type=int, default=40)
    made.add_argument("--seed", type=int, default=1)
    scored = verbs.add_parser("score")
    scored.add_argument("key", type=Path)
    scored.add_argument("answers", type=Path)
    options = parser.parse_args()
    if options.verb == "make":
        return make(options.sheets, options.folder, options.key, options.count, random.Random(options.seed))
    return score(json.loads(options.key.read_text("utf-8")), options.answers.read_text("utf-8"))


def make(sheets: Path, folder: Path, key: Path, count: int, rng: random.Random) -> int:
    """Sheets under numbers, candidates, and the key."""
    there = [name for name in PROMPTS if (sheets / f"{name}.png").exists()]
    if len(there) < count:
        print(f"{sheets} has {len(there)} sheets of the prompts; make them with docs/gallery.py --all", file=sys.stderr)
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    right, page = {}, [READ_ME]
    for number, name in enumerate(rng.sample(there, count), 1):
        shown = [name, *others(name, rng)]
        rng.shuffle(shown)
        shutil.copyfile(sheets / f"{name}.png", folder / f"{number:02d}.png")
        page.append(f"## {number:02d}\n![sheet {number:02d}]({number:02d}.png)\n")
        page += [f"{letter}. {PROMPTS[one]}  " for letter, one in zip(LETTERS, shown, strict=True)] + [""]
        right[f"{number:02d}"] = {"letter": LETTERS[shown.index(name)], "shown": shown}
    (folder / "candidates.md").write_text("\n".join(page), "utf-8")
    key.write_text(json.dumps(right, ensure_ascii=False, indent=1), "utf-8")
    return 0


def words_of(prompt: str) -> frozenset[str]:
    """Its longer words; of Chinese and Japanese, which have no spaces, all pairs of characters."""
    han = re.findall(r"(?=([\u3040-\u9fff]{2}))", prompt)
    return frozenset({*re.findall(r"[^\W\d_\u3040-\u9fff]{4,}", prompt.lower()), *han} - DULL)


@cache
def marks_of(prompt: str) -> frozenset[str]:
    """What the engine reads in it."""
    scene = compile_prompt(prompt)
    read = {f"in {scene.setting}", f"at {scene.time}", f"as {scene.style}", f"weather {scene.weather}"}
    read -= {"at day", "as cinematic", "weather clear"}
    for subject in scene.subjects:
        read |= {f"kind {subject.kind}", f"does {subject.action}", f"colour {subject.colour}"} - {
            "does idle",
            "colour None",
        }
    return frozenset(read)


def others(name: str, rng: random.Random) -> Sequence[str]:
    """Eleven wrong candidates: some near the right one, the rest drawn from all."""
    twins = {name, *(one for group in TABLE["twins"] if name in group for one in group)}
    left = [one for one in PROMPTS if one not in twins]
    rng.shuffle(left)
    chosen: list[str] = []
    for of, count in ((words_of, WORDS), (marks_of, SCENES)):
        shared = {one: len(of(PROMPTS[one]) & of(PROMPTS[name])) for one in left if one not in chosen}
        chosen += sorted(shared, key=lambda one: -shared[one])[:count]
    return [*chosen, *rng.sample([one for one in left if one not in chosen], len(LETTERS) - 1 - len(chosen))]


def score(right: dict[str, dict[str, object]], answers: str) -> int:
    """Print how many were named, and what was taken for what."""
    found = re.findall(r"^\W*(\d\d?)\W+([a-l])\b", answers.lower(), re.MULTILINE)
    given = {number.zfill(2): letter for number, letter in found}
    wrong = [number for number in right if given.get(number) != right[number]["letter"]]
    print(f"{len(right) - len(wrong)} of {len(right)} named, {len(set(right) - set(given))} not answered")
    for number in wrong:
        shown = list(map(str, right[number]["shown"]))  # type: ignore[call-overload]  # a list, from our own JSON
        taken = shown[LETTERS.index(given[number])] if number in given else "nothing"
        print(f"{number} {shown[LETTERS.index(str(right[number]['letter']))]} was taken for {taken}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
