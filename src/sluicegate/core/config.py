"""Configuration: typed, from the environment, checked once at start.

Every setting is ``SLUICEGATE_<NAME>``; a secret can also be ``SLUICEGATE_<NAME>_FILE``, the path of a file
that holds it. ``DATABASE_URL`` is read as well, because that is what platforms set.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from sluicegate.core.errors import ConfigurationError

PREFIX = "SLUICEGATE_"
Network = IPv4Network | IPv6Network


def _default_data_dir() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/sluicegate")
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "sluicegate"


class Config(BaseModel):
    """All settings. The descriptions are the reference page's text."""

    # Input stays out of errors: it may be a secret with a typing error in it.
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL for Sluicegate's own data. Unset: `up` starts a private one in the data directory.",
    )
    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="Directory for the key file and the private PostgreSQL.",
    )
    key: SecretStr | None = Field(
        None,
        description="The sealing key, 32 bytes in base64. Unset: read from, or made in, `sealing.key` of the data "
        "directory. Every web and worker process must have the same one.",
    )
    host: str = Field("127.0.0.1", description="Address on which `web` listens.")
    port: int = Field(8180, ge=1, le=65535, description="Port on which `web` listens.")
    public_url: str = Field("", description="Address under which people reach the service; used in links.")
    trusted_proxies: tuple[str, ...] = Field(
        (), description="Addresses of reverse proxies whose X-Forwarded-* headers are believed, by comma."
    )
    language: Literal["zh", "en"] = Field("zh", description="Language where a person has chosen none.")
    time_zone: str = Field("Asia/Shanghai", description="IANA time zone in which times are shown.")
    log_format: Literal["text", "json"] = Field("text", description="Format of log lines on standard error.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")
    max_script_bytes: int = Field(
        100 * 1024 * 1024, ge=1024, description="Largest SQL script a ticket takes, in bytes."
    )
    review_count_seconds: float = Field(
        5.0,
        ge=0.1,
        le=600,
        description="Longest time that counting one statement's rows exactly may take, for tickets that ask for it.",
    )
    review_explains_per_second: int = Field(
        50,
        ge=1,
        le=10_000,
        description="Estimates asked of one data source in a second, at most, by all processes together.",
    )
    session_hours: int = Field(12, ge=1, le=720, description="Hours after which a console session ends.")
    web_threads: int = Field(8, ge=1, le=256, description="Requests that one web process handles at once.")
    worker_concurrency: int = Field(8, ge=1, le=256, description="Jobs that one worker runs at once.")
    lease_seconds: float = Field(
        6.0,
        ge=1,
        le=600,
        description="Silence after which a worker counts as dead and its work is taken over.",
    )
    reconcile_seconds: float = Field(
        30.0,
        ge=1,
        le=86400,
        description="Interval at which new approvals are read again from the provider; older ones are read more rarely.",
    )
    approval_days: int = Field(7, ge=1, le=365, description="Days after which an unused approval expires.")
    sqlite_roots: tuple[Path, ...] = Field(
        (), description="Directories whose files may be SQLite data sources, by comma. Empty: none may."
    )
    target_networks: tuple[Network, ...] = Field(
        (),
        description="Networks in which data sources may be, such as `10.0.0.0/8`, by comma. Unset: everywhere. "
        "Link-local, multicast and cloud metadata addresses are refused unless they are named here.",
    )
    dingtalk_api_base: str = Field("https://api.dingtalk.com", description="DingTalk's new API host.")
    dingtalk_oapi_base: str = Field("https://oapi.dingtalk.com", description="DingTalk's old API host.")
    dingtalk_calls_per_second: int = Field(
        20,
        ge=1,
        le=1000,
        description="Calls of one DingTalk API that all processes together begin in a second, at most. DingTalk's limit "
        "for an app is 20, or 60 with its add-on package.",
    )

    @field_validator("trusted_proxies", "sqlite_roots", "target_networks", mode="before")
    @classmethod
    def _by_comma(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("not an IANA time zone name such as Asia/Shanghai") from error
        return value

    @field_validator("database_url")
    @classmethod
    def _postgres_only(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("must begin with postgresql://")
        return value

    @field_validator("public_url", "dingtalk_api_base", "dingtalk_oapi_base")
    @classmethod
    def _bare_url(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("sqlite_roots")
    @classmethod
    def _absolute_paths(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        for root in value:
            if not root.is_absolute():
                raise ValueError(f"{root} is not an absolute path")
        return value

    @property
    def url(self) -> str:
        """Address for links: the public one, or where `web` listens."""
        return self.public_url or f"http://{self.host}:{self.port}"


SECRETS = tuple(name for name, field in Config.model_fields.items() if "SecretStr" in str(field.annotation))


def load(environ: Mapping[str, str]) -> Config:
    """Read and check the configuration.

    Raises:
        ConfigurationError: ``config_invalid`` naming the variable and what is wrong with it, or
            ``config_unknown`` for a ``SLUICEGATE_`` variable that is no setting (most likely a typing error).
    """
    values = _settings(environ)
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else ""
        raise ConfigurationError("config_invalid", name=PREFIX + name, problem=first["msg"]) from error


def _settings(environ: Mapping[str, str]) -> dict[str, str]:
    values: dict[str, str] = {}
    if environ.get("DATABASE_URL"):  # empty, as compose files leave it, is unset
        values["database_url"] = environ["DATABASE_URL"]
    for variable, value in environ.items():
        if not variable.startswith(PREFIX) or variable in _NOT_SETTINGS:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name.endswith("_file") and name.removesuffix("_file") in SECRETS:
            values[name.removesuffix("_file")] = _read_secret(variable, value)
        elif name in Config.model_fields:
            values[name] = value
        else:
            raise ConfigurationError("config_unknown", name=variable)
    return values


# Read by the command-line client and by tests, not by the service.
_NOT_SETTINGS = frozenset({PREFIX + "URL", PREFIX + "TOKEN", PREFIX + "PASSWORD"})


def _read_secret(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(
            "config_invalid", name=variable, problem=error.strerror or "unreadable"
        ) from error
    except UnicodeDecodeError:  # whose text holds the secret
        raise ConfigurationError("config_invalid", name=variable, problem="not UTF-8 text") from None


@cache
def config() -> Config:
    """The configuration of this process."""
    return load(os.environ)
