"""The subject of a reference picture as an actor: it stands in the scene, is lit by it, throws its shadow and moves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.pictures.cutout import RGBA, cut_out
from kineograph.engines.animatic.pictures.planes import RGB
from kineograph.engines.animatic.raster.materials import material
from kineograph.engines.animatic.raster.mesh import Drawn, Mesh, Posed
from kineograph.engines.animatic.shot import Placement, Shot, named_rng

_CELLS = 44  # of the relief's longer side: enough for a shadow and a mirror image
_BULGE = 0.16  # of the height: how far the middle of a flat picture is taken to stand out
_BROAD = 1.15  # width ÷ height above which something is made smaller, so that it is no larger than others beside it
_RELIT = 0.6  # how much of the light's direction is laid on: the picture has its own shading already


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the picture is at one moment: metres from its place, radians of lean, and factors of its size."""

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    lean: float = 0.0
    wide: float = 1.0
    tall: float = 1.0


@dataclass(frozen=True, slots=True)
class Reference:
    """A cut-out that stands upright and faces the camera.

    Attributes:
        pixels: (h, w, 4) linear premultiplied, about as large as it is seen.
        bulge: (h, w, 3) normals, world axes, of a body guessed behind the outline.
        relief: The same body as a coarse mesh, feet at the origin, metres.
        height: Metres.
        phase: Radians, its own.
    """

    steady: ClassVar[bool] = False

    placement: Placement
    pixels: F32
    bulge: F32
    relief: Mesh
    height: float
    phase: float

    def pose(self, t: float) -> Pose:
        """How it moves at t seconds: a picture cannot bend its knees, but it can breathe, hop, lean and glide."""
        placement, beat = self.placement, 2 * math.pi * t
        along = placement.velocity * t
        x, z = math.sin(placement.heading) * along, -math.cos(placement.heading) * along
        action = placement.subject.action
        if action in ("walk", "run"):
            pace = 1.6 if action == "walk" else 2.6
            step = abs(math.sin(0.5 * beat * pace + self.phase))
            return Pose(x, 0.045 * self.height * step, z, 0.045 * math.sin(0.5 * beat * pace + self.phase))
        if action in ("jump", "play"):
            u = (t * 0.9 + self.phase / (2 * math.pi)) % 1
            high = max(0.0, math.sin(math.pi * min(u / 0.7, 1.0)))
            squash = 0.06 * math.sin(math.pi * (u - 0.7) / 0.3) if u > 0.7 else 0.0
            return Pose(x, 0.16 * self.height * high, z, 0.0, 1 + squash, 1 - squash)
        if action in ("spin", "rotate", "dance", "wave"):
            turn = math.sin(beat / 3.2 + self.phase)
            lean = 0.06 * turn if action in ("dance", "wave") else 0.0
            return Pose(x, 0.0, z, lean, math.cos(0.6 * turn), 1.0)
        breath = math.sin(beat / 3.4 + self.phase)
        return Pose(x, 0.0, z, 0.008 * math.sin(beat / 5.3 + self.phase), 1 - 0.004 * breath, 1 + 0.008 * breath)

    def posed(self, t: float) -> Sequence[Posed]:
        """The relief in world space: for shadows and mirror images."""
        pose, rest = self.pose(t), self.relief.vertices
        sine, cosine = math.sin(pose.lean), math.cos(pose.lean)
        across, up = rest[:, 0] * pose.wide, rest[:, 1] * pose.tall
        vertices = np.stack((across * cosine + up * sine, up * cosine - across * sine, rest[:, 2]), axis=1)
        vertices += (self.placement.x + pose.x, self.placement.y + pose.y, self.placement.z + pose.z)
        return (Posed(self.relief, np.ascontiguousarray(vertices, np.float32), self.relief.normals),)

    def draw(
        self,
        t: float,
        camera: Camera,
        light: Light,
        size: tuple[int, int],
        supersample: int,  # noqa: ARG002 smooth already
    ) -> Drawn | None:
        """Lit and ready to composite; None when out of view."""
        pose = self.pose(t)
        foot = (self.placement.x + pose.x, self.placement.y + pose.y, self.placement.z + pose.z)
        depth = foot[2] - camera.z
        if depth < 0.2:
            return None
        at = camera.project(np.array([foot], np.float32), *size)[0]
        metre = camera.focal * size[1] / depth
        affine = self._placed(pose, float(at[0]), float(at[1]), metre)
        box = _box(affine, self.pixels.shape[1], self.pixels.shape[0], size)
        if box is None:
            return None
        x, y, width, height = box
        affine[:, 2] -= (x, y)
        pixels, bulge = (
            cv2.warpAffine(layer, affine, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT)
            for layer in (self.pixels, self.bulge)
        )
        rgba = _lit(np.clip(np.asarray(pixels, np.float32), 0, None), np.asarray(bulge, np.float32), light, depth)
        return Drawn(x, y, rgba, np.where(rgba[..., 3] > 0.5, np.float32(depth), np.float32(np.inf)))

    def _placed(self, pose: Pose, x: float, y: float, metre: float) -> F32:
        """Affine map from the cut-out's pixels to the picture's, pixel centres at whole numbers."""
        rows, columns = self.pixels.shape[:2]
        scale = self.height * metre / rows
        sine, cosine = math.sin(pose.lean), math.cos(pose.lean)
        a, b = scale * pose.wide, scale * pose.tall
        matrix = np.array([[a * cosine, -b * sine], [a * sine, b * cosine]], np.float64)
        anchor = matrix @ np.array([(columns - 1) / 2, rows - 0.5])
        return np.asarray(np.column_stack((matrix, np.array([x - 0.5, y - 0.5]) - anchor)), np.float32)


def build_actor(placement: Placement, shot: Shot, image: RGB | RGBA) -> Reference:
    """The picture's subject in the placement's place.

    Args:
        placement: Its height is the subject's; something broad is made as much smaller as it is broader.
        image: As loaded, any size; its own transparency is used where it has any.
    """
    cut = cut_out(image)
    rows, columns = cut.shape[:2]
    height = placement.height / max(1.0, columns / rows / _BROAD)
    seen = height * shot.rest.focal * shot.shading_size[1] / max(placement.z - shot.rest.z, 0.5)
    scale = min(1.0, max(seen * 1.3, 16) / rows)
    pixels = _linear(cut)
    if scale < 1:
        small = (max(2, round(columns * scale)), max(2, round(rows * scale)))
        pixels = np.asarray(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), np.float32)
    body = _body(pixels[..., 3])
    phase = float(named_rng(placement.seed, "reference").uniform(0, 2 * math.pi))
    return Reference(placement, pixels, _normals(body), _relief(pixels, body, height), height, phase)


def _linear(cut: RGBA) -> F32:
    """Linear premultiplied, (h, w, 4), by the sRGB transfer (IEC 61966-2-1)."""
    colour, alpha = cut[..., :3].astype(np.float32) / 255, cut[..., 3:].astype(np.float32) / 255
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return np.concatenate((linear * alpha, alpha), axis=2, dtype=np.float32)


def _body(alpha: F32) -> F32:
    """How far each pixel stands out, in heights: an inflated cushion within the outline."""
    inside = np.pad((alpha > 0.5).astype(np.uint8), 1)
    distance = np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, 5), np.float32)[1:-1, 1:-1]
    reach = max(float(distance.max()), 1.0)
    round_ = np.sqrt(np.clip(1 - (1 - np.clip(distance / reach, 0, 1)) ** 2, 0, 1))
    return np.asarray(cv2.GaussianBlur(round_ * _BULGE, (0, 0), alpha.shape[0] / 60), np.float32)


def _normals(body: F32) -> F32:
    """(h, w, 3) unit normals of the cushion, towards the viewer (-z) in its middle."""
    rows = body.shape[0]
    slope_x = cv2.Sobel(body, cv2.CV_32F, 1, 0, scale=1 / 8) * rows
    slope_y = cv2.Sobel(body, cv2.CV_32F, 0, 1, scale=1 / 8) * rows
    normal = np.dstack((-slope_x, slope_y, -np.ones_like(body)))
    return np.asarray(normal / np.linalg.norm(normal, axis=2, keepdims=True), np.float32)


def _relief(pixels: F32, body: F32, height: float) -> Mesh:
    """Front and back of the cushion as a mesh, feet at the origin."""
    rows, columns = body.shape
    scale = _CELLS / max(rows, columns)
    size = (max(2, round(columns * scale)), max(2, round(rows * scale)))
    alpha = cv2.resize(pixels[..., 3], size, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)[..., :3] / np.maximum(alpha, 0.05)[..., None]
    thick = cv2.resize(body, size, interpolation=cv2.INTER_AREA) * height
    y, x = np.mgrid[: size[1], : size[0]].astype(np.float32)
    cell = height / size[1]
    flat = np.stack(((x + 0.5 - size[0] / 2) * cell, (size[1] - 1 - y) * cell, -thick), axis=2).reshape(-1, 3)
    ids = np.arange(size[0] * size[1]).reshape(size[1], size[0])
    solid = (alpha > 0.5).astype(np.uint8)
    quads = (solid[:-1, :-1] & solid[1:, :-1] & solid[:-1, 1:] & solid[1:, 1:]).astype(bool)
    a, b, c, d = (part[quads] for part in (ids[:-1, :-1], ids[:-1, 1:], ids[1:, 1:], ids[1:, :-1]))
    front = np.concatenate((np.stack((a, b, c), 1), np.stack((a, c, d), 1)))
    count = len(flat)
    vertices = np.concatenate((flat, flat * (1, 1, -1)))
    triangles = np.concatenate((front, front[:, ::-1] + count))
    normals = np.concatenate((np.tile((0, 0, -1), (count, 1)), np.tile((0, 0, 1), (count, 1))))
    both = np.tile(np.clip(colour, 0, 1).reshape(-1, 3), (2, 1))
    return Mesh(
        vertices=np.ascontiguousarray(vertices, np.float32),
        normals=np.ascontiguousarray(normals, np.float32),
        triangles=np.ascontiguousarray(triangles, np.int32),
        colour=np.ascontiguousarray(both, np.float32),
        occlusion=np.ones(2 * count, np.float32),
        material=np.full(len(triangles), material("paper"), np.uint8),
        rest=np.ascontiguousarray(vertices, np.float32),
        uv=np.zeros((2 * count, 2), np.float32),
        part=np.zeros(len(triangles), np.uint16),
    )


def _lit(pixels: F32, normals: F32, light: Light, depth: float) -> F32:
    """The cut-out under the scene's light, seen through its air."""
    steep = np.clip((normals @ light.direction + 0.35) / 1.35, 0, 1)[..., None]
    up = (0.5 + 0.5 * normals[..., 1])[..., None]
    shaded = light.key * steep + light.sky * up + light.bounce * (1 - up)
    even = light.key * np.float32(0.45) + (light.sky + light.bounce) * np.float32(0.5)
    # Never quite black: whoever was sent in has to be recognised by moonlight too.
    even = np.maximum(even, np.float32(0.04))
    through = np.float32(math.exp(-light.haze_density * depth))
    out = np.empty_like(pixels)
    alpha = np.clip(pixels[..., 3:], 0, 1)
    lit = np.minimum(pixels[..., :3], alpha) * (even + _RELIT * (shaded - even))
    out[..., :3] = lit * through + light.haze * (1 - through) * alpha
    out[..., 3:] = alpha
    return out


def _box(affine: F32, columns: int, rows: int, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """x, y, width, height of the picture's part that the cut-out covers; None if it is all outside."""
    corners = np.array([(-1, -1, 1), (columns, -1, 1), (-1, rows, 1), (columns, rows, 1)], np.float32) @ affine.T
    low, high = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int) + 1
    x, y = max(int(low[0]), 0), max(int(low[1]), 0)
    width, height = min(int(high[0]), size[0]) - x, min(int(high[1]), size[1]) - y
    return (x, y, width, height) if width > 0 and height > 0 else None
