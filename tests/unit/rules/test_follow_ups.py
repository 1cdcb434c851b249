"""Columns that completing, snoozing, cancelling and claiming write."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk import CustomerInteraction
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.errors import BadRequestError
from interactions_sdk.models.metadata import MAX_METADATA_LENGTH
from interactions_sdk.rules.follow_ups import (
    FOLLOW_UP_FIELD,
    LEASE_FIELD,
    cancel_columns,
    claim_columns,
    complete_columns,
    is_leased,
    lease_token,
    snooze_columns,
)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DUE = NOON + timedelta(days=1)
HOUR = timedelta(hours=1)


def reminder(**columns: object) -> CustomerInteraction:
    """Return a reminder as read from a row."""
    known = {"$id": "i1", "$createdAt": format_datetime(NOON), "$updatedAt": format_datetime(NOON)}
    row = known | {"nextActionDate": format_datetime(DUE)} | columns
    return CustomerInteraction.model_validate_json(json.dumps(row), by_name=False)


def custom_fields(columns: dict[str, Any]) -> dict[str, Any]:
    """Return the custom fields that are written."""
    fields: dict[str, Any] = json.loads(columns["metadata"])["customFields"]
    return fields


def written(interaction: CustomerInteraction, columns: dict[str, Any]) -> CustomerInteraction:
    """Return the reminder after a write."""
    row = json.loads(interaction.model_dump_json(by_alias=True)) | columns
    return CustomerInteraction.model_validate_json(json.dumps(row), by_name=False)


def test_a_completion_keeps_the_facts() -> None:
    """The data of the follow-up is stored; a null outcome is not."""
    columns = complete_columns(reminder(), at=NOON, note=None)
    assert "resolved" == columns["outcome"]
    facts = {"firstDueAt": format_datetime(DUE), "completedAt": format_datetime(NOON)}
    assert {FOLLOW_UP_FIELD: facts} == custom_fields(columns)


def test_what_was_resolved_by_others_is_completed_now() -> None:
    """An outcome `resolved` that another program set is not stored as the previous one."""
    facts = custom_fields(complete_columns(reminder(outcome="resolved"), at=NOON, note="N"))[
        FOLLOW_UP_FIELD
    ]
    assert {"firstDueAt", "completedAt", "note"} == facts.keys()


def test_a_snooze_counts() -> None:
    """An invalid count starts again at 1."""
    for before, count in ((None, 1), (3, 4), ("many", 1)):
        metadata = json.dumps(
            {"customFields": {FOLLOW_UP_FIELD: {"snoozes": before, "firstDueAt": "then"}}}
        )
        columns = snooze_columns(reminder(metadata=metadata), until=DUE + HOUR)
        assert {"snoozes": count, "firstDueAt": "then"} == custom_fields(columns)[FOLLOW_UP_FIELD]
        assert format_datetime(DUE + HOUR) == columns["nextActionDate"]


def test_a_cancellation_clears_the_date_only() -> None:
    """Only the date is cleared; without a date, no first due date is stored."""
    assert None is cancel_columns(reminder())["nextActionDate"]
    assert {FOLLOW_UP_FIELD: {}} == custom_fields(cancel_columns(reminder(nextActionDate=None)))


def test_facts_that_are_no_object_are_replaced() -> None:
    """Other values under the field's name are replaced."""
    metadata = json.dumps({"customFields": {FOLLOW_UP_FIELD: "mine", LEASE_FIELD: 7, "other": 1}})
    fields = custom_fields(cancel_columns(reminder(metadata=metadata)))
    assert {FOLLOW_UP_FIELD: {"firstDueAt": format_datetime(DUE)}, "other": 1} == fields
    assert not is_leased(reminder(metadata=metadata), at=NOON)
    assert None is lease_token(reminder(metadata=metadata))


@given(
    known=st.fixed_dictionaries(
        {}, optional={"tags": st.lists(st.text(max_size=9), max_size=3), "location": st.text()}
    ),
    unknown=st.dictionaries(st.sampled_from(["x-1", "y", "Z"]), st.integers() | st.text()),
)
def test_other_metadata_is_kept(known: dict[str, Any], unknown: dict[str, Any]) -> None:
    """Known and unknown metadata is kept by a claim and a completion."""
    before = known | unknown
    interaction = reminder(metadata=json.dumps(before))
    columns = claim_columns(interaction, token="t", until=DUE)
    assert columns is not None
    after = json.loads(
        str(complete_columns(written(interaction, columns), at=NOON, note=None)["metadata"])
    )
    assert [FOLLOW_UP_FIELD] == list(after.pop("customFields"))
    assert before == after


@pytest.mark.parametrize(
    "metadata", ["not JSON", json.dumps({"location": "x" * (MAX_METADATA_LENGTH - 16)})]
)
def test_metadata_without_place_is_left_alone(metadata: str) -> None:
    """If the metadata is invalid or full, it is not changed, and a claim is not possible."""
    interaction = reminder(metadata=metadata)
    assert {"outcome": "resolved"} == complete_columns(interaction, at=NOON, note="lost")
    assert {"nextActionDate": None} == cancel_columns(interaction)
    assert {"nextActionDate": format_datetime(DUE)} == snooze_columns(interaction, until=DUE)
    assert None is claim_columns(interaction, token="t", until=DUE)


def test_a_note_that_could_be_shorter_is_refused() -> None:
    """The note is neither cut nor left out."""
    with pytest.raises(BadRequestError, match="A note of 4990 characters does not fit"):
        complete_columns(reminder(), at=NOON, note="x" * 4990)


def test_a_lease_lasts_until_its_end() -> None:
    """At its end, a lease has expired; a reminder without a lease is free."""
    columns = claim_columns(reminder(), token="t1", until=DUE)
    assert columns is not None
    interaction = written(reminder(), columns)
    assert is_leased(interaction, at=DUE - timedelta(milliseconds=1))
    assert not is_leased(interaction, at=DUE)
    assert "t1" == lease_token(interaction)
    assert not is_leased(reminder(), at=NOON)
    assert None is lease_token(reminder())
