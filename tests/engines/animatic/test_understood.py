"""What callers are told of the reading: JSON of the task, rows of the table."""

from __future__ import annotations

import json

from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.understood import facts_of, rows_of


def test_every_slot_that_was_filled_is_told_with_its_words() -> None:
    facts = facts_of(compile_prompt("three tiny black kittens on a red car at sunset, zoom in, in a watercolour style"))
    scene = facts["scene"]
    cats, car = scene["subjects"]
    assert (cats["kind"], cats["count"], cats["colour"], cats["relation"], cats["to"]) == ("cat", 3, "black", "on", 1)
    assert (car["kind"], car["colour"]) == ("car", "red")
    assert (scene["time"], scene["camera"], scene["style"]) == ("golden", "push", "watercolour")
    said = {word for words in scene["words"].values() for word in words}
    assert {"three", "tiny", "black", "kittens", "on", "red", "car", "sunset", "zoom in", "watercolour"} <= said
    assert facts["unmatched"] == []
    json.dumps(facts)


def test_a_cut_is_told_as_a_second_scene() -> None:
    scene = facts_of(compile_prompt("first a cat sleeps on the beach, then it runs"))["scene"]
    assert scene["subjects"][0]["action"] == "sleep"
    assert scene["then"]["subjects"][0]["action"] == "run"
    assert scene["then"]["setting"] == "beach"


def test_rows_say_what_became_of_which_words() -> None:
    rows = {slot: (value, words) for slot, value, words in rows_of(compile_prompt("two black cats on a box, at night"))}
    assert rows["time"] == ("night", "night")
    assert rows["  colours"] == ("", "black")
    assert ("subject", "2 × black cat, on box", "") in rows_of(compile_prompt("two black cats on a box"))
