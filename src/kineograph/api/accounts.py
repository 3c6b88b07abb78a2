"""Accounts, their ledgers, prices and the log of admins: the operator's routes. They need a key with the scope `admin`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response
from ulid import ULID

from kineograph.api.auth import caller
from kineograph.api.body import read_json
from kineograph.api.desk import idempotency_key
from kineograph.api.limits_body import LIMITS_REMEDY, STRICT, Amount, LimitsBody, allowance, document_of, version_seen
from kineograph.api.native_models import checked
from kineograph.api.query import Query
from kineograph.api.reply import reply
from kineograph.api.service import Service
from kineograph.core import money
from kineograph.core.errors import InvalidRequest, NotFound
from kineograph.core.keys import LIMIT_MAX, Scope
from kineograph.core.ledger import Account, AccountChange, Entry, Note, prices_document
from kineograph.core.pricing import currency_label, price_rows

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
PAGE = 50


class AccountBody(BaseModel):
    """POST /v1/admin/accounts."""

    model_config = STRICT
    name: Name
    balance: Amount = 0
    metered: bool = True
    overdraft: Amount = 0
    limit: int = Field(0, ge=0, le=LIMIT_MAX)
    limits: LimitsBody | None = None


class AccountPatch(BaseModel):
    """PATCH /v1/admin/accounts/{account_id}."""

    model_config = STRICT
    name: Name | None = None
    metered: bool | None = None
    overdraft: Amount | None = None
    limit: int | None = Field(None, ge=0, le=LIMIT_MAX)
    limits: LimitsBody | None = None
    version: int | None = Field(None, ge=0, le=2**31 - 1)


class AdjustmentBody(BaseModel):
    """POST /v1/admin/accounts/{account_id}/adjustments."""

    model_config = STRICT
    amount: Amount
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


REMEDIES = {
    "name": "send 1 to 100 characters without spaces at the ends, such as storefront",
    "balance": "send an amount such as 100 or 12.50; the account begins with it",
    "metered": "send true if films are paid from the balance, false if not",
    "overdraft": "send how far the balance may fall below 0, such as 20",
    "limit": f"send how many films may run at once over all keys, 1 to {LIMIT_MAX}, or 0 for as many as the keys say",
    "limits": LIMITS_REMEDY,
    "version": "send the version you saw, or leave it out to change whatever there is",
}
ADJUSTMENT_REMEDIES = {
    "amount": "send an amount such as 25 or -3.50",
    "reason": "say in 1 to 500 characters why; it stays in the ledger",
}


class Accounts:
    """Everything under /v1/admin/accounts, /v1/admin/prices and /v1/admin/audit."""

    def __init__(self, service: Service) -> None:
        self._ledger, self._clock, self._fleet = service.ledger, service.clock, service.fleet

    async def all(self, request: Request) -> Response:
        """GET /v1/admin/accounts."""
        caller(request, Scope.ADMIN)
        return reply({"code": 200, "data": [account.document() for account in await self._ledger.accounts()]})

    async def one(self, request: Request) -> Response:
        """GET /v1/admin/accounts/{account_id}."""
        caller(request, Scope.ADMIN)
        return _one(await self._named(request))

    async def create(self, request: Request) -> Response:
        """POST /v1/admin/accounts."""
        admin = caller(request, Scope.ADMIN)
        body = checked(AccountBody, await document_of(request), REMEDIES)
        account = Account(
            id=f"acct_{ULID()}",
            name=body.name,
            created_at=self._clock(),
            metered=body.metered,
            overdraft=_not_negative(body.overdraft, "overdraft"),
            running=body.limit or None,
            limits=allowance(body.limits),
        )
        grant = _not_negative(body.balance, "balance")
        return _one(await self._ledger.open_account(account, grant, admin.id))

    async def change(self, request: Request) -> Response:
        """PATCH /v1/admin/accounts/{account_id}."""
        admin, account = caller(request, Scope.ADMIN), await self._named(request)
        body = checked(AccountPatch, await document_of(request), REMEDIES)
        change = AccountChange(
            name=body.name,
            metered=body.metered,
            overdraft=None if body.overdraft is None else _not_negative(body.overdraft, "overdraft"),
            running=body.limit,
            limits=None if body.limits is None else body.limits.allowance(),
        )
        changed = await self._ledger.change_account(account.id, change, version_seen(request, body.version), admin.id)
        if body.limit is not None:
            await self._fleet.tend()
        return _one(changed or account)

    async def adjust(self, request: Request) -> Response:
        """POST /v1/admin/accounts/{account_id}/adjustments."""
        admin, account = caller(request, Scope.ADMIN), await self._named(request)
        token = idempotency_key(request)
        body = checked(AdjustmentBody, await document_of(request), ADJUSTMENT_REMEDIES)
        amount = money.parse(body.amount)
        entry = await self._ledger.adjust(account.id, amount, body.reason, admin.id, token)
        assert entry is not None
        return reply({"code": 200, "data": line(entry)})

    async def entries(self, request: Request) -> Response:
        """GET /v1/admin/accounts/{account_id}/entries."""
        caller(request, Scope.ADMIN)
        account, query = await self._named(request), Query(request)
        limit = query.integer("limit", 1, 1000) or PAGE
        found = await self._ledger.entries(account.id, limit + 1, query.integer("before", 1, 2**31 - 1))
        more = len(found) > limit
        data = [line(entry) for entry in found[:limit]]
        return reply({"code": 200, "data": data, "has_more": more, "next": data[-1]["id"] if more else None})

    async def prices(self, request: Request) -> Response:
        """GET /v1/admin/prices."""
        caller(request, Scope.ADMIN)
        return reply({"code": 200, "data": prices_document(await self._ledger.prices())})

    async def set_prices(self, request: Request) -> Response:
        """PUT /v1/admin/prices."""
        admin = caller(request, Scope.ADMIN)
        document, _ = await read_json(request)
        if extra := sorted(set(document) - {"currency", "rows", "version"}):
            raise InvalidRequest(
                f"{extra[0][:60]} is no field of this; use currency, rows, version",
                param=extra[0][:60],
                reason="unknown_field",
            )
        version = document.get("version")
        if version is not None and (type(version) is not int or not 0 <= version < 2**31):
            raise InvalidRequest(
                "version is not valid; send the version you saw, or leave it out",
                param="version",
                reason="invalid_version",
            )
        before = await self._ledger.prices()
        currency = currency_label(document.get("currency") or before.currency)
        rows = price_rows(document.get("rows"))
        table = await self._ledger.set_prices(currency, rows, version_seen(request, version), admin.id)
        return reply({"code": 200, "data": prices_document(table)})

    async def audit(self, request: Request) -> Response:
        """GET /v1/admin/audit."""
        caller(request, Scope.ADMIN)
        query = Query(request)
        limit = query.integer("limit", 1, 1000) or PAGE
        found = await self._ledger.notes(limit + 1, query.text("before"))
        more = len(found) > limit
        data = [_note(note) for note in found[:limit]]
        return reply({"code": 200, "data": data, "has_more": more, "next": data[-1]["id"] if more else None})

    async def _named(self, request: Request) -> Account:
        account_id: str = request.path_params["account_id"]
        account = await self._ledger.account(account_id)
        if account is None:
            raise NotFound(f"no account {account_id[:60]!r}; GET /v1/admin/accounts lists them", param="account_id")
        return account


def line(entry: Entry) -> dict[str, Any]:
    """A line of the ledger as JSON shows it."""
    return {
        "id": entry.number,
        "kind": str(entry.kind),
        "amount": money.number(entry.amount),
        "balance_after": money.number(entry.balance),
        "reason": entry.reason,
        "at": int(entry.at),
        "by": entry.by,
    } | ({"task_id": entry.task_id} if entry.task_id else {})


def _one(account: Account) -> Response:
    return reply({"code": 200, "data": account.document()}, headers={"ETag": f'"{account.version}"'})


def _note(note: Note) -> dict[str, Any]:
    return {
        "id": note.id,
        "at": int(note.at),
        "by": note.by,
        "action": note.action,
        "target": note.target,
        "before": dict(note.before),
        "after": dict(note.after),
    }


def _not_negative(value: Amount, field: str) -> int:
    micros = money.parse(value, field)
    if micros < 0:
        raise InvalidRequest(f"{field} {value} is negative; {REMEDIES[field]}", param=field, reason=f"invalid_{field}")
    return micros
