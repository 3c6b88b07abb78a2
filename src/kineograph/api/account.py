"""Who the caller is."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kineograph.api.auth import caller
from kineograph.api.reply import reply
from kineograph.api.service import Service
from kineograph.core import money


class Own:
    """GET /v1/me."""

    def __init__(self, service: Service) -> None:
        self._ledger = service.ledger

    async def me(self, request: Request) -> Response:
        """The caller's own key and account: what a console greets with. Any key may ask."""
        key = caller(request)
        account = await self._ledger.account(key.account_id)
        shown: dict[str, Any] = {"id": key.account_id}
        if account is not None:
            shown |= {"name": account.name, "limits": account.limits.document()}
            shown |= {"limit": account.running} if account.running is not None else {}
        if account is not None and account.metered:
            shown |= {"balance": money.number(account.balance)}
        shown |= {"currency": (await self._ledger.prices()).currency}
        return reply({"code": 200, "data": {"key": key.document(), "account": shown}})
