"""Details of changes in the audit log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from interactions_sdk import CustomerInteraction, InteractionMetadata
from interactions_sdk.rules.change_details import (
    MAX_DETAILS_LENGTH,
    change_details,
    with_via,
    without_text,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def call(**fields: Any) -> CustomerInteraction:
    """Return a call as read from a row."""
    return CustomerInteraction(id="c1", created_at=NOW, updated_at=NOW, **fields)


def details_of(
    current: CustomerInteraction, *, with_text: bool = True, **columns: Any
) -> dict[str, Any]:
    """Return the details of a change, which must fit into their column."""
    text = change_details(current, columns, with_text=with_text)
    assert len(text) <= MAX_DETAILS_LENGTH
    return dict(json.loads(text))


def test_values_are_kept_as_their_columns_hold_them() -> None:
    """Values before and after are stored as in the columns, with null for none."""
    current = call(subject="Old", outcome="busy", next_action_date=NOW)
    assert {
        "changed": ["duration", "nextActionDate", "outcome", "subject"],
        "from": {
            "duration": None,
            "nextActionDate": "2026-05-01T00:00:00.000+00:00",
            "outcome": "busy",
            "subject": "Old",
        },
        "to": {"duration": 5, "nextActionDate": None, "outcome": "resolved", "subject": "New"},
    } == details_of(current, subject="New", outcome="resolved", nextActionDate=None, duration=5)


def test_texts_are_left_out_where_that_is_wanted() -> None:
    """Without texts, only the names of their columns are stored."""
    current = call(subject="Old", metadata=InteractionMetadata(tags=["vip"]))
    details = details_of(
        current, with_text=False, subject="New", metadata='{"tags":["secret"]}', outcome="busy"
    )
    assert {
        "changed": ["metadata", "outcome", "subject"],
        "from": {"outcome": None},
        "to": {"outcome": "busy"},
    } == details


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, {"tags": ["a"]}, ({}, {"tags": ["a"]})),
        ({"tags": ["a"], "location": "Bern"}, {"tags": ["b"], "location": "Bern"}, None),
        ({"tags": ["a"]}, None, ({"tags": ["a"]}, {})),
        (
            {"customFields": {"a": 1, "b": 2}},
            {"customFields": {"a": 1, "b": 3}},
            ({"customFields": {"b": 2}}, {"customFields": {"b": 3}}),
        ),
        ({"x": 1}, {"customFields": {"b": 3}}, ({"x": 1}, {"customFields": {"b": 3}})),
    ],
)
def test_of_metadata_only_what_differs_is_kept(
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    expected: tuple[dict[str, Any], dict[str, Any]] | None,
) -> None:
    """Only the keys and custom fields that differ are stored."""
    current = call(metadata=before and InteractionMetadata.model_validate(before))
    details = details_of(current, metadata=after and json.dumps(after))
    old, new = expected or ({"tags": ["a"]}, {"tags": ["b"]})
    assert (old, new) == (details["from"]["metadata"], details["to"]["metadata"])


def test_metadata_that_is_not_an_object_counts_as_empty() -> None:
    """Any text that another program wrote into the column is accepted."""
    current = CustomerInteraction.model_validate(
        {"id": "c1", "created_at": NOW, "updated_at": NOW, "metadata": "not JSON"}
    )
    details = details_of(current, metadata='{"tags":["a"]}')
    assert ({}, {"tags": ["a"]}) == (details["from"]["metadata"], details["to"]["metadata"])


def test_a_column_of_other_programs_has_no_value_before() -> None:
    """An unknown column has no previous value."""
    assert {"colour": "red"} == details_of(call(), colour="red")["to"]


def test_long_texts_are_cut_until_all_fit() -> None:
    """Columns whose texts were cut are named."""
    one = details_of(call(description="a" * 5000), description="b", subject="New")
    assert ["description"] == one["cut"]
    assert ("a" * 1000 + "…", "b", "New") == (
        one["from"]["description"],
        one["to"]["description"],
        one["to"]["subject"],
    )
    both = details_of(
        call(description="a" * 5000, next_action='"' * 500, subject='"' * 200),
        description='"' * 5000,
        nextAction='"' * 500,
        subject="é" * 200,
    )
    assert ["description", "nextAction"] == both["cut"]
    assert '"' * 400 + "…" == both["to"]["nextAction"]


def test_lists_and_objects_are_cut_inside() -> None:
    """A long list is stored as the beginning of its JSON."""
    tags = [f"tag-{number}" for number in range(300)]
    fields = {"note": "x" * 2000, "short": 1}
    details = details_of(
        call(), metadata=json.dumps({"tags": tags, "participants": ["a"], "customFields": fields})
    )
    kept = details["to"]["metadata"]
    assert ["metadata"] == details["cut"]
    assert kept["tags"].startswith('["tag-0", "tag-1"')
    assert (["a"], 1) == (kept["participants"], kept["customFields"]["short"])
    assert kept["customFields"]["note"].endswith("x…")


def test_metadata_with_too_many_keys_is_named_only() -> None:
    """If cutting values does not help, only the column is named."""
    keys = {f"key-{number}": number for number in range(400)}
    details = details_of(call(), metadata=json.dumps({"customFields": keys}), outcome="busy")
    assert ["metadata", "outcome"] == details["changed"]
    assert {"outcome": "busy"} == details["to"]


@pytest.mark.parametrize(
    "details", [None, "", "not JSON", "[1]", '{"deleted": {"outcome": null}}', '{"from": 5}']
)
def test_details_without_texts_stay_as_they_are(details: str | None) -> None:
    """Details without texts are returned unchanged, whoever wrote them."""
    assert details == without_text(details)


def test_an_erasure_leaves_what_is_no_text() -> None:
    """Column names are kept, and texts are removed."""
    current = call(subject="Old", metadata=InteractionMetadata(tags=["vip"]))
    columns = {"subject": "New", "metadata": '{"tags":["secret"]}', "outcome": "busy"}
    kept = without_text(change_details(current, columns, with_text=True))
    assert isinstance(kept, str)
    assert details_of(current, with_text=False, **columns) == json.loads(kept)
    assert kept == without_text(kept)


@pytest.mark.parametrize("via", ["mcp", "a" * 32])
def test_the_program_that_writes_is_named_and_fits(via: str) -> None:
    """The name of the program is stored even if the values fill the column."""
    current = call(subject="\n" * 200, description="\n" * 5000)
    text = with_via(change_details(current, {"description": "\t" * 5000}, with_text=True), via)

    assert text is not None
    assert len(text) <= MAX_DETAILS_LENGTH
    details = json.loads(text)
    assert (via, ["description"]) == (details["via"], details["changed"])


def test_nobody_is_named_unless_that_is_set() -> None:
    """Without a name, the details are unchanged; without details, only the name is stored."""
    assert '{"changed": []}' == with_via('{"changed": []}', None)
    assert None is with_via(None, None)
    assert '{"via": "mcp"}' == with_via(None, "mcp")
