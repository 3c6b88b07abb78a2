"""How those who are carried are moved by who carries them: in a hand, in a saddle, on a roof, on a string."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kineograph.engines.animatic.raster.materials import material
from kineograph.engines.animatic.raster.mesh import Mesh, Posed
from kineograph.engines.animatic.shot import Placement
from kineograph.engines.animatic.subjects import forms
from kineograph.engines.animatic.subjects.bonds import Frame, Hold, Mount, aimed, hold_of, mount_of, pose_of
from kineograph.engines.animatic.subjects.forms import turned
from kineograph.engines.animatic.subjects.model import TURNING, Model
from kineograph.engines.animatic.subjects.product import Product
from kineograph.engines.animatic.subjects.puppet import MIRROR, Puppet, world_of
from kineograph.engines.animatic.subjects.together import POINTS, Member, String

F64 = NDArray[np.float64]

SUNK = 0.015  # of an animal's height: how far who sits on it sinks into its coat
ROUND, ROUNDS = 0.55, 0.11  # radius of a fish's round in its bowl ÷ its height, and rounds a second
JOINED = 0.435  # how high hands are held together ÷ the taller one's height
STRING = 0.004  # metres: radius of a string, were it seen from near by
FINEST = 0.0007  # frame heights: it is never thinner in the picture


def tie(actor: Member, carrier: Member) -> None:
    """Let what carries it move it."""
    bond = actor.placement.bond
    if bond == "held":
        if isinstance(actor, Model):
            actor.turn = None
        elif isinstance(actor, Product):
            actor.seconds = None
        if not _hold(actor.placement).high:
            actor.carried = _held(actor.placement, carrier)
    elif bond == "hand":
        _join_hands(actor, carrier)
    elif bond == "rides":
        actor.carried = _riding(actor, carrier)
    else:
        actor.carried = _on(actor, carrier)


def _join_hands(one: Member, other: Member) -> None:
    """Each one's near palm half way to the other: both go the same way, so that it stays there."""
    assert isinstance(one, Puppet)
    assert isinstance(other, Puppet)
    first, second = one.placement, other.placement
    high = JOINED * max(first.height, second.height) + (first.y + second.y) / 2
    middle = np.array([(first.x + second.x) / 2, high, (first.z + second.z) / 2])
    for puppet in (one, other):
        assert puppet.reach is not None
        place = puppet.placement
        own = world_of(place.heading, 1.0).T @ (middle - [place.x, place.y, place.z]) / puppet.scale
        puppet.reach.hands = {**(puppet.reach.hands or {}), "L" if own[0] > 0 else "R": own}


def _hold(thing: Placement) -> Hold:
    hold = hold_of(thing.subject.kind)
    assert hold is not None
    return hold


def _held(thing: Placement, carrier: Member) -> Callable[[float], Frame]:
    """In the hand: the grip where the palm is, turned as the row has it."""
    assert isinstance(carrier, (Puppet, Model))
    hold, height = _hold(thing), thing.height
    turn, grip = turned(*np.radians(hold.turn)), np.asarray(hold.grip) * height

    def at(t: float) -> Frame:
        hand, upright = carrier.hand(t, hold.hand), carrier.upright(t)
        if hold.string:
            sway = np.array([0.06 * np.sin(0.9 * t), 0.0, 0.05 * np.sin(0.7 * t + 1)])
            return Frame(upright.turn @ turn, hand + np.array([0, hold.string, 0]) + upright.turn @ sway)
        if isinstance(carrier, Puppet) and (hold.chest or hold.aim is not None):
            upright = carrier.bone(t, "chest")
            if hold.aim is not None:
                target = upright.at + upright.turn @ MIRROR @ np.asarray(hold.aim) * carrier.scale
                own = upright.turn @ aimed(hold, upright.turn.T @ (target - hand))
                return Frame(own, hand - own @ grip)
        own = upright.turn @ turn
        return Frame(own, hand - own @ grip)

    return at


def string_of(actor: Member, carrier: Member, focal: float) -> String | None:
    """The string between a hand and what floats on it."""
    place = actor.placement
    if place.bond != "held" or not ((hold := _hold(place)).string or hold.high):
        return None
    assert isinstance(carrier, (Puppet, Model))
    assert isinstance(actor, Model)
    holder, flier, knot = carrier, actor, np.asarray(hold.grip) * place.height
    part = forms.sweep(np.linspace([0, 0, 0], [0, 1, 0], POINTS), STRING, around=5)
    mesh = _plain(part)
    radius = max(STRING, FINEST * carrier.placement.z / focal)

    def ends(t: float) -> tuple[F64, F64]:
        frame = flier.stands(t)
        return holder.hand(t, hold.hand), frame.at + frame.turn @ knot

    return String(carrier.placement, mesh, radius, ends)


def _plain(part: forms.Part) -> Mesh:
    count, faces = len(part.vertices), len(part.triangles)
    return Mesh(
        vertices=part.vertices.astype(np.float32),
        normals=part.normals.astype(np.float32),
        triangles=np.ascontiguousarray(part.triangles, np.int32),
        colour=np.full((count, 3), 0.75, np.float32),
        occlusion=np.ones(count, np.float32),
        material=np.full(faces, material("cloth"), np.uint8),
        rest=part.vertices.astype(np.float32),
        uv=part.uv.astype(np.float32),
        part=np.zeros(faces, np.uint16),
    )


def _seat(carrier: Member) -> tuple[Callable[[float], Frame], Callable[[ArrayLike], F64]]:
    """Where the saddle is at t seconds, and points of the mount's row seen from it: metres, model axes."""
    mount = mount_of(carrier.placement.subject)
    assert mount is not None
    if isinstance(carrier, Puppet):
        puppet, size = carrier, carrier.placement.height
        seat = (mount.seat[0], _back_of(puppet, mount.seat), mount.seat[2])
        return lambda t: puppet.back(t, seat), lambda p: (np.asarray(p) - np.asarray(mount.seat)) * size
    assert isinstance(carrier, Model)
    model, made = carrier, carrier.made
    return (
        lambda t: model.point(t, mount.seat),
        lambda p: made.axes @ (np.asarray(p, np.float64) - np.asarray(mount.seat)) * made.scale,
    )


def _back_of(puppet: Puppet, seat: tuple[float, float, float]) -> float:
    """Height of an animal's back where one sits, ÷ its own height; the row's where there is nothing."""
    points = puppet.body.mesh.vertices * np.float32(puppet.scale / puppet.placement.height)
    near = (np.abs(points[:, 0]) < 0.06) & (np.abs(points[:, 2] + seat[2]) < 0.05)
    return float(points[near, 1].max()) - SUNK if near.any() else seat[1]


def _riding(actor: Member, carrier: Member) -> Callable[[float], Frame]:
    """On the saddle: hips on it, or soles for who stands; hands and feet where the mount has them."""
    mount = mount_of(carrier.placement.subject)
    assert mount is not None
    seat, seen = _seat(carrier)
    about = turned(y=np.radians(mount.yaw))
    if mount.yaw and (seat(0.0).turn @ about)[2, 2] < 0:
        about = about.T  # who stands across shows us his face
    lift, stands = np.zeros(3), "crouch" in pose_of(mount.pose)
    if isinstance(actor, Puppet) and actor.reach is not None:
        seated = bool(pose_of(mount.pose).get("seated"))
        lift[1] = actor.skeleton.joint[actor.skeleton.index["thighL"]][1] * actor.scale if seated else 0.0

        def own(p: ArrayLike, t: float) -> F64:
            tilt = _level(seat(t).turn).T @ seat(t).turn if stands else np.eye(3)
            return np.asarray(MIRROR @ (about.T @ tilt @ seen(p) + lift) / actor.scale)

        _reach(actor, carrier, mount, own)
        if stands and isinstance(carrier, Model):
            ride, phase = carrier.ride, carrier.placement.phase
            actor.reach.crouch = lambda t: ride.jumped(t, phase)[2]

    def at(t: float) -> Frame:
        frame = seat(t)
        turn = (_level(frame.turn) if stands else frame.turn) @ about
        return Frame(turn, frame.at - turn @ lift)

    return at


def _level(turn: F64) -> F64:
    """The same heading without nose or side up: a board tips under who stands on it."""
    ahead = turn @ np.array([0.0, 0.0, -1.0])
    return turned(y=float(np.arctan2(ahead[0], -ahead[2])))


def _reach(actor: Puppet, carrier: Member, mount: Mount, own: Callable[[ArrayLike, float], F64]) -> None:
    """Tell a rider where its hands and feet are; `own` takes a point of the mount's row, and a time, to the rider's axes."""
    assert actor.reach is not None
    aside = 2 if isinstance(carrier, Model) and carrier.made.axes[0, 2] > 0.5 else 0  # the row's axis to the left
    if mount.yaw:
        aside = 2 - aside  # of who stands across it
    flip = np.ones(3)
    flip[aside] = -1
    if mount.hands is not None:
        hands = np.asarray(mount.hands)
        actor.reach.hands = {"L": own(hands, 0.0), "R": own(hands * flip, 0.0)}
    if mount.feet is None:
        return
    feet, model = np.asarray(mount.feet), carrier
    if mount.yaw and own(feet, 0.0)[0] < own(feet * flip, 0.0)[0]:
        feet = feet * flip

    def stand(t: float) -> dict[str, F64]:
        out = {}
        for side, way in (("L", 1.0), ("R", -1.0)):
            point = feet * (flip if way < 0 else 1.0)
            if mount.crank and isinstance(model, Model):
                angle = np.radians(mount.start) - model.way(t) / model.made.scale * 2 * np.pi / mount.gear
                point = point + way * mount.crank * np.array([np.cos(angle), np.sin(angle), 0.0])
            out[side] = own(point, t)
        return out

    actor.reach.feet = stand


def _on(actor: Member, carrier: Member) -> Callable[[float], Frame]:
    """Upon it: at the height its surface has there, going where it goes."""
    place = actor.placement
    assert isinstance(carrier, (Puppet, Model, Product))
    if isinstance(carrier, Model) and carrier.placement.subject.action not in TURNING:
        carrier.turn = None  # what others stand on does not show itself off
    first = carrier.stands(0.0) if not isinstance(carrier, Puppet) else carrier.upright(0.0)
    level = place.y if place.bond == "in" else surface(carrier.posed(0.0), place.x, place.z, place.y)
    spot = np.array([place.x, level, place.z])
    local = first.turn.T @ (spot - first.at)
    heading = actor.heading if isinstance(actor, Model) else place.heading

    if place.bond == "in" and place.subject.family == "fish":
        return _round(place, carrier, local)

    def at(t: float) -> Frame:
        frame = carrier.stands(t) if not isinstance(carrier, Puppet) else carrier.upright(t)
        turn = frame.turn @ first.turn.T @ turned(y=heading)
        way = actor.way(t) if isinstance(actor, Model) else actor.travel * t if isinstance(actor, Puppet) else 0.0
        return Frame(turn, frame.at + frame.turn @ local + turn @ np.array([0.0, 0.0, -way]))

    return at


def _round(place: Placement, carrier: Puppet | Model | Product, local: F64) -> Callable[[float], Frame]:
    """Round and round in its bowl, a little up and down."""
    radius = ROUND * place.height

    def at(t: float) -> Frame:
        frame = carrier.upright(t) if isinstance(carrier, Puppet) else carrier.stands(t)
        angle = 2 * np.pi * (ROUNDS * t + place.phase)
        swim = np.array([radius * np.cos(angle), 0.12 * place.height * np.sin(1.7 * t), -radius * np.sin(angle)])
        # Going along the circle: its front (-z) along (-sin, 0, -cos).
        return Frame(frame.turn @ turned(y=-angle), frame.at + frame.turn @ (local + swim))

    return at


def surface(meshes: Sequence[Posed], x: float, z: float, otherwise: float) -> float:
    """Height of the uppermost surface over a place on the ground; `otherwise` where there is none."""
    best = -np.inf
    for mesh in meshes:
        corners = mesh.vertices[mesh.mesh.triangles].astype(np.float64)
        flat = corners[:, :, (0, 2)] - np.array([x, z])
        a, b, c = flat[:, 0], flat[:, 1], flat[:, 2]
        area = [p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0] for p, q in ((b, c), (c, a), (a, b))]
        share = np.stack(area, 1)
        whole = share.sum(1)
        inside = ((share >= 0).all(1) | (share <= 0).all(1)) & (np.abs(whole) > 1e-12)
        if inside.any():
            best = max(best, float((share[inside] / whole[inside, None] * corners[inside][:, :, 1]).sum(1).max()))
    return best if np.isfinite(best) else otherwise
