"""One row of bipeds.toml as a typed value, and the look of one person drawn from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from kineograph.engines.animatic.spec import Colour as Rgb
from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.subjects.rows import dye, table, tint
from kineograph.engines.animatic.subjects.wardrobe import GARMENTS, Layer, dressed, overlay, rows

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
    stoop: float


@dataclass(frozen=True, slots=True)
class Look:
    """What one person looks like. Linear albedo.

    Attributes:
        outfit: `dress`, `trousers`, `shorts`.
        pattern: Of the top: `plain`, `stripes`, `yoke`.
        main, second, trim: Colours of the garments: dress or shirt; trousers; hems and ribbons.
        hem: How far a skirt reaches below the hip joint, row units.
        socks: None for bare legs. gloves: None for bare hands.
        layers: What is worn, innermost first.
        sleeve: How far it reaches: 0 none, 1 elbow, 2 wrist. cuff: width of its end ÷ usual. loose: of the cloth, row units.
        collar: Width of the neckline ÷ usual. boots: height of the shoes ÷ shin.
        fabric: Material of the top.
        cut, fall: Angle a skirt is cut at, and the share of it that is left at the hem.
        beard: Style (beard.py), or none. crop: Height above which a hat hides the hair, head radii; `bare`: no hair is seen.
        lines: 0…1 wrinkles. smile: of the mouth.
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
    layers: tuple[Layer, ...] = ()
    sleeve: float = 2.0
    cuff: float = 1.0
    loose: float = 0.004
    collar: float = 1.0
    boots: float = 0.0
    gloves: Rgb | None = None
    fabric: str = "cloth"
    cut: float = 0.0
    fall: float = 0.70
    beard: str = ""
    crop: float = 9.0
    lines: float = 0.0
    smile: float = 1.0


FIELDS = tuple(f.name for f in fields(Row))
LOOKS = tuple(f.name for f in fields(Look))
# What rows of clothes may say of a look; `long` is the skirt's length ÷ leg, 0 for one by the body's row.
DEFAULTS: dict[str, Any] = {
    "sleeve": 0.0, "cuff": 1.0, "loose": 0.004, "collar": 1.0, "boots": 0.0, "gloves": None, "fabric": "cloth",
    "cut": 0.0, "fall": 0.70, "beard": "", "lines": 0.0, "smile": 1.0, "long": 0.0,
}  # fmt: skip


def kinds() -> tuple[str, ...]:
    """The bodies there are rows for; everybody else is one of them in other clothes."""
    return tuple(name for name, row in table(FILE)["kinds"].items() if "model" not in row and "like" not in row)


def roles() -> tuple[str, ...]:
    """Those who are known by what they wear."""
    return tuple(name for name, row in table(FILE)["kinds"].items() if "like" in row)


def model_of(kind: str) -> str | None:
    """Family of parts that this two-legged one is a row of, instead of flesh and clothes; None for people."""
    family: str | None = table(FILE)["kinds"][kind].get("model")
    return family


def _pick(options: Sequence[Any], rng: np.random.Generator) -> Any:
    return options[int(rng.integers(len(options)))]


def _rgb(values: Sequence[float]) -> Rgb:
    r, g, b = values
    return (float(r), float(g), float(b))


def _cast(subject: SubjectSpec, rng: np.random.Generator) -> tuple[str, list[tuple[str, str | None]]]:
    """Body of a role, and everything worn: what goes with the role first, then what was said."""
    row = table(FILE)["kinds"][subject.kind]
    like = row.get("like", subject.kind)
    body = like if isinstance(like, str) else str(_pick(like, rng))
    for name, _ in subject.worn:
        body = rows().get(name, {}).get("as", body)
    own = [*row.get("worn", ()), *row.get(f"worn_{body}", ())]
    names = [name if isinstance(name, str) else str(_pick(name, rng)) for name in own]
    parts = [name.partition("/") for name in names]
    return body, [*((name, colour or None) for name, _, colour in parts), *subject.worn]


def row_of(subject: SubjectSpec, rng: np.random.Generator) -> tuple[Row, Look]:
    """Proportions and look of one person: the body's row, a build of its own, colours and style by seed, clothes over them."""
    body, worn = _cast(subject, rng)
    values: dict[str, Any] = dict(table(FILE)["base"]) | dict(table(FILE)["kinds"][body])
    values |= _drawn(values, rng)
    for name, spread in (("leg", 0.015), ("waist", 0.04), ("eye", 0.03), ("eye_aside", 0.02), ("cheek", 0.06)):
        values[name] *= float(np.clip(rng.normal(1, spread), 1 - 1.5 * spread, 1 + 1.5 * spread))
    layers = dressed(worn)
    overlay(values, layers)
    _dye_all(values, layers, dye(subject.colour))
    for layer in layers:
        for name, gain in layer.row.get("scale", {}).items():
            values[name] *= gain
    if values["long"]:
        values["hem"] = values["long"] * values["leg"]
    values["crop"] = min((float(layer.row["crop"]) for layer in layers if "crop" in layer.row), default=9.0)
    if not values["sleeve"]:
        values["sleeve"] = 0.62 if values["outfit"] == "dress" else 2.0 if values["shoulder"] > 0.1 else 0.86
    values["layers"] = tuple(layers)
    typed: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return Row(**{k: typed[k] for k in FIELDS}), Look(**{k: typed[k] for k in LOOKS})


def _drawn(values: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Looks that chance gives to somebody of whom nothing is said."""
    looks = table(FILE)["looks"]
    main, second, trim = _pick(looks["palettes"], rng)
    kin = _pick(looks["kin"], rng)  # skin, hair and eyes that are seen together
    skin = _rgb(looks["skins"][kin["skin"]])
    hair, iris = _rgb(looks["hairs"][_pick(kin["hairs"], rng)]), _rgb(looks["irises"][_pick(kin["irises"], rng)])
    low, high = values["hems"]
    return {
        "skin": tint(skin, float(rng.uniform(0.94, 1.06))),
        "hair": tint(hair, float(rng.uniform(0.85, 1.2))),
        "iris": iris,
        "hairstyle": _pick(values["hairstyles"], rng),
        "outfit": _pick(values["outfits"], rng),
        "main": _rgb(main),
        "second": _rgb(second),
        "trim": _rgb(trim),
        "shoe": _rgb(_pick(values["shoes"], rng)),
        "socks": _rgb(values["socks"]) if values["socks"] else None,
        "hem": float(rng.uniform(low, high)),
        "pattern": _pick(values["patterns"], rng),
    } | dict(DEFAULTS.items())


def _dye_all(values: dict[str, Any], layers: Sequence[Layer], colour: Rgb | None) -> None:
    """ "A red knight": the colour of the person is that of the clothes, unless those were given one of their own."""
    garments = [layer for layer in layers if layer.slot in GARMENTS]
    if colour is None or any(layer.colour for layer in garments):
        return
    body = next((layer for layer in garments if layer.slot == "body"), None)
    for name in body.row.get("dyes", ("main",)) if body else ("main",):
        values[name] = colour
