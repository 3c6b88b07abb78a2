"""The catalogue: public model names, what each can do, and which engine makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from kineograph.core.errors import UnknownModel, Unsupported
from kineograph.core.pricing import PriceTable
from kineograph.core.request import ADAPTIVE, ASPECT_RATIOS, RESOLUTIONS, Role, VideoRequest

ALL_ROLES = frozenset(Role)


class Limits(Protocol):
    """What a model, or one engine of it, takes."""

    @property
    def roles(self) -> frozenset[Role]: ...  # noqa: D102
    @property
    def durations(self) -> tuple[int, int]: ...  # noqa: D102
    @property
    def resolutions(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def aspect_ratios(self) -> tuple[str, ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Route:
    """One engine that makes a model's films, and which of them.

    Attributes:
        options: Handed to the engine, e.g. the upstream's own name of the model.
        frames: It makes films that are not whole seconds.
        prices: What the film costs us there; of any model, for this is a route of one.
        most: Micros that a film may cost us there; dearer ones go to the next engine. None = whatever it costs.
    """

    engine: str
    options: Mapping[str, str] = field(default_factory=dict)
    roles: frozenset[Role] = ALL_ROLES
    durations: tuple[int, int] = (2, 12)
    resolutions: tuple[str, ...] = RESOLUTIONS
    aspect_ratios: tuple[str, ...] = ASPECT_RATIOS
    frames: bool = True
    prices: PriceTable = PriceTable()  # noqa: RUF009 - frozen
    most: int | None = None

    def check(self, request: VideoRequest) -> None:
        """Refuse what this engine cannot do, or not for this money. Raises Unsupported."""
        check_limits(f"the engine {self.engine!r}", self, request)
        if request.frame_count is not None and not self.frames:
            raise Unsupported(
                f"the engine {self.engine!r} makes films of whole seconds; send duration instead of frames",
                param="frames",
                reason="frames_unsupported",
            )
        cost = self.prices.cost(request)
        if self.most is not None and cost is not None and cost.amount > self.most:
            raise Unsupported(
                f"such a film is too dear to be made by the engine {self.engine!r}; "
                "send a smaller resolution or a shorter duration",
                reason="too_dear",
            )

    def serves(self, request: VideoRequest) -> bool:
        """Whether it would make this one."""
        try:
            self.check(request)
        except Unsupported:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Model:
    """A public name and its limits. What is not in here is refused at submit, never in the worker.

    Attributes:
        name: What callers write.
        engine: Name of the engine that makes it; of the first one, where there are routes.
        routes: The engines that may make it, in the operator's order; none = `engine` alone, without further limits.
        options: Handed to the engine as they are, e.g. {"tier": "fast"}.
        roles: Image roles it takes.
        durations: Shortest and longest film in whole seconds, both included.
        aliases: Its names in other dialects; the first is the one shown there.
        running_cap: Films of this model that may be made at once, over all workers; None = as many as there are workers.
        estimate: Typical seconds from running to finished for 5 s at 1080p; the base of `estimated_time`.
    """

    name: str
    engine: str
    description: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    roles: frozenset[Role] = ALL_ROLES
    durations: tuple[int, int] = (2, 12)
    resolutions: tuple[str, ...] = RESOLUTIONS
    aspect_ratios: tuple[str, ...] = ASPECT_RATIOS
    estimate: int = 60
    aliases: tuple[str, ...] = ()
    running_cap: int | None = None
    routes: tuple[Route, ...] = ()

    @property
    def engines(self) -> tuple[str, ...]:
        """Names of all engines that may make it."""
        return tuple(route.engine for route in self.routes) or (self.engine,)

    def options_of(self, engine: str) -> Mapping[str, str]:
        """What the engine is told."""
        found = next((route.options for route in self.routes if route.engine == engine), {})
        return {**self.options, **found}

    def engine_for(self, request: VideoRequest, after: str | None = None) -> str | None:
        """The first engine that would make this one; of those after the named one, if one is. None if there is none."""
        names = self.engines
        start = names.index(after) + 1 if after in names else len(names) if after else 0
        if not self.routes:
            return self.engine if start == 0 else None
        return next((route.engine for route in self.routes[start:] if route.serves(request)), None)

    def check(self, request: VideoRequest) -> None:
        """Refuse what this model cannot do.

        Raises:
            Unsupported: with the field, the value and the way out.
        """
        if self.routes and self.engine_for(request) is None:
            self.routes[0].check(request)
        check_limits(self.name, self, request)
        self._check_images(request)

    def _check_images(self, request: VideoRequest) -> None:
        if request.image(Role.REFERENCE) and request.resolution == "1080p":
            raise Unsupported(
                "resolution '1080p' is not supported with a reference image; use 480p or 720p",
                param="resolution",
                reason="reference_at_1080p",
            )
        if request.image(Role.LAST_FRAME) and not request.image(Role.FIRST_FRAME):
            raise Unsupported(
                "a last_frame image needs a first_frame image beside it",
                param="image_with_roles",
                reason="last_frame_alone",
            )
        if request.image(Role.REFERENCE) and request.image(Role.FIRST_FRAME):
            raise Unsupported(
                "first_frame and reference images cannot be used together; send one of the two",
                param="image_with_roles",
                reason="first_frame_with_reference",
            )
        if request.aspect_ratio == ADAPTIVE and not request.images:
            raise Unsupported(
                "aspect_ratio 'adaptive' follows the first image, and there is none; "
                f"use one of {', '.join(self.aspect_ratios)}",
                param="aspect_ratio",
                reason="adaptive_without_image",
            )


def check_limits(who: str, limits: Limits, request: VideoRequest) -> None:
    """Refuse what is outside the limits. Raises Unsupported.

    Args:
        who: Whose limits, for the message.
    """
    shortest, longest = limits.durations
    if not shortest <= request.duration <= longest:
        raise Unsupported(
            f"duration {request.duration} is outside {shortest}–{longest} seconds of {who}",
            param="duration",
            reason="invalid_duration",
        )
    if request.resolution not in limits.resolutions:
        raise Unsupported(
            f"resolution {request.resolution!r} is not offered by {who}; use one of {', '.join(limits.resolutions)}",
            param="resolution",
            reason="invalid_resolution",
        )
    if request.aspect_ratio != ADAPTIVE and request.aspect_ratio not in limits.aspect_ratios:
        raise Unsupported(
            f"aspect_ratio {request.aspect_ratio!r} is not offered by {who}; "
            f"use one of {', '.join(limits.aspect_ratios)}",
            param="aspect_ratio",
            reason="invalid_aspect_ratio",
        )
    for image in request.images:
        if image.role not in limits.roles:
            raise Unsupported(
                f"{who} does not take a {image.role} image; "
                + ("use doubao-seedance-1-0-pro-quality" if image.role is Role.LAST_FRAME else "leave it out"),
                param="image_with_roles",
                reason=f"{image.role}_unsupported",
            )


class Catalogue:
    """The models an operator offers, by name."""

    def __init__(self, models: tuple[Model, ...]) -> None:
        self._models = {model.name: model for model in models}

    @property
    def models(self) -> tuple[Model, ...]:
        """All of them, in the operator's order."""
        return tuple(self._models.values())

    def find(self, name: str) -> Model:
        """The model of that name.

        Raises:
            UnknownModel: with the names there are.
        """
        try:
            return self._models[name]
        except KeyError:
            names = ", ".join(self._models)
            raise UnknownModel(f"no model {name[:100]!r}; try one of {names}", param="model") from None

    def called(self, name: str) -> Model:
        """The model of that name in any dialect; its own name goes before another's alias. Raises UnknownModel."""
        alias = (model for model in self.models if name in model.aliases)
        return self._models.get(name) or next(alias, None) or self.find(name)


FAST = "doubao-seedance-1-0-pro-fast"
QUALITY = "doubao-seedance-1-0-pro-quality"

# The seed's two models, made by the built-in engine until the operator's configuration says otherwise.
DEFAULT_MODELS = (
    Model(
        FAST,
        engine="animatic",
        description="Fast version, quick generation, suitable for preview and iteration",
        options={"tier": "fast"},
        roles=frozenset({Role.FIRST_FRAME, Role.REFERENCE}),
        aliases=("doubao-seedance-1-0-pro-fast-251015", "seedance-1-0-pro-fast-251015"),
        estimate=20,
    ),
    Model(
        QUALITY,
        engine="animatic",
        description="High-quality version, longer generation time, better quality",
        options={"tier": "quality"},
        aliases=("doubao-seedance-1-0-pro-250528", "seedance-1-0-pro-250528"),
        estimate=60,
    ),
)
