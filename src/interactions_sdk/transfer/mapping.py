"""From a line to a draft, or to the reason why it is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from interactions_sdk.errors import BadRequestError
from interactions_sdk.escaping.spreadsheet import unescape_formula
from interactions_sdk.models.drafts import InteractionCreate
from interactions_sdk.transfer import converters
from interactions_sdk.transfer.converters import Converter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from interactions_sdk.transfer.converters import ColumnMapping, Row
    from interactions_sdk.transfer.readers import Line

__all__ = ["EXPORTED_CSV", "EXPORTED_JSON", "DraftMapper", "make_draft"]

_FIELDS = InteractionCreate.model_fields.keys()
_CONVERTERS: dict[str, Callable[[str], Converter]] = {
    "duration": converters.integer,
    "metadata": converters.metadata,
}
_USER_ERRORS = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What a converter of the user's own may raise for a value that it does not expect."""


def _converter_for(field: str, column: str) -> Converter:
    return _CONVERTERS.get(field, converters.text)(column)


def _occurred_at(row: Row) -> object:
    """Return when it was, which an export calls `created_at`."""
    return row.get("occurred_at") or row.get("created_at") or None


def _value_converter(field: str) -> Converter:
    return Converter((), lambda row: row.get(field))


def _cell_converter(field: str) -> Converter:
    return Converter((), lambda row: unescape_formula(str(row.get(field) or "")))


def _metadata_cell(row: Row) -> object:
    return _METADATA.read({"metadata": unescape_formula(str(row.get("metadata") or ""))})


_METADATA = converters.metadata("metadata")
_REQUIRED: ColumnMapping = {
    "interaction_type": converters.text("interaction_type"),
    "occurred_at": _occurred_at,
}

EXPORTED_JSON: ColumnMapping = {
    **{field: _value_converter(field) for field in _FIELDS},
    **_REQUIRED,
    "metadata": _METADATA.read,
}
"""How `export_jsonl` writes them: by the names of the fields."""

EXPORTED_CSV: ColumnMapping = {
    **{field: _cell_converter(field) for field in _FIELDS},
    **_REQUIRED,
    "metadata": _metadata_cell,
    "duration": converters.integer("duration").read,
}
"""How `export_csv` writes them: by the names of the fields, formulas made harmless."""


class DraftMapper:
    """Reads the fields of drafts from lines.

    Args:
        columns: Where each field comes from.

    Raises:
        BadRequestError: A draft has no such field, or nothing says what type it is.

    Example:
        >>> from interactions_sdk.transfer.readers import Line
        >>> mapper = DraftMapper({"interaction_type": "kind", "duration": "minutes"})
        >>> mapper.map_fields(Line(2, ["call", "12"], {"kind": "call", "minutes": "12"}))
        {'interaction_type': 'call', 'duration': 12}
    """

    def __init__(self, columns: ColumnMapping) -> None:
        unknown = sorted(columns.keys() - _FIELDS)
        if unknown:
            raise BadRequestError(
                f"A draft has no field {', '.join(unknown)}; it has {', '.join(_FIELDS)}."
            )
        if "interaction_type" not in columns:
            raise BadRequestError('Map interaction_type, e.g. transfer.constant("call").')
        self._converters = {
            field: _as_converter(field, source) for field, source in columns.items()
        }

    def validate_columns(self, available: Sequence[str] | None) -> None:
        """Refuse a file that lacks columns, before anything is written.

        Args:
            available: The columns of the file; None where each line has its own.
        """
        if available is None:
            return
        needed = [column for converter in self._converters.values() for column in converter.columns]
        missing = [column for column in dict.fromkeys(needed) if column not in available]
        if missing:
            raise BadRequestError(
                f"The file has no column {', '.join(map(repr, missing))}; it has "
                f"{', '.join(map(repr, available))}. Check the delimiter."
            )

    def map_fields(self, line: Line) -> dict[str, object]:
        """Return the fields that a line gives; a customer may still have to be looked up.

        Raises:
            ValueError: The line is bad; the message says why.
        """
        if line.row is None:
            raise ValueError(line.fault)
        fields: dict[str, object] = {}
        for field, converter in self._converters.items():
            try:
                value = converter.read(line.row)
            except _USER_ERRORS as error:
                raise ValueError(f"{field}: {error}") from error
            if value is not None:
                fields[field] = value
        return fields


def _as_converter(field: str, source: str | Converter | Callable[[Row], object]) -> Converter:
    if isinstance(source, str):
        return _converter_for(field, source)
    return source if isinstance(source, Converter) else Converter((), source)


def make_draft(fields: Mapping[str, object], key: str) -> InteractionCreate:
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
