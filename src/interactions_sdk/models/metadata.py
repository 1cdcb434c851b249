"""The metadata of an interaction: known keys, and any others."""

from __future__ import annotations

import json
import warnings
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Self, cast

from pydantic import (
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    JsonValue,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticCustomError, core_schema, from_json

from interactions_sdk.arguments import describe, is_one_edit_away
from interactions_sdk.models.recurrence import RECURRENCE_FIELD, Recurrence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["MAX_METADATA_LENGTH", "InteractionMetadata", "StoredMetadata"]

MAX_METADATA_LENGTH = 5000
"""Maximum length of the JSON text in the column."""

_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def _require_json_value(value: object) -> None:
    """Reject numbers, texts and nesting depths that JSON readers do not accept."""
    try:
        from_json(_write(value))
    except (TypeError, ValueError, RecursionError) as error:
        raise PydanticCustomError(
            "not_json", "Metadata must be valid JSON: {reason}", {"reason": str(error)}
        ) from error


def _is_text_only(fields: dict[str, JsonValue]) -> bool:
    """Return whether all fields are texts that JSON can hold, which is quick to check."""
    try:
        "".join(chain(fields, cast("Iterable[str]", fields.values()))).encode()
    except (TypeError, UnicodeEncodeError):
        return False
    return True


def _validate_fields(fields: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if fields and not _is_text_only(fields):
        _require_json_value({"customFields": fields})
    return fields


def _validate_extras(metadata: InteractionMetadata) -> InteractionMetadata:
    if metadata.__pydantic_extra__:
        _require_json_value(metadata.__pydantic_extra__)
        _warn_of_mistyped(metadata.__pydantic_extra__)
    return metadata


def _warn_of_mistyped(extras: Iterable[str]) -> None:
    """Warn of keys that are one edit away from a documented one; they are kept as they are."""
    for key in extras:
        meant = next((name for name in _DOCUMENTED if is_one_edit_away(key, name)), None)
        if meant is not None:
            warnings.warn(
                f"The metadata key {describe(key)} is kept as it is. Did you mean {meant!r}?",
                stacklevel=2,
            )


def _python_validator(
    check: Callable[[Any], Any], schema: CoreSchema, ref: str | None = None
) -> CoreSchema:
    """Check values passed by Python code; values parsed from JSON need no check."""
    checked = core_schema.no_info_after_validator_function(check, schema)
    return core_schema.json_or_python_schema(json_schema=schema, python_schema=checked, ref=ref)


class _PythonOnlyFields:
    """Marks custom fields, which are checked unless they were parsed from JSON."""

    @staticmethod
    def __get_pydantic_core_schema__(source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check them."""
        return _python_validator(_validate_fields, handler(source))


def _empty_list() -> list[str]:
    return []


def _empty_dict() -> dict[str, JsonValue]:
    return {}


class InteractionMetadata(BaseModel):
    """Additional data about an interaction, stored as one JSON text of at most 5,000 characters.

    Unknown keys are kept and written back.

    Attributes:
        attachments: URLs of attached files.
        participants: User IDs or email addresses.
        location: Where a meeting took place.
        tags: Tags.
        custom_fields: Your own data, as JSON.
        email_thread_id: The thread that an email belongs to.
        call_recording_url: The URL of the recording of a call.

    Example:
        >>> InteractionMetadata(tags=["vip"], custom_fields={"score": 7}).to_wire()
        '{"tags":["vip"],"customFields":{"score":7}}'
    """

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        alias_generator=AliasGenerator(validation_alias=to_camel, serialization_alias=to_camel),
        validate_by_name=True,
        validate_by_alias=True,
    )

    attachments: list[str] = Field(default_factory=_empty_list)
    participants: list[str] = Field(default_factory=_empty_list)
    location: str | None = None
    tags: list[str] = Field(default_factory=_empty_list)
    custom_fields: Annotated[dict[str, JsonValue], _PythonOnlyFields] = Field(
        default_factory=_empty_dict
    )
    email_thread_id: str | None = None
    call_recording_url: str | None = None

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Check the unknown keys as well."""
        schema = handler(source)
        if schema["type"] != "model":  # it is already built, and another model needs it
            return schema
        ref = cast("dict[str, Any]", schema).pop("ref", None)  # JSON schemas name the model by it
        return _python_validator(_validate_extras, schema, ref)

    @model_serializer(mode="wrap")
    def _keep_invalid_text(
        self, handler: SerializerFunctionWrapHandler
    ) -> dict[str, JsonValue] | str:
        return handler(self) if self.invalid_text is None else self.invalid_text

    def __hash__(self) -> int:
        named = (self.location, self.email_thread_id, self.call_recording_url, self.invalid_text)
        return hash((*named, *self.attachments, *self.participants, *self.tags))

    @property
    def invalid_text(self) -> str | None:
        """The column's text if it is not valid JSON, which is written back unchanged, or None."""
        return None

    @staticmethod
    def from_invalid_text(text: str) -> InteractionMetadata:
        """Return metadata that keeps an invalid text, so an update writes it back unchanged."""
        return _InvalidMetadata.of(text)

    def to_wire(self) -> str:
        """Return the JSON text for the column: only what was set, unknown keys last."""
        if self.invalid_text is not None:
            return self.invalid_text
        # By hand, since every draft is written twice and `model_dump` takes several times longer.
        written = {
            _COLUMN_KEYS[name]: value
            for name, value in vars(self).items()
            if name in self.model_fields_set
        }
        return _write(written | (self.__pydantic_extra__ or {}))

    def with_custom_field(self, name: str, value: JsonValue) -> Self:
        """Return a copy with one custom field set; unreadable metadata is returned unchanged."""
        return self._with_custom_fields({**self.custom_fields, name: value})

    def without_custom_field(self, name: str) -> Self:
        """Return a copy without one custom field; unreadable metadata is returned unchanged."""
        kept = {key: value for key, value in self.custom_fields.items() if key != name}
        return self if kept == self.custom_fields else self._with_custom_fields(kept)

    @property
    def recurrence(self) -> Recurrence | None:
        """The series that a follow-up belongs to, if it recurs."""
        return Recurrence.from_field(self.custom_fields.get(RECURRENCE_FIELD))

    def with_recurrence(self, series: Recurrence | None) -> Self:
        """Return a copy with another series, or none."""
        if series is None:
            return self.without_custom_field(RECURRENCE_FIELD)
        return self.with_custom_field(RECURRENCE_FIELD, series.to_field())

    def _with_custom_fields(self, fields: dict[str, JsonValue]) -> Self:
        if self.invalid_text is not None:
            return self
        return self.model_copy(update={"custom_fields": fields})


class _InvalidMetadata(InteractionMetadata):
    """Metadata whose text is not valid JSON."""

    _text: str = PrivateAttr(default="")

    @classmethod
    def of(cls, text: str) -> Self:
        """Hold a text."""
        metadata = cls()
        metadata._text = text
        return metadata

    @property
    def invalid_text(self) -> str:
        """The column's text."""
        return self._text


def _read_text(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:  # by alias only: a key `custom_fields` in the text is an unknown key
        metadata = _read_json(value, by_alias=True, by_name=False)
    except ValidationError:
        return InteractionMetadata.from_invalid_text(value)
    unknown = metadata.__pydantic_extra__
    if unknown and not _FIELDS.isdisjoint(unknown):
        return InteractionMetadata.from_invalid_text(value)  # pydantic would mix the two up
    if ("NaN" in value or "Infinity" in value) and not _is_json(value):  # pydantic reads these
        return InteractionMetadata.from_invalid_text(value)
    return metadata


def _is_json(text: str) -> bool:
    """Return whether a text that pydantic reads is strictly JSON."""
    try:
        json.loads(text, parse_constant=_reject_constant)
    except ValueError:
        return False
    return True


def _reject_constant(name: str) -> None:
    raise ValueError(name)


_read_json = InteractionMetadata.__pydantic_validator__.validate_json
_FIELDS = frozenset(InteractionMetadata.model_fields)
_COLUMN_KEYS = {name: to_camel(name) for name in InteractionMetadata.model_fields}
_DOCUMENTED = tuple(dict.fromkeys([*InteractionMetadata.model_fields, *map(to_camel, _FIELDS)]))

StoredMetadata = Annotated[InteractionMetadata, BeforeValidator(_read_text)] | None
"""The type of the column when it is read: JSON is parsed, any other text is kept unchanged."""
