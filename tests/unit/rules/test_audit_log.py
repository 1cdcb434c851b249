"""Details of deletions in the audit log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk.models.audit import AuditEntry
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.rules.deletions import deletion_details, parse_deletion

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
CALL = CustomerInteraction(
    id="call-1",
    created_at=NOON,
    updated_at=NOON,
    customer_id="ada",
    interaction_type="call",
    subject="secret subject",
    description="secret description",
    user_id="ada",
    outcome="busy",
    next_action="secret action",
    related_entity_type="secret type",
    related_entity_id="secret id",
    created_by="ada",
)


def entry(details: str | None, customer_id: str | None = "ada") -> AuditEntry:
    """Return an audit row."""
    return AuditEntry(
        id="a",
        created_at=NOON.replace(hour=13),
        updated_at=NOON.replace(hour=13),
        action="interaction.deleted",
        entity_id="call-1",
        customer_id=customer_id,
        details=details,
    )


def test_the_words_are_not_in_it() -> None:
    """No text of the customer is stored."""
    assert "secret" not in deletion_details(CALL)


def test_what_is_told_is_read_back() -> None:
    """Type, users, method, direction, outcome and times are known; other fields are unknown."""
    interaction, unknown = parse_deletion(entry(deletion_details(CALL)))
    expected = CustomerInteraction(
        id="call-1",
        created_at=NOON,
        updated_at=NOON,
        customer_id="ada",
        interaction_type="call",
        user_id="ada",
        outcome="busy",
    )
    assert expected == interaction
    assert {"outcome", "customer_id", "created_at"}.isdisjoint(unknown)
    assert {"subject", "related_entity_id", "metadata"} <= unknown


@pytest.mark.parametrize(
    "details",
    [
        None,
        "",
        "no JSON",
        "[]",
        "{}",
        '{"deleted": 5}',
        '{"deleted": {"$createdAt": "never", "$updatedAt": "2026-01-01T00:00:00Z"}}',
        '{"deleted": {"outcome": "busy"}}',
    ],
)
def test_what_others_wrote_tells_the_ids_only(details: str | None) -> None:
    """With invalid details, only the IDs are known, and the time is that of the deletion."""
    interaction, unknown = parse_deletion(entry(details))
    assert ("call-1", "ada", 13) == (
        interaction.id,
        interaction.customer_id,
        interaction.created_at.hour,
    )
    assert CustomerInteraction.model_fields.keys() - {"id", "customer_id"} == unknown


def test_a_row_without_a_customer() -> None:
    """An entry without a customer results in an empty customer ID."""
    assert "" == parse_deletion(entry(None, customer_id=None))[0].customer_id


@given(st.text())
def test_no_text_breaks_it(details: str) -> None:
    """Any text is accepted as details."""
    assert "call-1" == parse_deletion(entry(details))[0].id
