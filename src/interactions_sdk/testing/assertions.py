"""Assertions about the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk.models.row import CREATED_AT
from interactions_sdk.wire import query
from interactions_sdk.wire.tables import tables_for

if TYPE_CHECKING:
    from interactions_sdk import AuditEntry, CustomerInteraction, InteractionsClient

__all__ = ["assert_audited", "audit_entries"]


def audit_entries(crm: InteractionsClient, interaction_id: str) -> list[AuditEntry]:
    """Return the audit rows of an interaction, the oldest first."""
    table = tables_for(crm.settings).audit
    if table is None:
        return []
    queries = [
        query.equal("entityId", interaction_id),
        query.ascending(CREATED_AT),
        query.limit(query.MAX_LIMIT),
    ]
    connection = crm._connection  # noqa: SLF001 - it is ours # pyright: ignore[reportPrivateUsage]
    entries = connection.send(wire.list_rows(table, queries)).rows
    return [entry for entry in entries if entry.entity_id == interaction_id]


def assert_audited(
    crm: InteractionsClient,
    interaction: CustomerInteraction | str,
    *actions: str,
    by: str | None = None,
) -> None:
    """Check that the audit log has exactly these entries about an interaction.

    Args:
        crm: The synchronous client, also in asynchronous tests.
        interaction: The interaction, or its ID.
        actions: All actions, in any order (default: `interaction.created`).
        by: The user of all actions (default: any user).

    Raises:
        AssertionError: The log has other entries.

    Example:
        >>> from interactions_sdk import InteractionsClient
        >>> with InteractionsClient.embedded() as crm:
        ...     customer = crm.customers.ensure("ada")
        ...     call = crm.as_user("ada").log_call("Renewal")
        ...     crm.as_user("ada").delete(call.id)
        ...     assert_audited(crm, call, "interaction.created", "interaction.deleted", by="ada")
    """
    interaction_id = interaction if isinstance(interaction, str) else interaction.id
    entries = audit_entries(crm, interaction_id)
    expected = sorted(actions or ("interaction.created",))
    logged = sorted(entry.action for entry in entries)
    if expected != logged:
        raise AssertionError(f"{interaction_id}: expected {expected}, the audit log has {logged}.")
    others = sorted({entry.user_id for entry in entries} - {by})
    if by is not None and others:
        raise AssertionError(f"{interaction_id}: expected {by}, the audit log names {others}.")
