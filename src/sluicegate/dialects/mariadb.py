"""MariaDB: the MySQL family with its own executable comments, RETURNING and ANALYZE."""

from __future__ import annotations

from typing import ClassVar

from sluicegate.dialects.base import DialectFeatures
from sluicegate.dialects.mysql.dialect import MySql, family_features
from sluicegate.dialects.mysql.variant import Variant

VARIANT = Variant(code="mariadb", label="MariaDB", mariadb=True, minimum_version=(10, 0, 0))


class MariaDb(MySql):
    variant: ClassVar[Variant] = VARIANT
    code: ClassVar[str] = VARIANT.code
    label: ClassVar[str] = VARIANT.label
    features: ClassVar[DialectFeatures] = family_features(VARIANT, tested_against="MariaDB 10.11")
