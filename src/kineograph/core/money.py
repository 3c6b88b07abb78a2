"""Money as whole micros, millionths of the unit of account: exact, whatever is added up. No floating point decides anything."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from kineograph.core.errors import InvalidRequest

MICROS = 1_000_000  # of one unit
MOST = 10**9 * MICROS  # of anything; a JSON number of this size still holds every micro (2**53 is nine times as many)
CREDITS = 10  # per unit, as the seed's balance shows them


def parse(value: object, param: str = "amount") -> int:
    """Micros of an amount as people and JSON write it: 12, 0.05, "12.50".

    Raises:
        InvalidRequest: not a number, finer than a millionth, or beyond ±MOST.
    """
    amount = _decimal(value)
    if amount is None:
        raise _wrong(param, value, 'send an amount such as 0.05 or "12.50"')
    micros = amount * MICROS
    if micros != micros.to_integral_value():
        raise _wrong(param, value, "use at most six decimals")
    return int(micros)


def _decimal(value: object) -> Decimal | None:
    """The number, if it is one of a size we take. A JSON number was written by somebody as its shortest digits."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 40:
        return None
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) <= MOST // MICROS else None


def number(micros: int) -> int | float:
    """The amount as a JSON number: its shortest digits are exactly the amount, up to MOST."""
    return micros // MICROS if micros % MICROS == 0 else micros / MICROS


def text(micros: int) -> str:
    """The amount for people: at least two decimals, and all that count."""
    whole, rest = divmod(abs(micros), MICROS)
    decimals = f"{rest:06}".rstrip("0").ljust(2, "0")
    return f"{'-' if micros < 0 else ''}{whole}.{decimals}"


def _wrong(param: str, value: object, remedy: str) -> InvalidRequest:
    word = param.rpartition(".")[2].partition("[")[0]
    return InvalidRequest(f"{param} {str(value)[:60]!r} is not valid; {remedy}", param=param, reason=f"invalid_{word}")
