"""Balance: there is no ledger yet, so every account is without limit."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kineograph.api.auth import caller
from kineograph.api.reply import reply
from kineograph.core.keys import Scope

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
