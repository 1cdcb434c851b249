"""Interactions as lines of files: which column means what, and how it is read and written.

`import_csv` and `import_jsonl` take a mapping from the fields of `InteractionCreate` to columns of
the file. A plain name takes the column as it is; the functions here convert.

Example:
    >>> from interactions_sdk import transfer
    >>> columns = {
    ...     "interaction_type": transfer.constant("call"),
    ...     "customer_id": transfer.customer_by("userId", "client"),
    ...     "subject": "topic",
    ...     "occurred_at": transfer.moment("date", "time", tz="Europe/Zurich", day_first=True),
    ...     "duration": transfer.minutes("seconds", unit="seconds"),
    ...     "outcome": transfer.map_values("result", {"yes": "successful", "no": "other"}),
    ... }
"""

import warnings

from interactions_sdk.transfer.converters import (
    ColumnMapping,
    Converter,
    CustomerLookup,
    Row,
    constant,
    custom_fields,
    customer_by,
    integer,
    map_values,
    minutes,
    moment,
    text,
)
from interactions_sdk.transfer.results import (
    ArchiveResult,
    ErasureResult,
    ImportReport,
    RejectedLine,
    RestoreResult,
)

__all__ = [
    "ArchiveResult",
    "ColumnMapping",
    "Converter",
    "CustomerLookup",
    "ErasureResult",
    "ImportReport",
    "RejectedLine",
    "RestoreResult",
    "Row",
    "constant",
    "custom_fields",
    "customer_by",
    "integer",
    "map_values",
    "minutes",
    "moment",
    "text",
]

_FORMER_NAMES = {
    "Columns": "ColumnMapping",
    "CustomerKey": "CustomerLookup",
    "Record": "Row",
    "Source": "Converter",
    "choice": "map_values",
    "whole_number": "integer",
}


def __getattr__(name: str) -> object:
    """Return what had another name until 0.1."""
    if name not in _FORMER_NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    current = _FORMER_NAMES[name]
    message = f"transfer.{name} is now transfer.{current}."
    warnings.warn(message, DeprecationWarning, stacklevel=2)
    return globals()[current]
