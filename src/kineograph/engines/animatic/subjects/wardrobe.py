"""What people wear: rows of wardrobe.toml laid over one another, the later over the earlier of the same slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kineograph.engines.animatic.spec import Colour as Rgb
from kineograph.engines.animatic.subjects.rows import dye, table, tint

FILE = "wardrobe.toml"
Row = Mapping[str, Any]
COLOURS = ("main", "second", "trim", "shoe", "socks", "gloves", "hair", "iris", "skin")
GARMENTS = ("body", "top", "legs")


@dataclass(frozen=True, slots=True)
class Layer:
    """One thing worn: its row, and the colour it was asked for in."""

    name: str
    row: Row
    colour: str | None = None

    @property
    def slot(self) -> str:
        """What it takes the place of; what is worn over all else has a place of its own."""
        slot = str(self.row.get("slot", "over"))
        return f"over {self.name}" if slot == "over" else slot

    @property
    def own(self) -> Rgb:
        """The colour it is dyed in, or its row's: for what has one colour of its own (a hat)."""
        return dye(self.colour) or _rgb(self.row.get("own", (0.5, 0.5, 0.5)))

    @property
    def trim(self) -> Rgb:
        """The colour of its band or border."""
        return _rgb(self.row["border"]) if "border" in self.row else tint(self.own, 0.45)


def rows() -> Mapping[str, Row]:
    """Everything that can be worn, by name."""
    found: Mapping[str, Row] = table(FILE)
    return found


def dressed(worn: Sequence[tuple[str, str | None]]) -> list[Layer]:
    """Layers in order; of each slot the last one counts, but a "dress" said of who wears a gown only dyes the gown."""
    kept: dict[str, Layer] = {}
    for name, colour in worn:
        row = rows().get(name)
        if row is None:  # words of the vocabulary that change nothing that is seen
            continue
        layer = Layer(name, row, colour)
        body = kept.get("body")
        if body is not None and layer.slot in GARMENTS and (name in body.row.get("is", ()) or row.get("any")):
            kept["body"] = Layer(body.name, body.row, colour or body.colour)
            continue
        kept.pop(layer.slot, None)
        kept[layer.slot] = layer
    return list(kept.values())


def overlay(values: dict[str, Any], layers: Sequence[Layer]) -> None:
    """Write what the layers say over the values of a look, in place: fields, colours, and what a colour word dyes."""
    for layer in layers:
        row = layer.row
        # The material of a crown is not that of the coat.
        other = ("fabric",) if layer.slot not in GARMENTS else ()
        values.update({k: v for k, v in row.items() if k in values and k not in other})
        for name in COLOURS:
            if name in row:
                values[name] = _rgb(row[name])
        colour = dye(layer.colour)
        if colour is not None:
            for name in row.get("dyes", ()):
                values[name] = colour


def _rgb(values: Sequence[float]) -> Rgb:
    r, g, b = values
    return (float(r), float(g), float(b))
