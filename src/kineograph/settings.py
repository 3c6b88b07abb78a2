"""One tree of settings: kineo.toml < environment (KINEO_*) < flags. Read by cli and app only."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSetting

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_BYTES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


def _duration(value: object) -> object:
    """`90`, `"90s"`, `"15m"`, `"24h"`, `"7d"` -> seconds."""
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd]?)\s*", value.lower())):
        return float(match[1]) * _SECONDS[match[2] or "s"]
    return value


def _size(value: object) -> object:
    """`"50GB"`, `"500 MB"`, `1000000` -> bytes."""
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)b?\s*", value.lower())):
        return int(float(match[1]) * _BYTES[match[2]])
    return value


def _names(value: object) -> object:
    """A comma-separated string, or a list."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Seconds = Annotated[float, BeforeValidator(_duration)]
Bytes = Annotated[int, BeforeValidator(_size)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]


class UpstreamRow(BaseModel):
    """A row of `[upstreams]`: a server that makes films for us. See docs/howto/upstream-seedance.md."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dialect: Literal["ark", "apimart", "openai"]
    base_url: str = Field(pattern=r"^https?://[^/\s]+(/[^?#\s]*)?$")
    key: str = Field("", repr=False)
    key_env: str | None = None
    models: dict[str, str] = Field(default_factory=dict)
    concurrency: int | None = Field(None, ge=1)
    rpm: int = Field(600, ge=1)
    time_limit: Seconds = Field(7200.0, gt=0, le=259_200)
    poll: Seconds = Field(3.5, gt=0, le=60)
    max_film: Bytes = Field(1_000_000_000, gt=0)
    on_operator_problem: Literal["wait", "fail"] = "wait"
    quirks: dict[str, str] = Field(default_factory=dict)
    prices: dict[str, Any] = Field(default_factory=dict)


class SettingsError(Exception):
    """A setting is wrong; says which, its value and the way out."""


class Settings(BaseSettings):
    """Everything an operator can set. `docs/reference/settings.md` is generated from here."""

    model_config = SettingsConfigDict(env_prefix="KINEO_", env_ignore_empty=True, extra="forbid", frozen=True)

    data: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("kineograph", appauthor=False)),
        description="Data folder: database, films, keys, logs of the first start, compiled kernels.",
    )
    database_url: str | None = Field(None, description="Database; default: SQLite in the data folder.")
    storage_url: str | None = Field(
        None,
        description="File storage: `s3://bucket/prefix`, `gs://…`, `az://…` or `file:///folder`. "
        "Default: `files/` in the data folder.",
    )
    storage_options: dict[str, Any] = Field(
        default_factory=dict,
        repr=False,
        description="For a bucket: endpoint, region, credentials…; see docs/howto/object-storage.md.",
    )
    storage_redirect: bool = Field(
        False, description="Send downloads on to the bucket (a link of 15 minutes) instead of through this service."
    )
    host: str = Field("127.0.0.1", description="Address `kineo serve` listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port `kineo serve` listens on; 0 picks a free one.")
    workers: int = Field(1, ge=0, le=256, description="Films made at once by `kineo serve`; 0 = only the API.")
    public_url: str | None = Field(
        None,
        description="Base of result links, e.g. https://films.example.org. Default: scheme and Host of the request.",
    )
    link_ttl: Seconds = Field(
        86400.0, gt=0, description="How long a result link lives; a new one comes with every status."
    )
    fetch_allow: Names = Field((), description="Networks exempt from the SSRF guard, e.g. 127.0.0.0/8,10.1.0.0/16.")
    trusted_proxies: Names = Field((), description="Networks whose X-Forwarded-* headers are believed.")
    cors_origins: Names = Field((), description="Origins whose web pages may call the API. Default: none.")
    admin_key: str | None = Field(None, description="Text of the first admin key, instead of a random one.")
    keep_files: Seconds = Field(7 * 86400.0, gt=0, description="How long films are kept after they are finished.")
    keep_tasks: Seconds = Field(90 * 86400.0, gt=0, description="How long finished tasks are remembered.")
    max_disk: Bytes | None = Field(None, gt=0, description="Budget for films; the oldest go first. Default: none.")
    min_free: Bytes = Field(
        500 * 10**6, ge=0, description="Room on the data disk below which no new work is taken (503, `storage_full`)."
    )
    time_limit: Seconds = Field(1800.0, gt=0, description="Longest time one attempt at a film may take.")
    drain: Seconds = Field(
        20.0, ge=0, description="On SIGTERM: how long a running film may still take before it is handed back."
    )
    linger: Seconds = Field(
        0.0,
        ge=0,
        description="On SIGTERM: how long the API goes on answering while `/readyz` says 503, so that a load balancer "
        "stops sending first. Set it a little above the balancer's interval of checks.",
    )
    lease: Seconds = Field(
        15.0, ge=1, description="Silence after which a worker is taken for dead and its films go to others."
    )
    queue_per_key: int | None = Field(
        None, gt=0, description="Unfinished tasks of one key; more are refused with 429. Default: none."
    )
    queue_per_account: int = Field(
        200_000, gt=0, description="Unfinished tasks of one account; more are refused with 429."
    )
    queue_total: int | None = Field(
        None, gt=0, description="Unfinished tasks of everybody; more are refused with 429. Default: none."
    )
    require_worker: bool = Field(
        False, description="Refuse with 503 what no live worker could make, instead of letting it wait for one."
    )
    queue_time_limit: Seconds | None = Field(
        None, gt=0, description="Longest time a task may wait for a worker before it fails. Default: none."
    )
    simulation: bool = Field(
        False,
        description="Callers may ask for slow, failing or rate-limited films by the header X-Kineograph-Simulate; "
        "see docs/howto/test-your-app.md.",
    )
    log_level: str = Field("info", description="debug, info, warning or error.")
    log_format: str = Field("auto", description="`console`, `json`, or `auto`: console on a terminal, else json.")
    models: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Catalogue rows by public name; see docs/howto/models.md."
    )
    upstreams: dict[str, UpstreamRow] = Field(
        default_factory=dict,
        repr=False,
        description="Other servers that make films, by the name of the engine; see docs/howto/upstream-seedance.md.",
    )

    prices: dict[str, Any] = Field(
        default_factory=dict,
        description="The first price table, taken over where none was ever set; see docs/howto/prices.md.",
    )

    @field_validator("fetch_allow", "trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ipaddress.ip_network(network, strict=False)
        return value

    @field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.lower() not in {"debug", "info", "warning", "error"}:
            raise ValueError("use debug, info, warning or error")
        return value.lower()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment; the file comes in through `load`."""
        return (init_settings, env_settings)


def load(**flags: Any) -> Settings:
    """Settings of this process. Flags that are None were not given.

    `kineo.toml` is read from the working folder, then from the data folder.

    Raises:
        SettingsError: a value is wrong, or a name is unknown; says which and where.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        first = Settings(**given)
        files = [folder / "kineo.toml" for folder in (Path.cwd(), first.data) if (folder / "kineo.toml").is_file()]
        if not files:
            return first
        values = _environment_wins(_read(files[0]), first)
        return Settings(**{**values, **given})
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from error
    except UnreadableSetting as error:  # its text names the field and not the value, which may be a secret
        raise SettingsError(f"{error}; tables are written as JSON in the environment") from error


def _environment_wins(values: dict[str, Any], first: Settings) -> dict[str, Any]:
    # `first` was made of flags and environment alone: what it was told must not be overruled by the file.
    return {name: value for name, value in values.items() if name not in first.model_fields_set}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path.name} is not valid TOML: {error}") from error


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"]) or "settings"
    if first["type"] == "extra_forbidden":
        return f"unknown setting {name!r}; `kineo doctor` lists the ones there are"
    value = "" if name.startswith(("storage_options", "upstreams")) else f" = {first.get('input')!r}"  # may be a secret
    return f"setting {name} (KINEO_{name.upper()}){value}: {first['msg']}"
