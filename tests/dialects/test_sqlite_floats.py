"""Every finite float has a text that SQLite reads exactly, also where it misreads the decimal one."""

from __future__ import annotations

import sqlite3

from hypothesis import example, given
from hypothesis import strategies as st

from sluicegate.dialects.sqlite.literals import composed


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(5e-324)
@example(1.7976931348623157e308)
@example(2.5e-310)
@example(-6.431100786653891e-296)
@example(0.0)
def test_mantissa_and_powers_of_two_are_read_exactly(value: float) -> None:
    connection = sqlite3.connect(":memory:")
    try:
        assert connection.execute(f"SELECT {composed(value)}").fetchone() == (value,)
    finally:
        connection.close()
