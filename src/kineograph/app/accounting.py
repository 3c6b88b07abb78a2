"""Accounts, prices and usage, from the operator's command line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from ulid import ULID

from kineograph.app.parts import Parts, opened
from kineograph.core.allowance import Allowance
from kineograph.core.errors import InvalidRequest, OperatorError
from kineograph.core.ledger import CLI, Account, AccountChange, By, Entry, UsageRow
from kineograph.core.pricing import Price, PriceTable, currency_label, price_rows
from kineograph.settings import Settings
from kineograph.telemetry import event

T = TypeVar("T")


def create_account(settings: Settings, name: str, grant: int, metered: bool) -> Account:
    """A new account that begins with this many micros."""
    account = Account(f"acct_{ULID()}", name, time.time(), metered=metered)
    return _with(settings, lambda parts: parts.ledger.open_account(account, grant, CLI))


def list_accounts(settings: Settings) -> Sequence[Account]:
    """All, oldest first."""
    return _with(settings, lambda parts: parts.ledger.accounts())


def show_account(settings: Settings, account_id: str, lines: int) -> tuple[Account, Sequence[Entry]] | None:
    """The account and its newest lines; None if there is none."""

    async def show(parts: Parts) -> tuple[Account, Sequence[Entry]] | None:
        account = await parts.ledger.account(account_id)
        return None if account is None else (account, await parts.ledger.entries(account_id, lines))

    return _with(settings, show)


def set_account(
    settings: Settings, account_id: str, change: AccountChange, limits: Callable[[Allowance], Allowance]
) -> Account | None:
    """Change it; `limits` gives the new ones for those it has. None if there is none."""

    async def apply(parts: Parts) -> Account | None:
        account = await parts.ledger.account(account_id)
        if account is None:
            return None
        wanted = limits(account.limits)
        whole = AccountChange(
            change.name, change.metered, change.overdraft, change.running, None if wanted == account.limits else wanted
        )
        changed = await parts.ledger.change_account(account_id, whole, account.version, CLI)
        await parts.fleet.tend()
        return changed

    return _with(settings, apply)


def credit(settings: Settings, account_id: str, amount: int, reason: str) -> Entry | None:
    """Add to the balance, or take from it. None if there is no such account."""
    return _with(settings, lambda parts: parts.ledger.adjust(account_id, amount, reason, CLI))


def show_prices(settings: Settings) -> PriceTable:
    """The table that holds now."""
    return _with(settings, lambda parts: parts.ledger.prices())


def set_price(
    settings: Settings, row: Price | None, remove: tuple[str, str] | None, currency: str | None
) -> PriceTable:
    """Put a row in, take one out, or change the label; the rest of the table stays."""

    async def apply(parts: Parts) -> PriceTable:
        table = await parts.ledger.prices()
        place = remove or ((row.model, row.resolution) if row else None)
        rows = [each for each in table.rows if (each.model, each.resolution) != place] + ([row] if row else [])
        return await parts.ledger.set_prices(currency or table.currency, rows, table.version, CLI)

    return _with(settings, apply)


def used(settings: Settings, account_id: str | None, start: float, end: float, by: By) -> Sequence[UsageRow]:
    """What was used; None = by everybody."""
    return _with(settings, lambda parts: parts.ledger.usage(account_id, start, end, by))


async def first_prices(parts: Parts) -> None:
    """Take over the prices of kineo.toml where none were ever set.

    Raises:
        OperatorError: they are no price table.
    """
    given = parts.settings.prices
    if not given or (await parts.ledger.prices()).version:
        return
    try:
        if extra := sorted(set(given) - {"currency", "rows"}):
            raise InvalidRequest(f"{extra[0]} is not known there; write currency and rows")
        currency, rows = currency_label(given.get("currency", "USD")), price_rows(given.get("rows"))
    except InvalidRequest as error:
        raise OperatorError(f"[prices] in kineo.toml is no price table: {error.message}") from error
    await parts.ledger.set_prices(currency, rows, None, "kineo.toml")
    event("prices.taken_over", rows=len(rows))


def _with(settings: Settings, verb: Callable[[Parts], Awaitable[T]]) -> T:
    async def run() -> T:
        async with opened(settings) as parts:
            return await verb(parts)

    return asyncio.run(run())
