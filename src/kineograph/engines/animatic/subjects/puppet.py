"""A built creature: mesh, bones, face and fur; posed and drawn as a pure function of time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.draw import draw
from kineograph.engines.animatic.raster.mesh import Drawn, Painter, Posed, Samples
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.subjects.bonds import Frame, Reach
from kineograph.engines.animatic.subjects.eyes import Eyes
from kineograph.engines.animatic.subjects.fur import Fur, comb
from kineograph.engines.animatic.subjects.sculpt import Skinned
from kineograph.engines.animatic.subjects.skeleton import Frames, Skeleton, skin
from kineograph.engines.animatic.subjects.skirt import Drape, Skirt
from kineograph.engines.animatic.subjects.whiskers import Whisker, draw_whiskers

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pose:
    """A creature at one moment.

    Attributes:
        frames: Its bones, creature axes.
        yaw: Turn of the whole creature on the spot, radians, added to the heading.
        shut: 0 eyes open … 1 closed. gaze: aside and up.
        drape: How skirts and capes hang.
    """

    frames: Frames
    yaw: float = 0.0
    shut: float = 0.0
    gaze: tuple[float, float] = (0.0, 0.0)
    drape: Drape | None = None


Mover = Callable[[float], Pose]
Carried = Callable[[float], Frame]
MIRROR = np.diag([1.0, 1.0, -1.0])  # creature axes <-> model axes (camera.py)


def world_of(heading: float, scale: float) -> F64:
    """(3, 3) creature axes (x to its left, z forward) -> world (x right, z away); heading 0 faces the viewer."""
    c, s = math.cos(heading), math.sin(heading)
    return scale * np.array([[c, 0, s], [0, 1, 0], [s, 0, -c]])


def coarseness(placement: Placement, shot: Shot) -> float:
    """What to multiply grid steps by, 0.9…1.6: triangles of about four pixels are small enough, smaller only cost."""
    near = max(
        camera.focal / max(placement.z - camera.z, 0.1) for camera in (shot.camera.start, shot.camera.end, shot.rest)
    )
    pixels = near * placement.height * shot.height * shot.scale
    return min(max(430 / max(pixels, 1.0), 0.9), 1.6)


@dataclass(frozen=True, slots=True)
class Held:
    """A moment posed: shadow, reflection and picture of one frame share it."""

    t: float
    pose: Pose
    matrices: F32
    points: F32
    normals: F32
    skirts: tuple[Posed, ...]


@dataclass(slots=True)
class Puppet:
    """An Actor (base.py): what `build_actor` of both families returns.

    Attributes:
        scale: Metres per row unit.
        move: What it does.
        travel: Metres a second along its heading.
        decals: Painter of the face, constant.
        hands: Side -> bone and rest position of the palm.
        reach: Where a person's hands and feet are put by what it rides; None for animals.
        carried: Where it is carried: what it rides moves it then, and not its own travel.
    """

    steady: ClassVar[bool] = False

    placement: Placement
    body: Skinned
    skeleton: Skeleton
    scale: float
    move: Mover
    eyes: Eyes
    head: int
    decals: Painter
    furs: Sequence[Fur] = ()
    whiskers: Sequence[Whisker] = ()
    travel: float = 0.0
    skirts: Sequence[Skirt] = ()
    fill: float = 0.0  # light on the face (part 0) where the sun leaves it dark, ÷ the sun's
    hands: Mapping[str, tuple[int, F64]] = field(default_factory=dict)
    reach: Reach | None = None
    carried: Carried | None = None
    # The last few moments, newest first. Swapped whole: threads never see halves, at worst one poses again.
    _held: tuple[Held, ...] = field(default=(), init=False, repr=False)

    def at(self, t: float) -> Held:
        """Bones, vertices and normals in the world at t seconds."""
        recent = self._held
        for held in recent:
            if held.t == t:
                return held
        pose = self.move(t)
        world, origin = self._stands(t, pose)
        matrices = pose.frames.matrices(self.skeleton, world, origin)
        mesh = self.body.mesh
        points, normals = skin(matrices, self.body.bones, self.body.weights, mesh.vertices, mesh.normals)
        drape = pose.drape or Drape()
        ground = min(float(origin[1]), float(points[:, 1].min()))  # of one on a chair, the feet stand on it
        skirts = tuple(skirt.posed(drape, matrices[skirt.bone], ground) for skirt in self.skirts)
        held = Held(t, pose, matrices, points, normals, skirts)
        self._held = (held, *recent[:3])
        return held

    def _stands(self, t: float, pose: Pose) -> tuple[F64, F64]:
        """Creature axes -> world with its scale, and where its feet are."""
        place = self.placement
        if self.carried is not None:
            frame = self.carried(t)
            return self.scale * frame.turn @ MIRROR, frame.at
        way = self.travel * t
        origin = np.array([place.x + math.sin(place.heading) * way, place.y, place.z - math.cos(place.heading) * way])
        return world_of(place.heading + pose.yaw, self.scale), origin

    def upright(self, t: float) -> Frame:
        """The way it faces, upright, and where its feet are."""
        world, origin = self._stands(t, self.at(t).pose)
        return Frame(world @ MIRROR / self.scale, origin)

    def bone(self, t: float, name: str) -> Frame:
        """A bone's turn and the place of its joint."""
        matrix, number = self.at(t).matrices, self.skeleton.index[name]
        turn = matrix[number, :, :3].astype(np.float64) / self.scale
        at = matrix[number, :, :3] @ self.skeleton.joint[number] + matrix[number, :, 3]
        return Frame(turn @ MIRROR, np.asarray(at, np.float64))

    def hand(self, t: float, side: str) -> F64:
        """(3,) middle of a palm in the world; `both` is half way between the two."""
        if side == "both":
            return np.asarray((self.hand(t, "L") + self.hand(t, "R")) / 2)
        bone, rest = self.hands[side]
        matrix = self.at(t).matrices[bone]
        return np.asarray(matrix[:, :3] @ rest + matrix[:, 3], np.float64)

    def back(self, t: float, at: tuple[float, float, float]) -> Frame:
        """A place on an animal's back, ÷ its height in model axes: it follows the trunk."""
        bone = next(name for name in ("spine", "chest", "pelvis", "root") if name in self.skeleton.index)
        trunk = self.bone(t, bone)
        place = np.asarray(at) * self.placement.height
        number = self.skeleton.index[bone]
        rest = place - MIRROR @ self.skeleton.joint[number] * self.scale
        return Frame(trunk.turn, trunk.at + trunk.turn @ rest)

    def _measure(self, samples: Samples) -> None:
        """Rest positions are in row units, and so must be the footprint that fades their grain."""
        samples.footprint /= np.float32(self.scale)

    def _posed(self, held: Held, light: Light | None) -> tuple[Posed, ...]:
        catch, glint = (0.35, 0.38), 1.2
        if light is not None:
            towards = held.matrices[self.head, :, :3].T @ light.direction / self.scale
            catch = (0.40 * float(np.clip(1.6 * towards[0], -1, 1)), 0.36)
            glint = 0.25 + 0.9 * float(light.key.mean() + light.sky.mean()) * 0.6
        fill = self._reflector(light) if light is not None and self.fill else None
        eyes = self.eyes.at(held.pose.shut, held.pose.gaze, catch, glint)
        body = Posed(
            self.body.mesh,
            held.points,
            held.normals,
            (self._measure, self.decals, eyes.painter(), *([fill] if fill else ())),
        )
        return (body, *held.skirts)

    def _reflector(self, light: Light) -> Painter | None:
        """What a photographer holds up to a face that turns away from the sun: none is seen black against a sunset."""
        heading = self.placement.heading
        facing = float(light.direction @ np.array([math.sin(heading), 0.35, -math.cos(heading)], np.float32))
        strength = self.fill * min(max(0.75 - facing, 0.0), 1.0)
        glow = np.asarray((0.6 * light.key + 0.4 * light.key.mean() + 0.5 * light.sky) * strength, np.float32)
        if strength <= 0:
            return None

        def paint(s: Samples) -> None:
            face = s.part == 0
            s.emission[face] += s.colour[face] * glow

        return paint

    def posed(self, t: float) -> Sequence[Posed]:
        """Its meshes in the world at t seconds."""
        return self._posed(self.at(t), None)

    def draw(self, t: float, camera: Camera, light: Light, size: tuple[int, int], supersample: int) -> Drawn | None:
        """Lit, with its hairs; None when out of view."""
        drawn = draw(self.lit(t, light), camera, light, size, supersample, margin=self.margin(t, camera, size))
        if drawn is not None:
            self.dress(drawn, t, camera, light, size)
        return drawn

    def lit(self, t: float, light: Light) -> Sequence[Posed]:
        """Its meshes at t seconds, with what they have of this light."""
        return self._posed(self.at(t), light)

    def margin(self, t: float, camera: Camera, size: tuple[int, int]) -> int:
        """Pixels that its hairs stand out."""
        near = max(float(self.at(t).points[:, 2].min()) - camera.z, 0.1)
        pixels = camera.focal * size[1] / near * self.scale
        longest = max((float(f.length.max()) for f in self.furs), default=0.0)
        return 3 + math.ceil(max(longest, 0.07 if self.whiskers else 0.0) * pixels)

    def dress(self, drawn: Drawn, t: float, camera: Camera, light: Light, size: tuple[int, int]) -> None:
        """Comb its hairs over it, in place."""
        held = self.at(t)
        for fur in self.furs:
            comb(drawn, fur, self.body, held.matrices, (held.points, held.normals), (camera, size, light), self.scale)
        if self.whiskers:
            draw_whiskers(drawn, self.whiskers, held.matrices[self.head], camera, size, light)
