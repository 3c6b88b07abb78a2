"""The catalogue of an installation: the built-in models with the operator's rows laid over them."""

from __future__ import annotations

from typing import Any

from kineograph.core.errors import OperatorError
from kineograph.core.models import DEFAULT_MODELS, Model
from kineograph.core.request import Role
from kineograph.settings import Settings


def models(settings: Settings) -> tuple[Model, ...]:
    """All rows, the built-in ones first.

    Raises:
        OperatorError: a row is not a model.
    """
    rows = {model.name: model for model in DEFAULT_MODELS}
    for name, row in settings.models.items():
        try:
            rows[name] = _model(name, row, rows.get(name))
        except (TypeError, ValueError) as error:
            raise OperatorError(f"[models.{name!r}] in kineo.toml is not a model: {error}") from error
    return tuple(rows.values())


def _model(name: str, row: dict[str, Any], base: Model | None) -> Model:
    values: dict[str, Any] = {}
    if base is not None:
        values = {field: getattr(base, field) for field in Model.__dataclass_fields__}
    values |= row | {"name": name}
    values["roles"] = frozenset(Role(role) for role in values.get("roles", tuple(Role)))
    for field in ("durations", "resolutions", "aspect_ratios", "aliases"):
        if field in values:
            values[field] = tuple(values[field])
    cap = values.get("running_cap")
    if cap is not None and (type(cap) is not int or cap < 1):
        raise ValueError(f"running_cap = {cap!r}; write a whole number from 1, or leave it out")
    return Model(**values)
