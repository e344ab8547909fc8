"""Where T-SQL statements begin: they need no separators.

A reserved word that begins statements begins one wherever the statement before it can't go on with it. Batches
with control flow stay whole: their variables and blocks hang together. Source: Transact-SQL Reference, "Reserved
Keywords", and the syntax of each statement.
"""

from __future__ import annotations

from typing import Final

from sluicegate.sql.split import BodyTracker
from sluicegate.sql.tokens import WORD, Token
from sluicegate.sql.words import words

STARTS: Final = words(
    """
    ALTER BACKUP BEGIN BREAK BULK CHECKPOINT CLOSE COMMIT CONTINUE CREATE DBCC DEALLOCATE DECLARE DELETE
    DENY DROP EXEC EXECUTE FETCH GOTO GRANT IF INSERT KILL MERGE OPEN PRINT RAISERROR READTEXT RECONFIGURE
    RESTORE RETURN REVERT REVOKE ROLLBACK SAVE SELECT SET SETUSER SHUTDOWN TRUNCATE UPDATE UPDATETEXT USE
    WAITFOR WHILE WRITETEXT
    """
)
PROCEDURAL: Final = frozenset({"DECLARE", "IF", "WHILE", "BEGIN"})
ROUTINES: Final = frozenset({"PROC", "PROCEDURE", "FUNCTION", "TRIGGER"})
_NOT_A_BLOCK: Final = frozenset({"TRAN", "TRANSACTION", "DISTRIBUTED", "CONVERSATION", "DIALOG"})
_JOINS: Final = frozenset({"INNER", "LEFT", "RIGHT", "FULL", "OUTER"})
_CHANGES: Final = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"})
_ONCE: Final = frozenset({"ALTER", "DROP", "SET"})  # as the action of ALTER …
_ACTIONS: Final = words("ADD WITH CHECK NOCHECK ENABLE DISABLE SWITCH REBUILD REORGANIZE MODIFY")
_BEFORE_IF: Final = words(
    """
    TABLE VIEW PROC PROCEDURE FUNCTION TRIGGER INDEX SCHEMA SEQUENCE TYPE SYNONYM USER ROLE COLUMN CONSTRAINT
    DATABASE STATISTICS RULE DEFAULT LOGIN PARTITION CREDENTIAL KEY CERTIFICATE ASSEMBLY COLLECTION
    """
)


class TsqlStatements(BodyTracker):
    """``begins`` cuts; ``inside`` says that the rest of the batch belongs together.

    Args:
        whole: keep batches with control flow whole; False cuts them into their statements.
    """

    def __init__(self, *, whole: bool = True) -> None:
        self._whole = whole
        self.restart()

    def restart(self) -> None:
        self._count = 0
        self._depth = 0
        self._cases = 0
        self._first = ""
        self._main = ""  # what the statement is at heart: the verb behind WITH, or behind AS of a view
        self._sourced = False  # INSERT has its rows, UPDATE its SET, ALTER its action, GRANT its TO
        self._block = False
        self._before = ""
        self._previous = ""

    def inside(self) -> bool:
        return self._block

    def unfinished(self) -> bool:
        return False  # the server looks for END itself; the batch is sent as it is

    def begins(self, token: Token) -> bool:
        key = token.key
        if token.kind != WORD or key not in STARTS or self._count == 0 or self._depth > 0 or self._block:
            return False
        return not self._goes_on(key)

    def _goes_on(self, key: str) -> bool:
        previous, before, main = self._previous, self._before, self._main
        if previous in (".", "AS") or (previous == "ON" and key in ("DELETE", "UPDATE")):
            return True
        if key == "IF":
            return previous in _BEFORE_IF and self._first in ("DROP", "ALTER")
        if key == "SET" and previous in ("DELETE", "UPDATE") and before == "ON":
            return True
        if key == "SELECT" and (
            previous in ("UNION", "EXCEPT", "INTERSECT") or (previous == "ALL" and before == "UNION")
        ):
            return True
        if (key == "MERGE" and previous in _JOINS) or (key == "FETCH" and previous in ("ROW", "ROWS")):
            return True
        if key == "UPDATE" and previous == "FOR":
            return True
        if not main and key in _CHANGES:  # behind WITH
            return True
        return self._by_verb(main, key)

    def _by_verb(self, main: str, key: str) -> bool:
        previous = self._previous
        if main == "INSERT":
            return key in ("SELECT", "EXEC", "EXECUTE") and not self._sourced
        if main == "UPDATE":
            return key == "SET" and not self._sourced
        if main == "MERGE":
            return (previous == "THEN" and key in ("UPDATE", "DELETE", "INSERT")) or (
                key == "SET" and previous == "UPDATE"
            )
        if main == "ALTER":
            return key in _ONCE and not self._sourced and self._count > 2
        if main == "CREATE":
            return key == "ALTER" and previous == "OR"
        if main == "BULK":
            return key == "INSERT" and self._count == 1
        if main in ("GRANT", "REVOKE", "DENY"):
            return not self._sourced or (key == "GRANT" and previous == "WITH")
        return False

    def feed(self, token: Token) -> None:
        key = token.key
        self._count += 1
        if key == "(":
            self._depth += 1
        elif key == ")":
            self._depth = max(0, self._depth - 1)
        elif token.kind == WORD and self._depth == 0:
            self._word(key)
        self._before, self._previous = self._previous, key or "'"

    def _word(self, key: str) -> None:
        if self._count == 1:
            self._first = key
            self._main = "" if key == "WITH" else key
            self._block = self._whole and key in PROCEDURAL
        elif self._count == 2 and self._first == "BEGIN" and key in _NOT_A_BLOCK:
            self._block = False
        elif (
            self._first in ("CREATE", "ALTER")
            and key in ROUTINES
            and self._count <= 4
            and self._previous != "."
        ):
            self._block = self._whole
        elif not self._main and key in _CHANGES:
            self._main = key
        elif self._first in ("CREATE", "ALTER") and key == "AS" and self._main != "SELECT":
            self._main = ""
        elif self._main == "INSERT":
            self._sourced = self._sourced or key in ("SELECT", "VALUES", "EXEC", "EXECUTE")
        elif self._main == "UPDATE":
            self._sourced = self._sourced or key == "SET"
        elif self._main == "ALTER":
            self._sourced = self._sourced or (self._count > 2 and key in (_ACTIONS | _ONCE))
        elif self._main in ("GRANT", "REVOKE", "DENY"):
            self._sourced = self._sourced or (key in ("TO", "FROM") and self._previous != "FOR")
