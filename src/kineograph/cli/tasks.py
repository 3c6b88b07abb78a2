"""`kineo tasks`: look at tasks and cancel them; of the data folder, or of a server with a key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kineograph.cli.console import TASK_COLUMNS, Exit, command, progress_bar, quit_with, show_json, show_rows, task_row

if TYPE_CHECKING:
    from kineograph.app.local import Desk
    from kineograph.client import Client

app = typer.Typer(help="List, show, wait for and cancel tasks.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option("--data", help="Data folder.", show_default="the user's data folder")]
Server = Annotated[str | None, typer.Option(envvar="KINEO_SERVER", help="Ask this server instead of the data folder.")]
ApiKey = Annotated[str | None, typer.Option("--key", envvar="KINEO_API_KEY", help="API key for --server.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
TaskId = Annotated[str, typer.Argument(metavar="ID")]


@contextmanager
def _desk(data: Path | None, server: str | None, key: str | None) -> Iterator[Client | Desk]:
    if server:
        from kineograph.client import Client

        if not key:
            quit_with("--server needs a key: give --key, or set KINEO_API_KEY", Exit.USAGE)
        with Client(server, key) as client:
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
        tasks = list(desk.tasks(limit, status))
    if as_json:
        show_json(tasks)
    else:
        show_rows(
            TASK_COLUMNS, [task_row(task) for task in tasks], "no tasks yet: kineo generate 'A cute kitten in the sun'"
        )


@app.command()
@command
def show(task_id: TaskId, data: Data = None, server: Server = None, key: ApiKey = None, as_json: Json = False) -> None:
    """Everything about one task."""
    with _desk(data, server, key) as desk:
        _print(desk.task(task_id), as_json)


@app.command()
@command
def wait(task_id: TaskId, data: Data = None, server: Server = None, key: ApiKey = None, as_json: Json = False) -> None:
    """Wait until it is finished. Exit code 1 unless it completed."""
    with _desk(data, server, key) as desk, progress_bar(task_id) as bar:
        task = desk.follow(task_id, lambda now: bar(now["progress"] / 100, str(now.get("phase", now["status"]))))
    _print(task, as_json)
    if task["status"] != "completed":
        raise typer.Exit(Exit.FAILED)


@app.command()
@command
def cancel(
    task_id: TaskId, data: Data = None, server: Server = None, key: ApiKey = None, as_json: Json = False
) -> None:
    """Cancel it: at once while it waits, at the next step while it runs."""
    with _desk(data, server, key) as desk:
        _print(desk.cancel(task_id), as_json)


def _print(task: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(task)
        return
    flat = {**task, **task.pop("result", {})}
    show_rows(("", ""), [(name, str(value)) for name, value in flat.items()], "")
