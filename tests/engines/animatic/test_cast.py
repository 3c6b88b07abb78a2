"""Individuals: settled by the seed, hero first, of believable sizes."""

from __future__ import annotations

from kineograph.engines.animatic.cast import Ground, individuals, place, share_of_frame
from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.vocabulary.lexicon import lexicon


def test_a_couple_is_a_woman_and_a_man_and_a_family_has_a_child() -> None:
    for seed in range(4):
        assert {one.subject.kind for one in individuals(compile_prompt("a couple"), seed)} == {"woman", "man"}
        assert {one.subject.kind for one in individuals(compile_prompt("a happy family"), seed)} == {
            "woman",
            "man",
            "girl",
        }


def test_a_child_is_a_girl_or_a_boy_by_the_seed() -> None:
    spec = compile_prompt("a child in the park")
    drawn = {individuals(spec, seed)[0].subject.kind for seed in range(20)}
    assert drawn == {"girl", "boy"}


def test_a_product_is_any_of_the_products_by_the_seed() -> None:
    spec = compile_prompt("Product slowly rotating")
    drawn = {individuals(spec, seed)[0].subject.kind for seed in range(40)}
    assert drawn == set(lexicon().kinds[spec.subjects[0].kind].any)


def test_a_kitten_is_smaller_than_a_cat_and_a_cat_than_a_woman() -> None:
    kitten, cat, woman = (individuals(compile_prompt(p), 1)[0].height for p in ("a kitten", "a cat", "a woman"))
    assert kitten < cat < woman


def test_twelve_share_the_frame_one_has_it_alone() -> None:
    many, one = individuals(compile_prompt("twelve dogs"), 1), individuals(compile_prompt("a dog"), 1)
    assert share_of_frame(many, 0.5, 1.78) < share_of_frame(one, 0.5, 1.78) == 0.5


def test_the_small_ones_stand_nearer() -> None:
    everybody = individuals(compile_prompt("a woman and a kitten"), 1)
    woman, kitten = place(everybody, 0.6, Ground(1.78, 1.4, 0.45, 0.85, 5.0), 1)
    assert kitten.z < woman.z


def test_the_young_have_their_mothers_coat() -> None:
    for seed in range(6):
        mother, *young = individuals(compile_prompt("a cat and her kittens"), seed)
        assert {one.seed for one in young} == {mother.seed}
        assert all(one.height < mother.height for one in young)
