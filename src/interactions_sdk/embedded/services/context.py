"""The context of one request, and the parsing of its parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

from interactions_sdk.embedded.access import permissions
from interactions_sdk.embedded.database.catalog import bump_version
from interactions_sdk.embedded.values.identifiers import KEY_RULE, UID_RULE, is_id, unique
from interactions_sdk.embedded.values.responses import (
    AppwriteError,
    JsonObject,
    as_list,
    as_object,
    parse_json,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from interactions_sdk.embedded.access.actors import Actor
    from interactions_sdk.embedded.database.catalog import Catalog, Database, Table
    from interactions_sdk.embedded.database.row_cache import StaleRowCache
    from interactions_sdk.embedded.events import Event
    from interactions_sdk.embedded.values.versions import Version

_INDEXED_NAME = re.compile(r"(.+)\[\d*\]")
_DIGITS = re.compile(r"[0-9]{1,20}")
_FALSE = frozenset({"", "0"})
_MAX_QUERY_LENGTH = 4096
_MAX_QUERIES = 100


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, whatever carried it.

    Attributes:
        method: In capitals.
        path: Still percent-encoded, without the query.
        headers: Names in small letters.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class RequestContext:
    """A request that found its route, with all that answering it needs.

    Attributes:
        connection: Inside of a transaction, which is undone if the handler raises.
        catalog: The tables as that transaction sees them.
        path: The values of the route's placeholders.
        params: Query and JSON body together.
        headers: Names in small letters.
        row_cache: What reads of single rows are answered from; None for the rows themselves.
        events: The events that are published once the transaction is committed; None if nobody
            listens.
        deletes: Whether rows are deleted, so that nothing of them may be left in the files.
    """

    connection: sqlite3.Connection
    catalog: Catalog
    actor: Actor
    path: Mapping[str, str]
    params: JsonObject
    headers: Mapping[str, str]
    body: bytes
    version: Version
    row_cache: StaleRowCache | None = None
    events: list[Event] | None = None
    deletes: bool = False

    def database(self) -> Database:
        """Find the database that the call is about."""
        return self.catalog.database(self.connection, self.path["databaseId"], self.actor)

    def table(self) -> Table:
        """Find the table that the call is about."""
        return self.catalog.table(
            self.connection, self.path["databaseId"], self.path["tableId"], self.actor
        )

    def bump_schema_version(self) -> None:
        """Count a change of the schema, and read it again."""
        self.catalog = bump_version(self.connection)

    def new_id(self, name: str) -> str:
        """Read the ID of something to be made; `unique()` makes one up."""
        return new_id(name, self.params.get(name))

    def required_param(self, name: str) -> object:
        """Read a parameter that must be there."""
        value = cast("object", self.params.get(name))
        if value is None:
            raise missing_param(name)
        return value

    def name_param(self) -> str:
        """Read the `name` of something."""
        return _checked_str("name", self.required_param("name"), 128)

    def str_param(self, name: str, default: str, longest: int) -> str:
        """Read a text that may be missing."""
        value = cast("object", self.params.get(name))
        return default if value is None else _checked_str(name, value, longest)

    def bool_param(self, name: str, *, default: bool) -> bool:
        """Read a truth value."""
        value = cast("object", self.params.get(name))
        if value is None:
            return default
        if value in (True, False, "true", "false", "1", "0"):
            return value in (True, "true", "1")
        raise invalid_param(name, "Value must be a valid boolean")

    def int_param(self, name: str, default: int, lowest: int, highest: int) -> int:
        """Read a whole number within bounds."""
        value = cast("object", self.params.get(name))
        if value is None:
            return default
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = int(value)
        if not isinstance(value, int) or not lowest <= value <= highest:
            rule = f"Value must be a valid range between {lowest:,} and {highest:,}"
            raise invalid_param(name, rule)
        return value

    def object_param(self, name: str) -> JsonObject:
        """Read a JSON object, which may come as its text; a missing one is empty."""
        return as_object(self.params.get(name))

    def str_list_param(
        self, name: str, most: int, longest: int, further_rule: str = ""
    ) -> list[str]:
        """Read a list of texts; a missing one is empty."""
        values = as_list(self.params.get(name))
        if len(values) > most or not all(
            isinstance(value, str) and 0 < len(value) <= longest for value in values
        ):
            rule = (
                f"Value must a valid array no longer than {most} items and Value must be a "
                f"valid string and at least 1 chars and no longer than {longest} chars"
            )
            raise invalid_param(name, rule + further_rule)
        return cast("list[str]", values)

    def queries(self) -> list[str]:
        """Read the queries, still as text (transcript `list-bad-queries`)."""
        return self.str_list_param("queries", _MAX_QUERIES, _MAX_QUERY_LENGTH)

    def with_total(self) -> bool:
        """Return whether to count; only `0` says no, as PHP reads truth."""
        return str(self.params.get("total")) not in _FALSE

    def permissions(self, actions: Sequence[str]) -> list[str] | None:
        """Read permissions, with `write` spelled out; None if there are none given."""
        value = cast("object", self.params.get("permissions"))
        if value is None:
            return None
        if wrong := permissions.validation_error(value, actions):
            raise invalid_param("permissions", f"{wrong} or null")
        return permissions.expand(cast("list[str]", value), actions)

    def transaction_id(self) -> str | None:
        """Read the ID of the transaction that the call is to be staged in."""
        value = cast("object", self.params.get("transactionId"))
        if value is None:
            return None
        if not is_id(value):
            raise invalid_param("transactionId", f"{UID_RULE} or null")
        return cast("str", value)


def _checked_str(name: str, value: object, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        rule = f"Value must be a valid string and no longer than {longest} chars"
        raise invalid_param(name, rule)
    return value


def new_id(name: str, value: object) -> str:
    """Return the ID that a parameter gives to something new; `unique()` makes one up."""
    return unique() if value == "unique()" else required_key(name, value)


def required_key(name: str, value: object) -> str:
    """Return the value of a parameter that must be there, and be an ID or a key."""
    if value is None:
        raise missing_param(name)
    if not is_id(value):
        raise invalid_param(name, KEY_RULE)
    return cast("str", value)


def invalid_param(name: str, rule: str) -> AppwriteError:
    """Word the refusal of a parameter."""
    return AppwriteError("general_argument_invalid", message=f"Invalid `{name}` param: {rule}")


def missing_param(name: str) -> AppwriteError:
    """Word the refusal of a call that lacks a parameter."""
    return AppwriteError("general_argument_invalid", message=f'Param "{name}" is not optional.')


def validate_path(path: Mapping[str, str]) -> None:
    """Hold the placeholders of a path to the form of IDs."""
    for name, value in path.items():
        if not is_id(value) and not (name == "column" and value.startswith("$")):
            raise invalid_param(name, KEY_RULE if name in {"key", "column"} else UID_RULE)


def parse_params(query: str, content_type: str, body: bytes) -> JsonObject:
    """Merge the query and a JSON body; `queries[]` and `queries[0]` make a list."""
    params: JsonObject = {}
    for name, value in parse_qsl(query, keep_blank_values=True) if query else ():
        if indexed := _INDEXED_NAME.fullmatch(name):
            params.setdefault(indexed[1], []).append(value)
        else:
            params[name] = value
    if body and not content_type.startswith("multipart/"):
        try:
            sent = parse_json(body)
        except ValueError:
            sent = None
        params.update(as_object(sent))
    return params
