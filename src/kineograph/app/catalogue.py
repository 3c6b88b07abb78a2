"""The catalogue of an installation: the built-in models with the operator's rows laid over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kineograph.core.errors import InvalidRequest, OperatorError
from kineograph.core.models import DEFAULT_MODELS, Model, Route
from kineograph.core.money import parse
from kineograph.core.pricing import ANY, PriceTable, price_rows
from kineograph.core.request import ASPECT_RATIOS, RESOLUTIONS, Role
from kineograph.engines.upstream.capabilities import capabilities, upstream_name
from kineograph.settings import Settings, UpstreamRow

_LIMITS = ("roles", "durations", "resolutions", "aspect_ratios")


def models(settings: Settings) -> tuple[Model, ...]:
    """All rows, the built-in ones first.

    Raises:
        OperatorError: a row is not a model.
    """
    rows = {model.name: model for model in DEFAULT_MODELS}
    wanted: dict[str, list[Any]] = {}
    for engine, upstream in settings.upstreams.items():
        for name in upstream.models:
            if name not in rows and name not in settings.models:
                rows[name] = Model(name, engine)
    for name, row in settings.models.items():
        try:
            wanted[name] = list(row.get("engines", ()))
            plain = {field: value for field, value in row.items() if field != "engines"}
            if wanted[name]:
                plain["engine"] = _engine_of(wanted[name][0])
            rows[name] = _model(name, plain, rows.get(name))
        except (TypeError, ValueError) as error:
            raise OperatorError(f"[models.{name!r}] in kineo.toml is not a model: {error}") from error
    return tuple(_routed(model, wanted.get(model.name, ()), settings.upstreams) for model in rows.values())


def _routed(model: Model, wanted: Sequence[Any], upstreams: Mapping[str, UpstreamRow]) -> Model:
    """The model with its routes, and with limits that are those of all of them together."""
    if not wanted and model.engine not in upstreams:
        return model
    try:
        routes = tuple(_route(model, each, upstreams) for each in wanted or [model.engine])
    except (TypeError, ValueError, InvalidRequest) as error:
        raise OperatorError(f"engines of [models.{model.name!r}] in kineo.toml: {error}") from error
    if len({route.engine for route in routes}) < len(routes):
        raise OperatorError(f"engines of [models.{model.name!r}] in kineo.toml: each may be named once")
    return replace(
        model,
        engine=routes[0].engine,
        routes=routes,
        roles=frozenset[Role]().union(*(route.roles for route in routes)),
        durations=(min(route.durations[0] for route in routes), max(route.durations[1] for route in routes)),
        resolutions=tuple(each for each in RESOLUTIONS if any(each in route.resolutions for route in routes)),
        aspect_ratios=tuple(each for each in ASPECT_RATIOS if any(each in route.aspect_ratios for route in routes)),
    )


def _route(model: Model, wanted: Any, upstreams: Mapping[str, UpstreamRow]) -> Route:
    """One entry of `engines`: a name, or a table with conditions."""
    asked = {"engine": wanted} if isinstance(wanted, str) else dict(wanted)
    engine, most = _engine_of(asked), asked.pop("max_cost", None)
    asked.pop("engine")
    if unknown := set(asked) - set(_LIMITS):
        raise ValueError(f"{sorted(unknown)[0]!r} is no condition; use max_cost, {', '.join(_LIMITS)}")
    options: dict[str, str] = {}
    prices, known = PriceTable(), {}
    if (upstream := upstreams.get(engine)) is not None:
        name = upstream.models.get(model.name) or upstream_name(upstream.dialect, upstream.base_url, model)
        options["model"] = name
        known = capabilities(upstream.dialect, name)
        prices = _prices(upstream, name)
    limits = {field: getattr(model, field) for field in _LIMITS}
    for row in (known, asked):
        limits |= {field: _narrowed(field, limits[field], row[field]) for field in _LIMITS if field in row}
    most = None if most is None else parse(most, "max_cost")
    return Route(engine, options, **limits, prices=prices, most=most, frames=known.get("frames", True))


def _engine_of(wanted: Any) -> str:
    """Raises ValueError."""
    name = wanted.get("engine") if isinstance(wanted, Mapping) else wanted
    if not isinstance(name, str) or not name:
        raise ValueError('write the name of an engine, or { engine = "…", max_cost = 0.5 }')
    return name


def _narrowed(field: str, before: Any, value: Any) -> Any:
    """What of the limit is left."""
    if field == "durations":
        return (max(before[0], value[0]), min(before[1], value[1]))
    if field == "roles":
        return before & frozenset(Role(role) for role in value)
    return tuple(each for each in before if each in value)


def _prices(upstream: UpstreamRow, model: str) -> PriceTable:
    """What this upstream takes for this model of its."""
    rows = price_rows(upstream.prices.get("rows", []))
    ours = [row for row in rows if row.model == ANY] + [row for row in rows if row.model == model]
    currency = str(upstream.prices.get("currency", "USD"))
    return PriceTable(currency=currency, rows=tuple(replace(row, model=ANY) for row in ours))


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
