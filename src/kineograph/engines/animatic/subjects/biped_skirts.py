"""What hangs from a person: skirts, robes, coat tails, aprons, capes; and the bands of colour laid over all their clothes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kineograph.engines.animatic.raster.mesh import Painter
from kineograph.engines.animatic.spec import Colour as Rgb
from kineograph.engines.animatic.subjects.biped_body import Body
from kineograph.engines.animatic.subjects.fittings import colour_of
from kineograph.engines.animatic.subjects.patches import Patch
from kineograph.engines.animatic.subjects.skirt import ROUND, Skirt, cut_skirt
from kineograph.engines.animatic.subjects.wardrobe import Layer

FIRST = 60  # part of the first sheet: higher than any of the body
FRONT_OPEN = 0.10  # azimuth from which a coat's tails hang


def skirts(body: Body) -> list[Skirt]:
    """Sheets from the innermost out, each a part of its own."""
    out = [_dress(body)] if body.look.outfit == "dress" else []
    for layer in body.look.layers:
        for sheet in layer.row.get("sheets", ()):
            out.append(_sheet(body, layer, sheet, len(out)))
    return [
        replace(skirt, mesh=replace(skirt.mesh, part=np.full_like(skirt.mesh.part, FIRST + i)))
        for i, skirt in enumerate(out)
    ]


def painted(several: Sequence[Skirt], painter: Painter | None) -> tuple[Skirt, ...]:
    """With the painter of the clothes."""
    return tuple(replace(skirt, painters=(painter,)) if painter else skirt for skirt in several)


def _dress(body: Body) -> Skirt:
    """The skirt of a dress, from the waist to the hem."""
    row, look = body.row, body.look
    top, waist, clear = _waist(body, 0.005)
    cut = look.cut or (0.40 if row.bust == 0 else 0.30)
    cloth = next((layer.row for layer in look.layers if layer.slot == "body"), {})
    colour = look.second if cloth.get("skirt") == "second" else look.main
    return cut_skirt(
        top, waist, top - row.leg + look.hem, max(cut, clear), (colour, look.trim),
        fall=look.fall, border=float(cloth.get("border_width", 0.10)), fabric=str(cloth.get("skirt_fabric", "cloth")),
    )  # fmt: skip


def _waist(body: Body, out: float) -> tuple[float, tuple[float, float], float]:
    """Height and half axes of the waistline, and the angle that clears the hips from there, whatever the cut."""
    row = body.row
    top = row.leg + body.torso_height * 0.30
    waist = (row.waist + out, row.waist * 0.86 + out)
    hips = row.hips + row.leg_radii[0] * 0.92 + out
    return top, waist, float(np.arctan2(hips - waist[0], top - row.leg))


def _sheet(body: Body, layer: Layer, sheet: Mapping[str, Any], number: int) -> Skirt:
    """One sheet of a row: from the waist, the hips or the shoulders down to a share of the leg."""
    row = body.row
    out = float(sheet.get("out", 0.010 + 0.004 * number))
    end = row.leg * (1 - float(sheet["to"]))  # height of the hem
    colours = (
        colour_of(body, layer, sheet.get("colour", "own")),
        colour_of(body, layer, sheet.get("border", "border")),
    )
    arc = tuple(float(a) for a in sheet.get("arc", ROUND))
    first, last = arc if len(arc) == 2 else ROUND
    common: dict[str, Any] = {
        "fall": float(sheet.get("fall", 0.70)), "arc": (first, last), "border": float(sheet.get("border_width", 0.0)),
        "fabric": str(sheet.get("fabric", "cloth")),
    }  # fmt: skip
    if sheet.get("from", "waist") == "shoulders":
        top = float(body.neck[1]) - 0.018
        index = body.skeleton.index["chest"]
        return cut_skirt(
            top, (row.shoulder * 0.62, row.torso * 0.55 + out), top - end, float(sheet.get("cut", 0.30)), colours,
            bone=index, free=True, back=-0.012, **common,
        )  # fmt: skip
    top, waist, clear = _waist(body, out)
    if sheet.get("from") == "hips":
        top -= body.torso_height * 0.12
        waist = (row.hips + row.leg_radii[0] * 0.98 + out, row.leg_radii[0] * 1.30 + out)
        clear = 0.0
    return cut_skirt(top, waist, top - end, max(float(sheet.get("cut", 0.30)), clear), colours, **common)


def patches(body: Body, parts: Mapping[str, int], sheets: int) -> Iterator[Patch]:
    """The bands of colour of everything worn.

    Args:
        parts: Name of a garment ("top", "legs", "shoes") -> its number.
        sheets: How many sheets hang from them.
    """
    hanging = range(FIRST, FIRST + sheets)
    for layer in body.look.layers:
        for row in layer.row.get("patches", ()):
            names = row.get("on", ["top"])
            numbers = [parts[name] for name in names if name in parts]
            if "skirt" in names:
                numbers += [*hanging]
            for number in numbers:
                yield from _patches(body, layer, row, number)


def _patches(body: Body, layer: Layer, row: Mapping[str, Any], number: int) -> Iterator[Patch]:
    """A row's patch, and its repetitions downward. Heights: 1 the base of the neck, 0 the hip joints, -1 the ground."""
    colour: Rgb = colour_of(body, layer, row.get("colour", "own"))
    x = row.get("x", 0.0)
    w = row["w"]
    wide = body.row.shoulder
    first, last = (x, x) if isinstance(x, (int, float)) else x
    half, half_to = (w, w) if isinstance(w, (int, float)) else w
    for i in range(int(row.get("times", 1))):
        low, high = (_height(body, y - i * float(row.get("step", 0.0))) for y in row["y"])
        yield Patch(
            number, low, high, (first * wide, last * wide), (half * wide, half_to * wide), colour,
            side=float(row.get("side", 1)), mirror=bool(row.get("mirror", False)), round=bool(row.get("round", False)),
        )  # fmt: skip


def _height(body: Body, y: float) -> float:
    return body.row.leg + y * (body.torso_height if y > 0 else body.row.leg)
