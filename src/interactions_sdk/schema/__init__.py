"""The tables that this library needs, as data: what is missing on a server, and what differs.

`expected` is the one truth; `plan` and `problems` compare it with what exists, and `crm.schema`
carries the plan out. Nothing here sends a request.
"""

from interactions_sdk.schema.actual import Existing, ExistingColumn, ExistingIndex, ExistingTable
from interactions_sdk.schema.check import problems
from interactions_sdk.schema.expected import (
    Column,
    ExpectedBucket,
    ExpectedDatabase,
    ExpectedTable,
    Index,
    expected,
)
from interactions_sdk.schema.plan import Change, Opened, Pending, incomplete, pending, plan

__all__ = [
    "Change",
    "Column",
    "Existing",
    "ExistingColumn",
    "ExistingIndex",
    "ExistingTable",
    "ExpectedBucket",
    "ExpectedDatabase",
    "ExpectedTable",
    "Index",
    "Opened",
    "Pending",
    "expected",
    "incomplete",
    "pending",
    "plan",
    "problems",
]
