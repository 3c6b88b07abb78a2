"""What was used and what is left: GET /v1/usage and the balance family."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kineograph.api.auth import caller
from kineograph.api.query import Query
from kineograph.api.render import WORDS
from kineograph.api.reply import reply
from kineograph.api.service import Service
from kineograph.core import money
from kineograph.core.allowance import DAY
from kineograph.core.errors import InvalidRequest
from kineograph.core.keys import Scope
from kineograph.core.ledger import By, UsageRow
from kineograph.core.task import Status

PATHS = ("/v1/balance", "/balance", "/v1/user/balance", "/user/balance")
SPAN = 30  # days shown where nobody says from when
EVERYBODY = "all"
COLUMNS = {By.DAY: "day", By.KEY: "key_id", By.MODEL: "model", By.STATUS: "status"}
_UNLIMITED = -1


class Usage:
    """Routes for whoever pays."""

    def __init__(self, service: Service) -> None:
        self._ledger, self._clock = service.ledger, service.clock

    async def balance(self, request: Request) -> Response:
        """What is left and what was used."""
        account_id = caller(request, Scope.READ).account_id
        account, used = await self._ledger.account(account_id), await self._ledger.used(account_id)
        metered = account is not None and account.metered
        left = account.balance if account is not None else 0
        return reply(
            {
                "success": True,
                "remain_balance": money.number(left) if metered else _UNLIMITED,
                "used_balance": money.number(used),
                "remain_credits": money.number(left * money.CREDITS) if metered else _UNLIMITED,
                "used_credits": money.number(used * money.CREDITS),
                "unlimited_quota": not metered,
            }
        )

    async def usage(self, request: Request) -> Response:
        """GET /v1/usage: by day, key, model or status."""
        key = caller(request, Scope.READ)
        query = Query(request)
        by = By(query.choice("by", tuple(By)) or By.DAY)
        asked = query.text("account_id") or key.account_id
        if asked != key.account_id:
            caller(request, Scope.ADMIN)
        end = _moment(query, "to", after=True) or (self._clock() // DAY + 1) * DAY
        start = _moment(query, "from") if query.text("from") is not None else None
        found = await self._ledger.usage(
            None if asked == EVERYBODY else asked, end - SPAN * DAY if start is None else start, end, by
        )
        rows = [usage_row(row, by) for row in found]
        if query.choice("format", ("json", "csv")) == "csv":
            headers = {"Content-Disposition": f'attachment; filename="usage-by-{by}.csv"'}
            return Response(as_csv(rows, by), 200, headers, "text/csv")
        return reply({"code": 200, "data": rows, "currency": (await self._ledger.prices()).currency})


def usage_row(row: UsageRow, by: By) -> dict[str, Any]:
    """A row as JSON shows it."""
    name = WORDS[Status(row.name)] if by is By.STATUS else row.name
    seconds = int(row.seconds) if row.seconds == int(row.seconds) else round(row.seconds, 3)
    return {
        COLUMNS[by]: name,
        "tasks": row.tasks,
        "seconds": seconds,
        "tokens": row.tokens,
        "cost": money.number(row.cost),
    }


def as_csv(rows: Sequence[dict[str, Any]], by: By) -> str:
    """RFC 4180, with a line of names. A name that a spreadsheet would take for a formula gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, (COLUMNS[by], "tasks", "seconds", "tokens", "cost"))
    writer.writeheader()
    for row in rows:
        name = str(row[COLUMNS[by]])
        writer.writerow(row | {COLUMNS[by]: f"'{name}" if name[:1] in "=+-@\t\r" else name})
    return out.getvalue()


def _moment(query: Query, name: str, after: bool = False) -> float | None:
    """Unix seconds of a date (UTC; with `after` its end) or of Unix seconds."""
    text = query.text(name)
    if text is None:
        return None
    try:
        if text.isascii() and text.isdigit() and len(text) <= 11:
            return float(text)
        day = datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=datetime.UTC)
        return day.timestamp() + (DAY if after else 0)
    except (ValueError, OverflowError):
        raise InvalidRequest(
            f"{name} {text[:60]!r} is not valid; send a date such as 2026-11-01 (UTC) or Unix seconds",
            param=name,
            reason=f"invalid_{name}",
        ) from None
