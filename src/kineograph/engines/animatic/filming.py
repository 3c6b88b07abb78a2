"""One order on its way to a film: compile, direct, build, render, encode, with a progress that others can read."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import cast

import cv2

from kineograph.core.errors import Interrupted
from kineograph.core.request import FPS, Role
from kineograph.engines.animatic import heap
from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.cut import joined, shots_of
from kineograph.engines.animatic.direct import Tier
from kineograph.engines.animatic.film.watermark import marked
from kineograph.engines.animatic.pictures import first_frame, morph, reference
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.stage import Film, Stage, build_actor, build_setting
from kineograph.engines.animatic.subjects.base import Actor
from kineograph.engines.animatic.understood import facts_of
from kineograph.engines.base import Made, Order
from kineograph.media.decode import crop_to, load, load_alpha
from kineograph.media.encode import encode
from kineograph.media.frame import Frame
from kineograph.media.poster import jpeg, png, still

THREADS = min(2, os.cpu_count() or 1)
AHEAD = 3  # frames being made or waiting, beyond those in the threads: what bounds memory
PREVIEW_SIDE = 480  # pixels
BUILT = 0.10  # progress when the stage stands
RENDERED = 0.98  # progress when the last frame is made


class Filming:
    """Runs in a thread of its own; `progress`, `phase`, `preview` and `stop` are for others.

    Args:
        order: Its folder receives `video.mp4` and, if asked for, `last_frame.png`.
    """

    def __init__(self, order: Order) -> None:
        self.order = order
        self.progress = 0.0
        self.phase = "compiling"
        self._stopped = False
        self._latest: Frame | None = None
        # Our parallelism is by frame; OpenCV's own threads would only be in each other's way.
        cv2.setNumThreads(1)
        heap.keep()

    def run(self) -> Made:
        """Make the film.

        Raises:
            Interrupted: after `stop`.
            EngineError: the encoder refused, or a given picture cannot be used.
        """
        request = self.order.request
        spec = compile_prompt(request.prompt, request.negative_prompt)
        if Role.REFERENCE in self.order.images and not spec.subjects:
            spec = replace(spec, subjects=(SubjectSpec("given", "picture"),))
        if Role.FIRST_FRAME in self.order.images:
            spec = replace(spec, then=None, seasons=())  # the picture is the scene
        shots = shots_of(
            spec,
            width=self.order.width,
            height=self.order.height,
            frames=request.frames,
            seed=request.seed,
            tier=cast(Tier, self.order.options.get("tier", "fast")),
            camera_fixed=request.camera_fixed,
        )
        self._reach(0.01, "building")
        film = joined([partial(self._build, shot) for shot in shots], shots)
        heap.give_back()  # what building needed
        self._reach(BUILT, "rendering")
        video = self.order.folder / "video.mp4"
        encode(self._frames(film, request.frames), fps=Fraction(FPS), path=video, sharp=film.sharp)
        return Made(video, self._last_frame(), facts_of(spec))

    def stop(self) -> None:
        """Stop at the next frame."""
        self._stopped = True

    def preview(self) -> bytes | None:
        """The newest frame as a small JPEG; None before the first."""
        return jpeg(still(self._latest), side=PREVIEW_SIDE) if self._latest is not None else None

    def _reach(self, progress: float, phase: str) -> None:
        if self._stopped:
            raise Interrupted("the order was withdrawn", retryable=False)
        if progress >= self.progress:  # the second scene of a film is built while it is rendered
            self.progress, self.phase = progress, phase

    def _build(self, shot: Shot) -> Film:
        images = self.order.images
        if Role.FIRST_FRAME in images:
            return self._build_pictures(shot)
        setting = build_setting(shot)
        self._reach(BUILT * 0.6, "building")
        actors: list[Actor] = []
        for number, placement in enumerate(shot.placements):
            if number == 0 and Role.REFERENCE in images:
                actors.append(reference.build_actor(placement, shot, load_alpha(images[Role.REFERENCE])))
            else:
                actors.append(build_actor(placement, shot))
            self._reach(BUILT * (0.6 + 0.4 * (number + 1) / len(shot.placements)), "building")
        return Stage(shot, setting, actors)

    def _build_pictures(self, shot: Shot) -> Film:
        """A film from a first frame, or from a first and a last one, cropped to the film's shape."""
        size = (shot.width, shot.height)
        first, last = (
            crop_to(load(self.order.images[role]), *size) if role in self.order.images else None
            for role in (Role.FIRST_FRAME, Role.LAST_FRAME)
        )
        assert first is not None
        return first_frame.build(shot, first) if last is None else morph.build(shot, first, last)

    def _frames(self, film: Film, count: int) -> Iterator[Frame]:
        """Frames in order, made by a pool a few ahead of the encoder."""
        with ThreadPoolExecutor(THREADS, "render") as pool:
            coming: deque[Future[Frame]] = deque()
            try:
                for index in range(count):
                    coming.append(pool.submit(film.frame, index))
                    if len(coming) > THREADS + AHEAD:
                        yield self._finished(coming.popleft(), count)
                while coming:
                    yield self._finished(coming.popleft(), count)
            finally:
                for future in coming:
                    future.cancel()

    def _finished(self, future: Future[Frame], count: int) -> Frame:
        frame = future.result()
        self._latest = frame
        self._reach(self.progress + (RENDERED - BUILT) / count, "rendering")
        if self.progress >= RENDERED - 1e-6:
            self.phase = "encoding"
        return marked(frame) if self.order.request.watermark else frame

    def _last_frame(self) -> Path | None:
        """The last frame as PNG, without the watermark, if it was asked for."""
        if not self.order.request.return_last_frame:
            return None
        assert self._latest is not None
        return png(self._latest, self.order.folder / "last_frame.png")
