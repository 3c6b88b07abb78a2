"""Slips of the keyboard in English: one letter wrong in a long word, and only one word it can be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from kineograph.engines.animatic.vocabulary.lexicon import lexicon

SHORTEST = 6  # letters: shorter words are one letter apart too often (house, horse; boar, boat)


def near(word: str) -> str | None:
    """
    The word that was meant, or None where that is not safe to say.

    One letter missing, too many, another, or two swapped; the first letter is right; nothing else is as near.
    Deletion neighbourhoods as in Wolf Garbe's SymSpell (2012): no distance is computed against the whole list.
    """
    if len(word) < SHORTEST or not word.isascii() or not word.isalpha():
        return None
    found: set[str] = set()
    for key in (word, *_shorter(word)):
        found.update(_index().get(key, ()))
    meant = [known for known in found if known[0] == word[0] and _one_apart(word, known)]
    return meant[0] if len(meant) == 1 else None


@cache
def _index() -> dict[str, tuple[str, ...]]:
    """Every long word and each of its forms with one letter left out -> the words it comes from."""
    index: dict[str, tuple[str, ...]] = {}
    for key in lexicon().phrases():
        word = key[0]
        if len(key) > 1 or len(word) < SHORTEST or not word.isascii() or not word.isalpha():
            continue
        for form in {word, *_shorter(word)}:
            index[form] = (*index.get(form, ()), word)
    return index


def _shorter(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _one_apart(a: str, b: str) -> bool:
    """Optimal string alignment distance 1."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) > len(b):
        return a[start + 1 :] == b[start:]
    if len(a) < len(b):
        return a[start:] == b[start + 1 :]
    swapped = a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
    return a[start + 1 :] == b[start + 1 :] or swapped
