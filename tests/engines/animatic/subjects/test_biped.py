import hashlib
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec
from kineograph.engines.animatic.subjects.biped import build_actor
from kineograph.engines.animatic.subjects.biped_acts import ACTIONS, SPIN, TURNS, spin_speed
from kineograph.engines.animatic.subjects.biped_row import kinds
from kineograph.engines.animatic.subjects.pace import natural_speed
from kineograph.engines.animatic.subjects.puppet import Puppet

CAMERA = Camera(y=0.8, focal=1.4)
SHOT = Shot(SceneSpec(), 160, 96, 48, 1, CameraPath(CAMERA, CAMERA, 2.0), CAMERA)
DAY = Light(
    np.array([-0.5, 0.7, -0.5], np.float32),
    np.array([1.3, 1.1, 0.9], np.float32),
    np.array([0.3, 0.4, 0.5], np.float32),
    np.array([0.2, 0.2, 0.1], np.float32),
    np.array([0.7, 0.7, 0.8], np.float32),
    0.0,
    np.zeros((1, 1, 1, 3), np.float32),
)


@cache
def person(kind: str, action: str = "idle", seed: int = 0, velocity: float = 0.0, colour: str | None = None) -> Puppet:
    subject = SubjectSpec("biped", kind, action=action, colour=colour)
    return build_actor(Placement(subject, 0.0, 3.0, 1.0, seed=seed, velocity=velocity), SHOT)


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("action", ACTIONS)
def test_everybody_does_everything_above_the_ground(kind, action):
    puppet = person(kind, action)
    for phase in range(8):
        for posed in puppet.posed(phase * 0.41):
            assert np.isfinite(posed.vertices).all()
            assert np.isfinite(posed.normals).all()
            assert posed.vertices[:, 1].min() > -0.03
            assert posed.vertices[:, 1].max() < 1.6


@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_pops(action):
    """No joint moves faster than limbs are flung from one 60th of a second to the next, over six seconds."""
    puppet = person("girl", action)
    places = np.stack([puppet.move(i / 60).frames.joints for i in range(360)])
    assert np.linalg.norm(np.diff(places, axis=0), axis=2).max() * 60 < 8  # heights a second


@pytest.mark.parametrize("kind", kinds())
def test_planted_feet_stay_where_they_are(kind):
    """Travel of a flat foot over the ground: at most 8 % of the leg."""
    velocity = natural_speed(SubjectSpec("biped", kind, action="walk"), 1.0)
    puppet = person(kind, "walk", velocity=velocity)
    for name in ("footL", "footR"):
        bone = puppet.skeleton.index[name]
        joint = np.append(puppet.skeleton.joint[bone], 1).astype(np.float32)
        places = np.stack([puppet.at(i / 60).matrices[bone] @ joint for i in range(180)])
        low = np.flatnonzero(places[:, 1] < places[:, 1].min() + 0.004)
        runs = [r for r in np.split(low, np.flatnonzero(np.diff(low) > 1) + 1) if len(r) > 6]
        assert len(runs) >= 2
        assert max(np.ptp(places[r, 2]) for r in runs) < 0.08 * 0.43


def test_feet_stay_planted_while_the_body_spins():
    puppet = person("girl", "spin")
    bone = puppet.skeleton.index["footL"]
    joint = np.append(puppet.skeleton.joint[bone], 1).astype(np.float32)
    places = np.stack([puppet.at(2.0 + i / 240).matrices[bone] @ joint for i in range(240)])
    step = np.linalg.norm(np.diff(places, axis=0), axis=1)
    assert (step < 2e-4).mean() > 0.4
    assert step.max() > 2e-3


def test_a_spin_gathers_speed_and_settles():
    t = np.linspace(0, SPIN, 400, endpoint=False)
    speed = spin_speed(t)
    assert speed.mean() == pytest.approx(2 * np.pi * TURNS / SPIN, rel=0.02)
    assert speed.min() >= 0
    assert speed.max() > 4 * speed.min()
    assert abs(speed[0] - speed[-1]) < 0.2


def test_the_skirt_is_thrown_out_by_the_spin():
    puppet = person("girl", "spin")

    def width(t: float) -> float:
        return float(np.ptp(puppet.posed(t)[1].vertices[:, 0]))

    slow, fast = 5.0 - 0.45, 2.0
    assert width(fast) > 1.35 * width(slow)


def test_a_walker_is_upright():
    """The standing leg is nearly straight, and never further than it reaches."""
    puppet = person("man", "walk")
    rest = puppet.skeleton.joint
    index = puppet.skeleton.index
    whole = sum(
        float(np.linalg.norm(rest[index[b]] - rest[index[a]])) for a, b in (("thighL", "shinL"), ("shinL", "footL"))
    )
    longest = []
    for i in range(40):
        joints = puppet.at(i / 30).pose.frames.joints
        longest.append(max(float(np.linalg.norm(joints[index[f"foot{n}"]] - joints[index[f"thigh{n}"]])) for n in "LR"))
    assert np.mean(longest) > 0.955 * whole
    assert max(longest) < 0.9996 * whole


def test_people_differ_by_seed_and_wear_the_colour_asked_for():
    looks = {tuple(np.round(person("girl", seed=s).body.mesh.colour.mean(0), 3)) for s in range(6)}
    assert len(looks) >= 5
    skirt = person("girl", colour="blue").posed(0.0)[1].mesh.colour
    assert (np.median(skirt[:, 2]) > 2 * np.median(skirt[:, 0])).all()


def picture() -> bytes:
    drawn = person("girl", "spin").draw(1.8, CAMERA, DAY, (160, 96), 1)
    assert drawn is not None
    return drawn.rgba.tobytes()


def test_two_processes_draw_the_same_bytes():
    code = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1]); import test_biped as t;"
        "print(hashlib.sha256(t.picture()).hexdigest())"
    )
    folder = str(Path(__file__).parent)
    other = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == hashlib.sha256(picture()).hexdigest()


def test_frames_can_be_asked_for_in_any_order():
    puppet = person("woman", "dance")
    first = puppet.at(0.7).points.copy()
    puppet.at(3.1)
    np.testing.assert_array_equal(puppet.at(0.7).points, first)
