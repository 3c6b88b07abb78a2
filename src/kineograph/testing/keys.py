"""The keys in memory."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kineograph.core.keys import Key


@dataclass
class MemoryKeyStore:
    """KeyStore in memory."""

    keys: dict[str, Key] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)  # digest -> key id
    secrets: dict[str, bytes] = field(default_factory=dict)

    async def create(self, key: Key, digest: str) -> None:
        """See the port."""
        self.keys[key.id] = key
        self.digests[digest] = key.id

    async def find(self, digest: str) -> Key | None:
        """See the port."""
        return self.keys.get(self.digests.get(digest, ""))

    async def get(self, key_id: str) -> Key | None:
        """See the port."""
        return self.keys.get(key_id)

    async def list(self) -> Sequence[Key]:
        """See the port."""
        return list(self.keys.values())

    async def revoke(self, key_id: str, now: float) -> bool:
        """See the port."""
        if key_id not in self.keys:
            return False
        if self.keys[key_id].revoked_at is None:
            self.keys[key_id] = replace(self.keys[key_id], revoked_at=now)
        return True

    async def rotate(self, key_id: str, digest: str, shown: str) -> bool:
        """See the port."""
        if key_id not in self.keys:
            return False
        self.digests = {known: owner for known, owner in self.digests.items() if owner != key_id} | {digest: key_id}
        self.keys[key_id] = replace(self.keys[key_id], shown=shown)
        return True

    async def change(self, key_id: str, name: str | None = None, limit: int | None = None) -> bool:
        """See the port."""
        key = self.keys.get(key_id)
        if key is not None:
            self.keys[key_id] = replace(key, name=name or key.name, limit=limit or key.limit)
        return key is not None

    async def touch(self, key_id: str, now: float) -> None:
        """See the port."""
        if key_id in self.keys:
            self.keys[key_id] = replace(self.keys[key_id], last_used_at=now)

    async def secret(self, name: str) -> bytes:
        """See the port."""
        return self.secrets.setdefault(name, secrets.token_bytes(32))
