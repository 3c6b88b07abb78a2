"""Engines by name: the built-in ones, and every upstream of the settings under its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Literal

from kineograph.core import money
from kineograph.core.errors import OperatorError
from kineograph.core.models import Catalogue
from kineograph.core.pricing import Usage, usage
from kineograph.engines.base import Engine, LoopEngine, Order
from kineograph.settings import Settings, UpstreamRow

BUILT_IN = ("animatic", "bars")


class Engines:
    """Each is made when it is first asked for, and is the same object from then on.

    Args:
        tell: Told of an upstream by name what is wrong with it, None once nothing is.
    """

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        tell: Callable[[str, str | None], None] = lambda _name, _fault: None,
    ) -> None:
        self._settings, self._catalogue, self._tell = settings, catalogue, tell
        self._made: dict[str, Engine] = {}

    def __call__(self, name: str) -> Engine:
        """The engine of that name, imported only now: a process that makes no films carries no renderer.

        Raises:
            OperatorError: there is none; or its upstream has no key.
        """
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    async def close(self) -> None:
        """Let go of what they hold."""
        for engine in self._made.values():
            if isinstance(engine, LoopEngine):
                await engine.close()

    def runs(self, name: str) -> Literal["child", "loop"]:
        """How the engine of that name works, without making it."""
        return "loop" if name in self._settings.upstreams else "child"

    def _make(self, name: str) -> Engine:
        row = self._settings.upstreams.get(name)
        if row is not None:
            return self._upstream(name, row)
        match name:
            case "animatic":
                from kineograph.engines.animatic import Animatic

                return Animatic()
            case "bars":
                from kineograph.engines.bars import Bars

                return Bars()
        raise OperatorError(
            f"there is no engine {name!r}; a row of the catalogue in kineo.toml names it. There is "
            + ", ".join([*BUILT_IN, *self._settings.upstreams])
        )

    def _upstream(self, name: str, row: UpstreamRow) -> Engine:
        from kineograph.engines import apimart, ark, openai
        from kineograph.engines.upstream.api import Api
        from kineograph.engines.upstream.base import Dialect, Upstream
        from kineograph.engines.upstream.engine import UpstreamEngine

        upstream = Upstream(
            name=name,
            dialect=row.dialect,
            base_url=row.base_url.rstrip("/"),
            key=key_of(name, row),
            concurrency=row.concurrency,
            rpm=row.rpm,
            time_limit=row.time_limit,
            poll=row.poll,
            max_film=row.max_film,
            waits=row.on_operator_problem == "wait",
            fetch_allow=self._settings.fetch_allow,
            quirks=row.quirks,
        )
        judges = {"ark": ark.judge, "apimart": apimart.judge, "openai": openai.judge}
        api = Api(upstream, judges[row.dialect])
        kinds: dict[str, Callable[[Upstream, Api], Dialect]] = {
            "ark": ark.Ark,
            "apimart": apimart.Apimart,
            "openai": openai.Openai,
        }
        return UpstreamEngine(
            upstream,
            api,
            kinds[row.dialect](upstream, api),
            tell=lambda fault: self._tell(name, fault),
            reckon=lambda order, facts: self._cost(name, order, facts),
        )

    def _cost(self, engine: str, order: Order, facts: Mapping[str, Any]) -> dict[str, Any] | None:
        """What a film cost there: as the upstream said, else by its operator's price rows and what it says it used."""
        model = self._catalogue.find(order.request.model)
        table = next((route.prices for route in model.routes if route.engine == engine), None)
        if "charged" in facts:
            return {"amount": facts["charged"], **({"currency": table.currency} if table and table.rows else {})}
        cost = table.cost(order.request) if table is not None else None
        if cost is None:
            return None
        used = usage(order.width, order.height, order.request.frames)
        if isinstance(tokens := facts.get("tokens"), int):
            used = Usage(used.seconds, tokens)
        return {"amount": money.number(cost.of(used)), "currency": cost.currency}


def key_of(name: str, row: UpstreamRow) -> str:
    """The upstream's key, from the row or from the environment variable it names.

    Raises:
        OperatorError: that variable is not set.
    """
    if row.key_env is None:
        return row.key
    key = os.environ.get(row.key_env, "")
    if not key:
        raise OperatorError(f"the upstream {name!r} takes its key from {row.key_env}, which is not set; set it")
    return key
