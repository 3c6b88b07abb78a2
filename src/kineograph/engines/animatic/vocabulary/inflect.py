"""Regular English forms of the vocabulary's words, made once when it is loaded."""

from __future__ import annotations

_VOWELS = "aeiou"


def plural(noun: str) -> str:
    """kitten -> kittens, box -> boxes, puppy -> puppies, fisherman -> fishermen, cup of tea -> cups of tea."""
    head, of, rest = noun.partition(" of ")
    if of:
        return plural(head) + of + rest
    if noun.endswith("man") and not noun.endswith(("human", "german")):
        return noun[:-3] + "men"
    if noun.endswith(("lf", "eaf", "oaf")):
        return noun[:-1] + "ves"
    if noun.endswith("ife"):
        return noun[:-2] + "ves"
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in _VOWELS:
        return noun[:-1] + "ies"
    return noun + "s"


def verb_forms(verb: str) -> tuple[str, ...]:
    """spin around -> spins around, spinning around, spinned around: the first word is bent, the rest stays."""
    head, _, rest = verb.partition(" ")
    tail = f" {rest}" if rest else ""
    return tuple(form + tail for form in (_third(head), *_stems(head)))


def _third(verb: str) -> str:
    return plural(verb)


def _stems(verb: str) -> tuple[str, str]:
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing", verb + "d"
    if verb.endswith("y") and verb[-2:-1] not in _VOWELS:
        return verb + "ing", verb[:-1] + "ied"
    if _doubles(verb):
        return verb + verb[-1] + "ing", verb + verb[-1] + "ed"
    return verb + "ing", verb + "ed"


def _doubles(verb: str) -> bool:
    """Short verbs that end consonant-vowel-consonant double the last letter: spin, run, hop."""
    return 3 <= len(verb) <= 4 and verb[-1] not in _VOWELS + "wxy" and verb[-2] in _VOWELS and verb[-3] not in _VOWELS
