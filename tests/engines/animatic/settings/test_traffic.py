"""Boats sail, headlights wait for dusk."""

import numpy as np

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.settings.plates import Canvas
from kineograph.engines.animatic.settings.traffic import Traffic
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec

REST = Camera(y=6.0, horizon=0.62, focal=1.15)


def make_traffic(seed: int, weather: str = "clear") -> Traffic:
    path = CameraPath(REST, REST, 2.0)
    shot = Shot(SceneSpec(setting="skyline", weather=weather), 192, 108, 48, seed, path, REST, 1.0)
    canvas = Canvas.of(shot)
    return Traffic(shot, canvas, canvas.my + 0.63 * canvas.height, 19.0)


def make_light() -> Light:
    grey = np.full(3, 0.4, np.float32)
    return Light(grey, grey, grey, grey, grey, 1e-4, np.zeros((1, 2, 2, 3), np.float32))


def sailing() -> Traffic:
    return next(t for t in map(make_traffic, range(50)) if t.boats and abs(t.boats[0].x) < 20)


def test_some_seas_have_boats_and_storms_have_none():
    assert len({len(make_traffic(s).boats) for s in range(20)}) >= 3
    assert not any(make_traffic(s, "storm").boats for s in range(20))


def test_a_boat_is_on_the_water_and_moves():
    traffic = sailing()
    frames = []
    for t in (0.0, 4.0):
        out = np.zeros((108, 192, 3), np.float32)
        traffic.afloat(t, REST, make_light(), 0.0, out)
        frames.append(out)
        assert out[int(0.62 * 108) + 1 :].max() > 0.05
        assert np.isfinite(out).all()
    assert np.abs(frames[0] - frames[1]).max() > 0.05


def test_headlights_come_with_the_dusk():
    traffic = make_traffic(1)
    day, night = np.zeros((108, 192, 3), np.float32), np.zeros((108, 192, 3), np.float32)
    traffic.ashore(1.0, REST, 0.0, day)
    traffic.ashore(1.0, REST, 1.0, night)
    assert day.max() == 0
    assert night.max() > 0.3
