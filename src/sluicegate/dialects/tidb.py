"""TiDB: speaks MySQL; KILL needs the server it runs on, named locks work from 6.2 on."""

from __future__ import annotations

from typing import ClassVar

from sluicegate.dialects.base import DialectFeatures
from sluicegate.dialects.mysql.dialect import MySql, family_features
from sluicegate.dialects.mysql.variant import Variant

VARIANT = Variant(code="tidb", label="TiDB", default_port=4000, tidb=True, innodb=False)


class TiDb(MySql):
    variant: ClassVar[Variant] = VARIANT
    code: ClassVar[str] = VARIANT.code
    label: ClassVar[str] = VARIANT.label
    features: ClassVar[DialectFeatures] = family_features(VARIANT)
