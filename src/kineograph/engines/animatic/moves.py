"""How the camera moves: a path by name, no further than the layers allow."""

from __future__ import annotations

import math
from dataclasses import replace

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.shot import named_rng

# Sideways and forward travel ÷ distance to the hero. Layers carry 13 % of the frame as margin on each side
# (settings/layers.py); a shift of s at depth d moves the picture by focal·s/d frame heights.
ASIDE = 0.055
FORWARD = 0.13


def path(name: str, rest: Camera, distance: float, seconds: float, seed: int) -> CameraPath:
    """The camera path of a move.

    Args:
        name: As in SceneSpec.camera.
        rest: Where the still layers are built for: the middle of the path.
        distance: Metres to what the film is about.
    """
    rng = named_rng(seed, "camera")
    side = float(rng.choice((-1.0, 1.0)))
    amount = float(rng.uniform(0.8, 1.15))
    if name == "static":
        return CameraPath(rest, rest, seconds)
    start, end = _ends(name, rest, distance, side, amount)
    sway = distance * (0.010 if name == "handheld" else 0.0025)
    return CameraPath(start, end, seconds, sway=sway, phase=float(rng.uniform(0, 2 * math.pi)))


def _ends(name: str, rest: Camera, distance: float, side: float, amount: float) -> tuple[Camera, Camera]:
    aside, forward = ASIDE * distance * amount * side, FORWARD * distance * amount
    if name == "push":
        return _moved(rest, z=-forward * 0.5), _moved(rest, z=forward * 0.5)
    if name == "pull":
        return _moved(rest, z=forward * 0.5), _moved(rest, z=-forward * 0.5)
    if name == "pan":
        return replace(rest, pan=-0.07 * side * amount), replace(rest, pan=0.07 * side * amount)
    if name in ("tilt", "aerial"):
        return (
            replace(rest, horizon=rest.horizon - 0.045 * amount, y=rest.y * 0.96),
            replace(rest, horizon=rest.horizon + 0.045 * amount, y=rest.y * 1.04),
        )
    if name in ("orbit", "track"):
        # An orbit looks back at the hero, a tracking shot looks ahead.
        back = rest.focal * aside / distance if name == "orbit" else 0.0
        return _moved(rest, x=-aside, pan=back), _moved(rest, x=aside, pan=-back)
    if name == "handheld":
        return rest, _moved(rest, z=forward * 0.2)
    return _moved(rest, x=-aside * 0.35, z=-forward * 0.2), _moved(rest, x=aside * 0.35, z=forward * 0.2)


def _moved(camera: Camera, x: float = 0.0, z: float = 0.0, pan: float = 0.0) -> Camera:
    return replace(camera, x=camera.x + x, z=camera.z + z, pan=camera.pan + pan)
