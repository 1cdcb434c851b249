"""Forms: parsing and validating what was typed, with errors by field."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from interactions_sdk import InteractionCreate, InteractionUpdate
from interactions_sdk.desk.times import InvalidTimeError, input_value, parse_input

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from interactions_sdk import CustomerInteraction
    from interactions_sdk.desk.visit import Visit

__all__ = [
    "EDITED_FIELDS",
    "LOGGED_FIELDS",
    "Fields",
    "InvalidFormError",
    "errors_by_field",
    "new_key",
    "read_changes",
    "read_draft",
    "read_fields",
    "stored_values",
]

Draft = TypeVar("Draft", InteractionCreate, InteractionUpdate)

EDITED_FIELDS = (
    *("interaction_type", "subject", "description", "direction", "contact_method", "duration"),
    *("outcome", "next_action", "next_action_date", "related_entity_type", "related_entity_id"),
)
LOGGED_FIELDS = (*EDITED_FIELDS, "occurred_at", "recurrence")
_TIMES = frozenset({"next_action_date", "occurred_at"})
_LABELS = {
    "next_action_date": "due date",
    "related_entity_type": "type of record",
    "related_entity_id": "ID of the record",
}
"""The labels of fields in a form, to replace field names in the library's messages."""
_SEVERAL_LINES = frozenset({"description"})


@dataclass(frozen=True, slots=True)
class Fields:
    """The content of a form.

    Attributes:
        values: What was typed into each field.
        errors: The errors, by field.
        stored: Values that someone else has stored since then, if they differ.
        message: An error about the form as a whole.
        key: The idempotency key, by which a form that is sent twice is recognized.
    """

    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    stored: Mapping[str, str] = field(default_factory=dict[str, str])
    message: str = ""
    key: str = ""

    def value(self, name: str) -> str:
        """Return the value of a field."""
        return self.values.get(name, "")


class InvalidFormError(Exception):
    """What was typed breaks a rule; the errors are by field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors


def new_key() -> str:
    """Return a key for a new form."""
    return secrets.token_urlsafe(16)


def read_fields(visit: Visit, names: tuple[str, ...]) -> dict[str, str]:
    """Return the typed values; browsers send line ends as CR LF."""
    return {name: visit.sent(name).replace("\r\n", "\n") for name in names}


def read_draft(
    values: Mapping[str, str], zone: tzinfo, *, customer_id: str, key: str
) -> InteractionCreate:
    """Return the draft of a new interaction; an empty field uses the default.

    Raises:
        InvalidFormError: It breaks a rule.
    """
    parsed, errors = _parsed({name: text for name, text in values.items() if text.strip()}, zone)
    if not (parsed.get("subject") or parsed.get("description")):
        errors = {"subject": "Say what it was about.", **errors}
    parsed |= {"customer_id": customer_id, "idempotency_key": key}
    if "recurrence" in parsed:
        parsed["recurrence_tz"] = str(zone)
    return _validated(InteractionCreate, parsed, errors)


def read_changes(
    values: Mapping[str, str], before: Mapping[str, str], zone: tzinfo
) -> InteractionUpdate:
    """Return the changed values; an emptied field is cleared.

    Raises:
        InvalidFormError: It breaks a rule.
    """
    changed = {
        name: text
        for name, text in values.items()
        if _comparable(name, text) != _comparable(name, before.get(name, ""))
    }
    parsed, errors = _parsed({name: text for name, text in changed.items() if text.strip()}, zone)
    cleared = {name: None for name, text in changed.items() if not text.strip()}
    return _validated(InteractionUpdate, {**cleared, **parsed}, errors)


def _validated(model: type[Draft], values: Mapping[str, object], errors: dict[str, str]) -> Draft:
    """Return a draft, unless it or the parsing of its values has errors."""
    try:
        draft = model.model_validate(values)
    except ValidationError as error:
        raise InvalidFormError({**errors_by_field(error), **errors}) from error
    if errors:
        raise InvalidFormError(errors)
    return draft


def stored_values(interaction: CustomerInteraction, zone: tzinfo) -> dict[str, str]:
    """Return an interaction as the values of form fields."""
    values = {name: getattr(interaction, name) for name in EDITED_FIELDS}
    texts = {
        name: input_value(value, zone) if name in _TIMES else str("" if value is None else value)
        for name, value in values.items()
    }
    return {name: text.replace("\r\n", "\n") for name, text in texts.items()}


def errors_by_field(error: ValidationError) -> dict[str, str]:
    """Return the first problem of each field."""
    errors: dict[str, str] = {}
    for fault in error.errors(include_input=False, include_url=False):
        name = str(fault["loc"][0]) if fault["loc"] else "subject"
        message = fault["msg"].removeprefix("Value error, ")
        for field_name, label in _LABELS.items():
            message = message.replace(field_name, label)
        errors.setdefault(name, f"{message}.")
    return errors


def _parsed(values: Mapping[str, str], zone: tzinfo) -> tuple[dict[str, object], dict[str, str]]:
    """Return the parsed values, and the errors of the others."""
    parsed: dict[str, object] = {}
    errors: dict[str, str] = {}
    for name, text in values.items():
        try:
            parsed[name] = _value(name, text, zone)
        except InvalidTimeError as error:
            errors[name] = str(error)
    return parsed, errors


def _value(name: str, text: str, zone: tzinfo) -> object:
    if name in _TIMES:
        return parse_input(text, zone)
    if name == "duration" and text.strip().isascii() and text.strip().isdigit():
        return int(text)
    return text if name in _SEVERAL_LINES else text.strip()


def _comparable(name: str, text: str) -> str:
    """Return a text as a field returns it: single-line fields drop line ends."""
    text = text.replace("\r\n", "\n")
    return text if name in _SEVERAL_LINES else text.replace("\n", "").strip()
