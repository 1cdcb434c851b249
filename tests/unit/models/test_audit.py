"""Entries of the audit log, and their changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk import (
    AuditEntry,
    CustomerInteraction,
    FieldChange,
    InteractionType,
    Outcome,
    UnverifiedAuditEntry,
)
from interactions_sdk.models.row import column_name

COLUMNS = [column_name(name) for name in CustomerInteraction.model_fields]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=5,
)
VALUES = st.dictionaries(st.sampled_from(COLUMNS) | st.text(max_size=9), JSON, max_size=5) | JSON
DETAILS = (
    st.fixed_dictionaries(
        {"changed": st.just(COLUMNS) | JSON, "from": VALUES, "to": VALUES},
        optional={"cut": st.just(COLUMNS) | JSON},
    )
    | JSON
)
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def entry(details: Any) -> AuditEntry:
    """Return an entry with the given details."""
    text = details if isinstance(details, str | None) else json.dumps(details)
    return AuditEntry(id="a1", created_at=NOW, updated_at=NOW, action="x", details=text)


def test_changes_have_the_types_of_the_fields() -> None:
    """Values become dates and enums; unknown fields keep their JSON values."""
    before = {"nextActionDate": None, "outcome": "busy", "duration": 5, "interactionType": "fax"}
    after = {
        "nextActionDate": "2026-05-01T00:00:00.000+00:00",
        "outcome": "resolved",
        "duration": "five",
        "interactionType": "call",
    }
    own = {"changed": [*after, "colour"], "from": before | {"colour": 1}}
    changes = entry(own | {"to": after | {"colour": [2]}}).changes
    assert (
        FieldChange(field="next_action_date", before=None, after=NOW),
        FieldChange(field="outcome", before=Outcome.BUSY, after=Outcome.RESOLVED),
        FieldChange(field="duration", before=5, after=None),
        FieldChange(field="interaction_type", before="fax", after=InteractionType.CALL),
        FieldChange(field="colour", before=1, after=[2]),
    ) == changes
    assert [datetime, Outcome] == [type(change.after) for change in changes[:2]]
    assert "outcome: busy -> resolved" == str(changes[1])
    assert f"next_action_date: nothing -> {NOW}" == str(changes[0])


def test_a_value_that_was_cut_or_is_missing_says_so() -> None:
    """A missing value is distinguished from null."""
    changes = entry(
        {
            "changed": ["description", "subject"],
            "from": {"description": "a…"},
            "to": {"description": "b"},
            "cut": ["description"],
        }
    ).changes
    assert ["cut", "missing"] == [change.values for change in changes]
    assert "subject" == str(changes[1])


def test_what_was_set_to_what_it_was_is_no_change() -> None:
    """Columns that an update set to their previous value are not changes."""
    same = {"subject": "a", "outcome": None}
    assert ["outcome"] == [
        change.field
        for change in entry(
            {"changed": [*same], "from": same, "to": same | {"outcome": "busy"}}
        ).changes
    ]


@pytest.mark.parametrize(
    "details",
    [
        None,
        "",
        "not JSON",
        "[" * 3000,
        "[]",
        "5",
        '{"changed": 5}',
        '{"changed": [5, null]}',
        '{"deleted": {}}',
    ],
)
def test_what_others_wrote_breaks_nothing(details: str | None) -> None:
    """Invalid details result in no changes."""
    assert () == entry(details).changes


def test_values_of_other_kinds_break_nothing() -> None:
    """Values of unexpected types are accepted."""
    strange = {"changed": ["outcome", "metadata", "duration"], "from": [], "to": "x", "cut": 1}
    assert {"missing"} == {change.values for change in entry(strange).changes}
    odd = {"outcome": {"a": 1}, "metadata": "x", "duration": 10**400}
    found = entry({"changed": [*odd], "from": odd, "to": dict.fromkeys(odd)}).changes
    assert {"metadata", "duration"} == {change.field for change in found}


@pytest.mark.parametrize("value", ["x", 5, {}, ["x"], 10**400, None])
def test_appwrites_own_columns_stay_as_they_are(value: object) -> None:
    """Appwrite's system columns are kept unconverted."""
    own = ["$id", "$createdAt", "$updatedAt", "$permissions"]
    before = dict.fromkeys(own, value)
    row = entry({"changed": own, "from": before, "to": dict.fromkeys(own, "y")})
    assert own == [change.field for change in row.changes]
    assert "$createdAt" in row.model_dump_json()


@pytest.mark.unmeasured
@given(DETAILS)
def test_no_details_break_an_entry(details: object) -> None:
    """Whatever the details are, the changes can be read, shown and written as JSON."""
    row = entry(json.dumps(details))
    shown = [str(change) for change in row.changes]
    assert len(shown) == len(json.loads(row.model_dump_json())["changes"])


def test_changes_are_part_of_the_json() -> None:
    """The JSON of an entry contains its changes."""
    written = json.loads(
        entry(
            {"changed": ["outcome"], "from": {"outcome": None}, "to": {"outcome": "busy"}}
        ).model_dump_json(by_alias=True)
    )
    assert [{"field": "outcome", "before": None, "after": "busy", "values": "complete"}] == (
        written["changes"]
    )


def test_an_entry_that_nothing_vouches_for_is_marked() -> None:
    """An unverified entry differs from a verified one only in `is_verified`."""
    vouched = entry({"changed": ["outcome"]})
    marked = UnverifiedAuditEntry.of(vouched)
    assert (True, False) == (vouched.is_verified, marked.is_verified)
    assert vouched.model_dump() == marked.model_dump()
