"""FILE_READ: reads files of the server or the client.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Rule, Text

RULE = Rule(
    id="SEC010",
    code="FILE_READ",
    severity=Severity.BLOCK,
    families=STRUCTURED,
    title=Text(zh="读取文件", en="Reading files"),
    message=Text(
        zh="{detail} 会读取服务器或客户端上的文件，不允许执行。",
        en="{detail} reads files of the server or the client and is not allowed.",
    ),
    why=Text(
        zh="数据库账号能读到的文件往往包含密码和配置，也不属于任何一次变更。",
        en="Files that the database's account can read often hold passwords and settings, and belong to no change.",
    ),
    fails=(
        Example("UPDATE orders SET note = LOAD_FILE('/etc/passwd') WHERE id = 1", families=("mysql",)),
        Example("SELECT pg_read_file('/etc/passwd')", families=("postgresql",)),
        Example("SELECT readfile('/etc/passwd')", families=("sqlite",)),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
