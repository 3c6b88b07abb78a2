"""Keys over HTTP: everybody sees those of their account; an admin makes, changes, rotates and revokes all of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response
from ulid import ULID

from kineograph.api.auth import caller
from kineograph.api.limits_body import LIMITS_REMEDY, LimitsBody, allowance, document_of, version_seen
from kineograph.api.native_models import checked
from kineograph.api.query import Query
from kineograph.api.reply import reply
from kineograph.api.service import Service
from kineograph.core.errors import NotFound
from kineograph.core.keys import DEFAULT_LIMIT, LIMIT_MAX, Key, Scope, digest, mint, shown
from kineograph.core.ledger import Note, noted
from kineograph.telemetry import event

LIFE = (60, 10 * 366 * 86_400)  # seconds; shorter is over before it is pasted, longer is for ever
ACCOUNT = r"^acct_[0-9A-Za-z_-]{1,64}$"
_STRICT = ConfigDict(strict=True, extra="forbid", frozen=True)

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
Limit = Annotated[int, Field(ge=1, le=LIMIT_MAX)]


class KeyBody(BaseModel):
    """POST /v1/admin/keys."""

    model_config = _STRICT
    name: Name
    scopes: list[Literal["generate", "read", "admin"]] = Field(["generate", "read"], min_length=1, max_length=3)
    limit: Limit = DEFAULT_LIMIT
    expires_in: int | None = Field(None, ge=LIFE[0], le=LIFE[1])
    account_id: str | None = Field(None, pattern=ACCOUNT)
    limits: LimitsBody | None = None


class KeyChange(BaseModel):
    """PATCH /v1/admin/keys/{key_id}."""

    model_config = _STRICT
    name: Name | None = None
    limit: Limit | None = None
    limits: LimitsBody | None = None
    version: int | None = Field(None, ge=0, le=2**31 - 1)


REMEDIES = {
    "name": "send 1 to 100 characters without spaces at the ends, such as storefront",
    "scopes": "send a list of generate, read and admin",
    "limit": f"send how many films may run at once, 1 to {LIMIT_MAX}",
    "expires_in": f"send seconds from now, {LIFE[0]} to {LIFE[1]}, or leave it out for a key without an end",
    "account_id": "send the id of an account, acct_…, or leave it out for an account of its own",
    "limits": LIMITS_REMEDY,
    "version": "send the version you saw, or leave it out to change whatever there is",
}


class Keys:
    """GET /v1/keys and everything under /v1/admin/keys."""

    def __init__(self, service: Service) -> None:
        self._keys, self._clock, self._fleet = service.keys, service.clock, service.fleet
        self._ledger = service.ledger

    async def mine(self, request: Request) -> Response:
        """The keys of the caller's own account."""
        own = caller(request, Scope.READ).account_id
        return reply(
            {"code": 200, "data": [key.document() for key in await self._keys.list() if key.account_id == own]}
        )

    async def all(self, request: Request) -> Response:
        """Everybody's keys, or one account's; the built-in ones without a text are not keys to anybody."""
        caller(request, Scope.ADMIN)
        account = Query(request).text("account_id")
        keys = [key for key in await self._keys.list() if account in (None, key.account_id) and key.usable]
        return reply({"code": 200, "data": [key.document() for key in keys]})

    async def create(self, request: Request) -> Response:
        """A new key; `text` is told this once."""
        admin = caller(request, Scope.ADMIN)
        body = checked(KeyBody, await document_of(request), REMEDIES)
        text, now = mint(), self._clock()
        key = Key(
            id=f"key_{ULID()}",
            account_id=body.account_id or f"acct_{ULID()}",
            name=body.name,
            shown=shown(text),
            scopes=frozenset(Scope(word) for word in body.scopes),
            limit=body.limit,
            created_at=now,
            expires_at=now + body.expires_in if body.expires_in is not None else None,
            limits=allowance(body.limits),
        )
        await self._keys.create(key, digest(text))
        await self._ledger.note(Note(admin.id, "key.create", key.id, {}, key.document()))
        event("key.created", key_id=key.id, by=admin.id)
        return reply({"code": 200, "data": key.document() | {"text": text}})

    async def change(self, request: Request) -> Response:
        """Another name or limit; what waits is dealt to the lanes it may use now."""
        admin, key = caller(request, Scope.ADMIN), await self._named(request)
        body = checked(KeyChange, await document_of(request), REMEDIES)
        limits = None if body.limits is None else body.limits.allowance()
        await self._keys.change(key.id, body.name, body.limit, limits, version_seen(request, body.version))
        if body.limit is not None:
            await self._fleet.relane(key.id)
        changed = await self._keys.get(key.id) or key
        await self._ledger.note(noted(admin.id, "key.change", key.id, key.document(), changed.document()))
        event("key.changed", key_id=key.id, by=admin.id)
        return reply({"code": 200, "data": changed.document()})

    async def rotate(self, request: Request) -> Response:
        """A new text; the old one opens nothing from now on."""
        admin, key = caller(request, Scope.ADMIN), await self._named(request)
        text = mint()
        await self._keys.rotate(key.id, digest(text), shown(text))
        await self._ledger.note(Note(admin.id, "key.rotate", key.id))
        event("key.rotated", key_id=key.id, by=admin.id)
        return reply({"code": 200, "data": (await self._keys.get(key.id) or key).document() | {"text": text}})

    async def revoke(self, request: Request) -> Response:
        """It opens nothing any more; its account keeps the films."""
        admin, key = caller(request, Scope.ADMIN), await self._named(request)
        await self._keys.revoke(key.id, self._clock())
        await self._ledger.note(Note(admin.id, "key.revoke", key.id))
        event("key.revoked", key_id=key.id, by=admin.id)
        return reply({"code": 200, "data": {"id": key.id, "revoked": True}})

    async def _named(self, request: Request) -> Key:
        key_id: str = request.path_params["key_id"]
        key = await self._keys.get(key_id)
        if key is None or not key.usable:
            raise NotFound(f"no key {key_id[:60]!r}; GET /v1/admin/keys lists them", param="key_id")
        return key
