"""`kineo keys`: who may call the service. Works on the data folder, while the service runs or not."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kineograph.cli import limits
from kineograph.cli.console import Exit, command, quit_with, show_json, show_rows

if TYPE_CHECKING:
    from kineograph.core.keys import Key

app = typer.Typer(help="Create, list, rotate and revoke API keys.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option("--data", help="Data folder.", show_default="the user's data folder")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
_UNITS = {"h": 3600, "d": 86400, "w": 604800}


@app.command()
@command
def create(
    name: Annotated[str, typer.Option(help="What it is for; shown in lists.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="generate, read or admin; repeat for several.", show_default="generate, read"),
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="Account that owns what it makes.", show_default="a new one")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Tasks that may run at once.")] = 4,
    expires: Annotated[str | None, typer.Option(metavar="30d", help="Life: 12h, 30d, 4w.", show_default="none")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Create a key. Its text is printed on stdout, alone and only this once."""
    from kineograph.app.keyring import create_key
    from kineograph.core.keys import DEFAULT_SCOPES, Scope
    from kineograph.settings import load

    try:
        scopes = frozenset(Scope(word) for word in scope) if scope else DEFAULT_SCOPES
    except ValueError as error:
        quit_with(f"--scope: {error}; use generate, read or admin", Exit.USAGE)
    text, key = create_key(load(data=data), name, scopes, account=account, limit=limit, life=_life(expires))
    if as_json:
        show_json({"key": text, **_wire(key)})
    else:
        typer.echo(text)


@app.command("list")
@command
def list_(data: Data = None, as_json: Json = False) -> None:
    """All keys, oldest first; never their text."""
    from kineograph.app.keyring import list_keys
    from kineograph.settings import load

    keys = list_keys(load(data=data))
    if as_json:
        show_json([_wire(key) for key in keys])
        return
    rows = [
        (key.id, key.name, f"{key.shown}…", " ".join(sorted(key.scopes)), _state(key), _when(key.last_used_at))
        for key in keys
    ]
    show_rows(("id", "name", "key", "scopes", "state", "last used"), rows, "no keys yet: kineo keys create --name NAME")


@app.command()
@command
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID")], data: Data = None) -> None:
    """Make a key open nothing, within a second, for good."""
    from kineograph.app.keyring import revoke_key
    from kineograph.settings import load

    if not revoke_key(load(data=data), key_id):
        quit_with(f"no key {key_id!r}; see kineo keys list", Exit.FAILED)
    typer.echo(f"{key_id} revoked", err=True)


@app.command()
@command
def rotate(key_id: Annotated[str, typer.Argument(metavar="ID")], data: Data = None) -> None:
    """Give a key a new text; id, owner, scopes and limits stay. The old text opens nothing any more."""
    from kineograph.app.keyring import rotate_key
    from kineograph.settings import load

    text = rotate_key(load(data=data), key_id)
    if text is None:
        quit_with(f"no key {key_id!r}; see kineo keys list", Exit.FAILED)
    typer.echo(text)


@app.command("set")
@command
def set_(
    key_id: Annotated[str, typer.Argument(metavar="ID")],
    limit: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Tasks that may run at once.", show_default="as it is")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What it is for.", show_default="as it is")] = None,
    expires: Annotated[str | None, typer.Option(metavar="30d|none", help="Life from now: 12h, 30d, 4w.")] = None,
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
    """Change a key's limits, name or end. Only what is given changes; `none` takes a limit away. Holds within a second."""
    from kineograph.app.keyring import set_key
    from kineograph.settings import load

    given = {
        "requests_per_minute": requests_per_minute,
        "seconds_per_day": seconds_per_day,
        "seconds_per_month": seconds_per_month,
        "spend": spend,
        "max_resolution": max_resolution,
        "max_duration": max_duration,
        "models": models,
        "addresses": addresses,
    }
    if all(value is None for value in (limit, name, expires, *given.values())):
        quit_with("nothing to change; give --limit, --name, --expires or one of the limits of --help", Exit.USAGE)
    life = 0.0 if expires == limits.NONE else _life(expires)
    if not set_key(load(data=data), key_id, name, limit, life, limits.changing(given)):
        quit_with(f"no key {key_id!r}; see kineo keys list", Exit.FAILED)
    typer.echo(f"{key_id} changed", err=True)


def _life(text: str | None) -> float | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d+)([hdw])", text)
    if match is None:
        quit_with(f"--expires {text!r}: write a number and h, d or w, e.g. 30d", Exit.USAGE)
    return float(match[1]) * _UNITS[match[2]]


def _state(key: Key) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is None:
        return "live"
    return (
        f"until {_when(key.expires_at)}" if key.live(datetime.datetime.now(tz=datetime.UTC).timestamp()) else "expired"
    )


def _when(at: float | None) -> str:
    return (
        datetime.datetime.fromtimestamp(at, tz=datetime.UTC).astimezone().strftime("%Y-%m-%d %H:%M") if at else "never"
    )


def _wire(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "account": key.account_id,
        "shown": key.shown,
        "scopes": sorted(key.scopes),
        "limit": key.limit,
        "limits": key.limits.document(),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }
