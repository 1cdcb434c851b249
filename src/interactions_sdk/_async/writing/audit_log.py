"""Audit rows that are written separately: for fast writes, refusals and repairs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._async.connection.rows import OLDEST_FIRST, batched, find_row, iterate_rows
from interactions_sdk.errors import ConflictError
from interactions_sdk.identifiers import CREATED, audit_row_id
from interactions_sdk.models.row import ID
from interactions_sdk.rules.audit_log import CREATED_ACTION, create_entry
from interactions_sdk.rules.deletions import ARCHIVED, DELETED
from interactions_sdk.rules.interactions import to_row
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interactions_sdk._async.connection.connection import AsyncConnection
    from interactions_sdk.models.audit import AuditEntry
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import Operation
    from interactions_sdk.wire.call import Table
    from interactions_sdk.wire.tables import Tables

__all__ = [
    "find_deletion",
    "first_changes",
    "missing_audit_rows",
    "write_audit_row",
]

logger = logging.getLogger("interactions_sdk")

_PAGE_SIZE = 100


async def write_audit_row(
    connection: AsyncConnection, table: Table[AuditEntry], operation: Operation
) -> AuditEntry | None:
    """Write an audit row; an existing row with the same ID is the same row.

    It has no permissions; by default, Appwrite would grant all of them to an authenticated user.

    Returns:
        The existing row, if it can be read, unless this request may have written it.

    Raises:
        ConflictError: There was another kind of conflict, and the row does not exist.
    """
    row_id = str(operation.row_id)
    columns: dict[str, object] = {"$permissions": [], **operation.columns}
    try:
        await connection.send(wire.create_row(table, row_id, columns))
    except ConflictError as conflict:
        if connection.is_user and conflict.type == "row_already_exists":
            return None  # a user cannot read it
        existing = await find_row(connection, table, row_id)
        if existing is None:
            raise
        logger.debug(
            "audit row %s is there already",
            row_id,
            extra={"interactions_sdk": {"audit_row_id": row_id}},
        )
        return None if conflict.may_have_landed else existing
    return None


async def first_changes(
    connection: AsyncConnection, table: Table[AuditEntry], interaction_ids: Sequence[str]
) -> dict[str, str | None]:
    """Return the fingerprints of interactions before their first change, by their IDs."""
    found: dict[str, str | None] = {}
    for batch in batched(interaction_ids):
        queries = [
            query.equal("entityId", *batch),
            query.is_not_null("fingerprint"),
            query.not_equal("action", CREATED_ACTION),
        ]
        entries = iterate_rows(connection, table, queries, OLDEST_FIRST, page_size=_PAGE_SIZE)
        async for entry in entries:
            found.setdefault(entry.entity_id, entry.fingerprint)
    return found


async def find_deletion(
    connection: AsyncConnection,
    table: Table[AuditEntry],
    interaction_id: str,
    customer_ids: Sequence[str] | None,
) -> AuditEntry | None:
    """Return the audit row of an interaction's deletion or archiving, or None.

    It must have belonged to one of the customers; None means any.
    """
    queries = [query.equal("entityId", interaction_id), query.equal("action", DELETED, ARCHIVED)]
    if customer_ids is not None:
        queries.append(query.equal("customerId", *customer_ids))
    for entry in (await connection.send(wire.list_rows(table, queries))).rows:
        is_own = customer_ids is None or entry.customer_id in customer_ids
        if entry.entity_id == interaction_id and is_own:
            return entry
    return None


async def missing_audit_rows(
    connection: AsyncConnection,
    tables: Tables,
    interactions: Sequence[CustomerInteraction],
) -> list[Operation]:
    """Return the missing audit rows of the creation of these interactions, at most 100."""
    if tables.audit is None or not interactions:
        return []
    ids = [audit_row_id(interaction.id, CREATED) for interaction in interactions]
    queries = [query.equal(ID, *ids), query.select(ID), query.limit(len(ids))]
    found = await connection.send(wire.list_rows(tables.audit, queries))
    present = {entry.id for entry in found.rows}
    return [
        create_entry(
            tables.audit.id,
            interaction.id,
            to_row(interaction),
            action="interaction.reconciled",
            user_id=interaction.created_by or interaction.user_id,
        )
        for interaction, row_id in zip(interactions, ids, strict=True)
        if row_id not in present
    ]
