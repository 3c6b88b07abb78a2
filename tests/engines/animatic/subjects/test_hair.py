import numpy as np
import pytest

from kineograph.engines.animatic.shot import named_rng
from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.subjects.biped_body import bones
from kineograph.engines.animatic.subjects.biped_row import Look, Row, row_of
from kineograph.engines.animatic.subjects.hair import STYLES, comb_hair, strands
from kineograph.engines.animatic.subjects.sculpt import sculpt


def girl(style: str) -> tuple[Row, Look]:
    row, look = row_of(SubjectSpec("biped", "girl"), named_rng(0, "look"))
    fields = {name: getattr(look, name) for name in Look.__slots__} | {"hairstyle": style}
    return row, Look(**fields)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_covers_the_crown_and_leaves_the_face_free(style):
    body = bones(*girl(style), coarse=1.6)
    hair = comb_hair(body, np.random.default_rng(1))
    skinned = sculpt([hair.shape], [], body.skeleton, 0.14)
    v = (skinned.mesh.vertices - body.head) / body.row.head
    assert np.isfinite(v).all()
    assert v[:, 1].max() > (0.4 if style == "crown" else 0.95)  # a wreath round a bald head
    before_the_face = (np.abs(v[:, 0]) < 0.45) & (v[:, 1] < 0.0) & (v[:, 2] > 0.6)
    assert not before_the_face.any()
    fine = strands(hair, skinned, 0, np.random.default_rng(2))
    assert np.isfinite(fine.direction).all()
    assert fine.length.min() > 0


@pytest.mark.parametrize(("style", "chains"), [("pigtails", 2), ("ponytail", 1), ("long", 1), ("short", 0)])
def test_what_hangs_has_bones_to_swing_on(style, chains):
    body = bones(*girl(style), coarse=1.6)
    hair = comb_hair(body, np.random.default_rng(1))
    assert len(hair.swinging) == chains
    assert all(f"{name}{count - 1}" in body.skeleton.index for name, count, _ in hair.swinging)


def test_long_hair_falls_lower_than_short_hair():
    def lowest(style: str) -> float:
        body = bones(*girl(style), coarse=1.6)
        hair = comb_hair(body, np.random.default_rng(1))
        return float(sculpt([hair.shape], [], body.skeleton, 0.14).mesh.vertices[:, 1].min())

    assert lowest("long") < lowest("bob") - 0.05 < lowest("short") - 0.05
