"""What is offered: the models, and the body each of them takes."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kineograph.api.auth import caller
from kineograph.api.openapi import input_schema
from kineograph.api.query import Query
from kineograph.api.reply import reply
from kineograph.api.service import Service
from kineograph.core.errors import InvalidRequest, NotFound, UnknownModel
from kineograph.core.keys import Scope
from kineograph.core.models import Model
from kineograph.core.request import FPS, PROMPT_MAX, Role

OPERATION = "video_generation"
_CREATED = 1_763_078_400  # Unix seconds; the OpenAI list shape wants one, and the catalogue has no dates


class Offers:
    """GET /v1/models, /v1/models/{id} and /v1/model-schema."""

    def __init__(self, service: Service) -> None:
        self._tasks = service.tasks

    async def models(self, request: Request) -> Response:
        """All models, in the operator's order."""
        caller(request, Scope.READ)
        return reply({"object": "list", "data": [shape(model) for model in self._tasks.catalogue.models]})

    async def model(self, request: Request) -> Response:
        """One model; 404 if there is none of that name."""
        caller(request, Scope.READ)
        try:
            return reply(shape(self._tasks.model(request.path_params["model"])))
        except UnknownModel as error:
            raise NotFound(error.message, param="model", reason=error.reason) from None

    async def schema(self, request: Request) -> Response:
        """JSON Schema of a model's body."""
        caller(request, Scope.READ)
        query = Query(request)
        operation = query.choice("operation", (OPERATION,)) or OPERATION
        name = query.text("model")
        if name is None:
            raise InvalidRequest(
                "model is missing; add ?model=<name>, GET /v1/models lists them", param="model", reason="missing_model"
            )
        model = self._tasks.model(name)
        return reply({"model": model.name, "operation": operation, "input_schema": input_schema(model)})


def shape(model: Model) -> dict[str, Any]:
    """A model in OpenAI's shape, with what it can do and its limits beside."""
    first, last, reference = (role in model.roles for role in (Role.FIRST_FRAME, Role.LAST_FRAME, Role.REFERENCE))
    shortest, longest = model.durations
    return {
        "id": model.name,
        "object": "model",
        "created": _CREATED,
        "owned_by": model.engine,
        "description": model.description,
        "engine": model.engine,
        "capabilities": {
            "text_to_video": True,
            "first_frame": first,
            "last_frame": first and last,
            "reference": reference,
            "cancel": True,
            "progress": True,
        },
        "limits": {
            "duration": {"min": shortest, "max": longest},
            "resolutions": list(model.resolutions),
            "aspect_ratios": list(model.aspect_ratios),
            "reference_resolutions": [name for name in model.resolutions if name != "1080p"] if reference else [],
            "fps": FPS,
            "prompt_characters": PROMPT_MAX,
            "estimated_time": model.estimate,
        },
    }
