"""What falls and floats before a given picture: the weather of the settings, laid over I420 planes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, Real, f4, helper, kernel
from kineograph.engines.animatic.pictures.planes import RGB, clipped
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot
from kineograph.media.frame import Frame, Plane

RAIN = 3.0  # so much denser than on a set, whose ground and haze are wet with it too
DIMMEST, BRIGHTEST = 0.16, 0.85  # luma of white things that fall
WHITE = 0.75  # how far they stay white in coloured light
ARRIVES = 0.8  # seconds: the first frame is the given picture, with nothing in the air but its own


class Air:
    """Particles, rain and mist for a picture, lit by it. `lay` is pure.

    They are drawn at half the film's size: most are out of focus, and the edges of the others are softened by the eye.
    """

    def __init__(self, shot: Shot, image: RGB) -> None:
        self._shot = shot
        self._weather = Weather(shot, ground=False)
        if self._weather.rain:
            self._weather.rain = replace(self._weather.rain, thick=RAIN)
        self._light = light_of(image)
        self.empty = not (self._weather.flakes or self._weather.rain or self._weather.mist)

    def lay(self, t: float, frame: Frame) -> None:
        """Lay what is in the air at t seconds over the frame, in place."""
        share = min(t / ARRIVES, 1.0)
        if self.empty or share <= 0:
            return
        shape = (*frame.u.shape, 3)
        # Everything drawn is `under · keep + light`: drawn over black and over white it gives both.
        light, white = np.zeros(shape, np.float32), np.ones(shape, np.float32)
        for picture in (light, white):
            self._weather.behind(t, self._shot.rest, self._light, picture)
            self._weather.before(t, self._shot.rest, self._light, picture)
        _lay(*frame, light, white, np.float32(share))


def light_of(image: RGB) -> Light:
    """A light rig guessed from a picture: white things in it look as bright as its bright parts."""
    linear = (image[::8, ::8].reshape(-1, 3).astype(np.float32) / 255) ** 2
    luma = linear @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    order = np.argsort(luma, kind="stable")
    bright = linear[order[int(len(order) * 0.85) :]].mean(axis=0)
    # Snow before a red wall is no red snow: what falls is lit from all sides, and a little brighter than what is behind it.
    shade = float(bright @ np.array([0.2126, 0.7152, 0.0722], np.float32))
    white = min(max(2.2 * shade**0.6, DIMMEST), BRIGHTEST)
    bright = bright * np.float32(1 - WHITE) + np.float32(WHITE * white)
    middle = linear.mean(axis=0)
    return Light(
        direction=np.array([0, 1, 0], np.float32),
        key=bright * 0.9,
        sky=bright * 0.9,
        bounce=middle,
        haze=middle * 0.3 + bright * 0.7,
        haze_density=0.0,
        environment=np.zeros((1, 2, 2, 3), np.float32),
    )


@helper
def _mixed(light: F32, white: F32, j: int, i: int, j1: int, i1: int, c: int) -> tuple[Real, Real]:
    """Light and what is kept, a quarter of the way to the neighbours: the usual doubling of a half-size picture."""
    near = f4(0.5625)
    side = f4(0.1875)
    far = f4(0.0625)
    p = near * light[j, i, c] + side * (light[j1, i, c] + light[j, i1, c]) + far * light[j1, i1, c]
    w = near * white[j, i, c] + side * (white[j1, i, c] + white[j, i1, c]) + far * white[j1, i1, c]
    return p, w - p


@helper
def _channel(value: Real, p: Real, kept: Real, share: Real) -> Real:
    """Display value 0…1 with light laid over it; light is mixed in squares, near enough to linear."""
    value = max(value, f4(0))
    under = value * value
    over = under + (under * kept + p - under) * share
    return min(max(over, f4(0)), f4(1)) ** f4(0.5)


@kernel
def _lay(ys: Plane, us: Plane, vs: Plane, light: F32, white: F32, share: Real) -> None:
    h, w = us.shape
    for j in range(h):
        for i in range(w):
            if light[j, i, 1] < f4(0.0008) and white[j, i, 1] > f4(0.9992):
                continue
            cu = (f4(us[j, i]) - f4(128)) / f4(224)
            cv = (f4(vs[j, i]) - f4(128)) / f4(224)
            su = f4(0)
            sv = f4(0)
            for k in range(4):
                y = 2 * j + (k >> 1)
                x = 2 * i + (k & 1)
                j1 = min(max(j + 2 * (k >> 1) - 1, 0), h - 1)
                i1 = min(max(i + 2 * (k & 1) - 1, 0), w - 1)
                luma = (f4(ys[y, x]) - f4(16)) / f4(219)
                p, kept = _mixed(light, white, j, i, j1, i1, 0)
                r = _channel(luma + f4(1.5748) * cv, p, kept, share)
                p, kept = _mixed(light, white, j, i, j1, i1, 1)
                g = _channel(luma - f4(0.187324) * cu - f4(0.468124) * cv, p, kept, share)
                p, kept = _mixed(light, white, j, i, j1, i1, 2)
                b = _channel(luma + f4(1.8556) * cu, p, kept, share)
                luma = f4(0.2126) * r + f4(0.7152) * g + f4(0.0722) * b
                ys[y, x] = clipped(f4(16) + f4(219) * luma, f4(16), f4(235))
                su += (b - luma) / f4(1.8556)
                sv += (r - luma) / f4(1.5748)
            us[j, i] = clipped(f4(128) + f4(56) * su, f4(16), f4(240))
            vs[j, i] = clipped(f4(128) + f4(56) * sv, f4(16), f4(240))
