"""Which statements can be undone from images of their rows, and how those are read."""

from __future__ import annotations

import pytest

from sluicegate.core.messages import catalogue
from sluicegate.dialects import registry
from sluicegate.sql.model import ImagePlan, NoImage
from tests.sql.corpora import analyse

_PLANS = [
    ("mysql", "UPDATE users SET name = 'x' WHERE id = 1", ("UPDATE", "users", "", "WHERE id = 1", ("name",))),
    ("mysql", "update `my db`.`t` as x set x.a=1, `b c` = 2 where x.id=3", ("UPDATE", "`my db`.`t`", "x", "where x.id=3", ("a", "b c"))),
    ("mysql", "DELETE FROM users", ("DELETE", "users", "", "", ())),
    ("mysql", "DELETE FROM users -- all\n", ("DELETE", "users", "", "", ())),
    ("mysql", "UPDATE t SET a = (SELECT max(b) FROM s), c = concat('a,', ',') WHERE d IN (1, 2) AND lower(e) = 'x'", ("UPDATE", "t", "", "WHERE d IN (1, 2) AND lower(e) = 'x'", ("a", "c"))),
    ("mysql", "DELETE FROM db1 . t u WHERE u.a = 1 ORDER BY u.a", ("DELETE", "db1 . t", "u", "WHERE u.a = 1 ORDER BY u.a", ())),
    ("postgresql", 'UPDATE "S"."T" AS u SET (a, "B") = (1, 2), c[1] = 3 WHERE id = 1', ("UPDATE", '"S"."T"', "u", "WHERE id = 1", ("a", "B", "c"))),
    ("postgresql", "UPDATE Users SET Name = $$a;b$$ WHERE id = ANY ('{1,2}'::int[])", ("UPDATE", "Users", "", "WHERE id = ANY ('{1,2}'::int[])", ("name",))),
    ("sqlite", "DELETE FROM [my t] WHERE \"a\" = 1", ("DELETE", "[my t]", "", 'WHERE "a" = 1', ())),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "expected"), _PLANS, ids=lambda value: str(value)[:40])
def test_plan(dialect: str, sql: str, expected: tuple[object, ...]) -> None:
    [statement] = analyse(dialect, sql)
    plan = registry.get(dialect).image_plan(statement)
    assert isinstance(plan, ImagePlan)
    assert (plan.operation, plan.table_text, plan.alias_text, plan.tail_text, plan.assigned) == expected
    assert plan.tail_text in statement.text
    assert plan.table.access == "write"


def test_plan_names_the_table_as_the_server_does() -> None:
    [statement] = analyse("postgresql", 'UPDATE S.Users SET a = 1 WHERE "Id" = 2')
    plan = registry.get("postgresql").image_plan(statement)
    assert isinstance(plan, ImagePlan)
    assert (plan.table.schema, plan.table.name) == ("s", "users")


_REFUSED = [
    ("mysql", "INSERT INTO t VALUES (1)", "image_no_row_change"),
    ("mysql", "SELECT 1", "image_no_row_change"),
    ("mysql", "TRUNCATE t", "image_no_row_change"),
    ("mysql", "UPDATE a, b SET a.x = 1 WHERE a.id = b.id", "image_multi_table"),
    ("mysql", "UPDATE a JOIN b ON a.id = b.id SET a.x = 1", "image_multi_table"),
    ("mysql", "DELETE a FROM a JOIN b ON a.id = b.id", "image_multi_table"),
    ("mysql", "DELETE FROM a USING a JOIN b ON a.id = b.id", "image_multi_table"),
    ("mysql", "WITH x AS (SELECT 1) DELETE FROM t WHERE id IN (SELECT * FROM x)", "image_cte"),
    ("mysql", "UPDATE t SET a = 1 ORDER BY id LIMIT 5", "image_limit"),
    ("mysql", "DELETE FROM t LIMIT 1", "image_limit"),
    ("mysql", "DELETE FROM t WHERE id IN (SELECT id FROM s LIMIT 1)", "image_limit"),
    ("mysql", "DELETE FROM t WHERE a < NOW()", "image_volatile"),
    ("mysql", "DELETE FROM t WHERE a < CURRENT_TIMESTAMP", "image_volatile"),
    ("mysql", "DELETE FROM t WHERE RAND() < 0.5", "image_volatile"),
    ("mysql", "DELETE FROM t WHERE id = @x", "image_volatile"),
    ("mysql", "DELETE FROM t WHERE my_function(id) = 1", "image_volatile"),
    ("mysql", "DELETE FROM t WHERE db.lower(id) = 1", "image_volatile"),
    ("mysql", "DELETE FROM t WHERE `lower`(id) = 1", "image_volatile"),
    ("mysql", "UPDATE IGNORE t SET a = 1 WHERE b = 2", "image_structure"),
    ("mysql", "DELETE FROM t PARTITION (p0) WHERE a = 1", "image_structure"),
    ("mysql", "UPDATE t SET a = 1 /*! WHERE id = 1 */", "image_structure"),
    ("mariadb", "DELETE FROM t WHERE id = 1 RETURNING *", "image_returning"),
    ("mariadb", "DELETE FROM t RETURNING *", "image_returning"),
    ("postgresql", "UPDATE t SET a = 1 FROM s WHERE s.id = t.id", "image_multi_table"),
    ("postgresql", "DELETE FROM t USING s WHERE s.id = t.id", "image_multi_table"),
    ("postgresql", "UPDATE ONLY t SET a = 1 WHERE b = 2", "image_structure"),
    ("postgresql", "UPDATE t SET a = 1 WHERE b = 2 RETURNING a", "image_returning"),
    ("postgresql", "DELETE FROM t WHERE id = nextval('s')", "image_volatile"),
    ("postgresql", "DELETE FROM t WHERE CURRENT OF c", "image_volatile"),
    ("postgresql", "WITH x AS (SELECT 1) UPDATE t SET a = 1", "image_cte"),
    ("sqlite", "UPDATE OR IGNORE t SET a = 1", "image_structure"),
    ("sqlite", "DELETE FROM t WHERE a < datetime('now')", "image_volatile"),
    ("sqlite", "DELETE FROM t WHERE a = ?", "image_volatile"),
]


@pytest.mark.parametrize(("dialect", "sql", "reason"), _REFUSED, ids=lambda value: str(value)[:40])
def test_refused(dialect: str, sql: str, reason: str) -> None:
    [statement] = analyse(dialect, sql)
    assert registry.get(dialect).image_plan(statement) == NoImage(reason)
    assert reason in catalogue()
