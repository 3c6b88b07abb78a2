"""The command tree. `kineo --help` is the map; each group lives in its own module."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kineograph.cli import accounts, fleet, generate, keys, look, models, tasks, webhooks
from kineograph.cli.console import Exit, command, counting, quit_with, show_json, show_rows

app = typer.Typer(
    name="kineo",
    help="Words or images in, finished films out. Try: [bold]kineo generate 'A cute kitten in the sun'[/bold]",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("generate")(generate.generate)
app.command("explain")(look.explain)
app.command("still")(look.still)
app.add_typer(keys.app, name="keys")
app.add_typer(accounts.app, name="accounts")
app.add_typer(accounts.prices, name="prices")
app.command("usage")(accounts.usage)
app.add_typer(tasks.app, name="tasks")
app.add_typer(models.app, name="models")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(fleet.workers, name="workers")
app.add_typer(fleet.queues, name="queues")
database = typer.Typer(help="The database of the data folder.", no_args_is_help=True)
app.add_typer(database, name="db")

Data = Annotated[Path | None, typer.Option("--data", help="Data folder.", show_default="the user's data folder")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.", is_eager=True)] = False,
) -> None:
    """Kineograph: a self-hosted video generation service."""
    if version:
        from kineograph import __version__

        typer.echo(f"kineograph {__version__}")
        raise typer.Exit


@app.command()
@command
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 picks a free one.", show_default="8000")] = None,
    data: Data = None,
    workers: Annotated[int | None, typer.Option(min=0, help="Films made at once.", show_default="1")] = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Only the API; run `kineo worker` elsewhere.")] = False,
) -> None:
    """Run the service: the API, and workers that make the films.

    The first start on an empty data folder creates an admin key: printed on a terminal, else written to DATA/admin-key.
    """
    from kineograph.app.serving import serve as run
    from kineograph.settings import load

    run(load(host=host, port=port, data=data, workers=0 if no_worker else workers))


@app.command()
@command
def worker(
    queue: Annotated[
        list[str] | None,
        typer.Option(help="Queue to serve: the name of an engine; repeat for several.", show_default="all"),
    ] = None,
    data: Data = None,
    workers: Annotated[int, typer.Option(min=1, help="Films made at once, of each queue.")] = 1,
    exit_when_idle: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Leave after this long without work.")
    ] = None,
    max_tasks: Annotated[int | None, typer.Option(min=1, help="Leave after this many films.")] = None,
) -> None:
    """Make films for servers on the same database and storage: here, or on a machine of its own."""
    from kineograph.app.working import work
    from kineograph.settings import load

    work(load(data=data, workers=workers), queues=queue or (), idle_exit=exit_when_idle, max_tasks=max_tasks)


@app.command()
@command
def doctor(data: Data = None, as_json: Json = False) -> None:
    """Tell what works on this machine, and what to do about the rest."""
    from kineograph.cli.doctor import examine
    from kineograph.settings import load

    findings = examine(load(data=data))
    if as_json:
        show_json([finding.__dict__ for finding in findings])
    else:
        show_rows(("", "what", "found"), [(f.mark, f.what, f.found) for f in findings], "")
    if any(not finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
@command
def warmup(data: Data = None) -> None:
    """Compile the built-in engine's kernels now, so that the first film starts at once."""
    from kineograph.app.upkeep import warm_up
    from kineograph.settings import load

    warm_up(load(data=data), lambda line: typer.echo(line, err=True))


@app.command()
@command
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write the copy; must not exist.")], data: Data = None
) -> None:
    """Copy the database to a SQLite file while the service runs. Films are not in it: copy DATA/files beside it.

    A restore on PostgreSQL is `kineo db copy FILE postgresql://…`; on SQLite, put the file in its place.
    """
    from kineograph.app.upkeep import back_up
    from kineograph.settings import load

    if file.exists():
        quit_with(f"{file} is there already; name a file that is not", Exit.USAGE)
    typer.echo(back_up(load(data=data), file, counting()))


@database.command()
@command
def upgrade(data: Data = None) -> None:
    """Bring the database's schema to this version. SQLite does so by itself at start, after a backup copy."""
    from kineograph.app.upkeep import upgrade_database
    from kineograph.settings import load

    typer.echo(upgrade_database(load(data=data)))


@database.command()
@command
def copy(
    source: Annotated[str, typer.Argument(help="postgresql://… or a SQLite file.")],
    target: Annotated[str, typer.Argument(help="The same; must be empty.")],
) -> None:
    """Move a database, between SQLite and PostgreSQL or within a kind. Nobody may work on the source meanwhile.

    Every row is compared. What waits is queued anew; what was being made is made again.
    """
    from kineograph.app.upkeep import copy_database

    typer.echo(copy_database(source, target, counting()))


@database.command()
@command
def check(data: Data = None) -> None:
    """Look for damage, and for counts that do not agree with the rows they count. Best while nothing runs."""
    from kineograph.app.upkeep import check_database
    from kineograph.settings import load

    findings = check_database(load(data=data))
    show_rows(
        ("", "what", "found"),
        [("ok", what, "") if wrong is None else ("FAILS", what, wrong) for what, wrong in findings],
        "",
    )
    if any(wrong is not None for _, wrong in findings):
        raise typer.Exit(1)
