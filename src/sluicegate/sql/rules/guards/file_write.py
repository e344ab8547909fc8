"""FILE_WRITE: writes files of the server.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Rule, Text

RULE = Rule(
    id="SEC011",
    code="FILE_WRITE",
    severity=Severity.BLOCK,
    families=STRUCTURED,
    title=Text(zh="写文件", en="Writing files"),
    message=Text(
        zh="{detail} 会在服务器上写文件，不允许执行。",
        en="{detail} writes files on the server and is not allowed.",
    ),
    why=Text(
        zh="在服务器上写文件可以导出数据，甚至植入程序。",
        en="Writing files on the server can carry data out, or programs in.",
    ),
    fails=(
        Example("SELECT id FROM orders INTO OUTFILE '/srv/orders'", families=("mysql",)),
        Example("COPY orders TO '/srv/orders'", families=("postgresql",)),
        Example("VACUUM INTO 'copy.db'", families=("sqlite",)),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
