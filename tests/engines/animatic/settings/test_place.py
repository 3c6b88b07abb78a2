"""A place of layers: order, what lies between, light as it arrives."""

from __future__ import annotations

import dataclasses

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.place import Parts, Place
from kineograph.engines.animatic.spec import SceneSpec

SHOT = direct(SceneSpec(), width=160, height=96, frames=24, seed=1, tier="quality")
CANVAS = Canvas.of(SHOT)


def sheet(value: float, depth: float, top: int = 0) -> Layer:
    pixels = CANVAS.blank()
    pixels[top:, :, :3], pixels[top:, :, 3] = value, 1
    return Layer(pixels, np.full(CANVAS.height, depth, np.float32))


def shown(parts: Parts) -> Picture:
    out = np.full((96, 160, 3), np.nan, np.float32)
    place = Place(SHOT, Sky(SHOT), parts)
    place.backdrop(0.0, SHOT.rest, out)
    place.overlay(0.0, SHOT.rest, out)
    return out


def test_layers_keep_the_order_they_are_given_in() -> None:
    # The ground comes nearer than what stands on it, and still goes behind it.
    assert np.allclose(shown(Parts(back=[sheet(0.2, 2.0), sheet(0.5, 9.0)])), 0.5, atol=1e-3)


def test_what_lies_between_is_painted_over_the_back_and_under_the_near() -> None:
    def half(t: float, camera: Camera, light: Light, out: Picture) -> None:
        out *= 0.5

    parts = Parts(back=[sheet(0.4, 9.0)], between=[half], near=[sheet(0.9, 3.0, top=CANVAS.height - 30)])
    picture = shown(parts)
    assert np.allclose(picture[:40], 0.2, atol=1e-3)
    assert np.allclose(picture[-10:], 0.9, atol=1e-3)


def test_the_light_is_filtered_once_and_stays_the_same_object() -> None:
    def dim(light: Light) -> Light:
        return dataclasses.replace(light, key=light.key * np.float32(0.5))

    place = Place(SHOT, Sky(SHOT), Parts(back=[sheet(0.2, 5.0)], filtered=dim))
    assert place.light(0.1) is place.light(0.9)
    assert np.allclose(place.light(0.1).key, place.sky.light(0.1).key * 0.5)
