"""The contract of `sluicegate review`: exit status, JSON, SARIF, policies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def _run(*arguments: str, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "sluicegate.cli.main", "review", *arguments],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        check=False,
        env={**os.environ, "SLUICEGATE_LANGUAGE": "en"},
    )


def _objects(result: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.decode().splitlines()]


def test_json_has_exactly_the_promised_keys(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("UPDATE users SET name='é'", encoding="utf-8")
    (tmp_path / "b.sql").write_text("-- nothing\n", encoding="utf-8")
    result = _run("a.sql", "b.sql", "--dialect", "mysql", "--format", "json", cwd=tmp_path)
    assert result.returncode == 0
    first, second = _objects(result)
    [statement] = first.pop("statements")
    assert first == {
        "file": "a.sql",
        "dialect": "mysql",
        "summary": {"statements": 1, "flagged": 1, "denied": 0, "verdict": "flag"},
    }
    [finding] = statement.pop("findings")
    assert len(statement.pop("fingerprint")) == 32
    assert statement == {
        "ordinal": 1,
        "start": 0,
        "end": 25,
        "line": 1,
        "column": 1,
        "text": "UPDATE users SET name='é'",
        "kind": "dml",
        "operation": "UPDATE",
        "objects": [{"database": None, "schema": None, "name": "users", "type": "table", "access": "write"}],
        "verdict": "flag",
    }
    assert list(finding) == ["rule", "code", "severity", "message", "line", "column"]
    assert (finding["rule"], finding["code"], finding["severity"]) == ("DML001", "NO_WHERE", "error")
    assert second["statements"] == []
    assert second["summary"] == {"statements": 0, "flagged": 0, "denied": 0, "verdict": "allow"}


def test_something_denied_is_exit_status_1() -> None:
    result = _run("-", "--dialect", "postgresql", "--format", "json", stdin=b"SELECT 1; DROP OWNED BY x")
    assert result.returncode == 1
    [reviewed] = _objects(result)
    assert reviewed["file"] == "-"
    assert [statement["verdict"] for statement in reviewed["statements"]] == ["allow", "deny"]


def test_context_reaches_the_rules() -> None:
    script = b"DELETE FROM other.users WHERE id = 1"
    assert _run("-", "--dialect", "mysql", stdin=script).returncode == 0
    assert _run("-", "--dialect", "mysql", "--database", "shop", stdin=script).returncode == 1
    assert _run("-", "--dialect", "postgresql", "--schema", "public", stdin=script).returncode == 1
    assert _run("-", "--dialect", "mysql", "--database", "other", stdin=script).returncode == 0
    assert (
        _run(
            "-", "--dialect", "mysql", "--kind", "schema_change", stdin=b"DELETE FROM a WHERE b=1"
        ).returncode
        == 1
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--dialect", "mysql"],
        ["-"],
        ["-", "--dialect", "db3"],
        ["missing.sql", "--dialect", "mysql"],
        ["-", "--dialect", "mysql", "--format", "xml"],
        ["-", "--dialect", "mysql", "--kind", "x"],
        ["-", "--dialect", "mysql", "--policy", "missing.yaml"],
    ],
)
def test_wrong_use_is_exit_status_2(arguments: list[str], tmp_path: Path) -> None:
    result = _run(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == b""
    assert result.stderr


def test_bytes_that_are_not_utf8_are_denied() -> None:
    result = _run(
        "-", "--dialect", "mysql", "--format", "json", stdin=b"SELECT '\xbf\x5c'; DELETE FROM users; -- '"
    )
    assert result.returncode == 1
    [reviewed] = _objects(result)
    assert reviewed["summary"]["statements"] == 2
    assert "ENCODING" in {finding["code"] for finding in reviewed["statements"][0]["findings"]}


def test_text_is_for_people_and_names_the_place() -> None:
    result = _run("-", "--dialect", "sqlite", stdin=b"SELECT 1;\n  DELETE FROM a")
    assert "-:2:3: DELETE" in result.stdout.decode()
    assert "DML001" in result.stdout.decode()


def test_sarif() -> None:
    result = _run("-", "--dialect", "mysql", "--format", "sarif", stdin=b"DELETE FROM a;\nKILL 5")
    document = json.loads(result.stdout)
    [run] = document["runs"]
    assert document["version"] == "2.1.0"
    levels = {found["ruleId"]: found["level"] for found in run["results"]}
    assert levels["DML001"] == "warning"
    assert levels["SEC016"] == "error"
    assert set(levels) <= {rule["id"] for rule in run["tool"]["driver"]["rules"]}


def _with_policy(tmp_path: Path, policy: str, script: bytes) -> subprocess.CompletedProcess[bytes]:
    (tmp_path / "policy.yaml").write_text(policy, encoding="utf-8")
    return _run(
        "-", "--dialect", "mysql", "--policy", "policy.yaml", "--format", "json", stdin=script, cwd=tmp_path
    )


def test_a_policy_makes_rules_stricter_or_quieter(tmp_path: Path) -> None:
    stricter = _with_policy(tmp_path, "rules:\n  NO_WHERE: block\n", b"DELETE FROM a")
    assert stricter.returncode == 1
    quieter = _with_policy(tmp_path, "rules:\n  DML001: off\n", b"DELETE FROM a")
    [reviewed] = _objects(quieter)
    assert reviewed["summary"]["verdict"] == "allow"


@pytest.mark.parametrize(
    "policy",
    [
        "rules:\n  KILL_ALL: info\n",
        "rules:\n  NO_WHERE: loud\n",
        "rules:\n  UNKNOWN: off\n",
        "- x\n",
        "rules: [",
        "other: 1\n",
    ],
)
def test_a_policy_that_is_wrong_is_refused(tmp_path: Path, policy: str) -> None:
    result = _with_policy(tmp_path, policy, b"SELECT 1")
    assert result.returncode == 2
    assert b"policy.yaml" in result.stderr


def test_a_policy_cannot_quieten_what_blocks(tmp_path: Path) -> None:
    """DESTRUCTIVE only warns by default, but blocks for DROP DATABASE."""
    result = _with_policy(tmp_path, "rules:\n  DESTRUCTIVE: off\n", b"DROP DATABASE shop")
    assert result.returncode == 1


def test_nothing_heavy_is_loaded() -> None:
    code = (
        "import sys; from sluicegate.cli import review; from sluicegate.dialects import registry\n"
        "from sluicegate.sql.model import AnalysisContext\n"
        "list(registry.get('mysql').analyse('SELECT 1', AnalysisContext()))\n"
        "list(registry.get('sqlite').analyse('SELECT 1', AnalysisContext()))\n"
        "heavy = {'django', 'postgast', 'sqlglot', 'google.protobuf', 'pymysql', 'psycopg', 'sqlite3'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_text_says_what_definitions_will_do(tmp_path: Path) -> None:
    script = tmp_path / "impact.sql"
    script.write_text("TRUNCATE TABLE a;\nCREATE INDEX i ON a (b)")
    lines = _run(str(script), "--dialect", "postgresql").stdout.decode().splitlines()
    assert "  takes all data of table a away (ACCESS EXCLUSIVE)" in lines
    assert any(line.startswith("  reads the whole table a and builds an index") for line in lines)


def test_the_targets_version_decides_executable_comments(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("SELECT /*!80013 1, */ 2")
    verdicts = {}
    for version in ("8.0.12", "8.0.13", "9", None):
        given = ["--server-version", version] if version else []
        result = _run("a.sql", "--dialect", "mysql", "--format", "json", *given, cwd=tmp_path)
        [statement] = _objects(result)[0]["statements"]
        verdicts[version] = (statement["verdict"], bool(statement["findings"]))
    assert verdicts["8.0.12"] == ("allow", False)
    assert verdicts["8.0.13"] == verdicts["9"] == ("flag", True)
    assert verdicts[None] == ("deny", True)
    wrong = _run("a.sql", "--dialect", "mysql", "--server-version", "8.x", cwd=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert b"8.x" in wrong.stderr


def test_definitions_of_the_target(tmp_path: Path) -> None:
    """A dump of the schema in two files, the second as mysqldump writes triggers."""
    (tmp_path / "tables.sql").write_text(
        "CREATE TABLE customers (id INT PRIMARY KEY);\n"
        "CREATE TABLE orders (id INT PRIMARY KEY, customer INT, total INT,\n"
        "  FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE);\n"
        "CREATE TABLE log (n INT)"
    )
    (tmp_path / "triggers.sql").write_text(
        "DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER noted\n"
        "AFTER UPDATE ON orders FOR EACH ROW BEGIN INSERT INTO log VALUES (1); END */;;\nDELIMITER ;\n"
    )
    (tmp_path / "a.sql").write_text(
        "DELETE FROM customers WHERE id = 1;\nUPDATE orders SET total = 1, nothing = 2 WHERE id = 2"
    )
    given = ["--definitions", "tables.sql", "--definitions", "triggers.sql"]
    result = _run("a.sql", "--dialect", "mysql", "--format", "json", *given, cwd=tmp_path)
    deleted, updated = _objects(result)[0]["statements"]
    written = [
        [ref["name"] for ref in one["objects"] if ref["access"] == "write"] for one in (deleted, updated)
    ]
    # A cascade may do anything to the other table, so its triggers count.
    assert written == [["customers", "orders", "log"], ["orders", "log"]]
    assert "COLUMN_UNKNOWN" in {finding["code"] for finding in updated["findings"]}
    unread = _run("a.sql", "--dialect", "oracle", "--definitions", "tables.sql", cwd=tmp_path)
    assert (unread.returncode, unread.stdout) == (2, b"")
