"""Who may do what: the table of permissions, and the roles that come with the product."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """What a role allows in the service itself (not on a data source: that is an access grant)."""

    TICKET_SUBMIT = "ticket.submit"
    TICKET_VIEW_ALL = "ticket.view_all"
    TICKET_CANCEL_ANY = "ticket.cancel_any"
    APPROVAL_DECIDE = "approval.decide"
    EXECUTION_CONFIRM = "execution.confirm"
    EXECUTION_RESOLVE = "execution.resolve"
    DATASOURCE_ALL = "datasource.all"
    DATASOURCE_VIEW_ALL = "datasource.view_all"
    DATASOURCE_MANAGE = "datasource.manage"
    GRANT_MANAGE = "grant.manage"
    USER_MANAGE = "user.manage"
    SETTINGS_MANAGE = "settings.manage"
    AUDIT_VIEW = "audit.view"
    POLICY_MANAGE = "policy.manage"
    FINDING_WAIVE = "finding.waive"


class Action(StrEnum):
    """What an access grant allows on a data source. Each implies ``see``."""

    SEE = "see"
    QUERY = "query"
    EXPORT = "export"
    DATA_CHANGE = "data_change"
    SCHEMA_CHANGE = "schema_change"
    APPROVE = "approve"
    EXECUTE = "execute"


ADMINISTRATOR = "administrator"
DBA = "dba"
DEVELOPER = "developer"
AUDITOR = "auditor"

# code: (Chinese name, English name, permissions)
BUILTIN_ROLES: dict[str, tuple[str, str, tuple[Permission, ...]]] = {
    ADMINISTRATOR: ("管理员", "Administrator", tuple(Permission)),
    DBA: (
        "DBA",
        "DBA",
        (
            Permission.TICKET_SUBMIT,
            Permission.TICKET_VIEW_ALL,
            Permission.TICKET_CANCEL_ANY,
            Permission.APPROVAL_DECIDE,
            Permission.EXECUTION_CONFIRM,
            Permission.EXECUTION_RESOLVE,
            Permission.DATASOURCE_ALL,
            Permission.DATASOURCE_VIEW_ALL,
            Permission.DATASOURCE_MANAGE,
            Permission.GRANT_MANAGE,
            Permission.POLICY_MANAGE,
            Permission.FINDING_WAIVE,
        ),
    ),
    DEVELOPER: (
        "开发者",
        "Developer",
        (Permission.TICKET_SUBMIT, Permission.APPROVAL_DECIDE, Permission.EXECUTION_CONFIRM),
    ),
    AUDITOR: (
        "审计员",
        "Auditor",
        (Permission.TICKET_VIEW_ALL, Permission.DATASOURCE_VIEW_ALL, Permission.AUDIT_VIEW),
    ),
}
