import numpy as np
import pytest

from kineograph.engines.animatic.raster.mesh import Samples
from kineograph.engines.animatic.subjects.eyes import Eyes

EYES = Eyes(3, 2, 0.7, 0.35, 1.0, 0.6, 0.8, 0.9, 0.1, (0.5, 0.3, 0.2), 7)


def looked_at(points: list[tuple[float, float]], part: int = 3) -> Samples:
    """Samples of an eyeball seen from the front."""
    xy = np.array(points, np.float32)
    rest = np.column_stack([xy, np.sqrt(1 - (xy**2).sum(1))]).astype(np.float32)
    n = len(points)
    vectors = [np.zeros((n, 3), np.float32) for _ in range(2)]
    return Samples(
        position=vectors[0],
        normal=rest.copy(),
        rest=rest,
        colour=np.tile(np.array([0.1, 0.5, 0.1], np.float32), (n, 1)),
        uv=np.zeros((n, 2), np.float32),
        occlusion=np.ones(n, np.float32),
        emission=vectors[1],
        material=np.full(n, 2, np.uint8),
        part=np.full(n, part, np.uint16),
    )


def test_an_eye_has_a_pupil_an_iris_a_white_and_a_lid():
    samples = looked_at([(0, -0.05), (0.0, -0.5), (0.85, 0.0), (0.0, 0.97)])
    EYES.painter()(samples)
    pupil, iris, white, lid = samples.colour
    assert pupil.max() < 0.05
    assert iris[1] > 2 * iris[0]
    assert iris[1] > 0.15
    assert white.min() > 0.3
    assert lid == pytest.approx([0.5, 0.3, 0.2], abs=0.01)
    assert list(samples.material) == [2, 2, 2, 7]


def test_a_shut_eye_is_all_lid_but_for_its_lashes():
    samples = looked_at([(0, 0.3), (0.2, 0.0), (0.0, -0.8)])
    EYES.at(1.0, (0, 0), (0.3, 0.3), 1.0).painter()(samples)
    assert set(samples.material) == {7}
    assert samples.emission.max() == 0


def test_the_pupil_follows_the_gaze():
    samples = looked_at([(0.3, 0.0)])
    EYES.at(0.0, (0.32, 0.0), (-0.4, 0.4), 0.0).painter()(samples)
    assert samples.colour.max() < 0.05


def test_the_catch_light_is_where_the_key_is():
    samples = looked_at([(0.3, 0.35), (-0.6, 0.1)])
    EYES.at(0.0, (0, 0), (0.3, 0.35), 1.5).painter()(samples)
    assert samples.emission[0].min() == pytest.approx(1.5, rel=0.05)
    assert samples.emission[1].max() < 0.1


def test_other_parts_are_left_alone():
    samples = looked_at([(0, 0), (0.5, 0.2)], part=1)
    before = samples.colour.copy()
    EYES.painter()(samples)
    np.testing.assert_array_equal(samples.colour, before)
