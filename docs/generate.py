"""Write the generated reference pages: command line, settings, OpenAPI. `--check` fails if one of them is out of date."""

from __future__ import annotations

import json
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


PAGES = {"cli.md": cli, "settings.md": settings, "openapi.json": openapi}


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
