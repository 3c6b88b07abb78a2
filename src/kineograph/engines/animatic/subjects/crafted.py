"""Boxes: cartons with printed faces, and presents with a ribbon."""

from __future__ import annotations

import math
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects import forms
from kineograph.engines.animatic.subjects.assembly import Assembly
from kineograph.engines.animatic.subjects.labels import HEIGHT, Inks, label
from kineograph.engines.animatic.subjects.recipe import Choice
from kineograph.engines.animatic.subjects.texture import srgb, textured

U8 = NDArray[np.uint8]
_FACES = 4  # front, right, back, left: what a label wraps around


def box(choice: Choice) -> Assembly:
    """A present two times in five, else a carton."""
    return _present(choice) if choice.rng.random() < 0.4 else _carton(choice)


def _carton(choice: Choice) -> Assembly:
    """Printed card with a plain lid; one art runs around all four sides."""
    made = Assembly()
    width, depth = (float(choice.rng.uniform(a, b)) for a, b in ((0.50, 0.62), (0.26, 0.40)))
    inks = Inks(choice.colours["paper"], choice.colours["main"], choice.colours["accent"])
    around = 2 * (width + depth)
    art = _wrapped(label(choice.label, inks, around / 0.80), width, depth)

    picture = textured(art, around * choice.unit, faces=_FACES)
    body = forms.rounded_box(width, 0.80, depth, radius=0.012, cells=3)
    made.add(body, "print", _lids(body, choice), at=(0, 0.40, 0), paint=picture)
    lid = forms.rounded_box(width * 1.02, 0.115, depth * 1.03, radius=0.010)
    made.add(lid, "print", choice.colours["main"], at=(0, 0.747, 0))
    return made


def _lids(body: forms.Part, choice: Choice) -> NDArray[np.float32]:
    """White where the print multiplies, paper colour on top and bottom."""
    on_side = body.uv[:, :1] < _FACES
    return np.where(on_side, np.ones(3), choice.colours["paper"][None] * np.ones((len(body.uv), 1))).astype(np.float32)


def _wrapped(art: U8, width: float, depth: float) -> U8:
    """Cut the unrolled art at the box's edges and give every face the same share of u, the front's middle in front."""
    length = art.shape[1]
    edges = np.cumsum([0, width, depth, width, depth]) / (2 * (width + depth))
    start = 0.5 - edges[1] / 2  # the art's middle belongs on the front's
    faces = []
    for left, right in pairwise(edges):
        columns = (np.linspace(left + start, right + start, HEIGHT, endpoint=False) * length).astype(int) % length
        faces.append(np.ascontiguousarray(art[:, columns]))
    return np.concatenate(faces, axis=1)


def _present(choice: Choice) -> Assembly:
    """A lidded cube in wrapping paper with a ribbon and a bow."""
    made, size, ribbon = Assembly(), 0.62, choice.colours["ribbon"]
    pattern = textured(_dots(choice), size * choice.unit)
    made.add(forms.rounded_box(size, 0.46, size, radius=0.014), "print", (1, 1, 1), at=(0, 0.23, 0), paint=pattern)
    lid = forms.rounded_box(size * 1.05, 0.13, size * 1.05, radius=0.014)
    made.add(lid, "print", choice.colours["main"], at=(0, 0.485, 0))
    for across in (True, False):
        wide, deep = (0.085, size * 1.012) if across else (size * 1.012, 0.085)
        made.add(forms.rounded_box(wide, 0.462, deep, radius=0.004, steps=2), "silk", ribbon, at=(0, 0.231, 0))
        wide, deep = (0.085, size * 1.062) if across else (size * 1.062, 0.085)
        made.add(forms.rounded_box(wide, 0.136, deep, radius=0.004, steps=2), "silk", ribbon, at=(0, 0.486, 0))
    for side in (-1, 1):
        for lean in (0.45, -0.45):
            loop = [(0, 0, 0), (0.10, 0.10, 0), (0.215, 0.125, 0), (0.235, 0.055, 0), (0.12, 0.015, 0), (0, 0, 0)]
            path = forms.curve(loop, 36) @ forms.turned(y=lean).T * [side, 1, side]
            made.add(forms.sweep(path, 0.032, around=14, squash=(1, 0.16)), "silk", ribbon, at=(0, 0.558, 0))
        tail = forms.curve(
            [(0, 0.01, 0), (0.09 * side, 0.035, -0.08), (0.17 * side, 0.006, -0.17), (0.22 * side, 0.012, -0.24)], 24
        )
        made.add(forms.sweep(tail, 0.030, around=14, squash=(1, 0.14)), "silk", ribbon, at=(0, 0.552, 0))
    made.add(forms.ellipsoid(0.045, 0.036, 0.045, n=16), "silk", ribbon, at=(0, 0.575, 0))
    return made


def _dots(choice: Choice) -> U8:
    """Wrapping paper: dots, stripes or plain."""
    canvas = np.empty((512, 512, 3), np.uint8)
    canvas[:] = srgb(choice.colours["paper"])
    ink, kind = srgb(choice.colours["main"]), int(choice.rng.integers(3))
    if kind == 0:
        for row in range(8):
            for column in range(8):
                at = (column * 64 + 32 * (row % 2) + 16, row * 64 + 32)
                cv2.circle(canvas, at, 13, ink, -1, cv2.LINE_AA)
    elif kind == 1:
        for k in range(-8, 16):
            a = (round(k * 64 + 512 * math.tan(math.radians(45))), 0)
            cv2.line(canvas, a, (k * 64, 512), ink, 17, cv2.LINE_AA)
    return canvas
