"""Flat ground in perspective."""

from __future__ import annotations

import dataclasses

import numpy as np

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import spectral
from kineograph.engines.animatic.settings.floor import Floor
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.spec import SceneSpec

SHOT = direct(SceneSpec(), width=160, height=96, frames=24, seed=1, tier="quality")
CANVAS = Canvas.of(SHOT)


def test_it_lies_where_the_camera_projects_it() -> None:
    floor = Floor.of(CANVAS, 60.0)
    row, column = CANVAS.height - 9, 40
    point = np.array([[floor.x[row, column], 0.0, floor.z[row]]], np.float32)
    at = SHOT.rest.project(point, *CANVAS.frame)[0]
    assert abs(at[0] + CANVAS.mx - (column + 0.5)) < 0.05
    assert abs(at[1] + CANVAS.my - (row + 0.5)) < 0.05


def test_noise_finer_than_a_pixel_is_left_out() -> None:
    floor = Floor.of(CANVAS, 60.0)
    noise = floor.noise(spectral(64, 1.5, np.random.default_rng(1)), 40.0)
    assert np.abs(noise[-4:]).mean() > 0.3
    assert np.abs(noise[floor.z > 30]).max() == 0


def test_as_a_layer_it_ends_at_its_edge_and_takes_the_haze() -> None:
    floor = Floor.of(CANVAS, 60.0)
    light = dataclasses.replace(Sky(SHOT).light(0.0), haze_density=1.0)
    layer = floor.layer(np.zeros((*floor.x.shape, 3), np.float32), light)
    edge = round(CANVAS.row(0.0, 60.0))
    assert layer.pixels[: edge - 1, :, 3].max() == 0
    assert layer.pixels[edge + 2 :, :, 3].min() == 1
    assert np.allclose(layer.pixels[edge + 2, 5, :3], light.haze, rtol=0.01)
