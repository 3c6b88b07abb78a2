"""What an account or a key is allowed: models, sizes, addresses, and how much of them in which time."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from kineograph.core import money
from kineograph.core.errors import Forbidden, Policy, TooMany, Unsupported
from kineograph.core.request import RESOLUTIONS, VideoRequest

DAY = 86_400  # seconds


@dataclass(frozen=True, slots=True)
class Allowance:
    """Limits of an account or of a key; both hold, the narrower wins. None = no limit of that kind.

    Attributes:
        requests_per_minute: HTTP requests, counted by every API process for itself.
        seconds_per_day, seconds_per_month: Of video, accepted in a day or month of UTC and not failed or cancelled.
        spend: Micros per month of UTC.
        max_resolution: The largest of RESOLUTIONS.
        max_duration: Seconds of one film.
        models: Public names; empty = all.
        addresses: Networks callers may come from; empty = all.
    """

    requests_per_minute: int | None = None
    seconds_per_day: int | None = None
    seconds_per_month: int | None = None
    spend: int | None = None
    max_resolution: str | None = None
    max_duration: int | None = None
    models: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    @property
    def counted(self) -> bool:
        """Whether it bounds what adds up over days."""
        return (self.seconds_per_day, self.seconds_per_month, self.spend) != (None, None, None)

    def check(self, request: VideoRequest, whose: str) -> None:
        """Refuse a request that is not allowed.

        Args:
            whose: "this key" or "this account".

        Raises:
            Forbidden: the model.
            Unsupported: size or length.
        """
        if self.models and request.model not in self.models:
            raise Forbidden(
                f"{whose} may not use {request.model}; it may use {', '.join(self.models)}",
                param="model",
                reason="model_not_allowed",
            )
        longest = self.max_resolution
        if longest is not None and RESOLUTIONS.index(request.resolution) > RESOLUTIONS.index(longest):
            raise Unsupported(
                f"resolution {request.resolution!r} is above {longest}, the most {whose} may use; ask for {longest} or less",
                param="resolution",
                reason="resolution_not_allowed",
            )
        if self.max_duration is not None and request.duration > self.max_duration:
            raise Unsupported(
                f"duration {request.duration} is above {self.max_duration} seconds, the most {whose} may use; "
                "ask for a shorter film",
                param="duration",
                reason="duration_not_allowed",
            )

    def admits(self, address: str) -> bool:
        """Whether a caller may come from there."""
        if not self.addresses:
            return True
        try:
            caller = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = getattr(caller, "ipv4_mapped", None)
        return any((mapped or caller) in ipaddress.ip_network(network) for network in self.addresses)

    def document(self) -> dict[str, Any]:
        """As JSON shows it: only what is set, money as a number."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        if self.spend is not None:
            found["spend"] = money.number(self.spend)
        shown = {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}
        return {name: value for name, value in shown.items() if value or value == 0}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Allowance:
        """From what `document` gave."""
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in document.items()
        }
        if known.get("spend") is not None:
            known["spend"] = money.parse(known["spend"], "spend")
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Spent:
    """What was accepted so far and neither failed nor was cancelled.

    Attributes:
        day_seconds, month_seconds: Of video, today and this month (UTC).
        month_micros: Money, this month.
    """

    day_seconds: int = 0
    month_seconds: int = 0
    month_micros: int = 0


def room(allowance: Allowance, spent: Spent, seconds: int, micros: int, now: float, whose: str) -> None:
    """Refuse what would exceed a limit that adds up.

    Raises:
        TooMany: says when the limit starts anew.
    """
    day, month = DAY - int(now) % DAY, int(month_end(now) - now) + 1
    days = int(month_end(now)) // DAY - month_start(now)
    kinds = (
        ("seconds_per_day", allowance.seconds_per_day, spent.day_seconds, seconds, DAY, day),
        ("seconds_per_month", allowance.seconds_per_month, spent.month_seconds, seconds, days * DAY, month),
        ("spend", allowance.spend, spent.month_micros, micros, days * DAY, month),
    )
    for name, most, used, more, window, reset in kinds:
        if most is None or more == 0 or used + more <= most:
            continue
        shown = money.text if name == "spend" else str
        what = "" if name == "spend" else "seconds of video "
        told = f"{shown(most)} {what}a {'day' if window == DAY else 'month'}, {shown(used)} used and {shown(more)} asked for"
        scale = money.MICROS if name == "spend" else 1  # the header counts whole units
        policy = Policy(name, most // scale, window, max(0, most - used) // scale, reset)
        raise TooMany(
            f"{whose} may use {told}; it starts anew in {_time(reset)} (UTC)",
            retry_after=reset,
            reason=name,
            policy=policy,
        )


def _time(seconds: int) -> str:
    days, hours = seconds // DAY, seconds % DAY // 3600
    return f"{days} days" if days > 1 else f"{days * 24 + hours} hours" if days or hours else f"{seconds} seconds"


def day_of(at: float) -> int:
    """The day of UTC since 1970."""
    return int(at // DAY)


def month_start(at: float) -> int:
    """The first day of the month, as a day of UTC since 1970."""
    moment = datetime.datetime.fromtimestamp(at, tz=datetime.UTC)
    return day_of(moment.replace(day=1).timestamp())


def month_end(at: float) -> float:
    """Unix seconds at which the next month of UTC begins."""
    moment = datetime.datetime.fromtimestamp((month_start(at) + 32) * DAY, tz=datetime.UTC)
    return float(month_start(moment.timestamp()) * DAY)
