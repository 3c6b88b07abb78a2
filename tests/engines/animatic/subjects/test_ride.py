"""How a model moves as a whole."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from kineograph.engines.animatic.subjects.ride import Ride


def heights(ride: Ride, times: int = 60) -> list[float]:
    return [float(ride.at(ride.seconds * k / times, 0.0)[1][1]) for k in range(times + 1)]


def test_what_rises_gathers_speed_and_what_lands_loses_it() -> None:
    up, down = heights(Ride(climb=(0.0, 2.0), seconds=4.0)), heights(Ride(climb=(2.0, 0.0), seconds=4.0))
    assert (up[0], up[-1]) == pytest.approx((0.0, 2.0))
    assert (down[0], down[-1]) == pytest.approx((2.0, 0.0))
    assert up[6] < 0.1
    assert down[-7] < 0.1
    assert all(b >= a for a, b in itertools.pairwise(up))


def test_a_leap_is_an_arc_with_the_nose_up_first_and_down_at_its_end() -> None:
    ride = Ride(leap=(1.0, 0.5, 50.0), seconds=2.0)
    found = heights(ride, 200)
    assert max(found) == pytest.approx(1.0, abs=0.01)
    assert min(found) < -0.5
    assert max(abs(b - a) for a, b in itertools.pairwise(found)) < 0.2
    nose = [float(ride.at(t, 0.0)[0][1, 2]) for t in (0.1, 1.5)]
    assert nose[0] * nose[1] < 0


def test_an_ollie_is_crouched_for_leaves_the_ground_nose_up_and_is_landed_softly() -> None:
    board = Ride(ollie=(1.0, 2.0))
    moments = np.linspace(0, 2, 201)
    high, nose, crouch = np.array([board.jumped(t, 0.0) for t in moments]).T
    aloft = np.flatnonzero(high > 0)
    assert 0.5 < (aloft[-1] - aloft[0]) * 0.01 < 0.8
    assert crouch[: aloft[0]].max() > 0.9
    assert nose[aloft[: len(aloft) // 4]].max() > 0.9
    assert nose[aloft[-len(aloft) // 4 :]].min() < -0.3
    assert crouch[aloft[-1] :].max() > 0.7
    assert crouch[-1] == 0
