"""Use cases on policies (审核策略): who decides what the rules say, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.audit.log import record, unit_of_work
from sluicegate.core.errors import Conflict, InvalidInput, NotFound
from sluicegate.datasources.models import DataSource, Environment
from sluicegate.datasources.services import visible_to
from sluicegate.reviews.models import Policy
from sluicegate.sql import policy as documents
from sluicegate.sql.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Applied:
    """The rules for one data source, and which policies made them: name and revision."""

    rules: RuleSet
    policies: tuple[tuple[str, int], ...]

    def to_json(self) -> list[dict[str, str | int]]:
        return [{"name": name, "revision": revision} for name, revision in self.policies]


def rules_for(datasource: DataSource) -> Applied:
    """The rules that judge scripts for this data source: all policies that hold there, the strictest
    winning; the built-in default where none does.

    Raises:
        InvalidInput: a policy can't be read any more, most often because a package with rules is gone.
            Nothing is reviewed then: leaving out what somebody asked for would pass it silently.
    """
    here = list(policies_for(datasource))
    found = [to_document(policy) for policy in here]
    return Applied(documents.combined(found), tuple((policy.name, policy.revision) for policy in here))


def policies_for(datasource: DataSource) -> QuerySet[Policy]:
    """Those that hold there, by name."""
    unbound = Q(environments__isnull=True, datasources__isnull=True)
    bound = Q(environments=datasource.environment_id) | Q(datasources=datasource.pk)
    return Policy.objects.filter(unbound | bound, enabled=True).distinct().order_by("name")


def to_document(policy: Policy) -> documents.Policy:
    """The stored policy as a value.

    Raises:
        InvalidInput: as ``sql.policy.parse``.
    """
    found = documents.from_json({**policy.document, "name": policy.name}, policy.name)
    bound = bindings(policy)
    return replace(
        found, enabled=bound.enabled, environments=bound.environments, datasources=bound.datasources
    )


def bindings(policy: Policy) -> documents.Policy:
    """Where it holds, without what it says: known of a policy that can't be read any more too."""
    return documents.Policy(
        name=policy.name,
        enabled=policy.enabled,
        environments=tuple(policy.environments.order_by("code").values_list("code", flat=True)),
        datasources=tuple(policy.datasources.order_by("name").values_list("name", flat=True)),
    )


# ---------------------------------------------------------------- reading


def list_policies() -> list[Policy]:
    """All, by name. Who may file a ticket may know by what it will be judged."""
    return list(Policy.objects.prefetch_related("environments", "datasources").order_by("name"))


def policy_named(name: str) -> Policy:
    """Raises NotFound ``policy_missing``."""
    policy = Policy.objects.filter(name=name).first()
    if policy is None:
        raise NotFound("policy_missing", name=name[:80])
    return policy


def shown_to(user: User, document: documents.Policy) -> documents.Policy:
    """As this person may see it: data sources that they don't know stay unnamed."""
    if not document.datasources or user.has(Permission.POLICY_MANAGE):
        return document
    known = {item.name for item in visible_to(user)}
    return replace(document, datasources=tuple(name for name in document.datasources if name in known))


def export_policy(*, by: User, name: str) -> str:
    """The policy as YAML; importing it anywhere gives the same policy."""
    return shown_to(by, to_document(policy_named(name))).to_yaml()


# ---------------------------------------------------------------- changing


def import_policy(*, by: User, text: str, file: str = "YAML") -> Policy:
    """Create the policy of a YAML document, or replace the one of its name.

    Raises:
        InvalidInput: as ``sql.policy.parse``; ``policy_name_missing``.
    """
    require(by, Permission.POLICY_MANAGE)
    document = documents.parse(text, file)
    if document.name == file:
        raise InvalidInput("policy_name_missing", file=file)
    return save_policy(by=by, document=document)


def save_policy(*, by: User, document: documents.Policy, revision: int | None = None) -> Policy:
    """Create a policy, or replace the one of its name. It holds for reviews from then on.

    Args:
        revision: the one that the person has seen; 0 for a new policy, None to replace whatever is there.

    Raises:
        Conflict: ``policy_changed``.
        InvalidInput: ``environment_unknown``, ``policy_datasource_unknown``.
    """
    require(by, Permission.POLICY_MANAGE)
    with unit_of_work():
        policy = _held(document.name, by)
        before = policy.revision
        if revision is not None and revision != before:
            raise Conflict("policy_changed", name=policy.name, revision=before)
        policy.document = _body(document)
        policy.enabled = document.enabled
        policy.revision = before + 1
        policy.updated_by = by.username
        policy.save()
        policy.environments.set(_environments(document.environments))
        policy.datasources.set(_datasources(document.datasources))
        action = "policy.updated" if before else "policy.created"
        record(by.actor, action, "policy", policy.name, revision=policy.revision, document=document.to_json())
    return policy


def _held(name: str, by: User) -> Policy:
    """The row of this name, locked; a new one has revision 0."""
    found = Policy.objects.select_for_update().filter(name=name).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Policy.objects.create(
                name=name, revision=0, created_by=by.username, updated_by=by.username
            )
    except IntegrityError:  # somebody else was faster, and has committed
        return Policy.objects.select_for_update().get(name=name)


def _body(document: documents.Policy) -> dict[str, object]:
    apart = {"name", "enabled", "environments", "datasources"}
    return {key: value for key, value in document.to_json().items() if key not in apart}


def _environments(codes: Sequence[str]) -> list[Environment]:
    found = {item.code: item for item in Environment.objects.filter(code__in=codes)}
    for code in codes:
        if code not in found:
            raise InvalidInput("environment_unknown", code=code)
    return list(found.values())


def _datasources(names: Sequence[str]) -> list[DataSource]:
    found = {item.name: item for item in DataSource.objects.filter(name__in=names)}
    for name in names:
        if name not in found:
            raise InvalidInput("policy_datasource_unknown", name=name)
    return list(found.values())


def delete_policy(*, by: User, name: str) -> None:
    """The rules go back to what the other policies say. Reviews keep the name of what judged them."""
    require(by, Permission.POLICY_MANAGE)
    with unit_of_work():
        policy = Policy.objects.select_for_update().filter(name=name).first()
        if policy is None:
            raise NotFound("policy_missing", name=name[:80])
        record(by.actor, "policy.deleted", "policy", policy.name, revision=policy.revision)
        policy.delete()
