"""What people wear, read from the words around them."""

from __future__ import annotations

import pytest

from kineograph.engines.animatic.compile import compile_prompt

# prompt, kind of the hero, what is worn besides what the role brings
SAID = [
    ("a girl with long black hair", "girl", (("long hair", "black"),)),
    ("a woman in a red dress", "woman", (("dress", "red"),)),
    ("a man in a dark suit with a red tie", "man", (("suit", None), ("tie", "red"))),
    ("an old fisherman", "fisherman", (("old", None),)),
    ("a bearded man with glasses", "man", (("beard", None), ("glasses", None))),
    ("a blonde woman chef", "chef", (("woman", None), ("hair", "golden"))),
    ("a ninja girl", "ninja", (("girl", None),)),
    ("two old wizards with long white beards", "wizard", (("old", None), ("white beard", None))),
    ("a boy wearing a blue cap", "boy", (("cap", "blue"),)),
    ("a man with a black top hat", "man", (("top hat", "black"),)),
    ("a princess in a long blue dress", "princess", (("gown", "blue"),)),
    ("一个戴眼镜的男孩", "boy", (("glasses", None),)),
    ("穿蓝色外套的老人", "old_man", (("jacket", "blue"),)),
    ("一位黑色长发的女孩", "girl", (("long hair", "black"),)),
    ("a boy dressed as a pirate", "pirate", (("boy", None),)),
    ("女医生", "doctor", (("woman", None),)),
]


@pytest.mark.parametrize(("prompt", "kind", "worn"), SAID)
def test_clothes_hair_and_age_go_to_the_person_they_are_said_of(prompt: str, kind: str, worn: object) -> None:
    spec = compile_prompt(prompt)
    assert all(thing.relation == "held" for thing in spec.subjects[1:])  # a fisherman has his rod
    assert spec.subjects[0].kind == kind
    assert set(spec.subjects[0].worn) == set(worn)  # type: ignore[call-overload]  # a tuple of pairs
    assert spec.unmatched == ()


def test_each_of_two_wears_their_own() -> None:
    boy, man = compile_prompt("戴眼镜的男孩和一个戴草帽的农民").subjects
    assert boy.worn == (("glasses", None),)
    assert man.worn == (("straw hat", None),)
    girl, knight, _sword = compile_prompt("a girl in a yellow raincoat and a knight with a blue cape").subjects
    assert (girl.colour, girl.worn) == ("yellow", (("raincoat", "yellow"),))
    assert knight.worn == (("cape", "blue"),)


def test_a_hat_on_a_table_is_a_thing_and_one_on_a_head_is_worn() -> None:
    assert compile_prompt("a top hat on a table").subjects[0].kind == "hat"
    assert "hat" not in [one.kind for one in compile_prompt("a magician with a top hat").subjects]


def test_age_is_said_of_people_only() -> None:
    spec = compile_prompt("an old house and a girl")
    assert all(not one.worn for one in spec.subjects)


def test_eyes_of_people_have_the_colour_said_and_those_of_animals_are_told_as_lost() -> None:
    assert compile_prompt("a boy with green eyes").subjects[0].worn == (("eyes", "green"),)
    assert "blue eyes" in compile_prompt("a cat with blue eyes").unmatched


def test_a_spacesuit_makes_an_astronaut() -> None:
    assert compile_prompt("a woman in a spacesuit").subjects[0].kind == "astronaut"


ROLES = [
    ("a fisherman", "fisherman"), ("a wizard", "wizard"), ("a witch", "witch"), ("a chef", "chef"), ("a ballerina", "ballerina"),
    ("a violinist", "musician"), ("a skateboarder", "skateboarder"), ("a cyclist", "cyclist"), ("my grandmother", "old_woman"),
    ("grandpa", "old_man"), ("an old man", "old_man"), ("老人", "old_man"), ("奶奶", "old_woman"), ("爷爷", "old_man"),
    ("a businessman", "businessman"), ("knights", "knight"), ("the king", "king"), ("a queen", "queen"), ("公主", "princess"),
    ("a pirate", "pirate"), ("农民", "farmer"), ("a doctor", "doctor"), ("护士", "nurse"), ("police officers", "police_officer"),
    ("消防员", "firefighter"), ("a soldier", "soldier"), ("和尚", "monk"), ("a samurai", "samurai"), ("忍者", "ninja"),
    ("a clown", "clown"), ("侦探", "detective"), ("科学家", "scientist"), ("画家", "artist"), ("牛仔", "cowboy"),
    ("a superhero", "superhero"), ("圣诞老人", "santa"), ("新娘", "bride"),
]  # fmt: skip


@pytest.mark.parametrize(("prompt", "kind"), ROLES)
def test_who_is_known_by_their_clothes_has_a_row(prompt: str, kind: str) -> None:
    spec = compile_prompt(prompt)
    assert spec.subjects[0].kind == kind  # what a trade brings comes after who has it
    assert spec.unmatched == ()
