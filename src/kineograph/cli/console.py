"""How the command line speaks: tables for people, rows for pipes, JSON on demand, one sentence for errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

    from kineograph.client import Client
    from kineograph.core.errors import KineographError

P = ParamSpec("P")
R = TypeVar("R")


class Exit(IntEnum):
    """What the exit code says."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    INTERRUPTED = 130


def quit_with(message: str, code: Exit) -> NoReturn:
    """One sentence on stderr, and out."""
    typer.secho("error: ", fg=typer.colors.RED, bold=True, err=True, nl=False)
    typer.echo(message, err=True)
    raise typer.Exit(code)


def command(function: Callable[P, R]) -> Callable[P, R]:
    """Turn our own errors into a sentence and an exit code; anything else is a bug and may show its trace."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        from kineograph.core.errors import KineographError, OperatorError
        from kineograph.settings import SettingsError

        try:
            return function(*args, **kwargs)
        except SettingsError as error:
            quit_with(str(error), Exit.USAGE)
        except OperatorError as error:
            quit_with(error.message, Exit.FAILED)
        except KineographError as error:
            field = f"{error.param}: " if error.param and not error.message.startswith(error.param) else ""
            quit_with(field + error.message, _exit(error))
        except (KeyboardInterrupt, BrokenPipeError):
            raise typer.Exit(Exit.INTERRUPTED) from None

    return run


def _exit(error: KineographError) -> Exit:
    from kineograph.client import Cancelled, NoAnswer, NotSent, NotUnderstood, Refused
    from kineograph.core.errors import InvalidRequest

    match error:
        case InvalidRequest() | Refused() | NoAnswer() | NotUnderstood():
            return Exit.REFUSED
        case NotSent():
            return Exit.USAGE
        case Cancelled():
            return Exit.INTERRUPTED
        case _:
            return Exit.FAILED


def remote(server: str, key: str | None) -> Client:
    """A client of that server."""
    from kineograph.client import Client

    if not key:
        quit_with("--server needs a key: give --key, or set KINEO_API_KEY", Exit.USAGE)
    return Client(server, key)


def show_json(value: Any) -> None:
    """One JSON document on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def show_rows(columns: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> None:
    """A table on a terminal; one tab-separated row per line in a pipe."""
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return
    if not rows:
        typer.echo(empty)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float, str], None]]:
    """A bar on stderr where somebody watches; silent in a pipe. Call it with 0…1 and the phase."""
    if not sys.stderr.isatty():
        yield lambda _done, _phase: None
        return
    with _bar() as progress:
        task = progress.add_task(title, total=1.0, phase="")
        yield lambda done, phase: progress.update(task, completed=done, phase=phase)


def counting() -> Callable[[str, int], None]:
    """Tells on stderr how many rows of a table there are: in place on a terminal, one line a table in a pipe."""
    last = ""

    def say(table: str, rows: int) -> None:
        nonlocal last
        live = sys.stderr.isatty()
        if live or table != last:
            typer.echo(f"\r\033[K{table}: {rows}" if live else table, nl=not live, err=True)
        last = table

    return say


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=32),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("[dim]{task.fields[phase]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
