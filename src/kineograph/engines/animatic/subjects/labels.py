"""Label art without letters, drawn on the unrolled wrap: crests, bands, waves, hills, leaves."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.texture import srgb

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
Ink = tuple[int, int, int]

HEIGHT = 768  # of every label, pixels


@dataclass(frozen=True, slots=True)
class Inks:
    """Linear albedos of a label."""

    paper: F32
    main: F32
    accent: F32


def label(kind: str, inks: Inks, aspect: float) -> U8:
    """(HEIGHT, HEIGHT·aspect, 3) sRGB; the middle is the front.

    Args:
        kind: One of `KINDS`.
        aspect: True width ÷ height of the wrap: circles stay round.
    """
    canvas = np.empty((HEIGHT, round(HEIGHT * aspect), 3), np.uint8)
    canvas[:] = srgb(inks.paper)
    _DRAWERS[kind](canvas, srgb(inks.main), srgb(inks.accent))
    return canvas


def _rules(canvas: U8, ink: Ink) -> None:
    """Double lines above and below, as on wine."""
    for row in (0.05, 0.075, 0.925, 0.95):
        y = round(row * HEIGHT)
        cv2.line(canvas, (0, y), (canvas.shape[1], y), ink, 4, cv2.LINE_AA)


def _small_print(canvas: U8, ink: Ink) -> None:
    """Two blocks of grey lines on the back: text nobody is meant to read."""
    w = canvas.shape[1]
    for block, start in ((0, 0.06), (1, 0.80)):
        for line in range(11):
            length = 0.14 - 0.035 * ((line * 7 + block * 3) % 4) / 3
            y = round((0.24 + line * 0.05) * HEIGHT)
            cv2.line(canvas, (round(start * w), y), (round((start + length) * w), y), ink, 5, cv2.LINE_AA)


def _title(canvas: U8, ink: Ink, row: float) -> None:
    """Three centred bars of falling length under the crest."""
    cx = canvas.shape[1] // 2
    for number, half in enumerate((0.34, 0.22, 0.12)):
        y = round((row + number * 0.062) * HEIGHT)
        cv2.line(canvas, (cx - round(half * HEIGHT), y), (cx + round(half * HEIGHT), y), ink, 11 if not number else 6)


def _crest(canvas: U8, main: Ink, accent: Ink) -> None:
    cx, cy = canvas.shape[1] // 2, round(0.38 * HEIGHT)
    _rules(canvas, main)
    for radius, width in ((0.20, 9), (0.172, 3)):
        cv2.circle(canvas, (cx, cy), round(radius * HEIGHT), main, width, cv2.LINE_AA)
    for petal in range(5):
        angle = -math.pi / 2 + (petal - 2) * 0.62
        at = (
            round(cx + 0.065 * HEIGHT * math.cos(angle)),
            round(cy + 0.05 * HEIGHT + 0.085 * HEIGHT * math.sin(angle)),
        )
        ink = main if petal % 2 == 0 else accent
        cv2.ellipse(
            canvas,
            at,
            (round(0.074 * HEIGHT), round(0.025 * HEIGHT)),
            math.degrees(angle),
            0,
            360,
            ink,
            -1,
            cv2.LINE_AA,
        )
    _title(canvas, accent, 0.70)
    _small_print(canvas, accent)


def _waves(canvas: U8, main: Ink, accent: Ink) -> None:
    w = canvas.shape[1]
    x = np.linspace(-20, w + 20, 400)
    for number in range(7):
        y = 0.52 * HEIGHT + number * 0.052 * HEIGHT + 0.07 * HEIGHT * np.sin(x / w * 4 * math.pi + number * 0.35)
        line = np.stack([x, y], 1).astype(np.int32)
        cv2.polylines(canvas, [line], False, main if number % 2 == 0 else accent, round(0.029 * HEIGHT), cv2.LINE_AA)
    for share in (0.25, 0.5, 0.75):
        cv2.circle(canvas, (round(share * w), round(0.30 * HEIGHT)), round(0.115 * HEIGHT), accent, -1, cv2.LINE_AA)


def _band(canvas: U8, main: Ink, accent: Ink) -> None:
    w, cx = canvas.shape[1], canvas.shape[1] // 2
    cv2.rectangle(canvas, (0, round(0.30 * HEIGHT)), (w, round(0.70 * HEIGHT)), main, -1)
    for row in (0.275, 0.725):
        cv2.line(canvas, (0, round(row * HEIGHT)), (w, round(row * HEIGHT)), accent, 8, cv2.LINE_AA)
    cv2.circle(canvas, (cx, HEIGHT // 2), round(0.165 * HEIGHT), accent, -1, cv2.LINE_AA)
    cv2.circle(canvas, (cx, HEIGHT // 2), round(0.125 * HEIGHT), main, -1, cv2.LINE_AA)
    star = [
        (
            cx + round(r * HEIGHT * math.sin(k * math.pi / 5)),
            HEIGHT // 2 - round(r * HEIGHT * math.cos(k * math.pi / 5)),
        )
        for k, r in enumerate([0.098, 0.042] * 5)
    ]
    cv2.fillPoly(canvas, [np.array(star, np.int32)], accent, cv2.LINE_AA)


def _hills(canvas: U8, main: Ink, accent: Ink) -> None:
    w = canvas.shape[1]
    cv2.circle(
        canvas, (w // 2 + round(0.12 * HEIGHT), round(0.34 * HEIGHT)), round(0.12 * HEIGHT), accent, -1, cv2.LINE_AA
    )
    x = np.linspace(0, w, 500)
    paper = np.array(canvas[0, 0], np.float64)
    for number in range(3):
        phase = x / w * 2 * math.pi
        y = HEIGHT * (
            0.52
            + 0.12 * number
            + 0.055 * np.sin((3 - number) * phase + 1.3 * number)
            + 0.03 * np.sin(5 * phase + number)
        )
        fade = (2 - number) * 0.3
        ink = tuple(round(float(v)) for v in np.array(main) * (1 - fade) + paper * fade)
        shape = np.r_[np.stack([x, y], 1), [[w, HEIGHT], [0, HEIGHT]]].astype(np.int32)
        cv2.fillPoly(canvas, [shape], ink, cv2.LINE_AA)


def _leaves(canvas: U8, main: Ink, accent: Ink) -> None:
    w = canvas.shape[1]
    for column in range(round(canvas.shape[1] / HEIGHT * 3.2)):
        cx = round((column + 0.5) / round(w / HEIGHT * 3.2) * w)
        cv2.line(canvas, (cx, round(0.12 * HEIGHT)), (cx, round(0.88 * HEIGHT)), accent, 4, cv2.LINE_AA)
        for number in range(6):
            y = round((0.18 + 0.115 * number) * HEIGHT)
            for side in (-1, 1):
                at = (cx + side * round(0.052 * HEIGHT), y)
                size = (round(0.056 * HEIGHT), round(0.021 * HEIGHT))
                cv2.ellipse(canvas, at, size, -38 * side, 0, 360, main, -1, cv2.LINE_AA)


def _plain(canvas: U8, main: Ink, accent: Ink) -> None:
    cx = canvas.shape[1] // 2
    cv2.rectangle(
        canvas,
        (cx - round(0.26 * HEIGHT), round(0.22 * HEIGHT)),
        (cx + round(0.26 * HEIGHT), round(0.62 * HEIGHT)),
        main,
        -1,
    )
    cv2.line(
        canvas,
        (cx - round(0.14 * HEIGHT), round(0.42 * HEIGHT)),
        (cx + round(0.14 * HEIGHT), round(0.42 * HEIGHT)),
        accent,
        9,
    )
    _title(canvas, main, 0.74)


_DRAWERS: dict[str, Callable[[U8, Ink, Ink], None]] = {
    "crest": _crest,
    "waves": _waves,
    "band": _band,
    "hills": _hills,
    "leaves": _leaves,
    "plain": _plain,
}
KINDS = tuple(_DRAWERS)
