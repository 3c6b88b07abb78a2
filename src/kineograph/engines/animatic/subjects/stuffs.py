"""Things made of something else: a marble table, a golden car (stuffs.toml)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.raster.mesh import Painter, Samples
from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.subjects.rows import dye, table

F32 = NDArray[np.float32]
MAIN = ("main", "wall")  # roles of the palette that a material word means
BODIES = (
    "wood",
    "painted",
    "metallic",
    "lacquer",
    "gloss",
    "plastic",
    "ceramic",
    "stone",
    "cloth",
    "leather",
    "matte",
    "metal",
)


@dataclass(frozen=True, slots=True)
class Stuff:
    """What the main parts of one thing are made of instead.

    Attributes:
        of: Material name. colour: linear albedo, or None for the thing's own.
        veins: Their colour, and times a metre that they come again; None for none.
    """

    of: str
    colour: F32 | None = None
    veins: tuple[F32, float] | None = None

    def takes(self, role: object, of: str) -> bool:
        """True for the parts that it replaces."""
        return role in MAIN and of in BODIES


def stuff_of(subject: SubjectSpec, rng: np.random.Generator) -> Stuff | None:
    """What the words made it of, in one of the colours that comes in."""
    row = table("stuffs.toml").get(subject.material or "")
    if row is None:
        return None
    colours = row.get("colours", ())
    colour = np.array(colours[int(rng.integers(len(colours)))], np.float32) if colours else None
    if (said := dye(subject.colour)) is not None:
        colour = np.array(said, np.float32)
    veins = row.get("veins")
    return Stuff(row["of"], colour, None if veins is None else (np.array(veins[0], np.float32), float(veins[1])))


def veined(stuff: Stuff, parts: NDArray[np.bool_], seed: float) -> Painter:
    """Draws veins through the parts marked, by their rest position."""
    assert stuff.veins is not None
    ink, often = stuff.veins
    turn, shift = np.float32(2 * np.pi * often), np.float32(seed)

    def paint(samples: Samples) -> None:
        mine = parts[samples.part]
        if not mine.any():
            return
        p = samples.rest[mine] * turn
        bent = np.sin(0.9 * p[:, 1] + shift) + 0.8 * np.sin(1.3 * p[:, 2] - 0.6 * p[:, 0] + 2 * shift)
        bent += 0.45 * np.sin(3.1 * p[:, 0] + 2.3 * p[:, 2] + bent) + 0.22 * np.sin(7.3 * p[:, 2] - 5.1 * p[:, 0])
        wave = np.abs(np.sin(0.42 * p[:, 0] + 0.55 * p[:, 2] + bent))
        fine = np.abs(np.sin(1.1 * p[:, 2] - 0.8 * p[:, 0] + 1.7 * bent))
        share = 0.75 * np.exp(-11 * wave) + 0.30 * np.exp(-16 * fine) + 0.10 * (1 - wave)
        fade = np.clip(
            0.02 / (samples.footprint[mine] * often + 1e-6), 0, 1
        )  # what a pixel cannot show must not shimmer
        share = (np.clip(share, 0, 0.85) * fade).astype(np.float32)[:, None]
        samples.colour[mine] += (ink - samples.colour[mine]) * share

    return paint
