"""What can be built: settings and families by name, and the kinds that each family has rows for. Light to import."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_HERE = "kineograph.engines.animatic"
_HEADS = re.compile(
    r"^\[kinds\.([\w-]+)", re.MULTILINE
)  # of the rows of a table: to parse them all takes a quarter second

# Name in the vocabulary -> module that builds it; imported when first asked for. Words may name more places and families
# than these: until there is a line here, what they name is shown by its nearest relative, and said to be so.
SETTINGS: Mapping[str, str] = {
    "abstract": f"{_HERE}.settings.abstract",
    "beach": f"{_HERE}.settings.beach",
    "cave": f"{_HERE}.settings.cave",
    "desert": f"{_HERE}.settings.desert",
    "forest": f"{_HERE}.settings.forest",
    "harbour": f"{_HERE}.settings.harbour",
    "lake": f"{_HERE}.settings.lakeside",
    "land": f"{_HERE}.settings.land",
    "meadow": f"{_HERE}.settings.meadow",
    "orchard": f"{_HERE}.settings.orchard",
    "room": f"{_HERE}.settings.room",
    "skyline": f"{_HERE}.settings.skyline",
    "snowfield": f"{_HERE}.settings.snowfield",
    "space": f"{_HERE}.settings.space",
    "street": f"{_HERE}.settings.street",
    "studio": f"{_HERE}.settings.studio",
    "theatre": f"{_HERE}.settings.theatre",
    "underwater": f"{_HERE}.settings.underwater",
}
FAMILIES: Mapping[str, str] = {
    "aircraft": f"{_HERE}.subjects.model",
    "biped": f"{_HERE}.subjects.biped",
    "bird": f"{_HERE}.subjects.model",
    "boat": f"{_HERE}.subjects.model",
    "building": f"{_HERE}.subjects.model",
    "fish": f"{_HERE}.subjects.model",
    "food": f"{_HERE}.subjects.model",
    "insect": f"{_HERE}.subjects.model",
    "object": f"{_HERE}.subjects.model",
    "plant": f"{_HERE}.subjects.model",
    "product": f"{_HERE}.subjects.product",
    "quadruped": f"{_HERE}.subjects.quadruped",
    "vehicle": f"{_HERE}.subjects.model",
}
# Family -> its table in subjects/: kinds are the rows under [kinds], or all rows where there is no such table.
TABLES: Mapping[str, str] = {
    "aircraft": "aircrafts.toml",
    "biped": "bipeds.toml",
    "bird": "birds.toml",
    "boat": "boats.toml",
    "building": "buildings.toml",
    "fish": "fishes.toml",
    "food": "foods.toml",
    "insect": "insects.toml",
    "object": "objects.toml",
    "plant": "plants.toml",
    "product": "products.toml",
    "quadruped": "quadrupeds.toml",
    "vehicle": "vehicles.toml",
}

# What moves in the air and in the light, beyond the weather.
EFFECTS = frozenset(
    {
        "petals",
        "leaves",
        "fireflies",
        "sparkles",
        "dust",
        "waves",
        "lights",
        "lights_on",
        "stars",
        "moon",
        "rays",
        "sway",
        "water",
        "aurora",
        "rainbow",
        "bubbles",
        "smoke",
    }
)


@cache
def kinds_of(family: str) -> frozenset[str]:
    """Kinds that can be built; none for a family that nobody builds yet."""
    if family not in FAMILIES:
        return frozenset()
    text = files(f"{_HERE}.subjects").joinpath(TABLES[family]).read_text("utf-8")
    return frozenset(_HEADS.findall(text)) or frozenset(tomllib.loads(text))
