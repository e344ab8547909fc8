"""Scripts to measure with: the same ones on every machine, made from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

_SEED: Final = 20240607
_TABLES: Final = (
    "users orders order_items products product_prices inventory payments refunds invoices addresses carts sessions "
    "coupons shipments suppliers categories reviews audit_events notifications roles permissions tenants settings jobs"
).split()
_COLUMNS: Final = (
    "status amount name email remark created_at updated_at user_id tenant_id quantity price currency note level score "
    "city country phone kind source"
).split()
_TEXTS: Final = (
    "paid", "shipped; waiting", "it''s fine", "2024-06-07 10:11:12", "上海市浦东新区", "a@example.com", "", "pending",
    "no -- comment", "x" * 60,
)  # fmt: skip


class _Maker:
    """Statements of several hundred shapes; the literals differ from one to the next."""

    def __init__(self, seed: int = _SEED) -> None:
        self.random = Random(seed)
        self.shapes = [self._shape() for _ in range(400)]
        # A few shapes make up most of a script, as loops in applications write them.
        self.weights = [1 / (place + 3) for place in range(len(self.shapes))]

    def _type(self, column: str) -> str:
        """What kind of literal stands for a column: a text or a number, in an INSERT sometimes NULL."""
        return "{s}" if len(column) % 2 else "{v}"

    def _columns(self, least: int, most: int) -> list[str]:
        return self.random.sample(_COLUMNS, self.random.randint(least, most))

    def _shape(self) -> str:
        table = self.random.choice(_TABLES)
        draw = self.random.random()
        if draw < 0.40:
            columns = self._columns(3, 9)
            row = "(" + ", ".join(["{n}", *map(self._type, columns)]) + ")"
            rows = ", ".join([row] * self.random.choice((1, 1, 1, 1, 2, 5)))
            return f"INSERT INTO {table} (id, {', '.join(columns)}) VALUES {rows}"
        if draw < 0.75:
            assigned = ", ".join(f"{column} = {self._type(column)}" for column in self._columns(1, 4))
            extra = self.random.choice(("", "", " AND status = {s}", " AND tenant_id IN ({n}, {n}, {n})"))
            return f"UPDATE {table} SET {assigned} WHERE id = {{n}}{extra}"
        if draw < 0.87:
            extra = self.random.choice(("id = {n}", "id IN ({n}, {n})", "user_id = {n} AND created_at < {s}"))
            return f"DELETE FROM {table} WHERE {extra}"
        chosen = ", ".join(f"t.{column}" for column in self._columns(1, 5))
        other = self.random.choice(_TABLES)
        return (
            f"SELECT {chosen}, COUNT(*) FROM {table} t JOIN {other} o ON o.id = t.user_id "
            f"WHERE t.status = {{s}} AND t.id > {{n}} GROUP BY {chosen} ORDER BY 1"
        )

    def text(self) -> str:
        return "'" + self.random.choice(_TEXTS) + "'"

    def number(self) -> str:
        return str(self.random.randint(1, 10_000_000))

    def value(self) -> str:
        draw = self.random.random()
        if draw < 0.9:
            return self.number()
        return f"{self.random.randint(1, 9999)}.50" if draw < 0.97 else "NULL"

    def filled(self, shape: str) -> str:
        parts = shape.split("{")
        made = [parts[0]]
        for part in parts[1:]:
            fill = {"n": self.number, "s": self.text, "v": self.value}[part[0]]
            made.append(fill() + part[2:])
        return "".join(made)

    def definition(self, number: int) -> str:
        table = self.random.choice(_TABLES)
        return self.random.choice(
            (
                f"ALTER TABLE {table} ADD COLUMN extra_{number} VARCHAR(64) DEFAULT '' NOT NULL",
                f"CREATE INDEX ix_{table}_{number} ON {table} (status, created_at)",
                f"CREATE TABLE {table}_{number} (id INT PRIMARY KEY, name VARCHAR(80) NOT NULL, amount DECIMAL(10, 2))",
                f"DROP TABLE IF EXISTS {table}_{number}_old",
            )
        )


def mixed_chunks(statements: int) -> Iterator[str]:
    """A change as teams file it: 98 of 100 statements change or read rows, 2 change the structure."""
    maker = _Maker()
    for number in range(statements):
        if number % 50 == 49:
            yield maker.definition(number) + ";\n"
        else:
            [shape] = maker.random.choices(maker.shapes, maker.weights)
            yield maker.filled(shape) + ";\n"
        if number % 200 == 0:
            yield f"\n-- part {number // 200}\n"


def mixed(statements: int) -> str:
    return "".join(mixed_chunks(statements))


def unlike(statements: int) -> str:
    """Every statement of another shape: names that no other one has."""
    maker = _Maker()
    made = []
    for number in range(statements):
        shape = maker.filled(maker._shape())
        if number % 10 == 9:
            shape = maker.definition(number)
        made.append(
            shape.replace(" t.", f" t{number}.")
            .replace("status", f"status_{number}")
            .replace(" id", f" id_{number}")
        )
    return ";\n".join(made) + ";\n"
