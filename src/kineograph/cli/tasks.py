"""`kineo tasks`: look at tasks and cancel them; of the data folder, or of a server with a key."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kineograph.cli.console import Exit, command, progress_bar, remote, show_json, show_rows

if TYPE_CHECKING:
    from kineograph.app.local import Desk
    from kineograph.client import Client, Task

app = typer.Typer(help="List, show, wait for and cancel tasks.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option("--data", help="Data folder.", show_default="the user's data folder")]
Server = Annotated[str | None, typer.Option(envvar="KINEO_SERVER", help="Ask this server instead of the data folder.")]
ApiKey = Annotated[str | None, typer.Option("--key", envvar="KINEO_API_KEY", help="API key for --server.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
TaskId = Annotated[str, typer.Argument(metavar="ID")]


@contextmanager
def _desk(data: Path | None, server: str | None, key: str | None) -> Iterator[Client | Desk]:
    if server:
        with remote(server, key) as client:
            yield client
    else:
        from kineograph.app.local import Desk
        from kineograph.settings import load

        with Desk(load(data=data)) as desk:
            yield desk


@app.command("list")
@command
def list_(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 20,
    status: Annotated[str | None, typer.Option(help="pending, processing, completed, failed or cancelled.")] = None,
    data: Data = None,
    server: Server = None,
    key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Tasks, newest first."""
    with _desk(data, server, key) as desk:
        tasks = list(desk.list(limit, status=status))
    if as_json:
        show_json([task.raw for task in tasks])
    else:
        show_rows(_COLUMNS, [_row(task) for task in tasks], "no tasks yet: kineo generate 'A cute kitten in the sun'")


@app.command()
@command
def show(task_id: TaskId, data: Data = None, server: Server = None, key: ApiKey = None, as_json: Json = False) -> None:
    """Everything about one task."""
    with _desk(data, server, key) as desk:
        _print(desk.get(task_id), as_json)


@app.command()
@command
def wait(task_id: TaskId, data: Data = None, server: Server = None, key: ApiKey = None, as_json: Json = False) -> None:
    """Wait until it is finished. Exit code 1 unless it completed."""
    with _desk(data, server, key) as desk, progress_bar(task_id) as bar:
        task = desk.wait(task_id, progress=lambda now: bar(now.progress / 100, now.phase or now.status))
    _print(task, as_json)
    if task.status != "completed":
        raise typer.Exit(Exit.FAILED)


@app.command()
@command
def cancel(
    task_id: TaskId, data: Data = None, server: Server = None, key: ApiKey = None, as_json: Json = False
) -> None:
    """Cancel it: at once while it waits, at the next step while it runs."""
    with _desk(data, server, key) as desk:
        _print(desk.cancel(task_id), as_json)


def _print(task: Task, as_json: bool) -> None:
    if as_json:
        show_json(task.raw)
        return
    flat = {**task.raw, **task.raw.get("result", {})}
    flat.pop("result", None)
    show_rows(("", ""), [(name, str(value)) for name, value in flat.items()], "")


_COLUMNS = ("task", "status", "done", "created", "model")


def _row(task: Task) -> list[str]:
    created = datetime.datetime.fromtimestamp(task.created or 0, tz=datetime.UTC).astimezone()
    return [task.id, task.status, f"{task.progress} %", f"{created:%Y-%m-%d %H:%M:%S}", task.model or ""]
