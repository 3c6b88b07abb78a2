"""Prompts in eight more languages: the commonest nouns and modifiers, and whose words they are."""

from __future__ import annotations

from itertools import chain

import pytest

from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.vocabulary.lexicon import lexicon
from kineograph.engines.animatic.vocabulary.tokens import tokens_of
from kineograph.engines.animatic.vocabulary.tongues import tongue, tongue_of

TONGUES = ("es", "fr", "de", "pt", "ja", "ko", "ru", "ar")
NOUNS = ("subject", "outside", "setting", "thing")
MODIFIERS = ("colour", "size", "action", "time", "weather", "material", "count", "style")

# prompt, setting, time, (kind, count, colour, action) of the hero
PROMPTS = [
    ("un gato negro durmiendo en la playa al atardecer", "beach", "golden", ("cat", 1, "black", "sleep")),
    ("tres perros blancos corriendo en el bosque", "forest", "day", ("dog", 3, "white", "run")),
    ("un chat noir assis dans la forêt, la nuit", "forest", "night", ("cat", 1, "black", "sit")),
    ("deux chiens blancs courent sur la plage", "beach", "day", ("dog", 2, "white", "run")),
    ("eine schwarze Katze schläft am Strand bei Sonnenuntergang", "beach", "golden", ("cat", 1, "black", "sleep")),
    ("drei kleine Hunde laufen im Wald", "forest", "day", ("dog", 3, None, "run")),
    ("um gato preto dormindo na praia ao anoitecer", "beach", "dusk", ("cat", 1, "black", "sleep")),
    ("浜辺で眠っている黒い猫、夕焼け", "beach", "golden", ("cat", 1, "black", "sleep")),
    ("三匹の犬が森を走っている", "forest", "day", ("dog", 3, None, "run")),
    ("해변에서 자는 검은 고양이, 노을", "beach", "golden", ("cat", 1, "black", "sleep")),
    ("숲속에서 달리는 하얀 강아지 두 마리", "forest", "day", ("dog", 1, "white", "run")),
    ("чёрная кошка спит на пляже на закате", "beach", "golden", ("cat", 1, "black", "sleep")),
    ("три белых собаки бегут в лесу", "forest", "day", ("dog", 3, "white", "run")),
    ("قطة سوداء تنام على الشاطئ عند الغروب", "beach", "golden", ("cat", 1, "black", "sleep")),
]


@pytest.mark.parametrize(("prompt", "setting", "time", "hero"), PROMPTS, ids=[prompt for prompt, *_ in PROMPTS])
def test_the_prompt_is_read_in_its_own_language(
    prompt: str, setting: str, time: str, hero: tuple[str, int, str | None, str]
) -> None:
    spec = compile_prompt(prompt)
    assert (spec.setting, spec.time) == (setting, time)
    first = spec.subjects[0]
    assert (first.kind, first.count, first.colour, first.action) == hero
    assert spec.unmatched == ()


@pytest.mark.parametrize("name", TONGUES)
def test_every_language_has_120_nouns_and_30_modifiers(name: str) -> None:
    found = set(chain.from_iterable(tongue(name).phrases.values()))
    assert len({(m.slot, m.value) for m in found if m.slot in MODIFIERS}) >= 30
    english = _english(name)
    nouns = [phrase for phrase in english if any(m.slot in NOUNS for m in lexicon().meanings(phrase))]
    assert len(nouns) >= 120


@pytest.mark.parametrize("name", TONGUES)
def test_every_phrase_that_is_translated_is_known(name: str) -> None:
    assert [phrase for phrase in _english(name) if not lexicon().meanings(phrase)] == []


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("a cat on the beach", None),
        ("the pan of the camera, an old chat", None),
        ("gato", "es"),
        ("le pain sur la table", "fr"),
        ("ein Hund", "de"),
        ("一只猫在沙滩上", None),
        ("猫がいる", "ja"),
        ("고양이", "ko"),
        ("", None),
        ("12345", None),
    ],
)
def test_the_language_is_told_by_script_and_by_words(prompt: str, name: str | None) -> None:
    found = tongue_of(prompt, tokens_of(prompt))
    assert (found.name if found else None) == name


def test_a_korean_word_is_not_found_inside_another() -> None:
    assert compile_prompt("번개").subjects == ()  # lightning, which ends in "dog"


def _english(name: str) -> list[str]:
    import tomllib
    from importlib.resources import files

    from kineograph.engines.animatic import vocabulary

    text = files(vocabulary).joinpath(f"languages/{name}.toml").read_text("utf-8")
    return list(tomllib.loads(text)["words"])
