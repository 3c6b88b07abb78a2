"""The keys in memory."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kineograph.core.allowance import Allowance
from kineograph.core.keys import Key
from kineograph.core.ledger import Account, outdated
from kineograph.testing.ledger import MemoryLedger


@dataclass
class MemoryKeyStore:
    """KeyStore in memory."""

    keys: dict[str, Key] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)  # digest -> key id
    secrets: dict[str, bytes] = field(default_factory=dict)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)

    async def create(self, key: Key, digest: str) -> None:
        """See the port."""
        self.keep(key)
        self.digests[digest] = key.id

    async def find(self, digest: str) -> Key | None:
        """See the port."""
        return self._shown(self.keys.get(self.digests.get(digest, "")))

    async def get(self, key_id: str) -> Key | None:
        """See the port."""
        return self._shown(self.keys.get(key_id))

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

    async def change(
        self,
        key_id: str,
        name: str | None = None,
        limit: int | None = None,
        limits: Allowance | None = None,
        version: int | None = None,
        expires_at: float | None = None,
    ) -> bool:
        """See the port."""
        key = self.keys.get(key_id)
        if key is None:
            return False
        if version not in (None, key.version):
            raise outdated(f"key {key_id}", version or 0, key.version)
        self.keep(
            replace(
                key,
                name=name or key.name,
                limit=limit or key.limit,
                limits=key.limits if limits is None else limits,
                version=key.version + 1,
                expires_at=key.expires_at if expires_at is None else expires_at or None,
            )
        )
        return True

    def keep(self, key: Key) -> None:
        """Store it."""
        self.keys[key.id] = key
        self.ledger.key_limits[key.id] = key.limits
        self.ledger.owners.setdefault(key.account_id, Account(key.account_id, created_at=key.created_at))

    def _shown(self, key: Key | None) -> Key | None:
        if key is None:
            return None
        return replace(key, account_limits=self.ledger.owners.get(key.account_id, Account("")).limits)

    async def touch(self, key_id: str, now: float) -> None:
        """See the port."""
        if key_id in self.keys:
            self.keys[key_id] = replace(self.keys[key_id], last_used_at=now)

    async def secret(self, name: str) -> bytes:
        """See the port."""
        return self.secrets.setdefault(name, secrets.token_bytes(32))
