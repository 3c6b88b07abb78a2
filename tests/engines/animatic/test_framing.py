"""How large the hero is: by the size word, by what it is, by what it does, in every frame shape."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kineograph.core.request import ASPECT_RATIOS, SIZES
from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.stage import build_actor
from kineograph.engines.animatic.subjects.bonds import top_row

FRAMES = 120


def shot_of(prompt: str, ratio: str = "16:9", seed: int = 1) -> Shot:
    width, height = SIZES["480p", ratio]
    return direct(compile_prompt(prompt), width=width, height=height, frames=FRAMES, seed=seed)


def share(shot: Shot, placement: Placement, at: float = 0.0) -> float:
    """Height of somebody ÷ height of the frame, at a share of the film."""
    gone = placement.velocity * FRAMES / 24 * at
    return placement.height * shot.rest.focal / (placement.z - math.cos(placement.heading) * gone)


def top(shot: Shot, placement: Placement) -> float:
    """Row of the highest point, 0 at the top of the frame."""
    camera = shot.rest
    return camera.horizon - (placement.y + placement.height - camera.y) * camera.focal / placement.z


@pytest.mark.parametrize("ratio", ASPECT_RATIOS)
@pytest.mark.parametrize("hero", ["a girl smiling", "an old man", "a cat", "a fox in the snow"])
def test_close_up_is_nearer_than_medium_and_medium_than_wide(hero: str, ratio: str) -> None:
    close, medium, wide = (
        share(shot, shot.placements[0])
        for shot in (shot_of(f"{hero}{words}", ratio) for words in (", close-up", "", ", wide shot"))
    )
    assert close > 1.3 * medium
    assert wide < 0.7 * medium


@pytest.mark.parametrize("ratio", ASPECT_RATIOS)
@pytest.mark.parametrize("word", ["portrait", "close-up", "特写", "headshot, head shot"])
def test_a_portrait_is_head_and_shoulders(word: str, ratio: str) -> None:
    """The head is about 0.27 of a person: 1.8 frame heights of person are half a frame of head. A narrow frame is filled by
    its width. Hair and chin are in the frame."""
    shot = shot_of(f"a girl, {word}", ratio)
    girl = shot.placements[0]
    head = 0.27 * share(shot, girl)
    assert head > (0.42 if shot.width >= shot.height else 0.27)
    assert head * shot.height < 0.9 * shot.width
    assert 0.02 < top(shot, girl) < 0.2


@pytest.mark.parametrize("ratio", ASPECT_RATIOS)
@pytest.mark.parametrize(
    "prompt", ["a smartphone rotating in a studio", "a glass of orange juice", "a bottle of perfume, black background"]
)
def test_products_fill_the_frame_and_stay_in_it(prompt: str, ratio: str) -> None:
    shot = shot_of(prompt, ratio)
    found = share(shot, shot.placements[0])
    assert (0.5 if shot.width >= shot.height else 0.3) < found < 0.85


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "prompt",
    ["a golden retriever running through a meadow", "a man running in the city", "a horse galloping in the desert"],
)
def test_who_comes_is_seen_from_the_beginning_and_large_half_way(prompt: str, seed: int) -> None:
    shot = shot_of(prompt, seed=seed)
    hero = shot.placements[0]
    assert hero.velocity > 0
    assert share(shot, hero) > 0.2
    assert share(shot, hero, 0.5) > 0.25


@pytest.mark.parametrize("ratio", ["21:9", "16:9", "4:3"])
@pytest.mark.parametrize(
    "prompt", ["a cat", "a rabbit in the snow", "a robot in a field", "an eagle flying", "a hot air balloon"]
)
def test_the_hero_is_a_quarter_of_the_frame(prompt: str, ratio: str) -> None:
    shot = shot_of(prompt, ratio)
    assert share(shot, shot.placements[0], 0.5) > 0.25


def test_animals_turn_their_side_people_their_face() -> None:
    for seed in range(8):
        fox, girl = (shot_of(prompt, seed=seed).placements[0] for prompt in ("a fox", "a girl"))
        assert 0.4 < abs(fox.heading) < 0.9
        assert abs(girl.heading) < 0.45


def test_a_herd_looks_one_way() -> None:
    camels = shot_of("沙漠中的骆驼队").placements
    assert len(camels) >= 6
    assert len({math.copysign(1, camel.heading) for camel in camels}) == 1


def test_fish_around_a_whale_take_no_room_from_it() -> None:
    alone, among = shot_of("a whale in the sea"), shot_of("a whale swimming under the sea among fish")
    assert len(among.placements) > 2
    assert share(among, among.placements[0]) > 0.8 * share(alone, alone.placements[0])


def test_a_squirrel_in_a_tree_is_on_a_branch_and_large_enough() -> None:
    shot = shot_of("a squirrel on a tree")
    squirrel, branch = shot.placements
    assert branch.subject.kind == "branch"
    assert share(shot, squirrel) > 0.2
    assert 0 < squirrel.y < branch.height


def test_a_dragon_over_a_castle_is_no_speck() -> None:
    shot = shot_of("a dragon flying over a castle at night")
    assert share(shot, shot.placements[0]) > 0.18


def test_a_rocket_starts_on_the_ground() -> None:
    shot = shot_of("a rocket launching into the night sky")
    assert shot.spec.setting != "space"
    assert shot.placements[0].y == 0


@pytest.mark.parametrize("ratio", ["16:9", "9:16"])
@pytest.mark.parametrize(
    ("prompt", "most"),
    [
        ("a parrot on a branch, it spreads its wings", 0.08),
        ("an owl on a branch", 0.04),
        ("a dolphin jumping out of the water", 0.0),
        ("a cat jumping", 0.0),
        ("an eagle flying", 0.08),
    ],
)
def test_the_frame_leaves_room_for_wings_and_leaps(prompt: str, most: float, ratio: str) -> None:
    shot = shot_of(prompt, ratio)
    hero = build_actor(shot.placements[0], shot)
    for t in np.linspace(0, 3.9, 14):
        points = np.concatenate([mesh.vertices for mesh in hero.posed(t)])
        rows = shot.camera.at(t).project(points, shot.width, shot.height)[:, 1] / shot.height
        assert -most < rows.min()
        assert rows.max() < 1.03 + most


@pytest.mark.parametrize("ratio", ["16:9", "9:16"])
def test_a_huge_tree_towers_over_the_tiny_house_under_it(ratio: str) -> None:
    for seed in range(4):
        shot = shot_of("a tiny house under a huge tree", ratio, seed)
        house, tree = (share(shot, placement) for placement in shot.placements)
        assert house > 0.14
        assert tree > 1.8 * house
        assert shot.placements[1].z > shot.placements[0].z


@pytest.mark.parametrize("ratio", ["16:9", "9:16"])
def test_a_cat_on_a_roof_is_large_and_the_camera_is_not_in_the_roof(ratio: str) -> None:
    shot = shot_of("a cat sitting on a roof", ratio)
    cat, roof = shot.placements
    assert share(shot, cat) > 0.3
    assert cat.z > 0.3 * roof.height


@pytest.mark.parametrize("ratio", ["16:9", "9:16"])
@pytest.mark.parametrize("flower", ["rose", "tulip", "daisy", "poppy", "sunflower"])
@pytest.mark.parametrize("guest", ["a butterfly", "a bee"])
def test_a_blossom_is_seen_whole_with_the_insect_that_sits_on_it(guest: str, flower: str, ratio: str) -> None:
    shot = shot_of(f"{guest} on a {flower}", ratio)
    insect, plant = shot.placements
    assert insect.subject.action == "idle"
    assert insect.carrier == 1
    per_metre = shot.rest.focal / plant.z
    blossom = top_row(flower, "plant").bloom * plant.height * per_metre
    assert 0.4 < blossom < 0.9 * min(shot.width / shot.height, 1.0)
    assert 0.4 < insect.height * per_metre / blossom < 0.8


@pytest.mark.parametrize("hero", ["a man running in the city", "a horse galloping in the desert", "a rabbit hopping"])
def test_who_comes_is_known_from_the_first_frame(hero: str) -> None:
    shot = shot_of(hero)
    assert share(shot, shot.placements[0]) > 0.6 * share(shot, shot.placements[0], 1.0)
