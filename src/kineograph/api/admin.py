"""The operator's routes: workers and queues. They need a key with the scope `admin`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kineograph.api.auth import caller
from kineograph.api.body import read_json
from kineograph.api.reply import reply
from kineograph.api.service import Service
from kineograph.core.errors import InvalidRequest, NotFound
from kineograph.core.fleet import ALIVE, Doing, Fleet, QueueRow, QueueState, Wanted, WorkerRow
from kineograph.core.keys import Scope
from kineograph.core.ledger import Note

SHOWN = ALIVE | {"drained", "dead"}  # states worth a look; who stopped as told is history
ALL = "all"
CAP_MAX = 100_000
STATES = {"pause": QueueState.PAUSED, "resume": QueueState.OPEN, "drain": QueueState.DRAINING}


class Admin:
    """Routes under /v1/admin."""

    def __init__(self, service: Service) -> None:
        self._fleet, self._ledger = service.fleet, service.ledger

    async def workers(self, request: Request) -> Response:
        """GET /v1/admin/workers."""
        caller(request, Scope.ADMIN)
        return reply({"code": 200, "data": await show_workers(self._fleet)})

    async def drain(self, request: Request) -> Response:
        """POST /v1/admin/workers/{worker}/drain."""
        return await self._want(request, Wanted.DRAINED)

    async def resume(self, request: Request) -> Response:
        """POST /v1/admin/workers/{worker}/resume."""
        return await self._want(request, Wanted.UP)

    async def _want(self, request: Request, wanted: Wanted) -> Response:
        admin, which = caller(request, Scope.ADMIN), request.path_params["worker"]
        found = await want(self._fleet, which, wanted)
        await self._ledger.note(
            Note(admin.id, "worker.want", which, {}, {"wanted": str(wanted), "workers": list(found)})
        )
        return reply({"code": 200, "data": await show_workers(self._fleet)})

    async def queues(self, request: Request) -> Response:
        """GET /v1/admin/queues."""
        caller(request, Scope.ADMIN)
        return reply({"code": 200, "data": await show_queues(self._fleet)})

    async def pause(self, request: Request) -> Response:
        """POST /v1/admin/queues/{queue}/pause."""
        return await self._say(request, QueueState.PAUSED)

    async def open(self, request: Request) -> Response:
        """POST /v1/admin/queues/{queue}/resume."""
        return await self._say(request, QueueState.OPEN)

    async def empty(self, request: Request) -> Response:
        """POST /v1/admin/queues/{queue}/drain."""
        return await self._say(request, QueueState.DRAINING)

    async def _say(self, request: Request, state: QueueState) -> Response:
        admin = caller(request, Scope.ADMIN)
        name = await known_queue(self._fleet, request.path_params["queue"])
        before = (await self._fleet.states()).get(name, QueueState.OPEN)
        await self._fleet.set_state(name, state)
        await self._ledger.note(Note(admin.id, "queue.state", name, {"state": str(before)}, {"state": str(state)}))
        return reply({"code": 200, "data": await show_queues(self._fleet)})

    async def cap(self, request: Request) -> Response:
        """POST /v1/admin/queues/{queue}/cap with `{"running_cap": 3}`; null takes it away."""
        admin = caller(request, Scope.ADMIN)
        name = await known_queue(self._fleet, request.path_params["queue"])
        document, _ = await read_json(request)
        cap = document.get("running_cap")
        if "running_cap" not in document or not (cap is None or (type(cap) is int and 0 < cap <= CAP_MAX)):
            raise InvalidRequest(
                f"running_cap is not valid; send a whole number from 1 to {CAP_MAX}, or null for none",
                param="running_cap",
                reason="invalid_running_cap",
            )
        await self._fleet.set_cap(name, cap)
        await self._ledger.note(Note(admin.id, "queue.cap", name, {}, {"running_cap": cap}))
        return reply({"code": 200, "data": await show_queues(self._fleet)})


async def show_workers(fleet: Fleet) -> Sequence[Mapping[str, Any]]:
    """Workers as the wire and `--json` show them."""
    rows = [row for row in await fleet.workers() if row.state in SHOWN]
    doing = await fleet.doing([task_id for row in rows for task_id in row.running])
    return [_worker(row, doing) for row in rows]


async def show_queues(fleet: Fleet) -> Sequence[Mapping[str, Any]]:
    """Queues as the wire and `--json` show them."""
    return [_queue(row) for row in await fleet.queues()]


async def want(fleet: Fleet, which: str, wanted: Wanted) -> Sequence[str]:
    """Tell workers to drain or to go on.

    Args:
        which: Id of a worker, name of a host, or ALL.

    Returns:
        Their ids. Raises NotFound.
    """
    rows = [row for row in await fleet.workers() if row.state in SHOWN - {"dead"}]
    found = [row.id for row in rows if which in {ALL, row.id, row.about.host}]
    if not found:
        raise NotFound(f"no live worker or host {which[:60]!r}; GET /v1/admin/workers lists them", param="worker")
    await fleet.want(found, wanted)
    return found


async def known_queue(fleet: Fleet, name: str) -> str:
    """The name, if there is such a queue. Raises NotFound."""
    names = [row.name for row in await fleet.queues()]
    if name not in names:
        raise NotFound(f"no queue {name[:60]!r}; there is {', '.join(names) or 'none yet'}", param="queue")
    return name


def _worker(row: WorkerRow, doing: Mapping[str, Doing]) -> Mapping[str, Any]:
    return {
        "id": row.id,
        "queue": row.queue,
        "state": row.state,
        "wanted": str(row.wanted),
        **({"fault": row.fault} if row.fault else {}),
        "host": row.about.host,
        "pid": row.about.pid,
        "version": row.about.version,
        "protocol": row.about.protocol,
        "slots": row.about.slots,
        "models": {
            model: {"resolutions": list(able.resolutions), "roles": list(able.roles)}
            for model, able in row.about.abilities.items()
        },
        "started_at": int(row.started_at),
        "seen_at": int(row.seen_at),
        "running": [
            {
                "task_id": task_id,
                "model": doing[task_id].model,
                "progress": int(doing[task_id].progress * 100),
                "phase": doing[task_id].phase,
            }
            for task_id in row.running
            if task_id in doing
        ],
    }


def _queue(row: QueueRow) -> Mapping[str, Any]:
    return {
        "name": row.name,
        "state": str(row.state),
        "running_cap": row.running_cap,
        "waiting": row.waiting,
        "runnable": row.runnable,
        "running": row.running,
        "workers": row.workers,
        "oldest_wait": int(row.oldest_wait),
    }
