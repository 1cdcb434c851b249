"""The audit log: who wrote what, and when."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, computed_field
from pydantic.alias_generators import to_camel

from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.models.json_objects import is_list, is_object, parse_object
from interactions_sdk.models.row import (
    CREATED_AT,
    ID,
    UPDATED_AT,
    DefaultOnInvalid,
    Row,
    column_name,
)

__all__ = ["AuditEntry", "FieldChange", "UnverifiedAuditEntry"]

_FIELDS = {
    column_name(name): name
    for name in CustomerInteraction.model_fields
    if name not in Row.model_fields  # Appwrite's own fields: no default replaces unreadable values
}
_METADATA = "metadata"
_NO_TIME = "1970-01-01T00:00:00.000+00:00"


class FieldChange(BaseModel):
    """One field of an interaction that a change set.

    Attributes:
        field: The field, such as `next_action_date`; for your own columns, the column name.
        before: Its value before the change, with the field's type in `CustomerInteraction`. For
            `metadata`, an object with the keys that differ.
        after: Its value after the change, likewise.
        values: `complete`; `cut` if a long text was shortened; or `missing` if the audit log does
            not have the values, because they were erased, `Settings.audit_text` is off, or another
            program or an earlier version wrote the row. If missing, both values are None.
    """

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, validate_by_name=True)

    field: str
    before: Any = None
    after: Any = None
    values: Literal["complete", "cut", "missing"] = "complete"

    def __str__(self) -> str:
        if self.values == "missing":
            return self.field
        return f"{self.field}: {_show(self.before)} -> {_show(self.after)}"


def _show(value: object) -> str:
    return "nothing" if value is None else str(value)


class AuditEntry(Row):
    """An entry of the audit log.

    Attributes:
        action: What was done, such as `interaction.created`.
        user_id: Who did it.
        entity_id: The ID of the interaction.
        customer_id: The customer that the interaction belongs to.
        fingerprint: The hash of the draft, used to recognize a repeated create.
        details: Details, as JSON text.
        changes: What an update changed, field by field; empty for other actions.
    """

    action: Annotated[str, DefaultOnInvalid("")] = ""
    user_id: Annotated[str, DefaultOnInvalid("")] = ""
    entity_id: Annotated[str, DefaultOnInvalid("")] = ""
    customer_id: Annotated[str | None, DefaultOnInvalid(None)] = None
    fingerprint: Annotated[str | None, DefaultOnInvalid(None)] = None
    details: Annotated[str | None, DefaultOnInvalid(None)] = None

    @property
    def is_verified(self) -> bool:
        """Whether only a program with an API key can have written the entry."""
        return True

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know decorated properties
    @property
    def changes(self) -> tuple[FieldChange, ...]:
        """What an update changed, in the order of the fields' names."""
        details = parse_object(self.details)
        before, after = _values(details, "from"), _values(details, "to")
        cut = _names(details.get("cut"))
        changes = (
            _change(column, before, after, is_cut=column in cut)
            for column in _names(details.get("changed"))
        )
        return tuple(
            each for each in changes if each.values != "complete" or each.before != each.after
        )


class UnverifiedAuditEntry(AuditEntry):
    """An entry that a user may have written, with any content, so it cannot be trusted.

    Where users write with their own sessions (`Settings.user_sessions`), they may insert rows into
    the audit log, and a row does not show who inserted it.
    """

    model_config = ConfigDict(defer_build=True)  # rows are read as what they are first

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """Return the entry, marked."""
        fields = {name: getattr(entry, name) for name in AuditEntry.model_fields}
        return cls.model_construct(entry.model_fields_set, **fields)

    @property
    def is_verified(self) -> bool:
        """False."""
        return False


def _values(details: dict[str, Any], name: str) -> dict[str, Any]:
    values = details.get(name)
    return values if is_object(values) else {}


def _names(names: object) -> list[str]:
    return [name for name in names if isinstance(name, str)] if is_list(names) else []


def _change(
    column: str, before: dict[str, Any], after: dict[str, Any], *, is_cut: bool
) -> FieldChange:
    field = _FIELDS.get(column, column)
    if column not in before or column not in after:
        return FieldChange(field=field, values="missing")
    return FieldChange(
        field=field,
        before=_typed(column, before[column]),
        after=_typed(column, after[column]),
        values="cut" if is_cut else "complete",
    )


def _typed(column: str, value: Any) -> Any:  # noqa: ANN401 - JSON of whoever wrote the row
    """Return a value with the type of the field, if it is a field of interactions."""
    if column == _METADATA or column not in _FIELDS or value is None:
        return value
    row = {ID: "", CREATED_AT: _NO_TIME, UPDATED_AT: _NO_TIME, column: value}
    interaction = CustomerInteraction.model_validate(row, by_alias=True, by_name=False)
    return getattr(interaction, _FIELDS[column])
