"""Shot → Stage: the set and its cast, built once; then every frame is a pure function of its number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Protocol, cast

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.direct import OPEN_DISTANCE
from kineograph.engines.animatic.film.finish import Tone, blank_of, displayed, finish
from kineograph.engines.animatic.film.marks import PER, Marks, Seen, look, marks_of
from kineograph.engines.animatic.film.styles.base import STYLES, build_style
from kineograph.engines.animatic.keys import KeyFrames
from kineograph.engines.animatic.lamplight import lamps_of
from kineograph.engines.animatic.light.rig import F32, Light, against_fog
from kineograph.engines.animatic.raster.keyed import Keyed
from kineograph.engines.animatic.raster.mesh import Drawn
from kineograph.engines.animatic.raster.patches import Patches
from kineograph.engines.animatic.raster.reflect import reflection
from kineograph.engines.animatic.raster.shadow import in_view, shade_ground
from kineograph.engines.animatic.registry import FAMILIES, SETTINGS
from kineograph.engines.animatic.settings.base import Picture, Setting
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.subjects.base import Actor
from kineograph.engines.animatic.subjects.binding import bound
from kineograph.media.frame import Frame

_KEPT = 3  # held frames in memory: two threads are seldom further apart
_SWEEP = 0.0025  # frame heights by which a camera moves the picture from frame to frame before held frames would judder


class Film(Protocol):
    """What can be encoded: frames by number, in any order, from any thread."""

    sharp: frozenset[int]  # numbers of frames to keep near lossless

    def frame(self, index: int) -> Frame:
        """The frame of this number, without the watermark."""
        ...


def build_setting(shot: Shot) -> Setting:
    """The place of the shot."""
    build = cast(Callable[[Shot], Setting], import_module(SETTINGS[shot.spec.setting]).build)
    return build(shot)


def build_actor(placement: Placement, shot: Shot) -> Actor:
    """One of the cast."""
    module = import_module(FAMILIES[placement.subject.family])
    return cast(Callable[[Placement, Shot], Actor], module.build_actor)(placement, shot)


def build_stage(shot: Shot) -> Stage:
    """The set and its whole cast."""
    return Stage(shot, build_setting(shot), [build_actor(placement, shot) for placement in shot.placements])


class Stage:
    """A built shot. Nothing in it changes after it is built: two threads may ask for frames at once."""

    sharp: frozenset[int] = frozenset()

    def __init__(self, shot: Shot, setting: Setting, actors: Sequence[Actor]) -> None:
        self.shot = shot
        self._setting = setting
        self._actors = bound(actors, shot.rest.focal)
        self._lamps = lamps_of(shot, actors)
        self._gloss = _gloss(setting, shot)
        steady = [actor for actor in self._actors if actor.steady]
        self._keyed = {id(actor): self._picture_of(actor) for actor in steady}
        self._mirrors = {id(actor): self._mirror_of(actor) for actor in steady if self._gloss[0]}
        self._grounded: bool = getattr(setting, "grounded", True)  # nobody casts a shadow on open space
        self._shades = {
            id(actor): Patches(actor, setting.light, shot.frames) for actor in self._actors if self._grounded
        }
        self._tone: Tone = "product" if shot.spec.setting == "studio" else "cinematic"
        self._blank = blank_of(self._empty(), shot) if self._tone == "product" else None
        self._style = build_style(shot, *self._sample()) if shot.spec.style in STYLES else None
        self._hold = 1 if self._style is None or _sweeps(shot) else self._style.hold
        self._held = KeyFrames(lambda number: self._made(number * self._hold), _KEPT)

    def frame(self, index: int) -> Frame:
        """The finished frame of this number."""
        return self._held.at(index // self._hold) if self._hold > 1 else self._made(index)

    def _made(self, index: int) -> Frame:
        t = self.shot.moment(index)
        if self._style is None:
            return finish(self.picture(t), self.shot, index, self._tone, self._blank)
        style = self._style
        picture, marks = self._pictured(t)

        def treat(rgb: Picture) -> Picture:
            return style.paint(rgb, marks, t)

        return finish(picture, self.shot, index, self._tone, self._blank, treat, grain=style.grain)

    def _sample(self) -> tuple[Picture, Picture]:
        """What a style takes its palette from, and where subjects are in it: the film's middle, or the upper half of its
        beginning over the lower half of its end where the light changes."""
        last = self.shot.moment(self.shot.frames - 1)
        moments = (last / 2,) if self.shot.spec.time_to is None else (0.0, last)
        shown = [self._pictured(t) for t in moments]
        seen = [displayed(picture, self.shot, self._tone) for picture, _ in shown]
        solid = [marks.subject for _, marks in shown]
        half = self.shot.shading_size[1] // 2
        rgb, mask = (np.concatenate([pair[0][..., :half, :], pair[-1][..., half:, :]], -2) for pair in (seen, solid))
        return rgb, mask

    def _empty(self) -> Picture:
        """The set without its cast, at the beginning: a studio's paper never changes."""
        width, height = self.shot.shading_size
        out = np.empty((height, width, 3), np.float32)
        self._setting.backdrop(0.0, self.shot.camera.at(0.0), out)
        return out

    def picture(self, t: float) -> Picture:
        """What the camera sees at t seconds: (height, width, 3) at shading size, linear, before the film stage."""
        return self._shown(t)[0]

    def _pictured(self, t: float) -> tuple[Picture, Marks]:
        """The picture, and what styles are to know besides."""
        picture, seen = self._shown(t)
        camera, size = self.shot.camera.at(t), self.shot.shading_size
        return picture, marks_of([seen.get(id(a)) or look(a.posed(t), camera, size) for a in self._actors], size)

    def _shown(self, t: float) -> tuple[Picture, Mapping[int, Seen]]:
        """The picture, and which triangles of those actors that were drawn for it are seen."""
        width, height = self.shot.shading_size
        camera, light = self.shot.camera.at(t), self._light(t)
        out = np.empty((height, width, 3), np.float32)
        self._setting.backdrop(t, camera, out)
        seen = self._cast(t, camera, light, out)
        self._setting.overlay(t, camera, out)
        for lamp in self._lamps:
            lamp.pool(t, camera, light, out)
        return out, seen

    def _light(self, t: float) -> Light:
        """What the cast is lit by."""
        light = self._setting.light(t)
        if self.shot.spec.weather != "fog" or not self.shot.placements:
            return light
        return against_fog(light, self.shot.placements[0].z - self.shot.rest.z)

    def _cast(self, t: float, camera: Camera, light: Light, out: Picture) -> Mapping[int, Seen]:
        """Shadows on the ground, reflections in it where it shines, then the actors, far to near."""
        size = self.shot.shading_size
        actors = sorted(self._actors, key=lambda actor: -_depth(actor.placement, t))
        if self._grounded:
            for actor in actors:
                if in_view(actor.posed(t), light, camera, size):
                    shade_ground(out, self._shades[id(actor)].at(t, light), camera, light)
        if self._gloss[0]:
            for actor in actors:
                keyed = self._mirrors.get(id(actor))
                if keyed is None or not keyed.onto(t, light, out):
                    _lay(self._mirrored(actor, t, camera, light, size), out)
        seen: dict[int, Seen] = {}
        for actor in actors:
            drawn = self._drawn(actor, t, camera, light, out)
            if drawn is not None and drawn.seen is not None and drawn.seen[1].per == PER:
                seen[id(actor)] = drawn.seen
            for lamp in self._lamps:
                if lamp.actor in getattr(actor, "members", (actor,)):
                    lamp.flames(t, camera, out)
        return seen

    def _drawn(self, actor: Actor, t: float, camera: Camera, light: Light, out: Picture) -> Drawn | None:
        """Put the actor in the picture; what was drawn for it, if it was not kept from before."""
        keyed = self._keyed.get(id(actor))
        if keyed is not None and keyed.onto(t, light, out):
            return None
        drawn = actor.draw(t, camera, light, self.shot.shading_size, self.shot.supersample)
        _lay(drawn, out)
        return drawn

    def _mirrored(self, actor: Actor, t: float, camera: Camera, light: Light, size: tuple[int, int]) -> Drawn | None:
        strength, fade = self._gloss
        return reflection(actor.posed(t), camera, light, size, strength=strength, fade=fade * actor.placement.height)

    def _picture_of(self, actor: Actor) -> Keyed:
        """A steady actor's picture."""

        def drawn(t: float, camera: Camera, light: Light, size: tuple[int, int]) -> Drawn | None:
            return actor.draw(t, camera, light, size, self.shot.supersample)

        return Keyed(self.shot, drawn, lambda t: _places(actor, t), self._light)

    def _mirror_of(self, actor: Actor) -> Keyed:
        """A steady actor's mirror image in the ground."""

        def drawn(t: float, camera: Camera, light: Light, size: tuple[int, int]) -> Drawn | None:
            return self._mirrored(actor, t, camera, light, size)

        below = np.array([1, -1, 1], np.float32)
        return Keyed(self.shot, drawn, lambda t: _places(actor, t) * below, self._light)


def _places(actor: Actor, t: float) -> F32:
    """(N, 3) where its vertices are."""
    return np.concatenate([one.vertices for one in actor.posed(t)])


def _lay(drawn: Drawn | None, out: Picture) -> None:
    if drawn is not None:
        drawn.onto(out)


def _sweeps(shot: Shot) -> bool:
    """Whether the camera moves the picture so fast that it has to be drawn for every frame."""
    middle = shot.frames // 2
    one, other = (shot.camera.at(shot.moment(index)) for index in (middle, middle + 1))
    depth = min((placement.z for placement in shot.placements), default=OPEN_DISTANCE)
    aside = abs(other.pan - one.pan) + abs(other.x - one.x) * one.focal / max(depth - one.z, 1.0)
    return aside + abs(other.horizon - one.horizon) > _SWEEP


def _gloss(setting: Setting, shot: Shot) -> tuple[float, float]:
    """Strength of the ground's mirror image and its fade in subject heights: what the setting says (studio paper does),
    else wet stone and sand in the rain; 0 for dull ground."""
    own: tuple[float, float] | None = getattr(setting, "gloss", None)
    if own is not None:
        return own
    wet = shot.spec.weather in ("rain", "storm") and shot.spec.setting in ("skyline", "beach", "street", "harbour")
    return (0.14, 0.3) if wet else (0.0, 1.0)


def _depth(placement: Placement, t: float) -> float:
    """Metres ahead of the world's origin at t seconds, for those who walk too."""
    return placement.z - float(np.cos(placement.heading)) * placement.velocity * t
