"""`kineo explain` and `kineo still`: see what a prompt is taken for before a film is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kineograph.cli.console import Exit, command, quit_with, show_json, show_rows

Prompt = Annotated[str, typer.Argument(help="What the film shall show, in any of the languages it reads.")]


@command
def explain(
    prompt: Prompt,
    negative_prompt: Annotated[str | None, typer.Option(help="What should not be seen.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="`scene` and `unmatched`, as a task shows them.")] = False,
) -> None:
    """Show how the built-in engine reads a prompt: what each slot became, and the words that said it.

    The last row, "not understood", lists the words that nothing in the film will show, and those that something else
    stands in for. Say them differently, or leave them out.

    Examples:

      kineo explain "three black kittens on a red car, at sunset"

      kineo explain "水墨风格的雪山" --json
    """
    from kineograph.engines.animatic.compile import compile_prompt
    from kineograph.engines.animatic.understood import facts_of, rows_of

    spec = compile_prompt(prompt, negative_prompt)
    if as_json:
        show_json(facts_of(spec))
        return
    rows = [*rows_of(spec), ("not understood", ", ".join(spec.unmatched) or "–", "")]
    show_rows(("slot", "understood as", "from the words"), rows, "")


@command
def still(
    prompt: Prompt,
    output: Annotated[Path, typer.Option("-o", "--output", help="PNG to write.")] = Path("still.png"),
    at: Annotated[float, typer.Option(min=0.0, max=1.0, help="Moment: 0 the first frame, 1 the last.")] = 0.4,
    size: Annotated[int, typer.Option(min=64, max=2176, help="Pixels of the longer side.")] = 640,
    aspect_ratio: Annotated[str, typer.Option(help="16:9, 9:16, 1:1, 4:3, 3:4 or 21:9.")] = "16:9",
    seed: Annotated[int, typer.Option(min=0, help="The film's seed: the same seed, the same scene.")] = 1,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Data folder, for compiled kernels.", show_default="the user's data folder"),
    ] = None,
) -> None:
    """Render one frame of the film that a prompt would give, and print its path. About a second, once kernels are compiled.

    Try seeds until the scene is the one you want, then give `kineo generate` the same prompt and --seed.

    Examples:

      kineo still "an owl on a lantern in the snow" -o owl.png --seed 3

      kineo still "日落时分的海滩" --at 0.9 --aspect-ratio 9:16 --size 960
    """
    from kineograph.app.looking import make_still
    from kineograph.core.request import ASPECT_RATIOS
    from kineograph.settings import load

    if aspect_ratio not in ASPECT_RATIOS:
        quit_with(f"--aspect-ratio: {aspect_ratio!r} is none of {', '.join(ASPECT_RATIOS)}", Exit.USAGE)
    if not output.absolute().parent.is_dir():
        quit_with(f"there is no folder {output.parent}; create it or choose another --output", Exit.USAGE)
    path = make_still(load(data=data), prompt, output, seed=seed, at=at, longer=size, aspect_ratio=aspect_ratio)
    typer.echo(str(path))
