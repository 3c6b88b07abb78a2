"""`kineo models`: what is offered, which engines stand behind it, and whether one of them really makes a film."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kineograph.cli.console import command, progress_bar, show_json, show_rows

if TYPE_CHECKING:
    from kineograph.client import Film, Task
    from kineograph.core.models import Model
    from kineograph.settings import Settings

app = typer.Typer(help="Models, and the engines behind them.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option("--data", help="Data folder.", show_default="the user's data folder")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.command("list")
@command
def list_(data: Data = None, as_json: Json = False) -> None:
    """Every model with its engines, in the order in which they are asked."""
    from kineograph.app.catalogue import models
    from kineograph.settings import load

    found = [_row(model) for model in models(load(data=data))]
    if as_json:
        show_json(found)
    else:
        show_rows(("model", "engines", "images", "seconds", "resolutions"), [tuple(row.values()) for row in found], "")


def _row(model: Model) -> dict[str, str]:
    shortest, longest = model.durations
    return {
        "model": model.name,
        "engines": ", ".join(model.engines),
        "images": ", ".join(sorted(str(role) for role in model.roles)),
        "seconds": f"{shortest}–{longest}",
        "resolutions": ", ".join(model.resolutions),
    }


@app.command("test")
@command
def try_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A model of the catalogue.")],
    engine: Annotated[
        str | None, typer.Option(help="Ask this engine and no other.", show_default="as a caller would get it")
    ] = None,
    prompt: Annotated[str, typer.Option(help="What to film.")] = "a paper boat on a quiet pond",
    duration: Annotated[int, typer.Option(help="Seconds.")] = 2,
    resolution: Annotated[str, typer.Option(help="480p, 720p or 1080p.")] = "480p",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Keep the film here.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make one real short film, and say how long it took, how large it is and what it cost. An upstream charges for it."""
    from kineograph.settings import load

    settings, began = load(data=data), time.monotonic()
    if engine is not None:
        row = {**settings.models.get(name, {}), "engines": [engine]}
        settings = settings.model_copy(update={"models": {**settings.models, name: row}})
    with tempfile.TemporaryDirectory() as folder:
        wish = {"model": name, "duration": duration, "resolution": resolution}
        film = _made(settings, prompt, wish, output or Path(folder) / "film.mp4")
        found = _found(film, time.monotonic() - began)
    if as_json:
        show_json(found)
    else:
        show_rows(("what", "found"), [(what, str(value)) for what, value in found.items()], "")


def _made(settings: Settings, prompt: str, wish: dict[str, Any], output: Path) -> Film:
    from kineograph.app.local import generate_here

    with progress_bar("film") as bar:

        def show(task: Task) -> None:
            bar(task.progress / 100, task.phase or task.status)

        return generate_here(settings, prompt, wish, show, output)  # type: ignore[arg-type]  # made of options of that type


def _found(film: Film, seconds: float) -> dict[str, Any]:
    raw = film.task.raw
    upstream = raw.get("upstream", {})
    cost = upstream.get("cost")
    return {
        "engine": raw["engine"],
        "seconds": round(seconds, 1),
        "size": f"{raw['width']}x{raw['height']}, {raw['frames']} frames, {film.path.stat().st_size} bytes",
        "tokens": raw["usage"]["tokens"],
        "upstream": f"{upstream['name']} {upstream['model']} {upstream['id']}" if upstream else "none: made here",
        "cost there": f"{cost['amount']} {cost.get('currency', '')}".strip()
        if cost
        else "not known"
        if upstream
        else "none",
    }
