"""What is printed on or woven into people's cloth: stripes, checks, camouflage."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.biped_body import Body

F32 = NDArray[np.float32]


def pattern(body: Body, vertices: F32, colour: F32) -> None:
    """Stripes, a yoke, checks on the top, and a piped neckline, in place. `vertices` are at rest."""
    look, (x, y, z) = body.look, vertices.T
    trim, high = np.array(look.trim, np.float32), np.float32(body.neck[1])
    mask = np.zeros(len(y), np.float32)
    if look.pattern == "stripes":
        mask = np.clip(np.sin((y - high) * 2 * math.pi / 0.064) * 2 + 0.3, 0, 1)
    elif look.pattern == "yoke":
        mask = np.clip((y - high + 0.105) * 160, 0, 1)
    elif look.pattern == "plaid":
        mask = 0.55 * (np.sin((x - z) * 140) > 0.35) + 0.45 * (np.sin((y - high) * 130) > 0.35)
    elif look.pattern == "camouflage":
        camouflage(vertices, colour)
    ring = np.linalg.norm(vertices - np.array([0, high + body.row.head * 0.30, 0.010], np.float32), axis=1)
    piping = np.clip((body.row.head * 0.56 - ring) * 300, 0, 1)
    if look.collar < 0.9:  # a collar that is closed has none
        piping *= 0
    colour += (trim - colour) * np.maximum(mask, piping)[:, None].astype(np.float32)


def camouflage(vertices: F32, colour: F32) -> None:
    """Blots of two shades, in place."""
    x, y, z = vertices.T * 34
    field_ = np.sin(x + 1.7 * np.sin(0.9 * y + z)) + np.sin(1.1 * y + 1.9 * np.sin(x - 0.7 * z))
    colour *= np.where(field_ > 0.7, 0.42, np.where(field_ < -0.8, 1.75, 1.0)).astype(np.float32)[:, None]
