import numpy as np
import pytest

from kineograph.engines.animatic.subjects.motion import blink, pulse, ramp, spring, wander


def test_a_ramp_is_eased_and_clamped():
    assert [ramp(t, 1.0, 2.0) for t in (0.0, 1.0, 1.5, 2.0, 9.0)] == [0, 0, 0.5, 1, 1]
    assert ramp(1.01, 1.0, 2.0) < 0.001


def test_a_pulse_goes_up_and_comes_down():
    assert pulse(0.9, 1.0, 0.2, 0.5, 0.2) == 0
    assert pulse(1.5, 1.0, 0.2, 0.5, 0.2) == 1
    assert pulse(2.0, 1.0, 0.2, 0.5, 0.2) == 0


def test_eyes_are_open_most_of_the_time_and_close_now_and_then():
    shut = np.array([blink(t, 0.3) for t in np.arange(0, 12, 1 / 60)])
    assert shut.max() > 0.95
    assert (shut > 0.5).mean() < 0.06
    assert np.abs(np.diff(shut)).max() < 0.4


def test_a_wandering_look_rests_more_than_it_moves():
    looks = np.array([wander(t, 0.1, 2.0) for t in np.arange(0, 8, 1 / 60)])
    assert (np.abs(np.diff(looks)) < 1e-9).mean() > 0.6
    assert np.ptp(looks) > 1.2
    assert wander(0.7, 0.1, 2.0) == pytest.approx(wander(8.7, 0.1, 2.0))


def test_a_spring_lags_overshoots_and_settles():
    def pushed(t):
        return np.where(t > 0, 1.0, 0.0)

    places = [spring(pushed, t, 1.0, 0.25) for t in np.arange(-0.5, 6, 0.05)]
    assert places[0] == 0
    assert spring(pushed, 0.1, 1.0, 0.25) < 0.5
    assert max(places) > 1.2
    assert places[-1] == pytest.approx(1.0, abs=1e-6)
    assert max(spring(pushed, t, 1.0, 1.0) for t in np.arange(0, 4, 0.05)) <= 1.0 + 1e-9
