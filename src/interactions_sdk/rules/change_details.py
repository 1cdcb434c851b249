"""The values that a change replaces, as stored in an audit row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from interactions_sdk.models.interaction import TEXT_COLUMNS
from interactions_sdk.models.json_objects import is_list, is_object, parse_object
from interactions_sdk.models.metadata import InteractionMetadata
from interactions_sdk.models.row import column_name
from interactions_sdk.rules.operations import to_column_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import ColumnValue

__all__ = ["MAX_DETAILS_LENGTH", "change_details", "with_via", "without_text"]

MAX_DETAILS_LENGTH = 5000
"""Maximum length of the column."""

_ROOM_FOR_VIA = 50
_METADATA = "metadata"
_CUSTOM_FIELDS = "customFields"
_LIMITS = (1000, 400, 150, 50, 10)
"""Lengths to which values are cut, tried in turn until all of them fit."""

_CUT = "…"


def change_details(
    current: CustomerInteraction, columns: Mapping[str, ColumnValue], *, with_text: bool
) -> str:
    """Return the details of an audit row: the columns that change, with old and new values.

    Args:
        current: The interaction as it was read.
        columns: The columns that are set.
        with_text: Whether to keep text that people wrote.

    Returns:
        JSON with at most 5,000 characters. Long values are cut, and their columns named in `cut`;
        of metadata, only the keys that differ are kept.
    """
    changed = sorted(columns)
    values = {
        column: _pair(current, column, columns[column])
        for column in changed
        if with_text or column not in TEXT_COLUMNS
    }
    for limit in _LIMITS:
        text = _encode(changed, values, limit)
        if len(text) <= MAX_DETAILS_LENGTH - _ROOM_FOR_VIA:
            return text
    return _encode(
        changed, {name: pair for name, pair in values.items() if name != _METADATA}, _LIMITS[-1]
    )


def with_via(details: str | None, via: str | None) -> str | None:
    """Add the name of the writing program to the details of an audit row, if there is one.

    Example:
        >>> with_via('{"changed": ["outcome"]}', "mcp")
        '{"via": "mcp", "changed": ["outcome"]}'
        >>> with_via(None, "mcp"), with_via(None, None)
        ('{"via": "mcp"}', None)
    """
    if via is None:
        return details
    begin = f'{{"via": {json.dumps(via)}'
    return f"{begin}}}" if details is None else f"{begin}, {details[1:]}"


def without_text(details: object) -> object:
    """Remove text that people wrote from the details of an audit row.

    Example:
        >>> without_text('{"changed": ["subject"], "from": {"subject": "a"}}')
        '{"changed": ["subject"], "from": {}}'
        >>> without_text("not JSON")
        'not JSON'
    """
    parsed = parse_object(details)
    kept = {name: _kept(name, value) for name, value in parsed.items()}
    return details if kept == parsed else json.dumps(kept, ensure_ascii=False)


def _kept(name: str, value: object) -> object:
    if name not in {"from", "to"} or not is_object(value):
        return value
    return {column: each for column, each in value.items() if column not in TEXT_COLUMNS}


def _pair(current: CustomerInteraction, column: str, value: ColumnValue) -> tuple[object, object]:
    """Return a column's value before and after."""
    fields = {column_name(name): name for name in type(current).model_fields}
    before = getattr(current, fields[column], None) if column in fields else None
    if column == _METADATA:
        text = before.to_wire() if isinstance(before, InteractionMetadata) else None
        return _differing(parse_object(text), parse_object(value))
    return to_column_value(before), value


def _differing(before: dict[str, Any], after: dict[str, Any]) -> tuple[object, object]:
    """Return the differing keys of two objects; custom fields are compared one by one."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    then = {name: before[name] for name in names if name in before}
    now = {name: after[name] for name in names if name in after}
    old, new = then.get(_CUSTOM_FIELDS), now.get(_CUSTOM_FIELDS)
    if is_object(old) and is_object(new):
        then[_CUSTOM_FIELDS], now[_CUSTOM_FIELDS] = _differing(old, new)
    return then, now


def _encode(changed: list[str], values: Mapping[str, tuple[object, object]], limit: int) -> str:
    before = {name: _shorten(pair[0], limit) for name, pair in values.items()}
    after = {name: _shorten(pair[1], limit) for name, pair in values.items()}
    cut = [name for name, pair in values.items() if (before[name], after[name]) != pair]
    details = {"changed": changed, "from": before, "to": after} | ({"cut": cut} if cut else {})
    return json.dumps(details, ensure_ascii=False, separators=(",", ":"))


def _shorten(value: object, limit: int) -> object:
    """Return a value with long texts shortened; objects value by value, lists as text."""
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit] + _CUT
    if is_object(value):
        return {name: _shorten(each, limit) for name, each in value.items()}
    if is_list(value):
        text = json.dumps(value, ensure_ascii=False)
        return value if len(text) <= limit else text[:limit] + _CUT
    return value
