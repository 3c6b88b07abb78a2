import numpy as np

from kineograph.engines.animatic.raster.mesh import Samples
from kineograph.engines.animatic.subjects.decals import Decal, decal_painter

BLACK = (0.0, 0.0, 0.0)


def face_at(places: list[tuple[float, float, float]], part: int = 0) -> Samples:
    n = len(places)
    rest = np.array(places, np.float32)
    zeros = np.zeros((n, 3), np.float32)
    return Samples(
        zeros,
        zeros,
        rest,
        np.ones((n, 3), np.float32),
        np.zeros((n, 2), np.float32),
        np.ones(n, np.float32),
        zeros.copy(),
        np.zeros(n, np.uint8),
        np.full(n, part, np.uint16),
    )


def painted(decal: Decal, *places: tuple[float, float, float], part: int = 0) -> list[float]:
    samples = face_at(list(places), part)
    decal_painter([decal], 2, (0, 0, 0), 5.0)(samples)
    return samples.colour[:, 0].tolist()


def test_a_decal_covers_its_ellipse_and_fades_at_its_edge():
    spot = Decal(0, 0, 0, 0.4, 0.2, BLACK, 1.0, 1.0, soft=0.2)
    middle, aside, edge, outside = painted(spot, (0, 0, 0), (0.3, 0, 0), (0, 0.2, 0), (0, 0.3, 0))
    assert middle == aside == 0
    assert 0.3 < edge < 0.7
    assert outside == 1


def test_a_smile_turns_its_ends_up():
    smile = Decal(0, 0, 0, 0.5, 0.05, BLACK, 1.0, 1.0, curve=1.0)
    up, down = painted(smile, (0.3, 0.09, 0), (0.3, -0.09, 0))
    assert up < 0.05
    assert down == 1


def test_a_projection_stops_at_its_depth_and_a_ball_at_its_radius():
    flat = Decal(0, 0, 0, 0.4, 0.4, BLACK, 1.0, 0.3)
    ball = Decal(0, 0, 0, 0.4, 0.4, BLACK, 1.0, 9.0, deep=0.4)
    assert painted(flat, (0, 0, 0.2), (0, 0, 0.35)) == [0, 1]
    assert painted(ball, (0, 0, 0.1), (0.3, 0, 0.5)) == [0, 1]


def test_other_parts_are_left_alone():
    assert painted(Decal(0, 0, 0, 1, 1, BLACK, 1.0, 1.0), (0, 0, 0), part=2) == [1]
