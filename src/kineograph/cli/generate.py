"""`kineo generate`: a prompt in, the path of a film out; here, or on a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kineograph.cli.console import command, progress_bar, remote, show_json

if TYPE_CHECKING:
    from kineograph.client import Film, Task, Wish

_OWN = "doubao-seedance-1-0-pro-fast"


@command
def generate(
    prompt: Annotated[str, typer.Argument(help="What the film shows, in English or Chinese.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the film goes.", show_default="./<words>-<seed>.mp4")
    ] = None,
    model: Annotated[str, typer.Option(help="…-fast, or …-quality for finer shading.")] = _OWN,
    duration: Annotated[int, typer.Option(help="Seconds, 2–12.")] = 5,
    aspect_ratio: Annotated[str, typer.Option(help="16:9, 9:16, 1:1, 4:3, 3:4, 21:9 or adaptive.")] = "16:9",
    resolution: Annotated[str, typer.Option(help="480p, 720p or 1080p.")] = "1080p",
    seed: Annotated[int, typer.Option(help="Same seed, same film; -1 draws one.")] = -1,
    first_frame: Annotated[str | None, typer.Option(help="Image file or URL the film begins with.")] = None,
    last_frame: Annotated[str | None, typer.Option(help="Image it ends with (quality model).")] = None,
    reference: Annotated[str | None, typer.Option(help="Image of what should appear (480p, 720p).")] = None,
    negative_prompt: Annotated[str | None, typer.Option(help="What should not be seen.")] = None,
    camera_fixed: Annotated[bool, typer.Option("--camera-fixed", help="The camera does not move.")] = False,
    watermark: Annotated[bool, typer.Option("--watermark", help="Mark it 'AI generated'.")] = False,
    server: Annotated[str | None, typer.Option(envvar="KINEO_SERVER", help="Make it there instead of here.")] = None,
    key: Annotated[
        str | None, typer.Option(envvar="KINEO_API_KEY", help="API key for --server.", show_envvar=True)
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Data folder.", show_default="the user's data folder")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The finished task as JSON instead of the path.")] = False,
) -> None:
    """Make a film from words, or from words and images. The last line printed is its path.

    Examples:

      kineo generate "Sunset at the beach, waves gently hitting the sand" --seed 7

      kineo generate "The city lights come on" --first-frame day.png --last-frame night.png --model doubao-seedance-1-0-pro-quality
    """
    wish: Wish = {
        "model": model,
        "duration": duration,
        "aspect_ratio": aspect_ratio,
        "resolution": resolution,
        "seed": seed,
        "first_frame": first_frame,
        "last_frame": last_frame,
        "reference": reference,
        "negative_prompt": negative_prompt,
        "camera_fixed": camera_fixed,
        "watermark": watermark,
    }
    film = _made(prompt, output, wish, server, key, data)
    if as_json:
        show_json({**film.task.raw, "path": str(film.path)})
    else:
        typer.echo(str(film.path))


def _made(prompt: str, output: Path | None, wish: Wish, server: str | None, key: str | None, data: Path | None) -> Film:
    """On the server, if one was named, else here."""
    with progress_bar("film") as bar:

        def show(task: Task) -> None:
            bar(task.progress / 100, task.phase or task.status)

        if server:
            with remote(server, key) as client:
                return client.generate(prompt, output, progress=show, **wish)
        from kineograph.app.local import generate_here
        from kineograph.settings import load

        return generate_here(load(data=data), prompt, wish, show, output)
