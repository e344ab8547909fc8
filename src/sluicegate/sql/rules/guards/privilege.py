"""PRIVILEGE: changes who may do what, or the server's settings.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Rule, Text

RULE = Rule(
    id="SEC017",
    code="PRIVILEGE",
    severity=Severity.BLOCK,
    families=frozenset({MYSQL, POSTGRESQL}),
    title=Text(zh="改变权限或服务器设置", en="Changing rights or settings"),
    message=Text(
        zh="{detail} 会改变权限、账号或服务器设置。权限请通过权限申请工单获得。",
        en="{detail} changes rights, accounts or the server's settings. Ask for access with an access request.",
    ),
    why=Text(
        zh="账号、权限和服务器设置会影响以后所有的访问；权限请通过权限申请工单获得，到期自动收回。",
        en="Accounts, rights and settings concern all later access; ask for rights with an access request, which ends by itself.",
    ),
    fails=(
        Example("GRANT ALL ON *.* TO 'somebody'@'%'", families=("mysql",)),
        Example("GRANT ALL ON orders TO somebody", families=("postgresql",)),
        Example("SET GLOBAL general_log = 1", families=("mysql",)),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
