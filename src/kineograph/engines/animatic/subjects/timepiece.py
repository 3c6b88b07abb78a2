"""A wristwatch, standing on its strap."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects import forms
from kineograph.engines.animatic.subjects.assembly import Assembly
from kineograph.engines.animatic.subjects.recipe import Choice
from kineograph.engines.animatic.subjects.texture import srgb, textured

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

_CENTRE = np.array([0.0, 0.52, 0.0])
_FRONT = forms.turned(x=-math.pi / 2)  # a lathe's top looks at the viewer
_RADIUS = 0.255


def watch(choice: Choice) -> Assembly:
    """Polished case, sunburst dial, applied markers, hands at about ten past ten, stitched strap, domed crystal."""
    made = Assembly()
    case, gold = choice.colours["case"], choice.colours["hands"]
    profile = [
        (0.20, -0.055), (0.245, -0.04), (0.255, 0), (0.25, 0.03), (0.235, 0.045),
        (0.222, 0.058), (0.205, 0.058), (0.200, 0.046),
    ]  # fmt: skip
    made.add(forms.lathe(profile, around=120, radius=0.008), "chrome", case, at=_CENTRE, turn=_FRONT)
    _caseback(made, case)
    dial = textured(_dial(choice.colours["dial"]), 0.404 * choice.unit)
    made.add(forms.disc(0.202), "plastic", (1, 1, 1), at=_at(0, 0, -0.03), paint=dial)
    _markers(made, gold)
    minute = float(choice.rng.uniform(7, 12))
    _hands(made, gold, 10 + minute / 60, minute / 60)
    crystal = [(0.205, 0.052), (0.17, 0.062), (0.10, 0.067), (0, 0.069)]
    made.add(forms.lathe(crystal, around=72), "glass", (0.97, 0.98, 1.0), at=_CENTRE, turn=_FRONT)
    _crown(made, case)
    for up in (-1, 1):
        _lugs(made, case, up)
        _strap(made, choice.colours["strap"], up)
    return made


def _at(x: float, y: float, z: float) -> forms.F64:
    """A place on the case, from its middle."""
    return np.asarray(_CENTRE + np.array([x, y, z]), np.float64)


def _caseback(made: Assembly, case: F32) -> None:
    """Brushed steel with an engraved ring: seen in the second half of a turn."""
    back = forms.turned(x=math.pi / 2)
    made.add(
        forms.lathe([(0.202, 0.050), (0.19, 0.056), (0, 0.056)], around=96, radius=0.004),
        "brushed",
        case * 0.8,
        at=_CENTRE,
        turn=back,
    )
    for radius in (0.165, 0.10):
        made.add(forms.torus(radius, 0.0035, around=96, section=8), "chrome", case, at=_at(0, 0, 0.056), turn=back)
    for k in range(6):
        q = k * math.pi / 3
        at = _at(0.182 * math.sin(q), 0.182 * math.cos(q), 0.054)
        made.add(
            forms.rounded_box(0.016, 0.016, 0.008, radius=0.003, steps=2),
            "satin",
            case * 0.35,
            at=at,
            turn=forms.turned(z=-q),
        )


def _dial(colour: F32) -> U8:
    """Sunburst, minute track, a small seconds ring."""
    n, mid = 1024, 512
    y, x = np.mgrid[0:n, 0:n].astype(np.float32) - mid
    angle = np.arctan2(y, x)
    burst = 1 + 0.35 * np.cos(angle * 2 + 0.6) ** 2 + 0.08 * np.sin(angle * 90)
    canvas = np.clip(np.array(srgb(colour), np.float32) * burst[..., None], 0, 255).astype(np.uint8)
    ink = (35, 35, 38) if float(colour.mean()) > 0.35 else (225, 225, 225)
    for k in range(60):
        q, hour = k * math.pi / 30, k % 5 == 0
        inner = 440 if hour else 456
        a, b = ((round(mid + r * math.cos(q)), round(mid + r * math.sin(q))) for r in (inner, 482))
        cv2.line(canvas, a, b, ink, 9 if hour else 4, cv2.LINE_AA)
    cv2.circle(canvas, (mid, 690), 92, ink, 4, cv2.LINE_AA)
    shade = tuple(round(0.6 * v) for v in srgb(colour))
    cv2.circle(canvas, (mid, 690), 84, shade, -1, cv2.LINE_AA)
    cv2.line(canvas, (mid, 690), (560, 640), ink, 7, cv2.LINE_AA)
    return np.asarray(canvas, np.uint8)


def _markers(made: Assembly, gold: F32) -> None:
    for k in range(12):
        if k == 6:  # the seconds ring is there
            continue
        q = k * math.pi / 6
        bar = forms.rounded_box(0.010 if k % 3 else 0.016, 0.040, 0.006, radius=0.002, steps=2)
        at = _at(0.158 * math.sin(q), 0.158 * math.cos(q), -0.034)
        made.add(bar, "chrome", gold, at=at, turn=forms.turned(z=-q))


def _hands(made: Assembly, gold: F32, hours: float, minutes: float) -> None:
    for share, length, width, lift in ((hours / 12, 0.105, 0.016, 0.038), (minutes, 0.155, 0.011, 0.043)):
        outline = [
            (-width / 2, -0.02),
            (width / 2, -0.02),
            (width * 0.35, length),
            (0, length + 0.015),
            (-width * 0.35, length),
        ]
        hand = forms.extrusion(outline, 0.004, radius=0.001)
        made.add(hand, "chrome", gold, at=_at(0, 0, -lift), turn=forms.turned(z=-share * 2 * math.pi))
    second = forms.rounded_box(0.004, 0.20, 0.003, radius=0.001, steps=1)
    made.add(second, "gloss", (0.75, 0.06, 0.04), at=_at(0.03, 0.045, -0.047), turn=forms.turned(z=-0.6))
    made.add(forms.cylinder(0.012, 0.02, edge=0.003, around=24), "chrome", gold, at=_at(0, 0, -0.035), turn=_FRONT)


def _crown(made: Assembly, case: F32) -> None:
    knob = forms.lathe([(0, 0.25), (0.026, 0.25), (0.028, 0.258), (0.028, 0.295), (0, 0.297)], around=40, radius=0.005)
    made.add(knob, "chrome", case, at=_CENTRE, turn=forms.turned(z=-math.pi / 2))
    for k in range(24):
        q = k * math.pi / 12
        ridge = forms.rounded_box(0.040, 0.006, 0.004, radius=0.001, steps=1)
        at = _at(0.276, 0.028 * math.sin(q), 0.028 * math.cos(q))
        made.add(ridge, "chrome", case, at=at, turn=forms.turned(x=math.pi / 2 - q))


def _lugs(made: Assembly, case: F32, up: int) -> None:
    outline = [(0, 0), (0.052, 0), (0.05, 0.12), (0.035, 0.17), (0.012, 0.17), (0, 0.12)]
    for side in (-1, 1):
        at = _at(side * 0.145 - 0.026, up * 0.16, 0.005)
        made.add(forms.extrusion(outline, 0.05, radius=0.012), "chrome", case, at=at, scale=(1, up, 1))


def _strap(made: Assembly, colour: F32, up: int) -> None:
    """A padded slab that follows a curve backwards, with a row of stitches along both edges."""
    u = np.linspace(0, 1, 40)
    a = u * 2.55
    path = np.stack([0 * u, up * (0.27 + 0.20 * np.sin(a * 0.9)), 0.02 + 0.62 * (1 - np.cos(a)) * 0.36], 1)
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    outwards = np.cross(along, [1.0, 0, 0]) * up
    width = 0.118 - 0.022 * u
    b = np.linspace(0, 2 * math.pi, 33)
    across = np.sign(np.cos(b)) * np.abs(np.cos(b)) ** 0.28
    thick = np.sign(np.sin(b)) * np.abs(np.sin(b)) ** 0.5 * (1 + 0.45 * (1 - np.abs(across) ** 3)) * 0.017
    rings = (
        path[:, None]
        + np.array([1.0, 0, 0]) * (width[:, None] * across)[..., None]
        + outwards[:, None] * thick[None, :, None]
    )
    made.add(forms.loft(rings), "strap", colour, at=_CENTRE)
    for end in (rings[0], rings[-1]):
        cap = np.stack([np.broadcast_to(end.mean(axis=0), end.shape), end])
        made.add(forms.sheet_facing(cap, end.mean(axis=0) - path[20]), "strap", colour, at=_CENTRE)
    thread = np.minimum(colour * 3.0 + 0.10, 0.8)
    for edge in (-1, 1):
        for k in range(1, 38):
            stitch = forms.ellipsoid(0.0022, 0.0065, 0.0022, n=5)
            at = _CENTRE + path[k] + outwards[k] * 0.0200 + [edge * (width[k] - 0.014), 0, 0]
            made.add(stitch, "cloth", thread, at=at, turn=forms.turned(x=math.atan2(along[k, 2], along[k, 1])))
