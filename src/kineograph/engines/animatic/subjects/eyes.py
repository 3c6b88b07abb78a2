"""Eyes as a painter: iris, pupil or slit, limbal ring, lids and two catch-lights on the unit sphere of an eyeball."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numba import float32
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import Real, helper, lean
from kineograph.engines.animatic.raster.mesh import Painter, Samples
from kineograph.engines.animatic.spec import Colour as Rgb

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]


EDGE = 0.018  # half width of a lid's soft edge, eye radii


@dataclass(frozen=True, slots=True)
class Eyes:
    """How eyes look, and what they do at this moment. Lengths in eye radii.

    Attributes:
        first, count: Parts that are eyeballs.
        iris, pupil: Radii of the discs.
        slit: Width of the pupil ÷ its height.
        white: Albedo of the sclera; animals hardly show any.
        lid: Height of the upper lid's edge; above 1 none is seen. low: depth of the lower one, likewise.
        lash: Thickness of the lash line.
        skin: Colour of the lids; lid_material: row they are lit as.
        shut: 0 open … 1 closed.
        gaze: Aside (creature's left) and up.
        catch: Where the key light glints: aside and up.
        glint: Radiance of the catch-light.
    """

    first: int
    count: int
    iris: float
    pupil: float
    slit: float
    white: float
    lid: float
    low: float
    lash: float
    skin: Rgb
    lid_material: int
    shut: float = 0.0
    gaze: tuple[float, float] = (0.0, 0.0)
    catch: tuple[float, float] = (0.35, 0.38)
    glint: float = 1.6

    def at(self, shut: float, gaze: tuple[float, float], catch: tuple[float, float], glint: float) -> Eyes:
        """The same eyes at another moment."""
        return replace(self, shut=shut, gaze=gaze, catch=catch, glint=glint)

    def painter(self) -> Painter:
        """Paints samples of the eyeballs, leaves all others."""
        lid = self.lid - (self.lid + 0.40) * self.shut
        low = self.low + (0.41 - self.low) * self.shut
        bow = -0.30 + 0.56 * self.shut  # a shut eye smiles
        look = np.array(
            [
                self.iris, self.pupil, self.slit, self.white, lid, low, self.lash, *self.gaze, *self.catch,
                self.glint, *self.skin, bow,
            ],
            np.float32,
        )  # fmt: skip

        def paint(s: Samples) -> None:
            eye_kernel(
                s.part, s.rest, s.colour, s.emission, s.material, look, self.first, self.count, self.lid_material
            )

        return paint


@helper
def _step(low: Real, high: Real, x: Real) -> Real:
    u = min(max((x - low) / (high - low), float32(0)), float32(1))
    return u * u * (float32(3) - float32(2) * u)


@helper
def _iris(look: F32, x: Real, y: Real, z: Real, colour: F32, i: np.uint64) -> None:
    """Sclera, iris with a lit lower half and dark ring, pupil."""
    u, v = x - look[7] * z, y - look[8] * z
    r = math.sqrt(u * u + v * v)
    edge = look[0]
    inside = _step(edge * float32(1.04), edge * float32(0.97), r) if z > 0 else float32(0)
    turn = math.atan2(v, u)
    rays = float32(0.5) * math.sin(float32(23) * turn + float32(2.2) * math.sin(float32(7) * turn))
    glow = float32(0.50) + float32(0.95) * _step(edge * float32(0.75), -edge * float32(0.9), v)
    glow += float32(0.38) * rays * _step(look[1], edge, r)
    glow *= float32(1) - float32(0.80) * _step(edge * float32(0.72), edge, r)
    across = math.sqrt(u * u / (look[2] * look[2]) + v * v)
    pupil = inside * _step(look[1] * float32(1.10), look[1] * float32(0.93), across)
    shade = look[3] * (float32(1) - float32(0.35) * _step(float32(0.35), float32(0.95), r))
    for c in range(3):
        value = shade + (colour[i, c] * glow - shade) * inside
        colour[i, c] = value + (float32(0.006) - value) * pupil


@helper
def _glints(look: F32, x: Real, y: Real) -> Real:
    """A sharp catch-light towards the key and a soft one opposite."""
    a = math.sqrt((x - look[9]) ** 2 + (y - look[10]) ** 2)
    b = math.sqrt((x + look[9] * float32(0.95)) ** 2 + (y + look[10] * float32(0.95)) ** 2)
    first = _step(float32(0.225), float32(0.165), a)
    return first + float32(0.26) * _step(float32(0.17), float32(0.05), b)


@lean
def eye_kernel(
    part: U16, rest: F32, colour: F32, emission: F32, material: U8, look: F32, first: int, count: int, lid_material: int
) -> None:
    """Paint the samples of `count` parts from `first`, in place. `look` is laid out in Eyes.painter."""
    for i in range(np.uint64(part.shape[0])):  # unsigned: numba guards signed indices
        if part[i] < first or part[i] >= first + count:
            continue
        x, y, z = rest[i, 0], rest[i, 1], rest[i, 2]
        lid = look[4] + look[15] * x * x
        under = -look[5] + float32(0.34) * x * x
        _iris(look, x, y, z, colour, i)
        shadow = float32(1) - float32(0.55) * _step(lid - float32(0.55), lid, y)
        for c in range(3):
            colour[i, c] *= shadow
        # Lids cover with an edge of their own, or the lashes would be stairs.
        closed = max(_step(float32(-EDGE), float32(EDGE), y - lid), _step(float32(-EDGE), float32(EDGE), under - y))
        lash = float32(1) - _step(look[6] - float32(2 * EDGE), look[6], y - lid)
        if y < under + float32(EDGE):
            lash = float32(1) - _step(float32(0), look[6] * float32(0.3) + float32(EDGE), under - y)
        for c in range(3):
            skin = look[12 + c] * (float32(1) - float32(0.95) * lash)
            colour[i, c] += (skin - colour[i, c]) * closed
            emission[i, c] += look[11] * _glints(look, x, y) * (float32(1) - closed)
        if closed > float32(0.5):
            material[i] = lid_material
