"""Lists of what is not a row: databases, users, buckets and so on."""

# ruff: noqa: S608 - the names in this SQL are constants of this package, never users' words

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from interactions_sdk.embedded.database import query_parser
from interactions_sdk.embedded.database.attributes import (
    DATETIME,
    SEQUENCE,
    TEXT,
    Attribute,
    collated,
    plain,
)
from interactions_sdk.embedded.database.query_parser import Condition
from interactions_sdk.embedded.services.context import invalid
from interactions_sdk.embedded.values.collation import folded
from interactions_sdk.embedded.values.responses import AppwriteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interactions_sdk.embedded.services.context import Call

_COMMON = {
    attribute.key: attribute
    for attribute in (
        Attribute("$id", TEXT, "id", "upper(id)", "upper(id)"),
        plain("$sequence", SEQUENCE, "sequence"),
        plain("$createdAt", DATETIME, "created"),
        plain("$updatedAt", DATETIME, "updated"),
    )
}
NAMED = _COMMON | {"name": collated("name", "name")}
"""What can be asked of anything that has a name."""


def listed(
    call: Call,
    source: str,
    attributes: dict[str, Attribute],
    among: Condition | None = None,
    searched: Sequence[str] = ("id",),
) -> tuple[int, list[tuple[Any, ...]]]:
    """Find the sequences of what a list call asks for, and count them all.

    Args:
        call: Its `queries`, `search` and `total` are read.
        source: The SQL table.
        attributes: What its queries can ask about.
        among: What it is a list of, if not of everything.
        searched: The SQL columns that `search` looks into.

    Raises:
        AppwriteError: `general_argument_invalid`, where a query is wrong.
    """
    try:
        asked = query_parser.parse(call.queries())
        shape = query_parser.checked_shape(asked, attributes)
    except AppwriteError as error:
        if error.type == "general_query_invalid":
            raise invalid("queries", error.message) from error
        raise
    condition = query_parser.filters(asked, attributes).joined(among or Condition())
    search = call.text("search", "", 256)
    if search:
        looked = " OR ".join(f"instr(folded({column}), ?)" for column in searched)
        condition = condition.joined(Condition(f"({looked})", [folded(search)] * len(searched)))
    total = 0
    if call.wants_total():
        total = call.connection.execute(
            f"SELECT count(*) FROM {source} WHERE {condition.sql}", condition.values
        ).fetchone()[0]
    where = condition
    if shape.cursor is not None:
        cursor = _cursor(call, source, attributes, shape.cursor)
        where = query_parser.after_cursor(shape.orders, cursor, backwards=shape.backwards).joined(
            where
        )
    found = call.connection.execute(
        f"SELECT sequence FROM {source} WHERE {where.sql}"
        f" ORDER BY {query_parser.order_sql(shape.orders, backwards=shape.backwards)}"
        " LIMIT ? OFFSET ?",
        [*where.values, shape.limit, shape.offset],
    ).fetchall()
    return total, found[::-1] if shape.backwards else found


def _cursor(
    call: Call, source: str, attributes: dict[str, Attribute], cursor_id: str
) -> dict[str, Any]:
    selected = ", ".join(attribute.raw for attribute in attributes.values())
    found = call.connection.execute(
        f"SELECT {selected} FROM {source} WHERE id = ?", (cursor_id,)
    ).fetchone()
    if found is None:
        message = f"'{cursor_id}' for the 'cursor' value not found."
        raise AppwriteError("general_cursor_not_found", message=message)
    return dict(zip(attributes, found, strict=True))
