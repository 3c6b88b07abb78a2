"""Words → SceneSpec: a typed lexicon of many languages, longest match first; no model, no segmenter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec
from kineograph.engines.animatic.vocabulary import slots
from kineograph.engines.animatic.vocabulary.cast import Cast
from kineograph.engines.animatic.vocabulary.casting import on_a_table, subjects_of, unwanted_kinds
from kineograph.engines.animatic.vocabulary.lexicon import action_for, lexicon, takes_material
from kineograph.engines.animatic.vocabulary.mentions import Binder
from kineograph.engines.animatic.vocabulary.reading import Word, read

MOST_TOLD = 64  # words in a list that callers see; a prompt can hold thousands
LONGEST_TOLD = 40  # characters of one of them


def compile_prompt(prompt: str, negative_prompt: str | None = None) -> SceneSpec:
    """What the film shall show.

    Args:
        prompt: Any text in any language; what is not in the vocabulary ends up in `unmatched`.
        negative_prompt: What shall not be seen; every word of it is a negation.
    """
    known = lexicon()
    words = read(prompt, known)
    unwanted = read(negative_prompt, known, negated=True) if negative_prompt else []
    whole = _spec(words + unwanted)
    cut = next((at for at, word in enumerate(words) if word.has("next")), 0)
    if not 0 < cut < len(words) - 1:
        return whole
    return _cut(whole, words[:cut] + unwanted, words[cut:] + unwanted)


def _spec(words: Sequence[Word]) -> SceneSpec:
    known = lexicon()
    cast = Binder(known).bind(words)
    subjects = subjects_of(cast, unwanted_kinds(words, known.kinds), known.kinds)
    setting, setting_words = slots.choose_setting(words, subjects, cast.backdrop, known)
    subjects = on_a_table(subjects, setting, known.kinds)
    looks, look_words = slots.choose_looks(words, setting, known)
    subjects = tuple(_at_place(one, looks) for one in subjects)
    (time, time_words), to = slots.choose_times(
        words, setting, next((known.hours[look] for look in looks if look in known.hours), "day")
    )
    seasons, season_words = slots.choose_seasons(words)
    weather, weather_words = ("clear", ()) if seasons else slots.choose_weather(words)
    effects, effect_words = slots.choose_effects(words, weather)
    if weather not in ("snow", "storm"):
        effects = effects.union(*(known.brings[look] for look in looks))
    mood, mood_words = slots.choose_mood(words, time, weather)
    camera, camera_words = slots.choose(words, "camera", "drift")
    framing, framing_words = slots.choose(words, "shot", "medium")
    tempo, tempo_words = slots.choose(words, "tempo", "normal")
    style, style_words = slots.choose(words, "style", "cinematic")
    told: dict[str, Iterable[str]] = {
        "setting": (*setting_words, *look_words),
        "time": time_words,
        "time_to": to[1] if to else (),
        "weather": (*weather_words, *season_words),
        "subjects": [text for mention in cast.mentions for text in mention.words],
        **cast.told,
        "effects": effect_words,
        "camera": camera_words,
        "framing": framing_words,
        "tempo": tempo_words,
        "style": style_words,
        "mood": mood_words,
        "without": [word.text for word in words if word.negated and word.meanings and not word.has("stop")],
    }
    setting_words = (*setting_words, *look_words)
    lost = [*cast.lost, *slots.lost_settings(words, setting, setting_words, known), *_materials_lost(subjects, cast)]
    return SceneSpec(
        setting=setting,
        looks=looks,
        time=time,
        time_to=to[0] if to and to[0] != time else None,
        weather=weather,
        subjects=subjects,
        effects=effects,
        camera=camera,
        framing=framing,
        backdrop=cast.backdrop or _backdrop(subjects),
        style=style,
        mood=mood,
        tempo=tempo,
        seasons=seasons,
        hands=cast.hands,
        words={slot: shown for slot, texts in told.items() if (shown := _shown(texts))},
        unmatched=_shown([*_unmatched(words), *lost]),
    )


def _at_place(one: SubjectSpec, looks: Sequence[str]) -> SubjectSpec:
    """As it is there, and doing what is done there: trees turn in autumn, a rocket on its pad takes off."""
    known = lexicon()
    for look in looks:
        one = replace(one, kind=known.swaps[look].get(one.kind, one.kind))
        if one.action == "idle" and one.family in known.acts[look]:
            one = replace(one, action=action_for(one.family, known.acts[look][one.family]))
    return one


def _backdrop(subjects: Sequence[SubjectSpec]) -> str:
    """The paper of a studio if no colour was said: white, but steam is not seen before that."""
    return "brown" if subjects and subjects[0].action == "pour" else "white"


def _cut(whole: SceneSpec, before: Sequence[Word], after: Sequence[Word]) -> SceneSpec:
    """ "First … then …": two scenes, where the second is more than another hour. What it does not say stays as it was."""
    first, second = _spec(before), _spec(after)
    if not (first.subjects or "setting" in first.words):
        return whole
    subjects = second.subjects or _acting(first.subjects, after)
    setting = second.setting if "setting" in second.words or second.subjects else first.setting
    if "setting" not in second.words and "setting" in first.words:
        setting = first.setting
    weather = second.weather if "weather" in second.words else first.weather
    if (setting, subjects, weather) == (first.setting, first.subjects, first.weather):
        return whole
    then = replace(
        second,
        setting=setting,
        subjects=subjects,
        time=second.time if "time" in second.words else (first.time_to or first.time),
        looks=second.looks if "setting" in second.words else first.looks,
        weather=weather,
        style=whole.style,
        camera=second.camera if "camera" in second.words else first.camera,
    )
    return replace(first, style=whole.style, then=then, unmatched=_shown([*first.unmatched, *second.unmatched]))


def _acting(subjects: tuple[SubjectSpec, ...], after: Sequence[Word]) -> tuple[SubjectSpec, ...]:
    """The same cast does the next thing: "a cat sleeps, then it runs"."""
    action = next((meaning.value for word in after if (meaning := word.meaning("action"))), None)
    if action is None:
        return subjects
    return tuple(replace(one, action=action_for(one.family, action)) for one in subjects)


def _unmatched(words: Sequence[Word]) -> list[str]:
    """Words without a meaning, words outside the vocabulary, and stand-ins: a tiger is shown as a big cat, and it says so."""
    return [
        word.text
        for word in words
        if not word.negated
        and (
            not word.meanings
            or word.has("outside")
            or any(meaning.kin and meaning.slot in ("subject", "setting") for meaning in word.meanings)
        )
    ]


def _materials_lost(subjects: Sequence[SubjectSpec], cast: Cast) -> list[str]:
    """Materials of those whose builder has only its own."""
    if any(one.material is not None and not takes_material(one.family) for one in subjects):
        return cast.told.get("materials", [])
    return []


def _shown(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text[:LONGEST_TOLD] for text in texts))[:MOST_TOLD]
