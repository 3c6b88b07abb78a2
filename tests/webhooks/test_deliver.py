"""The deliverer: signed, at least once, and one receiver's trouble is nobody else's."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.contracts.making import FINAL, new_task
from tests.webhooks.receivers import LOCAL, Call, receiving

from kineograph.core.deliveries import PER_HOST, Delivery, State
from kineograph.core.task import Task
from kineograph.media.send import Sender
from kineograph.testing import MemoryTaskStore
from kineograph.webhooks import BadSignature, verify
from kineograph.webhooks.deliver import Deliverer


class World:
    """Tasks in memory, whose callbacks really leave; time passes as it is told."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.store = MemoryTaskStore(lambda: time.time() + self.ahead)
        self.deliveries = self.store.deliveries
        self.deliverer = Deliverer(self.deliveries, self.store, Sender(LOCAL), body, time.time)

    async def tell(self, url: str, **fields: Any) -> Task:
        """A task that is over."""
        task = (await self.store.insert(new_task(callback_url=url, **fields))).task
        assert await self.store.refuse(task.id, FINAL)
        return task

    async def only(self, task: Task) -> Delivery:
        (found,) = await self.deliveries.of_task(task.id)
        return found

    @asynccontextmanager
    async def delivering(self) -> AsyncIterator[None]:
        async def run() -> None:
            while True:
                await self.deliverer.round()

        running = asyncio.create_task(run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await self.deliverer.stop()

    async def until(self, task: Task, state: State, attempts: int) -> Delivery:
        async with asyncio.timeout(30):
            while ((found := await self.only(task)).state, found.attempts) != (state, attempts) or (
                state is State.WAITING and found.answer is None
            ):
                await asyncio.sleep(0.01)
        return found


async def body(task: Task, delivery: Delivery) -> bytes:
    return f'{{"id": "{task.id}", "sequence": {delivery.event}}}'.encode()


def failing(times: int, status: int = 500) -> Any:
    left = iter([status] * times)
    return lambda _call: next(left, 204)


async def test_a_receiver_that_fails_five_times_gets_it_once_more_under_the_same_id() -> None:
    world = World()
    with receiving(failing(5)) as receiver:
        task = await world.tell(f"{receiver.url}/hook?task=1")
        async with world.delivering():
            for attempt in range(1, 6):
                await world.until(task, State.WAITING, attempt)
                while (found := await world.only(task)).answer is None or found.attempts == attempt:
                    world.ahead += 60  # no waiting for the pauses
                    await asyncio.sleep(0.02)
            done = await world.until(task, State.DELIVERED, 6)
    assert len(receiver.calls) == 6
    assert {call.id for call in receiver.calls} == {done.id}
    assert {call.path for call in receiver.calls} == {"/hook?task=1"}
    secret = await world.deliveries.secret(task.account_id)
    for call in receiver.calls:
        assert verify(secret.text, call.headers, call.body) == {"id": task.id, "sequence": done.event}
    with pytest.raises(BadSignature):
        verify((await world.deliveries.secret("acct_2")).text, call.headers, call.body)


async def test_where_it_is_simulated_every_webhook_comes_twice_under_one_id() -> None:
    world = World()
    with receiving() as receiver:
        task = await world.tell(f"{receiver.url}/hook", simulated="duplicate-webhook")
        async with world.delivering():
            done = await world.until(task, State.DELIVERED, 1)
    assert [call.id for call in receiver.calls] == [done.id, done.id]
    assert receiver.calls[0].body == receiver.calls[1].body


async def test_both_secrets_sign_after_a_rotation() -> None:
    world = World()
    with receiving() as receiver:
        old = await world.deliveries.secret("acct_1")
        new = await world.deliveries.rotate("acct_1", "key_1")
        task = await world.tell(receiver.url)
        async with world.delivering():
            await world.until(task, State.DELIVERED, 1)
    (call,) = receiver.calls
    for secret in (old, new):
        assert verify(secret.text, call.headers, call.body)["id"] == task.id


async def test_a_receiver_that_hangs_holds_up_nobody_else() -> None:
    world, let_go = World(), threading.Event()

    def hang(_call: Call) -> int:
        let_go.wait(20)
        return 204

    with receiving(hang) as slow, receiving() as quick:
        for _ in range(PER_HOST * 2):
            await world.tell(slow.url)
        async with world.delivering():
            begun = time.monotonic()
            task = await world.tell(quick.url)
            await world.until(task, State.DELIVERED, 1)
            assert time.monotonic() - begun < 2  # the slow one's tries take longer
            let_go.set()


async def test_tries_that_are_broken_off_are_due_at_once_and_nothing_is_lost() -> None:
    world, let_go = World(), threading.Event()

    def hang(_call: Call) -> int:
        let_go.wait(20)
        return 204

    with receiving(hang) as receiver:
        task = await world.tell(receiver.url)
        async with world.delivering():
            async with asyncio.timeout(10):
                while (await world.only(task)).attempts == 0:
                    await asyncio.sleep(0.01)
        found = await world.only(task)
        let_go.set()
        if found.state is State.WAITING:  # else it was done within the grace
            assert found.next_at is not None
            assert found.next_at <= world.store.clock()
        async with world.delivering():
            async with asyncio.timeout(10):
                while (await world.only(task)).state is not State.DELIVERED:
                    await asyncio.sleep(0.01)


async def test_a_redirect_and_a_private_address_are_failures_in_words() -> None:
    world = World()
    world.deliverer = Deliverer(world.deliveries, world.store, Sender(), body, time.time)
    task = await world.tell("http://127.0.0.1:9/x")
    async with world.delivering():
        found = await world.until(task, State.WAITING, 1)
    assert found.answer is not None
    assert "public internet" in str(found.answer.error)


async def test_what_cannot_be_written_is_put_off_like_what_nobody_takes_and_says_so() -> None:
    async def broken(task: Task, delivery: Delivery) -> bytes:
        raise KeyError(task.id)

    world = World()
    with receiving() as receiver:
        world.deliverer = Deliverer(world.deliveries, world.store, Sender(LOCAL), broken, time.time)
        task = await world.tell(receiver.url)
        async with world.delivering():
            found = await world.until(task, State.WAITING, 1)
        assert receiver.calls == []
    assert found.answer is not None
    assert found.answer.error == "Kineograph could not write this message (KeyError)"
    assert found.next_at is not None
    assert found.next_at > found.created_at + 1


async def test_a_task_that_was_deleted_meanwhile_tells_nobody() -> None:
    world = World()
    with receiving() as receiver:
        gone, kept = await world.tell(receiver.url), await world.tell(receiver.url)
        world.store.tasks.pop(gone.id)
        async with world.delivering():
            await world.until(kept, State.DELIVERED, 1)
        assert [call.document["id"] for call in receiver.calls] == [kept.id]
