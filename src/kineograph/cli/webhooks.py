"""`kineo webhooks`: the secret that signs callbacks, what was sent, send again."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kineograph.cli.console import Exit, command, quit_with, show_json, show_rows

if TYPE_CHECKING:
    from kineograph.core.deliveries import Delivery

app = typer.Typer(help="Callbacks: the secret that signs them, what was sent, send again.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option("--data", help="Data folder.", show_default="the user's data folder")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.command()
@command
def secret(
    account: Annotated[str | None, typer.Option(help="Whose.", show_default="the only account that has keys")] = None,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new one; the old one signs for 24 hours more.")
    ] = False,
    data: Data = None,
) -> None:
    """Print the secret that signs an account's callbacks, alone."""
    from kineograph.app.callbacks import secret as find
    from kineograph.settings import load

    typer.echo(find(load(data=data), account, rotate).text)


@app.command()
@command
def deliveries(
    account: Annotated[str | None, typer.Option(help="Of this account.", show_default="all")] = None,
    state: Annotated[str | None, typer.Option(help="waiting, delivered, failed or held.", show_default="all")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """What was told to whom and what came back, newest first."""
    from kineograph.app.callbacks import deliveries as find
    from kineograph.core.deliveries import State
    from kineograph.settings import load

    if state is not None and state not in list(State):
        quit_with(f"--state {state!r}: use one of {', '.join(State)}", Exit.USAGE)
    found = find(load(data=data), account, None if state is None else State(state), limit)
    if as_json:
        from kineograph.api.webhooks import delivery_row

        show_json([delivery_row(each) for each in found])
        return
    columns = ("delivery", "created", "task", "status", "state", "tries", "last answer", "url")
    show_rows(columns, [_row(each) for each in found], "nothing was to be told yet")


@app.command()
@command
def endpoints(data: Data = None) -> None:
    """Addresses where nothing gets through just now; a disabled one is enabled by redelivering something to it."""
    from kineograph.app.callbacks import endpoints as find
    from kineograph.settings import load

    rows = [
        (each.account_id, each.url, _when(each.failing_since), "disabled" if each.disabled_at else "tried", each.reason)
        for each in find(load(data=data))
    ]
    show_rows(("account", "url", "failing since", "", "why"), rows, "all is well")


@app.command()
@command
def redeliver(delivery_id: Annotated[str, typer.Argument(metavar="ID")], data: Data = None) -> None:
    """Let the service send a delivery again, now, under the same webhook-id. Enables its endpoint."""
    from kineograph.app.callbacks import redeliver as send
    from kineograph.settings import load

    if send(load(data=data), delivery_id) is None:
        quit_with(f"no delivery {delivery_id!r}; see kineo webhooks deliveries", Exit.FAILED)
    typer.echo(f"{delivery_id} goes out again", err=True)


def _row(delivery: Delivery) -> tuple[str, ...]:
    answer = delivery.answer
    words = "" if answer is None else answer.error or str(answer.status)
    at = _when(delivery.created_at)
    return (
        delivery.id,
        at,
        delivery.task_id,
        str(delivery.status),
        str(delivery.state),
        str(delivery.attempts),
        words,
        delivery.url,
    )


def _when(at: float) -> str:
    return datetime.datetime.fromtimestamp(at, tz=datetime.UTC).astimezone().strftime("%Y-%m-%d %H:%M")
