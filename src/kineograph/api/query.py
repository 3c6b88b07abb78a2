"""Query parameters: each at most once, and every wrong value a sentence."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl

from starlette.requests import Request

from kineograph.core.errors import InvalidRequest

_MOST, _MANY = 64, 1024  # parameters of a query; where one may be repeated


class Query:
    """The query string of a request. Unknown names are ignored. Raises InvalidRequest for what cannot be read.

    Args:
        several: A name that may be sent more than once, if there is one.
    """

    def __init__(self, request: Request, several: str | None = None) -> None:
        raw: bytes = request.scope["query_string"]
        pairs = _parse(raw, _MANY if several else _MOST) if raw else []
        self._several = [value for name, value in pairs if name == several]
        self._values: dict[str, str] = _once([pair for pair in pairs if pair[0] != several])

    def several(self) -> list[str]:
        """All values of the name that may be sent more than once."""
        return self._several

    def text(self, name: str) -> str | None:
        """The value as it is, None if absent."""
        return self._values.get(name)

    def integer(self, name: str, lowest: int, highest: int) -> int | None:
        """A whole number from `lowest` to `highest`, None if absent."""
        value = self._values.get(name)
        if value is None:
            return None
        digits = value.removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) <= 15 and lowest <= int(value) <= highest:
            return int(value)
        raise _wrong(name, value, f"use a whole number from {lowest} to {highest}")

    def choice(self, name: str, options: Collection[str]) -> str | None:
        """One of the options, None if absent."""
        value = self._values.get(name)
        if value is None or value in options:
            return value
        raise _wrong(name, value, f"use one of {', '.join(options)}")

    def starting(self, prefix: str) -> dict[str, str]:
        """All parameters whose name begins with the prefix, under the rest of their names."""
        return {name[len(prefix) :]: value for name, value in self._values.items() if name.startswith(prefix)}


def _parse(raw: bytes, most: int) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True, max_num_fields=most, errors="strict")
    except UnicodeDecodeError:
        raise InvalidRequest("the query string is not UTF-8; percent-encode it", reason="invalid_query") from None
    except ValueError:
        raise InvalidRequest(f"the query string has more than {most} parameters", reason="invalid_query") from None
    for name, value in pairs:
        if "\x00" in value or "\x00" in name:
            raise _wrong(name.replace("\x00", ""), "…", "leave the character NUL out")
    return pairs


def _once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    values = dict(pairs)
    if len(values) != len(pairs):
        twice = next(name for name in values if sum(1 for other, _ in pairs if other == name) > 1)
        raise InvalidRequest(
            f"query parameter {twice[:60]!r} appears twice; send it once", param=twice[:60], reason="invalid_query"
        )
    return values


def _wrong(name: str, value: str, remedy: str) -> InvalidRequest:
    word = "".join(letter if letter.isalnum() else "_" for letter in name[:40])
    return InvalidRequest(
        f"{name[:60]} {value[:60]!r} is not valid; {remedy}", param=name[:60], reason=f"invalid_{word}"
    )
