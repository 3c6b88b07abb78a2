"""What a film uses and what that costs: seconds, tokens, and the operator's price table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from kineograph.core import money
from kineograph.core.errors import InvalidRequest
from kineograph.core.request import ADAPTIVE, FPS, RESOLUTIONS, SIZES, VideoRequest, size_of

ANY = "*"  # any model, or any resolution
ROWS_MAX = 1000
_FIELDS = ("model", "resolution", "per", "amount")


@dataclass(frozen=True, slots=True)
class Usage:
    """What one finished film used.

    Attributes:
        seconds: Length of the film.
        tokens: W·H·24·seconds/1024, rounded down, as Ark counts `completion_tokens` (CONTRACT §2.1).
    """

    seconds: float
    tokens: int


def usage(width: int, height: int, frames: int) -> Usage:
    """Usage of a film of this size and length."""
    return Usage(seconds=frames / FPS, tokens=width * height * frames // 1024)


class Per(StrEnum):
    """What a price is for."""

    SECOND = "second"
    MILLION_TOKENS = "million_tokens"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a task costs, and the price it was accepted at, which holds to its end.

    Attributes:
        amount: Micros: as reserved, then as charged; 0 once it is known that nothing is.
        rate: Micros per second or per million tokens.
    """

    amount: int
    currency: str
    per: Per
    rate: int

    def of(self, used: Usage) -> int:
        """Micros for this usage, the fraction of one rounded up."""
        frames = round(used.seconds * FPS)
        units, size = (frames, FPS) if self.per is Per.SECOND else (used.tokens, 1_000_000)
        return -(-self.rate * units // size)

    def settled(self, used: Usage) -> Cost:
        """After the film was measured: never more than was reserved."""
        return replace(self, amount=min(self.amount, self.of(used)))

    @property
    def free(self) -> Cost:
        """The same for a task that costs nothing."""
        return replace(self, amount=0)


@dataclass(frozen=True, slots=True)
class Price:
    """A row of the price table.

    Attributes:
        model: Public name, or ANY.
        resolution: One of RESOLUTIONS, or ANY.
        rate: Micros.
    """

    model: str
    resolution: str
    per: Per
    rate: int


@dataclass(frozen=True, slots=True)
class PriceTable:
    """The prices of one point in time.

    Attributes:
        version: Counts the tables there were; 0 = none yet.
        currency: A label: CNY, USD, credits…
        rows: The nearest one holds: model and resolution, then model, then resolution, then any.
        at: Unix seconds.
        by: Who set it.
    """

    version: int = 0
    currency: str = "USD"
    rows: tuple[Price, ...] = ()
    at: float = 0.0
    by: str = ""

    def price(self, model: str, resolution: str) -> Price | None:
        """The row for this model and resolution; None = no price."""
        found = {(row.model, row.resolution): row for row in self.rows}
        names = ((model, resolution), (model, ANY), (ANY, resolution), (ANY, ANY))
        return next((found[name] for name in names if name in found), None)

    def cost(self, request: VideoRequest) -> Cost | None:
        """What the film will cost, exactly: its frames are known. With an adaptive ratio the most it can be; what is too much
        comes back when its size is known. None = no price."""
        row = self.price(request.model, request.resolution)
        if row is None:
            return None
        cost = Cost(0, self.currency, row.per, -(-row.rate // 2) if request.flex else row.rate)
        sizes = [_size(request)] if request.aspect_ratio != ADAPTIVE else _sizes(request.resolution)
        return replace(cost, amount=max(cost.of(usage(*size, request.frames)) for size in sizes))


def _size(request: VideoRequest) -> tuple[int, int]:
    return size_of(request.resolution, request.aspect_ratio)


def _sizes(resolution: str) -> list[tuple[int, int]]:
    return [size for (name, _), size in SIZES.items() if name == resolution]


def price_rows(rows: object) -> tuple[Price, ...]:
    """Rows of a price table from JSON or TOML: objects with model, resolution, per and amount.

    Raises:
        InvalidRequest: names the row and the field.
    """
    if not isinstance(rows, list) or len(rows) > ROWS_MAX:
        raise _wrong("rows", f"send a list of at most {ROWS_MAX} rows")
    found = tuple(_row(row, f"rows[{place}]") for place, row in enumerate(rows))
    names = [(row.model, row.resolution) for row in found]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise _wrong(f"rows[{place}]", f"there is a row for {name[0]} at {name[1]} already; keep one of the two")
    return found


def _row(row: object, where: str) -> Price:
    if not isinstance(row, Mapping) or set(row) - set(_FIELDS) or "model" not in row or "amount" not in row:
        raise _wrong(where, 'send {"model": …, "resolution": …, "per": "second", "amount": 0.02}')
    model, resolution = row["model"], row.get("resolution", ANY)
    if not isinstance(model, str) or not 1 <= len(model) <= 200:
        raise _wrong(f"{where}.model", f"send the name of a model, or {ANY} for any")
    if resolution not in (*RESOLUTIONS, ANY):
        raise _wrong(f"{where}.resolution", f"use one of {', '.join(RESOLUTIONS)}, or {ANY} for any")
    if row.get("per", Per.SECOND) not in list(Per):
        raise _wrong(f"{where}.per", f"use one of {', '.join(Per)}")
    rate = money.parse(row["amount"], f"{where}.amount")
    if rate < 0:
        raise _wrong(f"{where}.amount", "a price is not negative")
    return Price(model, resolution, Per(row.get("per", Per.SECOND)), rate)


def currency_label(value: object) -> str:
    """The label if it can be one. Raises InvalidRequest."""
    if not isinstance(value, str) or not 1 <= len(value) <= 12 or not value.isprintable() or value != value.strip():
        raise _wrong("currency", "send a label of 1 to 12 characters, such as USD or credits")
    return value


def rows_document(rows: Sequence[Price]) -> list[dict[str, Any]]:
    """The rows as JSON shows them."""
    return [
        {"model": row.model, "resolution": row.resolution, "per": str(row.per), "amount": money.number(row.rate)}
        for row in rows
    ]


def _wrong(param: str, remedy: str) -> InvalidRequest:
    word = param.rpartition(".")[2].partition("[")[0]
    return InvalidRequest(f"{param} is not valid; {remedy}", param=param, reason=f"invalid_{word}")
