"""One row of quadrupeds.toml as a typed value, with youth and a coat applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from kineograph.engines.animatic.spec import Colour as Rgb
from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.subjects.rows import blend, dye, table, tint

FILE = "quadrupeds.toml"
Pair = tuple[float, float]
Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Coat:
    """Colours and pattern of an animal's fur. Linear albedo."""

    name: str
    pattern: str
    base: Rgb
    dark: Rgb
    light: Rgb
    iris: Rgb
    nose: Rgb


@dataclass(frozen=True, slots=True)
class Row:
    """Proportions of an animal; see quadrupeds.toml for what each number means."""

    leg: float
    body: float
    chest: float
    belly: float
    hip: float
    width: float
    neck: float
    neck_angle: float
    neck_radii: Pair
    head: float
    skull: Triple
    snout: float
    snout_radii: Pair
    snout_drop: float
    pads: float
    cheek: float
    brow: float
    ear: str
    ear_size: float
    ear_spread: float
    eye: Triple
    eye_radius: float
    eye_outward: float
    leg_radii: tuple[float, float, float, float]
    paw: float
    foot: str
    digit: float
    tail: Triple
    tail_angle: float
    pupil: float
    slit: float
    iris: float
    nose_size: float
    whiskers: bool
    fur: float
    hairs: int
    mess: float
    run: str
    stride: float
    plays: str
    eats: str
    snack: str
    rests: str
    hide: str
    trunk: float
    tusk: float
    horn: str
    horn_size: float
    mane: float
    crest: float
    hump: float
    wool: float
    spines: float
    beard: float
    never: tuple[str, ...]


FIELDS = tuple(f.name for f in fields(Row))


def kinds() -> tuple[str, ...]:
    """The animals there are rows for."""
    return tuple(table(FILE)["kinds"])


def coats(kind: str) -> tuple[Mapping[str, Any], ...]:
    """The coats of a kind, as written."""
    return tuple(proportions(kind)["coats"])


def proportions(kind: str) -> dict[str, Any]:
    """A kind's row over that of the kind it is like, over the base."""
    row = dict(table(FILE)["kinds"][kind])
    return (proportions(row["like"]) if "like" in row else dict(table(FILE)["base"])) | row


def _grown_down(values: dict[str, Any]) -> None:
    """Apply [young]: one factor per field, a list is scaled as a whole; `tail_radii` scales the tail's girth."""
    young = dict(table(FILE)["young"])
    girth = young.pop("tail_radii")
    length, base, tip = values["tail"]
    values["tail"] = [length * young.pop("tail"), base * girth, tip * girth]
    for name, factor in young.items():
        value = values[name]
        values[name] = [v * factor for v in value] if isinstance(value, list) else value * factor


def _chosen(kind: str, colour: str | None, rng: np.random.Generator) -> Mapping[str, Any]:
    """The coat a colour word asks for, else one drawn by seed; an unknown colour dyes a plain coat."""
    rows = coats(kind)
    if colour is not None:
        word = colour.lower()
        asked = [row for row in rows if word in row["words"]]
        if asked:
            return asked[0]
        if paint := dye(word):
            plain = {"pattern": "solid", "base": paint, "dark": tint(paint, 0.6), "light": blend(paint, (1, 1, 1), 0.4)}
            return dict(rows[0]) | plain
    usual = [row for row in rows if not row.get("rare")]
    return usual[int(rng.integers(len(usual)))]


def row_of(subject: SubjectSpec, rng: np.random.Generator) -> tuple[Row, Coat]:
    """Proportions and coat of one individual: the kind's row, its youth, its coat, and a build of its own by seed."""
    values = {k: v for k, v in proportions(subject.kind).items() if k in FIELDS}
    coat = _chosen(subject.kind, subject.colour, rng)
    values |= {k: v for k, v in coat.items() if k in FIELDS and k != "iris"}
    if subject.young:
        _grown_down(values)
    for name, spread in (("leg", 0.04), ("body", 0.04), ("head", 0.03), ("ear_size", 0.07), ("cheek", 0.10)):
        values[name] *= float(np.clip(rng.normal(1, spread), 1 - 1.6 * spread, 1 + 1.6 * spread))
    typed: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in FIELDS}
    row = Row(**typed)
    shade = float(rng.uniform(0.88, 1.1))
    names = ("base", "dark", "light", "iris", "nose")
    base, dark, light, iris, nose = (_rgb(coat[name]) for name in names)
    return row, Coat(coat["name"], coat["pattern"], tint(base, shade), tint(dark, shade), light, iris, nose)


def _rgb(values: Any) -> Rgb:
    r, g, b = values
    return (float(r), float(g), float(b))
