"""Keys, from the operator's side: create, list, revoke, rotate; and the first admin key."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from ulid import ULID

from kineograph.app.parts import Parts, opened
from kineograph.core.allowance import Allowance
from kineograph.core.errors import OperatorError
from kineograph.core.keys import DEFAULT_SCOPES, LOCAL_KEY_ID, Key, Scope, digest, mint, shown, well_formed
from kineograph.core.ledger import CLI, Note, noted
from kineograph.settings import Settings

T = TypeVar("T")

LOCAL_KEY = Key(id=LOCAL_KEY_ID, account_id="acct_local", name="local", shown="(no text)", limit=64)


def create_key(
    settings: Settings, name: str, scopes: frozenset[Scope], *, account: str | None, limit: int, life: float | None
) -> tuple[str, Key]:
    """A new key and its text. Without `account` it gets one of its own. `life` in seconds."""
    text, now = mint(), time.time()
    key = Key(
        id=f"key_{ULID()}",
        account_id=account or f"acct_{ULID()}",
        name=name,
        shown=shown(text),
        scopes=scopes,
        limit=limit,
        created_at=now,
        expires_at=now + life if life is not None else None,
    )

    async def create(parts: Parts) -> None:
        await parts.keys.create(key, digest(text))
        await parts.ledger.note(Note(CLI, "key.create", key.id, {}, key.document()))

    _with(settings, create)
    return text, key


def list_keys(settings: Settings) -> Sequence[Key]:
    """All keys, oldest first."""
    return [key for key in _with(settings, lambda parts: parts.keys.list()) if key.usable]


def revoke_key(settings: Settings, key_id: str) -> bool:
    """From now on it opens nothing. False if there is none."""
    return _noted(settings, "key.revoke", key_id, lambda parts: parts.keys.revoke(key_id, time.time()))


def rotate_key(settings: Settings, key_id: str) -> str | None:
    """The key's new text; None if there is no such key."""
    text = mint()
    done = _noted(settings, "key.rotate", key_id, lambda parts: parts.keys.rotate(key_id, digest(text), shown(text)))
    return text if done else None


def set_key(
    settings: Settings,
    key_id: str,
    name: str | None,
    limit: int | None,
    life: float | None,
    limits: Callable[[Allowance], Allowance],
) -> bool:
    """Change it; None leaves what there is. False if there is no such key.

    Args:
        life: Seconds from now; 0 = no end.
        limits: Gives the new ones for those it has.
    """

    async def change(parts: Parts) -> bool:
        key = await parts.keys.get(key_id)
        if key is None or not key.usable:
            return False
        wanted = limits(key.limits)
        ends = None if life is None else (time.time() + life if life else 0.0)
        await parts.keys.change(key_id, name, limit, None if wanted == key.limits else wanted, key.version, ends)
        if limit is not None:
            await parts.fleet.relane(key_id)
        changed = await parts.keys.get(key_id) or key
        await parts.ledger.note(noted(CLI, "key.change", key_id, key.document(), changed.document()))
        return True

    return _with(settings, change)


async def first_admin_key(parts: Parts) -> None:
    """Make sure somebody can call: on an empty installation, create the admin key and tell the operator.

    Raises:
        OperatorError: KINEO_ADMIN_KEY is not a key.
    """
    given = parts.settings.admin_key
    if given is not None and not well_formed(given):
        raise OperatorError(
            "KINEO_ADMIN_KEY is not a key (kineo_ and 36 letters and digits with a checksum); "
            "leave it unset and one is made, or make one with kineo keys create"
        )
    text = given or mint()
    key = Key(
        id=f"key_{ULID()}",
        account_id=f"acct_{ULID()}",
        name="admin",
        shown=shown(text),
        scopes=DEFAULT_SCOPES | {Scope.ADMIN},
        created_at=time.time(),
    )
    if await parts.keys.create_first(key, digest(text), alone=given is None) and given is None:
        _tell(parts.settings, text)


def _tell(settings: Settings, text: str) -> None:
    if sys.stdout.isatty():
        sys.stdout.write(f"admin key (shown this once): {text}\n")
        return
    path = settings.data / "admin-key"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text + "\n")
    sys.stdout.write(f"admin key written to {path}\n")
    sys.stdout.flush()


def _noted(settings: Settings, action: str, key_id: str, verb: Callable[[Parts], Awaitable[bool]]) -> bool:
    async def run(parts: Parts) -> bool:
        if not await verb(parts):
            return False
        await parts.ledger.note(Note(CLI, action, key_id))
        return True

    return _with(settings, run)


def _with(settings: Settings, verb: Callable[[Parts], Awaitable[T]]) -> T:
    async def run() -> T:
        async with opened(settings) as parts:
            return await verb(parts)

    return asyncio.run(run())
