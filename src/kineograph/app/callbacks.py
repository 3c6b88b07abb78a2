"""Callbacks from the operator's side: secrets, what was sent, send again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from kineograph.app.parts import Parts, opened
from kineograph.core.deliveries import Delivery, DeliveryQuery, Endpoint, Secret, State
from kineograph.core.errors import OperatorError
from kineograph.core.ledger import CLI
from kineograph.settings import Settings

T = TypeVar("T")


def secret(settings: Settings, account_id: str | None, rotate: bool) -> Secret:
    """What callbacks of the account are signed with; with `rotate` a new one.

    Args:
        account_id: None = the only one that has keys.

    Raises:
        OperatorError: there is no such account, or more than one to choose from.
    """

    async def find(parts: Parts) -> Secret:
        owners = dict.fromkeys(key.account_id for key in await parts.keys.list() if key.usable)
        if account_id is None and len(owners) != 1:
            raise OperatorError(f"there are {len(owners)} accounts with keys; choose one with --account")
        owner = account_id or next(iter(owners))
        if await parts.ledger.account(owner) is None:
            raise OperatorError(f"no account {owner!r}; see kineo accounts list")
        return await (parts.deliveries.rotate(owner, CLI) if rotate else parts.deliveries.secret(owner))

    return _with(settings, find)


def deliveries(settings: Settings, account_id: str | None, state: State | None, limit: int) -> Sequence[Delivery]:
    """The newest; None = of every account, in every state."""
    return _with(settings, lambda parts: parts.deliveries.list(DeliveryQuery(account_id, limit, None, state)))


def endpoints(settings: Settings) -> Sequence[Endpoint]:
    """Where nothing gets through just now."""
    return _with(settings, lambda parts: parts.deliveries.endpoints(None))


def redeliver(settings: Settings, delivery_id: str) -> Delivery | None:
    """To be sent again by the service, at once. None if there is none."""
    return _with(settings, lambda parts: parts.deliveries.redeliver(delivery_id))


def _with(settings: Settings, verb: Callable[[Parts], Awaitable[T]]) -> T:
    async def run() -> T:
        async with opened(settings) as parts:
            return await verb(parts)

    return asyncio.run(run())
