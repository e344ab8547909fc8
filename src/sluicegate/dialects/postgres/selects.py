"""The SELECTs of a PostgreSQL statement: their tables, joins, items and conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sluicegate.dialects.postgres.conditions import read_condition
from sluicegate.dialects.postgres.operands import column_use, function_name, operand, plain_number
from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.source import Source
from sluicegate.dialects.postgres.tree import only, table
from sluicegate.sql.model import Access, ObjectRef
from sluicegate.sql.structure.queries import (
    ColumnUse,
    CommonTable,
    Comparison,
    Join,
    OperandKind,
    OrderItem,
    Place,
    Query,
    Select,
    SelectItem,
    SetOperation,
    TableUse,
)
from sluicegate.sql.words import words

AGGREGATES: Final = words(
    """
    ANY_VALUE ARRAY_AGG AVG BIT_AND BIT_OR BIT_XOR BOOL_AND BOOL_OR CORR COUNT COVAR_POP COVAR_SAMP EVERY JSON_AGG
    JSON_AGG_STRICT JSON_OBJECT_AGG JSONB_AGG JSONB_AGG_STRICT JSONB_OBJECT_AGG MAX MIN MODE PERCENTILE_CONT
    PERCENTILE_DISC RANGE_AGG RANGE_INTERSECT_AGG REGR_AVGX REGR_AVGY REGR_COUNT REGR_INTERCEPT REGR_R2 REGR_SLOPE
    REGR_SXX REGR_SXY REGR_SYY STDDEV STDDEV_POP STDDEV_SAMP STRING_AGG SUM VAR_POP VAR_SAMP VARIANCE XMLAGG
    """
)
_RANDOM: Final = frozenset({"RANDOM", "GEN_RANDOM_UUID", "UUIDV4"})
_DEEPEST: Final = 30  # SELECTs in SELECTs, joins in joins: what is deeper is left out
_STRENGTHS: Final = {
    "LCS_FORUPDATE": "FOR UPDATE",
    "LCS_FORNOKEYUPDATE": "FOR NO KEY UPDATE",
    "LCS_FORSHARE": "FOR SHARE",
    "LCS_FORKEYSHARE": "FOR KEY SHARE",
}
_JOINS: Final = {"JOIN_LEFT": "LEFT", "JOIN_RIGHT": "RIGHT", "JOIN_FULL": "FULL"}
_WRITES: Final = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})


@dataclass(slots=True)
class Scope:
    """The tables in sight of one SELECT, or of the UPDATE or DELETE itself (``number`` -1)."""

    number: int | None = None
    depth: int = 0
    parent: Scope | None = None
    names: set[str] = field(default_factory=set)
    correlated: bool = False
    aggregates: bool = False

    def see(self, column: ColumnUse) -> None:
        """A qualified column of a table further out makes the SELECTs between depend on it."""
        if not column.qualifier:
            return
        passed: list[Scope] = []
        scope: Scope | None = self
        while scope is not None and column.qualifier not in scope.names:
            passed.append(scope)
            scope = scope.parent
        if scope is not None:
            for one in passed:
                one.correlated = True


@dataclass(slots=True)
class _From:
    """What a FROM holds, before its conditions and sub-queries are looked at."""

    uses: list[TableUse] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)
    conditions: list[Node] = field(default_factory=list)
    queries: list[Node] = field(default_factory=list)
    expressions: list[Node] = field(default_factory=list)


class SelectReader:
    """Collects what all SELECTs of one statement say. Names are left out that nest too deep."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.selects: list[Select] = []
        self.set_operations: list[SetOperation] = []
        self.common_tables: list[CommonTable] = []
        self.comparisons: list[Comparison] = []
        self.written: list[ObjectRef] = []
        self.literals_matter = False
        self.nested = 0  # AND, OR and NOT around what is being read
        self._functions: dict[str, None] = {}
        self._ctes: set[str] = set()
        self._quoted: frozenset[str] | None = None

    def query(self, verb: str, *, targets: tuple[ObjectRef, ...] = (), **said: Any) -> Query:
        return Query(
            verb=verb,
            targets=(*targets, *self.written),
            selects=tuple(self.selects),
            set_operations=tuple(self.set_operations),
            ctes=tuple(self.common_tables),
            comparisons=tuple(self.comparisons),
            functions=tuple(self._functions),
            literals_matter=self.literals_matter,
            at=self.source.start,
            **said,
        )

    # ---------------------------------------------------------------- WITH

    def with_clause(self, fields: Node, scope: Scope | None) -> None:
        clause = fields.get("withClause", {})
        expressions = [only(item)[1] for item in clause.get("ctes", [])]
        self._ctes.update(str(expression.get("ctename", "")) for expression in expressions)
        for expression in expressions:
            kind, inner = only(expression.get("ctequery", {}))
            self.common_tables.append(
                CommonTable(
                    name=str(expression.get("ctename", "")),
                    recursive=bool(clause.get("recursive")),
                    writes=kind in _WRITES,
                    at=self.source.at(expression),
                )
            )
            depth = 1 if scope is None else scope.depth + 1
            if kind in _WRITES:
                self._inner_change(inner, Scope(None, depth, scope))
            else:
                self.select(inner, Place.CTE, depth, scope)

    def _inner_change(self, fields: Node, scope: Scope) -> None:
        """A common table expression that writes."""
        self.written.append(table(fields.get("relation", {}), Access.WRITE))
        self.with_clause(fields, scope)
        if "selectStmt" in fields:
            self.select(only(fields["selectStmt"])[1], Place.INSERT, scope.depth, scope)
        items: list[Node] = fields.get("fromClause") or fields.get("usingClause") or []
        _uses, _joins, inner = self.tables(items, scope, None)
        inner.names.add(str(fields.get("relation", {}).get("relname", "")))
        for item in fields.get("targetList", []):
            self.expression(only(item)[1].get("val", {}), Place.SET, inner)
        if "whereClause" in fields:
            self.condition(fields["whereClause"], Place.WHERE, inner)

    # ---------------------------------------------------------------- SELECT

    def select(
        self, fields: Node, place: Place, depth: int, parent: Scope | None, *, skip_with: bool = False
    ) -> None:
        """With all branches of its set operations; what is said behind the last one counts for the first."""
        if depth > _DEEPEST:
            return
        stack, first, outer = [fields], True, fields
        while stack:
            node = stack.pop()
            if not skip_with or node is not fields:
                self.with_clause(node, parent)
            if "larg" in node:
                operator = str(node.get("op", "")).removeprefix("SETOP_")
                self.set_operations.append(SetOperation(operator, bool(node.get("all")), self.source.start))
                stack += [node.get("rarg", {}), node["larg"]]
                continue
            if "valuesLists" in node:
                if node is not fields or place is not Place.MAIN:
                    self.rows(node["valuesLists"], Scope(None, depth, parent))
            else:
                own = place if first else Place.SET_OPERATION
                self._one(node, own, depth, parent, outer if first else node)
            first = False

    def _one(self, node: Node, place: Place, depth: int, parent: Scope | None, outer: Node) -> None:
        number = len(self.selects)
        self.selects.append(Select(place, depth))
        uses, joins, scope = self.tables(node.get("fromClause", []), parent, number, depth=depth)
        items = tuple(self._item(only(item)[1], scope) for item in node.get("targetList", []))
        if "whereClause" in node:
            self.condition(node["whereClause"], Place.WHERE, scope)
        if "havingClause" in node:
            self.condition(node["havingClause"], Place.HAVING, scope)
        group = node.get("groupClause", [])
        for item in (*group, *node.get("distinctClause", [])):
            self.expression(item, Place.OTHER, scope)
        order = outer.get("sortClause", [])
        self.selects[number] = Select(
            place=place,
            depth=depth,
            items=items,
            tables=uses,
            joins=joins,
            where="whereClause" in node,
            distinct="distinctClause" in node,
            group_by=tuple(_columns(group)),
            grouped=bool(group),
            having="havingClause" in node,
            order_by=tuple(self._order(only(item)[1], scope) for item in order),
            limit=self._bound(outer.get("limitCount"), scope, matters=not order),
            offset=self._bound(outer.get("limitOffset"), scope, matters=True),
            locking=_locking(outer),
            aggregates=scope.aggregates,
            at=self.source.start if depth == 0 and place is not Place.SET_OPERATION else _first(items),
            correlated=scope.correlated,
            group_positions=any(plain_number(item) is not None for item in group),
        )

    def _item(self, target: Node, scope: Scope) -> SelectItem:
        value = target.get("val", {})
        kind, fields = only(value)
        at = self.source.at(target)
        column, star, function, argument = None, False, "", ""
        if kind == "ColumnRef":
            column = column_use(fields)
            star = column is None
            if column is not None:
                scope.see(column)
        else:
            self.expression(value, Place.SELECT_LIST, scope)
        if kind == "FuncCall":
            function = function_name(fields)
            arguments = fields.get("args", [])
            plain = len(arguments) == 1 and "agg_distinct" not in fields
            inner = operand(arguments[0]) if plain else None
            if fields.get("agg_star"):
                argument = "*"
            elif inner is not None and inner.kind is OperandKind.COLUMN and inner.column is not None:
                argument = inner.column.name
        alias = str(target.get("name", ""))
        return SelectItem(
            star, column, alias, bool(alias) and alias in self._quoted_names(), function, at, argument
        )

    def _quoted_names(self) -> frozenset[str]:
        if self._quoted is None:
            self._quoted = self.source.quoted_names()
        return self._quoted

    def _order(self, sort: Node, scope: Scope) -> OrderItem:
        node = sort.get("node", {})
        kind, fields = only(node)
        self.expression(node, Place.OTHER, scope)
        return OrderItem(
            column=column_use(fields) if kind == "ColumnRef" else None,
            random=kind == "FuncCall" and function_name(fields) in _RANDOM,
            position=plain_number(node),
            descending=sort.get("sortby_dir") == "SORTBY_DESC",
            at=self.source.at(fields),
        )

    def _bound(self, node: Node | None, scope: Scope, *, matters: bool) -> int | None:
        if node is None or only(node)[1].get("isnull"):
            return None
        self.literals_matter = self.literals_matter or matters
        number = plain_number(node)
        if number is None:
            self.expression(node, Place.OTHER, scope)
        return -1 if number is None else number

    def rows(self, lists: list[Node], scope: Scope | None) -> None:
        """Sub-queries and functions in VALUES."""
        for item in lists:
            for value in only(item)[1].get("items", []):
                if "A_Const" not in value and "SetToDefault" not in value:
                    self.expression(value, Place.VALUES, scope)

    # ---------------------------------------------------------------- FROM

    def tables(
        self,
        items: list[Node],
        parent: Scope | None,
        number: int | None,
        *,
        depth: int = 0,
        first: TableUse | None = None,
    ) -> tuple[tuple[TableUse, ...], tuple[Join, ...], Scope]:
        """``first``: the table that an UPDATE, DELETE or MERGE names itself."""
        scope = Scope(number, depth, parent)
        found = _From()
        if first is not None:
            found.uses.append(first)
            scope.names.add(first.alias or first.ref.name)
        for place, item in enumerate(items):
            if place:
                lateral = "RangeFunction" in item or bool(only(item)[1].get("lateral"))
                found.joins.append(Join("COMMA", False, lateral, self._place(item)))
            self._from(item, scope, found, 0)
        for query in found.queries:
            self.select(query, Place.FROM, depth + 1, scope)
        for node in found.expressions:
            self.expression(node, Place.FROM, scope)
        for node in found.conditions:
            self.condition(node, Place.ON, scope)
        return tuple(found.uses), tuple(found.joins), scope

    def _from(self, item: Node, scope: Scope, found: _From, depth: int) -> None:
        chain: list[Node] = []
        kind, fields = only(item)
        while kind == "JoinExpr":
            chain.append(fields)
            kind, fields = only(fields.get("larg", {}))
        self._source(kind, fields, scope, found)
        for join in reversed(chain):
            right = join.get("rarg", {})
            right_kind, right_fields = only(right)
            found.joins.append(self._join(join, right_kind, right_fields))
            if right_kind != "JoinExpr":
                self._source(right_kind, right_fields, scope, found)
            elif depth < _DEEPEST:
                self._from(right, scope, found, depth + 1)
            if "quals" in join:
                found.conditions.append(join["quals"])
            scope.names.update(_alias(join))

    def _join(self, join: Node, right_kind: str, right: Node) -> Join:
        conditional = "quals" in join or "usingClause" in join
        kind = _JOINS.get(str(join.get("jointype", "")), "INNER" if conditional else "CROSS")
        if join.get("isNatural"):
            kind = "NATURAL"
        lateral = right_kind == "RangeFunction" or bool(right.get("lateral"))
        return Join(kind, conditional, lateral, self.source.at(right) if right_kind == "RangeVar" else -1)

    def _place(self, item: Node) -> int:
        kind, fields = only(item)
        return self.source.at(fields) if kind == "RangeVar" else -1

    def _source(self, kind: str, fields: Node, scope: Scope, found: _From) -> None:
        if kind == "RangeTableSample":
            kind, fields = only(fields.get("relation", {}))
        scope.names.update(_alias(fields))
        if kind == "RangeVar":
            ref = table(fields)
            alias = fields.get("alias", {}).get("aliasname", "")
            scope.names.add(alias or ref.name)
            cte = ref.schema is None and ref.name in self._ctes
            found.uses.append(TableUse(ref, alias, cte, self.source.at(fields)))
        elif kind == "RangeSubselect":
            found.queries.append(only(fields.get("subquery", {}))[1])
        elif kind == "RangeFunction":
            found.expressions.append({kind: {"functions": fields.get("functions", [])}})

    # ---------------------------------------------------------------- expressions

    def condition(self, node: Node, place: Place, scope: Scope | None) -> None:
        read_condition(self, node, place, scope)

    def expression(self, node: Node, place: Place, scope: Scope | None) -> None:
        """Functions, sub-queries and columns of tables further out; with a stack of its own."""
        stack: list[Any] = [node]
        while stack:
            item = stack.pop()
            if isinstance(item, list):
                stack.extend(reversed(item))
                continue
            if not isinstance(item, dict):
                continue
            for kind, fields in reversed(item.items()):
                if kind == "SelectStmt" and isinstance(fields, dict):
                    self.subquery(fields, place, scope)
                elif kind == "ColumnRef":
                    column = column_use(fields)
                    if scope is not None and column is not None:
                        scope.see(column)
                elif kind == "FuncCall":
                    self._call(fields, scope)
                    stack.append(fields)
                elif isinstance(fields, (dict, list)) and kind not in ("funcname", "typeName", "name"):
                    stack.append(fields)

    def subquery(self, fields: Node, place: Place, scope: Scope | None) -> None:
        self.select(fields, place, 1 if scope is None else scope.depth + 1, scope)

    def _call(self, fields: Node, scope: Scope | None) -> None:
        name = function_name(fields)
        self._functions[name] = None
        if scope is not None and name in AGGREGATES and "over" not in fields:
            scope.aggregates = True


def _alias(fields: Node) -> tuple[str, ...]:
    alias = fields.get("alias", {}).get("aliasname")
    return () if alias is None else (str(alias),)


def _columns(items: list[Node]) -> Iterator[ColumnUse]:
    for item in items:
        kind, fields = only(item)
        column = column_use(fields) if kind == "ColumnRef" else None
        if column is not None:
            yield column


def _locking(fields: Node) -> str:
    clauses = fields.get("lockingClause", [])
    return _STRENGTHS.get(str(only(clauses[0])[1].get("strength", "")), "") if clauses else ""


def _first(items: tuple[SelectItem, ...]) -> int:
    return items[0].at if items else -1
