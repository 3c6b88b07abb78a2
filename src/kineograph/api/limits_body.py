"""Limits of keys and accounts on the wire, and the version that whoever changes them has seen."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from starlette.requests import Request

from kineograph.api.body import read_json
from kineograph.core import money
from kineograph.core.allowance import Allowance
from kineograph.core.errors import InvalidRequest

STRICT = ConfigDict(strict=True, extra="forbid", frozen=True)
MOST = 10**9  # of anything that is counted
LIST = 100  # entries of a list

Amount = int | float | str  # read by core.money, exactly
Count = Annotated[int, Field(ge=0, le=MOST)]


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise PydanticCustomError("network", "network") from None


class LimitsBody(BaseModel):
    """`limits`, whole: what is left out or null is no limit."""

    model_config = STRICT
    requests_per_minute: int | None = Field(None, ge=1, le=MOST)
    seconds_per_day: Count | None = None
    seconds_per_month: Count | None = None
    spend: Amount | None = None
    max_resolution: Literal["480p", "720p", "1080p"] | None = None
    max_duration: int | None = Field(None, ge=1, le=3600)
    models: list[Annotated[str, Field(min_length=1, max_length=200)]] | None = Field(None, max_length=LIST)
    addresses: list[Annotated[str, AfterValidator(_network)]] | None = Field(None, max_length=LIST)

    def allowance(self) -> Allowance:
        """What is allowed. Raises InvalidRequest for an amount that is none."""
        given = {name: value for name, value in self.model_dump().items() if value is not None}
        if "spend" in given and money.parse(given["spend"], "limits.spend") < 0:
            raise InvalidRequest(
                f"limits.spend {given['spend']} is negative; send 0 or more", param="limits", reason="invalid_spend"
            )
        return Allowance.of(given)


def allowance(body: LimitsBody | None) -> Allowance:
    """What a new key or account is allowed."""
    return Allowance() if body is None else body.allowance()


LIMITS_REMEDY = (
    "send an object of requests_per_minute, seconds_per_day, seconds_per_month, spend, max_resolution (480p, 720p, 1080p), "
    "max_duration, models (a list of names) and addresses (a list such as 10.0.0.0/8); null takes one away"
)


REMEDIES = dict.fromkeys(LimitsBody.model_fields, LIMITS_REMEDY)


async def document_of(request: Request) -> dict[str, Any]:
    """The body's fields; null means absent."""
    document, _ = await read_json(request)
    return {name: value for name, value in document.items() if value is not None}


def version_seen(request: Request, version: int | None) -> int | None:
    """The version the caller has seen: of the body, else of `If-Match`; None = whatever there is. Raises InvalidRequest."""
    given = request.headers.get("if-match")
    if version is not None or given is None or given.strip() == "*":
        return version
    number = given.strip().removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise InvalidRequest(
            f'If-Match {given[:60]!r} is not valid; send the version you saw, such as "3"',
            param="If-Match",
            reason="invalid_if_match",
        )
    return int(number)
