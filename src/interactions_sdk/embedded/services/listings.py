"""Lists of what is not a row: databases, users, buckets and so on."""

# ruff: noqa: S608 - the names in this SQL are constants of this package, never users' words

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from interactions_sdk.embedded.database import query_parser, query_sql
from interactions_sdk.embedded.database.attributes import (
    DATETIME,
    SEQUENCE,
    TEXT,
    Attribute,
    attribute,
    collated_attribute,
)
from interactions_sdk.embedded.database.query_sql import Condition
from interactions_sdk.embedded.services.context import invalid_param
from interactions_sdk.embedded.values.collation import fold
from interactions_sdk.embedded.values.responses import AppwriteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interactions_sdk.embedded.services.context import RequestContext

_COMMON = {
    attribute.key: attribute
    for attribute in (
        Attribute("$id", TEXT, "id", "upper(id)", "upper(id)"),
        attribute("$sequence", SEQUENCE, "sequence"),
        attribute("$createdAt", DATETIME, "created"),
        attribute("$updatedAt", DATETIME, "updated"),
    )
}
NAMED = _COMMON | {"name": collated_attribute("name", "name")}
"""What can be asked of anything that has a name."""


def list_resources(
    context: RequestContext,
    source: str,
    columns: str,
    attributes: dict[str, Attribute],
    *,
    among: Condition | None = None,
    searched: Sequence[str] = ("id",),
) -> tuple[int, list[tuple[Any, ...]]]:
    """Read what a list call asks for, and count all that there is.

    Args:
        context: Its `queries`, `search` and `total` are read.
        source: The SQL table.
        columns: The SQL columns to read.
        attributes: What its queries can ask about.
        among: What it is a list of, if not of everything.
        searched: The SQL columns that `search` looks into.

    Raises:
        AppwriteError: `general_argument_invalid`, where a query is wrong.
    """
    try:
        queries = query_parser.parse(context.queries())
        shape = query_sql.validated_list_options(queries, attributes)
    except AppwriteError as error:
        if error.type == "general_query_invalid":
            raise invalid_param("queries", error.message) from error
        raise
    condition = query_sql.where_clause(queries, attributes).and_(among or Condition())
    if search := context.str_param("search", "", 256):
        matches = " OR ".join(f"instr(folded({column}), ?)" for column in searched)
        condition = condition.and_(Condition(f"({matches})", [fold(search)] * len(searched)))
    total = 0
    if context.with_total():
        total = context.connection.execute(
            f"SELECT count(*) FROM {source} WHERE {condition.sql}", condition.values
        ).fetchone()[0]
    where = condition
    if shape.cursor is not None:
        cursor = _cursor(context, source, attributes, shape.cursor)
        after = query_sql.cursor_clause(shape.orders, cursor, backwards=shape.backwards)
        where = after.and_(where)
    rows = context.connection.execute(
        f"SELECT {columns} FROM {source} WHERE {where.sql}"
        f" ORDER BY {query_sql.order_clause(shape.orders, backwards=shape.backwards)}"
        " LIMIT ? OFFSET ?",
        [*where.values, shape.limit, shape.offset],
    ).fetchall()
    return total, rows[::-1] if shape.backwards else rows


def _cursor(
    context: RequestContext, source: str, attributes: dict[str, Attribute], cursor_id: str
) -> dict[str, Any]:
    selected = ", ".join(attribute.raw for attribute in attributes.values())
    row = context.connection.execute(
        f"SELECT {selected} FROM {source} WHERE id = ?", (cursor_id,)
    ).fetchone()
    if row is None:
        message = f"'{cursor_id}' for the 'cursor' value not found."
        raise AppwriteError("general_cursor_not_found", message=message)
    return dict(zip(attributes, row, strict=True))
