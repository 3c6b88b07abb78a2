"""Bottle, can and cup."""

from __future__ import annotations

import math

import numpy as np

from kineograph.engines.animatic.subjects import forms
from kineograph.engines.animatic.subjects.assembly import Assembly
from kineograph.engines.animatic.subjects.labels import Inks, label
from kineograph.engines.animatic.subjects.recipe import Choice
from kineograph.engines.animatic.subjects.texture import textured

_ALUMINIUM = (0.86, 0.86, 0.88)


def bottle(choice: Choice) -> Assembly:
    """Thin glass around a drink, a paper label, a metal cap."""
    made, shape = Assembly(), choice.shape
    r, shoulder = shape["radius"], shape["shoulder"]
    neck = r * shape["neck"] + 0.004
    top = shoulder + shape["slope"]
    flank = forms.curve(
        [
            (r, shoulder),
            (r * 0.93, shoulder + 0.32 * (top - shoulder)),
            (r * 0.5, top - 0.06),
            (neck * 1.08, top),
            (neck, 0.95),
        ],
        30,
    )
    lip = [(neck + 0.009, 0.952), (neck + 0.009, 0.985), (neck - 0.006, 0.985)]
    outside = np.r_[[(0.0, 0.0), (r * 0.9, 0.0), (r, 0.012)], flank, lip]
    made.add(forms.lathe(outside, around=96), "glass", choice.colours["glass"])
    made.add(forms.lathe(_drink(r, shoulder, top), around=72), "liquid", choice.colours["liquid"])
    low, high = 0.13, shoulder * 0.82
    wrap = forms.lathe([(r * 1.006, low), (r * 1.006, high)], around=96)
    inks = Inks(choice.colours["paper"], choice.colours["main"], choice.colours["accent"])
    picture = label(choice.label, inks, 2 * math.pi * r / (high - low))
    made.add(wrap, "paper", (1, 1, 1), paint=textured(picture, 2 * math.pi * r * choice.unit))
    cap = neck * 1.30
    made.add(
        forms.lathe([(0, 0.93), (cap, 0.93), (cap, 1.045), (0, 1.045)], around=64, radius=0.008),
        "brushed",
        choice.colours["cap"],
    )
    for ring in range(3):
        made.add(
            forms.torus(cap, 0.0035, around=48, section=6),
            "chrome",
            choice.colours["cap"],
            at=(0, 0.945 + 0.012 * ring, 0),
        )
    return made


def _drink(r: float, shoulder: float, top: float) -> forms.F64:
    """What is in the bottle: a little inside the walls, filled up into the slope."""
    full = shoulder + 0.62 * (top - shoulder)
    slope = forms.curve([(r * 0.93, shoulder), (r * 0.85, shoulder + 0.34 * (top - shoulder)), (r * 0.52, full)], 12)
    return np.asarray(np.r_[[(0.0, 0.025), (r * 0.90, 0.025)], slope, [(0.0, full)]], np.float64)


def can(choice: Choice) -> Assembly:
    """Lacquered aluminium with a pull tab."""
    made, r = Assembly(), 0.235
    inks = Inks(choice.colours["paper"], choice.colours["main"], choice.colours["accent"])
    picture = label(choice.label, inks, 2 * math.pi * r / 0.80)
    body = forms.lathe([(r * 0.82, 0.05), (r, 0.115), (r, 0.86), (r * 0.86, 0.945)], around=96, radius=0.03)
    made.add(body, "metallic", (1, 1, 1), paint=textured(picture, 2 * math.pi * r * choice.unit))
    foot = [(0, 0.035), (r * 0.66, 0.03), (r * 0.74, 0), (r * 0.82, 0.05)]
    made.add(forms.lathe(foot, around=96, radius=0.012), "metal", _ALUMINIUM)
    rim = [(r * 0.86, 0.945), (r * 0.86, 0.97), (r * 0.80, 0.97), (r * 0.77, 0.935), (0, 0.935)]
    made.add(forms.lathe(rim, around=96, radius=0.01), "metal", _ALUMINIUM)
    angle = np.linspace(0, 2 * math.pi, 25)[:-1]
    flat = forms.turned(x=math.pi / 2)
    tab = forms.extrusion(np.c_[r * 0.20 * np.cos(angle), r * 0.34 * np.sin(angle)], 0.008, radius=0.003)
    made.add(tab, "metal", _ALUMINIUM, at=(0, 0.944, -0.05), turn=flat)
    hole = forms.torus(r * 0.10, 0.006, around=32, section=8)
    made.add(hole, "metal", (0.5, 0.5, 0.52), at=(0, 0.949, -0.075))
    made.add(forms.ellipsoid(0.018, 0.006, 0.018, n=10), "metal", _ALUMINIUM, at=(0, 0.949, -0.012))
    return made


def cup(choice: Choice) -> Assembly:
    """Glazed, on a saucer, filled."""
    made, glaze, lift = Assembly(), choice.colours["glaze"], 0.08
    outside = forms.curve([(0.185, 0.06), (0.27, 0.16), (0.315, 0.32), (0.335, 0.52)], 24)
    inside = forms.curve([(0.312, 0.50), (0.295, 0.34), (0.25, 0.18), (0.15, 0.07)], 16)
    wall = np.r_[[(0.0, 0.02), (0.16, 0.02), (0.17, 0.03)], outside, [(0.318, 0.522)], inside, [(0.0, 0.065)]]
    made.add(forms.lathe(wall, around=96, radius=0.008), "ceramic", glaze, at=(0, lift, 0))
    drink = choice.colours["drink"]
    made.add(
        forms.lathe([(0.304, 0.424), (0.30, 0.43), (0, 0.43)], around=96, radius=0.003), "gloss", drink, at=(0, lift, 0)
    )
    foam = np.minimum(drink * 1.9 + 0.07, 0.8)
    made.add(forms.torus(0.292, 0.010, around=96, section=8), "matte", foam, at=(0, lift + 0.434, 0))
    ear = forms.curve(
        [(0.330, 0.43, 0), (0.41, 0.465, 0), (0.475, 0.40, 0), (0.45, 0.28, 0), (0.36, 0.195, 0), (0.288, 0.19, 0)], 40
    )
    made.add(forms.sweep(ear, 0.028, around=16, squash=(1, 0.78)), "ceramic", glaze, at=(0, lift, 0))
    made.add(
        forms.lathe([(0.3335, 0.478), (0.3375, 0.508)], around=96), "metal", choice.colours["band"], at=(0, lift, 0)
    )
    upper = forms.curve([(0.32, 0.035), (0.45, 0.065), (0.54, 0.115)], 14)
    lower = forms.curve([(0.44, 0.082), (0.31, 0.055), (0.22, 0.05)], 10)
    foot = [(0.0, 0.015), (0.2, 0.012), (0.21, 0.0), (0.24, 0.0), (0.27, 0.025)]
    saucer = np.r_[foot, upper, [(0.535, 0.125)], lower, [(0.2, 0.04), (0.0, 0.04)]]
    made.add(forms.lathe(saucer, around=120, radius=0.008), "ceramic", glaze)
    return made
