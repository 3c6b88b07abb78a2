"""The application over in-memory parts, and a caller who speaks to it without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from kineograph.api import Service, create_app
from kineograph.core.keys import Key, digest, mint, shown
from kineograph.core.models import DEFAULT_MODELS, Catalogue
from kineograph.core.task import Task, Video
from kineograph.tasks import Tasks
from kineograph.testing import MemoryFileStore, MemoryFleet, MemoryKeyStore, MemoryTaskStore

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
NOW = 1_763_088_289.25


@dataclass
class World:
    """One installation in memory, and what a caller does with it."""

    now: float = NOW
    options: dict[str, Any] = field(default_factory=dict)
    store: MemoryTaskStore = field(init=False)
    keys: MemoryKeyStore = field(init=False)
    files: MemoryFileStore = field(init=False)
    address: str = "203.0.113.7"
    text: str = ""

    def __post_init__(self) -> None:
        self.store, self.files = MemoryTaskStore(self.clock), MemoryFileStore(self.clock)
        self.fleet = MemoryFleet(self.store)
        self.ledger, self.deliveries = self.store.ledger, self.store.deliveries
        self.ledger.clock = self.clock
        self.keys = MemoryKeyStore(ledger=self.ledger)
        self.tasks = Tasks(Catalogue(DEFAULT_MODELS), self.store, self.files, self.clock, prices=self.ledger.prices)
        self.text = self.new_key("key_one", "acct_one")
        self.rebuild()

    def clock(self) -> float:
        return self.now

    def rebuild(self, **options: Any) -> None:
        self.options |= options
        self.service = Service(
            tasks=self.tasks,
            keys=self.keys,
            files=self.files,
            fleet=self.fleet,
            ledger=self.ledger,
            deliveries=self.deliveries,
            link_secret=b"s" * 32,
            clock=self.clock,
            **self.options,
        )
        self.app = create_app(self.service)

    def new_key(self, key_id: str, account: str, **changes: Any) -> str:
        text = mint()
        key = Key(key_id, account, key_id, shown(text), created_at=NOW, **changes)
        self.keys.keep(key)
        self.keys.digests[digest(text)] = key_id
        return text

    async def call(self, method: str, path: str, **rest: Any) -> httpx2.Response:
        """One request as the first key; `key=None` sends none, `key=text` another."""
        key = rest.pop("key", self.text)
        headers = rest.pop("headers", [])
        headers = list(headers.items()) if isinstance(headers, dict) else list(headers)
        if key is not None:
            headers.append(("Authorization", f"Bearer {key}"))
        transport = httpx2.ASGITransport(self.app, client=(self.address, 1234), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://films.example") as client:
            return await client.request(method, path, headers=headers, **rest)

    async def submit(self, body: Mapping[str, Any] | None = None, **rest: Any) -> httpx2.Response:
        body = body if body is not None else {"model": "doubao-seedance-1-0-pro-fast", "prompt": "a cat"}
        return await self.call("POST", "/v1/videos/generations", content=json.dumps(body), **JSON | rest)

    async def submitted(self, **fields: Any) -> str:
        """The id of a new task with these fields."""
        response = await self.submit({"model": "doubao-seedance-1-0-pro-fast", "prompt": "a cat", **fields})
        assert response.status_code == 200, response.text
        return str(response.json()["data"][0]["task_id"])

    async def data(self, task_id: str, **rest: Any) -> dict[str, Any]:
        response = await self.call("GET", f"/v1/tasks/{task_id}", **rest)
        assert response.status_code == 200, response.text
        return dict(response.json()["data"])

    async def completed(self, facts: Mapping[str, Any] | None = None, **fields: Any) -> str:
        """The id of a task whose film was made by the worker `w`."""
        task_id = await self.submitted(**fields)
        await self.finish(await self.claim(task_id), facts)
        return task_id

    async def finish(self, claim: Task, facts: Mapping[str, Any] | None = None) -> None:
        """The worker's last step, 19 seconds after the one before."""
        self.now += 19
        folder = f"tasks/{claim.id}/1"
        for name in ("video.mp4", "poster.jpg", "last_frame.png"):
            await self.files.put(f"{folder}/{name}", PNG if name.endswith("png") else bytes(range(256)) * 40)
        last = f"{folder}/last_frame.png" if claim.request.return_last_frame else None
        video = Video(
            f"{folder}/video.mp4",
            f"{folder}/poster.jpg",
            1920,
            1088,
            24.0,
            120,
            5.0,
            10_240,
            "0" * 64,
            last,
            facts or {},
        )
        assert await self.store.finish(claim, video)

    async def claim(self, task_id: str) -> Task:
        claim = await self.store.start(task_id, "w")
        assert claim is not None
        return claim


JSON: dict[str, Any] = {"headers": {"Content-Type": "application/json"}}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def run() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Runs a coroutine to its end."""
    return asyncio.run
