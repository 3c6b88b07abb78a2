"""Write the generated reference pages: command line, settings, OpenAPI. `--check` fails if one of them is out of date."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import sys
from pathlib import Path
from typing import Any

import typer.main

HERE = Path(__file__).parent / "reference"


def cli() -> str:
    """Every command with its arguments and options."""
    from kineograph.cli.main import app

    lines = [
        "# The command line",
        "",
        "Generated from `kineo --help` by `python docs/generate.py`. Exit codes: 0 done, 1 failed,",
        "2 usage, 3 refused by the service, 130 interrupted. Piped output is one row per line.",
        "",
    ]
    _command(typer.main.get_command(app), "kineo", lines)
    return "\n".join(lines) + "\n"


def _command(command: Any, name: str, lines: list[str]) -> None:
    if name != "kineo":
        lines += [f"## `{name}`", "", (command.help or "").strip().replace("\n\n\n", "\n\n"), ""]
        rows = [_parameter(parameter) for parameter in command.params if parameter.name != "help"]
        if rows and not hasattr(command, "commands"):
            lines += ["| | | default |", "|---|---|---|", *rows, ""]
    for child, sub in sorted(getattr(command, "commands", {}).items()):
        _command(sub, f"{name} {child}", lines)


def _parameter(parameter: Any) -> str:
    option = parameter.param_type_name == "option"
    names = ", ".join(
        f"`{word}`" for word in (parameter.opts if option else [parameter.metavar or parameter.name.upper()])
    )
    shown = getattr(parameter, "show_default", None)
    default = shown if isinstance(shown, str) else parameter.default
    silent = default in (None, False, "") or callable(default) or type(default).__name__ == "Sentinel"
    help_text = (getattr(parameter, "help", "") or "").replace("|", "/")
    return f"| {names} | {help_text} | {'' if silent else default} |"


def settings() -> str:
    """Every setting with its environment name and default."""
    from kineograph.settings import Settings

    lines = [
        "# Settings",
        "",
        "Generated from `settings.py` by `python docs/generate.py`. `kineo.toml` (working folder, then data folder)",
        "< environment < flags. Times take `90`, `15m`, `24h`, `7d`; sizes take `500MB`, `50GB`.",
        "",
        "| `kineo.toml` | environment | default | |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        silent = field.default_factory is not None or field.default in (None, ())
        default = "the user's data folder" if name == "data" else "" if silent else str(field.default)
        lines.append(f"| `{name}` | `KINEO_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def openapi() -> str:
    """The OpenAPI document of the server."""
    from kineograph import __version__
    from kineograph.api.openapi import openapi as document
    from kineograph.core.models import DEFAULT_MODELS, Catalogue

    return json.dumps(document(Catalogue(DEFAULT_MODELS), __version__), indent=1, ensure_ascii=False) + "\n"


_TOLD = "Frozen values; what the server did not tell is None. Task, Model, Balance, Quote and Upload have `raw` too: all it told."


def client() -> str:
    """Every call, value and error of the Python client."""
    from kineograph import client as package
    from kineograph.client import errors

    lines = [
        "# The Python client",
        "",
        "Generated from `kineograph.client` by `python docs/generate.py`. `from kineograph import Client, AsyncClient`; everything",
        "else on this page is in `kineograph.client`. A first program: [docs/tutorial/python.md](../tutorial/python.md).",
        "",
        "## `Client`",
        "",
        _doc(package.Client),
        "",
        "`AsyncClient` has the same calls for asyncio: awaited, and `async for` where these iterate.",
        "",
    ]
    for name, call in vars(package.Client).items():
        if not name.startswith("_"):
            lines += [f"### `{name}{_signature(call)}`", "", _doc(call), ""]
    lines += [
        "## What can be wished",
        "",
        _doc(package.Wish),
        "",
        *_fields(package.Wish),
        "",
        "## What comes back",
        "",
        _TOLD,
        "",
    ]
    for name in package.__all__:
        kind = getattr(package, name)
        if dataclasses.is_dataclass(kind):
            lines += [f"### `{name}`", "", _doc(kind), "", *_fields(kind), ""]
    lines += ["## Errors", "", "```", (errors.__doc__ or "").partition("\n\n")[2].strip(), "```"]
    return "\n".join(lines) + "\n"


def _doc(thing: Any) -> str:
    """The docstring; its sections as lists."""
    lines = []
    for line in (inspect.getdoc(thing) or "").splitlines():
        if re.fullmatch(r"(Args|Raises|Attributes):", line):
            lines.append(f"*{line}*\n")
        elif found := re.fullmatch(r"    (\S[^:]*): (.*)", line):
            lines.append(f"- `{found[1]}`: {found[2]}")
        else:
            lines.append(line.strip() if not line.startswith("     ") else f"  {line.strip()}")
    return "\n".join(lines)


def _signature(call: Any) -> str:
    text = str(inspect.signature(call)).replace("'", "").replace("(self, ", "(").replace("(self)", "()")
    return text.replace("**wish: Unpack[Wish]", "**wish")


def _fields(kind: Any) -> list[str]:
    rows = [f"| `{name}` | `{_plain(what)}` |" for name, what in kind.__annotations__.items()]
    return ["| | |", "|---|---|", *rows]


def _plain(annotation: Any) -> str:
    text = getattr(annotation, "__forward_arg__", annotation)
    return str(text).replace("|", "or")


PAGES = {"cli.md": cli, "client.md": client, "settings.md": settings, "openapi.json": openapi}


def main() -> int:
    """Write, or check."""
    stale = []
    for name, make in PAGES.items():
        path, text = HERE / name, make()
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.write_text(text, "utf-8")
            print(f"wrote {path.name}")
    if stale and "--check" in sys.argv:
        print(f"out of date: {', '.join(stale)}; run python docs/generate.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
