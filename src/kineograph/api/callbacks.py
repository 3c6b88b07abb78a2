"""What a callback says: the body of GET /v1/tasks/{task_id} as it was just after the change."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from pydantic_core import to_json

from kineograph.api import ark_render, openai_render
from kineograph.api.links import Links, Signer
from kineograph.api.render import as_it_stood, estimate_of, render
from kineograph.core.deliveries import Delivery, Via
from kineograph.core.models import Catalogue
from kineograph.core.ports import Event
from kineograph.core.request import ARK, OPENAI
from kineograph.core.task import TERMINAL, Status, Task


class Callbacks:
    """Bodies of callbacks.

    Args:
        base: Links begin with it; None = with the address under which the caller reached us.
        fallback: Where that is not known.
        link_ttl: Seconds a result link lives.
        clock: Unix seconds.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        signer: Signer,
        *,
        base: str | None,
        fallback: str,
        link_ttl: int,
        clock: Callable[[], float],
    ) -> None:
        self._catalogue, self._signer = catalogue, signer
        self._base, self._fallback, self._ttl, self._clock = base, fallback, link_ttl, clock

    def body(self, task: Task, delivery: Delivery) -> bytes:
        """JSON. Links are fresh at every try, the rest is the same. To a `callback_url` also what changed, when, and a number
        that grows from change to change."""
        links = Links((self._base or task.request.base_url or self._fallback).rstrip("/"), self._signer, self._ttl)
        then = task if delivery.status in TERMINAL else as_it_stood(task, _change(delivery))
        if delivery.via is Via.CALLBACK_URL and (told := self._of_another_dialect(then, links)) is not None:
            return to_json(told, inf_nan_mode="null")
        data = render(then, links, self._clock(), estimate=estimate_of(self._catalogue, task))
        if delivery.via is Via.WEBHOOK:
            return to_json({"code": 200, "data": data}, inf_nan_mode="null")
        at = datetime.datetime.fromtimestamp(delivery.happened_at, tz=datetime.UTC)
        about = {
            "type": f"task.{data['status']}",
            "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        return to_json({"code": 200, **about, "data": data | {"sequence": delivery.event}}, inf_nan_mode="null")

    def _of_another_dialect(self, task: Task, links: Links) -> dict[str, Any] | None:
        """Whoever asked in another dialect is told in it: the body of its own GET, as its clients read it."""
        if task.request.dialect == ARK:
            return ark_render.render(task, links, self._clock(), self._catalogue)
        return openai_render.render(task) if task.request.dialect == OPENAI else None


def _change(delivery: Delivery) -> Event:
    """Before its end only a task's coming and its first start are told of: how far it was then is known."""
    waits = delivery.status is Status.QUEUED
    return Event(
        id=delivery.event,
        task_id=delivery.task_id,
        account_id=delivery.account_id,
        sequence=delivery.sequence,
        status=delivery.status,
        progress=0.0,
        phase="queued" if waits else "starting",
        attempt=0 if waits else 1,
        at=delivery.happened_at,
    )
