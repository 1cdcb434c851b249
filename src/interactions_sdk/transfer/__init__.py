"""Interactions in files: mapping columns to fields, and converting values.

`import_csv` and `import_jsonl` take a mapping from the fields of `InteractionCreate` to columns of
the file. A plain name copies the column unchanged; the functions here convert it.

Example:
    >>> from interactions_sdk import transfer
    >>> columns = {
    ...     "interaction_type": transfer.constant("call"),
    ...     "customer_id": transfer.customer_by("userId", "client"),
    ...     "subject": "topic",
    ...     "occurred_at": transfer.dates("date", "time", tz="Europe/Zurich"),
    ...     "duration": transfer.minutes("seconds", unit="seconds"),
    ...     "outcome": transfer.map_values("result", {"yes": "successful", "no": "other"}),
    ... }
"""

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
    text,
)
from interactions_sdk.transfer.date_columns import dates
from interactions_sdk.transfer.results import (
    ArchiveResult,
    DateSummary,
    ErasureResult,
    ImportReport,
    LineNote,
    NameMatches,
    RejectedLine,
    RestoreResult,
)
from interactions_sdk.transfer.sources import ItemNote, SourceReport

__all__ = [
    "ArchiveResult",
    "ColumnMapping",
    "Converter",
    "CustomerLookup",
    "DateSummary",
    "ErasureResult",
    "ImportReport",
    "ItemNote",
    "LineNote",
    "NameMatches",
    "RejectedLine",
    "RestoreResult",
    "Row",
    "SourceReport",
    "constant",
    "custom_fields",
    "customer_by",
    "dates",
    "integer",
    "map_values",
    "minutes",
    "text",
]
