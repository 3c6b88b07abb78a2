"""A place of still layers under the one sky: what most settings are, and all that happens to them per frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.tables import weather_of
from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.hills import relit
from kineograph.engines.animatic.settings.layers import Canvas, Compositor
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

# What is painted at a moment: seconds, camera, light, picture.
Paint = Callable[[float, Camera, Light, Picture], None]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a place is made of.

    Attributes:
        back: Layers behind and under the cast, far to near; ground goes before what stands on it.
        front: Layers before it, far to near.
        above: Painted on the sky before any layer: an aurora, a rainbow.
        between: Painted over `back`, before the weather: water, caustics.
        near: Layers behind the cast that stand before `between`: the hither shore.
        over: Painted over the cast: shafts of light.
        filtered: What the place does to the sky's light: leaves dim and colour it.
        gloss: Strength of the ground's mirror image and its fade in subject heights; None leaves it to the weather.
        grounded: False where nobody casts a shadow on any ground.
        waterline: First row of the water that `between` fills; neither sky nor `back` is painted below it.
        sway: How far wind 1 moves a layer, frame heights.
    """

    back: Sequence[Layer]
    front: Sequence[Layer] = ()
    above: Sequence[Paint] = ()
    between: Sequence[Paint] = ()
    near: Sequence[Layer] = ()
    over: Sequence[Paint] = ()
    filtered: Callable[[Light], Light] = field(default=lambda light: light)
    gloss: tuple[float, float] | None = None
    grounded: bool = True
    waterline: Callable[[Camera, Picture], int] | None = None
    sway: float = 0.008


class Above(Protocol):
    """What is overhead: the sky, or the sea."""

    def light(self, t: float) -> Light:
        """The light rig at t seconds."""
        ...

    def paint(self, t: float, camera: Camera, out: F32, bottom: int | None = None) -> None:
        """Paint it into rows 0…bottom."""
        ...


class Place:
    """See `Setting`. Built once per shot.

    Attributes:
        gloss, grounded: As in Parts.
        water: Whether there is water to be seen in it.
    """

    def __init__(self, shot: Shot, sky: Above, parts: Parts, weather: Weather | None = None) -> None:
        self.sky = sky
        self.gloss = parts.gloss
        self.grounded = parts.grounded
        self.water = parts.waterline is not None
        self._parts = replace(parts, back=(), near=(), front=())
        self._raw = sky.light(0.0)
        self._lit = parts.filtered(self._raw)
        canvas, gust = Canvas.of(shot), weather_of(shot.spec.weather).gust
        self._back, self._near, self._front = (
            Compositor(shot, canvas, layers, gust, parts.sway, arranged=True)
            for layers in (parts.back, parts.near, parts.front)
        )
        self._weather = weather or Weather(shot)

    def light(self, t: float) -> Light:
        """The sky's light as it arrives here."""
        now = self.sky.light(t)
        return self._lit if now is self._raw else self._parts.filtered(now)

    def backdrop(self, t: float, camera: Camera, out: Picture) -> None:
        """Sky, layers far to near, what lies between them, the weather behind the cast."""
        light = self.light(t)
        table = self._back.table(camera)
        line = self._parts.waterline(camera, out) if self._parts.waterline else out.shape[0]
        covered = min(self._back.covered_from(table), line)
        if covered > 0:
            self.sky.paint(t, camera, out, bottom=covered)
            for paint in self._parts.above:
                paint(t, camera, light, out[:covered])
        out[covered:] = 0
        self._lay(self._back, t, camera, out[:line], table[:, :line])
        for paint in self._parts.between:
            paint(t, camera, light, out)
        self._lay(self._near, t, camera, out)
        self._weather.behind(t, camera, light, out)

    def overlay(self, t: float, camera: Camera, out: Picture) -> None:
        """Layers and weather before the cast, and light in the air over all of it."""
        light = self.light(t)
        self._lay(self._front, t, camera, out)
        for paint in self._parts.over:
            paint(t, camera, light, out)
        self._weather.before(t, camera, light, out)

    def _lay(self, layers: Compositor, t: float, camera: Camera, out: Picture, table: F32 | None = None) -> None:
        if layers.layers:
            gains = relit(layers.layers, self._lit, self.light(t))
            layers.paint(t, layers.table(camera) if table is None else table, out, gains)
