"""animatic: the built-in engine. Words and pictures → scene → shot → stage → frames → film, on a CPU, without weights."""

from kineograph.engines.animatic.engine import Animatic

__all__ = ["Animatic"]
