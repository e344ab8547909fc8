"""How the members of the MySQL family differ, as data: callers ask, and never compare names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variant:
    """One member of the family.

    Attributes:
        code: the dialect's code.
        label: what people see.
        default_port: of a plain installation.
        named_locks: GET_LOCK holds across the session.
        mariadb: MariaDB's grammar and protocol answers (executable comments ``/*M!``, RETURNING,
            sequences, ANALYZE statement, SET STATEMENT).
        minimum_version: nothing older is supported, so a gate below it is always open.
        kill_query: KILL QUERY ends a statement of another session.
        tidb: TiDB's own executable comments ``/*T!``, and definitions that never make others wait.
        innodb: tables are InnoDB's, so that its ways of altering them hold.
    """

    code: str
    label: str
    default_port: int = 3306
    named_locks: bool = True
    mariadb: bool = False
    minimum_version: tuple[int, ...] = (5, 5, 0)
    kill_query: bool = True
    tidb: bool = False
    innodb: bool = True


MYSQL = Variant(code="mysql", label="MySQL")
