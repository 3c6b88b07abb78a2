"""Where, when and how: choose one value a slot from all that the words suggest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.vocabulary.bonds import BRIDGES
from kineograph.engines.animatic.vocabulary.lexicon import Lexicon
from kineograph.engines.animatic.vocabulary.reading import Word

Choice = tuple[str, tuple[str, ...]]  # value, the words that said it

# What wins when several kinds of weather are said: the one that changes the picture most.
# Words that show a city from afar, even with somebody before it.
FAR = ("city skyline", "skyline", "cityscape", "rooftop", "skyscraper", "天际线", "屋顶", "摩天大楼", "高楼")
EATS = ("eat", "eats", "eating", "munching", "chewing", "吃", "吃着")
SEASONS = ("spring", "summer", "autumn", "winter")
WEATHERS = ("storm", "snow", "rain", "fog", "cloud", "wind", "clear")


def said(words: Sequence[Word], slot: str, how: str = "words") -> list[tuple[str, str]]:
    """(value, word) pairs of a slot in the order of the prompt, without the negated ones."""
    return [
        (meaning.value, word.text)
        for word in words
        if not word.negated
        for meaning in word.meanings
        if meaning.slot == slot and meaning.how == how
    ]


def choose(words: Sequence[Word], slot: str, default: str) -> Choice:
    """The first strong value, else the first weak one, else the default; all words that say the same count."""
    for how in ("words", "weak"):
        found = said(words, slot, how)
        if found:
            value = found[0][0]
            return value, tuple(dict.fromkeys(text for other, text in found if other == value))
    return default, ()


def choose_setting(
    words: Sequence[Word], subjects: Sequence[SubjectSpec], backdrop: str | None, lexicon: Lexicon
) -> Choice:
    """The place: said, suggested, or where such a subject is at home.

    A product without a place stands in the studio, whatever petals fall; "city lights" alone suggest a skyline; open land
    gives way to any other place, and a city to its street. What swims is under the water that was named.
    """
    strong = said(words, "setting")
    unwanted = {
        m.value for word in words if word.negated for m in word.meanings if m.slot == "setting" and m.how == "words"
    }
    if not strong and backdrop is not None:
        return "studio", ()
    home = _home(words, subjects, lexicon)
    weak = [pair for pair in said(words, "setting", "weak") if not (home == "studio" and pair[0] != "studio")]
    named = [pair for pair in strong + weak if pair[0] not in unwanted and (pair in strong or pair[0] != "land")]
    leaps = bool(subjects) and (subjects[0].family, subjects[0].action) == ("fish", "jump")
    if not named:
        home = (
            lexicon.place("beach") if leaps and home == "underwater" else home
        )  # "a dolphin jumping out of the water"
        return ("land" if home in unwanted else home), ()
    first = named[0][0]
    value = next((other for other, _ in strong if first in lexicon.beside[other] and other not in unwanted), first)
    texts = tuple(dict.fromkeys(text for other, text in named if other == value))
    if value == "skyline" and subjects and not _from_afar(texts):
        value = _at_its_feet(subjects, lexicon)
    kind = lexicon.kinds[subjects[0].kind] if subjects else None
    swims = (
        kind is not None
        and (kind.family, kind.stance, subjects[0].action) == ("fish", "swim", "swim")
        and subjects[0].relation != "in"
    )
    if swims and value in ("beach", "lake", "harbour"):
        value = lexicon.place("underwater")
    return value, texts


def choose_looks(words: Sequence[Word], setting: str, lexicon: Lexicon) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What kind of this place, and what is in it besides; and the words that said so."""
    found = [
        pair for how in ("words", "weak") for pair in said(words, "look", how) if setting in lexicon.looks[pair[0]]
    ]
    return tuple(dict.fromkeys(look for look, _ in found)), tuple(dict.fromkeys(text for _, text in found))


def _from_afar(texts: Sequence[str]) -> bool:
    """Whether the words mean the whole city and not a place in it."""
    return any(text.startswith(FAR) or text in FAR for text in texts)


def _at_its_feet(subjects: Sequence[SubjectSpec], lexicon: Lexicon) -> str:
    """Who drives or walks "in the city" is in one of its streets; aircraft and birds are over it."""
    grounded = subjects[0].family in ("vehicle", "biped", "quadruped") and subjects[0].relation != "over"
    return lexicon.place("street" if grounded else "skyline")


def lost_settings(words: Sequence[Word], setting: str, told: Sequence[str], lexicon: Lexicon) -> list[str]:
    """Places that were named beside the chosen one and are not to be seen in it."""
    kept = lexicon.beside[setting] | {setting}
    return [text for value, text in said(words, "setting") if value not in kept and text not in told]


def _home(words: Sequence[Word], subjects: Sequence[SubjectSpec], lexicon: Lexicon) -> str:
    if subjects and subjects[0].to is not None and subjects[0].relation == "on":
        under = lexicon.kinds[subjects[subjects[0].to].kind]
        if under.family == "building" and subjects[subjects[0].to].kind in BRIDGES:  # it leads over something
            return lexicon.place(under.home)
    if subjects and subjects[0].action == "rise":  # a rocket begins its way on the ground
        return "land"
    if subjects:
        if subjects[0].family == "fish" and subjects[0].relation == "in" and subjects[0].to is not None:
            return lexicon.place(lexicon.kinds[subjects[subjects[0].to].kind].home)  # in a bowl, not under the sea
        kinds = [lexicon.kinds[one.kind] for one in subjects]
        # A cat is at home anywhere: the car it sits on says where they are; a staff in a hand does not.
        in_hand = [one.relation == "held" and kind.home == "studio" for one, kind in zip(subjects, kinds, strict=True)]
        there = [kind for kind, held in zip(kinds, in_hand, strict=True) if kind.stance != "table" and not held]
        at_home = [kind.home for kind in there if kind.home != "meadow"]
        anywhere = kinds[0].home == "meadow" and bool(at_home)
        if kinds[0].family == "biped" and any(kind.family == "plant" for kind in kinds):
            return lexicon.place("meadow")  # a robot that waters flowers is in the garden
        return lexicon.place(at_home[0] if anywhere else kinds[0].home)
    if said(words, "effect") and any(value == "petals" for value, _ in said(words, "effect")):
        return "orchard"
    return "skyline" if said(words, "effect", "words") and _lights(words) else "land"


def _lights(words: Sequence[Word]) -> bool:
    return any(value in ("lights", "lights_on") for value, _ in said(words, "effect"))


def choose_times(words: Sequence[Word], setting: str, hour: str = "day") -> tuple[Choice, Choice | None]:
    """When it is, and when it becomes: "from day to night", "night falls", "city lights turning on".

    Args:
        hour: When it is where no word decides it.
    """
    change = _connected(words) or _cycle(words)
    if change is not None:
        return change
    time = choose(words, "time", "day")
    if hour != "day" and not said(words, "time"):
        time = hour, ()
    on = [text for value, text in said(words, "effect") if value == "lights_on"]
    if on and (setting == "skyline" or any(value == "lights" for value, _ in said(words, "effect"))):
        start = time if time[1] and time[0] != "night" and said(words, "time") else ("golden", ())
        return start, ("night", tuple(on))
    return time, None


def choose_seasons(words: Sequence[Word]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The seasons a film goes through, at most three, and the words that say so: "spring to winter", "four seasons"."""
    whole = [word.text for word in words if not word.negated and _season(word) == "year"]
    if whole:
        return ("spring", "autumn", "winter"), tuple(whole)
    first: Word | None = None
    joined = False
    for word in words:
        season = None if word.negated else _season(word)
        if season is not None:
            if first is not None and joined and season != _season(first):
                return _between(str(_season(first)), season), (first.text, word.text)
            first, joined = first or word, False
        elif word.has("then"):
            joined = True
    return (), ()


def _season(word: Word) -> str | None:
    meaning = word.meaning("season")
    return meaning.value if meaning else None


def _between(first: str, last: str) -> tuple[str, ...]:
    """From one season to the other, through one more at most: summer looks like spring, and is passed over."""
    start, end = SEASONS.index(first), SEASONS.index(last)
    way = [SEASONS[k % 4] for k in range(start, (end if end > start else end + 4) + 1)]
    return tuple(season for k, season in enumerate(way) if k in (0, len(way) - 1) or season in ("autumn", "winter"))[:3]


def _connected(words: Sequence[Word]) -> tuple[Choice, Choice] | None:
    """Two different times with a "to" or a "then" between them."""
    first: tuple[str, str] | None = None
    joined = False
    for word in words:
        time = None if word.negated else word.meaning("time")
        if time is not None and time.how == "words":
            if first is not None and joined and time.value != first[0]:
                return (first[0], (first[1],)), (time.value, (word.text,))
            first, joined = first or (time.value, word.text), False
        elif word.has("then"):
            joined = True
    return None


def _cycle(words: Sequence[Word]) -> tuple[Choice, Choice] | None:
    found = said(words, "cycle")
    if not found:
        return None
    start, end = found[0][0].split(">")
    time = choose(words, "time", start)
    return (time if time[0] != end and time[1] else (start, ())), (end, (found[0][1],))


def choose_weather(words: Sequence[Word]) -> Choice:
    """The said weather that changes the picture most; a weak word only where nothing strong is said."""
    for how in ("words", "weak"):
        found = said(words, "weather", how)
        for value in WEATHERS:
            texts = tuple(dict.fromkeys(text for other, text in found if other == value))
            if texts:
                return value, texts
    return "clear", ()


def choose_mood(words: Sequence[Word], time: str, weather: str) -> Choice:
    """The said mood, or the one that goes with the hour and the weather."""
    value, texts = choose(words, "mood", "")
    if value:
        return value, texts
    if weather == "storm" or (time == "night" and weather in ("rain", "fog")):
        return "dark", ()
    return ("dreamy" if time in ("night", "dusk") or weather == "fog" else "calm"), ()


def choose_effects(words: Sequence[Word], weather: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Everything else that moves. Rain and snow are effects as well as weather."""
    eaten = {b.text for a, b in pairwise(words) if a.text in EATS}  # a giraffe eating leaves makes none fall
    found = [pair for pair in said(words, "effect") + said(words, "effect", "weak") if pair[1] not in eaten]
    effects = {"lights" if value == "lights_on" else value for value, _ in found}
    if any(value == "eat" for value, _ in said(words, "action")):
        effects -= {"leaves", "petals"}  # they are food
    if weather in ("rain", "snow"):
        effects.add(weather)
    if weather == "storm":
        effects.add("rain")
    return frozenset(effects), tuple(dict.fromkeys(text for _, text in found))
