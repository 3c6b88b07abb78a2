"""GET /metrics: what Prometheus reads. From the fleet's own sums, so that a scrape costs the same behind any backlog."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope as AsgiScope

from kineograph.api.auth import SCOPE_KEY, caller
from kineograph.api.edge import header
from kineograph.core.fleet import LOCAL, Fleet
from kineograph.core.keys import Scope
from kineograph.telemetry import subscribe

PATH = "/metrics"
LAG = 2.0  # seconds; a transaction that began before the last scrape is committed by then
WAITS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)  # seconds
RUNS = (1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800)
REQUESTS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
_ID = re.compile(
    r"(/v1/(?:tasks|files|models|admin/workers|admin/queues|admin/keys))/.+?(/(?:cancel|events|event-link|drain|resume|pause|cap|rotate))?$"
)
_KNOWN = re.compile(r"^/(v1/[a-z/-]{1,40}|healthz|readyz|metrics|balance|user/balance|openapi\.json)?$")


class Metrics:
    """The service's figures. Of the fleet every node tells the same: take the maximum over nodes, not the sum. Requests and
    submits are each node's own.

    Args:
        free: Bytes left for films, None where nobody knows.
    """

    def __init__(self, fleet: Fleet, free: Callable[[], int | None] = lambda: None) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

        self._fleet, self._free = fleet, free
        self._until: float | None = None
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"kineo_{name}", text, labels, registry=registry)

        self._tasks = gauge("tasks", "Unfinished tasks.", "queue", "model", "state")
        self._runnable = gauge("tasks_runnable", "Waiting tasks that could start, were there workers.", "queue")
        self._oldest = gauge("queue_oldest_wait_seconds", "For how long the first task waits.", "queue")
        self._paused = gauge("queue_paused", "1 while the operator paused it.", "queue")
        self._workers = gauge("workers", "Workers.", "queue", "state")
        self._room = gauge("storage_free_bytes", "Left on the fullest disk.")
        self._submits = Counter("kineo_tasks_submitted", "Accepted by this node.", ("model",), registry=registry)
        self._ends = Counter(
            "kineo_tasks_ended", "Finished tasks.", ("queue", "model", "status", "reason"), registry=registry
        )
        self._waits = Histogram(
            "kineo_task_wait_seconds", "Until the first start.", ("queue",), buckets=WAITS, registry=registry
        )
        self._runs = Histogram(
            "kineo_task_run_seconds", "From the first start to the end.", ("model",), buckets=RUNS, registry=registry
        )
        self._requests = Histogram(
            "kineo_http_request_seconds",
            "Answers of this node.",
            ("method", "route", "status"),
            buckets=REQUESTS,
            registry=registry,
        )

    def listen(self) -> Callable[[], None]:
        """Count what happens in this process from now on. Returns the way to stop."""
        return subscribe(self._hear)

    def _hear(self, name: str, fields: dict[str, Any]) -> None:
        if name == "http.request":
            method = fields["method"] if fields["method"] in {"GET", "POST", "DELETE", "HEAD"} else "other"
            self._requests.labels(method, route_of(fields["path"]), fields["status"]).observe(fields["seconds"])
        elif name == "task.submitted":
            self._submits.labels(fields["model"]).inc()

    async def answer(self, request: Request) -> Response:
        """To callers on this machine, and to admins from elsewhere."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        if SCOPE_KEY in request.scope:
            caller(request, Scope.ADMIN)
        await self._count_ends()
        await self._gauge()
        return Response(generate_latest(self._registry), 200, {"Cache-Control": "no-store"}, CONTENT_TYPE_LATEST)

    async def _count_ends(self) -> None:
        """What ended since the last scrape, by anybody's hand."""
        until = await self._fleet.now() - LAG
        for each in await self._fleet.ended(self._until, until) if self._until is not None else ():
            if each.queue.startswith(LOCAL):  # each such queue has a name of its own, and one task
                continue
            self._ends.labels(each.queue, each.model, each.status, each.reason).inc()
            self._waits.labels(each.queue).observe(each.waited)
            if each.ran is not None:
                self._runs.labels(each.model).observe(each.ran)
        self._until = max(until, self._until or until)

    async def _gauge(self) -> None:
        for gauge in (self._tasks, self._runnable, self._oldest, self._paused, self._workers):
            gauge.clear()
        for count in await self._fleet.census():
            if not count.queue.startswith(LOCAL):
                self._tasks.labels(count.queue, count.model, "queued").set(count.waiting)
                self._tasks.labels(count.queue, count.model, "running").set(count.running)
        for row in await self._fleet.queues():
            self._runnable.labels(row.name).set(row.runnable)
            self._oldest.labels(row.name).set(row.oldest_wait)
            self._paused.labels(row.name).set(row.state == "paused")
        for worker in await self._fleet.workers():
            if not worker.queue.startswith(LOCAL) and worker.state != "stopped":
                self._workers.labels(worker.queue, worker.state).inc()
        free = self._free()
        if free is not None:
            self._room.set(free)


def route_of(path: str) -> str:
    """The path without what differs from task to task: there must be few."""
    found = _ID.match(path)
    if found:
        return f"{found[1]}/{{id}}{found[2] or ''}"
    return path if _KNOWN.match(path) else "other"


def from_here(scope: AsgiScope) -> bool:
    """Whether a program on this machine asks, for itself: what a proxy passes on comes from somewhere else."""
    peer = str((scope.get("client") or ("",))[0])
    try:
        local = ip_address(peer).is_loopback
    except ValueError:
        return False
    return local and not any(header(scope, name) for name in (b"x-forwarded-for", b"forwarded", b"via", b"x-real-ip"))
