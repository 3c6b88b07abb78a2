import numpy as np
import pytest

from kineograph.engines.animatic.shot import named_rng
from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.subjects.pace import Pace, animal_pace, going, natural_speed
from kineograph.engines.animatic.subjects.quadruped_row import row_of


def test_feet_keep_up_with_any_speed_over_the_ground():
    pace = Pace(stride=0.4, duty=0.6, tempo=1.0)
    for velocity in (0.1, 0.5, 1.0, 3.0):
        gone = going(pace, velocity, scale=1.5)
        covered = gone.tempo * gone.reach * pace.stride / pace.duty * 1.5
        assert covered == pytest.approx(velocity)


def test_slow_walkers_shorten_their_stride_and_fast_ones_hurry():
    pace = Pace(0.4, 0.6, 1.0)
    natural = pace.speed
    assert going(pace, natural, 1.0).reach == pytest.approx(1)
    slow, fast = going(pace, 0.4 * natural, 1.0), going(pace, 2 * natural, 1.0)
    assert slow.tempo > 0.8
    assert slow.reach < 0.6
    assert fast.tempo > 1.7
    assert fast.reach < 1.2
    assert going(pace, 0.0, 1.0).travel == 0


def test_short_legs_step_faster():
    row, _ = row_of(SubjectSpec("quadruped", "cat", action="walk"), named_rng(0, "coat"))
    assert animal_pace(row, "walk", 0.3).tempo > animal_pace(row, "walk", 0.6).tempo


@pytest.mark.parametrize(
    ("family", "kind", "height", "low", "high"),
    [("quadruped", "cat", 0.4, 0.15, 0.9), ("quadruped", "dog", 0.6, 0.2, 1.2), ("biped", "man", 1.8, 0.7, 1.6)],
)
def test_walking_speeds_are_those_of_the_living(family, kind, height, low, high):
    walk = natural_speed(SubjectSpec(family, kind, action="walk"), height)
    run = natural_speed(SubjectSpec(family, kind, action="run"), height)
    assert low < walk < high
    assert run > 1.5 * walk
    assert natural_speed(SubjectSpec(family, kind, action="sit"), height) == 0
    assert np.isfinite([walk, run]).all()
