"""Inputs made to keep an analysis busy. Each grows with ``size``, in characters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Hostile:
    """``make(size)`` is about ``size`` characters long."""

    name: str
    make: Callable[[int], str]


def _times(unit: str, before: str = "", after: str = "") -> Callable[[int], str]:
    return lambda size: before + unit * max(1, (size - len(before) - len(after)) // len(unit)) + after


def _numbered(form: str, before: str = "", after: str = "") -> Callable[[int], str]:
    """``form`` again and again, every time with another number."""

    def make(size: int) -> str:
        parts, length, number = [before], len(before) + len(after), 0
        while length < size:
            parts.append(form.replace("#", str(number)))
            length += len(parts[-1])
            number += 1
        return "".join(parts) + after

    return make


def _around(opening: str, middle: str, closing: str, before: str = "") -> Callable[[int], str]:
    def make(size: int) -> str:
        count = max(1, (size - len(before) - len(middle)) // (len(opening) + len(closing)))
        return before + opening * count + middle + closing * count

    return make


# What these cost is the number of their valid statements: each is judged, and the rate is what counts.
MANY_STATEMENTS: Final = frozenset(
    {
        "select 1, equal",
        "select 1, on lines",
        "select of distinct columns",
        "equal deletes",
        "deletes of distinct tables",
        "distinct definitions",
        "triggers",
        "units of a delimiter",
        "E'' statements",
        "Chinese literals",
        "USE",
        "temporary tables",
        "dropped indexes",
    }
)

HOSTILE: Final = tuple(
    Hostile(name, make)
    for name, make in (
        ("deep parentheses", _around("(", "1", ")", "SELECT ")),
        ("open parentheses", _times("(", "SELECT ")),
        ("closing parentheses", _times(")", "SELECT 1")),
        ("comments", _times("/**/")),
        ("line comments", _times("--\n")),
        ("comments in a statement", _times("/**/", "SELECT 1 ", ";")),
        ("semicolons", _times(";")),
        ("select 1, equal", _times("select 1;")),
        ("select 1, on lines", _times("select 1;\n")),
        ("select of distinct columns", _numbered("select c#;")),
        ("tiny equal statements", _times("a1;")),
        ("tiny distinct statements", _numbered("a#;")),
        ("equal deletes", _times("DELETE FROM t WHERE id=1;\n")),
        ("deletes of distinct tables", _numbered("DELETE FROM t# WHERE id=1;\n")),
        ("distinct definitions", _numbered("CREATE TABLE t#(a int);\n")),
        ("open single quote", _times("a;b ", "SELECT '")),
        ("open double quote", _times("a;b ", 'SELECT "')),
        ("open backtick", _times("a;b ", "SELECT `")),
        ("open bracket", _times("a;b ", "SELECT [")),
        ("single quotes", _times("'")),
        ("quotes and blanks", _times("' ")),
        ("backslashes in a literal", _times("\\", "SELECT '", "'")),
        ("open comment", _times("a;b ", "SELECT 1 /*")),
        ("open nested comments", _times("/* ", "SELECT 1 ")),
        ("comment openers and slashes", _times("/*/", "SELECT 1 ")),
        ("executable comments", _times("/*!", "SELECT 1 ")),
        ("closed executable comments", _times("/*! + 1*/ ", "SELECT 1 ")),
        ("gated executable comments", _times("/*!99999 /* */", "SELECT 1 ")),
        ("nested CASE", _around("CASE WHEN a THEN ", "1", " END", "SELECT ")),
        ("open CASE", _times("CASE WHEN a THEN ", "SELECT ")),
        ("nested BEGIN", _times("BEGIN ", "CREATE PROCEDURE p() ")),
        ("blocks in a body", _times("BEGIN SELECT 1; END; ", "CREATE PROCEDURE p() BEGIN ", "END")),
        ("triggers", _numbered("CREATE TRIGGER t# AFTER INSERT ON x BEGIN DELETE FROM y; END;\n")),
        ("commas", _times(",", "SELECT 1")),
        ("plus signs", _times("+", "SELECT 1", "1")),
        ("sums", _times("+1", "SELECT 1")),
        ("equals signs", _times("=", "SELECT 1")),
        ("identifiers", _times("a ", "SELECT ")),
        ("selected columns", _numbered("c#,", "SELECT ", "1 FROM t")),
        ("a long name", _times("a", "SELECT ")),
        ("a long number", _times("1", "SELECT ")),
        ("dollar quote openers", _numbered("$a#$ ", "SELECT ")),
        ("dollar quotes", _numbered("$a#$x$a#$,", "SELECT ", "1")),
        ("dollars", _times("$")),
        ("IN list", _times("1,", "DELETE FROM t WHERE a IN (", "1)")),
        ("IN list of texts", _times("'ab',", "DELETE FROM t WHERE a IN (", "'a')")),
        ("one INSERT", _times("(1,'a;b'),", "INSERT INTO t VALUES ", "(1,'a')")),
        ("one INSERT with calls", _times("(1,lower('a')),", "INSERT INTO t VALUES ", "(1,'a')")),
        ("common table expressions", _numbered("x# AS (SELECT 1),", "WITH ", "y AS (SELECT 1) SELECT 1")),
        ("deep sub-queries", _around("(SELECT * FROM ", "t", ") a ", "SELECT * FROM ")),
        ("sub-queries", _times("(SELECT 1 FROM t),", "SELECT ", "1")),
        ("unions", _times("SELECT 1 UNION ", "", "SELECT 1")),
        ("NOT", _times("NOT ", "SELECT ", "1")),
        ("AND", _times("a=1 AND ", "DELETE FROM t WHERE ", "a=1")),
        ("OR", _times("a=1 OR ", "DELETE FROM t WHERE ", "a=1")),
        ("parentheses in a condition", _times("(a)=(1) AND ", "DELETE FROM t WHERE ", "a=1")),
        ("a long chain", _times("a.", "SELECT ", "a")),
        ("joins", _numbered(" JOIN t# ON 1=1", "SELECT * FROM t")),
        ("tables", _numbered("t#,", "SELECT * FROM ", "t")),
        ("tables to delete from", _numbered("t#,", "DELETE FROM ", "t USING t")),
        ("assignments", _numbered("c#=1,", "UPDATE t SET ", "d=1")),
        ("COPY", _times("1\t2\n", "COPY t FROM STDIN;\n", "\\.\n")),
        ("open COPY", _times("1\t2\n", "COPY t FROM STDIN;\n")),
        ("COPYs", _times("COPY t FROM STDIN;\n1\n\\.\n")),
        ("DELIMITER", _times("DELIMITER //\nDELIMITER ;\n")),
        ("distinct delimiters", _numbered("DELIMITER /#/\n")),
        ("units of a delimiter", _times("SELECT 1//\n", "DELIMITER //\n")),
        ("session variables", _times("@@a,", "SELECT ", "1")),
        ("at signs", _times("@", "SELECT ")),
        ("user variables", _times("@a:=1,", "SELECT ", "1")),
        ("E'' literals", _times("E'\\'',", "SELECT ", "1")),
        ("E'' statements", _times("SELECT E'a';\n")),
        ("line separators", _times("\u2028", "SELECT 1")),
        ("line separators in statements", _times("SELECT '\u2028';\n")),
        ("carriage returns", _times("SELECT 1;\r")),
        ("confusable names", _numbered("usеr#,", "SELECT ", "1")),
        ("confusable statements", _numbered("DELETE FROM usеr#;\n")),
        ("Chinese literals", _numbered("INSERT INTO t VALUES (#, '中文');\n")),
        ("invisible marks", _times("\u200b ", "SELECT 1 ")),
        ("function calls", _numbered("f#(),", "SELECT ", "1")),
        ("nested calls", _around("f(", "1", ")", "SELECT ")),
        ("hints", _times("/*+ a */ ", "SELECT ")),
        ("psql commands", _times("\\d\n")),
        ("shell commands", _times(".shell x\n")),
        ("USE", _times("USE x\n")),
        ("SET", _times("SET standard_conforming_strings = on;\n")),
        ("temporary tables", _numbered("CREATE TEMPORARY TABLE t#(a int);\n")),
        ("blanks", _times(" ", "SELECT 1")),
        ("NUL", _times("\0", "SELECT 1")),
        ("surrogates", _times("\udcbf", "SELECT '")),
        ("GO", _times("GO\n")),
        ("casts", _times("::int", "SELECT 1")),
        ("brackets", _times("[", "SELECT a")),
        ("subscripts", _times("[1]", "SELECT a")),
        ("intervals", _times("BETWEEN 1 AND ", "DELETE FROM t WHERE a ", "1")),
        ("LIKE", _times("a LIKE 'x' OR ", "DELETE FROM t WHERE ", "1=1")),
        ("columns of a table", _numbered("c# int,", "CREATE TABLE t (", "d int)")),
        ("alterations", _numbered("ADD COLUMN c# int,", "ALTER TABLE t ", "ADD COLUMN d int")),
        ("dropped indexes", _numbered("CREATE TABLE t#(a int);DROP INDEX i#;\n")),
    )
)


def named(names: tuple[str, ...] = ()) -> Iterator[Hostile]:
    return (hostile for hostile in HOSTILE if not names or hostile.name in names)
