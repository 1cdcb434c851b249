"""Models whose validation errors suggest the closest valid word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, PydanticKnownError

from interactions_sdk.arguments import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

__all__ = ["SuggestingModel"]

_FOLLOWS_FROM_ANOTHER = "default_factory_not_called"
_QUOTED = re.compile(r"'([^']+)'")


class SuggestingModel(BaseModel):
    """A model whose errors suggest a close match for mistyped fields and enum values.

    Example:
        >>> class Pet(SuggestingModel, extra="forbid"):
        ...     name: str = ""
        >>> Pet(nam="Rex")
        Traceback (most recent call last):
        ...
        pydantic_core._pydantic_core.ValidationError: 1 validation error for Pet
        nam
          Extra inputs are not permitted. Did you mean 'name'? ...
    """

    @model_validator(mode="wrap")
    @classmethod
    def _suggest(cls, value: Any, handler: ModelWrapValidatorHandler[Any]) -> Any:  # noqa: ANN401 - pydantic's
        try:
            return handler(value)
        except ValidationError as error:
            told = error.errors(include_url=False)
            faults = [fault for fault in told if fault["type"] != _FOLLOWS_FROM_ANOTHER]
            hints = [_hint(fault, cls.model_fields) for fault in faults]
            if not any(hints) and len(faults) == len(told):
                raise
            lines = [_line(fault, hint) for fault, hint in zip(faults, hints, strict=True)]
            raise ValidationError.from_exception_data(error.title, lines) from None


def _hint(fault: ErrorDetails, fields: Iterable[str]) -> str:
    if fault["type"] == "extra_forbidden":
        return suggestion(str(fault["loc"][-1]), fields)
    if fault["type"] in {"enum", "literal_error"}:
        expected: str = fault.get("ctx", {}).get("expected", "")
        return suggestion(fault["input"], _QUOTED.findall(expected))
    return ""


def _line(fault: ErrorDetails, hint: str) -> InitErrorDetails:
    """Return an error in the form that pydantic accepts, with a hint if there is one."""
    line = InitErrorDetails(type=fault["type"], loc=fault["loc"], input=fault["input"])
    context = fault.get("ctx", {})
    if not hint and _is_known(fault["type"], context):
        line["ctx"] = context
        return line
    message = f"{fault['msg']}.{hint}" if hint else fault["msg"]
    kind: Any = fault["type"]  # pydantic requires a literal
    line["type"] = PydanticCustomError(kind, "{message}", {"message": message})
    return line


def _is_known(kind: Any, context: dict[str, Any]) -> bool:  # noqa: ANN401 - a text, or pydantic's literal
    try:
        PydanticKnownError(kind, context)
    except KeyError:  # it is one of this library's
        return False
    return True
