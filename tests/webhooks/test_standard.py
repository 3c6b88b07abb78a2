"""What we send, judged by the public `standardwebhooks` package: it has the word on what a signature is."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.contracts.making import FINAL, new_task
from tests.webhooks.receivers import LOCAL, receiving

from kineograph.core.deliveries import Delivery
from kineograph.core.task import Task
from kineograph.media.send import Sender
from kineograph.testing import MemoryTaskStore
from kineograph.webhooks.deliver import Deliverer

pytestmark = pytest.mark.sdk


async def test_the_public_package_takes_what_is_sent_and_nothing_that_was_changed() -> None:
    from standardwebhooks import Webhook, WebhookVerificationError  # type: ignore[import-not-found]  # of the extra `sdk`

    async def body(task: Task, delivery: Delivery) -> bytes:
        return f'{{"id": "{task.id}", "words": "一只小猫"}}'.encode()

    store = MemoryTaskStore()
    with receiving() as receiver:
        task = (await store.insert(new_task(callback_url=receiver.url))).task
        await store.refuse(task.id, FINAL)
        old, new = await store.deliveries.secret("acct_1"), await store.deliveries.rotate("acct_1", "key_1")
        deliverer = Deliverer(store.deliveries, store, Sender(LOCAL), body, time.time)
        async with asyncio.timeout(10):
            while not receiver.calls:
                await deliverer.round()
        await deliverer.stop()
    (call,) = receiver.calls
    for secret in (old, new):
        assert Webhook(secret.text).verify(call.body, call.headers) == {"id": task.id, "words": "一只小猫"}
    with pytest.raises(WebhookVerificationError):
        Webhook(new.text).verify(call.body.replace(task.id.encode(), b"task_x"), call.headers)
