"""A film that begins with a given picture: it is frame 0 exactly, then it lives."""

from __future__ import annotations

from typing import Protocol

from kineograph.engines.animatic.pictures.air import Air
from kineograph.engines.animatic.pictures.life import Life, bring_to_life
from kineograph.engines.animatic.pictures.planes import RGB, as_given, padded, to_frame
from kineograph.engines.animatic.pictures.seen import look
from kineograph.engines.animatic.pictures.silhouette import silhouette
from kineograph.engines.animatic.pictures.turn import Turn
from kineograph.engines.animatic.pictures.warp import warp
from kineograph.engines.animatic.shot import Shot
from kineograph.media.frame import Frame


class PictureFilm(Protocol):
    """A film made from pictures. Frames may be asked for in any order, from any thread."""

    sharp: frozenset[int]  # numbers of frames to keep near lossless

    def frame(self, index: int) -> Frame:
        """The frame of this number."""
        ...


class FirstFrame:
    """The picture, moved by its life and with the weather before it."""

    sharp = frozenset({0})

    def __init__(self, shot: Shot, image: RGB, life: Life, air: Air) -> None:
        self._first, self._moment = as_given(image), shot.moment
        self._source = padded(to_frame(image))
        self._life = life
        self._air = air

    def frame(self, index: int) -> Frame:
        """The frame of this number; number 0 is the picture itself."""
        if index == 0:
            return self._first
        t = self._moment(index)
        frame = warp(self._source, self._life.at(t))
        self._air.lay(t, frame)
        return frame


def build(shot: Shot, image: RGB) -> PictureFilm:
    """A film from a first frame.

    Args:
        shot: Its spec says what else lives; its camera whether and how it moves.
        image: Of the film's size.
    """
    if _turns(shot) and (mask := silhouette(image)) is not None:
        return Turn(shot, image, mask)
    return FirstFrame(shot, image, bring_to_life(look(image), shot), Air(shot, image))


def _turns(shot: Shot) -> bool:
    """Whether the words speak of a product or of turning."""
    spec = shot.spec
    return spec.setting == "studio" or any(
        subject.family == "product" or subject.action in ("rotate", "spin") for subject in spec.subjects
    )
