from functools import cache

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.raster.mesh import Samples
from kineograph.engines.animatic.shot import Placement, Shot, named_rng
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec
from kineograph.engines.animatic.subjects.biped import build_actor
from kineograph.engines.animatic.subjects.biped_row import Look, Row, kinds, roles, row_of
from kineograph.engines.animatic.subjects.patches import Patch, patch_painter
from kineograph.engines.animatic.subjects.puppet import Puppet
from kineograph.engines.animatic.subjects.rows import table
from kineograph.engines.animatic.subjects.wardrobe import dressed, rows

CAMERA = Camera(y=0.8, focal=1.4)
SHOT = Shot(SceneSpec(), 160, 96, 48, 1, CameraPath(CAMERA, CAMERA, 2.0), CAMERA)
SOME = ("wizard", "knight", "chef", "ballerina", "king", "fisherman", "ninja", "diver", "bride", "old_man", "samurai")
ROLES = [role if role in SOME else pytest.param(role, marks=pytest.mark.gallery) for role in roles()]
Worn = tuple[tuple[str, str | None], ...]


@cache
def person(kind: str, worn: Worn = (), seed: int = 1) -> Puppet:
    subject = SubjectSpec("biped", kind, worn=worn)
    return build_actor(Placement(subject, 0.0, 3.0, 1.0, seed=seed), SHOT)


def look(kind: str, worn: Worn = (), colour: str | None = None, seed: int = 1) -> tuple[Row, Look]:
    return row_of(SubjectSpec("biped", kind, worn=worn, colour=colour), named_rng(seed, "look"))


@pytest.mark.parametrize("role", roles())
def test_what_a_role_wears_is_in_the_wardrobe(role):
    row = table("bipeds.toml")["kinds"][role]
    for name in [*row.get("worn", ()), *row.get("worn_man", ()), *row.get("worn_woman", ())]:
        for one in [name] if isinstance(name, str) else name:
            assert one.partition("/")[0] in {*rows(), ""}, one
    for seed in range(4):
        assert look(role, seed=seed)[1].layers


@pytest.mark.parametrize("name", [name for name, row in rows().items() if row])
def test_every_row_of_the_wardrobe_can_be_worn_by_everybody(name):
    for kind in kinds():
        row, worn = look(kind, ((name, "blue"),))
        assert 0.3 < row.leg < 0.6, kind
        assert all(0 <= c <= 0.95 for rgb in (worn.main, worn.second, worn.hair, worn.shoe) for c in rgb)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_built_whole(role):
    puppet = person(role)
    for posed in puppet.posed(0.4):
        assert np.isfinite(posed.vertices).all()
        assert np.isfinite(posed.normals).all()
        assert posed.vertices[:, 1].min() > -0.03
    mesh = puppet.body.mesh
    edges = mesh.vertices[mesh.triangles[:, 0]] - mesh.vertices[mesh.triangles[:, 1]]
    assert np.linalg.norm(edges, axis=1).max() < 0.06  # thin brims are not torn


# Where to look (heights ÷ the tallest), and the channel that is strongest there, by how much.
@pytest.mark.parametrize(
    ("kind", "worn", "band", "red_over_blue"),
    [
        ("king", (), (0.93, 1.0), 2.0),  # a golden crown
        ("fisherman", (), (0.95, 1.0), 4.0),  # a yellow sou'wester
        ("man", (("top hat", "red"),), (0.92, 1.0), 5.0),
        ("man", (("suit", "blue"),), (0.55, 0.70), 0.6),
        ("woman", (("long hair", "blue"),), (0.95, 1.0), 0.5),
    ],
)
def test_it_is_seen_in_its_colour_where_it_is_worn(kind, worn, band, red_over_blue):
    mesh = person(kind, worn).body.mesh
    y = mesh.vertices[:, 1] / mesh.vertices[:, 1].max()
    there = mesh.colour[(y > band[0]) & (y < band[1])]
    red, _, blue = np.median(there, 0)
    if red_over_blue > 1:
        assert red > red_over_blue * blue
    else:
        assert red < red_over_blue * blue


def test_a_hat_hides_the_hair_above_it():
    bare, hatted = person("man"), person("man", (("top hat", "white"),))
    hair = hatted.body.mesh
    part = hair.vertices[np.unique(hair.triangles[hair.part == 1])]
    crown = hatted.skeleton.joint[hatted.skeleton.index["head"]][1]
    whole = bare.body.mesh
    before = whole.vertices[np.unique(whole.triangles[whole.part == 1])]
    assert part[:, 1].max() < before[:, 1].max() - 0.02
    assert part[:, 1].max() > crown


def test_the_old_are_grey_lined_and_bent():
    young_row, young = look("man")
    row, old = look("man", (("old", None),))
    assert min(old.hair) > 2 * max(0.2, min(young.hair))
    assert old.lines > 0
    assert row.stoop > 0.1
    assert row.tempo < young_row.tempo
    ahead = [
        puppet.at(0.4).pose.frames.joints[puppet.skeleton.index["head"]][2]
        for puppet in (person("man"), person("old_man"))
    ]
    assert ahead[1] > ahead[0] + 0.02


def test_a_dress_said_of_who_wears_a_gown_dyes_the_gown():
    _, plain = look("princess")
    _, blue = look("princess", (("dress", "blue"),), "blue")
    assert blue.hem == pytest.approx(plain.hem)
    assert blue.main[2] > 2 * blue.main[0]
    assert {layer.name for layer in blue.layers} == {layer.name for layer in plain.layers}


def test_other_clothes_leave_the_hat_on():
    names = {layer.name for layer in look("chef", (("suit", "red"),), "red")[1].layers}
    assert "toque" in names
    assert "suit" in names
    assert "chef's jacket" not in names


def test_words_say_whose_body_a_role_has():
    assert {look("police_officer", (("woman", None),), seed=s)[0].bust > 0 for s in range(6)} == {True}
    assert {look("police_officer", (("man", None),), seed=s)[0].bust > 0 for s in range(6)} == {False}


def test_the_colour_of_a_person_dyes_the_clothes_of_the_role():
    _, red = look("knight", colour="red")
    assert red.main[0] > 5 * red.main[2]


def test_the_last_of_a_slot_counts_and_what_is_worn_over_it_adds_up():
    names = [
        layer.name for layer in dressed([("straw hat", None), ("apron", None), ("cape", None), ("crown", "golden")])
    ]
    assert sorted(names) == ["apron", "cape", "crown"]


def test_a_cape_hangs_behind_and_a_skirt_all_round():
    caped = person("superhero").posed(0.4)
    cape = caped[-1].mesh.rest
    assert (cape[:, 2] < 0.02).mean() > 0.9
    gown = person("princess").posed(0.4)[1].mesh.rest
    assert abs(gown[:, 2].mean()) < 0.02


def test_a_patch_is_laid_on_its_side_of_its_part_only():
    tie = Patch(2, 0.4, 0.6, (0.0, 0.0), (0.02, 0.02), (1.0, 0.0, 0.0))
    both = Patch(2, 0.1, 0.2, (0.1, 0.1), (0.02, 0.02), (0.0, 1.0, 0.0), side=0, mirror=True, round=True)
    rest = np.array(
        [
            [0, 0.5, 0.1],
            [0, 0.5, -0.1],
            [0.05, 0.5, 0.1],
            [0, 0.7, 0.1],
            [0.1, 0.15, 0.1],
            [-0.1, 0.15, -0.1],
            [0, 0.5, 0.1],
        ],
        np.float32,
    )
    n = len(rest)
    flat = np.zeros((n, 3), np.float32)
    part = np.array([2, 2, 2, 2, 2, 2, 3], np.uint16)
    whole = np.zeros(n, np.float32)
    samples = Samples(
        flat, flat, rest, np.full((n, 3), 0.5, np.float32),
        flat[:, :2].copy(), whole, flat.copy(), np.zeros(n, np.uint8), part,
    )  # fmt: skip
    painter = patch_painter([tie, both])
    assert painter is not None
    painter(samples)
    grey = [0.5, 0.5, 0.5]
    expected = [[1, 0, 0], grey, grey, grey, [0, 1, 0], [0, 1, 0], grey]
    np.testing.assert_allclose(samples.colour, expected, atol=1e-5)
    assert patch_painter([]) is None
