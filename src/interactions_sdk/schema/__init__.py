"""The schema as data: what is expected, what is missing on a server, and what differs.

`expected_schema` is the source of truth; `plan` and `find_problems` compare it with the actual
database, and `crm.schema` executes the plan. Nothing here sends a request.
"""

from interactions_sdk.schema.actual import ActualColumn, ActualDatabase, ActualIndex, ActualTable
from interactions_sdk.schema.check import Advice, find_blocking_problems, find_problems
from interactions_sdk.schema.expected import (
    Column,
    ExpectedBucket,
    ExpectedDatabase,
    ExpectedTable,
    Index,
    expected_schema,
)
from interactions_sdk.schema.plan import (
    PendingResource,
    PermissionChange,
    SchemaChange,
    missing_resources,
    pending_columns,
    pending_indexes,
    plan,
)

__all__ = [
    "ActualColumn",
    "ActualDatabase",
    "ActualIndex",
    "ActualTable",
    "Advice",
    "Column",
    "ExpectedBucket",
    "ExpectedDatabase",
    "ExpectedTable",
    "Index",
    "PendingResource",
    "PermissionChange",
    "SchemaChange",
    "expected_schema",
    "find_blocking_problems",
    "find_problems",
    "missing_resources",
    "pending_columns",
    "pending_indexes",
    "plan",
]
