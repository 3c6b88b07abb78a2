"""`kineo generate`: a prompt in, the path of a film out; here, or on a server."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from kineograph.cli.console import Exit, command, progress_bar, quit_with, show_json

MIMES = {"jpg": "jpeg", "tif": "tiff", "heif": "heic"}
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
    images = {"first_frame": first_frame, "last_frame": last_frame, "reference": reference}
    body: dict[str, Any] = {
        "model": model,
        "prompt": prompt,
        "duration": duration,
        "aspect_ratio": aspect_ratio,
        "resolution": resolution,
        "seed": seed,
        "negative_prompt": negative_prompt,
        "camera_fixed": camera_fixed,
        "watermark": watermark,
    }
    given = {role: source for role, source in images.items() if source is not None}
    if given:
        body["image_with_roles"] = [{"role": role, "url": _image(role, source)} for role, source in given.items()]
    if output is not None and not output.absolute().parent.is_dir():
        quit_with(f"there is no folder {output.parent}; create it or choose another --output", Exit.USAGE)
    task = _there(body, server, key, output) if server else _here(body, data, output)
    if task["status"] != "completed":
        error = task.get("error") or {}
        if task["status"] == "cancelled":
            quit_with(f"task {task['id']} was cancelled", Exit.INTERRUPTED)
        quit_with(f"{error.get('message', 'the film was not made')} (task {task['id']})", Exit.FAILED)
    if as_json:
        show_json(task)
    else:
        typer.echo(task["path"])


def _image(role: str, source: str) -> str:
    """A URL as it is; a file as a data URI."""
    if re.match(r"(https?://|data:)", source, re.IGNORECASE):
        return source
    path = Path(source)
    if not path.is_file():
        quit_with(
            f"--{role.replace('_', '-')}: there is no image file {source!r}; give a path or an http(s) URL", Exit.USAGE
        )
    kind = path.suffix.lower().lstrip(".") or "png"
    return f"data:image/{MIMES.get(kind, kind)};base64,{base64.b64encode(path.read_bytes()).decode()}"


def film_name(prompt: str, seed: int) -> str:
    """`a-cute-kitten-in-the-sun-7.mp4`: the first words, in any script, at most 48 characters of them."""
    words = re.findall(r"\w+", prompt.lower())
    name = ""
    for word in words:
        if name and len(name) + 1 + len(word) > 48:
            break
        name = f"{name}-{word[:48]}" if name else word[:48]
    return f"{name or 'film'}-{seed}.mp4"


def _here(body: dict[str, Any], data: Path | None, output: Path | None) -> dict[str, Any]:
    from kineograph.app.local import generate_here
    from kineograph.settings import load

    with progress_bar("film") as show:
        return generate_here(load(data=data), body, show, lambda seed: output or Path(film_name(body["prompt"], seed)))


def _there(body: dict[str, Any], server: str, key: str | None, output: Path | None) -> dict[str, Any]:
    from kineograph.client import Client

    if not key:
        quit_with("--server needs a key: give --key, or set KINEO_API_KEY", Exit.USAGE)
    with Client(server, key) as client, progress_bar("film") as show:
        from ulid import ULID

        task_id = client.submit({name: value for name, value in body.items() if value is not None}, str(ULID()))
        try:
            task = client.follow(task_id, lambda now: show(now["progress"] / 100, str(now.get("phase", now["status"]))))
        except KeyboardInterrupt:
            client.cancel(task_id)
            raise
        if task["status"] != "completed":
            return task
        path = output or Path(film_name(body["prompt"], task["seed"]))
        client.download(task["result"]["videos"][0]["url"][0], path)
    return {**task, "path": str(path)}
