"""Oracle's analysis of text: how scripts are split and statements read."""

from __future__ import annotations

from typing import Final

from sluicegate.dialects.common.plain_reading import client_command, reading
from sluicegate.dialects.oracle.bodies import OracleBodies
from sluicegate.dialects.oracle.lexicon import LEXER
from sluicegate.dialects.oracle.statements import classify
from sluicegate.sql import analyse as pipeline
from sluicegate.sql import rows
from sluicegate.sql.lexer import PLAIN_DOUBLE, PLAIN_SINGLE
from sluicegate.sql.rules.base import ORACLE, Territory
from sluicegate.sql.shapes import MARK, ShapeRules
from sluicegate.sql.split import SplitRules

TERRITORY: Final = Territory(
    qualifier="schema",
    assumed=None,
    readable=frozenset({"sys"}),
    system=frozenset(
        {
            "sys",
            "system",
            "sysaux",
            "audsys",
            "ctxsys",
            "dbsnmp",
            "dvsys",
            "gsmadmin_internal",
            "lbacsys",
            "mdsys",
            "outln",
            "wmsys",
            "xdb",
        }
    ),
    secret=frozenset(
        {"user$", "link$", "user_history$", "dba_credentials", "dba_users_with_defpwd", "sysauth$"}
    ),
    transactional_ddl=False,
)


ANALYSER: Final = pipeline.Analyser(
    rules=SplitRules(lexer_for=lambda _delimiter: LEXER, tracker=OracleBodies),
    lexer=LEXER,
    read=reading(classify),
    client=client_command,
    territory=TERRITORY,
    family=ORACLE,
    rows=rows.pattern(PLAIN_SINGLE),
    shapes=ShapeRules(
        names=PLAIN_DOUBLE, quotes='"', strings=PLAIN_SINGLE, veto=r"--|/\*|[\\#?@&]|[A-Za-z0-9_$]" + MARK
    ),
)
