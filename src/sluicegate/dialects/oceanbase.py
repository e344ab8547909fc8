"""OceanBase in MySQL mode."""

from __future__ import annotations

from typing import ClassVar

from sluicegate.dialects.base import DialectFeatures
from sluicegate.dialects.mysql.dialect import MySql, family_features
from sluicegate.dialects.mysql.variant import Variant

VARIANT = Variant(code="oceanbase", label="OceanBase (MySQL)", default_port=2881, innodb=False)


class OceanBase(MySql):
    variant: ClassVar[Variant] = VARIANT
    code: ClassVar[str] = VARIANT.code
    label: ClassVar[str] = VARIANT.label
    features: ClassVar[DialectFeatures] = family_features(VARIANT)
