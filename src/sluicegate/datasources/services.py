"""Use cases on data sources and environments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from sluicegate.accounts.access import Access, Place, access_of
from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Action, Permission
from sluicegate.accounts.services import require
from sluicegate.audit.log import record, unit_of_work
from sluicegate.core import crypto
from sluicegate.core.config import config
from sluicegate.core.errors import Conflict, InvalidInput, NotFound
from sluicegate.datasources.models import DataSource, Environment
from sluicegate.dialects import registry
from sluicegate.dialects.base import TlsMode, Unsupported

BUILTIN_ENVIRONMENTS = (
    ("dev", "开发", "Development", 10, False),
    ("test", "测试", "Test", 20, False),
    ("prod", "生产", "Production", 30, True),
)
# Changing one of these makes it another server: approvals given before don't count for it.
_IDENTITY = frozenset(
    {"dialect", "host", "port", "database", "user", "environment", "marker_place", "tls_mode", "tls_ca"}
)
# Where a kept secret would go to: who changes one of these has to know the secret.
_DESTINATION = frozenset({"dialect", "host", "port", "tls_mode", "tls_ca"})
_SECRETS = frozenset({"password", "review_password", "tls_key"})
MAX_SECONDS = 7 * 24 * 3600.0
SESSIONS_OF_A_REVIEW = 2  # where there is a review account: the catalogue's and that of plans and counts


@dataclass(frozen=True, slots=True)
class DataSourceFields:
    """What is known of a data source; None leaves a field as it is. ``password``, ``review_password`` and
    ``tls_key`` are write-only. ``review_user`` "" takes the review account away, with its password."""

    name: str | None = None
    remark: str | None = None
    dialect: str | None = None
    host: str | None = None
    port: int | None = None
    database: str | None = None
    user: str | None = None
    password: str | None = None
    review_user: str | None = None
    review_password: str | None = None
    tls_mode: str | None = None
    tls_ca: str | None = None
    tls_certificate: str | None = None
    tls_key: str | None = None
    environment: str | None = None
    tags: Sequence[str] | None = None
    max_sessions: int | None = None
    connect_seconds: float | None = None
    statement_seconds: float | None = None
    review_seconds: float | None = None
    lock_wait_seconds: float | None = None
    marker_place: str | None = None


def ensure_builtin_environments() -> None:
    for code, name_zh, name_en, position, production in BUILTIN_ENVIRONMENTS:
        Environment.objects.get_or_create(
            code=code,
            defaults={
                "name_zh": name_zh,
                "name_en": name_en,
                "position": position,
                "production": production,
            },
        )


def save_environment(
    *, by: User, code: str, name_zh: str, name_en: str, position: int, production: bool
) -> Environment:
    require(by, Permission.DATASOURCE_MANAGE)
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", code):
        raise InvalidInput("code_invalid", code=code)
    with unit_of_work():
        environment, _ = Environment.objects.update_or_create(
            code=code,
            defaults={
                "name_zh": name_zh,
                "name_en": name_en,
                "position": position,
                "production": production,
            },
        )
        record(by.actor, "environment.saved", "environment", code, production=production)
    return environment


def register_datasource(*, by: User, values: DataSourceFields) -> DataSource:
    """Register a server. Nothing is contacted; ``test`` does that."""
    require(by, Permission.DATASOURCE_MANAGE)
    if not values.name or not values.dialect or not values.environment:
        raise InvalidInput("datasource_fields_missing")
    with unit_of_work():
        if DataSource.objects.filter(name=values.name).exists():
            raise Conflict("datasource_name_taken", name=values.name)
        datasource = DataSource()
        _apply(datasource, values)
        datasource.save()
        _seal(datasource, values)
        record(by.actor, "datasource.registered", "datasource", datasource.pk, **_public(values))
    return datasource


def edit_datasource(*, by: User, datasource_id: int, values: DataSourceFields) -> DataSource:
    """Change a server's data. A change of what or where it is voids approvals given for it."""
    require(by, Permission.DATASOURCE_MANAGE)
    with unit_of_work():
        datasource = _locked(by, datasource_id)
        if values.name and DataSource.objects.filter(name=values.name).exclude(pk=datasource.pk).exists():
            raise Conflict("datasource_name_taken", name=values.name)
        changed = _apply(datasource, values)
        _require_secrets(datasource, values, changed)
        if changed & _IDENTITY:
            datasource.revision += 1
        datasource.save()
        _seal(datasource, values)
        record(
            by.actor,
            "datasource.edited",
            "datasource",
            datasource.pk,
            revision=datasource.revision,
            **_public(values),
        )
    return datasource


def set_datasource_enabled(*, by: User, datasource_id: int, enabled: bool) -> DataSource:
    """A disabled data source takes no new ticket and executes nothing; its history stays."""
    require(by, Permission.DATASOURCE_MANAGE)
    with unit_of_work():
        datasource = _locked(by, datasource_id)
        datasource.enabled = enabled
        datasource.save(update_fields=["enabled"])
        record(
            by.actor,
            "datasource.enabled" if enabled else "datasource.disabled",
            "datasource",
            datasource.pk,
            name=datasource.name,
        )
    return datasource


def _locked(by: User, datasource_id: int) -> DataSource:
    visible_datasource(by, datasource_id)
    return DataSource.objects.select_for_update().select_related(None).get(pk=datasource_id)


def _apply(datasource: DataSource, values: DataSourceFields) -> set[str]:
    """Set and check; returns the names of what changed."""
    changed: set[str] = set()
    for field in fields(values):
        value = getattr(values, field.name)
        if value is None or field.name in _SECRETS:
            continue
        if field.name == "environment":
            environment = Environment.objects.filter(code=value).first()
            if environment is None:
                raise InvalidInput("environment_unknown", code=value)
            if datasource.environment_id != environment.pk:
                datasource.environment = environment
                changed.add("environment")
        elif getattr(datasource, field.name) != value:
            setattr(datasource, field.name, value)
            changed.add(field.name)
    _check(datasource)
    return changed


def _require_secrets(datasource: DataSource, values: DataSourceFields, changed: set[str]) -> None:
    kept_password = datasource.sealed_password and values.password is None
    kept_review = (
        datasource.review_user and datasource.sealed_review_password and values.review_password is None
    )
    kept_key = datasource.sealed_tls_key and values.tls_key is None
    if changed & _DESTINATION and (kept_password or kept_review or kept_key):
        raise InvalidInput("datasource_secret_needed")


def _check(datasource: DataSource) -> None:
    dialect = registry.get(datasource.dialect)
    features = dialect.features
    if not features.connects:
        raise Unsupported("dialect_analysis_only", dialect=dialect.label)
    if datasource.tls_mode not in tuple(TlsMode):
        raise InvalidInput("tls_mode_unknown", mode=datasource.tls_mode, known=", ".join(TlsMode))
    if datasource.marker_place and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", datasource.marker_place):
        raise InvalidInput("marker_place_invalid", place=datasource.marker_place)
    if not 1 <= datasource.max_sessions <= 200:
        raise InvalidInput("max_sessions_invalid")
    if min(datasource.connect_seconds, datasource.review_seconds) <= 0:
        raise InvalidInput("seconds_invalid")
    if min(datasource.statement_seconds, datasource.lock_wait_seconds) < 0:
        raise InvalidInput("seconds_invalid")
    times = (datasource.statement_seconds, datasource.lock_wait_seconds)
    if max(*times, datasource.connect_seconds, datasource.review_seconds) > MAX_SECONDS:
        raise InvalidInput("seconds_invalid")
    _check_review_account(datasource, file_based=features.file_based)
    if features.file_based:
        _check_file(datasource)
        return
    if not datasource.port and features.default_port is not None:
        datasource.port = features.default_port
    # A path, a list or options in the host would reach driver features that nobody approved.
    if not re.fullmatch(r"[A-Za-z0-9._:-]{1,255}", datasource.host):
        raise InvalidInput("host_invalid", host=datasource.host)
    if not 1 <= datasource.port <= 65535:
        raise InvalidInput("port_invalid", port=datasource.port)


def _check_review_account(datasource: DataSource, *, file_based: bool) -> None:
    if not datasource.review_user:
        return
    if file_based:
        raise InvalidInput("review_account_without_accounts")
    if datasource.review_user == datasource.user:
        raise InvalidInput("review_account_same", user=datasource.user)
    if datasource.max_sessions < SESSIONS_OF_A_REVIEW:
        raise InvalidInput("review_account_sessions", needed=SESSIONS_OF_A_REVIEW)


def _check_file(datasource: DataSource) -> None:
    path = Path(datasource.database)
    roots = [root.resolve() for root in config().sqlite_roots]
    if not path.is_absolute() or not any(path.resolve().is_relative_to(root) for root in roots):
        raise InvalidInput(
            "file_outside_roots", path=datasource.database, roots=", ".join(map(str, roots)) or "-"
        )


def _seal(datasource: DataSource, values: DataSourceFields) -> None:
    if values.password is not None:
        datasource.sealed_password = crypto.seal(values.password, f"datasource:{datasource.pk}:password")
    if values.tls_key is not None:
        datasource.sealed_tls_key = crypto.seal(values.tls_key, f"datasource:{datasource.pk}:tls_key")
    if values.review_password is not None:
        context = f"datasource:{datasource.pk}:review_password"
        datasource.sealed_review_password = crypto.seal(values.review_password, context)
    if not datasource.review_user:
        datasource.sealed_review_password = b""
    datasource.save(update_fields=["sealed_password", "sealed_review_password", "sealed_tls_key"])


def _public(values: DataSourceFields) -> dict[str, object]:
    shown = {
        field.name: getattr(values, field.name)
        for field in fields(values)
        if getattr(values, field.name) is not None and field.name not in _SECRETS | {"tls_ca"}
    }
    for secret in ("password", "review_password"):
        if getattr(values, secret) is not None:
            shown[f"{secret}_changed"] = True
    return shown


# ---------------------------------------------------------------- reading


def place(
    datasource: DataSource,
    database: str | None = None,
    schema: str | None = None,
    table: str | None = None,
) -> Place:
    return Place(datasource.pk, datasource.environment_id, database, schema, table)


def visible_to(user: User, access: Access | None = None) -> list[DataSource]:
    """The data sources a person may know of, by name."""
    held = access or access_of(user)
    everything = DataSource.objects.select_related("environment").order_by("name")
    return [item for item in everything if held.allows(Action.SEE, place(item))]


def visible_datasource(user: User, datasource_id: int) -> DataSource:
    """One data source, as ``visible_to`` gives it.

    Raises:
        NotFound: ``datasource_missing``, whether there is none or the person may not know of it.
    """
    datasource = DataSource.objects.select_related("environment").filter(pk=datasource_id).first()
    if datasource is None or not access_of(user).allows(Action.SEE, place(datasource)):
        raise NotFound("datasource_missing", id=datasource_id)
    return datasource
