"""One row of bipeds.toml as a typed value, and the look of one person drawn from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from kineograph.engines.animatic.spec import Colour as Rgb
from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.subjects.rows import dye, table, tint

FILE = "bipeds.toml"
Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """Proportions of a person; see bipeds.toml for what each number means."""

    head: float
    leg: float
    shoulder: float
    hips: float
    torso: float
    waist: float
    arm: float
    arm_radii: Triple
    leg_radii: Triple
    jaw: tuple[float, float]
    cheek: float
    nose: float
    eye: float
    eye_aside: float
    eye_up: float
    lash: float
    lid: float
    brow: float
    blush: float
    lip: Rgb
    bust: float
    stride: float
    tempo: float


@dataclass(frozen=True, slots=True)
class Look:
    """What one person looks like. Linear albedo.

    Attributes:
        outfit: `dress`, `trousers`, `shorts`.
        pattern: Of the top: `plain`, `stripes`, `yoke`.
        main, second, trim: Colours of the garments: dress or shirt; trousers; hems and ribbons.
        hem: How far a skirt reaches below the hip joint, row units.
        socks: None for bare legs.
    """

    skin: Rgb
    hair: Rgb
    iris: Rgb
    hairstyle: str
    outfit: str
    main: Rgb
    second: Rgb
    trim: Rgb
    shoe: Rgb
    socks: Rgb | None
    hem: float
    pattern: str = "plain"


FIELDS = tuple(f.name for f in fields(Row))


def kinds() -> tuple[str, ...]:
    """The people there are rows for."""
    return tuple(name for name, row in table(FILE)["kinds"].items() if "model" not in row)


def model_of(kind: str) -> str | None:
    """Family of parts that this two-legged one is a row of, instead of flesh and clothes; None for people."""
    family: str | None = table(FILE)["kinds"][kind].get("model")
    return family


def _pick(options: Sequence[Any], rng: np.random.Generator) -> Any:
    return options[int(rng.integers(len(options)))]


def _rgb(values: Sequence[float]) -> Rgb:
    r, g, b = values
    return (float(r), float(g), float(b))


def row_of(subject: SubjectSpec, rng: np.random.Generator) -> tuple[Row, Look]:
    """Proportions and look of one person: the kind's row, a build of its own, colours and style by seed."""
    values: dict[str, Any] = dict(table(FILE)["base"]) | dict(table(FILE)["kinds"][subject.kind])
    looks = table(FILE)["looks"]
    main, second, trim = _pick(looks["palettes"], rng)
    kin = _pick(looks["kin"], rng)  # skin, hair and eyes that are seen together
    skin = _rgb(looks["skins"][kin["skin"]])
    hair, iris = _rgb(looks["hairs"][_pick(kin["hairs"], rng)]), _rgb(looks["irises"][_pick(kin["irises"], rng)])
    low, high = values["hems"]
    look = Look(
        skin=tint(skin, float(rng.uniform(0.94, 1.06))),
        hair=tint(hair, float(rng.uniform(0.85, 1.2))),
        iris=iris,
        hairstyle=_pick(values["hairstyles"], rng),
        outfit=_pick(values["outfits"], rng),
        main=dye(subject.colour) or _rgb(main),
        second=_rgb(second),
        trim=_rgb(trim),
        shoe=_rgb(_pick(values["shoes"], rng)),
        socks=_rgb(values["socks"]) if values["socks"] else None,
        hem=float(rng.uniform(low, high)),
        pattern=_pick(values["patterns"], rng),
    )
    for name, spread in (("leg", 0.015), ("waist", 0.04), ("eye", 0.03), ("eye_aside", 0.02), ("cheek", 0.06)):
        values[name] *= float(np.clip(rng.normal(1, spread), 1 - 1.5 * spread, 1 + 1.5 * spread))
    typed: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in FIELDS}
    return Row(**typed), look
