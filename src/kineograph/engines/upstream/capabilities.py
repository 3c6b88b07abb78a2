"""Which upstream model takes what: the table, read."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

from kineograph.core.models import Model


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    text = resources.files("kineograph.engines.upstream").joinpath("capabilities.toml").read_text("utf-8")
    return tomllib.loads(text)


def capabilities(dialect: str, model: str) -> dict[str, Any]:
    """Fields of Route that are narrower than everything.

    Args:
        model: The upstream's name of it.
    """
    rows = _table()[dialect]
    plain = model.removeprefix("doubao-")
    best = max((name for name in rows if plain.startswith(name)), key=len)
    row: dict[str, Any] = rows[best]
    return row


def upstream_name(dialect: str, base_url: str, model: Model) -> str:
    """The upstream's name of a public model, where its operator did not say. BytePlus writes them without `doubao-`."""
    name = model.aliases[0] if dialect == "ark" and model.aliases else model.name
    return name.removeprefix("doubao-") if dialect == "ark" and "byteplus" in base_url else name
