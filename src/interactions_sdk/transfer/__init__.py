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
    ...     "outcome": transfer.choice("result", {"yes": "successful", "no": "other"}),
    ... }
"""

from interactions_sdk.transfer.converters import (
    Columns,
    CustomerKey,
    Record,
    Source,
    choice,
    constant,
    custom_fields,
    customer_by,
    minutes,
    moment,
    text,
    whole_number,
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
    "Columns",
    "CustomerKey",
    "ErasureResult",
    "ImportReport",
    "Record",
    "RejectedLine",
    "RestoreResult",
    "Source",
    "choice",
    "constant",
    "custom_fields",
    "customer_by",
    "minutes",
    "moment",
    "text",
    "whole_number",
]
