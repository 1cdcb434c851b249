"""From a line to a draft, or to the reason why it is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from interactions_sdk.errors import BadRequestError
from interactions_sdk.escaping.spreadsheet import unescape_formula
from interactions_sdk.models.drafts import InteractionCreate
from interactions_sdk.transfer import converters
from interactions_sdk.transfer.converters import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from interactions_sdk.transfer.converters import Columns, Record
    from interactions_sdk.transfer.readers import Line

__all__ = ["EXPORTED_CSV", "EXPORTED_JSON", "DraftReader", "draft_of"]

_FIELDS = InteractionCreate.model_fields.keys()
_READ_FROM_TEXT: dict[str, Callable[[str], Source]] = {
    "duration": converters.whole_number,
    "metadata": converters.metadata,
}
_A_USERS_MISTAKE = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What a converter of the user's own may raise for a value that it does not expect."""


def _of_column(field: str, column: str) -> Source:
    return _READ_FROM_TEXT.get(field, converters.text)(column)


def _occurred_at(record: Record) -> object:
    """Return when it was, which an export calls `created_at`."""
    return record.get("occurred_at") or record.get("created_at") or None


def _value(field: str) -> Source:
    return Source((), lambda record: record.get(field))


def _cell(field: str) -> Source:
    return Source((), lambda record: unescape_formula(str(record.get(field) or "")))


def _metadata_cell(record: Record) -> object:
    return _METADATA.read({"metadata": unescape_formula(str(record.get("metadata") or ""))})


_METADATA = converters.metadata("metadata")
_REQUIRED: Columns = {
    "interaction_type": converters.text("interaction_type"),
    "occurred_at": _occurred_at,
}

EXPORTED_JSON: Columns = {
    **{field: _value(field) for field in _FIELDS},
    **_REQUIRED,
    "metadata": _METADATA.read,
}
"""How `export_jsonl` writes them: by the names of the fields."""

EXPORTED_CSV: Columns = {
    **{field: _cell(field) for field in _FIELDS},
    **_REQUIRED,
    "metadata": _metadata_cell,
    "duration": converters.whole_number("duration").read,
}
"""How `export_csv` writes them: by the names of the fields, formulas made harmless."""


class DraftReader:
    """Reads the fields of drafts from lines.

    Args:
        columns: Where each field comes from.

    Raises:
        BadRequestError: A draft has no such field, or nothing says what type it is.

    Example:
        >>> from interactions_sdk.transfer.readers import Line
        >>> reader = DraftReader({"interaction_type": "kind", "duration": "minutes"})
        >>> reader.fields(Line(2, ["call", "12"], {"kind": "call", "minutes": "12"}))
        {'interaction_type': 'call', 'duration': 12}
    """

    def __init__(self, columns: Columns) -> None:
        unknown = sorted(columns.keys() - _FIELDS)
        if unknown:
            raise BadRequestError(
                f"A draft has no field {', '.join(unknown)}; it has {', '.join(_FIELDS)}."
            )
        if "interaction_type" not in columns:
            raise BadRequestError(
                "Nothing says what the lines are: give columns an interaction_type, such as "
                'transfer.constant("call").'
            )
        self._sources = {field: _source(field, given) for field, given in columns.items()}

    def check(self, available: Sequence[str] | None) -> None:
        """Refuse a file that lacks columns, before anything is written.

        Args:
            available: The columns of the file; None where each line has its own.
        """
        if available is None:
            return
        needed = [column for source in self._sources.values() for column in source.columns]
        missing = [column for column in dict.fromkeys(needed) if column not in available]
        if missing:
            raise BadRequestError(
                f"The file has no column {', '.join(map(repr, missing))}; it has "
                f"{', '.join(map(repr, available))}. Is the delimiter right?"
            )

    def fields(self, line: Line) -> dict[str, object]:
        """Return the fields that a line gives; a customer may still have to be looked up.

        Raises:
            ValueError: The line is bad; the message says why.
        """
        if line.record is None:
            raise ValueError(line.fault)
        fields: dict[str, object] = {}
        for field, source in self._sources.items():
            try:
                value = source.read(line.record)
            except _A_USERS_MISTAKE as error:
                raise ValueError(f"{field}: {error}") from error
            if value is not None:
                fields[field] = value
        return fields


def _source(field: str, given: str | Source | Callable[[Record], object]) -> Source:
    if isinstance(given, str):
        return _of_column(field, given)
    return given if isinstance(given, Source) else Source((), given)


def draft_of(fields: Mapping[str, object], key: str) -> InteractionCreate:
    """Make the draft of a line.

    Args:
        fields: The fields.
        key: The line's idempotency key, used where the line has no id and no key of its own.

    Raises:
        ValueError: The draft is against the rules; the message says which fields, and why.
    """
    identity = {} if fields.keys() & {"id", "idempotency_key"} else {"idempotency_key": key}
    try:
        return InteractionCreate.model_validate({**fields, **identity})
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}".removeprefix(": ")
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise ValueError("; ".join(faults)) from error
