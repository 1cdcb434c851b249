"""A request as a value, and the table it concerns."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Annotated, Generic, Literal, TypeVar

from pydantic import AliasPath, BaseModel, ConfigDict, Field, GetPydanticSchema
from pydantic.alias_generators import to_camel
from pydantic_core import core_schema
from pydantic_core import to_json as encode_json

from interactions_sdk.errors import BadRequestError
from interactions_sdk.identifiers import validate_id
from interactions_sdk.models.row import SEQUENCE, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "Call",
    "RawResponse",
    "ResponseModel",
    "RowList",
    "SequencedRowList",
    "Table",
    "parse_nothing",
    "rows_to_json",
    "to_json",
]

T = TypeVar("T")
ModelT = TypeVar("ModelT", bound=BaseModel)
RowT = TypeVar("RowT", bound=Row)
RowT_co = TypeVar("RowT_co", bound=Row, covariant=True)

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A request, and how its response is parsed.

    Attributes:
        method: The HTTP method.
        route: The path with placeholders for IDs, for log records.
        path: The path below the endpoint, with validated IDs.
        read: Parses the bytes of the response.
        body: The JSON to send, if any.
        headers: Headers besides the connection's own.
        idempotent: Whether sending it twice is harmless. Other requests are retried only if the
            server certainly did not process them.
        expected_header: A header that every response of Appwrite has, if the body cannot show that
            it is Appwrite's.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    route: str
    path: str
    read: Callable[[bytes], T]
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] | None = None
    idempotent: bool = True
    expected_header: str | None = None


@dataclass(frozen=True, slots=True)
class RawResponse:
    """An unparsed response.

    Attributes:
        status: The HTTP status, below 400.
        headers: The headers, case-insensitive.
        content: The body.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes


_SEQUENCES = core_schema.list_schema(
    core_schema.typed_dict_schema(
        {
            SEQUENCE: core_schema.typed_dict_field(
                core_schema.str_schema(coerce_numbers_to_str=True), required=False
            )
        }
    )
)


class RowList(BaseModel, Generic[RowT]):
    """Appwrite's response to a list: the rows, and how many there are (at most 5,000).

    The sequences are kept next to the rows and not in them, because a row that is restored from an
    archive is equal to the original but has a different sequence.

    Attributes:
        total: The number of rows.
        rows: The rows.
        last_sequence: The sequence of the last row; empty if the server sent none.
    """

    total: int
    rows: list[RowT]
    last_sequence: str = Field(
        default="",
        validation_alias=AliasPath("rows", -1, SEQUENCE),
        coerce_numbers_to_str=True,
    )


class SequencedRowList(RowList[RowT]):
    """A list with the sequences of all rows, which take a tenth longer to read than the rows."""

    sequence_columns: Annotated[
        list[dict[str, str]], GetPydanticSchema(lambda _source, _handler: _SEQUENCES)
    ] = Field(default=[], validation_alias="rows")

    @property
    def sequences(self) -> list[str]:
        """The sequence of each row; empty if the server sent none."""
        return [columns.get(SEQUENCE, "") for columns in self.sequence_columns]


class ResponseModel(BaseModel):
    """A response that is not a row: frozen, and parsed from Appwrite's camelCase names."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, validate_by_name=True)


@dataclass(frozen=True)
class Table(Generic[RowT_co]):
    """A table and the model of its rows."""

    database_id: str
    id: str
    model: type[RowT_co]

    @cached_property
    def path(self) -> str:
        """The path of its rows."""
        return f"/tablesdb/{validate_id(self.database_id)}/tables/{validate_id(self.id)}/rows"

    @cached_property
    def read_row(self) -> Callable[[bytes], RowT_co]:
        """Parse the bytes of one row."""
        return _reader(self.model)

    @cached_property
    def read_rows(self) -> Callable[[bytes], RowList[RowT_co]]:
        """Parse the bytes of a list."""
        return _reader(RowList[self.model])  # type: ignore[name-defined]

    @cached_property
    def read_sequenced_rows(self) -> Callable[[bytes], SequencedRowList[RowT_co]]:
        """Parse the bytes of a list, with the sequence of each row."""
        return _reader(SequencedRowList[self.model])  # type: ignore[name-defined]


def _reader(model: type[ModelT]) -> Callable[[bytes], ModelT]:
    """Read by alias only, because a user's own column may be called `user_id` or `id`."""
    return partial(model.__pydantic_validator__.validate_json, by_alias=True, by_name=False)


def to_json(value: object) -> bytes:
    """Serialize the body of a request.

    Raises:
        BadRequestError: The value cannot be represented as JSON.
    """
    try:
        return _encode(value).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadRequestError(f"A column's value cannot be sent as JSON: {error}.") from error


def rows_to_json(value: object) -> bytes:
    """Write a request's body that may hold thousands of rows: `to_json`, in a quarter of the time.

    Types that no column holds are not refused here.

    Raises:
        BadRequestError: JSON cannot hold the value.
    """
    try:
        body = encode_json(value)
    except (ValueError, RecursionError):
        return to_json(value)  # says why
    if b"NaN" in body or b"Infinity" in body:  # no JSON, unless it is in a text
        return to_json(value)
    return body


class _JsonObject(BaseModel):
    """Any JSON object."""


def parse_nothing(answer: bytes) -> None:
    """Parse a response without content, which must be empty or JSON to be Appwrite's.

    Otherwise, a proxy's page with status 200 would be taken for success.
    """
    if answer:
        _JsonObject.__pydantic_validator__.validate_json(answer)
