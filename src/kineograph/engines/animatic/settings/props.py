"""What stands in open land because the words name it: a village, an old walled town, a launch pad."""

from __future__ import annotations

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.settings import hamlet
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.launch import pad
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.shot import Shot


def standing(shot: Shot, canvas: Canvas, light: Light) -> list[Layer]:
    """Layers behind the cast that stand on the ground, far to near."""
    layers: list[Layer] = []
    looks = shot.spec.looks
    if "village" in looks or "old_town" in looks:
        layers += hamlet.houses(shot, canvas, light, "old_town" if "old_town" in looks else "village")
    if "launch" in looks:
        rockets = [p for p in shot.placements if p.subject.family == "aircraft"]
        for hero in rockets[:1]:
            layers += pad(canvas, hero, light)
    return layers
