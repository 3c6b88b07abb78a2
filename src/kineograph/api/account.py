"""Who the caller is, and their balance: there is no ledger yet, so every account is without limit."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kineograph.api.auth import caller
from kineograph.api.reply import reply
from kineograph.core.keys import Key, Scope

PATHS = ("/v1/balance", "/balance", "/v1/user/balance", "/user/balance")
CREDITS = 10  # credits per unit of balance
_UNLIMITED = -1


async def balance(request: Request) -> Response:
    """What is left and what was used."""
    caller(request, Scope.READ)
    used = 0
    return reply(
        {
            "success": True,
            "remain_balance": _UNLIMITED,
            "used_balance": used,
            "remain_credits": _UNLIMITED,
            "used_credits": used * CREDITS,
            "unlimited_quota": True,
        }
    )


async def me(request: Request) -> Response:
    """The caller's own key and account: what a console greets with. Any key may ask."""
    key = caller(request)
    return reply({"code": 200, "data": {"key": shape(key), "account": {"id": key.account_id}}})


def shape(key: Key) -> dict[str, Any]:
    """A key as its owner sees it; times that are not set are absent."""
    times = {
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }
    return {
        "id": key.id,
        "name": key.name,
        "shown": key.shown,
        "account_id": key.account_id,
        "scopes": sorted(key.scopes),
        "limit": key.limit,
    } | {name: int(value) for name, value in times.items() if value}
