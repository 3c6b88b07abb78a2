"""`kineo workers` and `kineo queues`: who makes films, what waits, and the operator's word on both."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kineograph.cli.console import Exit, command, quit_with, show_json, show_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

workers = typer.Typer(help="Show workers; drain and resume them.", invoke_without_command=True)
queues = typer.Typer(help="Show queues; pause, resume, drain and cap them.", invoke_without_command=True)

Data = Annotated[Path | None, typer.Option("--data", help="Data folder.", show_default="the user's data folder")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Which = Annotated[str | None, typer.Argument(metavar="ID|HOST", help="A worker's id, or a machine's name.")]
All = Annotated[bool, typer.Option("--all", help="Every worker there is.")]
Name = Annotated[str, typer.Argument(metavar="NAME")]


@workers.callback()
@command
def list_workers(context: typer.Context, data: Data = None, as_json: Json = False) -> None:
    """Workers that are there, or died lately: where, what they can make, what they make just now."""
    if context.invoked_subcommand is None:
        from kineograph.app.fleet import list_workers as found
        from kineograph.settings import load

        _print_workers(found(load(data=data)), as_json)


@workers.command()
@command
def drain(which: Which = None, every: All = False, data: Data = None, as_json: Json = False) -> None:
    """Let workers finish what they make and go; heard within seconds. What takes longer than KINEO_DRAIN goes to others."""
    _want(which, every, True, data, as_json)


@workers.command("resume")
@command
def resume_workers(which: Which = None, every: All = False, data: Data = None, as_json: Json = False) -> None:
    """Take a drain back. A `kineo worker` that has left already has to be started again."""
    _want(which, every, False, data, as_json)


def _want(which: str | None, every: bool, drained: bool, data: Path | None, as_json: bool) -> None:
    from kineograph.app.fleet import want_workers
    from kineograph.settings import load

    if (which is None) == (not every):
        quit_with("name a worker or a host, or give --all; kineo workers lists them", Exit.USAGE)
    _print_workers(want_workers(load(data=data), which, drained), as_json)


def _print_workers(found: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    rows = [
        (
            each["id"],
            each["queue"],
            _state(each),
            f"{each['host']}:{each['pid']}",
            f"{each['version']}/{each['protocol']}",
            _ago(each["seen_at"]),
            " ".join(f"{task['task_id']} {task['progress']} %" for task in each["running"]) or "idle",
        )
        for each in found
    ]
    columns = ("worker", "queue", "state", "host:pid", "version/protocol", "heard", "makes")
    show_rows(columns, rows, "no workers: start one with kineo worker")


def _state(row: Mapping[str, Any]) -> str:
    """With what the operator should know."""
    if "fault" in row:
        return f"{row['state']}, but: {row['fault']}"
    return row["state"] if row["wanted"] == "up" or row["state"] == "drained" else f"{row['state']} (to drain)"


@queues.callback()
@command
def list_queues(context: typer.Context, data: Data = None, as_json: Json = False) -> None:
    """Queues: what waits, what could run, what runs, for how long the first has waited."""
    if context.invoked_subcommand is None:
        from kineograph.app.fleet import list_queues as found
        from kineograph.settings import load

        _print_queues(found(load(data=data)), as_json)


@queues.command()
@command
def pause(name: Name, data: Data = None, as_json: Json = False) -> None:
    """Start nothing of it from now on. What runs goes on, tasks are still accepted."""
    _say(name, "pause", data, as_json)


@queues.command()
@command
def resume(name: Name, data: Data = None, as_json: Json = False) -> None:
    """Start again, and accept again."""
    _say(name, "resume", data, as_json)


@queues.command("drain")
@command
def drain_queue(name: Name, data: Data = None, as_json: Json = False) -> None:
    """Accept no more tasks; make those that wait."""
    _say(name, "drain", data, as_json)


@queues.command()
@command
def cap(
    name: Name,
    running: Annotated[
        int, typer.Argument(metavar="N", min=0, help="Films at once; 0 = as many as there are workers.")
    ],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Let at most N of its films be made at once, over all workers: as many as an upstream allows."""
    from kineograph.app.fleet import cap_queue
    from kineograph.settings import load

    _print_queues(cap_queue(load(data=data), name, running or None), as_json)


def _say(name: str, word: str, data: Path | None, as_json: bool) -> None:
    from kineograph.app.fleet import tell_queue
    from kineograph.settings import load

    _print_queues(tell_queue(load(data=data), name, word), as_json)


def _print_queues(found: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    rows = [
        (
            each["name"],
            each["state"],
            str(each["waiting"]),
            str(each["runnable"]),
            str(each["running"]),
            str(each["running_cap"] or "-"),
            str(each["workers"]),
            f"{each['oldest_wait']} s",
        )
        for each in found
    ]
    show_rows(("queue", "state", "waiting", "runnable", "running", "cap", "workers", "oldest"), rows, "no queues yet")


def _ago(at: int) -> str:
    seconds = max(0, int(datetime.datetime.now(tz=datetime.UTC).timestamp()) - at)
    return f"{seconds} s ago" if seconds < 120 else f"{seconds // 60} min ago"
