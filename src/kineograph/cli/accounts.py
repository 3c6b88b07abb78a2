"""`kineo accounts`, `kineo prices` and `kineo usage`: whose films, what they cost, what was used."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer

from kineograph.cli import limits
from kineograph.cli.console import Exit, command, quit_with, show_json, show_rows

app = typer.Typer(help="Accounts: create, list, show, set, credit.", no_args_is_help=True)
prices = typer.Typer(help="What films cost: list and set.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option("--data", help="Data folder.", show_default="the user's data folder")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Id = Annotated[str, typer.Argument(metavar="ID")]


@app.command()
@command
def create(
    name: Annotated[str, typer.Option(help="Whose it is; shown in lists.")],
    balance: Annotated[str, typer.Option(metavar="AMOUNT", help="What it begins with.")] = "0",
    metered: Annotated[bool, typer.Option("--metered/--unmetered", help="Whether films are paid from it.")] = True,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Create an account and print its id. Give it keys with kineo keys create --account ID."""
    from kineograph.app.accounting import create_account
    from kineograph.settings import load

    account = create_account(load(data=data), name, _amount(balance, "--balance"), metered)
    if as_json:
        show_json(account.document())
    else:
        typer.echo(account.id)


@app.command("list")
@command
def list_(data: Data = None, as_json: Json = False) -> None:
    """All accounts, oldest first."""
    from kineograph.app.accounting import list_accounts
    from kineograph.core import money
    from kineograph.settings import load

    found = list_accounts(load(data=data))
    if as_json:
        show_json([account.document() for account in found])
        return
    rows = [
        (
            account.id,
            account.name,
            money.text(account.balance) if account.metered else "not metered",
            limits.shown(account.limits),
        )
        for account in found
    ]
    show_rows(("id", "name", "balance", "limits"), rows, "no accounts yet: kineo accounts create --name NAME")


@app.command()
@command
def show(
    account_id: Id,
    lines: Annotated[int, typer.Option(min=1, max=1000, help="Newest lines of its ledger.")] = 20,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """An account and the newest lines of its ledger."""
    from kineograph.app.accounting import show_account
    from kineograph.core import money
    from kineograph.settings import load

    found = show_account(load(data=data), account_id, lines)
    if found is None:
        quit_with(f"no account {account_id!r}; see kineo accounts list", Exit.FAILED)
    account, entries = found
    if as_json:
        written = [
            {"id": line.number, "kind": str(line.kind), "amount": money.number(line.amount), "task_id": line.task_id}
            | {"balance_after": money.number(line.balance), "reason": line.reason, "at": int(line.at), "by": line.by}
            for line in entries
        ]
        show_json(account.document() | {"entries": written})
        return
    typer.echo(f"{account.id}  {account.name}  {money.text(account.balance)}  {limits.shown(account.limits)}", err=True)
    rows = [
        (_when(line.at), str(line.kind), money.text(line.amount), money.text(line.balance), line.task_id or line.reason)
        for line in entries
    ]
    show_rows(("at", "kind", "amount", "balance", "for"), rows, "nothing in its ledger yet")


@app.command("set")
@command
def set_(
    account_id: Id,
    name: Annotated[str | None, typer.Option(help="Whose it is.")] = None,
    metered: Annotated[
        bool | None, typer.Option("--metered/--unmetered", help="Whether films are paid from it.")
    ] = None,
    overdraft: Annotated[str | None, typer.Option(metavar="AMOUNT", help="How far below 0 it may go.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="Films at once over all keys; 0: as the keys say.")] = None,
    models: limits.Models = None,
    addresses: limits.Addresses = None,
    requests_per_minute: limits.RequestsPerMinute = None,
    seconds_per_day: limits.SecondsPerDay = None,
    seconds_per_month: limits.SecondsPerMonth = None,
    spend: limits.Spend = None,
    max_resolution: limits.MaxResolution = None,
    max_duration: limits.MaxDuration = None,
    data: Data = None,
) -> None:
    """Change an account. Only what is given changes; `none` takes a limit away."""
    from kineograph.app.accounting import set_account
    from kineograph.core.ledger import AccountChange
    from kineograph.settings import load

    wanted = limits.changing(
        {
            "requests_per_minute": requests_per_minute,
            "seconds_per_day": seconds_per_day,
            "seconds_per_month": seconds_per_month,
            "spend": spend,
            "max_resolution": max_resolution,
            "max_duration": max_duration,
            "models": models,
            "addresses": addresses,
        }
    )
    change = AccountChange(name, metered, None if overdraft is None else _amount(overdraft, "--overdraft"), limit)
    if set_account(load(data=data), account_id, change, wanted) is None:
        quit_with(f"no account {account_id!r}; see kineo accounts list", Exit.FAILED)
    typer.echo(f"{account_id} changed", err=True)


@app.command(context_settings={"ignore_unknown_options": True})
@command
def credit(
    account_id: Id,
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="Such as 25, or -3.50 to take away.")],
    reason: Annotated[str, typer.Option(help="Why; stays in the ledger.")] = "credit",
    data: Data = None,
) -> None:
    """Add to an account's balance; print the new balance."""
    from kineograph.app.accounting import credit as add
    from kineograph.core import money
    from kineograph.settings import load

    entry = add(load(data=data), account_id, _amount(amount, "AMOUNT"), reason)
    if entry is None:
        quit_with(f"no account {account_id!r}; see kineo accounts list", Exit.FAILED)
    typer.echo(money.text(entry.balance))


@prices.command("list")
@command
def list_prices(data: Data = None, as_json: Json = False) -> None:
    """The price table that holds now."""
    from kineograph.app.accounting import show_prices
    from kineograph.core import money
    from kineograph.core.ledger import prices_document
    from kineograph.settings import load

    table = show_prices(load(data=data))
    if as_json:
        show_json(prices_document(table))
        return
    rows = [(row.model, row.resolution, f"{money.text(row.rate)} {table.currency}", str(row.per)) for row in table.rows]
    show_rows(("model", "resolution", "price", "per"), rows, "no prices yet: kineo prices set MODEL AMOUNT")


@prices.command("set")
@command
def set_price(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model's name, or * for any.")],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="Such as 0.02; `none` takes the row out.")],
    resolution: Annotated[str, typer.Option(help="480p, 720p, 1080p, or * for any.")] = "*",
    per: Annotated[str, typer.Option(help="second or million_tokens.")] = "second",
    currency: Annotated[str | None, typer.Option(help="A label.", show_default="as it is, at first USD")] = None,
    data: Data = None,
) -> None:
    """Set a price. It holds within a second, for what is submitted from then on."""
    from kineograph.app.accounting import set_price as put
    from kineograph.core.pricing import currency_label, price_rows
    from kineograph.settings import load

    label = None if currency is None else currency_label(currency)
    if amount == limits.NONE:
        put(load(data=data), None, (model, resolution), label)
    else:
        row = price_rows([{"model": model, "resolution": resolution, "per": per, "amount": amount}])[0]
        put(load(data=data), row, None, label)
    typer.echo(f"{model} at {resolution}: {amount}", err=True)


@command
def usage(
    by: Annotated[str, typer.Option(help="day, key, model or status.")] = "day",
    account: Annotated[str | None, typer.Option(help="Of this account.", show_default="all")] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Up to and with today (UTC).")] = 30,
    as_csv: Annotated[bool, typer.Option("--csv", help="Comma-separated, with a line of names.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """What was made and what it cost. Only finished films count."""
    from kineograph.api.usage import as_csv as written
    from kineograph.api.usage import usage_row
    from kineograph.app.accounting import used
    from kineograph.core.ledger import By
    from kineograph.settings import load

    if by not in list(By):
        quit_with(f"--by {by!r}: use one of {', '.join(By)}", Exit.USAGE)
    tomorrow = (datetime.datetime.now(tz=datetime.UTC).timestamp() // 86_400 + 1) * 86_400
    rows = [
        usage_row(row, By(by)) for row in used(load(data=data), account, tomorrow - days * 86_400, tomorrow, By(by))
    ]
    if as_json:
        show_json(rows)
    elif as_csv:
        typer.echo(written(rows, By(by)), nl=False)
    else:
        names = (by, "films", "seconds", "tokens", "cost")
        show_rows(names, [tuple(str(value) for value in row.values()) for row in rows], "nothing was made in this time")


def _amount(text: str, param: str) -> int:
    from kineograph.core import money

    return money.parse(text, param)


def _when(at: float) -> str:
    return datetime.datetime.fromtimestamp(at, tz=datetime.UTC).astimezone().strftime("%Y-%m-%d %H:%M")
