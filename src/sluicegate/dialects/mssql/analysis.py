"""SQL Server's analysis of text: how scripts are split and statements read."""

from __future__ import annotations

from typing import Final

from sluicegate.dialects.common.plain_reading import client_command, reading
from sluicegate.dialects.mssql.boundaries import TsqlStatements
from sluicegate.dialects.mssql.lexicon import BRACKETED, LEXER
from sluicegate.dialects.mssql.statements import classify
from sluicegate.sql import analyse as pipeline
from sluicegate.sql import rows
from sluicegate.sql.lexer import PLAIN_DOUBLE, PLAIN_SINGLE
from sluicegate.sql.rules.base import MSSQL, Territory
from sluicegate.sql.shapes import MARK, ShapeRules
from sluicegate.sql.split import SplitRules

TERRITORY: Final = Territory(
    qualifier="database",
    assumed=None,
    readable=frozenset(),
    system=frozenset({"master", "msdb", "model", "tempdb", "resource", "distribution", "ssisdb"}),
    inner="dbo",
    inner_system=frozenset({"sys", "information_schema"}),
)


ANALYSER: Final = pipeline.Analyser(
    rules=SplitRules(lexer_for=lambda _delimiter: LEXER, tracker=TsqlStatements),
    lexer=LEXER,
    read=reading(classify),
    client=client_command,
    territory=TERRITORY,
    family=MSSQL,
    rows=rows.pattern(PLAIN_SINGLE),
    shapes=ShapeRules(
        names=rf"{PLAIN_DOUBLE}|{BRACKETED}",
        quotes='"[',
        strings=PLAIN_SINGLE,
        veto=r"--|/\*|[\\#?@$]|[A-Za-z0-9_]" + MARK,
    ),
)
