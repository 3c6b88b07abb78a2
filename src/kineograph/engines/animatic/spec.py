"""What is asked, after reading the words: SceneSpec. Vocabulary words are row names of the TOML tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Colour = tuple[float, float, float]  # linear RGB, 0…1 for albedo


@dataclass(frozen=True, slots=True)
class SubjectSpec:
    """Somebody or something to be seen.

    Attributes:
        family: `quadruped`, `vehicle`, `plant`: which module builds it (registry.py).
        kind: Row of the family's table: `cat`, `bus`, `oak`.
        count: How many, 1…12.
        young: A kitten is a young cat.
        colour: As said ("a red car"), or None for the row's own, varied by seed.
        action: One that its family can do (vocabulary/families.toml): `idle`, `sit`, `walk`, `fly`, `drive`…
        material: As said (`wood`, `glass`, `gold`), or None for the row's own.
        size: `tiny`, `small`, `medium`, `large`, `giant`: against others of its kind. Already in Placement.height.
        relation: Where it is to the subject number `to`: `on`, `under`, `over`, `beside`, `before`, `behind`, `in`; `held`
            in its hand, `made` by it. `behind` without `to` is the background.
        to: Place in SceneSpec.subjects.
        worn: Of people: rows of subjects/wardrobe.toml, each with its colour: clothes, hats, hair, age ("long hair", "black").
    """

    family: str
    kind: str
    count: int = 1
    young: bool = False
    colour: str | None = None
    action: str = "idle"
    material: str | None = None
    size: str = "medium"
    relation: str | None = None
    to: int | None = None
    worn: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """What the film shows.

    Attributes:
        setting: A name of registry.py: `beach`, `forest`, `street`… `land` is the neutral one.
        looks: What kind of that place, and what is in it besides: `jungle`, `waterfall`, `road` (vocabulary/settings.toml).
        time: `dawn`, `day`, `golden`, `dusk`, `night`.
        time_to: Where the light goes during the film ("from day to night"), or None.
        weather: `clear`, `cloud`, `fog`, `rain`, `storm`, `snow`, `wind`.
        subjects: Hero first.
        effects: `petals`, `fireflies`, `rain`, `snow`, `leaves`, `sparkles`, `lights`…
        camera: `drift` (default), `static`, `push`, `pull`, `pan`, `tilt`, `orbit`, `track`, `aerial`, `handheld`.
        framing: `close`, `medium`, `wide`: how much of the hero's surroundings is seen.
        backdrop: Colour word of a studio's seamless paper: `white`, `black`, `pink`…
        style: `cinematic`, `watercolour`, `ink-wash`, `anime`, `paper-cut`, `clay`, `pixel`, `noir`, `vintage`.
        mood: `calm`, `joyful`, `dark`…: palette and timing for prompts outside the vocabulary.
        words: Slot -> the words of the prompt that filled it. Shown to the caller as `scene`.
        unmatched: Words not understood, in order. Shown to the caller.
        tempo: How fast time goes by: `normal`, `slow` motion, a time `lapse`.
        seasons: The seasons that the place goes through ("spring to winter"), in order; none as a rule.
        hands: Its people are hand in hand.
        then: What the film cuts to half way ("first … then …"), or None.
    """

    setting: str = "land"
    looks: tuple[str, ...] = ()
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
    tempo: str = "normal"
    seasons: tuple[str, ...] = ()
    hands: bool = False
    then: SceneSpec | None = None
