"""What a style is, and which there are."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.shot import Shot

# Name in the vocabulary -> module here. `cinematic` is the film stage as it is.
STYLES: Mapping[str, str] = {
    name: f"{__package__}.{name.replace('-', '_')}"
    for name in ("watercolour", "ink-wash", "anime", "paper-cut", "clay", "pixel", "noir", "vintage")
}


class Style(Protocol):
    """A treatment, built once a shot. Painting is a pure function of its arguments; it must not boil: paper and grain of
    the paint lie still, smoothing is continuous, and nothing is drawn by chance from frame to frame."""

    grain: bool  # film grain on top
    hold: int  # frames that every painting is shown: 2 is twelve a second, as what is drawn or moved by hand has

    def paint(self, rgb: F32, marks: Marks, t: float, /) -> F32:
        """The picture in this style.

        Args:
            rgb: (3, h, w) display values 0…1 at shading size. May be changed.
            t: Seconds.
        """
        ...


def build_style(shot: Shot, sample: F32, solid: F32) -> Style | None:
    """The style of a shot, or None for the film as it is.

    Args:
        sample: (3, h, w) display values, for palettes.
        solid: (h, w) 1 where the sample shows a subject.
    """
    name = STYLES.get(shot.spec.style)
    if name is None:
        return None
    style: Style = import_module(name).build(shot, sample, solid)
    return style
