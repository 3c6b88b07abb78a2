"""From the dressing table: a perfume flacon and a lamp."""

from __future__ import annotations

import math

import numpy as np

from kineograph.engines.animatic.subjects import forms
from kineograph.engines.animatic.subjects.assembly import Assembly
from kineograph.engines.animatic.subjects.recipe import Choice


def perfume(choice: Choice) -> Assembly:
    """Thick glass, juice, a metal collar, a heavy cap; square or drop-shaped."""
    return _square(choice) if choice.shape["square"] else _drop(choice)


def _square(choice: Choice) -> Assembly:
    made, colours = Assembly(), choice.colours
    made.add(
        forms.rounded_box(0.50, 0.60, 0.24, radius=0.05, steps=6, cells=3), "glass", colours["glass"], at=(0, 0.30, 0)
    )
    made.add(
        forms.rounded_box(0.40, 0.42, 0.15, radius=0.03, steps=5, cells=3), "liquid", colours["juice"], at=(0, 0.28, 0)
    )
    _neck(made, choice, 0.595)
    made.add(forms.rounded_box(0.22, 0.20, 0.17, radius=0.018, steps=5), "gloss", colours["cap"], at=(0, 0.745, 0))
    made.add(
        forms.rounded_box(0.20, 0.14, 0.004, radius=0.0018, steps=2), "brushed", colours["metal"], at=(0, 0.27, -0.1215)
    )
    return made


def _drop(choice: Choice) -> Assembly:
    made, colours = Assembly(), choice.colours
    outside = forms.curve([(0.13, 0.01), (0.28, 0.13), (0.29, 0.28), (0.20, 0.46), (0.075, 0.60)], 40)
    wall = np.r_[[(0.0, 0.0), (0.11, 0.0)], outside, [(0.0, 0.60)]]
    flat = (1, 1, 0.62)  # deeper than wide would be a bottle
    made.add(forms.lathe(wall, around=96), "glass", colours["glass"], scale=flat)
    inside = forms.curve([(0.11, 0.055), (0.235, 0.15), (0.242, 0.27), (0.185, 0.40)], 24)
    juice = np.r_[[(0.0, 0.05)], inside, [(0.0, 0.40)]]
    made.add(forms.lathe(juice, around=72), "liquid", colours["juice"], scale=flat)
    _neck(made, choice, 0.595)
    cap = [(0, 0.64), (0.085, 0.64), (0.115, 0.70), (0.115, 0.76), (0.075, 0.835), (0, 0.85)]
    made.add(forms.lathe(cap, around=64, radius=0.03), "chrome", colours["metal"])
    return made


def _neck(made: Assembly, choice: Choice, height: float) -> None:
    """Collar, and the tube that goes down into the juice."""
    made.add(forms.cylinder(0.075, 0.05, edge=0.01, around=60), "chrome", choice.colours["metal"], at=(0, height, 0))
    tube = forms.sweep([(0, 0.08, 0), (0.012, 0.3, 0), (0, height, 0)], 0.007, around=8)
    made.add(tube, "gloss", (0.80, 0.80, 0.80))


def lamp(choice: Choice) -> Assembly:
    """A turned metal foot, a fabric shade lit from within, brightest where the bulb is."""
    made, colours = Assembly(), choice.colours
    foot = [
        (0, 0), (0.20, 0), (0.21, 0.02), (0.19, 0.045), (0.06, 0.06), (0.03, 0.09), (0.022, 0.14), (0.05, 0.20),
        (0.085, 0.27), (0.06, 0.35), (0.022, 0.40), (0.018, 0.62), (0, 0.62),
    ]  # fmt: skip
    made.add(forms.lathe(foot, around=80), "chrome", colours["foot"])
    made.add(forms.ellipsoid(0.055, 0.07, n=20), "lamp", (0.95, 0.80, 0.55), at=(0, 0.70, 0))
    # Many rings: the glow is a colour per vertex.
    flank = np.linspace((0.30, 0.58), (0.19, 0.95), 20)
    shade = forms.lathe(np.r_[[(0.31, 0.56)], flank, [(0.185, 0.96)]], around=90, radius=0.005)
    glow = np.exp(-(((shade.vertices[:, 1:2] - 0.72) / 0.17) ** 2))
    outside = np.minimum(colours["shade"] * (0.34 + 0.66 * glow * np.array([1.0, 0.86, 0.62])), 1.0)
    lining = forms.lathe([(0.18, 0.955), (0.295, 0.58), (0.305, 0.562)], around=90, radius=0.005)
    inside = np.broadcast_to([0.98, 0.90, 0.74], lining.vertices.shape)
    made.add(forms.joined([shade, lining]), "shade", np.concatenate([outside, inside]))
    for height, radius in ((0.56, 0.309), (0.961, 0.186)):
        made.add(forms.torus(radius, 0.006, around=90, section=8), "cloth", colours["shade"] * 0.6, at=(0, height, 0))
    for spoke in range(3):
        angle = spoke * 2 * math.pi / 3
        rim = (0.186 * math.sin(angle), 0.955, 0.186 * math.cos(angle))
        made.add(forms.sweep([(0, 0.90, 0), rim], 0.004, around=6), "metal", colours["foot"])
    made.add(forms.sweep([(0, 0.60, 0), (0, 0.91, 0)], 0.008, around=8), "metal", colours["foot"])
    return made
