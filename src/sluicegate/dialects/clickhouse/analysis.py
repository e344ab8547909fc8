"""ClickHouse's analysis of text: how scripts are split and statements read."""

from __future__ import annotations

from typing import Final

from sluicegate.dialects.clickhouse.bodies import InlineData
from sluicegate.dialects.clickhouse.lexicon import BACKTICK, DOUBLE, LEXER
from sluicegate.dialects.clickhouse.statements import classify
from sluicegate.dialects.common.plain_reading import client_command, reading
from sluicegate.sql import analyse as pipeline
from sluicegate.sql import rows
from sluicegate.sql.lexer import BACKSLASH_SINGLE
from sluicegate.sql.rules.base import CLICKHOUSE, Territory
from sluicegate.sql.shapes import MARK, ShapeRules
from sluicegate.sql.split import SplitRules

TERRITORY: Final = Territory(
    qualifier="database",
    assumed=None,
    readable=frozenset({"system", "information_schema"}),
    system=frozenset({"system", "information_schema"}),
    transactional_ddl=False,
)


ANALYSER: Final = pipeline.Analyser(
    rules=SplitRules(lexer_for=lambda _delimiter: LEXER, tracker=InlineData),
    lexer=LEXER,
    read=reading(classify),
    client=client_command,
    territory=TERRITORY,
    family=CLICKHOUSE,
    rows=rows.pattern(BACKSLASH_SINGLE),
    shapes=ShapeRules(
        names=rf"{DOUBLE}|{BACKTICK}",
        quotes='"`',
        strings=BACKSLASH_SINGLE,
        veto=r"--|/\*|//|[\\#?@$]|[A-Za-z0-9_]" + MARK,
    ),
)
