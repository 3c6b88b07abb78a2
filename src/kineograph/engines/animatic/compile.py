"""Words → SceneSpec: a typed bilingual lexicon, longest match first; no model, no segmenter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kineograph.engines.animatic.spec import SceneSpec
from kineograph.engines.animatic.vocabulary import slots
from kineograph.engines.animatic.vocabulary.lexicon import lexicon
from kineograph.engines.animatic.vocabulary.mentions import Binder, Cast, subjects_of, unwanted_kinds
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
    cast = Binder(known).bind(words)
    return _spec(words + unwanted, cast)


def _spec(words: Sequence[Word], cast: Cast) -> SceneSpec:
    kinds = lexicon().kinds
    subjects = subjects_of(cast, unwanted_kinds(words, kinds), kinds)
    setting, setting_words = slots.choose_setting(words, subjects, cast.backdrop)
    (time, time_words), to = slots.choose_times(words, setting)
    weather, weather_words = slots.choose_weather(words)
    effects, effect_words = slots.choose_effects(words, weather)
    mood, mood_words = slots.choose_mood(words, time, weather)
    camera, camera_words = slots.choose(words, "camera", "drift")
    framing, framing_words = slots.choose(words, "shot", "medium")
    told: dict[str, Iterable[str]] = {
        "setting": setting_words,
        "time": time_words,
        "time_to": to[1] if to else (),
        "weather": weather_words,
        "subjects": [text for mention in cast.mentions for text in mention.words],
        "counts": cast.counts,
        "colours": cast.colours,
        "actions": cast.actions,
        "effects": effect_words,
        "camera": camera_words,
        "framing": framing_words,
        "backdrop": cast.backdrop_words,
        "mood": mood_words,
        "without": [word.text for word in words if word.negated and word.meanings and not word.has("stop")],
    }
    return SceneSpec(
        setting=setting,
        time=time,
        time_to=to[0] if to and to[0] != time else None,
        weather=weather,
        subjects=subjects,
        effects=effects,
        camera=camera,
        framing=framing,
        backdrop=cast.backdrop or "white",
        mood=mood,
        words={slot: shown for slot, texts in told.items() if (shown := _shown(texts))},
        unmatched=_shown(_unmatched(words, cast)),
    )


def _unmatched(words: Sequence[Word], cast: Cast) -> list[str]:
    """Words without a meaning, words outside the vocabulary, and stand-ins: a tiger is shown as a big cat, and it says so."""
    out = [
        word.text
        for word in words
        if not word.negated
        and (
            not word.meanings
            or word.has("outside")
            or any(m.how == "kin" and m.slot == "subject" for m in word.meanings)
        )
    ]
    return out + cast.lost


def _shown(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text[:LONGEST_TOLD] for text in texts))[:MOST_TOLD]
