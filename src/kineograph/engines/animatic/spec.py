"""What is asked, after reading the words: SceneSpec. Vocabulary words are row names of the TOML tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Colour = tuple[float, float, float]  # linear RGB, 0…1 for albedo


@dataclass(frozen=True, slots=True)
class SubjectSpec:
    """Somebody or something to be seen.

    Attributes:
        family: `quadruped`, `biped`, `product`: which module builds it.
        kind: Row of the family's table: `cat`, `girl`, `bottle`.
        count: How many, 1…12.
        young: A kitten is a young cat.
        colour: As said ("a red car"), or None for the row's own, varied by seed.
        action: `idle`, `sit`, `walk`, `run`, `play`, `jump`, `spin`, `dance`, `wave`, `sleep`, `rotate`…
    """

    family: str
    kind: str
    count: int = 1
    young: bool = False
    colour: str | None = None
    action: str = "idle"


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """What the film shows.

    Attributes:
        setting: `beach`, `meadow`, `orchard`, `skyline`, `studio`, `land` (the neutral one).
        time: `dawn`, `day`, `golden`, `dusk`, `night`.
        time_to: Where the light goes during the film ("from day to night"), or None.
        weather: `clear`, `cloud`, `fog`, `rain`, `storm`, `snow`, `wind`.
        subjects: Hero first.
        effects: `petals`, `fireflies`, `rain`, `snow`, `leaves`, `sparkles`, `lights`…
        camera: `drift` (default), `static`, `push`, `pull`, `pan`, `tilt`, `orbit`, `track`, `aerial`, `handheld`.
        framing: `close`, `medium`, `wide`: how much of the hero's surroundings is seen.
        backdrop: Colour word of a studio's seamless paper: `white`, `black`, `pink`…
        style: `cinematic` until the studio issue brings the others.
        mood: `calm`, `joyful`, `dark`…: palette and timing for prompts outside the vocabulary.
        words: Slot -> the words of the prompt that filled it. Shown to the caller as `scene`.
        unmatched: Words not understood, in order. Shown to the caller.
    """

    setting: str = "land"
    time: str = "day"
    time_to: str | None = None
    weather: str = "clear"
    subjects: tuple[SubjectSpec, ...] = ()
    effects: frozenset[str] = frozenset()
    camera: str = "drift"
    framing: str = "medium"
    backdrop: str = "white"
    style: str = "cinematic"
    mood: str = "calm"
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unmatched: tuple[str, ...] = ()
