"""What is in the demo's databases, the change that the tour makes there, and what must come of it.

Plain enough to be the same SQL on every database, and the outcome is worked out here, not by asking one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

Row = tuple[int | str, ...]
Query = Callable[[str], Sequence[Sequence[object]]]

_ORDERS = 400
_STATUSES = ("paid", "unpaid", "shipped")
_PRODUCTS = (
    (1, "longjing", "tea", 12800, 40),
    (2, "pu-erh", "tea", 8600, 25),
    (3, "gaiwan", "ware", 5900, 60),
    (4, "teapot", "ware", 21900, 12),
    (5, "tin", "ware", 1500, 200),
)
_COUPONS = ((1, "SPRING", "2025-03-31"), (2, "SUMMER", "2025-06-30"), (3, "AUTUMN", "2025-09-30"))

CHANGE = """\
UPDATE orders SET status = 'cancelled' WHERE status = 'unpaid' AND cents < 1000;
UPDATE products SET cents = cents - 300 WHERE category = 'tea';
DELETE FROM coupons;
"""
CHANGE_STATEMENTS = 3
REFUSED_CHANGE = "UPDATE products SET cents = 1;\n"


@dataclass(frozen=True, slots=True)
class Shop:
    """All rows of the tables, by their key."""

    orders: tuple[Row, ...]
    products: tuple[Row, ...]
    coupons: tuple[Row, ...]

    @property
    def count(self) -> int:
        return len(self.orders) + len(self.products) + len(self.coupons)


def _order(number: int) -> Row:
    return number, f"customer-{number % 37}", number * 137 % 9000 + 500, _STATUSES[number % 3]


SEED = Shop(tuple(_order(number) for number in range(1, _ORDERS + 1)), _PRODUCTS, _COUPONS)


def seeding() -> Iterator[str]:
    """Statements that make the tables and fill them."""
    yield (
        "CREATE TABLE orders (id INT PRIMARY KEY, customer VARCHAR(40) NOT NULL,"
        " cents INT NOT NULL, status VARCHAR(20) NOT NULL)"
    )
    yield (
        "CREATE TABLE products (id INT PRIMARY KEY, name VARCHAR(40) NOT NULL,"
        " category VARCHAR(20) NOT NULL, cents INT NOT NULL, stock INT NOT NULL)"
    )
    yield "CREATE TABLE coupons (id INT PRIMARY KEY, code VARCHAR(20) NOT NULL, expires VARCHAR(10) NOT NULL)"
    for table, rows in (("orders", SEED.orders), ("products", SEED.products), ("coupons", SEED.coupons)):
        # Numbers and plain words: their Python form is their SQL form.
        yield f"INSERT INTO {table} VALUES {', '.join(map(str, rows))}"  # noqa: S608


def read(query: Query) -> Shop:
    """The rows as they are now."""

    def rows(sql: str) -> tuple[Row, ...]:
        return tuple(
            tuple(value if isinstance(value, int) else str(value) for value in row) for row in query(sql)
        )

    return Shop(
        orders=rows("SELECT id, customer, cents, status FROM orders ORDER BY id"),
        products=rows("SELECT id, name, category, cents, stock FROM products ORDER BY id"),
        coupons=rows("SELECT id, code, expires FROM coupons ORDER BY id"),
    )


def changed(shop: Shop) -> Shop:
    """What ``CHANGE`` makes of it."""
    return replace(
        shop,
        orders=tuple(
            (number, customer, cents, "cancelled")
            if status == "unpaid" and isinstance(cents, int) and cents < 1000
            else (number, customer, cents, status)
            for number, customer, cents, status in shop.orders
        ),
        products=tuple(
            (number, name, category, cents - 300, stock)
            if category == "tea" and isinstance(cents, int)
            else (number, name, category, cents, stock)
            for number, name, category, cents, stock in shop.products
        ),
        coupons=(),
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that isn't the same; ``after`` is None for one that is gone."""

    table: str
    before: Row
    after: Row | None


def differences(before: Shop, after: Shop) -> list[Difference]:
    return [
        Difference(table, row, left.get(row[0]))
        for table, old, new in (
            ("orders", before.orders, after.orders),
            ("products", before.products, after.products),
            ("coupons", before.coupons, after.coupons),
        )
        for left in [{row[0]: row for row in new}]
        for row in old
        if left.get(row[0]) != row
    ]
