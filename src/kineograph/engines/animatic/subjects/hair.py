"""People's hair: soft locks combed from the crown, bones for what swings, and fine strands along the flow."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.spec import Colour as Rgb
from kineograph.engines.animatic.subjects.biped_body import SIDES, Body
from kineograph.engines.animatic.subjects.fur import Fur, Style, grow
from kineograph.engines.animatic.subjects.rows import tint
from kineograph.engines.animatic.subjects.sculpt import Skinned
from kineograph.engines.animatic.subjects.sdf import Shape

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]

STRANDS = 16000
STYLE = Style(up=-0.03, lay=1.0, mess=0.05, width=0.034, shine=0.32, opacity=0.30, droop=0.0, grazing=0.16, sunk=0.005)


@dataclass(slots=True)
class Hair:
    """Locks of one head, and the bones that let them swing.

    Attributes:
        swinging: Chains of bones: name of the first, how many, +1 left, -1 right, 0 behind.
        bands: Ribbons and ties.
    """

    body: Body
    shape: Shape
    bands: Shape
    rng: np.random.Generator
    swinging: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def bone(self) -> int:
        """Number of the head's bone."""
        return self.body.skeleton.index["head"]

    def at(self, x: float, y: float, z: float) -> F64:
        """A place in head radii from the centre of the skull."""
        return self.body.head + self.body.row.head * np.array([x, y, z])

    def scalp(self, around: float, up: float, out: float = 1.0) -> F64:
        """A place on the hair's surface: around from the front (0) to the left (+), up from the level."""
        c = math.cos(up)
        x, y, z = math.sin(around) * c * 0.94, math.sin(up) * 0.93, math.cos(around) * c * 0.99
        return self.at(x * out, 0.16 + y * out, -0.10 + z * out)

    def lock(self, points: list[F64], radii: list[float], bones: list[int] | None = None) -> None:
        """One lock of its own shade, root first; radii in head radii."""
        r = self.body.row.head
        shade: Rgb = tint(self.body.look.hair, float(self.rng.uniform(0.82, 1.22)))
        self.shape.chain(points, [q * r for q in radii], bones or [self.bone], colour=shade, blend=0.085 * r)

    def chain(self, name: str, joints: list[F64], side: int) -> list[int]:
        """Bones that swing, one after the other from the head."""
        parent, numbers = "head", []
        for i, joint in enumerate(joints):
            numbers.append(self.body.skeleton.add(f"{name}{i}", parent, joint))
            parent = f"{name}{i}"
        self.swinging.append((name, len(joints), side))
        return numbers


def comb_hair(body: Body, rng: np.random.Generator) -> Hair:
    """The style of the person's look. Adds its bones to the skeleton."""
    hr = body.row.head
    hair = Hair(
        body, Shape("hair", hr / 18 * body.coarse, furred=True), Shape("cloth", hr / 18 * body.coarse, crisp=True), rng
    )
    if body.look.hairstyle in STYLES:  # else bald, or all of it under a hood
        STYLES[body.look.hairstyle](hair)
        if body.look.crop < 2:
            hair.shape.ellipsoid(
                hair.at(0, body.look.crop + 6, 0), np.array([8, 6, 8]) * hr, bone=hair.bone, colour=body.look.hair,
                blend=0.02 * hr, carve=True,
            )  # fmt: skip
    return hair


def strands(hair: Hair, skinned: Skinned, part: int, rng: np.random.Generator) -> Fur:
    """Fine hairs over the locks; short at the hairline so that none hangs into the face."""
    hr = hair.body.row.head
    v = skinned.mesh.vertices
    forward = (v[:, 2] - np.float32(hair.body.head[2])) / np.float32(hr)
    length = np.where(forward > 0.55, 0.20, 0.27) * hr
    return grow(skinned, skinned.mesh.part == part, STRANDS, length.astype(np.float32), STYLE, rng)


def _cap(hair: Hair, low: float = -0.42) -> None:
    """A skullcap open at the face and below `low`."""
    hr, bone, colour = hair.body.row.head, hair.bone, hair.body.look.hair
    k = 0.06 * hr
    hair.shape.ellipsoid(
        hair.at(0, 0.17, -0.10),
        np.array([0.925, 0.90, 0.965]) * hr,
        bone=bone,
        colour=colour,
        blend=k,
        flow=(0, -1, -0.4),
    )
    hair.shape.ellipsoid(
        hair.at(0, -0.36, 0.80), np.array([0.80, 0.86, 0.66]) * hr, bone=bone, colour=colour, blend=k, carve=True
    )
    hair.shape.ellipsoid(
        hair.at(0, low - 0.60, 0.05), np.array([1.3, 0.6, 1.3]) * hr, bone=bone, colour=colour, blend=k, carve=True
    )


def _sides(hair: Hair, count: int, until: tuple[float, ...], start: float = 0.98) -> list[tuple[float, list[F64]]]:
    """Paths from the crown down around the skull, temple to temple over the back: (azimuth, points)."""
    crown = hair.at(0.10, 1.03, 0.0)
    paths = []
    for i in range(count):
        around = start + (2 * math.pi - 2 * start) * i / (count - 1)
        first = crown + (hair.scalp(around, 1.15, 0.97) - crown) * 0.25
        paths.append((around, [first, *[hair.scalp(around, up, 0.965) for up in until]]))
    return paths


def _fringe(hair: Hair, count: int = 7, drop: float = 0.24, part: float = 0.18) -> None:
    """Locks from the parting over the forehead to both temples."""
    top = hair.at(part, 1.02, 0.18)
    for i in range(count):
        q = -1 + 2 * i / (count - 1)
        around = 1.02 * q
        sweep = 0.16 if q > part else -0.14
        end = drop - 0.34 * abs(q) ** 1.6 + 0.03 * math.sin(2.3 * i)
        points = [
            top + np.array([0.0, -0.03, -0.02]) * hair.body.row.head,
            hair.scalp(around * 0.70 + part * 0.3, 0.98, 0.985),
            hair.scalp(around + sweep * 0.5, 0.62, 1.015),
            hair.scalp(around + sweep, 0.5 * (0.62 + end), 1.03),
            hair.scalp(around + sweep * 1.25, end, 1.02),
        ]
        hair.lock(points, [0.12, 0.16, 0.165, 0.13, 0.035])


def _close(hair: Hair, count: int = 15, low: float = -0.42) -> None:
    """Hair that lies on the skull down to the nape."""
    for around, points in _sides(hair, count, (1.12, 0.80, 0.45, 0.10, low * 0.55)):
        del around
        hair.lock(points, [0.10, 0.15, 0.17, 0.17, 0.16, 0.06])


def _falling(hair: Hair, length: float, curl: float) -> None:
    """Hair that falls over the back and sides by `length` head radii below the ears."""
    joints = [hair.at(0, -0.25, -0.95), hair.at(0, -0.25 - length * 0.45, -1.02)]
    bones = hair.chain("fall", joints, 0)
    for around, points in _sides(hair, 19, (1.12, 0.80, 0.42, 0.02), start=1.12):
        w = np.array([math.sin(around) * 0.92, 0, math.cos(around) * 0.84])
        long = length * float(hair.rng.uniform(0.90, 1.08))
        a, b, c = (
            hair.at(*(w * out + np.array([0, -0.30 - long * down, -0.12])))
            for out, down in ((1.05, 0.12), (1.02, 0.62), (1.02 - curl, 1.0))
        )
        hair.lock(
            [*points, a, b, c],
            [0.10, 0.15, 0.17, 0.18, 0.19, 0.195, 0.17, 0.03],
            [hair.bone] * 5 + [bones[0], bones[1]],
        )


def _tuft(hair: Hair, root: F64, way: F64, name: str, side: int, length: float, thick: float) -> None:
    """A tail tied at the root: a bundle of locks on two or three bones, with a ribbon."""
    hr = hair.body.row.head
    path = [
        root + hr * way * q * length + hr * np.array([0, -sag * length, 0])
        for q, sag in ((0, 0), (0.30, 0.10), (0.42, 0.48), (0.40, 0.85), (0.46, 1.15))
    ]
    bones = hair.chain(name, [path[0], path[2]], side)
    trim = hair.body.look.trim
    hair.bands.ellipsoid(
        path[0] + hr * way * 0.05,
        np.array([0.15, 0.15, 0.15]) * hr * thick,
        bone=hair.bone,
        colour=trim,
        blend=0.02 * hr,
    )
    for i in range(9):
        angle = 2.4 * i
        out = 0.16 * thick * math.sqrt((i + 0.3) / 9)
        off = np.array([math.cos(angle), 0.25 * math.sin(angle), math.sin(angle)]) * hr * out
        swell = (0.35, 1.1, 1.35, 1.0, 0.35)
        points = [p + off * s for p, s in zip(path, swell, strict=True)]
        hair.lock(
            points,
            [0.07 * thick, 0.13 * thick, 0.14 * thick, 0.11 * thick, 0.02],
            [bones[0], bones[0], bones[1], bones[1]],
        )


def _pigtails(hair: Hair) -> None:
    _cap(hair)
    _close(hair)
    _fringe(hair)
    for side, n in SIDES:
        _tuft(hair, hair.at(side * 0.90, 0.22, -0.28), np.array([side * 0.85, 0.1, -0.1]), f"pig{n}", side, 1.15, 1.0)


def _ponytail(hair: Hair) -> None:
    _cap(hair)
    _close(hair)
    _fringe(hair, drop=0.30)
    _tuft(hair, hair.at(0, 0.62, -0.92), np.array([0, 0.35, -0.9]), "pony", 0, 1.5, 1.25)


def _long(hair: Hair) -> None:
    _cap(hair)
    _falling(hair, 1.45, 0.10)
    _fringe(hair, drop=0.28)


def _bob(hair: Hair) -> None:
    _cap(hair)
    _falling(hair, 0.62, 0.16)
    _fringe(hair, count=8, drop=0.20, part=0.05)


def _bun(hair: Hair) -> None:
    _cap(hair)
    _close(hair)
    _fringe(hair, drop=0.38, part=0.25)
    centre = hair.at(0, 0.74, -0.82)
    hr = hair.body.row.head
    for i in range(9):
        a = 2 * math.pi * i / 9
        points = [
            centre + hr * np.array([math.cos(a + t) * r, math.sin(a + t) * r * 0.9 + up, up * -0.4])
            for t, r, up in ((0, 0.30, -0.06), (0.5, 0.32, 0.08), (1.0, 0.20, 0.22), (1.5, 0.06, 0.28))
        ]
        hair.lock(points, [0.12, 0.14, 0.13, 0.08])
    hair.bands.ellipsoid(
        centre + hr * np.array([0, -0.12, 0.08]),
        np.array([0.30, 0.12, 0.30]) * hr,
        bone=hair.bone,
        colour=hair.body.look.trim,
        blend=0.02 * hr,
    )


def _short(hair: Hair) -> None:
    """Brushed to one side."""
    _cap(hair, -0.30)
    _close(hair, 15, -0.34)
    for i in range(8):
        q = -1 + 2 * i / 7
        points = [
            hair.at(-0.42, 0.92, -0.05 + 0.22 * q),
            hair.scalp(0.05 + 0.45 * q, 1.05, 1.05),
            hair.scalp(0.55 + 0.35 * q, 0.78, 1.12),
            hair.scalp(0.95 + 0.30 * q, 0.52, 1.03),
        ]
        hair.lock(points, [0.12, 0.19, 0.17, 0.04])


def _tousled(hair: Hair) -> None:
    """Short locks that stand a little every way."""
    _cap(hair, -0.30)
    _close(hair, 15, -0.36)
    for i in range(22):
        around = 2.4 * i
        up = 1.25 - 0.85 * (i / 22) ** 0.8
        lean = float(hair.rng.uniform(-0.4, 0.4))
        ahead = math.cos(around) > 0.2
        tip = hair.scalp(around + lean, up - (0.42 if ahead else 0.30), 1.13 + float(hair.rng.uniform(0, 0.07)))
        points = [hair.scalp(around, up + 0.12, 0.93), hair.scalp(around + lean * 0.4, up - 0.08, 1.08), tip]
        hair.lock(points, [0.16, 0.19, 0.035])


def _crown(hair: Hair, style: float = 1.0) -> None:
    """A wreath of hair round a bald head."""
    for around, points in _sides(hair, 13, (0.42, 0.16, -0.14), start=1.25):
        del around
        hair.lock(points[1:], [0.05, 0.16 * style, 0.13])


def _flowing(hair: Hair) -> None:
    """Very long, parted, over the shoulders and down the back."""
    _cap(hair)
    _falling(hair, 2.35, 0.16)
    _fringe(hair, drop=0.36, part=0.10)


def _curly(hair: Hair) -> None:
    """A cloud of curls."""
    _cap(hair, -0.34)
    for i in range(70):
        up = 1.30 - 1.75 * i / 70
        around = 2.4 * i
        if math.cos(around) > 0.45 and up < 0.52:
            continue
        place = hair.scalp(around, up, 1.10 + float(hair.rng.uniform(0, 0.10)))
        off = hair.rng.uniform(-0.09, 0.09, 3) * hair.body.row.head
        hair.lock([place, place + off], [0.20, 0.17])


def _topknot(hair: Hair) -> None:
    """Drawn back into a knot on the crown."""
    _cap(hair)
    _close(hair)
    hair.lock([hair.at(0, 0.98, -0.30), hair.at(0, 1.22, -0.34), hair.at(0, 1.34, -0.20)], [0.20, 0.17, 0.10])
    hair.bands.ellipsoid(
        hair.at(0, 1.06, -0.31), np.array([0.20, 0.06, 0.20]) * hair.body.row.head, bone=hair.bone,
        colour=hair.body.look.trim, blend=0.02 * hair.body.row.head,
    )  # fmt: skip


def _braids(hair: Hair) -> None:
    """Two plaits over the shoulders."""
    _cap(hair)
    _close(hair)
    _fringe(hair)
    for side, n in SIDES:
        root = hair.at(side * 0.86, -0.20, 0.10)
        bones = hair.chain(f"braid{n}", [root, hair.at(side * 0.98, -0.95, 0.28)], side)
        for i in range(9):
            y = -0.20 - 0.19 * i
            aside = side * (0.88 + 0.10 * min(i / 4, 1.0) + 0.05 * (-1) ** i)
            hr, shade = hair.body.row.head, tint(hair.body.look.hair, 0.9 + 0.2 * (i % 2))
            hair.shape.ellipsoid(
                hair.at(aside, y, 0.12 + 0.22 * min(i / 5, 1.0)), np.array([0.14, 0.15, 0.13]) * hr * (1 - 0.03 * i),
                bone=bones[min(i // 4, 1)], colour=shade, blend=0.05 * hr, flow=(0, -1, 0),
            )  # fmt: skip


def _spiky(hair: Hair) -> None:
    """A crest that stands up."""
    _cap(hair, -0.30)
    _close(hair, 15, -0.34)
    for i in range(8):
        around = -0.2 + 0.62 * i / 7
        up = 0.62 + 1.9 * i / 7
        hair.lock([hair.scalp(0, up, 0.95), hair.scalp(around * 0.2, up - 0.06, 1.42)], [0.26, 0.03])


STYLES: dict[str, Callable[[Hair], None]] = {
    "pigtails": _pigtails,
    "ponytail": _ponytail,
    "long": _long,
    "bob": _bob,
    "bun": _bun,
    "short": _short,
    "tousled": _tousled,
    "crown": _crown,
    "flowing": _flowing,
    "curly": _curly,
    "topknot": _topknot,
    "braids": _braids,
    "spiky": _spiky,
}
