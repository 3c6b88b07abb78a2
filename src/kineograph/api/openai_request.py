"""From OpenAI's body to a VideoRequest, and from an earlier video to its remix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kineograph.api.body import Document
from kineograph.api.desk import Desk, drawn, split, without_null
from kineograph.api.native_models import checked
from kineograph.api.native_request import role_entries
from kineograph.api.openai_models import FIELDS, REMEDIES, SIZE_NAMES, OpenAIBody, RemixBody, read
from kineograph.core.errors import InvalidRequest, NotFound
from kineograph.core.models import FAST, Catalogue, Model
from kineograph.core.request import FPS, OPENAI, ImageInput, Role, VideoRequest, seconds_of
from kineograph.core.task import Task


async def to_request(document: Document, desk: Desk, catalogue: Catalogue, *, form: bool) -> VideoRequest:
    """The request a body means.

    Args:
        form: The body was a form, where every value is a text.

    Raises:
        InvalidRequest: with field, value and remedy; nothing was stored or fetched.
        UnknownModel: no such model under any name.
    """
    known, ignored = split(without_null(document), FIELDS)
    body = checked(OpenAIBody, read(known, form=form), REMEDIES)
    model = catalogue.called(body.model) if body.model is not None else _default(catalogue)
    resolution, ratio = SIZE_NAMES[body.size]
    field, entries = _images(body)
    desk.check_callback("callback_url", body.callback_url)
    desk.check_callback("webhook", body.webhook)
    frames = body.num_frames
    return VideoRequest(
        model=model.name,
        called=body.model if body.model != model.name else None,
        prompt=body.prompt,
        seed=drawn(body.seed),
        duration=body.seconds if frames is None else seconds_of(frames),
        frame_count=frames if frames is not None and frames % FPS else None,
        resolution=resolution,
        aspect_ratio=ratio,
        images=tuple([ImageInput(role, await desk.source(field, url)) for role, url in entries]),
        negative_prompt=(body.negative_prompt or "").strip() or None,
        watermark=body.watermark,
        camera_fixed=body.camera_fixed,
        return_last_frame=body.return_last_frame,
        callback_url=body.callback_url,
        webhook=body.webhook,
        base_url=desk.base_url if body.callback_url or body.webhook else None,
        priority=body.priority,
        metadata=body.metadata,
        ignored=ignored,
        dialect=OPENAI,
    )


def images_field(document: Document) -> str:
    """The field that holds the images of this body."""
    return next((name for name in ("image_with_roles", "image_reference") if name in document), "input_reference")


async def to_remix(document: Document, task: Task, desk: Desk) -> VideoRequest:
    """The request of an earlier task with other words; its images are taken as they are now. Raises InvalidRequest."""
    known, ignored = split(without_null(document), RemixBody.model_fields)
    body = checked(RemixBody, known, REMEDIES)
    images = [replace(image, source=await _again(image.source, desk)) for image in task.request.images]
    return replace(
        task.request,
        prompt=body.prompt,
        images=tuple(images),
        ignored=ignored,
        dialect=OPENAI,
        called=task.request.called if task.request.dialect == OPENAI else None,
        callback_url=None,
        webhook=None,
        base_url=None,
        metadata={},
        start_at=None,
        expires_after=None,
        remix_of=task.id,
    )


async def _again(source: str, desk: Desk) -> str:
    if not source.startswith("file:"):
        return source
    try:
        return await desk.copied(source.removeprefix("file:"))
    except NotFound:
        raise InvalidRequest(
            "an image of this video is gone by now; create a new video with the image", reason="image_expired"
        ) from None


def _default(catalogue: Catalogue) -> Model:
    """For who names no model: the quick one, or whatever the operator put first."""
    return next((model for model in catalogue.models if model.name == FAST), catalogue.models[0])


def _images(body: OpenAIBody) -> tuple[str, Sequence[tuple[Role, str]]]:
    """The field the images came in, and role and URL of each. Raises InvalidRequest."""
    given = {
        "input_reference": body.input_reference and [(Role.FIRST_FRAME, body.input_reference.image_url)],
        "image_reference": body.image_reference and [(Role.FIRST_FRAME, body.image_reference.image_url)],
        "image_with_roles": body.image_with_roles and role_entries(body.image_with_roles),
    }
    found = [(name, entries) for name, entries in given.items() if entries]
    if len(found) > 1:
        raise InvalidRequest(
            f"{found[0][0]} and {found[1][0]} cannot be used together; send one of the two",
            param=found[0][0],
            reason="several_references",
        )
    return found[0] if found else ("input_reference", [])
